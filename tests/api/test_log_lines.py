"""What the log holds: one JSON line per request, and nobody in it."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from storefronts import Tokens, make_app, opened

from recommender.api.log_lines import set_up_logging
from recommender.domain.requests import Request
from recommender.domain.slates import Slate

HOME = "/v1/recommendations/home"


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger("recommender")
    before = (root.handlers, root.level, root.propagate)
    set_up_logging(tmp_path / "service.log")
    yield tmp_path / "service.log"
    root.handlers, root.level, root.propagate = before[0], before[1], before[2]


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_request_leaves_one_line_with_the_routes_template(log_file: Path) -> None:
    answer = make_app().test_client().get(f"{HOME}?size=1")
    (line,) = lines(log_file)
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/recommendations/<scenario>", 200)
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert isinstance(line["ms"], float)
    assert set(line) == {"time", "level", "log", "method", "route", "status", "ms", "request_id"}


def test_what_leads_nowhere_is_logged_without_its_address(log_file: Path) -> None:
    make_app().test_client().get("/customers/anna@example.com")
    assert [line["route"] for line in lines(log_file)] == ["-"]


def test_no_id_key_or_address_reaches_the_log(log_file: Path, tmp_path: Path) -> None:
    def broken(request: Request) -> Slate:
        raise RuntimeError(f"cannot answer {request.person}")

    canaries = ["v-canary", "c-canary", "i-canary", "anna@example.com", "10.9.8.7", "agent-canary"]
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        client = make_app(recommend=broken, resort=broken_too, keys=tokens.ring).test_client()
        query = "visitor_id=v-canary&customer_id=c-canary&item_id=i-canary&identity=anna@example.com"
        secret = [tokens.pk, tokens.sk, tokens.revoked]
        for headers in (
            {"X-API-Key": tokens.sk},
            {"X-API-Key": tokens.revoked},
            {"Authorization": f"Bearer {tokens.sk}"},
        ):
            more = {"User-Agent": "agent-canary", "X-Forwarded-For": "10.9.8.7", **headers}
            client.get(f"{HOME}?{query}", headers=more)
            client.post(HOME, json={"visitor_id": "v-canary", "size": "c-canary"}, headers=more)
            client.get(f"/anna@example.com?{query}", headers=more)
        client.get(f"{HOME}?{query}&key={tokens.pk}")
        client.get(f"{HOME}?key={tokens.sk}")
    text = log_file.read_text()
    assert len(lines(log_file)) >= 11
    assert [word for word in (*canaries, *secret) if word in text] == []


def broken_too(request: Request, *, fallback: str) -> Slate:
    raise ValueError(f"{fallback}: {request.person}")


def test_a_line_is_one_line_whatever_it_says(log_file: Path) -> None:
    logging.getLogger("recommender.x").warning("a\nb\r\x1b[31m\u2028c")
    assert len(log_file.read_text().splitlines()) == 1
    assert lines(log_file)[0]["message"] == "a\nb\r\x1b[31m\u2028c"


def test_an_exception_is_logged_by_its_class_and_places_not_its_words(log_file: Path) -> None:
    try:
        int("c-canary")
    except ValueError:
        logging.getLogger("recommender.x").exception("it broke")
    (line,) = lines(log_file)
    assert (line["message"], line["error"]) == ("it broke", "ValueError")
    assert "test_log_lines.py" in str(line["at"])
    assert "canary" not in log_file.read_text()
