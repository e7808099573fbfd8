"""A letter as HTML: the layout's gaps filled, everything from outside escaped."""

from dataclasses import replace
from functools import lru_cache
from html import escape

from recommender.mail.letter import Letter, Place
from recommender.mail.template import CLAY, INK, MUTED, ON_PINE, PINE, SERIF, SUNK, skeleton
from recommender.mail.wording import WORDS

LINK = f"color:{INK};text-decoration:none"
CELL_PIXELS, LEAD_PIXELS, WIDE_PIXELS = 260, 536, 204
FILLER = "&#847;&zwnj;&nbsp;" * 12
"""Stands after the hidden line, so that a mail program does not go on with the letter's first words."""

KEPT_PIECES = 8_192
GAP = "\x00"
"""Where a link comes; stands in no text that is shown."""


def mail(letter: Letter) -> str:
    """A whole HTML document."""
    return _filled(letter, whole=True)


def block(letter: Letter) -> str:
    """The items alone, to be put into another mail."""
    return _filled(letter, whole=False)


def _filled(letter: Letter, *, whole: bool) -> str:
    parts = skeleton(len(letter.places), whole=whole)
    values = {f"item_{i}": _place(letter, i) for i in range(1, len(letter.places) + 1)}
    values |= {
        "lang": letter.language,
        "subject": escape(letter.subject),
        "preheader": escape(letter.preheader) + FILLER,
        "shop": _mark(letter.shop),
        "heading": f'<h1 class="h" style="margin:0;font:inherit">{escape(letter.heading)}</h1>',
        "opening": escape(letter.opening),
        "foot": _foot(letter),
    }
    return "".join(values[part] if i % 2 else part for i, part in enumerate(parts))


def _mark(shop: str) -> str:
    """The word mark; its ampersand has a colour of its own."""
    return escape(shop).replace("&amp;", f'<span class="y" style="color:{CLAY}">&amp;</span>')


def _place(letter: Letter, number: int) -> str:
    """One item by its place in the letter."""
    place, n = letter.places[number - 1], len(letter.places)
    form = "lead" if number == 1 else "wide" if number == n and n % 2 == 0 else "cell"
    url = None if place.url is None else GAP
    shown = Place(title=place.title, url=url, image=place.image, price=place.price, reason=place.reason)
    return escape(place.url or "").join(_pieces(form, letter.language, shown))


@lru_cache(maxsize=KEPT_PIECES)
def _pieces(form: str, language: str, place: Place) -> tuple[str, ...]:
    """One item cut at its links: the same in everybody's letter but for where they lead."""
    clean = replace(place, title=place.title.replace(GAP, ""), reason=place.reason.replace(GAP, ""))
    if form == "lead":
        return tuple(_lead(clean, WORDS[language]["see"]).split(GAP))
    return tuple((_wide(clean) if form == "wide" else _cell(clean)).split(GAP))


def _lead(place: Place, see: str) -> str:
    crop = "aspect-ratio:3/2;object-fit:cover;"
    title = f'<span style="font:22px/1.25 {SERIF}">{escape(place.title)}</span>'
    inside = f"{_picture(place, LEAD_PIXELS, crop)}{title}{_price(place)}"
    button = ""
    if place.url:
        button = (
            '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin-top:16px" class="b"><tr>'
            f'<td bgcolor="{PINE}" style="border-radius:6px;background:{PINE}">{_opened(place)} '
            f'style="display:inline-block;padding:12px 24px;color:{ON_PINE};font-weight:600;text-decoration:none;'
            f'border-radius:6px">{escape(see)}</a></td></tr></table>'
        )
    return f"{_linked(place, inside)}{_reason(place)}{button}"


def _cell(place: Place) -> str:
    inside = f"{_picture(place, CELL_PIXELS, '')}{escape(place.title)}{_price(place)}"
    return f"{_linked(place, inside)}{_reason(place)}"


def _wide(place: Place) -> str:
    """Picture left, words right, still one link; a program that knows no inline blocks puts the words below."""
    picture = ""
    if place.image:
        picture = (
            f'<img src="{escape(place.image)}" alt="" width="{WIDE_PIXELS}" height="{WIDE_PIXELS}" style="display:inline-block;'
            f'width:38%;max-width:{WIDE_PIXELS}px;height:auto;vertical-align:middle;border-radius:10px 0 0 10px;background:{SUNK}">'
        )
    said = (
        f'<span class="q" style="font-size:13px;color:{MUTED}">{escape(place.reason)}</span><br>'
        if place.reason
        else ""
    )
    words = f'{said}<span style="font:19px/1.3 {SERIF}">{escape(place.title)}</span>{_price(place)}'
    share = "56%" if picture else "92%"
    box = (
        f'<span style="display:inline-block;width:{share};padding:12px 0 12px 4%;vertical-align:middle">{words}</span>'
    )
    return _linked(place, picture + box)


def _picture(place: Place, pixels: int, more: str) -> str:
    """The picture, or a calm field in its place; square by its attributes, as wide as its cell by its style."""
    if not place.image:
        return ""
    return (
        f'<img src="{escape(place.image)}" alt="" width="{pixels}" height="{pixels}" style="display:block;width:100%;'
        f'height:auto;{more}border-radius:10px;background:{SUNK};margin-bottom:8px">'
    )


def _price(place: Place) -> str:
    return f"<br><b>{escape(place.price)}</b>" if place.price else ""


def _reason(place: Place) -> str:
    if not place.reason:
        return ""
    return f'<div class="q" style="font-size:13px;line-height:1.4;color:{MUTED}">{escape(place.reason)}</div>'


def _linked(place: Place, inside: str) -> str:
    """Everything about an item is one link; without an address it is plain text."""
    if not place.url:
        return f'<div style="color:{INK}">{inside}</div>'
    return f'{_opened(place)} style="display:block;{LINK}">{inside}</a>'


def _opened(place: Place) -> str:
    return f'<a href="{escape(place.url or "")}"'


def _foot(letter: Letter) -> str:
    words, links = WORDS[letter.language], letter.links
    named = ((words["why"], links.why), (words["general"], links.general), (words["stop"], links.stop))
    shown = [
        f'<a href="{escape(address)}" style="color:{INK}">{escape(name)}</a>' for name, address in named if address
    ]
    sent_by = escape(words["goes_to"].format(shop=letter.shop or words["this_shop"]))
    sender = f"<br>{escape(links.sender)}" if links.sender else ""
    return f"{sent_by} {' · '.join(shown)}{sender}"
