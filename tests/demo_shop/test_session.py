"""The one cookie: what is in it, and what is not."""

import pytest
from flask import Flask, Request, Response
from werkzeug.test import EnvironBuilder

from recommender.demo_shop.session import MOST_LINES, Cookies, Placed, State
from recommender.domain.requests import Language

COOKIES = Cookies(b"secret", first="c1")


def asked(cookie: str | None = None, *, languages: str = "") -> Request:
    headers = [("Accept-Language", languages)] if languages else []
    if cookie is not None:
        headers.append(("Cookie", f"demo={cookie}"))
    return Request(EnvironBuilder(path="/demo", headers=headers).get_environ())


def sent(state: State) -> tuple[str, str]:
    """The cookie's value and the whole header."""
    with Flask("test").test_request_context():
        response = Response()
        COOKIES.write(state, response)
    header = response.headers["Set-Cookie"]
    return header.partition("=")[2].partition(";")[0], header


def test_what_was_written_is_read_again() -> None:
    state = State(
        person="c2",
        visitor_id="demo-1",
        consent=True,
        language=Language.RU,
        basket={"i1": 2},
        placed=Placed(order_id="demo-9", lines={"i1": 1}),
    )
    assert COOKIES.read(asked(sent(state)[0])) == state


def test_the_cookie_is_for_the_shops_pages_only_and_out_of_reach_of_scripts() -> None:
    header = sent(State(person=None, visitor_id="", consent=False, language=Language.EN))[1]
    assert {"Path=/demo", "HttpOnly", "SameSite=Lax"} <= set(header.split("; "))
    assert "Expires" not in header
    assert "Max-Age" not in header


@pytest.mark.parametrize("cookie", [None, "", "x.y", "WyJjMiJd.forged"])
def test_a_browser_without_a_cookie_of_ours_shops_as_the_first_person(cookie: str | None) -> None:
    state = COOKIES.read(asked(cookie))
    assert (state.person, state.consent, state.basket) == ("c1", True, {})
    assert state.visitor_id.startswith("demo-")


def test_a_cookie_signed_with_another_secret_is_not_believed() -> None:
    value = sent(State(person="c2", visitor_id="", consent=False, language=Language.EN))[0]
    assert Cookies(b"other", first="c1").read(asked(value)).person == "c1"


@pytest.mark.parametrize(("wanted", "language"), [("pl-PL,en;q=0.5", "pl"), ("ru", "ru"), ("de", "en"), ("", "en")])
def test_the_first_language_is_the_browsers_if_we_speak_it(wanted: str, language: str) -> None:
    assert COOKIES.read(asked(languages=wanted)).language == language


def test_without_consent_there_is_no_visitor_id_and_nobody_is_known() -> None:
    state = COOKIES.read(asked()).with_consent(given=False)
    assert (state.visitor_id, state.known, state.person) == ("", None, "c1")


def test_every_person_and_every_new_consent_comes_with_a_fresh_visitor_id() -> None:
    first = COOKIES.read(asked())
    second = first.shopping_as("c2")
    third = second.with_consent(given=False).with_consent(given=True)
    assert len({first.visitor_id, second.visitor_id, third.visitor_id}) == 3


def test_another_person_begins_with_an_empty_basket() -> None:
    assert COOKIES.read(asked()).put("i1", 1).shopping_as(None).basket == {}


def test_a_basket_adds_up_keeps_its_order_and_has_bounds() -> None:
    state = COOKIES.read(asked()).put("i1", 1).put("i2", 5).put("i1", 98).put("i1", 98)
    assert list(state.basket.items()) == [("i1", 99), ("i2", 5)]
    assert list(state.set("i1", 0).basket) == ["i2"]
    for place in range(MOST_LINES + 5):
        state = state.put(f"more{place}", 1)
    assert len(state.basket) == MOST_LINES


def test_a_full_basket_still_fits_into_a_cookie() -> None:
    state = COOKIES.read(asked())
    for place in range(MOST_LINES):
        state = state.put(f"{place:05d}WX", 99)
    placed = State(
        person="12345",
        visitor_id=state.visitor_id,
        consent=True,
        language=Language.EN,
        placed=Placed(order_id="demo-12345678", lines=state.basket),
    )
    assert len(sent(placed)[1]) < 4096
