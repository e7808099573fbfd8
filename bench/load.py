"""Requests as fast as a server answers them: ``wrk`` where it is installed, else a loop of our own over one epoll."""

import os
import re
import selectors
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path

CONNECTIONS = 16

_LUA = """
local paths = {{ {paths} }}
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
"""


def tool() -> str:
    """What makes the load here."""
    return "wrk" if shutil.which("wrk") else "own loop"


def requests_done(port: int, paths: Sequence[str], *, seconds: float, core: int | None) -> tuple[int, float]:
    """How many requests were answered in how many seconds, on keep-alive connections; an answer but 200 is an error."""
    if shutil.which("wrk"):
        return _wrk(port, paths, seconds, core)
    context = get_context("spawn")  # a process of its own: the load must not run on the server's core
    with context.Pool(1) as pool:
        return pool.apply(_loop, (port, tuple(paths), seconds, core))


def _wrk(port: int, paths: Sequence[str], seconds: float, core: int | None) -> tuple[int, float]:
    pinned = [] if core is None or shutil.which("taskset") is None else ["taskset", "-c", str(core)]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "paths.lua"
        script.write_text(_LUA.format(paths=", ".join(f'"{path}"' for path in paths)))
        options = ["-t", "1", "-c", str(CONNECTIONS), "-d", f"{max(1, round(seconds))}s", "-s", str(script)]
        done = subprocess.run(
            [*pinned, "wrk", *options, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True
        )
    found = re.search(r"(\d+) requests in ([\d.]+)(m?s)", done.stdout)
    if found is None or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(f"the load was not answered well:\n{done.stdout}")
    return int(found[1]), float(found[2]) / (1000 if found[3] == "ms" else 1)


def _loop(port: int, paths: Sequence[str], seconds: float, core: int | None) -> tuple[int, float]:
    if core is not None:
        os.sched_setaffinity(0, {core})
    asked = cycle([f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode() for path in paths])
    with selectors.DefaultSelector() as waiting, ExitStack() as opened:
        for _ in range(CONNECTIONS):
            one = opened.enter_context(socket.create_connection(("127.0.0.1", port)))
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.sendall(next(asked))
            waiting.register(one, selectors.EVENT_READ, bytearray())
        done, began = 0, time.perf_counter()
        while (passed := time.perf_counter() - began) < seconds:
            for key, _ in waiting.select(1):
                connection, got = key.fileobj, key.data
                assert isinstance(connection, socket.socket)
                got += connection.recv(1 << 16)
                if _whole(got):
                    done += 1
                    got.clear()
                    connection.sendall(next(asked))
    return done, passed


def _whole(got: bytearray) -> bool:
    """Whether an answer is complete; one that is not 200, or was cut, is an error."""
    end = got.find(b"\r\n\r\n")
    if end < 0:
        if not got:
            raise RuntimeError("the server closed the connection")
        return False
    if not got.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"the load was not answered well: {bytes(got[:200])!r}")
    length = re.search(rb"(?i)content-length: *(\d+)", got[:end])
    return length is not None and len(got) >= end + 4 + int(length[1])
