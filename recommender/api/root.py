"""``/``: a small page that tells a person who opened the address what answers here."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from flask import Blueprint, Response

from recommender.api.access import allow

STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}"
    "code{font-size:.95em;overflow-wrap:anywhere}li{margin:.3rem 0}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One address the page offers, with what stands there."""

    address: str
    text: str


ALWAYS = (
    Link(address="/openapi.json", text="what this service speaks (OpenAPI 3.1)"),
    Link(address="/readyz", text="whether it is ready, and with which model"),
    Link(address="/healthz", text="whether it is alive"),
)


def blueprint(examples: Sequence[Link], note: str | None) -> Blueprint:
    """The page. ``examples`` are shown where no key is needed (the demo); ``note`` is said above them."""
    body = page(examples, note)
    bp = Blueprint("root", __name__)

    @bp.get("/")
    @allow()
    def show() -> Response:
        response = Response(body, mimetype="text/html")
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return bp


def page(examples: Sequence[Link], note: str | None) -> str:
    """The page's HTML."""
    lists = _list(examples) if examples else "<p>Lists are at <code>/v1/recommendations/home</code>; send a key.</p>"
    said = f"<p>{escape(note)}</p>" if note else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>recommender</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>recommender</h1>{said}{lists}"
        f"<h2>About this service</h2>{_list(ALWAYS)}</main></body></html>\n"
    )


def _list(links: Sequence[Link]) -> str:
    rows = (
        f'<li><a href="{escape(link.address, quote=True)}"><code>{escape(link.address)}</code></a> – {escape(link.text)}</li>'
        for link in links
    )
    return f"<ul>{''.join(rows)}</ul>"
