"""Letters answered without Flask: the same answer as with it, but for the names of lists."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from newsletter_rooms import Room, make_home, opened_room

from recommender.api import create_app, rsgi
from recommender.api.hot_letters import PATH
from recommender.api.later import Answer, Patient
from recommender.api.rsgi import Shim
from recommender.wiring import hot_of, service_of

LINKS = re.compile(rb"newsletter/go/[\w-]+")
SLATE = re.compile(rb'"slate_id":"[\w-]{24}"')


class Named:
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

    def __init__(self, address: str, headers: dict[str, str], method: str) -> None:
        self.method = method
        self.path, _, self.query_string = address.partition("?")
        self.headers: rsgi.Headers = Named({"host": "localhost:8000", **headers})


class Protocol:
    answer: Answer

    def __aiter__(self) -> "Protocol":
        return self

    async def __call__(self) -> bytes:
        return b""

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = status, headers, body


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder = tmp_path_factory.mktemp("hot")
    with opened_room(make_home(folder / "template"), folder / "home") as found:
        yield found


def ask(room: Room, address: str, *, hot: bool, method: str = "GET", **headers: str) -> Answer:
    service, _ = service_of(room.shop, open_to_all=True)
    shim = Shim(Patient(create_app(service)), hot=hot_of(room.shop, service) if hot else {})
    protocol = Protocol()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asyncio.run(shim.__rsgi__(Scope(f"/v1/newsletter/{address}", named, method), protocol))
    status, told, body = protocol.answer
    shown = sorted((name, "…" if name == "x-request-id" else value) for name, value in told)
    return status, shown, SLATE.sub(b"", LINKS.sub(b"", re.sub(rb'"request_id":"\w{16}"', b"", body)))


@pytest.mark.parametrize("kind", ["html", "txt", "json"])
@pytest.mark.parametrize("whose", ["c0", "never-seen", None])
def test_a_fetch_is_answered_alike_with_and_without_flask(room: Room, kind: str, whose: str | None) -> None:
    address = f"{room.token(whose) if whose else 'nobodys'}.{kind}"
    short, whole = (ask(room, address, hot=hot) for hot in (True, False))
    assert short == whole
    assert short[0] == 200


@pytest.mark.parametrize(
    "address",
    [
        "{}.pdf",
        "{}",
        "{}.html?part=block",
        "{}.html?lang=pl",
        "{}.html?lang=xx",
        "{}/choices",
        "go/{}",
        "%41.html",
        ".html",
    ],
)
def test_everything_else_is_left_to_the_application(room: Room, address: str) -> None:
    asked = address.format(room.token())
    assert ask(room, asked, hot=True) == ask(room, asked, hot=False)


def test_a_tag_is_compared(room: Room) -> None:
    token = room.token()
    tag = dict(ask(room, f"{token}.html", hot=True)[1])["etag"]
    assert ask(room, f"{token}.html", hot=True, if_none_match=tag)[0] == 304
    assert ask(room, f"{token}.html", hot=True, if_none_match='W/"other"')[0] == 200


def test_a_page_elsewhere_is_refused_alike_where_there_are_no_keys(room: Room) -> None:
    asked = f"{room.token()}.html"
    short, whole = (ask(room, asked, hot=hot, origin="https://evil.example") for hot in (True, False))
    assert short == whole
    assert short[0] == 403


def test_a_question_about_headers_is_the_applications(room: Room) -> None:
    assert ask(room, f"{room.token()}.html", hot=True, method="HEAD")[0] == 200


def test_the_short_way_knows_exactly_the_letters_addresses() -> None:
    assert PATH.fullmatch("/v1/newsletter/Ab-_9.html")
    for path in ("/v1/newsletter/.html", "/v1/newsletter/a/b.html", "/v1/newsletter/a.htm", "/v1/newsletter/a.html\n"):
        assert PATH.fullmatch(path) is None
