"""What a customer file's cells mean and which rows cannot be used. Every column of it is personal."""

from difflib import get_close_matches

import polars as pl

from recommender.domain.consent import ConsentState, Purpose
from recommender.domain.errors import BadInputError
from recommender.domain.events import ILLEGAL_IDS, MAX_ID_BYTES
from recommender.domain.synonyms import CUSTOMER_SYNONYMS
from recommender.importing.attributes import PREFIX, attribute_cells
from recommender.importing.checking import Rule
from recommender.importing.naming import Columns, missing, resolve
from recommender.importing.nested import check_plain, loose_ids, nested_rules
from recommender.importing.report import ImportOptions
from recommender.importing.running import Plan, cells_of
from recommender.importing.tables import Table
from recommender.importing.times import EARLIEST_BIRTH_US, TimeReading, decide
from recommender.importing.values import bad_identifier, flag, identifier, present, text

TEXTS = (
    "email",
    "name",
    "first_name",
    "last_name",
    "phone",
    "gender",
    "country",
    "city",
    "postal_code",
    "language",
)
CONSENT = "consent_"
PURPOSES = {f"{CONSENT}{purpose.value}": purpose for purpose in Purpose}
_STATES = {state.value: state.value for state in ConsentState}


def customer_plan(sample: pl.DataFrame, table: Table, options: ImportOptions) -> Plan:
    """Decide from the file's columns and first rows how to read it."""
    file = table.found.path.name
    _check_purposes(table.columns, file)
    columns = resolve(table.columns, CUSTOMER_SYNONYMS, options, file, extra=tuple(PURPOSES))
    if not columns.has("customer_id"):
        raise missing("customer_id", table.columns, file)
    cells = cells_of(sample, columns)
    check_plain(cells, columns, file)
    ids = loose_ids(("customer_id",), columns, table)
    times = {}
    if "birth_date" in cells.columns:
        birth = cells["birth_date"].alias(columns.shown("birth_date"))
        times["birth_date"] = decide(birth, "UTC", file, earliest_us=EARLIEST_BIRTH_US)
    if "consent_time" in cells.columns:
        times["consent_time"] = decide(
            cells["consent_time"].alias(columns.shown("consent_time")), options.timezone, file
        )
    readings = tuple(f"{columns.shown(name)}: {reading.told(options.timezone)}" for name, reading in times.items())

    def parse(chunk: pl.DataFrame) -> pl.DataFrame:
        return _parse(chunk, times, options.timezone)

    personal = frozenset(CUSTOMER_SYNONYMS) | {f"{PREFIX}{name}" for name in columns.rest}
    rules = [*nested_rules(ids), *_rules(columns)]
    return Plan(columns=columns, parse=parse, rules=rules, ids=ids, personal=personal, readings=readings)


def _check_purposes(names: tuple[str, ...], file: str) -> None:
    for name in names:
        word = name.strip().lower()
        known = (*PURPOSES, "consent_time", "consent_at", "consent_date")
        if word.startswith(CONSENT) and word not in known:
            near = get_close_matches(word, PURPOSES, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise BadInputError(
                f"{file}: the column {name} names no purpose we know{hint}; the purposes are: {', '.join(Purpose)}."
            )


def _parse(cells: pl.DataFrame, times: dict[str, TimeReading], timezone: str) -> pl.DataFrame:
    schema = cells.schema
    moments = [
        reading.microseconds(name, schema[name], "UTC" if name == "birth_date" else timezone).alias(f"{name}_us")
        for name, reading in times.items()
    ]
    told = [
        present(name, schema[name]).alias(f"={name}")
        for name in (*times, *(purpose for purpose in PURPOSES if purpose in schema))
    ]
    absent = [
        pl.lit(None, pl.Int64).alias(f"{name}_us") for name in ("birth_date", "consent_time") if name not in times
    ]
    return cells.select(
        identifier("customer_id", schema["customer_id"]).alias("customer_id"),
        *(
            (identifier(name, schema[name]) if name in schema else pl.lit(None, pl.String)).alias(name)
            for name in TEXTS
        ),
        *moments,
        *absent,
        *(_state(name, schema[name]).alias(name) for name in PURPOSES if name in schema),
        *told,
        *attribute_cells(schema),
    )


def _state(name: str, dtype: pl.DataType) -> pl.Expr:
    """Consent as a state: yes and no, or the state's own name."""
    word = flag(name, dtype)
    plain = pl.when(word).then(pl.lit(ConsentState.GRANTED.value)).when(~word).then(pl.lit(ConsentState.DENIED.value))
    if dtype == pl.Boolean:
        return plain
    named = text(name, dtype).str.to_lowercase().replace_strict(_STATES, default=None, return_dtype=pl.String)
    return pl.coalesce(named, plain)


def _rules(columns: Columns) -> list[Rule]:
    one = pl.col("customer_id")
    rules = [
        Rule(field="customer_id", code="missing_id", broken=one.is_null(), message="the customer_id is missing"),
        Rule(
            field="customer_id",
            code="illegal_id",
            broken=one.str.to_lowercase().is_in(list(ILLEGAL_IDS)),
            message="the id is a word or number that shops send by mistake (null, guest, 0, …), not a person",
        ),
        Rule(
            field="customer_id",
            code="bad_id",
            broken=bad_identifier(one, MAX_ID_BYTES),
            message=f"the id is longer than {MAX_ID_BYTES} bytes or holds characters that do not print",
        ),
        Rule(
            field="email",
            code="bad_email",
            broken=~pl.col("email").str.contains(r"^[^@\s]+@[^@\s]+$"),
            message="{value} is not an e-mail address",
        ),
    ]
    for name in ("birth_date", "consent_time"):
        if columns.has(name):
            unread = pl.col(f"={name}") & pl.col(f"{name}_us").is_null()
            rules.append(
                Rule(field=name, code="bad_time", broken=unread, message="{value} is not a date such as 1990-05-31")
            )
    states = ", ".join(ConsentState)
    for name in PURPOSES:
        if columns.has(name):
            unread = pl.col(f"={name}") & pl.col(name).is_null()
            message = f"{{value}} is neither yes nor no, nor one of: {states}"
            rules.append(Rule(field=name, code="bad_consent", broken=unread, message=message))
    return rules
