"""How training says how far it is; whoever starts it decides how that looks."""

from typing import Protocol


class Progress(Protocol):
    """Called whenever a stage has moved on."""

    def __call__(self, stage: str, done: int, total: int, unit: str) -> None:
        """``done`` of ``total`` ``unit`` of ``stage`` are finished."""
        ...


def quiet(stage: str, done: int, total: int, unit: str) -> None:
    """Say nothing."""
    del stage, done, total, unit
