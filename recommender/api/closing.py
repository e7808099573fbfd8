"""How a service closes its port without losing a call: new connections are turned away first, then those it has are served.

Each worker listens on a socket of its own. Closing it would reset every connection the kernel has set up and the worker
has not taken yet, and a server that ends gracefully closes connections whose request it has not read yet. So the parent
first has every worker drop requests for *new* connections (a packet filter on the listening socket; the caller's
kernel tries again a second later and is then refused), waits until nothing is left to be taken or read, and only then stops
the workers. On other systems than Linux there is no such filter, and the last moment is not covered.
"""

import ctypes
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

ON_LINUX = sys.platform == "linux"
CLOSE_SIGNAL = signal.SIGURG
"""Tells a worker to take no new connection; by default it is ignored, so one that still starts is not hurt."""
LEAST_SECONDS = 0.5
"""How long a caller that has connected may take to send its first bytes."""
MOST_SECONDS = 2.0

_SO_ATTACH_FILTER = 26
_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED, _CLOSE_WAIT, _LISTEN = "01", "08", "0A"
_DROP_SYN = (
    (0x30, 0, 0, 13),  # the byte of the TCP header with the flags
    (0x45, 0, 1, 0x02),  # SYN? (a connection being set up goes on: its next packet has ACK only)
    (0x06, 0, 0, 0),  # yes: drop
    (0x06, 0, 0, 0xFFFF_FFFF),  # no: keep all of it
)


def refuse_new_connections(port: int) -> int:
    """Drop requests for new connections to a port this process listens on; returns on how many sockets.

    Connections that are set up, or being set up, stay as they are.
    """
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in _DROP_SYN))
    told = struct.pack("HP", len(_DROP_SYN), ctypes.addressof(program))
    found = _listening(port)
    for listener in found:
        with listener:
            listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, told)
    return len(found)


def _listening(port: int) -> list[socket.socket]:
    """The sockets on which this process listens at a port, each by another descriptor."""
    numbers = [int(entry.name) for entry in Path("/proc/self/fd").iterdir() if _is_socket(entry)]
    found = []
    for number in numbers:
        with suppress(OSError):  # closed meanwhile
            one = socket.socket(fileno=os.dup(number))
            if _listens(one, port):
                found.append(one)
            else:
                one.close()
    return found


def _is_socket(entry: Path) -> bool:
    try:
        return entry.is_socket()
    except OSError:  # closed meanwhile
        return False


def _listens(one: socket.socket, port: int) -> bool:
    if one.family not in {socket.AF_INET, socket.AF_INET6} or one.type != socket.SOCK_STREAM:
        return False
    return bool(one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)) and one.getsockname()[1] == port


def close_doors(workers: Iterable[int], port: int, *, least: float = LEAST_SECONDS, most: float = MOST_SECONDS) -> None:
    """Have the workers turn away new connections, and wait until those they have are taken and read.

    Parameters
    ----------
    workers
        Their process ids.
    least, most
        Seconds to wait at least, and at most if something stays unread.
    """
    if not ON_LINUX:
        return
    for worker in workers:
        with suppress(ProcessLookupError):
            os.kill(worker, CLOSE_SIGNAL)
    began = time.monotonic()
    time.sleep(least)
    wait_until_served(port, until=began + most)


def wait_until_served(port: int, *, until: float, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Wait until no connection to a port waits to be taken or read; False if ``until`` (monotonic) comes first."""
    while unserved(port):
        if time.monotonic() > until:
            return False
        sleep(0.05)
    return True


def unserved(port: int) -> int:
    """How many connections to a port wait to be taken, or hold bytes that nobody has read (Linux)."""
    count = 0
    for table in _TABLES:
        if not table.exists():
            continue
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            if int(fields[1].rpartition(":")[2], 16) != port:
                continue
            waiting = int(fields[4].partition(":")[2], 16)
            if fields[3] == _LISTEN:
                count += waiting
            elif fields[3] in {_ESTABLISHED, _CLOSE_WAIT} and waiting:
                count += 1
    return count
