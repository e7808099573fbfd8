"""Where a mail may lead and which pictures it may show: what the catalogue says, as far as it is harmless."""

from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from recommender.ranking.cards import safe_link

DRAWINGS = "/demo/pictures/"
"""Where the demo shop's drawings are served: each as SVG for pages and as PNG for mails."""
KEPT = 8_192
"""Links of so many items are looked at once only."""


@lru_cache(maxsize=KEPT)
def target_of(url: str | None) -> str | None:
    """Where a click may lead: the item's own page by http(s), or a path of our own host; anything else is None."""
    link = safe_link(url)
    if link is None or "\\" in link or not link.isprintable() or " " in link:
        return None
    if link.startswith("/"):
        return link
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    return link if parts.hostname and parts.username is None else None


@lru_cache(maxsize=KEPT)
def picture_of(image: str | None, base: str) -> str | None:
    """A picture mail programs show; the PNG in the place of one of our drawings, and none for any other SVG."""
    link = target_of(image)
    if link is None:
        return None
    path = link.partition("?")[0]
    if path.lower().endswith(".svg"):
        if not path.startswith(DRAWINGS):
            return None
        link = f"{path[:-4]}.png"
    return absolute(link, base)


@lru_cache(maxsize=KEPT)
def tagged(link: str, tags: str) -> str:
    """The link with the shop's own tags (``utm_source=newsletter&...``) in its query; what it says of itself already stands.

    Parameters
    ----------
    link : str
        One that :func:`target_of` lets pass.
    tags : str
        Names and values as an address writes them; empty for none.
    """
    if not tags:
        return link
    parts = urlsplit(link)
    said = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added = urlencode([(name, value) for name, value in parse_qsl(tags) if name not in said])
    query = "&".join(part for part in (parts.query, added) if part)
    return urlunsplit(parts._replace(query=query))


def absolute(link: str, base: str) -> str:
    """The link as a mail needs it: with a host."""
    return f"{base}{link}" if link.startswith("/") else link
