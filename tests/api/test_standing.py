"""How honest readiness is."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from storefronts import READY, make_app, opened

from recommender.api.standing import Readiness, Standing
from recommender.domain.errors import StoreUnavailableError
from recommender.domain.items import Item
from recommender.domain.ports import Stores
from recommender.model.contract import Model
from recommender.services.catalogue_view import CatalogueView
from recommender.services.model_source import ModelSource
from recommender.services.watching import Watch


def standing(
    stores: Stores, *, model: Model | None = None, items: Iterable[Item] = (), watch: Watch | None = None
) -> Standing:
    stores.catalogue.put(items)
    models = ModelSource(stamp=lambda: "now", load=lambda: None if model is None else ("run-1", model))
    models.poll()
    watches = (watch,) if watch else ()
    return Standing(models=models, catalogue=CatalogueView(stores.catalogue), watches=watches)


def test_with_neither_model_nor_items_nothing_can_be_shown(tmp_path: Path) -> None:
    with opened(tmp_path) as stores:
        found = standing(stores)()
    assert found == Readiness(
        status="not_ready", model=None, checks={"model": "empty", "catalogue": "empty", "database": "ok"}
    )


def test_with_items_but_no_model_it_is_degraded(tmp_path: Path) -> None:
    with opened(tmp_path) as stores:
        assert standing(stores, items=[Item(item_id="a")])().status == "degraded"


def test_a_store_that_fails_its_check_degrades(tmp_path: Path) -> None:
    def down() -> None:
        raise StoreUnavailableError("gone")

    watch = Watch({"log": down})
    with opened(tmp_path) as stores:
        look = standing(stores, items=[Item(item_id="a")], watch=watch)
        assert look().checks["database"] == "ok"
        watch.once()
        assert look().checks["database"] == "degraded"


@pytest.mark.parametrize(("status", "code"), [("ready", 200), ("degraded", 200), ("not_ready", 503)])
def test_readyz_fails_only_when_nothing_can_be_shown(status: str, code: int) -> None:
    found = Readiness(status=status, model=None, checks={})  # type: ignore[arg-type] # the parameter is one of the words
    answer = make_app(ready=lambda: found).test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (code, status)


def test_healthz_says_that_the_process_answers() -> None:
    assert make_app(ready=lambda: READY).test_client().get("/healthz").json == {"status": "ok"}
