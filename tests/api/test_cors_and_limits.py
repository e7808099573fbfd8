"""Which pages may call, and how often."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from storefronts import Tokens, make_app, opened

from recommender.api.access import Door
from recommender.api.app import REFUSAL_KEY
from recommender.api.cors import Origins
from recommender.api.limits import Buckets, Limits, Proxies
from recommender.domain.errors import SettingsError

HOME = "/v1/recommendations/home"
SHOP = "https://shop.example"


@pytest.fixture
def tokens(tmp_path: Path) -> Iterator[Tokens]:
    with opened(tmp_path) as stores:
        yield Tokens(stores)


def client_of(tokens: Tokens, *, origins: str = SHOP, limits: Limits | None = None) -> FlaskClient:
    return make_app(door=Door(tokens.ring, origins=Origins.parse(origins), limits=limits)).test_client()


def test_a_listed_page_may_read_answers_and_problems(tokens: Tokens) -> None:
    client = client_of(tokens)
    for path, status in ((f"{HOME}?key={tokens.pk}", 200), (HOME, 401), ("/nowhere", 404), ("/healthz", 200)):
        answer = client.get(path, headers={"Origin": SHOP})
        assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (status, SHOP)
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(("code", "status"), [("body_too_large", 413), ("slow_body", 408)])
def test_what_the_server_refused_before_the_door_may_be_read_too(tokens: Tokens, code: str, status: int) -> None:
    client, refused = client_of(tokens), {REFUSAL_KEY: (code, "No.")}
    for origin, told in ((SHOP, SHOP), ("https://evil.example", None)):
        answer = client.post(HOME, headers={"Origin": origin}, environ_overrides=refused)
        assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (status, told)
        assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://shop.example", "https://shop.example.evil", "null", "https://x.shop.example"],
)
def test_any_other_page_is_refused_and_its_browser_told_nothing(tokens: Tokens, origin: str) -> None:
    answer = client_of(tokens).get(f"{HOME}?key={tokens.pk}", headers={"Origin": origin})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "foreign_origin")
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_page_of_the_services_own_name_and_a_caller_without_one_are_answered(tokens: Tokens) -> None:
    client = client_of(tokens)
    own = client.get(f"{HOME}?key={tokens.pk}", headers={"Origin": "https://api.example", "Host": "api.example"})
    assert (own.status_code, client.get(f"{HOME}?key={tokens.pk}").status_code) == (200, 200)


def test_without_a_list_answers_say_nothing_about_origins(tokens: Tokens) -> None:
    answer = client_of(tokens, origins="").get(f"{HOME}?key={tokens.pk}", headers={"Origin": "https://any.example"})
    assert answer.status_code == 200
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control") or name == "Vary"]


def test_a_browser_that_asks_beforehand_learns_what_it_may_send(tokens: Tokens) -> None:
    asked = {"Origin": SHOP, "Access-Control-Request-Method": "POST"}
    answer = client_of(tokens).options(HOME, headers=asked)
    assert (answer.status_code, answer.data) == (204, b"")
    assert {"GET", "POST"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    assert "X-API-Key" in answer.headers["Access-Control-Allow-Headers"]
    foreign = client_of(tokens).options(HOME, headers={**asked, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in foreign.headers


@pytest.mark.parametrize("text", ["*", "shop.example", "https://shop.example/", "https://a@shop.example", "ftp://shop"])
def test_what_is_no_plain_origin_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match="RECOMMENDER_ORIGINS"):
        Origins.parse(text)


def test_without_keys_a_page_from_elsewhere_is_refused() -> None:
    client = make_app().test_client()
    for origin, status in (("https://evil.example", 403), ("null", 403), ("http://localhost:3000", 200)):
        assert client.get(HOME, headers={"Origin": origin}).status_code == status


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    clock = Clock()
    buckets = Buckets(monotonic=clock)
    taken = [buckets.take("a", rate=2, burst=4) for _ in range(5)]
    assert taken == [0, 0, 0, 0, pytest.approx(0.5)]
    clock.now += 0.5
    assert (buckets.take("a", rate=2, burst=4), buckets.take("a", rate=2, burst=4) > 0) == (0, True)
    assert buckets.take("b", rate=2, burst=4) == 0


def test_buckets_in_one_memory_are_shared() -> None:
    memory = memoryview(bytearray(8 * (1 << 18))).cast("d")
    one, other = Buckets(memory, key=b"k"), Buckets(memory, key=b"k")
    assert one.take("a", rate=1, burst=1) == 0
    assert other.take("a", rate=1, burst=1) > 0


def test_one_address_too_often_is_told_when_to_come_back_and_others_go_on(tokens: Tokens) -> None:
    client = client_of(tokens, limits=Limits(per_address=0.2))
    path = f"{HOME}?key={tokens.pk}"
    statuses = [client.get(path, environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code for _ in range(3)]
    answer = client.get(path, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert statuses[:2] == [200, 200]
    assert (answer.status_code, answer.get_json()["code"]) == (429, "rate_limited")
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["RateLimit"].startswith('"address";r=0;t=')
    assert client.get(path, environ_base={"REMOTE_ADDR": "192.0.2.2"}).status_code == 200
    server = {"X-API-Key": tokens.sk}
    assert client.get(HOME, headers=server, environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200


def test_one_public_key_has_a_limit_whatever_address_it_comes_from(tokens: Tokens) -> None:
    client = client_of(tokens, limits=Limits(per_key=0.2))
    found = [
        client.get(f"{HOME}?key={tokens.pk}", environ_base={"REMOTE_ADDR": f"192.0.2.{n}"}).status_code
        for n in range(4)
    ]
    assert found == [200, 200, 429, 429]


def test_guessing_keys_is_slowed_down_and_true_keys_from_there_still_open(tokens: Tokens) -> None:
    client = client_of(tokens, limits=Limits())
    statuses = [client.get(HOME, headers={"X-API-Key": f"sk_{n:032}"}).status_code for n in range(40)]
    assert statuses[:30] == [401] * 30
    assert set(statuses[31:]) == {429}
    assert client.get(HOME, headers={"X-API-Key": tokens.sk}).status_code == 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", "192.0.2.1"),
        ("127.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", "198.51.100.9, 10.1.2.3", "198.51.100.9"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.9, nonsense", "127.0.0.1"),
        ("::ffff:192.0.2.1", None, "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ("", None, "unknown"),
    ],
)
def test_an_address_is_taken_from_whoever_is_trusted_to_tell_it(peer: str, forwarded: str | None, found: str) -> None:
    assert Proxies("127.0.0.1;10.0.0.0/8").address(peer, forwarded) == found


def test_proxies_that_are_no_networks_are_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="RECOMMENDER_TRUSTED_PROXIES"):
        Proxies("proxy.example")
