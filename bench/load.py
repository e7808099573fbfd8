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
from dataclasses import dataclass
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path

CONNECTIONS = 16
POSTING_CONNECTIONS = 32

_LUA = """
local paths = {{ {paths} }}
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
"""

_POSTS = """
local tag, each, at = "{tag}", {each}, 0
local head = {{ ["Content-Type"] = "application/json" }}
request = function()
  at = at + 1
  local events = {{}}
  for k = 1, each do
    local n = at * each + k
    events[k] = '{{"event_id":"' .. tag .. '-' .. n .. '","type":"view_item","timestamp":"{time}","visitor_id":"v' ..
      n % {people} .. '","items":[{{"item_id":"' .. {items}[n % {n_items} + 1] .. '"}}]}}'
  end
  return wrk.format("POST", "{path}", head, '{{"events":[' .. table.concat(events, ",") .. ']}}')
end
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """Events to send: ``each`` of them a request, every one with an id of its own that begins with ``tag``."""

    tag: str
    each: int
    items: Sequence[str]
    time: str
    people: int = 5_000
    path: str = "/v1/events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How a load went: requests answered, in how many seconds, and how long half of them and 99 % of them took at most."""

    done: int
    seconds: float
    p50_ms: float
    p99_ms: float


def batches_done(port: int, batches: Batches, *, seconds: float) -> Answered:
    """Send events as fast as a server answers them, on kept-alive connections; needs ``wrk``."""
    if not shutil.which("wrk"):
        raise RuntimeError("sending events as fast as needed takes wrk, which is not installed here")
    items = "({ " + ", ".join(f'"{item}"' for item in batches.items) + " })"
    script = _POSTS.format(
        tag=batches.tag,
        each=batches.each,
        time=batches.time,
        people=batches.people,
        items="items",
        n_items=len(batches.items),
        path=batches.path,
    )
    said = _run_wrk(port, f"local items = {items}\n{script}", seconds, None, POSTING_CONNECTIONS)
    return Answered(
        done=int(_one(r"(\d+) requests in", said)[1]),
        seconds=_seconds(r"requests in ([\d.]+)(us|ms|s|m)", said),
        p50_ms=_seconds(r"50%\s+([\d.]+)(us|ms|s|m)", said) * 1000,
        p99_ms=_seconds(r"99%\s+([\d.]+)(us|ms|s|m)", said) * 1000,
    )


def fetched(port: int, paths: Sequence[str], *, seconds: float, connections: int) -> Answered:
    """Ask for paths as fast as a server answers them, ``connections`` at a time; needs ``wrk``."""
    if not shutil.which("wrk"):
        raise RuntimeError("so many connections at once take wrk, which is not installed here")
    script = _LUA.format(paths=", ".join(f'"{path}"' for path in paths))
    said = _run_wrk(port, script, seconds, None, connections)
    return Answered(
        done=int(_one(r"(\d+) requests in", said)[1]),
        seconds=_seconds(r"requests in ([\d.]+)(us|ms|s|m)", said),
        p50_ms=_seconds(r"50%\s+([\d.]+)(us|ms|s|m)", said) * 1000,
        p99_ms=_seconds(r"99%\s+([\d.]+)(us|ms|s|m)", said) * 1000,
    )


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
    script = _LUA.format(paths=", ".join(f'"{path}"' for path in paths))
    said = _run_wrk(port, script, seconds, core, CONNECTIONS)
    return int(_one(r"(\d+) requests in", said)[1]), _seconds(r"requests in ([\d.]+)(us|ms|s|m)", said)


def _run_wrk(port: int, script: str, seconds: float, core: int | None, connections: int) -> str:
    """What ``wrk`` says; an answer but 2xx or a broken connection is an error."""
    pinned = [] if core is None or shutil.which("taskset") is None else ["taskset", "-c", str(core)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "load.lua"
        file.write_text(script)
        options = ["-t", "1", "-c", str(connections), "-d", f"{max(1, round(seconds))}s", "--latency", "-s", str(file)]
        words = [*pinned, "wrk", *options, f"http://127.0.0.1:{port}"]
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    if "requests in" not in said or "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"the load was not answered well:\n{said}")
    return said


def _one(pattern: str, said: str) -> re.Match[str]:
    found = re.search(pattern, said)
    if found is None:
        raise RuntimeError(f"wrk did not say what was expected ({pattern}):\n{said}")
    return found


def _seconds(pattern: str, said: str) -> float:
    found = _one(pattern, said)
    return float(found[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}[found[2]]


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
