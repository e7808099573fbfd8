"""Samples of code in the documents: found by their language, run or read by the program that would."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_COMMANDS = re.compile(r"(?P<before><!-- not run: [^>]+ -->\n)?^```sh\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```(?P<language>[a-z]+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## +(.+)$", re.MULTILINE)


def blocks(text: str, language: str) -> list[str]:
    """Every block of code of a language, in the order they stand."""
    return [found["code"] for found in _BLOCK.finditer(text) if found["language"] == language]


def chapters(page: Path) -> dict[str, str]:
    """Heading of the second level → the text below it."""
    parts = _HEADING.split(page.read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def commands(page: Path) -> str:
    """Every ``sh`` block of a page that is not marked ``<!-- not run: why -->``, as one script."""
    found = [m["code"] for m in _COMMANDS.finditer(page.read_text(encoding="utf-8")) if not m["before"]]
    return "\n".join(found).replace('make setup && export PATH="$PWD/.venv/bin:$PATH"', ":")


def pages_with_commands(*, that_serve: bool) -> list[Path]:
    """Pages with commands to run: those that start a service, or the others."""
    return [page for page in PAGES if (code := commands(page)).strip() and (" serve " in code) == that_serve]


def run_commands(page: Path, folder: Path) -> None:
    """Run a page's commands from top to bottom, as its reader would; the first that fails ends the test."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RECOMMENDER_")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    script = ["bash", "-euo", "pipefail", "-c", commands(page)]
    with subprocess.Popen(
        script,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            said, _ = running.communicate(timeout=240)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)  # with the service it may have started
            said = f"no end after 240 s:\n{running.communicate()[0]}"
    assert running.returncode == 0, said[-6000:]


def program(name: str, package: str, say_missing: Callable[[str], None]) -> str:
    """Where a program is; a test that needs one this machine lacks is skipped and says so."""
    found = shutil.which(name)
    if found is None:
        say_missing(f"there is no {name} on this machine (Debian: apt-get install {package})")
    return found or name


def answer(command: list[str], source: str, *, cwd: Path) -> str:
    """What a program prints that reads its source from standard input."""
    done = subprocess.run(command, input=source, cwd=cwd, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout.strip()
