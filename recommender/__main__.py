"""``python -m recommender`` and the command ``recommender``."""

import sys

import recommender.threads  # noqa: F401 - sets BLAS threads before anything loads numpy


def main() -> None:
    """Run the command line and leave with its exit code."""
    from recommender.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
