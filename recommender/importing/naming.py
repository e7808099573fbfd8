"""Which column fills which field: what was told beats an exact name, an exact name beats a synonym, doubt is an error."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from recommender.domain.errors import BadInputError, UsageError
from recommender.domain.synonyms import Synonyms, plain
from recommender.importing.report import Guess, ImportOptions
from recommender.importing.tables import REASON


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """``of`` maps fields to columns, ``fixed`` fields to one value for all rows; ``rest`` are the columns left over."""

    of: dict[str, str]
    fixed: dict[str, str]
    guesses: tuple[Guess, ...]
    rest: tuple[str, ...]

    def has(self, field: str) -> bool:
        """Whether anything fills the field."""
        return field in self.of or field in self.fixed

    def shown(self, field: str) -> str:
        """The field's column as its owner knows it."""
        return self.of.get(field, field)


def resolve(
    columns: Sequence[str], synonyms: Synonyms, options: ImportOptions, file: str, extra: Sequence[str] = ()
) -> Columns:
    """Fill each field of ``synonyms`` (and the ``extra`` ones, by exact name only).

    Raises
    ------
    UsageError
        A told field does not exist, or is both mapped and set.
    BadInputError
        A told column does not exist, or two columns could be the same field.
    """
    available = [name for name in columns if name != REASON]
    fields = {**synonyms, **dict.fromkeys(extra, frozenset[str]())}
    told = _told(available, tuple(fields), options, file)
    taken = set(told.values())
    free = [name for name in available if name not in taken]
    of = {name: column for name, column in told.items() if column}
    guesses = [Guess(field=name, column=column, why="as told") for name, column in of.items()]
    open_fields = [name for name in fields if name not in told and name not in options.sets]
    exact = {name: column for name in open_fields for column in _exact(name, free)}
    taken |= set(exact.values())
    for name in open_fields:
        column = exact.get(name) or _synonym(name, fields[name], [c for c in free if c not in taken], file)
        if column is not None:
            of[name] = column
            taken.add(column)
            guesses.append(Guess(field=name, column=column, why="same name" if name in exact else "known synonym"))
    guesses += [Guess(field=name, column=f"“{value}”", why="set for every row") for name, value in options.sets.items()]
    rest = tuple(name for name in available if name not in taken)
    return Columns(of=of, fixed=dict(options.sets), guesses=tuple(guesses), rest=rest)


def _told(available: Sequence[str], fields: Sequence[str], options: ImportOptions, file: str) -> dict[str, str]:
    for name in (*options.maps, *options.sets):
        if name not in fields:
            raise UsageError(f"There is no field {name!r}{_near(name, fields)}. The fields are: {', '.join(fields)}.")
        if name in options.maps and name in options.sets:
            raise UsageError(f"The field {name} is both mapped to a column and set to a value; keep one.")
    told = dict(options.maps)
    for name, column in told.items():
        if column and column not in available:
            raise BadInputError(
                f"{file} has no column {column!r} to fill {name}{_near(column, available)}. Its columns are: {_list(available)}."
            )
    return told


def _exact(field: str, free: Sequence[str]) -> list[str]:
    """The column of the field's very name, else the only one that differs from it in case and punctuation alone."""
    if field in free:
        return [field]
    alike = [name for name in free if plain(name) == plain(field)]
    return alike if len(alike) == 1 else []


def _synonym(field: str, words: frozenset[str], free: Sequence[str], file: str) -> str | None:
    fitting = [name for name in free if plain(name) in words or plain(name) == plain(field)]
    if len(fitting) > 1:
        raise BadInputError(
            f"{file}: the columns {_list(fitting)} could each be {field}; say which with --map {field}={_quoted(fitting[0])}"
            f" (or --map {field}= for none)."
        )
    return fitting[0] if fitting else None


def missing(field: str, columns: Sequence[str], file: str, hint: str = "") -> BadInputError:
    """The error of a file without a field that is needed."""
    return BadInputError(
        f"{file} has no column that we recognise as {field}. Its columns are: {_list(columns)}."
        f" Say which one it is with --map {field}=COLUMN{hint}."
    )


def _near(name: str, among: Sequence[str]) -> str:
    lower = {option.lower(): option for option in among}
    near = get_close_matches(name.lower(), list(lower), n=1, cutoff=0.6)
    return f" (did you mean {lower[near[0]]!r}?)" if near else ""


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(names[:30])
    return shown if len(names) <= 30 else f"{shown} and {len(names) - 30} more"


def _quoted(name: str) -> str:
    return f"'{name}'" if " " in name else name
