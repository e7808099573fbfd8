"""A port that closes: who is turned away, who is still served, and when the end may come."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from recommender.api.closing import refuse_new_connections, unserved, wait_until_served

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no packet filter on a socket")


@pytest.fixture(params=["127.0.0.1", "::1"])
def listener(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    with socket.create_server(
        (request.param, 0), family=socket.AF_INET6 if ":" in request.param else socket.AF_INET
    ) as found:
        yield found


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def connect(listener: socket.socket, timeout: float = 10) -> socket.socket:
    return socket.create_connection(listener.getsockname()[:2], timeout=timeout)


def test_a_new_connection_is_not_taken_once_they_are_refused(listener: socket.socket) -> None:
    assert refuse_new_connections(port_of(listener)) == 1
    with pytest.raises(TimeoutError):
        connect(listener, timeout=0.3)


def test_a_connection_from_before_is_still_taken_and_served(listener: socket.socket) -> None:
    with connect(listener) as caller:
        refuse_new_connections(port_of(listener))
        caller.sendall(b"question")
        taken, _ = listener.accept()
        with taken:
            assert taken.recv(100) == b"question"
            taken.sendall(b"answer")
            assert caller.recv(100) == b"answer"


def test_who_was_turned_away_is_refused_when_the_port_is_closed(listener: socket.socket) -> None:
    refuse_new_connections(port_of(listener))
    closing = threading.Timer(0.2, listener.close)
    closing.start()
    with pytest.raises(ConnectionRefusedError):
        connect(listener)
    closing.join()


def test_other_ports_and_descriptors_are_left_alone(listener: socket.socket) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert refuse_new_connections(port_of(listener)) == 1
        connect(other).close()


def test_a_connection_counts_until_it_is_taken_and_read(listener: socket.socket) -> None:
    port = port_of(listener)
    assert unserved(port) == 0
    with connect(listener) as caller:
        assert unserved(port) == 1
        taken, _ = listener.accept()
        with taken:
            assert unserved(port) == 0
            caller.sendall(b"question")
            assert unserved(port) == 1
            taken.recv(100)
            assert unserved(port) == 0


def test_the_wait_ends_when_all_is_read_or_time_is_up(listener: socket.socket) -> None:
    port = port_of(listener)
    with connect(listener):
        assert not wait_until_served(port, until=time.monotonic())

        def take(_: float) -> None:
            with suppress(OSError):
                listener.accept()[0].close()

        assert wait_until_served(port, until=time.monotonic() + 60, sleep=take)
