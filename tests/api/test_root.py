"""The page at the root."""

from storefronts import make_app

from recommender.api.root import Link, content


def test_the_page_names_where_to_look() -> None:
    text = make_app().test_client().get("/").text
    for address in ("/openapi.json", "/readyz", "/v1/recommendations/home"):
        assert address in text


def test_examples_and_note_cannot_break_out_of_the_page() -> None:
    text = content([Link(address='/x?a="><script>', text="<b>")], "<i>")
    assert "<script>" not in text
    assert "<b>" not in text
    assert "<i>" not in text


def test_the_page_runs_no_script_and_loads_nothing() -> None:
    answer = make_app().test_client().get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in answer.text
