"""``python -m recommender.rewrite``: write the catalogue for all processes of a home, and end.

Started by a worker (:mod:`recommender.services.catalogue_child`), with less of the processor than those that answer.
"""

import os
import sys
from pathlib import Path

import msgspec

import recommender.threads  # noqa: F401 - sets BLAS threads before anything loads numpy
from recommender.domain.errors import BusyError, RecommenderError
from recommender.services.catalogue_child import BUSY, DONE, FAILED, Order
from recommender.settings import Settings
from recommender.wiring import write_catalogue

NICENESS = 10


def main() -> int:
    """Read the order, write; the exit code tells how it went, the last line of stderr why not."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    os.nice(NICENESS)
    try:
        write_catalogue(Settings(home=Path(order.home), database_url=order.database_url), wait=order.wait)
    except BusyError:
        return BUSY
    except (OSError, RecommenderError) as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    return DONE


if __name__ == "__main__":
    sys.exit(main())
