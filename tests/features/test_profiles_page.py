"""The page about profiles lists every attribute as it is registered."""

from pathlib import Path

from recommender.features import ATTRIBUTES, FACETS

PAGE = Path(__file__).parents[2] / "docs" / "profiles.md"


def table(facet: str) -> str:
    """The attributes of a facet as the page shows them."""
    head = ["| attribute | type | unit | meaning | missing |", "|---|---|---|---|---|"]
    rows = [
        f"| `{one.name}` | {one.type} | {one.unit} | {one.meaning} | {one.missing} |"
        for one in ATTRIBUTES.values()
        if one.facet == facet
    ]
    return "\n".join(head + rows)


def test_every_attribute_is_described_as_it_is_registered() -> None:
    page = PAGE.read_text(encoding="utf-8")
    wrong = [facet.name for facet in FACETS if f"### {facet.name}\n\n{table(facet.name)}\n" not in page]
    assert wrong == [], f"docs/profiles.md should say:\n{table(wrong[0])}"


def test_the_page_names_no_facet_that_is_not_there() -> None:
    named = {
        text.removeprefix("### ") for text in PAGE.read_text(encoding="utf-8").splitlines() if text.startswith("### ")
    }
    assert named == {facet.name for facet in FACETS}
