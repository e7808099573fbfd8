"""The demo shop as one resource of the service, at ``/demo``."""

import gzip
import hmac

from flask import Blueprint, Response, request

from recommender.api.access import allow
from recommender.api.problems import Refusal
from recommender.demo_shop import basket, choosing, drawings, home, newsletter, orders, panel, product, shelf
from recommender.demo_shop.facts import read_facts
from recommender.demo_shop.floor import Floor
from recommender.demo_shop.people import roster
from recommender.demo_shop.session import Cookies
from recommender.demo_shop.static_files import StaticFiles, accepts_gzip
from recommender.storage.secret import Secrets
from recommender.wiring import Shop

POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PACK_FROM = 1_000
"""Pages of so many bytes are sent compressed."""


def blueprint(shop: Shop) -> Blueprint:
    """The shop's pages over an opened home. For a service without keys, on loopback: every page is open to all."""
    floor = floor_of(shop)
    bp = Blueprint("demo_shop", __name__, url_prefix="/demo", template_folder="templates")
    for room in (home, shelf, product, basket, orders, choosing, drawings, panel, newsletter):
        room.register(bp, floor)

    @bp.get("/static/<path:name>")
    @allow()
    def static(name: str) -> Response:
        found = floor.static.answer(name, request)
        if found is None:
            raise Refusal("not_found", "There is no such file.")
        return found

    @bp.after_request
    def dress(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        # without any, a browser does not say whose page a form is of
        response.headers["Referrer-Policy"] = "same-origin"
        return _packed(response)

    return bp


def floor_of(shop: Shop) -> Floor:
    """What the pages share."""
    secret = hmac.digest(Secrets(shop.settings.var_dir).at_home, b"purpose:demo-shop", "sha256")
    people = tuple(roster(shop.stores))
    first = people[0].customer_id if people else None
    floor = Floor(
        shop=shop,
        facts=read_facts(shop.settings.var_dir),
        cookies=Cookies(secret, first=first),
        static=StaticFiles(),
    )
    floor.meet(people)
    floor.beside = lambda state: {"panel": panel.of_page(floor, state)}
    return floor


def _packed(response: Response) -> Response:
    """The page compressed, where the browser takes it and it pays."""
    if response.mimetype not in ("text/html", "image/svg+xml") or "Content-Encoding" in response.headers:
        return response
    body = response.get_data()
    response.headers["Vary"] = "Accept-Encoding, Cookie" if response.mimetype == "text/html" else "Accept-Encoding"
    if len(body) >= PACK_FROM and accepts_gzip(request):
        response.set_data(gzip.compress(body, 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
