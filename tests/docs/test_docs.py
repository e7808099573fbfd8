"""What the documents say is true: their links lead somewhere, their tables are complete."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from doc_samples import PAGES, ROOT

from recommender.model.columns import names_of
from recommender.settings import names

LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_to_a_file_of_the_repository(page: Path) -> None:
    missing = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert missing == []


def test_every_setting_is_described_and_no_other() -> None:
    described = set(re.findall(r"^\| `(RECOMMENDER_\w+)`", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))
    assert described == set(names())


def test_every_make_target_has_a_line_of_help() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))
    helped = set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))
    assert targets == helped


def test_every_pinned_dependency_is_justified_and_pinned() -> None:
    reasons = (ROOT / "docs/decisions/0001-dependencies.md").read_text(encoding="utf-8").lower()
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").split():
        name, _, version = line.partition("==")
        assert version, f"{line} is not pinned"
        assert name.split("[")[0].lower() in reasons, f"{name} has no line in docs/decisions/0001-dependencies.md"


def test_the_page_of_commands_is_what_the_program_says() -> None:
    made = subprocess.run(
        [sys.executable, str(ROOT / "scripts/document_commands.py"), "--stdout"], capture_output=True, text=True
    )
    assert made.stdout == (ROOT / "docs/commands.md").read_text(encoding="utf-8"), made.stderr


def test_every_column_of_forests_is_told() -> None:
    page = (ROOT / "docs/decisions/0014-ranker.md").read_text(encoding="utf-8")
    table = page.partition("## Names of columns")[2].partition("## Measured")[0]
    assert set(re.findall(r"`([a-z_0-9]+)`", table)) - {"explain"} == {*names_of(())}
