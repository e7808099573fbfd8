"""A shop of its own beside the service: pages on another origin, with a strict policy, that paste the widget.

Between page and service stands a door that can be slow, broken or talk nonsense, as networks and services are.
"""

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page
from small_shop import ITEMS, Answered, Service, fill, opened, publish, serving

from recommender.domain.items import Item
from recommender.domain.keys import KeyClass
from recommender.services.keys import create_key

PICTURE = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path fill="#7a9" d="M0 0h9v9H0z"/></svg>"""
STYLE = """
body { font: 16px/1.5 sans-serif; margin: 0 auto; max-width: 1100px; padding: 16px; color: #111 }
shop-recommendations { --rec-columns: 4; margin-block: 24px }
shop-recommendations:not(:defined) { display: block; min-height: 420px }
.tall { height: 3000px }
shop-recommendations::part(heading) { text-transform: uppercase }
shop-recommendations::part(badge) { background: #d4ff3a; color: #111 }
@media (max-width: 640px) { shop-recommendations { --rec-columns: 2 } }
@media (prefers-color-scheme: dark) { :root { color-scheme: dark } body { background: #181512; color: #f2eadf } }
"""

ON_SALE = "i07"


@dataclass
class Weather:
    """How the way to the service is at the moment: seconds of delay, or a status and body in place of the answer."""

    delay: float = 0.0
    instead: tuple[int, bytes] | None = None
    away: bool = False


@dataclass
class Call:
    """What arrived at the service."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return list(json.loads(self.body)["events"]) if self.body else []


@dataclass
class Bench:
    """The shop's origin, the service's (by way of the door), its keys, and what came through."""

    shop: str
    service: str
    pk: str
    home: Path
    real: Service
    pages: dict[str, str] = field(default_factory=dict)
    weather: Weather = field(default_factory=Weather)
    calls: list[Call] = field(default_factory=list)

    def paste(self, body: str, *, head: str = "", language: str = "en") -> str:
        """A page of the shop with the widget; its address."""
        path = f"/page{len(self.pages)}.html"
        self.pages[path] = (
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Shop</title>'
            f'<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/shop.css">{head}'
            f'<script type="module" src="{self.service}/widget.js"></script></head><body><h1>Shop</h1>{body}</body></html>'
        )
        return self.shop + path

    def element(self, attributes: str = "", inside: str = '<a href="/best">Our bestsellers</a>') -> str:
        return f'<shop-recommendations scenario="home" key="{self.pk}" {attributes}>{inside}</shop-recommendations>'

    def script(self, text: str) -> str:
        """A script of the shop's own; the tag that loads it (its policy forbids scripts in the page)."""
        path = f"/script{len(self.pages)}.js"
        self.pages[path] = text
        return f'<script src="{path}"></script>'

    def lists(self) -> list[Call]:
        return [call for call in self.calls if "/recommendations/" in call.path]

    def told(self) -> list[dict[str, Any]]:
        """Every event that reached the service."""
        return [event for call in self.calls if call.path.endswith("/events") for event in call.events]


def until(page: Page, expression: str, *, seconds: float = 8) -> None:
    """Waits for something to be true in the page (whose policy forbids Playwright's own way to wait)."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(50)


@pytest.fixture(scope="session")
def shop_and_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One shop and one service for all tests of the widget in this process."""
    with shop_bench(tmp_path_factory.mktemp("widget_shop")) as made:
        yield made


@pytest.fixture
def bench(shop_and_service: Bench) -> Bench:
    """The shop and its service, in good weather and with nothing heard yet."""
    shop_and_service.weather = Weather()
    shop_and_service.calls.clear()
    return shop_and_service


@contextlib.contextmanager
def shop_bench(home: Path) -> Iterator[Bench]:
    """A published shop of twelve items, its service with keys, the door before it, and the shop's pages."""
    fill(home)
    publish(home, "20260301T000000Z")
    with opened(home) as stores:
        stores.catalogue.put(items())
        pk = create_key(stores.keys, key_class=KeyClass.PK, now=datetime.now(UTC)).token
    with _listening() as pages, _listening() as door:
        settings = {"RECOMMENDER_ORIGINS": f"http://127.0.0.1:{pages.server_port}"}
        with serving(home, settings=settings) as real:
            bench = Bench(
                shop=f"http://127.0.0.1:{pages.server_port}",
                service=f"http://localhost:{door.server_port}",
                pk=pk,
                home=home,
                real=real,
            )
            pages.bench = door.bench = bench
            pages.answer, door.answer = _page, _through
            yield bench


def items() -> list[Item]:
    """The catalogue as the shop writes it: a sale, a title of HTML, links that must not be followed."""
    found = [
        Item(
            item_id=item,
            title=f"Thing {item} with a name of some length",
            url=f"/item/{item}",
            image=f"/pictures/{item}.svg",
            price=Decimal("1234.50"),
            sale_price=Decimal("999.00") if item == ON_SALE else None,
            currency="GBP",
        )
        for item in ITEMS
    ]
    hostile = Item(
        item_id="i03", title="<img src=x onerror=alert(1)>", url="/item/i03", image="data:image/png;base64,AA"
    )
    return [*found[:3], hostile, *found[4:]]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    bench: Bench
    answer: Any


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            status, headers, sent = self.server.answer(self.server.bench, self, body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(sent))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)

    do_GET = do_POST = do_OPTIONS = _answer  # noqa: N815 - the names http.server asks for


@contextlib.contextmanager
def _listening() -> Iterator[_Server]:
    server = _Server(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


Sent = tuple[int, dict[str, str], bytes]


def _page(bench: Bench, handler: _Handler, _: bytes) -> Sent:
    path = urlsplit(handler.path).path
    policy = (
        f"default-src 'none'; script-src 'self' {bench.service}; connect-src {bench.service}; style-src 'self'; "
        f"img-src 'self'; base-uri 'none'; form-action 'none'"
    )
    if path.startswith("/pictures/"):
        return 200, {"Content-Type": "image/svg+xml"}, PICTURE
    if path == "/shop.css":
        return 200, {"Content-Type": "text/css"}, STYLE.encode()
    kind = "text/javascript" if path.endswith(".js") else "text/html; charset=utf-8"
    text = bench.pages.get(
        path, "<!doctype html><html lang=en><title>Item</title><link rel=icon href=/pictures/x.svg>An item"
    )
    return 200, {"Content-Type": kind, "Content-Security-Policy": policy}, text.encode()


def _through(bench: Bench, handler: _Handler, body: bytes) -> Sent:
    """The service's answer, as the weather lets it through; files of the widget always come."""
    parts = urlsplit(handler.path)
    headers = {name.lower(): value for name, value in handler.headers.items()}
    if parts.path.startswith("/v1/"):
        query = parse_qs(parts.query)
        bench.calls.append(Call(handler.command, parts.path, query, headers, body.decode()))
        weather = bench.weather
        time.sleep(weather.delay)
        if weather.away:
            handler.close_connection = True
            raise ConnectionResetError
        if weather.instead is not None:
            return weather.instead[0], {"Access-Control-Allow-Origin": bench.shop}, weather.instead[1]
    passed = {name: value for name, value in headers.items() if name not in ("host", "connection", "accept-encoding")}
    answered = _forward(bench, handler, passed, body)
    kept = {
        name: value for name, value in answered.headers.items() if name not in ("content-length", "connection", "date")
    }
    return answered.status, kept, answered.body


def _forward(bench: Bench, handler: _Handler, headers: dict[str, str], body: bytes) -> Answered:
    connection = http.client.HTTPConnection("127.0.0.1", bench.real.port, timeout=20)
    try:
        connection.request(handler.command, handler.path, body=body or None, headers=headers)
        answer = connection.getresponse()
        return Answered(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()
