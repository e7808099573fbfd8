"""What every command is given: the settings and how to speak."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from recommender.settings import Settings, checked, from_environment

if TYPE_CHECKING:
    from recommender.wiring import Shop

FLAGS = {"--json": "--json", "--quiet": "--quiet", "-q": "--quiet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Settings of this call, and whether to print JSON or progress."""

    settings: Settings
    json: bool
    quiet: bool

    @classmethod
    def build(cls, *, home: str | None, json: bool, quiet: bool) -> "State":
        """Read the environment; ``--home`` beats it."""
        settings = from_environment(os.environ)
        if home is not None:
            settings = checked(replace(settings, home=Path(home)))
        return cls(settings=settings, json=json, quiet=quiet)

    def shop(self) -> "Shop":
        """Connect to the stores of this home, and begin a shop where there is none."""
        from recommender.wiring import connect

        return connect(self.settings)

    def known_shop(self) -> "Shop":
        """Connect to the stores of a home that has a shop: for commands that only look, erase or send again.

        Raises
        ------
        BadInputError
            There is none: the home is mistyped, most likely.
        """
        from recommender.wiring import check_known, connect

        check_known(self.settings)
        return connect(self.settings)


def hoist(arguments: Sequence[str]) -> list[str]:
    """Move ``--home DIR``, ``--json`` and ``--quiet`` to the front, so that they may stand anywhere.

    Everything after ``--`` is left alone.
    """
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in FLAGS:
            front.append(FLAGS[word])
        elif word == "--home":
            front += [word, *([value] if (value := next(words, None)) is not None else [])]
        elif word.startswith("--home="):
            front.append(word)
        else:
            rest.append(word)
    return front + rest
