"""What runs there are, what is in one, how two differ, which is served. Plain data out; the command line draws it.

A bundle's description (``meta``) is the trainer's. Read here: ``parent`` (a run id), ``data_window`` (``first`` and
``last``, RFC 3339), ``counts``, ``seed``, ``recipe`` (hyper-parameters, and weights under a name that is or ends in
``weights`` or ``blends``) and ``metrics``. Each may be missing. Nested names are joined by dots.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recommender.bundle import Manifest, Shelf
from recommender.domain.errors import BundleRefusedError, NoBundleError

Scalar = str | int | float | bool | None

_WEIGHTS = ("weights", "blends")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One line of the list. ``refused`` says why a run cannot be used; then only its name and marks are known."""

    run_id: str
    created: str | None
    first: str | None
    last: str | None
    metrics: Mapping[str, float]
    size_bytes: int | None
    current: bool
    previous: bool
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayRow:
    """One array of a bundle."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """Everything worth knowing of one run."""

    row: ModelRow
    parent: str | None
    seed: int | None
    code_version: str
    libraries: Mapping[str, str]
    content: str
    counts: Mapping[str, Scalar]
    recipe: Mapping[str, Scalar]
    weights: Mapping[str, Scalar]
    arrays: tuple[ArrayRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value that differs; None where a run does not have it. ``delta`` is right minus left, for numbers."""

    name: str
    left: Scalar
    right: Scalar
    delta: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDiff:
    """How the right run differs from the left one, each group by name. ``same_arrays``: they learned exactly the same."""

    left: str
    right: str
    same_arrays: bool
    recipe: tuple[Change, ...]
    weights: tuple[Change, ...]
    metrics: tuple[Change, ...]
    surroundings: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Which run is served now and which was before (None: none was)."""

    run_id: str
    before: str | None


def list_models(shelf: Shelf) -> list[ModelRow]:
    """Every run on the shelf, newest first, damaged ones included."""
    return [_row_of_any(shelf, run) for run in reversed(shelf.runs())]


def show(shelf: Shelf, run_id: str) -> ModelCard:
    """One run; its seal is checked, its arrays are not. ``NoBundleError`` or ``BundleRefusedError`` as loading it."""
    manifest = shelf.manifest(run_id)
    recipe, weights = _parted(flat(manifest.meta.get("recipe")))
    seed = manifest.meta.get("seed")
    parent = manifest.meta.get("parent")
    return ModelCard(
        row=_row(shelf, manifest),
        parent=parent if isinstance(parent, str) else None,
        seed=seed if isinstance(seed, int) else None,
        code_version=manifest.code_version,
        libraries=manifest.libraries,
        content=manifest.content,
        counts=flat(manifest.meta.get("counts")),
        recipe=recipe,
        weights=weights,
        arrays=tuple(
            ArrayRow(name=file.array, dtype=file.dtype, shape=file.shape, size_bytes=file.bytes)
            for file in manifest.files
        ),
    )


def diff(shelf: Shelf, left: str, right: str) -> ModelDiff:
    """What changed from one run to another: hyper-parameters, weights, metrics, and what stood around them."""
    one, other = show(shelf, left), show(shelf, right)
    return ModelDiff(
        left=left,
        right=right,
        same_arrays=one.content == other.content,
        recipe=_changes(one.recipe, other.recipe),
        weights=_changes(one.weights, other.weights),
        metrics=_changes(one.row.metrics, other.row.metrics),
        surroundings=_changes(_surroundings(one), _surroundings(other)),
    )


def publish(shelf: Shelf, run_id: str) -> Served:
    """Serve this run. Raises as :meth:`~recommender.bundle.Shelf.publish`; the served one then stays."""
    before = _current(shelf)
    shelf.publish(run_id)
    return Served(run_id=run_id, before=before)


def rollback(shelf: Shelf) -> Served:
    """Serve the run served before. Raises as :meth:`~recommender.bundle.Shelf.rollback`; the served one then stays."""
    before = shelf.current()
    return Served(run_id=shelf.rollback(), before=before)


def flat(found: Any, name: str = "") -> dict[str, Scalar]:
    """Nested names joined by dots, lists by position; only plain values are kept.

    >>> flat({"als": {"factors": 64}, "seed": 1})
    {'als.factors': 64, 'seed': 1}
    """
    if isinstance(found, Mapping):
        inner: Sequence[tuple[str, Any]] = [(str(key), value) for key, value in found.items()]
    elif isinstance(found, (list, tuple)):
        inner = [(str(place), value) for place, value in enumerate(found)]
    else:
        return {name: found} if name and (found is None or isinstance(found, (str, int, float))) else {}
    made: dict[str, Scalar] = {}
    for key, value in inner:
        made |= flat(value, f"{name}.{key}" if name else key)
    return made


def _row_of_any(shelf: Shelf, run_id: str) -> ModelRow:
    try:
        return _row(shelf, shelf.manifest(run_id))
    except (BundleRefusedError, NoBundleError) as error:
        return ModelRow(
            run_id=run_id,
            created=None,
            first=None,
            last=None,
            metrics={},
            size_bytes=None,
            current=run_id == _current(shelf),
            previous=False,
            refused=str(error),
        )


def _row(shelf: Shelf, manifest: Manifest) -> ModelRow:
    window = flat(manifest.meta.get("data_window"))
    first, last = window.get("first"), window.get("last")
    metrics = flat(manifest.meta.get("metrics"))
    current = _current(shelf)
    return ModelRow(
        run_id=manifest.run_id,
        created=manifest.created,
        first=first if isinstance(first, str) else None,
        last=last if isinstance(last, str) else None,
        metrics={name: number for name, value in metrics.items() if (number := _number(value)) is not None},
        size_bytes=manifest.total_bytes,
        current=manifest.run_id == current,
        previous=current is not None and manifest.run_id == shelf.previous(),
    )


def _current(shelf: Shelf) -> str | None:
    """The run served; None too where the pointer cannot be read: lists are for finding out."""
    try:
        return shelf.current()
    except BundleRefusedError:
        return None


def _parted(recipe: Mapping[str, Scalar]) -> tuple[dict[str, Scalar], dict[str, Scalar]]:
    weights = {name: value for name, value in recipe.items() if any(p.endswith(_WEIGHTS) for p in name.split("."))}
    return {name: value for name, value in recipe.items() if name not in weights}, weights


def _surroundings(card: ModelCard) -> dict[str, Scalar]:
    around: dict[str, Scalar] = {
        "data_window.first": card.row.first,
        "data_window.last": card.row.last,
        "seed": card.seed,
        "code_version": card.code_version,
    }
    around |= {f"counts.{name}": value for name, value in card.counts.items()}
    return around | {f"libraries.{name}": version for name, version in card.libraries.items()}


def _changes(left: Mapping[str, Scalar], right: Mapping[str, Scalar]) -> tuple[Change, ...]:
    names = [*left, *(name for name in right if name not in left)]
    return tuple(
        Change(name=name, left=left.get(name), right=right.get(name), delta=_delta(left.get(name), right.get(name)))
        for name in names
        if (name in left, left.get(name)) != (name in right, right.get(name))
    )


def _delta(left: Scalar, right: Scalar) -> float | None:
    a, b = _number(left), _number(right)
    return None if a is None or b is None else b - a


def _number(value: Scalar) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
