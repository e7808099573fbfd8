"""Lists answered without Flask: the same bytes as with it, whatever is asked."""

import asyncio
import re
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from answer_samples import END, ITEMS, Spring, make_spring, recommender_of
from identity_tokens import sign

from recommender.api import Service, create_app, rsgi
from recommender.api.access import Door
from recommender.api.cors import Origins
from recommender.api.hot_lists import hot_lists
from recommender.api.identity import Identities
from recommender.api.later import Answer, Patient
from recommender.api.rsgi import Shim
from recommender.api.standing import Readiness
from recommender.api.storefront import Storefront
from recommender.api.visitors import Callers, VisitorIds
from recommender.domain.clock import ShopClock
from recommender.domain.items import Item
from recommender.domain.keys import KeyClass
from recommender.domain.metrics import REGISTRY
from recommender.domain.ports import Stores
from recommender.domain.requests import Request
from recommender.ranking.rules import NO_RULES, Rules, rules_of
from recommender.ranking.scenarios import SCENARIOS
from recommender.services.finishing import Drawn
from recommender.services.keys import KeyRing, create_key
from recommender.services.recommend import Recommender

PAGE = "https://shop.example"
SECRET = "s" * 32
WALL = 1_800_000_000
READY = Readiness(status="ready", model="spring", checks={})
RULES = """
static = ["i01", "fresh", "not-in-the-catalogue"]
[home]
pin = [{ item = "i13", at = 2 }]
exclude = [{ category = "Kitchen" }]
at_most = [{ per = "category", count = 2 }]
"""


class Stopped(ShopClock):
    """Always the end of the sixty days."""

    def now(self) -> datetime:
        return END


class Named:
    """Headers as the server gives them."""

    def __init__(self, given: dict[str, str]) -> None:
        self._given = given

    def get(self, key: str, default: Any = None) -> Any:
        return self._given.get(key, default)

    def items(self) -> list[tuple[str, str]]:
        return list(self._given.items())


class Scope:
    """One request as the server tells of it."""

    http_version, server, client, scheme = "1.1", "127.0.0.1:8000", "127.0.0.1:5000", "http"
    authority: str | None = None

    def __init__(self, address: str, headers: dict[str, str], method: str = "GET") -> None:
        self.method = method
        self.path, _, self.query_string = address.partition("?")
        self.headers: rsgi.Headers = Named({"host": "localhost", **headers})


class Protocol:
    """Takes the answer."""

    answer: Answer

    def __aiter__(self) -> "Protocol":
        return self

    async def __call__(self) -> bytes:
        return b""

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = status, headers, body


@dataclass
class Shop:
    """The small shop of spring behind the whole application, answered both ways."""

    stores: Stores
    recommender: Recommender
    service: Service
    keys: dict[KeyClass, str]
    rules: Rules = NO_RULES

    def ask(self, address: str, *, hot: bool = True, method: str = "GET", **headers: str) -> Answer:
        shim = Shim(Patient(create_app(self.service)), hot=hot_lists(self.service) if hot else {})
        protocol = Protocol()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asyncio.run(shim.__rsgi__(Scope(f"/v1/recommendations/{address}", named, method), protocol))
        return protocol.answer

    def both(self, address: str, **headers: str) -> Answer:
        """The answer, after seeing that both are the same but for the request's number."""
        short, whole = (stripped(self.ask(address, hot=hot, **headers)) for hot in (True, False))
        assert short == whole
        return short

    def replaced(self, **changed: Any) -> None:
        self.service = replace(self.service, storefront=replace(self.service.storefront, **changed))


def stripped(answer: Answer) -> Answer:
    status, headers, body = answer
    assert len({name for name, _ in headers}) == len(headers)
    told = sorted((name, "…" if name == "x-request-id" else value) for name, value in headers)
    return status, told, re.sub(rb'"request_id":"\w{16}"', b"", body)


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Spring:
    return make_spring(tmp_path_factory.mktemp("spring"))


@pytest.fixture
def shop(spring: Spring, home: Path) -> Iterator[Shop]:
    stores = spring.copy(home)
    kinds = (KeyClass.PK, KeyClass.SK, KeyClass.ADM)
    keys = {kind: create_key(stores.keys, key_class=kind, now=END).token for kind in kinds}
    ring = KeyRing(stores.keys)
    ring.refresh()
    recommender = recommender_of(stores, spring.model)
    service = Service(
        storefront=Storefront(
            recommend=recommender.slate,
            last_resort=recommender.without_model,
            cards=recommender.catalogue.cards,
            nothing=recommender.without_anything,
            list_of=recommender.list_of,
        ),
        door=Door(ring, origins=Origins([PAGE])),
        clock=Stopped(),
        ready=lambda: READY,
        callers=Callers(identities=Identities({"k": SECRET}), visitors=VisitorIds(b"v" * 32), wall=lambda: float(WALL)),
    )
    made = Shop(stores, recommender, service, keys)
    recommender._rules = lambda: made.rules
    yield made
    stores.close()


QUERIES = (
    "",
    "customer_id=c1",
    "customer_id=c1&visitor_id=b1&size=3",
    "visitor_id=v5&size=100",
    "customer_id=nobody-knows-me&lang=pl",
    "customer_id=c2&lang=pl&repeat=forbid",
    "customer_id=c%31&size=5",
    "customer_id=+c1+&exclude=i01&exclude=i02",
    "item_id=i10&cart=i11&customer_id=c3",
    "item_id=never-seen",
    "category=Garden&price_min=9&price_max=10&customer_id=c1",
    "category=Nothing",
    "explain=1&customer_id=c1&size=4",
    "customer_id=&visitor_id=undefined",
    "currency=EUR&where=color%3Dred",
    "&&customer_id=c4&",
)
FALSE = (
    "size=0",
    "size=many&lang=" + "x" * 40,
    "size=1&size=2",
    "colour=red",
    "customer_id=" + "x" * 129,
    "customer_id=%FF",
    "customer_id=a%00b",
    "price_min=2&price_max=1",
    "repeat=never",
    "where=nothing",
    "x",
    "&".join(f"exclude=i{n}" for n in range(1_100)),
    "&".join("exclude=i" for _ in range(2_100)),
    "explain=perhaps",
)


@pytest.mark.parametrize("query", QUERIES)
def test_every_scenario_has_the_same_bytes_without_flask(shop: Shop, query: str) -> None:
    for scenario in SCENARIOS:
        status, headers, body = shop.both(f"{scenario}?{query}", x_api_key=shop.keys[KeyClass.SK])
        assert status == 200
        assert dict(headers)["content-type"] == "application/json"
        assert body.startswith(b'{"slate_id":"","scenario":"%b"' % scenario.encode())


@pytest.mark.parametrize("query", FALSE)
def test_what_cannot_be_asked_is_refused_alike(shop: Shop, query: str) -> None:
    status, headers, _ = shop.both(f"home?{query}", x_api_key=shop.keys[KeyClass.SK])
    assert status == 400
    assert dict(headers)["content-type"] == "application/problem+json"


def test_the_door_is_the_same(shop: Shop) -> None:
    pk, sk, adm = (shop.keys[kind] for kind in (KeyClass.PK, KeyClass.SK, KeyClass.ADM))
    assert shop.both("home")[0] == 401
    assert shop.both(f"home?key={sk}")[0] == 401
    assert shop.both("home", authorization="Bearer sk_nothing")[0] == 401
    assert shop.both("home", authorization=f"Bearer {adm}")[0] == 403
    assert shop.both(f"home?key={pk}", origin="https://elsewhere.example")[0] == 403
    assert shop.both(f"home?key={pk}&explain=1")[0] == 403
    status, headers, _ = shop.both(f"home?key={pk}", origin=PAGE)
    assert (status, dict(headers)["access-control-allow-origin"]) == (200, PAGE)


def test_a_browser_speaks_for_whom_it_can_prove(shop: Shop) -> None:
    key = shop.keys[KeyClass.PK]
    proof = sign("c1", key_id="k", secret=SECRET, expires=WALL + 60)
    late = sign("c1", key_id="k", secret=SECRET, expires=WALL - 60)
    assert b'"basis":"personal"' in shop.both(f"home?key={key}&identity={proof}")[2]
    status, headers, body = shop.both(f"home?key={key}&identity={late}")
    assert (status, dict(headers)["recommender-identity"]) == (200, "expired")
    assert b'"basis":"anonymous"' in body
    assert b'"basis":"anonymous"' in shop.both(f"home?key={key}&customer_id=c1")[2]


def test_rules_pins_and_the_static_list_are_answered_alike(shop: Shop) -> None:
    shop.rules = rules_of(RULES, where="rules.toml", timezone=UTC)
    sk = shop.keys[KeyClass.SK]
    pinned = shop.both("home?customer_id=c1", x_api_key=sk)[2]
    assert b'"item_id":"i13","rank":2' in pinned
    assert b'"code":"picked"' in pinned
    shop.stores.catalogue.put([Item(item_id=item_id, stock=0) for item_id in (*ITEMS, "fresh")])
    static = shop.both("home?customer_id=c1", x_api_key=sk)[2]
    assert b'"fallback":"static_list"' in static
    assert b'"item_id":"not-in-the-catalogue","rank":1' in static


def test_an_empty_shop_is_answered_alike(shop: Shop) -> None:
    shop.stores.catalogue.put([Item(item_id=item_id, removed=True) for item_id in (*ITEMS, "fresh")])
    assert shop.both("home?customer_id=c1", x_api_key=shop.keys[KeyClass.SK])[2].endswith(b'"items":[]}')


def test_letters_that_json_escapes_are_answered_alike(shop: Shop) -> None:
    odd = Item(item_id='a"\\ż\u2028', title='Tea "No. 5" \\ \t', category="Garden", added_at=END, url="/a?b=\x01")
    shop.stores.catalogue.put([odd])
    body = shop.both("similar?item_id=i03&size=100", x_api_key=shop.keys[KeyClass.SK])[2]
    assert b'a\\"\\\\' in body


def test_when_answering_breaks_both_give_the_plain_list(shop: Shop) -> None:
    def broken(request: Request) -> Drawn:
        raise RuntimeError("no")

    def broken_too(request: Request, *, fallback: str) -> Any:
        raise RuntimeError(fallback)

    sk = shop.keys[KeyClass.SK]
    shop.replaced(recommend=broken, list_of=broken)
    assert b'"fallback":"internal_error"' in shop.both("home?customer_id=c1", x_api_key=sk)[2]
    shop.replaced(last_resort=broken_too)
    assert shop.both("home?customer_id=c1", x_api_key=sk)[2].endswith(b'"items":[]}')
    shop.replaced(nothing=None)
    assert shop.both("home?customer_id=c1", x_api_key=sk)[0] == 500


def test_a_list_waits_for_what_it_is_made_of_and_is_made_without_it_where_that_breaks(shop: Shop) -> None:
    sk, seen = shop.keys[KeyClass.SK], list[str]()

    def begin(request: Request) -> Awaitable[None]:
        async def come() -> None:
            seen.append("begun")
            await asyncio.sleep(0.01)
            seen.append("come")
            if request.person.customer_id == "c2":
                raise RuntimeError

        return come()

    def made(request: Request) -> Drawn:
        seen.append("made")
        return shop.recommender.list_of(request)

    plain = [shop.both(f"home?customer_id={who}", x_api_key=sk) for who in ("c1", "c2")]
    shop.replaced(begin=begin, list_of=made)
    for who, answer in zip(("c1", "c2"), plain, strict=True):
        seen.clear()
        assert stripped(shop.ask(f"home?customer_id={who}", x_api_key=sk)) == answer
        assert seen == ["begun", "come", "made"]
    shop.replaced(begin=lambda _: 1 / 0)
    assert stripped(shop.ask("home?customer_id=c1", x_api_key=sk)) == plain[0]


def test_other_methods_and_scenarios_are_flasks(shop: Shop) -> None:
    sk = shop.keys[KeyClass.SK]
    assert shop.both("nowhere", x_api_key=sk)[0] == 404
    assert shop.both("home/", x_api_key=sk)[0] == 404
    assert shop.ask("home", method="DELETE", x_api_key=sk)[0] == 405
    assert shop.ask("home", method="HEAD", x_api_key=sk)[2] == b""


def test_both_count_the_list_and_who_proposed_its_places(shop: Shop) -> None:
    def counted() -> dict[tuple[str, tuple[str, ...]], list[float]]:
        wanted = ("recommender_slates_total", "recommender_slate_items_total", "recommender_http_requests_total")
        return {key: REGISTRY.read(*key) for key in list(REGISTRY.series) if key[0] in wanted}

    steps = []
    for hot in (True, False):
        before = counted()
        shop.ask("home?customer_id=c1", hot=hot, x_api_key=shop.keys[KeyClass.SK])
        after = counted()
        steps.append({key: n[0] - before.get(key, [0.0])[0] for key, n in after.items() if n != before.get(key)})
    assert steps[0] == steps[1]
    assert sum(n for (name, _), n in steps[0].items() if name == "recommender_slate_items_total") == 12


def test_a_service_that_stops_asks_callers_to_come_back_on_another_connection(shop: Shop) -> None:
    shop.service = replace(shop.service, draining=lambda: True)
    _, headers, _ = shop.both("home?customer_id=c1", x_api_key=shop.keys[KeyClass.SK])
    assert dict(headers)["connection"] == "close"
