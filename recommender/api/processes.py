"""What a service needs of the operating system: its port to itself, and no process left behind."""

import contextlib
import ctypes
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from recommender.domain.errors import UsageError

_PR_SET_PDEATHSIG = 1
_ON_LINUX = sys.platform == "linux"


class PortHold:
    """A port kept for us from now on, before any work is done for it; nobody else can take it meanwhile."""

    def __init__(self, held: socket.socket | None) -> None:
        self._held = held

    def release(self) -> None:
        """Let go of the port."""
        if self._held is not None:
            self._held.close()
            self._held = None


def hold_port(host: str, port: int) -> PortHold:
    """Take a port, or say that it is taken.

    The server's processes bind the same port beside this socket (``SO_REUSEPORT``), which never listens itself;
    another program, or another of our services, cannot.

    Raises
    ------
    UsageError
        The port is in use, may not be used, or the host is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise UsageError(f"{host} is no address of this machine; choose one with --host.") from None
    try:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
        if not _ON_LINUX:
            return PortHold(None)  # there the server itself binds once, for all its processes
        held = socket.socket(family, kind, protocol)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            held.bind(address)
        except OSError:  # closed connections of an earlier service linger for a minute
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(address)
    except PermissionError:
        raise UsageError(f"Port {port} may not be used by this account; choose one above 1023 with --port.") from None
    except OSError as error:
        if error.errno in (98, 48):  # EADDRINUSE on Linux, on macOS
            raise UsageError(
                f"Port {port} on {host} is taken by another program; stop that one, or choose another port with --port "
                f"(with make: PORT={_another(port)} make demo)."
            ) from None
        raise UsageError(f"{host} is no address of this machine; choose one with --host.") from None
    return PortHold(held)


def _another(port: int) -> int:
    return port + 1 if port < 65_535 else 8000


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, however that dies (Linux; elsewhere nothing happens)."""
    if not _ON_LINUX:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it died before we asked


def leave_signals_to_parent() -> None:
    """Ignore what a terminal sends to every process at once; the parent decides when this one ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def finish_before_waking_others() -> None:
    """Have no thread of this process, nor any it starts, pushed off its core by one that wakes up (Linux's ``SCHED_BATCH``).

    The thread that reads sockets wakes up for every request; each time it took the core from the one that makes a list, and
    gave it back with cold caches. Time is shared as before; a system that does not allow it is left as it is.
    """
    if not _ON_LINUX:
        return
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            os.sched_setscheduler(int(thread.name), os.SCHED_BATCH, os.sched_param(0))


def handle_stop_signals(stop: Callable[[int], None]) -> None:
    """Call ``stop`` on SIGINT, SIGTERM and SIGHUP, also where the shell that started us had SIGINT ignored."""

    def handler(number: int, _: FrameType | None) -> None:
        stop(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


class Stopping:
    """What a signal to stop sets off: first the service says that it is not ready, then it closes its port.

    A balancer that asks for readiness sends new calls elsewhere meanwhile; those that still come are answered. An
    interrupt (Ctrl-C) or a second signal stops at once. With no time to drain it closes its port straight away.

    Parameters
    ----------
    announce
        Says to all processes that the service will stop.
    close
        Turns new connections away and returns when those that stand are served.
    stop
        Stops it; requests in hand are finished.
    """

    def __init__(
        self,
        *,
        announce: Callable[[], None],
        close: Callable[[], None],
        stop: Callable[[], None],
        drain_seconds: float,
    ) -> None:
        self._announce, self._close, self._stop, self._drain_seconds = announce, close, stop, drain_seconds
        self.asked = False

    def __call__(self, number: int) -> None:
        """Take note of a signal."""
        first, self.asked = not self.asked, True
        self._announce()
        if first and number == signal.SIGTERM:
            threading.Thread(target=self._in_order, name="stop", daemon=True).start()
        else:
            self._stop()

    def _in_order(self) -> None:
        time.sleep(self._drain_seconds)
        self._close()
        self._stop()


def interrupt_on_signals(*, patience: float = 5.0) -> None:
    """Raise ``KeyboardInterrupt`` in the main thread on any stop signal; if that is not heard, end the process.

    An exception raised by a signal can be lost where foreign code calls back into Python. What is stored survives a
    sudden end, so after ``patience`` seconds the process ends without it.
    """

    def stop(number: int) -> None:
        timer = threading.Timer(patience, os._exit, (128 + number,))
        timer.daemon = True
        timer.start()
        raise KeyboardInterrupt

    handle_stop_signals(stop)


def follow_make() -> None:
    """Under ``make``, interrupt this process when make is told to stop.

    An interrupted make waits for its children; it passes on a SIGTERM, but neither a SIGINT nor its own violent death.
    A thread therefore looks whether make has gone, or has put its handling of SIGINT back to the default, which is
    what it does on the first one. A shell between make and us is left alone: it takes and drops that handler with each
    command it waits for.
    """
    make = os.getppid()
    if not _ON_LINUX or _name_of(make) not in {"make", "gmake"}:
        return
    caught = _catches_interrupt(make)

    def watch() -> None:
        while os.getppid() == make and not (caught and not _catches_interrupt(make)):
            time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, name="make", daemon=True).start()


def _name_of(process: int) -> str:
    """What a process is called (Linux); nothing if it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/comm").read_text().strip()
    return ""


def _catches_interrupt(process: int) -> bool:
    """Whether a process has a handler for SIGINT (Linux)."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        status = Path(f"/proc/{process}/status").read_text()
        mask = int(status.partition("SigCgt:")[2].split()[0], 16)
        return bool(mask >> (signal.SIGINT - 1) & 1)
    return False
