"""The model in use follows what is published, one reference at a time."""

import logging
from pathlib import Path
from typing import Any, cast

import pytest

from recommender.domain.errors import BundleRefusedError
from recommender.model.contract import Model
from recommender.services.model_source import RETRY_SECONDS, ModelSource

ONE, TWO = (cast("Model", object()) for _ in range(2))


class Shelf:
    """What is published: a number that changes, and what loading it gives (an error, nothing, or a model)."""

    def __init__(self) -> None:
        self.stamp = 0
        self.content: Any = None
        self.loads = 0
        self.seconds = 0.0

    def publish(self, content: Any) -> None:
        self.stamp += 1
        self.content = content

    def load(self) -> tuple[str, Model] | None:
        self.loads += 1
        if isinstance(self.content, Exception):
            raise self.content
        return cast("tuple[str, Model] | None", self.content)

    def source(self) -> ModelSource:
        return ModelSource(stamp=lambda: self.stamp, load=self.load, monotonic=lambda: self.seconds)


def test_before_the_first_publish_there_is_no_model() -> None:
    source = Shelf().source()
    source.poll()
    assert source() is None


def test_a_published_model_is_taken_up_and_loaded_once() -> None:
    shelf = Shelf()
    source = shelf.source()
    shelf.publish(("run-1", ONE))
    assert [source.poll(), source.poll(), source.poll()] == [True, False, False]
    assert source() == ("run-1", ONE)
    assert shelf.loads == 1


def test_a_newer_model_replaces_the_older_and_a_rollback_brings_it_back() -> None:
    shelf = Shelf()
    source = shelf.source()
    for content in (("run-1", ONE), ("run-2", TWO), ("run-1", ONE)):
        shelf.publish(content)
        source.poll()
        assert source() == content


@pytest.mark.parametrize(
    "error",
    [
        BundleRefusedError("a bit is flipped"),
        OSError(24, "too many files"),
        ValueError("x"),
        AttributeError("x"),
        EOFError(),
        MemoryError(),
    ],
)
def test_a_bundle_that_cannot_be_loaded_leaves_the_old_model_and_is_said_once(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("recommender").propagate = True
    shelf = Shelf()
    source = shelf.source()
    shelf.publish(("run-1", ONE))
    source.poll()
    shelf.publish(error)
    for _ in range(5):
        source.poll()
    assert source() == ("run-1", ONE)
    assert source.stale
    assert [record.levelname for record in caplog.records if record.name == "recommender.model"].count("ERROR") == 1


@pytest.mark.parametrize("error", [OSError("disk busy"), ZeroDivisionError(), RuntimeError("c1 was here")])
def test_a_refused_bundle_is_tried_again_after_a_while(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("recommender").propagate = True
    shelf = Shelf()
    source = shelf.source()
    shelf.publish(error)
    assert not source.poll()
    assert source.stale
    assert "c1 was here" not in caplog.messages[-1]
    shelf.content = ("run-1", ONE)
    source.poll()
    assert source() is None
    shelf.seconds += RETRY_SECONDS
    source.poll()
    assert source() == ("run-1", ONE)
    assert not source.stale


def test_a_reference_taken_before_the_swap_stays_whole() -> None:
    shelf = Shelf()
    source = shelf.source()
    shelf.publish(("run-1", ONE))
    source.poll()
    held = source()
    shelf.publish(("run-2", TWO))
    source.poll()
    assert held == ("run-1", ONE)


def test_an_empty_models_folder_gives_no_model(tmp_path: Path) -> None:
    from recommender.bundle import Shelf as RealShelf

    shelf = RealShelf(tmp_path / "models")
    source = ModelSource(stamp=shelf.stamp, load=lambda: None)
    assert not source.poll()
    assert source() is None
