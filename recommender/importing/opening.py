"""From a path to a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recommender.importing.csv_table import open_csv
from recommender.importing.files import plain_file, recognise
from recommender.importing.jsonl_table import open_jsonl
from recommender.importing.parquet_table import open_parquet
from recommender.importing.report import Progress
from recommender.importing.tables import Table


@contextmanager
def open_table(path: Path, progress: Progress) -> Iterator[Table]:
    """The table in a file, recognised by its content; every fault of the file itself is a ``BadInputError``."""
    found = recognise(path, progress)
    if found.format == "parquet":
        with plain_file(found) as plain:
            yield open_parquet(found, plain)
    elif found.format == "jsonl":
        yield open_jsonl(found)
    else:
        yield open_csv(found)
