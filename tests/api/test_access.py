"""Who may call what."""

import time
from pathlib import Path

import pytest
from flask import Flask
from identity_tokens import sign
from storefronts import NOW, Spy, Tokens, make_app, opened
from werkzeug.routing import Rule

from recommender.api.access import allow, declared
from recommender.api.identity import Identities
from recommender.api.visitors import Callers, VisitorIds
from recommender.domain.keys import KeyClass
from recommender.services.keys import revoke_key

HOME = "/v1/recommendations/home"
SECRET = "s" * 32


def routes(app: Flask) -> list[tuple[str, Rule]]:
    found = []
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<scenario>", "home").replace("<code>", "forbidden")
        found.append((path, rule))
    return found


def test_every_route_takes_exactly_the_keys_it_declares(tmp_path: Path) -> None:
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        app = make_app(keys=tokens.ring)
        client = app.test_client()
        for path, rule in routes(app):
            classes = declared(app.view_functions[rule.endpoint])
            assert classes is not None, f"{rule.rule} declares no key class"
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                cells = {KeyClass.PK: tokens.pk, KeyClass.SK: tokens.sk, KeyClass.ADM: tokens.adm}
                for kind, token in cells.items():
                    answer = client.open(path, method=method, json={}, headers={"Authorization": f"Bearer {token}"})
                    allowed = not classes or kind in classes
                    assert (answer.status_code not in (401, 403)) is allowed, (rule.rule, method, kind)
                    assert allowed or answer.status_code == 403
                for headers in ({}, {"X-API-Key": tokens.revoked}, {"X-API-Key": "sk_wrong"}, {"X-API-Key": "zażółć"}):
                    answer = client.open(path, method=method, json={}, headers=headers)
                    assert (answer.status_code == 401) is bool(classes), (rule.rule, method, headers)


def test_an_identity_opens_nothing_that_its_key_does_not(tmp_path: Path) -> None:
    """With a proof that holds, one that has expired and one that is forged, every cell of the matrix stays as it was."""
    proofs = [sign("c1", key_id="a", secret=SECRET, expires=int(time.time()) + left) for left in (600, -600)]
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        callers = Callers(identities=Identities({"a": SECRET}), visitors=VisitorIds(b"k" * 32))
        client = (app := make_app(keys=tokens.ring, callers=callers)).test_client()
        for path, rule in routes(app):
            classes = declared(app.view_functions[rule.endpoint]) or frozenset()
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                for proof in (*proofs, "forged"):
                    answer = client.open(f"{path}?key={tokens.pk}&identity={proof}", method=method, json={})
                    opened_ = answer.status_code not in (401, 403)
                    assert opened_ is (not classes or KeyClass.PK in classes), (rule.rule, method, proof)


@pytest.mark.parametrize(
    ("left", "customer", "notice"), [(600, "c1", None), (-600, None, "expired"), (None, None, "invalid")]
)
def test_a_list_is_for_the_proven_customer_and_says_why_a_proof_does_not_hold(
    tmp_path: Path, left: int | None, customer: str | None, notice: str | None
) -> None:
    spy = Spy()
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        callers = Callers(identities=Identities({"a": SECRET}), visitors=VisitorIds(b"k" * 32))
        client = make_app(recommend=spy, keys=tokens.ring, callers=callers).test_client()
        proof = "v1.a" if left is None else sign("c1", key_id="a", secret=SECRET, expires=int(time.time()) + left)
        answer = client.get(f"{HOME}?key={tokens.pk}&visitor_id=v7&identity={proof}")
    assert (answer.status_code, answer.headers.get("Recommender-Identity")) == (200, notice)
    assert (spy.asked[0].person.customer_id, spy.asked[0].person.visitor_id) == (customer, "v7")


def test_a_key_that_was_revoked_is_refused_though_it_was_verified_before(tmp_path: Path) -> None:
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        assert tokens.ring.verify(tokens.sk) is not None
        assert tokens.ring.verify(tokens.sk) is tokens.ring.verify(tokens.sk)
        live = next(one for one in stores.keys.all() if one.key_class is KeyClass.SK and one.revoked_at is None)
        revoke_key(stores.keys, live.key_id, now=NOW)
        tokens.ring.refresh()
        assert tokens.ring.verify(tokens.sk) is None


def test_a_route_that_declares_nothing_is_closed_to_every_key(tmp_path: Path) -> None:
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        app = make_app(keys=tokens.ring)
        app.add_url_rule("/forgotten", view_func=lambda: "open!", endpoint="forgotten")
        answer = app.test_client().get("/forgotten", headers={"X-API-Key": tokens.adm})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "undeclared_route")


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_a_key_is_taken_from_either_header(tmp_path: Path, header: str) -> None:
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        value = f"bearer {tokens.sk}" if header == "Authorization" else tokens.sk
        answer = make_app(keys=tokens.ring).test_client().get(HOME, headers={header: value})
        assert answer.status_code == 200


def test_a_browser_may_send_its_public_key_in_the_address(tmp_path: Path) -> None:
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        assert make_app(keys=tokens.ring).test_client().get(f"{HOME}?key={tokens.pk}").status_code == 200


def test_a_secret_key_in_the_address_is_refused_even_if_it_is_true(tmp_path: Path) -> None:
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        answer = make_app(keys=tokens.ring).test_client().get(f"{HOME}?key={tokens.sk}")
        assert answer.status_code == 401
        assert tokens.sk not in answer.text


def test_a_challenge_comes_with_every_401(tmp_path: Path) -> None:
    with opened(tmp_path) as stores:
        answer = make_app(keys=Tokens(stores).ring).test_client().get(HOME)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_without_keys_this_machines_own_names_are_answered(host: str) -> None:
    assert make_app().test_client().get(HOME, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example:8000", "localhost.evil.example", "[::2]", "10.0.0.1:8000", ""])
def test_without_keys_no_other_name_is_answered(host: str) -> None:
    for path in (HOME, "/healthz", "/nowhere"):
        answer = make_app().test_client().get(path, headers={"Host": host})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "forbidden")


def test_a_view_is_public_only_if_it_says_so() -> None:
    def view() -> str:
        return ""

    assert declared(view) is None
    assert declared(allow()(view)) == frozenset()
