"""Which encoding a text file is in: UTF-8 or UTF-16 if it is valid as such, else the code page that reads best.

A legacy file says nothing about its code page, so each candidate is judged by how much of its non-ASCII text belongs to
the alphabet of one of the languages written in it. Words decide, not letters: a Cyrillic letter amid Latin ones, or a
"Latin" word made of accented letters only, is a sign of the wrong page.
"""

import codecs
import re
from dataclasses import dataclass, field

from recommender.domain.errors import BadInputError

_POLISH = "ąćęłńóśźż"
_CZECH_SLOVAK = "áčďéěíňóřšťúůýžľĺŕôä"
_HUNGARIAN = "áéíóöőúüű"
_GERMAN = "äöüß"
_FRENCH = "àâæçèéêëîïôœùûüÿ"
_SPANISH_PORTUGUESE = "áéíñóúüàâãçêôõ"
_ITALIAN = "àèéìíîòóùú"
_NORDIC = "åäöæøé"
_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_UKRAINIAN_BULGARIAN = "абвгґдеєжзиіїйклмнопрстуфхцчшщъьюя"

ALPHABETS = {
    "cp1250": (_POLISH, _CZECH_SLOVAK, _HUNGARIAN, _GERMAN),
    "cp1252": (_GERMAN, _FRENCH, _SPANISH_PORTUGUESE, _ITALIAN, _NORDIC),
    "cp1251": (_RUSSIAN, _UKRAINIAN_BULGARIAN),
    "iso8859-2": (_POLISH, _CZECH_SLOVAK, _HUNGARIAN),
}
"""Code pages we try, the likelier first where two read equally well, and the letters (lower case) they are used for."""

_SIGNS = re.compile(r"(?<![^\W\d_])[£€§©®™°±·×÷–—‘’‚“”„…«»•¼½¾²³\xa0№]|[£€§©®™°±·×÷–—‘’‚“”„…«»•¼½¾²³\xa0№](?![^\W\d_])")
"""Signs as they stand in texts; between two letters they are a letter of another code page."""
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE_BYTES = 256 * 1024


@dataclass(slots=True)
class EncodingScan:
    """Reads a whole file's bytes, block by block, and decides its encoding; memory stays constant."""

    block: int = 0
    lines: int = 0
    _utf8: codecs.IncrementalDecoder = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("strict"))
    _valid_utf8: bool = True
    _bom: str | None = None
    _sample: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes, name: str) -> None:
        """Take the next bytes of the file called ``name``; binary data raises ``BadInputError``."""
        if self.block == 0:
            self._bom = _byte_order(data)
        self.block += 1
        if self._bom is not None and self._bom.startswith("utf-16"):
            return
        if b"\0" in data:
            line = self.lines + data[: data.index(b"\0")].count(b"\n") + 1
            raise BadInputError(f"{name} is not a text table: line {line} holds a NUL byte, so it seems to be binary.")
        self.lines += data.count(b"\n")
        self._check_utf8(data)
        if not data.isascii() and len(self._sample) < _SAMPLE_BYTES:
            telling = [line for line in data.split(b"\n") if not line.isascii()]
            self._sample += b"\n".join(telling)[:_SAMPLE_BYTES] + b"\n"

    def _check_utf8(self, data: bytes) -> None:
        if self._valid_utf8:
            try:
                self._utf8.decode(data)
            except UnicodeDecodeError:
                self._valid_utf8 = False

    def decide(self, name: str) -> str:
        """The encoding's Python name; raises ``BadInputError`` if none fits."""
        if self._bom is not None and self._bom.startswith("utf-16"):
            return self._bom
        if self._valid_utf8:
            try:
                self._utf8.decode(b"", final=True)
            except UnicodeDecodeError:
                self._valid_utf8 = False
        if self._valid_utf8:
            return self._bom or "utf-8"
        found = best_code_page(bytes(self._sample))
        if found is None:
            raise BadInputError(f"{name}: the text's encoding is not one we know; save the file as UTF-8.")
        return found


def _byte_order(data: bytes) -> str | None:
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:200]
    if len(head) >= 4 and len(data) % 2 == 0:
        if head[1::2].count(0) > 0.6 * len(head[1::2]) and 0 not in head[::2]:
            return "utf-16-le"
        if head[::2].count(0) > 0.6 * len(head[::2]) and 0 not in head[1::2]:
            return "utf-16-be"
    return None


def best_code_page(sample: bytes) -> str | None:
    """The code page in which most non-ASCII text makes sense; None if no candidate can decode the sample."""
    best: tuple[float, str] | None = None
    for page, alphabets in ALPHABETS.items():
        try:
            text = sample.decode(page)
        except UnicodeDecodeError:
            continue
        score = max(_sense(text, alphabet) for alphabet in alphabets)
        if best is None or score > best[0] + 1e-9:
            best = (score, page)
    if best is None or best[0] <= 0:
        return "latin-1" if not any(0x80 <= b < 0xA0 for b in sample) else (best and best[1])
    return best[1]


def _sense(text: str, alphabet: str) -> float:
    """Share of the non-ASCII characters that are letters of the alphabet in plausible words, or common signs."""
    total = sum(not c.isascii() for c in text)
    good = len(_SIGNS.findall(text))
    good += sum(_letters(word, alphabet) for word in _WORD.findall(text) if not word.isascii())
    return good / total if total else 1.0


def _letters(word: str, alphabet: str) -> int:
    foreign = [c for c in word.lower() if not c.isascii()]
    cyrillic = "а" in alphabet
    if len(word) < 2 or not _plausible_case(word):
        return 0
    if cyrillic and len(foreign) < len(word):
        return 0
    if not cyrillic and len(word) >= 5 and len(foreign) > 0.7 * len(word):
        return 0
    return sum(c in alphabet for c in foreign)


def _plausible_case(word: str) -> bool:
    return word.islower() or word.isupper() or word[1:].islower() or word[0].isupper()
