"""Item names as a shop would print them, from a stock list's capitals. The rules stand in ``docs/bundled-shop.md``."""

import re

SHORT_FORMS = {
    "W": "with",
    "ASS": "assorted",
    "ASST": "assorted",
    "ASSTD": "assorted",
    "COL": "colour",
    "DES": "design",
    "TURQ": "turquoise",
    "TURQUOIS": "turquoise",
    "BLK": "black",
    "GARLD": "garland",
    "NECKL": "necklace",
    "TRADITIONAL": "traditional",
    "B'FLY": "butterfly",
    "P'WEIGHT": "paperweight",
    "CHOC": "chocolate",
    "ANT": "antique",
}
"""Words of the stock list that nobody would print. ``W`` and ``ANT`` only between other words."""


def _words(text: str) -> list[str]:
    return text.split()


MISSPELT = {
    "ARTIIFCIAL": "artificial",
    "BRACLET": "bracelet",
    "BUDAH": "buddha",
    "BUTTERFL": "butterfly",
    "CANDL": "candle",
    "CANNISTER": "canister",
    "CEATURE": "creature",
    "CINAMMON": "cinnamon",
    "DIAMON": "diamond",
    "DOILEY": "doily",
    "FLOWE": "flower",
    "FLOWR": "flower",
    "FRAPPUCINO": "frappuccino",
    "HYDRANGA": "hydrangea",
    "LAQUERED": "lacquered",
    "LAZER": "laser",
    "METALIC": "metallic",
    "NECKLAC": "necklace",
    "PAISELY": "paisley",
    "RASPBERR": "raspberry",
    "ROCCOCO": "rococo",
    "SANDLEWOOD": "sandalwood",
    "SILOUETTE": "silhouette",
    "STRAWBERY": "strawberry",
    "TRADTIONAL": "traditional",
    "UTILTY": "utility",
}
"""Words the stock list has wrong, or cut off at its last letter. Only those whose meaning nobody can doubt."""

CAPITALS = frozenset(_words("UK USA TV LED CD DVD USB VIP WC ABC BBQ DIY NY WW2 M.O.P MOP I I'M HQ IOU XL"))

PROPER = {
    word.upper(): word
    for word in _words(
        "Charlie Lola Suki Christmas Easter Valentine Valentines Halloween London Paris Parisienne England English Victorian "
        "Edwardian Georgian French Swiss Danish Swedish Scandinavian Scottie Moroccan Turkish Chinese Japanese Indian Russian "
        "Italian Spanish Dutch African Asian Thai Tibetan Greek Roman Santa Rudolph Xmas Mr Mrs Dr Elvis Boudicca Havana "
        "Brighton Marrakesh Wembley Glasgow Dorset Devon Cornish Oxford Cambridge Noel Vicky Edinburgh Bertie Monte Carlo "
        "Provence Sandringham Balmoral Alice Madras Bombay Rex January February August September October November December "
        "Monday Sunday Saturday Friday Regency Spaceboy"
    )
}
_LETTER_AFTER = frozenset({"LETTER", "INITIAL", "ALPHABET"})
_WORD = re.compile(r"[A-Za-z][A-Za-z.']*[A-Za-z]|[A-Za-z]")


def readable(name: str) -> str:
    """``SET/20 RED RETROSPOT PAPER NAPKINS `` becomes ``Set of 20 red retrospot paper napkins``."""
    text = _unmarked(name)
    words = [match.group() for match in _WORD.finditer(text)]
    place = iter(range(len(words)))
    cased = _WORD.sub(lambda match: _word(match, words, next(place)), text)
    cased = re.sub(r"\bT-lights?\b", lambda m: m.group().replace("t-", "T-"), cased, flags=re.IGNORECASE)
    cased = re.sub(r"(\d)\s?(cm|mm|ml|kg|g)\b", r"\1 \2", cased)
    cased = re.sub(r"(\d)\s?x\s?(\d)", r"\1 × \2", cased)
    cased = re.sub(r"(\d)(?: cm)?x(\d+)", r"\1 × \2", cased)
    for phrase in ("Union Jack", "Union flag", "New England", "New York"):
        cased = re.sub(phrase, phrase, cased, flags=re.IGNORECASE)
    return cased[:1].upper() + cased[1:]


def mended(title: str) -> str:
    """A readable name without the stock list's :data:`MISSPELT` words."""

    def right(match: re.Match[str]) -> str:
        found = MISSPELT.get(match.group().upper())
        return (
            match.group() if found is None else found[:1].upper() + found[1:] if match.group()[0].isupper() else found
        )

    return _WORD.sub(right, title)


def _unmarked(name: str) -> str:
    """Without the stock list's marks: stars, doubled blanks, trailing stops and commas, slashes for "of" and "with"."""
    text = " ".join(name.replace("*", " ").split()).strip(" .,-/")
    text = re.sub(r"\b(OF)(?=\d)", r"\1 ", text, flags=re.IGNORECASE)
    text = re.sub(r"\bSET(?=\d)", "SET ", text)
    text = re.sub(r"\b(?:SET|S)\s?/\s?(\d+)", r"SET OF \1", text)
    text = re.sub(r"\bSET (\d+)(?=[ ,]|$)", r"SET OF \1", text)
    text = re.sub(r"\b(PACK|BOX)\s?/\s?(\d+)", r"\1 OF \2", text, flags=re.IGNORECASE)
    text = re.sub(r"\bPACK (\d+)\b", r"PACK OF \1", text)
    text = re.sub(r"\bW/\s?", "WITH ", text)
    text = re.sub(r"\bC/COVER\b", "CUSHION COVER", text)
    text = re.sub(r"\s?\+\s?", " + ", text)
    text = re.sub(r"\s*,\s*", ", ", text)
    return re.sub(r"(\w)\(", r"\1 (", text)


def _word(match: re.Match[str], words: list[str], place: int) -> str:
    word = match.group()
    if match.string[: match.start()][-1:].isdigit():
        return word.lower()
    upper = word.upper()
    before = words[place - 1].upper() if place else ""
    inner = 0 < place < len(words) - 1
    if len(word) == 1 and before in _LETTER_AFTER:
        return upper
    if upper in SHORT_FORMS and (inner or upper not in {"W", "ANT"}):
        return SHORT_FORMS[upper]
    if upper in CAPITALS:
        return upper
    stem, apostrophe, ending = upper.partition("'")
    if stem in PROPER:
        return PROPER[stem] + apostrophe + ending.lower()
    return word.lower()
