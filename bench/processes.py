"""Run a command and weigh it: seconds, processor time and memory of the whole family of processes (Linux)."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
EVERY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Weighed:
    """How long a command took, its processor time, and the most memory it held at once, all its processes together."""

    seconds: float
    cpu_s: float
    peak_mb: float


def family(pid: int) -> list[int]:
    """A process and everything it started that is still there."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found.extend(int(child) for child in task.read_text().split())
            except OSError:
                continue
    return found


def cpu_seconds(pid: int) -> float:
    """Processor time of a family so far, user and system."""
    total = 0
    for one in family(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def ended(pid: int) -> bool:
    """Whether a process has come to its end (nobody may have taken notice yet)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def private_mb(pid: int) -> float:
    """Memory of one process that no other shares (unique set size)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean:", "Private_Dirty:"))) / 1024


def resident_mb(pid: int) -> float:
    """Memory of a family now; pages shared by several processes count once (proportional set size)."""
    total = 0
    for one in family(pid):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def high_water_mb(pid: int) -> float:
    """The most memory one process has held since its program began; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def weigh(command: Sequence[str]) -> Weighed:
    """Run a command to its end; a failure is an error with what it said.

    The peak is the larger of the command's own high-water mark and of the family's sum, both looked at up to twenty times
    a second. Not ``ru_maxrss``: it starts at the size of whoever started the command.
    """
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        peaks = [0.0]
        gone = threading.Event()
        watcher = threading.Thread(target=_watch, args=(running.pid, gone, peaks), daemon=True)
        watcher.start()
        assert running.stdout is not None
        said = running.stdout.read()
        _, status, used = os.wait4(running.pid, 0)
        seconds = time.perf_counter() - began
        gone.set()
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed with {running.returncode}:\n{said[-2000:]}")
    cpu = used.ru_utime + used.ru_stime
    return Weighed(seconds=seconds, cpu_s=cpu, peak_mb=max(peaks))


def _watch(pid: int, gone: threading.Event, peaks: list[float]) -> None:
    pause = EVERY_SECONDS
    while not gone.wait(pause):
        began = time.perf_counter()
        peaks += [resident_mb(pid), high_water_mb(pid)]
        pause = max(EVERY_SECONDS, 50 * (time.perf_counter() - began))  # looking at much memory takes the watched time


@contextmanager
def background(
    command: Sequence[str], *, core: int | None, log: Path, variables: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Run a server for the block, on one core if given, ``variables`` added; yields its process id, ends it afterwards."""
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **(variables or {})})
        try:
            if core is not None:
                os.sched_setaffinity(server.pid, {core})
            yield server.pid
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
