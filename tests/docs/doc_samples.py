"""Samples of code in the documents: found by their language, run or read by the program that would."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^```(?P<language>[a-z]+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## +(.+)$", re.MULTILINE)


def blocks(text: str, language: str) -> list[str]:
    """Every block of code of a language, in the order they stand."""
    return [found["code"] for found in _BLOCK.finditer(text) if found["language"] == language]


def chapters(page: Path) -> dict[str, str]:
    """Heading of the second level → the text below it."""
    parts = _HEADING.split(page.read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


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
