"""Nothing that names a person or opens a door leaves the service by its side exits: log, numbers, problems."""

import json
import logging
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import quote

import pytest
from identity_tokens import sign
from storefronts import READY, Spy, Tokens, make_app, opened

from recommender.api.admin import Overview
from recommender.api.log_lines import JsonLines
from recommender.bundle import Shelf
from recommender.domain.errors import StoreUnavailableError
from recommender.domain.requests import Request
from recommender.domain.slates import Slate

CANARIES = (
    "canary-visitor-4711",
    "canary.person@example.com",
    "Canaria Canarska",
    "sk_canarycanarycanarycanary",
    "pk_canarycanarycanarycanary",
    "+48 600 000 471",
    sign("canary-customer", key_id="canary", secret="c" * 32, expires=1_800_000_000),
)
PATHS = ("/v1/recommendations/home", "/v1/recommendations/{}", "/v1/visitors", "/{}", "/problems/{}", "/readyz")
NAMES = ("visitor_id", "customer_id", "item_id", "identity", "key", "unknown", "email")


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Path]:
    """Where the log of this test goes."""
    path = tmp_path / "log"
    root = logging.getLogger("recommender")
    before = (root.handlers, root.level, root.propagate)
    root.handlers, root.propagate = [JsonLines(str(path))], False
    root.setLevel(logging.DEBUG)
    yield path
    root.handlers, root.propagate = before[0], before[2]
    root.setLevel(before[1])


def sometimes_broken(request: Request) -> Slate:
    if request.cart:
        raise StoreUnavailableError(f"no answer for {request.person} {request.cart}")
    return Spy()(request)


def test_no_canary_gets_into_the_log_the_numbers_or_a_problem(tmp_path: Path, lines: Path) -> None:
    problems: list[str] = []
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        overview = Overview(shelf=Shelf(tmp_path / "models"), stores=stores, ready=lambda: READY)
        client = make_app(recommend=sometimes_broken, keys=tokens.ring, overview=overview).test_client()
        for canary, path, name in product(CANARIES, PATHS, NAMES):
            address = path.format(quote(canary, safe=""))
            for query in (f"{name}={quote(canary)}", f"key={tokens.pk}&cart=c&{name}={quote(canary)}"):
                for headers in ({}, {"X-API-Key": tokens.sk}, {"X-API-Key": canary}, {"User-Agent": canary}):
                    answer = client.get(f"{address}?{query}", headers=headers)
                    if answer.status_code >= 400:
                        problems.append(answer.text)
            answer = client.post(address, json={name: canary}, headers={"X-API-Key": tokens.sk})
            if answer.status_code >= 400:
                problems.append(answer.text)
        numbers = client.get("/metrics").text
        kept = (tokens.pk, tokens.sk, tokens.adm)
    log = lines.read_text(encoding="utf-8")
    assert len(log.splitlines()) > 2_000
    assert all(json.loads(line)["time"] for line in log.splitlines())
    assert len(problems) > 500
    log = re.sub(r'"request_id":"[0-9a-f]{16}"', "", log)  # digits of chance and of durations are nobody's
    numbers = re.sub(r" [0-9.e+-]+$", "", numbers, flags=re.MULTILINE)
    for secret in (*CANARIES, *kept, "4711", "canary", "Canar", quote(CANARIES[1], safe="")):
        assert secret not in log, secret
        assert secret not in numbers, secret
    for secret in (*kept, *(canary for canary in CANARIES if canary.startswith(("sk_", "v1.")))):
        assert not [text for text in problems if secret in text], secret
