"""``python -m recommender`` and the command ``recommender``."""

import gc
import signal
import sys

import recommender.threads  # noqa: F401 - sets BLAS threads before anything loads numpy


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Code that is loaded stays: looking for rubbish in it as often as usual is a tenth of a short command.
    gc.set_threshold(10_000, 10, 10)
    if {"serve", "demo"} & set(sys.argv[1:]):  # a shell may have started us with SIGINT ignored; these must hear it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        from recommender.cli import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # before the command itself could hear it
        code = 128 + signal.SIGINT
    sys.exit(code)


if __name__ == "__main__":
    main()
