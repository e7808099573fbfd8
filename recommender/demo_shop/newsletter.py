"""``/demo/newsletter``: the mail as it will look, wide and narrow, and everything a marketer takes along."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from recommender.api.access import allow
from recommender.api.newsletter import POLICY as MAIL_POLICY
from recommender.api.problems import Refusal
from recommender.demo_shop.floor import Floor
from recommender.demo_shop.newsletter_texts import MailWords, tools
from recommender.demo_shop.people import Shown
from recommender.demo_shop.session import State
from recommender.domain.consent import ConsentState
from recommender.domain.people import Person
from recommender.domain.requests import Language
from recommender.mail import block, mail, plain
from recommender.services.newsletter import DEFAULT_SIZE, Newsletter, Written
from recommender.services.newsletter_campaign import Campaign, Wish
from recommender.wiring import newsletter_of

SIZES = (4, 6, 8)
PAGE = "/demo/newsletter"
NOBODY = "nobody"
"""Stands for an address that is nobody's, in the form; customers are named by what they are in the demo, never by number."""
PAGE_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OPEN_OUTSIDE = '<head><base target="_blank">'
"""Put into the shown mail, so that its links open beside the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose mail is looked at (``kind`` names a customer of the demo, or nobody), how it is wished, and the page's language."""

    kind: str
    language: Language
    page: Language
    size: int


def register(bp: Blueprint, floor: Floor) -> None:
    """The routes."""
    newsletter = newsletter_of(floor.shop)

    @bp.get("/newsletter")
    @allow()
    def newsletter_page() -> Any:
        base, wanted = request.host_url.rstrip("/"), request.args.to_dict()
        return floor.view(
            "newsletter.html", lambda state: gather(floor, newsletter, asked_of(floor, state, wanted), base)
        )

    @bp.after_request
    def frames(response: Response) -> Response:
        if request.path == PAGE:
            response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response

    @bp.get("/newsletter/mail/<token>")
    @allow()
    def newsletter_mail(token: str) -> Any:
        base = request.host_url.rstrip("/")
        return floor.do(lambda: mail(written_of(floor, newsletter, token, base).letter), _shown)

    @bp.get("/newsletter/picks.<kind>")
    @allow()
    def newsletter_picks(kind: str) -> Any:
        base, language = request.host_url.rstrip("/"), _language(floor.state(), request.args.to_dict())
        if kind not in ("csv", "jsonl"):
            raise Refusal("not_found", "Picks come as .csv or .jsonl.")
        return floor.do(lambda: picks(floor, newsletter, language, base, kind), lambda body: _download(body, kind))

    @bp.post("/newsletter/consent")
    @allow()
    def newsletter_consent() -> Any:
        state = floor.state()
        kind = request.form.get("reader", "")
        return floor.do(
            lambda: give_consent(floor, newsletter, kind), lambda _: floor.back(state, f"{PAGE}?reader={kind}")
        )


def gather(floor: Floor, newsletter: Newsletter, asked: Asked, base: str) -> Mapping[str, Any]:
    """What the page shows."""
    people = floor.people()
    token = _token(newsletter, people, asked)
    written = written_of(floor, newsletter, token, base)
    letter = written.letter
    html = mail(letter)
    return {
        "n": MailWords(asked.page),
        "asked": asked,
        "token": token,
        "sizes": SIZES,
        "readers": people,
        "written": written,
        "letter": letter,
        "weight": f"{len(html.encode()) / 1000:.1f}".replace(".", "." if asked.page is Language.EN else ","),
        "block": block(letter),
        "plain": plain(letter),
        "fetch": f"{base}/v1/newsletter/{token}",
        "tools": tools(base),
        "base": base,
    }


def asked_of(floor: Floor, state: State, wanted: Mapping[str, str]) -> Asked:
    """What the address asks for; whom one shops as, if it does not say."""
    people = floor.people()
    kinds = [one.kind for one in people]
    current = next((one.kind for one in people if one.customer_id == state.person), kinds[0] if kinds else NOBODY)
    kind, size = wanted.get("reader", current), wanted.get("size", "")
    return Asked(
        kind=kind if kind in (*kinds, NOBODY) else current,
        language=_language(state, wanted),
        page=state.language,
        size=int(size) if size in {str(one) for one in SIZES} else DEFAULT_SIZE,
    )


def written_of(floor: Floor, newsletter: Newsletter, token: str, base: str) -> Written:
    """The letter behind an address, as it would be fetched now."""
    reader = newsletter.reader(token)
    slate = newsletter.kept_slate(reader) or floor.shop.recommender.slate(newsletter.request(reader))
    cards = floor.shop.catalogue_view.cards([item.item_id for item in slate.items])
    return newsletter.written(reader, slate, cards, base=base, token=token)


def picks(floor: Floor, newsletter: Newsletter, language: Language, base: str, kind: str) -> bytes:
    """The campaign's file for the demo's customers."""
    wish = Wish(language=language, size=DEFAULT_SIZE, now=floor.shop.clock.now(), base=base, repeat=newsletter.repeat)
    campaign = Campaign(
        newsletter=newsletter, lists=floor.shop.recommender.slates, cards=floor.shop.catalogue_view.cards, wish=wish
    )
    with tempfile.TemporaryDirectory(prefix="picks-") as folder:
        out = Path(folder) / f"picks.{kind}"
        campaign.write([Person(customer_id=one.customer_id) for one in floor.people()], out)
        return out.read_bytes()


def give_consent(floor: Floor, newsletter: Newsletter, kind: str) -> None:
    """The customer wants personal picks by mail again."""
    for one in floor.people():
        if one.kind == kind:
            newsletter.say(one.customer_id, ConsentState.GRANTED)


def _token(newsletter: Newsletter, people: tuple[Shown, ...], asked: Asked) -> str:
    """The chosen customer's address; letters nobody gave out for nobody."""
    chosen = next((one.customer_id for one in people if one.kind == asked.kind), None)
    if chosen is None:
        return NOBODY
    number = newsletter.readers.numbers([chosen]).get(chosen)
    return NOBODY if number is None else newsletter.token(number, language=asked.language, size=asked.size)


def _language(state: State, asked: Mapping[str, str]) -> Language:
    wanted = asked.get("mail_language", "")
    return Language(wanted) if wanted in {one.value for one in Language} else state.language


def _shown(html: str) -> Response:
    response = Response(html.replace("<head>", OPEN_OUTSIDE, 1), mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _download(body: bytes, kind: str) -> Response:
    response = Response(body, mimetype="text/csv" if kind == "csv" else "application/x-ndjson")
    response.headers["Content-Disposition"] = f'attachment; filename="picks.{kind}"'
    return response
