"""Times and numbers in every spelling that shops use."""

from datetime import UTC, datetime

import polars as pl
import pytest

from recommender.domain.errors import BadInputError, UsageError
from recommender.importing.times import check_timezone, decide
from recommender.importing.values import decimal_mark, identifier, money

WARSAW = "Europe/Warsaw"


def read(*cells: object, timezone: str = WARSAW) -> list[str | None]:
    column = pl.Series("t", cells)
    reading = decide(column, timezone, "f.csv")
    found = column.to_frame().select(reading.microseconds("t", column.dtype, timezone).alias("us"))["us"]
    return [None if us is None else datetime.fromtimestamp(us / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%S") for us in found]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2024-07-01T10:00:00Z", "2024-07-01 10:00:00"),
        ("2024-07-01T10:00:00+02:00", "2024-07-01 08:00:00"),
        ("2024-07-01 10:00:00-0530", "2024-07-01 15:30:00"),
        ("2024-07-01 10:00:00.5 UTC", "2024-07-01 10:00:00"),
        ("2024-07-01T10:00", "2024-07-01 08:00:00"),
        ("2024-07-01", "2024-06-30 22:00:00"),
        ("31.12.2024 10:15", "2024-12-31 09:15:00"),
        ("12/31/2024 3:05 PM", "2024-12-31 14:05:00"),
        ("31/12/24 23:59:59", "2024-12-31 22:59:59"),
        ("1714557600", "2024-05-01 10:00:00"),
        ("1714557600123", "2024-05-01 10:00:00"),
        ("20240501", "2024-04-30 22:00:00"),
        (1714557600, "2024-05-01 10:00:00"),
        (1714557600123, "2024-05-01 10:00:00"),
        (1714557600123456, "2024-05-01 10:00:00"),
        (1714557600123456789, "2024-05-01 10:00:00"),
        (datetime(2024, 7, 1, 10), "2024-07-01 08:00:00"),
        (datetime(2024, 7, 1, 10, tzinfo=UTC), "2024-07-01 10:00:00"),
    ],
)
def test_a_time_is_read_in_the_shops_zone_unless_it_tells_its_own(written: object, utc: str) -> None:
    assert read(written) == [utc]


def test_an_hour_that_the_clocks_skip_or_double_still_is_a_time() -> None:
    assert read("2024-03-31 02:30:00", "2024-10-27 02:30:00") == ["2024-03-31 01:30:00", "2024-10-27 00:30:00"]


def test_days_that_do_not_exist_are_no_times() -> None:
    assert read("2024-02-30", "2024-02-29T25:00:00", "2024-02-29") == [None, None, "2024-02-28 23:00:00"]


def test_one_clear_day_settles_the_order_for_the_file() -> None:
    assert read("03/04/2024", "13/04/2024") == ["2024-04-02 22:00:00", "2024-04-12 22:00:00"]
    assert read("03/04/2024", "04/13/2024") == ["2024-03-03 23:00:00", "2024-04-12 22:00:00"]


def test_day_or_month_first_is_asked_when_nothing_settles_it() -> None:
    with pytest.raises(BadInputError, match="day/month or month/day"):
        read("03/04/2024", "05/06/2024")


def test_a_zone_that_does_not_exist_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no time zone 'Warsaw'"):
        check_timezone("Warsaw")


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("9.99", 9.99),
        ("9,99", 9.99),
        ("1 234,50", 1234.5),
        ("1\u00a0234,50 zł", 1234.5),
        ("1.234,50", 1234.5),
        ("1,234.50", 1234.5),
        ("£2.55", 2.55),
        ("199.00 PLN", 199.0),
        ("1e3", 1000.0),
        ("0,999", 0.999),
        ("-", None),
        ("n/a", None),
        ("1.2.3", None),
        ("12a", None),
    ],
)
def test_amounts_in_any_spelling(written: str, amount: float | None) -> None:
    frame = pl.DataFrame({"p": [written]})
    assert frame.select(money("p", pl.String()).alias("p")).item() == amount


def test_a_thousand_or_a_decimal_is_settled_by_the_rest_of_the_column() -> None:
    def read_all(*cells: str, separator: str) -> list[float | None]:
        frame = pl.DataFrame({"p": cells})
        mark = decimal_mark(frame["p"], separator)
        return frame.select(money("p", pl.String(), decimal=mark).alias("p"))["p"].to_list()

    assert read_all("1,234", "2.50", separator=",") == [1234.0, 2.5]
    assert read_all("1.234", "2,50", separator=";") == [1234.0, 2.5]
    assert read_all("1,234", separator=";") == [1.234]
    assert read_all("1,234", separator=",") == [1234.0]


def test_ids_that_went_through_a_number_column_are_whole_again() -> None:
    def ids(series: pl.Series) -> list[str | None]:
        return series.to_frame("i").select(identifier("i", series.dtype).alias("i"))["i"].to_list()

    assert ids(pl.Series([12345.0, None, float("nan"), 2.5])) == ["12345", None, None, "2.5"]
    assert ids(pl.Series(["12345.0", " 7 ", "", "1.50", "A.0"])) == ["12345", "7", None, "1.50", "A.0"]
    assert ids(pl.Series([5, -1])) == ["5", "-1"]
    assert ids(pl.Series(["cafe\u0301"])) == ["café"]
