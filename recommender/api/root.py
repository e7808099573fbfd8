"""``/``: a small page that tells a person who opened the address what answers here."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from flask import Blueprint, Response

from recommender.api.access import allow
from recommender.api.pages import page


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One address the page offers, with what stands there."""

    address: str
    text: str


ALWAYS = (
    Link(address="/docs", text="what this service speaks"),
    Link(address="/openapi.json", text="the same for programs (OpenAPI 3.1)"),
    Link(address="/readyz", text="whether it is ready, and with which model"),
    Link(address="/healthz", text="whether it is alive"),
)


def blueprint(examples: Sequence[Link], note: str | None) -> Blueprint:
    """The page. ``examples`` are shown where no key is needed (the demo); ``note`` is said above them."""
    body = content(examples, note)
    bp = Blueprint("root", __name__)

    @bp.get("/")
    @allow()
    def show() -> Response:
        return page("recommender", body)

    return bp


def content(examples: Sequence[Link], note: str | None) -> str:
    """What stands on the page."""
    lists = _list(examples) if examples else "<p>Lists are at <code>/v1/recommendations/home</code>; send a key.</p>"
    said = f"<p>{escape(note)}</p>" if note else ""
    return f"{said}{lists}<h2>About this service</h2>{_list(ALWAYS)}"


def _list(links: Sequence[Link]) -> str:
    rows = (
        f'<li><a href="{escape(link.address, quote=True)}"><code>{escape(link.address)}</code></a> – {escape(link.text)}</li>'
        for link in links
    )
    return f"<ul>{''.join(rows)}</ul>"
