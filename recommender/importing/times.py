"""Times as people and systems write them, into microseconds since 1970 UTC.

How a file writes its times is decided once, from its first rows, and told in the report.
"""

from dataclasses import dataclass

import polars as pl

from recommender.domain.errors import BadInputError, UsageError
from recommender.importing.values import present

EARLIEST_US = 631_152_000_000_000
"""1990-01-01: a time before it is a fault of the file (such as 0), not an event."""
EARLIEST_BIRTH_US = -2_208_988_800_000_000
"""1900-01-01, for dates of birth."""
_LATEST_US = 4_102_444_800_000_000

_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S%.f", " %I:%M %p", " %I:%M:%S %p")
_DAY_FIRST = {"day.month.year": "%d.%m.%Y", "day/month/year": "%d/%m/%Y", "day-month-year": "%d-%m-%Y"}
_MONTH_FIRST = {"month/day/year": "%m/%d/%Y", "month-day-year": "%m-%d-%Y"}
_SHORT_YEARS = {"day.month.yy": "%d.%m.%y", "day/month/yy": "%d/%m/%y", "month/day/yy": "%m/%d/%y"}
_OTHERS = {"year/month/day": "%Y/%m/%d", "year.month.day": "%Y.%m.%d"}
_WRITTEN = {**_DAY_FIRST, **_MONTH_FIRST, **_SHORT_YEARS, **_OTHERS}
_UNITS = {"seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}


@dataclass(frozen=True, slots=True)
class TimeReading:
    """How one column writes times: ``typed``, ``iso``, ``yyyymmdd``, an epoch unit, or an order of day, month and year."""

    style: str

    def microseconds(self, column: str, dtype: pl.DataType, timezone: str) -> pl.Expr:
        """The column as int64 microseconds since 1970 UTC; null where it is missing or cannot be read so."""
        if self.style == "typed":
            return _typed(column, dtype, timezone)
        if self.style in _UNITS or self.style == "nanoseconds":
            return _epoch(column, dtype, self.style)
        written = pl.col(column).cast(pl.String, strict=False).str.strip_chars()
        if self.style == "iso":
            return _iso(written, timezone)
        if self.style == "yyyymmdd":
            return _local(_parsed(written, "%Y%m%d"), timezone)
        tidy = written.str.replace_all(r",?\s+", " ")
        return _local(pl.coalesce([_parsed(tidy, _WRITTEN[self.style] + clock) for clock in _CLOCKS]), timezone)

    def told(self, timezone: str) -> str:
        """The reading in words."""
        if self.style in _UNITS or self.style == "nanoseconds":
            return f"{self.style} since 1970"
        name = {"typed": "typed times", "iso": "ISO 8601 (RFC 3339)"}.get(self.style, self.style)
        return f"{name}; without an offset they are {timezone}"


def check_timezone(timezone: str) -> None:
    """Raise ``UsageError`` for a name that is no IANA time zone."""
    try:
        pl.select(_local(pl.lit("2024-01-01 00:00:00").str.to_datetime("%Y-%m-%d %H:%M:%S"), timezone))
    except pl.exceptions.PolarsError:
        raise UsageError(f"There is no time zone {timezone!r}; write one like Europe/Warsaw or UTC.") from None


def decide(sample: pl.Series, timezone: str, file: str, *, earliest_us: int = EARLIEST_US) -> TimeReading:
    """The reading in which most of the sample makes sense (gives a time from ``earliest_us`` on, before 2100).

    Raises
    ------
    BadInputError
        Day and month cannot be told apart anywhere in the sample.
    """
    if sample.dtype.is_temporal():
        return TimeReading("typed")
    frame = sample.to_frame("t").filter(present("t", sample.dtype))
    if sample.dtype.is_numeric():
        return _numeric(frame)
    texts = frame["t"].cast(pl.String).str.strip_chars()
    if texts.str.contains(r"^\d{8}(\.0)?$|^\d{9,}(\.\d+)?$").sum() > texts.len() / 2:
        return _numeric(texts.to_frame("t").select(pl.col("t").cast(pl.Float64, strict=False)))
    scores = {style: _sensible(frame, TimeReading(style), timezone, earliest_us) for style in ("iso", *_WRITTEN)}
    best = max(scores, key=lambda style: scores[style])
    rivals = [style for style in scores if style != best and scores[style] == scores[best] > 0]
    for rival in rivals:
        if {best[0], rival[0]} == {"d", "m"}:
            raise BadInputError(
                f"{file}: the times in {sample.name!r} (such as {texts[0]!r}) may be day/month or month/day; write them as YYYY-MM-DD."
            )
    return TimeReading(best if scores[best] > 0 else "iso")


def _sensible(frame: pl.DataFrame, reading: TimeReading, timezone: str, earliest_us: int) -> int:
    moment = reading.microseconds("t", frame.schema["t"], timezone)
    return int(frame.select(moment.is_between(earliest_us, _LATEST_US).sum()).item())


def _numeric(frame: pl.DataFrame) -> TimeReading:
    value = frame.select(pl.col("t").cast(pl.Float64).median()).item()
    if value is None:
        return TimeReading("seconds")
    if 19_000_101 <= value <= 21_001_231 and frame.select((pl.col("t").cast(pl.Float64) % 100).max()).item() <= 31:
        return TimeReading("yyyymmdd")
    for limit, unit in ((1e11, "seconds"), (1e14, "milliseconds"), (1e17, "microseconds")):
        if abs(value) < limit:
            return TimeReading(unit)
    return TimeReading("nanoseconds")


def _typed(column: str, dtype: pl.DataType, timezone: str) -> pl.Expr:
    cell = pl.col(column)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return cell.dt.timestamp("us")
    return _local(cell.cast(pl.Datetime("us"), strict=False), timezone)


def _epoch(column: str, dtype: pl.DataType, unit: str) -> pl.Expr:
    cell = pl.col(column)
    if dtype.is_integer():
        return cell // 1_000 if unit == "nanoseconds" else cell.cast(pl.Int64, strict=False) * _UNITS[unit]
    value = cell.cast(pl.Float64, strict=False)
    scaled = value / 1_000 if unit == "nanoseconds" else value * _UNITS[unit]
    return scaled.round().cast(pl.Int64, strict=False)


def _iso(written: pl.Expr, timezone: str) -> pl.Expr:
    """RFC 3339, with a blank for ``T``, without seconds, without a clock, or without an offset too."""
    zulu = written.str.contains(r"(?i)\d(?:z|\s?utc)$")
    offset = written.str.extract(r":\d{2}(?:\.\d+)?\s?([+-]\d{2}(?::?\d{2})?)$").str.replace(":", "", literal=True)
    bare = written.str.replace(r"(?i)(:\d{2}(?:\.\d+)?)(?:z|\s?utc|\s?[+-]\d{2}(?::?\d{2})?)$", "${1}")
    spaced = bare.str.replace(r"^(\d{4}-\d{2}-\d{2})[Tt]", "${1} ")
    moment = pl.coalesce([_parsed(spaced, "%Y-%m-%d" + clock) for clock in _CLOCKS[:4]])
    hours, minutes = offset.str.slice(1, 2).cast(pl.Int64), offset.str.slice(3, 2).cast(pl.Int64, strict=False)
    sign = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1)
    shift = sign * (hours * 60 + minutes.fill_null(0)) * 60_000_000
    aware = moment.dt.timestamp("us") - pl.when(zulu).then(0).otherwise(shift)
    legal = zulu | ((hours < 24) & (minutes.fill_null(0) < 60))
    return pl.when(zulu | offset.is_not_null()).then(pl.when(legal).then(aware)).otherwise(_local(moment, timezone))


def _parsed(written: pl.Expr, form: str) -> pl.Expr:
    if "%H" in form or "%I" in form:
        return written.str.to_datetime(form, time_unit="us", strict=False)
    return written.str.to_date(form, strict=False).cast(pl.Datetime("us"))


def _local(moment: pl.Expr, timezone: str) -> pl.Expr:
    """Clock time of the shop to UTC: the first of a doubled hour; an hour that was skipped counts as the one after it."""
    if timezone == "UTC":
        return moment.dt.timestamp("us")

    def at(clock: pl.Expr) -> pl.Expr:
        return clock.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null").dt.timestamp("us")

    return pl.coalesce(at(moment), at(moment + pl.duration(hours=1)))
