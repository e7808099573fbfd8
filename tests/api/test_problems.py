"""Errors as people and programs read them."""

import json
from collections.abc import Callable

import msgspec
import pytest
from flask.testing import FlaskClient
from storefronts import make_app
from werkzeug.test import TestResponse

from recommender.api.app import MAX_BODY_BYTES, REFUSAL_KEY
from recommender.api.problems import CODES, Problem
from recommender.domain.errors import RecommenderError, StoreUnavailableError

HOME = "/v1/recommendations/home"

CALLS: dict[int, Callable[[FlaskClient], TestResponse]] = {
    400: lambda client: client.get(f"{HOME}?size=abc"),
    403: lambda client: client.get(HOME, headers={"Host": "evil.example"}),
    404: lambda client: client.get("/nowhere"),
    405: lambda client: client.delete("/healthz"),
    408: lambda client: client.post(HOME, json={}, environ_overrides={REFUSAL_KEY: ("slow_body", "Too slow.")}),
    413: lambda client: client.post(HOME, data=b" " * (MAX_BODY_BYTES + 1), content_type="application/json"),
    415: lambda client: client.post(HOME, data="size=3", content_type="application/x-www-form-urlencoded"),
}


@pytest.mark.parametrize("status", CALLS)
def test_every_kind_of_refusal_is_a_problem(status: int) -> None:
    answer = CALLS[status](make_app().test_client())
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    problem = msgspec.json.decode(answer.data, type=Problem)
    assert (problem.status, problem.request_id) == (status, answer.headers["X-Request-Id"])
    assert problem.title
    assert problem.detail.endswith((".", "…"))


def test_a_405_names_the_methods_that_work() -> None:
    assert "GET" in make_app().test_client().delete("/healthz").headers["Allow"]


def test_a_problems_type_can_be_opened() -> None:
    client = make_app().test_client()
    for code, (status, title) in CODES.items():
        page = client.get(f"/problems/{code}")
        assert page.status_code == 200
        assert title in page.text
        assert str(status) in page.text


def test_an_unknown_problem_is_itself_a_problem() -> None:
    assert make_app().test_client().get("/problems/nonsense").status_code == 404


def test_a_store_that_is_down_says_when_to_come_back() -> None:
    app = make_app()

    def down() -> str:
        raise StoreUnavailableError("/srv/shop.db is locked")

    app.view_functions["operations.healthz"] = _public(down)
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()["code"], answer.headers["Retry-After"]) == (
        503,
        "store_unavailable",
        "2",
    )
    assert "/srv" not in answer.text


def test_an_error_of_ours_keeps_its_words_to_itself() -> None:
    app = make_app()

    def broken() -> str:
        raise RecommenderError("the table customers is broken")

    app.view_functions["operations.healthz"] = _public(broken)
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_error")
    assert "customers" not in answer.text


@pytest.mark.parametrize(
    "path", ["/v1//recommendations/home", "/v1/recommendations/home/", "/v1/recommendations/", "/\xff", "/../etc"]
)
def test_no_other_spelling_of_an_address_leads_anywhere(path: str) -> None:
    answer = make_app().test_client().get("/", environ_overrides={"PATH_INFO": path})
    assert answer.status_code == 404
    assert json.loads(answer.data)["code"] == "not_found"


def _public(view: Callable[[], str]) -> Callable[[], str]:
    from recommender.api.access import allow

    return allow()(view)
