"""The page on HTTP describes all there is."""

import json
from pathlib import Path

import msgspec

from recommender.api.problems import CODES
from recommender.api.recommendations import Parameters

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "http.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return cells[2:]


def test_every_route_has_a_row() -> None:
    described = {cell.strip("`") for cell, *_ in rows("Addresses")}
    description = json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))
    served = {f"{method.upper()} {path}" for path, methods in description["paths"].items() for method in methods}
    assert described == served


def test_every_parameter_has_a_row() -> None:
    described = {name.strip(" `") for cell, *_ in rows("What may be asked") for name in cell.split(",")}
    assert described == {field.name for field in msgspec.structs.fields(Parameters)} | {"key"}


def test_every_problem_has_a_row_with_its_status() -> None:
    described = {cells[0].strip("`"): int(cells[1]) for cells in rows("Errors")}
    assert described == {code: status for code, (status, _) in CODES.items()}
