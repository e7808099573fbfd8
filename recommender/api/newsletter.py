"""``/v1/newsletter``: letters for who fetches them, clicks, and the reader's choice. Addresses are the only key there is.

Whatever comes as an address, the answer to a fetch is a letter (200): a mail is never left with a hole in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Annotated, Any, Literal

import msgspec
from flask import Blueprint, Response, g, request
from msgspec import Meta

from recommender.api.access import allow
from recommender.api.describing import Operation, described
from recommender.api.later import Backroom
from recommender.api.log_lines import log_unexpected
from recommender.api.newsletter_choices import POLICY as PAGE_POLICY
from recommender.api.newsletter_choices import choices_page, lost_page
from recommender.api.reading import fields_of, pairs_of, struct_of
from recommender.api.storefront import Storefront, count
from recommender.domain.requests import Language
from recommender.domain.slates import Slate
from recommender.mail import block, mail, plain
from recommender.ranking.cards import Card
from recommender.services.newsletter import ROUTE, Newsletter, Reader, Written
from recommender.services.newsletter_campaign import described as for_programs
from recommender.services.newsletter_targets import tagged, target_of

POLICY = (
    "default-src 'none'; img-src 'self' https: http:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""Of the letter's document only: mail programs want styles inline."""
NOBODY_THERE = ("prefetch", "preview", "prerender")
"""Words of a request's purpose that say no person asked."""
ROBOTS = ("bot", "crawler", "spider", "preview", "scanner", "headless", "python-", "curl/", "wget/", "go-http-client")
"""Words (lower case) in the name of a program that is no person."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """How a letter may be asked for."""

    part: Annotated[
        Literal["mail", "block"], Meta(description="mail: a whole document; block: the items alone, for your own mail")
    ] = "mail"
    lang: Annotated[Language | None, Meta(description="en, pl or ru, in the place of the campaign's language")] = None


class LetterReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why an item is there."""

    code: str
    text: str


class LetterItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item. ``price_text`` is the price as the letter writes it; null where the catalogue does not say."""

    item_id: str
    title: str
    url: str | None
    image: str | None
    price: str | None
    currency: str | None
    price_text: str | None
    reason: LetterReason


class LetterAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A letter. ``standing`` is ``current``, ``general`` (nothing personal in it) or ``old`` (the address is nobody's)."""

    subject: str
    preheader: str
    heading: str
    opening: str
    language: str
    standing: str
    personal: bool
    slate_id: str | None
    items: tuple[LetterItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRoom:
    """What the routes need from outside.

    Attributes
    ----------
    storefront
        Gives a list whatever happens.
    url_of
        An item's own address as the catalogue says it, or None.
    public_url
        The service as mail programs reach it; empty: as the caller reached it.
    """

    newsletter: Newsletter
    storefront: Storefront
    url_of: Callable[[str], str | None]
    public_url: str = ""

    def letter(self, token: str, reader: Reader, *, request_id: str, base: str) -> Written:
        """The letter of this moment."""
        slate, cards = self._kept(reader, request_id) or self.storefront(
            self.newsletter.request(reader), request_id=request_id
        )
        return self.newsletter.written(reader, slate, cards, base=base, token=token)

    def _kept(self, reader: Reader, request_id: str) -> tuple[Slate, Sequence[Card]] | None:
        """The list from what a campaign picked, and its cards; None where there is none, or it cannot be used."""
        try:
            slate = self.newsletter.kept_slate(reader)
        except Exception as error:  # noqa: BLE001 - the list is made anew then
            log_unexpected(error, request_id=request_id)
            return None
        if slate is None:
            return None
        count(slate)
        return slate, self.storefront.cards([item.item_id for item in slate.items])


def blueprint(room: MailRoom) -> Blueprint:
    """The routes."""
    bp = Blueprint("newsletter", __name__, url_prefix=ROUTE)
    _add_letters(bp, room)
    _add_clicks(bp, room)
    _add_choices(bp, room, Backroom())
    return bp


def _add_letters(bp: Blueprint, room: MailRoom) -> None:
    def fetched(token: str) -> tuple[Written, Wanted]:
        pairs = [pair for pair in pairs_of(request.query_string) if pair[0] != "key"]
        wanted = struct_of(fields_of(pairs, Wanted), Wanted, strict=False)
        reader = room.newsletter.reader(token, wanted.lang)
        return room.letter(token, reader, request_id=g.request_id, base=_base(room)), wanted

    def said(summary: str, answer: type[msgspec.Struct] | str) -> Operation:
        problems = ("invalid_parameter", "unknown_parameter")
        return Operation(summary=summary, answer=answer, query=Wanted, problems=problems)

    @bp.get("/<token>.html")
    @allow()
    @described(said("A reader's newsletter as HTML", "text/html"))
    def html(token: str) -> Response:
        written, wanted = fetched(token)
        made = mail(written.letter) if wanted.part == "mail" else block(written.letter)
        return _tagged(Response(made, mimetype="text/html"), written, wanted.part)

    @bp.get("/<token>.txt")
    @allow()
    @described(said("The same as plain text", "text/plain"))
    def text(token: str) -> Response:
        written, _ = fetched(token)
        return _tagged(Response(plain(written.letter), mimetype="text/plain"), written, "text")

    @bp.get("/<token>.json")
    @allow()
    @described(said("The same for programs", LetterAnswer))
    def json(token: str) -> Response:
        written, _ = fetched(token)
        answer = msgspec.convert(for_programs(written), LetterAnswer)
        return _tagged(Response(msgspec.json.encode(answer), mimetype="application/json"), written, "json")


def _add_clicks(bp: Blueprint, room: MailRoom) -> None:
    @bp.get("/go/<link>")
    @allow()
    @described(Operation(summary="An item's link in a newsletter", answer=None, status=302, also={404: "text/html"}))
    def go(link: str) -> Response:
        click = room.newsletter.clicked(link)
        target = None if click is None else target_of(room.url_of(click.item_id))
        if click is None or target is None:
            return _page(lost_page(_spoken()), status=404)
        if is_a_person():
            room.newsletter.count(click, link)
        response = Response(status=302)
        response.headers["Location"] = tagged(target, room.newsletter.sender.tags)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        response.autocorrect_location_header = False
        return response


def _add_choices(bp: Blueprint, room: MailRoom, backroom: Backroom) -> None:
    newsletter = room.newsletter

    @bp.get("/<token>/choices")
    @allow()
    @described(Operation(summary="Why these items, and the way to general news", answer="text/html"))
    def choices(token: str) -> Response:
        ticket = newsletter.ticket(token)
        if ticket is None:
            return _page(lost_page(_spoken()))
        return _page(choices_page(ticket.language.value, newsletter.sender.shop))

    @bp.post("/<token>/choices")
    @allow()
    @described(Operation(summary="Only general news from now on", answer="text/html", problems=("store_unavailable",)))
    def withdraw(token: str) -> Any:
        ticket = newsletter.ticket(token)
        if ticket is None:
            return _page(lost_page(_spoken()))

        def done(noted: bool) -> Response:  # noqa: FBT001 - the future's result
            spoken = ticket.language.value
            return _page(choices_page(spoken, newsletter.sender.shop, done=True) if noted else lost_page(spoken))

        return backroom.do(lambda: newsletter.withdraw(token), done)


def is_a_person() -> bool:
    """Whether a click is likely a person's: not a question about headers, not fetched ahead, not by a named robot.

    Security gateways that follow every link and call themselves a browser are not told apart.
    """
    if request.method != "GET":
        return False
    headers = request.headers
    purpose = " ".join(headers.get(name, "") for name in ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")).lower()
    agent = headers.get("User-Agent", "").lower()
    fetched_as = headers.get("Sec-Fetch-Dest", "document").lower()
    return (
        not any(word in purpose for word in NOBODY_THERE)
        and not any(word in agent for word in ROBOTS)
        and fetched_as in ("document", "iframe", "frame")
    )


def _base(room: MailRoom) -> str:
    return room.public_url or request.host_url.rstrip("/")


def _spoken() -> str:
    best = request.accept_languages.best_match([language.value for language in Language])
    return best or Language.EN.value


def tag_of(written: Written, part: str) -> str:
    """Equal for letters that show the same, whatever their links hold."""
    letter, items = written.letter, [item.item_id for item in written.slate.items]
    shown = [(place.title, place.image, place.price, place.reason, bool(place.url)) for place in letter.places]
    about = msgspec.json.encode([part, letter.language, letter.subject, letter.opening, letter.personal, items, shown])
    return blake2b(about, digest_size=12).hexdigest()


def _tagged(response: Response, written: Written, part: str) -> Response:
    """The answer with a tag of what it shows; an equal one need not be sent again."""
    response.set_etag(tag_of(written, part), weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = POLICY
    if "If-None-Match" in request.headers:
        response.make_conditional(request)
    return response


def _page(html: str, *, status: int = 200) -> Response:
    response = Response(html, status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    response.headers["X-Robots-Tag"] = "noindex"
    return response
