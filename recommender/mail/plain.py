"""The letter as plain text, for who reads without HTML: one item a line."""

from recommender.mail.letter import Letter, Place
from recommender.mail.wording import WORDS

DASH = " – "


def plain(letter: Letter) -> str:
    """Title, price, reason and address of every item on a line of its own; ends with a line break."""
    words = WORDS[letter.language]
    head = [*([letter.shop, ""] if letter.shop else []), letter.heading, letter.opening, ""]
    items = [_line(place) for place in letter.places]
    sent_by = words["goes_to"].format(shop=letter.shop or words["this_shop"])
    foot = ["", "-- ", sent_by]
    links = letter.links
    named = ((words["why"], links.why), (words["general"], links.general), (words["stop"], links.stop))
    foot += [f"{name}: {address}" for name, address in named if address]
    if links.sender:
        foot.append(links.sender)
    return "\n".join(_one_line(line) for line in (*head, *items, *foot)) + "\n"


def _line(place: Place) -> str:
    return DASH.join(part for part in (place.title, place.price, place.reason, place.url) if part)


def _one_line(text: str) -> str:
    """Nothing from a catalogue begins a line of its own."""
    return text if text == "-- " else " ".join(text.split())
