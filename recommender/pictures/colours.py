"""Which colours a picture has: colour words of the name first, then the shelf, then chance fixed by the item's id."""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple

SHADE = "#2b2118"
"""Shadows and tables: this at 6 to 16 per cent."""
IVORY = "#fdf6e6"
"""Labels, faces, rims and patterns."""
STRING = "#8b7a63"
FLAME = "#f0b24a"
FLAME_CORE = "#fff3d0"
INK = "#3d3937"
"""Eyes and clock hands."""


class Tones(NamedTuple):
    """One colour in three tones: the body, what is darker (hems, handles, lids), what is lighter (rims)."""

    main: str
    dark: str
    light: str


COLOURS: Mapping[str, Tones] = {
    "red": Tones("#c24a3d", "#98352c", "#e07f70"),
    "pink": Tones("#e2919c", "#c46a79", "#f2bcc2"),
    "orange": Tones("#db8244", "#b5632b", "#efac79"),
    "yellow": Tones("#e0b04a", "#b98a2c", "#f0cf86"),
    "green": Tones("#6d9270", "#4f7254", "#9dbb9c"),
    "mint": Tones("#9fc6b3", "#75a28e", "#c6e0d4"),
    "blue": Tones("#5f87ad", "#44688b", "#93b3d0"),
    "navy": Tones("#3d5674", "#2a3e57", "#6a86a6"),
    "teal": Tones("#549c9a", "#3a7a79", "#8cc3c0"),
    "purple": Tones("#927bb0", "#705a8d", "#bba9d0"),
    "brown": Tones("#99694a", "#754d34", "#bf9272"),
    "wicker": Tones("#c7a475", "#a07f52", "#dfc59d"),
    "ivory": Tones("#f3e7cf", "#d3bf9a", "#fbf5e6"),
    "white": Tones("#fdfaf3", "#d9d2c4", "#ffffff"),
    "black": Tones("#3d3937", "#262322", "#67615d"),
    "grey": Tones("#a4a8aa", "#7d8285", "#c8cccd"),
    "gold": Tones("#c79f48", "#9d7a2e", "#e2c682"),
    "slate": Tones("#56616c", "#3e4750", "#7f8a95"),
    "glass": Tones("#c3d9d8", "#94b4b3", "#e2eeed"),
}
PALE = frozenset({"white", "ivory", "glass"})
"""Colours that need the deep ground behind them and a coloured pattern on them."""

PLAIN_WORDS: Mapping[str, str] = {name: name for name in COLOURS} | {
    "gray": "grey",
    "turquoise": "teal",
    "cream": "ivory",
    "lilac": "purple",
    "silver": "grey",
    "reds": "red",
    "blues": "blue",
    "greens": "green",
}
"""Words that say a colour and nothing else; they go before words that only hint at one."""
HINTS: Mapping[str, str] = {
    word: colour
    for colour, words in {
        "red": "cherry strawberry strawberries ruby toadstool toadstools chilli poppy scarlet cranberry",
        "pink": "rose roses fuschia fuchsia raspberry coral dolly sweetheart magenta fairy",
        "orange": "peach tangerine copper fawn gingerbread amber terracotta",
        "yellow": "lemon mustard sunflower butter chick daisy",
        "green": "apple apples pear pears herb leaf olive woodland garden gardeners ivy holly",
        "mint": "jade aqua duckegg",
        "teal": "peacock",
        "navy": "midnight spaceboy marine union",
        "blue": "sky denim ocean",
        "purple": "lavender amethyst violet plum mauve",
        "brown": "chocolate coffee walnut mahogany",
        "wicker": "natural rattan straw wooden wood rustic jute hessian cork bamboo birch",
        "ivory": "antique vanilla doily lace pearl beige linen",
        "black": "skull skulls",
        "slate": "blackboard chalkboard",
        "gold": "golden brass bronze gilt",
        "grey": "zinc metal tin steel pewter chrome",
        "glass": "crystal clear acrylic",
    }.items()
    for word in words.split()
}
METAL = frozenset({"metal", "tin", "silver"})
"""Says what a sign, a hook or a spoon is made of, not how it is painted."""


class Shelf(NamedTuple):
    """How pictures of one shelf look: the wall, the wall behind pale things, and four colours."""

    pale: str
    deep: str
    colours: tuple[str, str, str, str]


HOME = Shelf("#eadfce", "#c8b797", ("red", "teal", "yellow", "blue"))
KITCHEN = Shelf("#e3e7d8", "#a9b898", ("red", "blue", "yellow", "teal"))
PAPER = Shelf("#e4e6ea", "#a8b3c0", ("pink", "blue", "yellow", "red"))
LIGHT = Shelf("#efe0c6", "#cbab7c", ("orange", "ivory", "red", "teal"))
SEASON = Shelf("#e2e6da", "#97ab94", ("red", "green", "gold", "white"))
BAGS = Shelf("#f0dfd6", "#d2ad9b", ("navy", "red", "green", "teal"))
PARTY = Shelf("#f4e3dc", "#dcaea2", ("pink", "mint", "yellow", "red"))
STORAGE = Shelf("#e6e3d6", "#b5ae92", ("teal", "mint", "red", "blue"))
TOYS = Shelf("#dfe8ea", "#9db8c0", ("red", "yellow", "blue", "green"))
GARDEN = Shelf("#dde6d6", "#9fb693", ("green", "grey", "yellow", "orange"))
BATH = Shelf("#dfe8e6", "#9cbbb5", ("pink", "blue", "purple", "mint"))
JEWELS = Shelf("#e9e0e6", "#bda5b6", ("gold", "purple", "teal", "red"))
OTHER = Shelf("#e9e2d4", "#bdae91", ("blue", "red", "yellow", "green"))

SHELVES: tuple[tuple[str, Shelf], ...] = (
    ("kitchen > baking", PARTY),
    ("kitchen", KITCHEN),
    ("party", PARTY),
    ("seasonal > easter", PARTY),
    ("seasonal", SEASON),
    ("christmas", SEASON),
    ("home > storage", STORAGE),
    ("storage", STORAGE),
    ("home", HOME),
    ("stationery", PAPER),
    ("cards", PAPER),
    ("candles", LIGHT),
    ("bags", BAGS),
    ("children", TOYS),
    ("toys", TOYS),
    ("garden", GARDEN),
    ("bath", BATH),
    ("jewellery", JEWELS),
    ("accessories", JEWELS),
)
"""The beginning of a category in lower case, and its look; the first that fits."""


def shelf_of(category: str | None) -> Shelf:
    """The look of a category's pictures; a category nobody thought of, or none, has the neutral one."""
    name = (category or "").lower()
    return next((shelf for start, shelf in SHELVES if name.startswith(start)), OTHER)


def named_colours(title: str, *, ignore: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The colours a name speaks of, plain ones first, each once, in the order they stand.

    Parameters
    ----------
    title : str
        Any case.
    ignore : frozenset of str
        Words that are no colours here, such as ``metal`` of a sign.
    """
    words = [word for word in re.findall(r"[a-z]+", title.lower().replace("duck egg", "duckegg")) if word not in ignore]
    return tuple(dict.fromkeys(_found(words)))


def _found(words: list[str]) -> Iterator[str]:
    for known in (PLAIN_WORDS, HINTS):
        yield from (known[word] for word in words if word in known)
    if "jack" in words:
        yield "navy"
    if any(word.startswith("retrospot") for word in words):
        yield "red"


def choose(item_id: str, named: tuple[str, ...], shelf: Shelf) -> tuple[str, str]:
    """Names of the main and the accent colour: from the name's words, else from the shelf by SHA-256 of the id."""
    chance = sha256(item_id.encode()).digest()
    main = named[0] if named else shelf.colours[chance[0] % 4]
    if len(named) > 1:
        return main, named[1]
    others = [colour for colour in dict.fromkeys((*shelf.colours, "yellow", "ivory")) if colour != main]
    return main, others[chance[1] % len(others)]
