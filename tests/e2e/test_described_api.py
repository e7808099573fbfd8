"""The service against its own description: whatever is sent, it never breaks, and answers only as it says it does."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from small_shop import fill, publish

from recommender.api import create_app
from recommender.domain.keys import KeyClass
from recommender.services.keys import create_key
from recommender.settings import Settings, checked
from recommender.wiring import connect, service_of

ROOT = Path(__file__).parents[2]
EXAMPLES = 5
"""Per call and kind: as described, or not quite."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@dataclass(frozen=True)
class Running:
    """The application over a small shop, and a key of each class."""

    app: Flask
    tokens: Mapping[KeyClass, str]

    @property
    def description(self) -> dict[str, Any]:
        found: dict[str, Any] = self.app.test_client().get("/openapi.json").get_json()
        return found


@contextmanager
def opened_service(home: Path) -> Iterator[Running]:
    fill(home)
    publish(home, "20260301T000000Z")
    with connect(checked(Settings(home=home, limit_per_address=0, limit_per_key=0))) as shop:
        made = {kind: create_key(shop.stores.keys, key_class=kind, now=datetime.now(UTC)) for kind in KeyClass}
        service, watches = service_of(shop, open_to_all=False)
        for watch in watches:
            watch.start()
        try:
            yield Running(create_app(service), {kind: one.token for kind, one in made.items()})
        finally:
            for watch in watches:
                watch.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with opened_service(tmp_path_factory.mktemp("shop")) as found:
        yield found


@pytest.mark.slow
def test_no_call_that_the_description_allows_or_nearly_allows_breaks_the_service(running: Running) -> None:
    """To think of a call takes longer than to answer it: each is made with a key of every class."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", running.app)
    statuses: dict[KeyClass, Counter[int]] = {key_class: Counter() for key_class in KeyClass}
    for found, mode in product(schema.get_all_operations(), GenerationMode):
        assert isinstance(found, Ok)
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(mode))
        def ask(case: Any) -> None:
            for key_class, seen in statuses.items():
                headers = {"X-API-Key": running.tokens[key_class]}
                seen[case.call_and_validate(headers=headers, checks=CHECKS).status_code] += 1

        with suppress(Unsatisfiable):  # nothing can be wrong with a call that takes nothing
            ask()
    for key_class, seen in statuses.items():
        assert seen.total() > 100
        assert seen[200] > 5
        assert seen[403 if key_class is KeyClass.ADM else 400] > 3


def test_the_description_that_is_checked_in_is_the_one_that_is_served() -> None:
    made = subprocess.run(
        [sys.executable, str(ROOT / "scripts/document_api.py"), "--stdout"], capture_output=True, text=True, check=False
    )
    assert made.stdout == (ROOT / "docs/openapi.json").read_text(encoding="utf-8"), made.stderr


def test_every_reference_of_the_description_leads_somewhere(running: Running) -> None:
    description = running.description
    text = json.dumps(description)
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    schemas = set(description["components"]["schemas"])
    assert named <= schemas
    assert [name for name in schemas if "." in name] == [], "a name tells where our code lies"
    assert {"EventItem", "CatalogueItem"} <= schemas
