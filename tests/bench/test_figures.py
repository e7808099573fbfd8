"""Figures: median, bar, merge, table; processes are weighed whole; the load counts only good answers."""

import json
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from bench.figures import Figure, figure, table, write
from bench.load import _loop
from bench.processes import background, cpu_seconds, family, weigh


def test_a_figure_is_the_median_and_knows_whether_it_reaches_its_bar() -> None:
    assert figure([3, 1, 2], "s") == Figure(value=2, unit="s", samples=(3, 1, 2))
    assert figure([100], "rows/s", bar=100).ok is True
    assert figure([99], "rows/s", bar=100).ok is False
    assert figure([60], "s", bar=60, better="lower").ok is True
    assert figure([61], "s", bar=60, better="lower").ok is False
    with pytest.raises(ValueError, match="at least one measurement"):
        figure([], "s")


def test_figures_are_written_flat_and_sorted(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    write({"b": figure([1.5], "s", bar=2, better="lower"), "a": figure([7], "ratio")}, path)
    assert list(json.loads(path.read_text()).items()) == [
        ("a", {"value": 7, "unit": "ratio", "bar": None, "ok": None, "samples": [7]}),
        ("b", {"value": 1.5, "unit": "s", "bar": 2, "ok": True, "samples": [1.5]}),
    ]


def test_writing_one_figure_keeps_the_others_and_replaces_its_own(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    write({"a": figure([1], "s"), "b": figure([2], "s")}, path)
    write({"b": figure([3], "s")}, path)
    assert {name: found["value"] for name, found in json.loads(path.read_text()).items()} == {"a": 1, "b": 3}


def test_a_file_that_holds_no_figures_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    path.write_text("[1]")
    with pytest.raises(ValueError, match="holds no object of figures"):
        write({"a": figure([1], "s")}, path)
    assert path.read_text() == "[1]"


def test_the_table_marks_what_falls_short() -> None:
    lines = table(
        {"a.b": figure([1, 3], "s", bar=1, better="lower"), "c": figure([123456], "rows/s", bar=5)}
    ).splitlines()
    assert lines[1].split() == ["a.b", "2", "s", "1", "SHORT", "2:", "1", "to", "3"]
    assert lines[2].split() == ["c", "123,456", "rows/s", "5", "ok"]


def test_a_commands_memory_is_that_of_all_its_processes() -> None:
    child = "x = bytearray(60_000_000); import time; time.sleep(0.6)"
    parent = f"import subprocess, sys; c = [subprocess.Popen([sys.executable, '-c', {child!r}]) for _ in 'ab']; [p.wait() for p in c]"
    found = weigh([sys.executable, "-c", parent])
    assert 120 < found.peak_mb < 250
    assert 0.6 < found.seconds < 30
    assert 0 < found.cpu_s < found.seconds * 3


def test_a_command_that_fails_is_an_error_with_what_it_said() -> None:
    with pytest.raises(RuntimeError, match="failed with 3:\nthe reason"):
        weigh([sys.executable, "-c", "print('the reason'); raise SystemExit(3)"])


def test_a_servers_time_is_that_of_its_whole_family_and_it_is_ended(tmp_path: Path) -> None:
    spin = "while True: pass"
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {spin!r}]).wait()"
    with background([sys.executable, "-c", parent], core=None, log=tmp_path / "log") as pid:
        give_up = time.monotonic() + 20
        while cpu_seconds(pid) < 0.3 and time.monotonic() < give_up:
            time.sleep(0.05)
        pids = family(pid)
        assert len(pids) == 2
        assert cpu_seconds(pid) >= 0.3
    assert not Path(f"/proc/{pid}").exists()
    os.kill(pids[1], signal.SIGKILL)


def answering(answer: bytes) -> int:
    """A server that gives every request the same bytes; its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def talk(connection: socket.socket) -> None:
        with connection, suppress(ConnectionError):
            while connection.recv(4096):
                connection.sendall(answer)

    def accept() -> None:
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    port: int = listening.getsockname()[1]
    return port


def test_our_own_load_counts_whole_answers() -> None:
    port = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    done, seconds = _loop(port, ("/", "/a"), 1.0, None)
    assert done > 20
    assert 1.0 <= seconds < 5


def test_our_own_load_takes_an_error_for_an_error() -> None:
    port = answering(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(RuntimeError, match="not answered well"):
        _loop(port, ("/",), 0.2, None)
