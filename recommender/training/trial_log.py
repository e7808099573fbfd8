"""Trials as they are kept: in a file of the home, so that a training that was stopped is taken up where it was.

No person is in it: hyper-parameters, figures over all lists, and seconds.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

from recommender import __version__
from recommender.algorithms import GENERATORS
from recommender.algorithms.ranges import space_of
from recommender.domain.errors import StoreUnavailableError
from recommender.interactions import Interactions
from recommender.training.blends import Blend

FORMAT = 1
KEPT_FILES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Hyper-parameters that were tried.

    Attributes
    ----------
    params : mapping
        All of the generator's.
    gains : mapping of window number to float
        Change of NDCG@10 of the blends the generator speaks in; a trial that was cut has not seen every window.
    alone : float
        Change of the generator's own NDCG@10, mean of the windows it has seen.
    seconds : float
        By the clock; 0 where none was given.
    """

    generator: str
    params: Mapping[str, float]
    gains: Mapping[int, float]
    alone: float
    cut: bool
    seconds: float

    @property
    def gain(self) -> float:
        """Mean of the windows it has seen."""
        return sum(self.gains.values()) / len(self.gains)

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> Self:
        """Read :meth:`as_json` back; raises KeyError, TypeError, ValueError or AttributeError for anything else."""
        return cls(
            generator=str(said["generator"]),
            params={str(name): float(value) for name, value in said["params"].items()},
            gains={int(number): float(gain) for number, gain in said["gains"].items()},
            alone=float(said["alone"]),
            cut=bool(said["cut"]),
            seconds=float(said["seconds"]),
        )

    def as_json(self) -> dict[str, Any]:
        """The trial as an object of plain values."""
        return {
            "generator": self.generator,
            "params": dict(self.params),
            "gains": {str(number): gain for number, gain in self.gains.items()},
            "alone": self.alone,
            "cut": self.cut,
            "seconds": round(self.seconds, 3),
        }


class Known(Protocol):
    """Trials of an earlier search on the same data, and where new ones are noted."""

    @property
    def warm(self) -> Mapping[str, Mapping[str, float]]:
        """Hyper-parameters to try first, by generator: what was kept the last time."""
        ...

    def recall(self, number: int, generator: str, params: Mapping[str, float]) -> Trial | None:
        """The trial of this number, if it tried the same."""
        ...

    def note(self, number: int, trial: Trial) -> None:
        """Keep a trial that is finished, the one of this number."""
        ...


class Unknown:
    """Nothing known and nothing noted."""

    warm: Mapping[str, Mapping[str, float]] = {}

    def recall(self, number: int, generator: str, params: Mapping[str, float]) -> Trial | None:
        """None."""
        del number, generator, params
        return None

    def note(self, number: int, trial: Trial) -> None:
        """Forget it."""
        del number, trial


def key_of(interactions: Interactions, seed: int, weights: Mapping[str, Blend]) -> str:
    """A name for a search: equal for equal interactions, seed, blends, generators, ranges and version of the program."""
    told = [(spec.name, dict(spec.defaults), repr(space_of(spec))) for spec in GENERATORS]
    blends = {place: dict(blend.weights) for place, blend in weights.items()}
    name = blake2b(json.dumps([FORMAT, __version__, seed, told, blends]).encode(), digest_size=12)
    for one in fields(interactions):
        value = getattr(interactions, one.name)
        array = isinstance(value, np.ndarray)
        name.update(np.ascontiguousarray(value).tobytes() if array else repr(value).encode())
    return name.hexdigest()


class TrialFile:
    """The trials of one search, a line each, appended as they end. Make it with :meth:`opened`.

    A line cut short by a crash is dropped. Trials are recalled in their order as long as they are those the search draws up again.
    """

    def __init__(self, path: Path, trials: Sequence[Trial], warm: Mapping[str, Mapping[str, float]]) -> None:
        self.path, self.warm = path, warm
        self._trials = list(trials)

    @classmethod
    def opened(cls, folder: Path, key: str) -> Self:
        """Take a search up, or begin one warmed by what the newest other search kept; old files go.

        Raises
        ------
        StoreUnavailableError
            The folder cannot be written to.
        """
        path = folder / f"{key}.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            others = sorted((one for one in folder.glob("*.jsonl") if one != path), key=_age, reverse=True)
            while len(others) >= KEPT_FILES:
                others.pop().unlink(missing_ok=True)
            if not path.exists():
                warm = next((kept for kept in map(_kept, others) if kept is not None), {})
                path.write_text(json.dumps({"format": FORMAT, "warm": warm}) + "\n", encoding="utf-8")
            return cls(path, *_read(path))
        except OSError as error:
            raise _unwritable(path, error) from error

    def recall(self, number: int, generator: str, params: Mapping[str, float]) -> Trial | None:
        """The trial of this number, if it tried the same; else it and all after it are forgotten."""
        if number >= len(self._trials):
            return None
        trial = self._trials[number]
        if trial.generator == generator and dict(trial.params) == dict(params):
            return trial
        self._forget(number)
        return None

    def note(self, number: int, trial: Trial) -> None:
        """Append a trial, the one of this number."""
        if number != len(self._trials):
            self._forget(number)
        self._trials.append(trial)
        self._append({"trial": trial.as_json()})

    def note_kept(self, params: Mapping[str, Mapping[str, float]]) -> None:
        """Say what was kept in the end: the next search, on other data, begins with it."""
        self._append({"kept": {name: dict(values) for name, values in params.items()}})

    def _forget(self, number: int) -> None:
        del self._trials[number:]
        lines = [{"format": FORMAT, "warm": self.warm}, *({"trial": trial.as_json()} for trial in self._trials)]
        try:
            self.path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def _append(self, line: Mapping[str, Any]) -> None:
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            raise _unwritable(self.path, error) from error


def _unwritable(path: Path, error: OSError) -> StoreUnavailableError:
    return StoreUnavailableError(f"The trials of tuning cannot be kept in {path}: {error.strerror}.")


def _age(path: Path) -> float:
    return path.stat().st_mtime


def _lines(path: Path) -> list[dict[str, Any]]:
    """The lines that can be read, up to the first that cannot."""
    out: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            said = json.loads(line)
        except json.JSONDecodeError:
            break
        if not isinstance(said, dict):
            break
        out.append(said)
    return out


def _read(path: Path) -> tuple[list[Trial], dict[str, dict[str, float]]]:
    """Trials and warm starts of a file, which loses a torn end."""
    lines = _lines(path)
    clean = "".join(json.dumps(line) + "\n" for line in lines)
    if path.read_text(encoding="utf-8", errors="replace") != clean:
        path.write_text(clean, encoding="utf-8")
    warm = _params(lines[0].get("warm")) if lines else {}
    trials: list[Trial] = []
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        trials.extend(Trial.of_json(line["trial"]) for line in lines[1:] if "trial" in line)
    return trials, warm or {}


def _kept(path: Path) -> dict[str, dict[str, float]] | None:
    """What the file's search kept the last time it ended; None if it never did."""
    found = [_params(line["kept"]) for line in _lines(path) if "kept" in line]
    return found[-1] if found else None


def _params(said: Any) -> dict[str, dict[str, float]] | None:
    try:
        return {str(name): {str(k): float(v) for k, v in values.items()} for name, values in said.items()}
    except (AttributeError, TypeError, ValueError):
        return None
