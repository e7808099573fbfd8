"""The processes a drill torments: the service, a Redis server, a PostgreSQL cluster. Nothing of them outlives its block."""

import contextlib
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.postgres import as_nobody_special, server_programs

START_SECONDS = 60.0
PORTS = range(10_000, 32_000)


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Our own environment without anybody's settings of a shop, and ``variables``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RECOMMENDER_", "MAKE"))}
    return {**kept, **variables}


def free_port() -> int:
    """A port nobody uses at the moment, nor the one after it.

    By chance from below those the kernel gives to outgoing connections: one of *those* could be taken by any connection before we
    listen on it, and the port after it, where a service has its second listener, just as well.
    """
    while True:
        port = PORTS.start + 2 * secrets.randbelow(len(PORTS) // 2)
        if _is_free(port) and _is_free(port + 1):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections of an earlier service linger
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_until(true: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Wait for something; how long it took. It not coming about in time is an error."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if true():
            return time.monotonic() - began
        time.sleep(0.02)
    raise RuntimeError(f"{what} did not come about within {seconds:g} s")


def children(pid: int) -> list[int]:
    """Everything a process started that is still there, itself left out."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found.extend(int(child) for child in task.read_text().split())
    return found[1:]


def _program(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


@dataclass(slots=True)
class Service:
    """A running service on a home.

    Attributes
    ----------
    port : int
    home : Path
    variables : mapping
        Settings it was started with.
    """

    process: "subprocess.Popen[bytes]"
    port: int
    home: Path
    variables: Mapping[str, str]

    def workers(self) -> list[int]:
        """Process ids of those who answer."""
        return [pid for pid in children(self.process.pid) if "spawn_main" in _program(pid)]

    def answers(self) -> bool:
        """Whether ``/healthz`` is well."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return get(self.port, "/healthz")[0] == http.client.OK
        return False

    def kill(self) -> None:
        """``kill -9`` of the whole service."""
        for pid in [self.process.pid, *children(self.process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def terminate(self) -> int:
        """SIGTERM, as a supervisor sends it; the exit code."""
        self.process.terminate()
        return self.process.wait(30)


def start(
    home: Path, *, port: int | None = None, workers: int = 1, variables: Mapping[str, str] | None = None
) -> Service:
    """Start a service that asks for no keys and wait until it answers."""
    port = port or free_port()
    words = ["--home", str(home), "serve", "--insecure-loopback", "--port", str(port), "--workers", str(workers)]
    with (home / "service.txt").open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "recommender", *words],
            stdout=said,
            stderr=said,
            env=environment(variables or {}),
            start_new_session=True,
        )
    service = Service(process, port, home, variables or {})
    try:
        wait_until(lambda: service.answers() or process.poll() is not None, seconds=START_SECONDS, what="a service")
    except BaseException:
        service.kill()
        raise
    if process.poll() is not None:
        raise RuntimeError(f"the service stopped at once: {(home / 'service.txt').read_text()[-2000:]}")
    return service


@contextmanager
def serving(home: Path, *, workers: int = 1, variables: Mapping[str, str] | None = None) -> Iterator[Service]:
    """A service for the block."""
    service = start(home, workers=workers, variables=variables)
    try:
        yield service
    finally:
        service.kill()


def get(port: int, path: str, *, seconds: float = 5.0) -> tuple[int, bytes]:
    """One request on a connection of its own: status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@dataclass(slots=True)
class Redis:
    """A Redis server of our own, without persistence."""

    process: "subprocess.Popen[bytes]"
    port: int

    @property
    def url(self) -> str:
        """How a shop names it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def tell(self, *words: str) -> str:
        """One command by ``redis-cli``."""
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True, check=True, timeout=10
        )
        return done.stdout.strip()

    def freeze(self) -> None:
        """SIGSTOP: connections stand, nothing answers."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """``kill -9``."""
        self.process.kill()
        self.process.wait(10)

    def start_again(self) -> None:
        """The same port, empty."""
        self.process = _redis(self.port)


def _redis(port: int) -> "subprocess.Popen[bytes]":
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"]  # noqa: S108
    process = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def up() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    wait_until(up, seconds=10, what="a Redis server")
    return process


@contextmanager
def redis_server() -> Iterator[Redis]:
    """A Redis server for the block."""
    if shutil.which("redis-server") is None:
        raise RuntimeError("redis-server is not installed here")
    port = free_port()
    redis = Redis(_redis(port), port)
    try:
        yield redis
    finally:
        redis.thaw()
        redis.kill()


@dataclass(slots=True)
class Postgres:
    """A PostgreSQL cluster of our own, as durable as installed."""

    programs: Path
    folder: Path
    before: list[str]

    @property
    def url(self) -> str:
        """How a shop names it."""
        return f"postgresql://shop@/shop?host={self.folder}"

    def run(self, program: str, *words: str) -> None:
        """One of the server's own programs."""
        done = subprocess.run(
            [*self.before, str(self.programs / program), *words],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")

    def start(self) -> None:
        """Start and wait until it takes connections."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder}"
        self.run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start"
        )

    def kill(self) -> None:
        """``kill -9`` of every process of the server."""
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        for pid in [postmaster, *children(postmaster)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Stop at once."""
        with contextlib.suppress(RuntimeError):
            self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A cluster with one empty database for the block."""
    folder = Path(tempfile.mkdtemp(prefix="drill-pg-"))
    cluster = Postgres(server_programs(), folder, as_nobody_special(folder))
    cluster.run("initdb", "-D", str(folder / "data"), "-U", "shop", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    cluster.start()
    try:
        cluster.run("createdb", "-h", str(folder), "-U", "shop", "shop")
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
