"""The page on rules is true: its example can be used, every field and signal stands in it."""

import re
from datetime import UTC
from pathlib import Path

import msgspec
import pytest

from recommender.ranking.rules import AtMost, Boost, Pin, Section, rules_of
from recommender.ranking.signals import SIGNALS

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")


def test_the_example_can_be_used() -> None:
    example = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    rules = rules_of(example[1], where="docs/rules.md", timezone=UTC)
    assert len(rules.of("home")) == 5
    assert rules.static


@pytest.mark.parametrize("kind", [Section, Pin, Boost, AtMost])
def test_every_field_is_named(kind: type[msgspec.Struct]) -> None:
    assert [f.encode_name for f in msgspec.structs.fields(kind) if f"`{f.encode_name}`" not in PAGE] == []


@pytest.mark.parametrize("name", SIGNALS)
def test_every_signal_has_a_row_with_its_attribute(name: str) -> None:
    assert f"| `{name}` | `{SIGNALS[name].attribute}` |" in PAGE
