"""Starting, reading and killing the writers of ``writer_process.py``."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("writer_process.py")


def start(what: str, url: str, home: Path, *rest: object) -> "subprocess.Popen[str]":
    """A writer in a process of its own."""
    command = [sys.executable, str(SCRIPT), what, url, str(home), *map(str, rest)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: "subprocess.Popen[str]") -> list[str]:
    """Everything it said; it must have ended well."""
    said, complaints = process.communicate(timeout=60)
    assert process.returncode == 0, complaints
    return said.split("\n")[:-1]


def kill_after(process: "subprocess.Popen[str]", lines: int) -> list[str]:
    """Read so many lines, ``kill -9``, and return every whole line it had said until then."""
    assert process.stdout is not None
    said = [process.stdout.readline().rstrip("\n") for _ in range(lines)]
    process.kill()
    rest = process.stdout.read().split("\n")[:-1]
    process.communicate()
    return [line for line in (*said, *rest) if line]
