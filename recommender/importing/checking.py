"""Whole chunks against rules: the first rule a row breaks is why it is rejected; good rows are never looked at one by one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from recommender.importing.report import HIDDEN, Reject
from recommender.importing.tables import Broken

_VERDICT = "=verdict"
_SHOWN_CHARS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that must not be: where ``broken`` is true the row is rejected.

    ``message`` may hold ``{value}``: the cell as it stands in the file, shortened, left out where the field is personal.
    """

    field: str | None
    code: str
    broken: pl.Expr
    message: str


def judge(parsed: pl.DataFrame, rules: Sequence[Rule]) -> pl.Series:
    """For each row the number of the first rule it breaks; null for a good row."""
    verdict = pl.coalesce([pl.when(rule.broken).then(pl.lit(place, pl.Int16)) for place, rule in enumerate(rules)])
    return parsed.select(verdict.alias(_VERDICT))[_VERDICT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How rejects speak of a file's columns: the column ``shown`` for a field, and which fields are ``personal``."""

    shown: Callable[[str], str]
    personal: Collection[str]

    def rejects(
        self, cells: pl.DataFrame, lines: pl.Series, verdict: pl.Series, rules: Sequence[Rule], limit: int
    ) -> list[Reject]:
        """The first ``limit`` rejected rows of a chunk, one by one."""
        places = verdict.is_not_null().arg_true().head(limit)
        return [
            self._reject(cells.row(place, named=True), lines[place], rules[verdict[place]])
            for place in places.to_list()
        ]

    def reasons(self, verdict: pl.Series, rules: Sequence[Rule]) -> list[str]:
        """What a rejects file says of rejected rows; the row stands beside it, so no value is repeated."""
        return [self._sentence(rules[number], None) for number in verdict.to_list()]

    def _reject(self, row: Mapping[str, object], line: int, rule: Rule) -> Reject:
        cell = row.get(rule.field) if rule.field else None
        secret = rule.field in self.personal
        value = None if cell is None else HIDDEN if secret else shortened(str(cell))
        return Reject(
            line=line,
            column=None if rule.field is None else self.shown(rule.field),
            value=value,
            code=rule.code,
            message=self._sentence(rule, None if secret else value),
        )

    def _sentence(self, rule: Rule, value: str | None) -> str:
        where = "" if rule.field is None else f"column {self.shown(rule.field)}: "
        return where + rule.message.format(value="the value" if value is None else f"“{value}”")


def broken_reject(broken: Broken) -> Reject:
    """The reject of a row that could not be read into columns."""
    return Reject(line=broken.line, column=None, value=None, code=broken.code, message=broken.message)


def shortened(text: str) -> str:
    """At most ``_SHOWN_CHARS`` characters, on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN_CHARS else flat[: _SHOWN_CHARS - 1] + "…"
