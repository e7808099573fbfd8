"""`make demo` as a newcomer meets it: one command, real processes, nobody left behind."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from small_shop import alive, ask, command, environment, fill, free_port, wait_until

from recommender.demo_shop.people import RULES

STARTED = "Stop it with Ctrl-C"


@dataclass
class Demo:
    """A running demo: what was started, where it listens, what it said, and what being ready took."""

    process: "subprocess.Popen[bytes]"
    port: int
    said: Path
    took: "Took"

    def text(self) -> str:
        return self.said.read_text()

    def everybody(self) -> set[int]:
        """The process that was started and all below it."""
        root = psutil.Process(self.process.pid)
        return {root.pid, *(child.pid for child in root.children(recursive=True))}


@dataclass(frozen=True)
class Took:
    """What being ready took.

    ``cpu`` is the processor time of all the demo's processes: neighbours add to it only by crowding caches and cores' halves.
    ``seconds`` is the wall clock less the neighbours' share: what share of all processors' time others were given while
    the demo ran is taken off. On a machine of its own it is the wall clock, so that a demo that waits is slow here too.
    """

    wall: float
    seconds: float
    cpu: float

    def __str__(self) -> str:
        return f"wall {self.wall:.1f} s, on a machine of its own {self.seconds:.1f} s, processors {self.cpu:.1f} s"


class Stopwatch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._began, self._machine = time.monotonic(), psutil.cpu_times()

    def read(self, leader: int) -> Took:
        """What the session of ``leader``, started after the watch, took until now."""
        wall, cpu = time.monotonic() - self._began, cpu_of(leader)
        now = psutil.cpu_times()
        idle = sum(getattr(now, name, 0.0) - getattr(self._machine, name, 0.0) for name in ("idle", "iowait"))
        guests = sum(getattr(now, name, 0.0) - getattr(self._machine, name, 0.0) for name in ("guest", "guest_nice"))
        whole = sum(now) - sum(self._machine) - guests  # what guests use stands in user time as well
        others = max(0.0, whole - idle - cpu) / whole if whole > 0 else 0.0
        return Took(wall=wall, seconds=wall * (1.0 - others), cpu=cpu)


def cpu_of(leader: int) -> float:
    """Processor seconds of a session's living processes and of those they have waited for."""
    found = 0.0
    for pid in session_of(leader):
        try:
            found += sum(psutil.Process(pid).cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return found


@contextmanager
def demo(home: Path, call: list[str], port: int, *, ready: bool = True) -> Iterator[Demo]:
    """Start a command that runs the demo in a session of its own; afterwards nothing of it is left."""
    said = home.parent / f"{home.name}-{port}.txt"
    watch = Stopwatch()
    with said.open("wb") as out:
        process = subprocess.Popen(
            call, stdout=out, stderr=out, env=environment(PORT=str(port)), start_new_session=True
        )
    try:
        if ready:
            wait_until(lambda: STARTED in said.read_text() or process.poll() is not None, seconds=270)
            assert STARTED in said.read_text(), said.read_text()
        yield Demo(process, port, said, watch.read(process.pid))
    finally:
        for pid in session_of(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait(10)


def session_of(leader: int) -> list[int]:
    """Every living process of the session a test started."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def direct(home: Path, port: int) -> list[str]:
    return command("--home", str(home), "demo", "--port", str(port))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, Took]:
    """A home in which the demo has run once, what that first run said, and what it took."""
    home = tmp_path_factory.mktemp("demo") / "home"
    port = free_port()
    with demo(home, direct(home, port), port) as first:
        pids = first.everybody()
        os.kill(first.process.pid, signal.SIGINT)
        assert first.process.wait(15) == 0
        assert alive(pids) == []
        return home, first.text(), first.took


@pytest.fixture
def home(loaded: tuple[Path, str, Took], tmp_path: Path) -> Path:
    return Path(shutil.copytree(loaded[0], tmp_path / "home"))


@pytest.mark.slow
def test_the_first_run_loads_trains_and_shows_three_customers(loaded: tuple[Path, str, Took]) -> None:
    _, text, _ = loaded
    for words in ("loading the bundled shop", "training and publishing", "without keys", "curl 'http://127.0.0.1:"):
        assert words in text
    for _, words, *_ in RULES[:3]:
        assert words in text
    assert len(re.findall(r"^    [1-5]\. .+: .+$", text, re.MULTILINE)) == 15


@pytest.mark.slow
def test_the_first_run_is_ready_within_a_minute(loaded: tuple[Path, str, Took]) -> None:
    """On a machine of its own; and its processors' time would fit into a minute of two."""
    took = loaded[2]
    sys.stdout.write(f"first run: {took}\n")
    assert took.seconds < 60, took
    assert took.cpu < 120, took


@pytest.mark.slow
def test_dates_are_shown_as_if_the_last_order_was_placed_yesterday(loaded: tuple[Path, str, Took]) -> None:
    _, text, _ = loaded
    assert re.search(r"Dates are shown [0-9,]+ days later than the data's", text)
    days = [datetime.strptime(day, "%d %B %Y").replace(tzinfo=UTC) for day in re.findall(r"last order, ([^:]+):", text)]
    assert len(days) == 3
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert max(days) <= yesterday
    assert max(days) > yesterday - timedelta(days=3)


@pytest.mark.slow
def test_the_second_run_finds_everything_done_and_serves_what_it_printed(home: Path) -> None:
    port = free_port()
    with demo(home, direct(home, port), port) as second:
        assert second.took.seconds < 10, second.took
        assert "already here" in second.text()
        found = re.search(r"curl '(http://127\.0\.0\.1:\d+)(/[^']+)'", second.text())
        assert found is not None
        answer = ask(port, found[2])
        assert answer.status == 200
        printed = re.findall(r"^    \d\. (.+?), GBP", second.text(), re.MULTILINE)[:5]
        assert [item["title"] for item in answer.json["items"]] == printed
        assert answer.json["basis"] == "personal"
        assert "customer_id=" in ask(port, "/").body.decode()
        assert ask(port, "/readyz").json["status"] == "ready"
        for scenario in ("similar", "cart", "trending"):
            assert len(ask(port, f"/v1/recommendations/{scenario}?item_id=85123A&cart=22720").json["items"]) == 12


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("group", [False, True], ids=["make", "group"])
def test_stopping_make_leaves_no_process(home: Path, tmp_path: Path, number: signal.Signals, *, group: bool) -> None:
    port = free_port()
    with demo(home, make_of(home, tmp_path), port) as running:
        pids = running.everybody()
        assert len(pids) >= 3
        (os.killpg if group else os.kill)(running.process.pid, number)
        running.process.wait(15)
        assert wait_until(lambda: alive(pids) == [], seconds=2)
        assert session_of(running.process.pid) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_the_background_of_a_shell_too(home: Path, tmp_path: Path, number: signal.Signals) -> None:
    """A shell without job control starts background commands with SIGINT ignored."""
    port = free_port()
    call = ["/bin/sh", "-c", " ".join(f"'{word}'" for word in make_of(home, tmp_path)) + " & wait"]
    with demo(home, call, port) as running:
        pids = running.everybody() - {running.process.pid}
        if number is signal.SIGTERM:
            os.kill(next(child.pid for child in psutil.Process(running.process.pid).children()), number)
        else:
            os.killpg(running.process.pid, number)
        assert wait_until(lambda: alive(pids) == [], seconds=15)


@pytest.mark.slow
def test_an_interrupt_while_it_loads_or_trains_leaves_no_process_and_can_be_repeated(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    for pause in (0.6, 2.5, 7.0):
        with demo(home, direct(home, port), port, ready=False) as running:
            time.sleep(pause)
            os.killpg(running.process.pid, signal.SIGINT)
            assert running.process.wait(20) != 0
            assert wait_until(lambda: session_of(running.process.pid) == [], seconds=5)
            assert "Traceback" not in running.text()


def make_of(home: Path, folder: Path) -> list[str]:
    """A ``make`` whose recipe is the project's own, over this Python."""
    makefile = folder / "Makefile"
    makefile.write_text(f'demo:\n\t@exec {" ".join(command("--home", str(home), "demo"))} --port "$(PORT)"\n')
    return ["make", "--no-print-directory", "-f", str(makefile), "demo"]


def test_the_recipe_of_the_makefile_is_the_one_tested_here() -> None:
    recipe = Path(__file__).parents[2].joinpath("Makefile").read_text()
    assert re.search(r"^demo:.*\n\t@exec .*recommender --home .* demo --port \"\$\(PORT\)\"$", recipe, re.MULTILINE)


def refused(home: Path, port: int) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        direct(home, port), capture_output=True, text=True, timeout=60, env=environment(), check=False
    )


def test_a_taken_port_is_said_before_any_work(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        found = refused(tmp_path / "home", port)
    assert found.returncode == 2
    assert f"Port {port}" in found.stderr
    assert f"PORT={port + 1}" in found.stderr
    assert not (tmp_path / "home").exists()


def test_another_shops_home_is_left_alone(tmp_path: Path) -> None:
    fill(tmp_path)
    found = refused(tmp_path, free_port())
    assert found.returncode == 2
    assert "holds another shop" in found.stderr


def test_the_environments_databases_are_not_the_demos(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    out = tmp_path / "said.txt"
    env = environment(RECOMMENDER_DATABASE_URL="postgresql://127.0.0.1:1/real", PYTHONUNBUFFERED="1")
    with out.open("wb") as stream:
        process = subprocess.Popen(direct(home, port), stdout=stream, stderr=stream, env=env, start_new_session=True)
    try:
        assert wait_until(lambda: (home / "var" / "shop.db").exists() or process.poll() is not None, seconds=30)
        assert process.poll() is None, out.read_text()
    finally:
        for pid in session_of(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait(10)


def test_python_dash_m_runs_the_demo_too() -> None:
    call = [sys.executable, "-m", "recommender.demo.run", "--help"]
    found = subprocess.run(call, capture_output=True, text=True, timeout=60, env=environment(), check=False)
    assert found.returncode == 0
    assert "bundled shop" in found.stdout
