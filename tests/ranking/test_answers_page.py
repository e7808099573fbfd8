"""The page on lists is complete: every scenario, reason and rung stands in it."""

from pathlib import Path

import pytest

from recommender.domain.requests import Language
from recommender.ranking import ladder
from recommender.ranking.scenarios import SCENARIOS
from recommender.ranking.texts import SENTENCES

PAGE = (Path(__file__).parents[2] / "docs" / "answers.md").read_text(encoding="utf-8")
RUNGS = (
    ladder.RECENT,
    ladder.POPULAR,
    ladder.POPULAR_COUNTRY,
    ladder.POPULAR_CATEGORY,
    ladder.NEWEST,
    ladder.NEWEST_CATEGORY,
)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_described_with_the_purpose_it_asks_for(name: str) -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
    assert f"`{SCENARIOS[name].purpose}`" in line
    assert ("none" in line) is (SCENARIOS[name].category_share is None)


@pytest.mark.parametrize("code", SENTENCES)
def test_every_reason_is_described_in_the_words_it_uses(code: str) -> None:
    said = " | ".join(SENTENCES[code][language] for language in Language)
    assert f"| `{code}` | {said} |" in PAGE


@pytest.mark.parametrize("source", RUNGS)
def test_every_rung_is_described(source: str) -> None:
    assert f"| `{source}` |" in PAGE
