"""From bytes to checked values, strictly: query strings, JSON bodies and ids."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar, get_args
from urllib.parse import parse_qsl

import msgspec
from msgspec.structs import FieldInfo

from recommender.api.problems import FieldProblem, Refusal
from recommender.api.strict_json import STRICT
from recommender.domain.events import ILLEGAL_IDS, MAX_ID_BYTES
from recommender.domain.people import normal_id

Struct = TypeVar("Struct", bound=msgspec.Struct)
MAX_FIELDS = 2_000
"""Most parameters a query string may have."""
ESCAPE = b"\\u"
NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def pairs_of(query: bytes) -> list[tuple[str, str]]:
    """The parameters of a query string in order; bytes that are no UTF-8 are refused."""
    if b"%" not in query and b"+" not in query and query.isascii() and query.count(b"&") < MAX_FIELDS:
        parts = [part.partition("=") for part in query.decode("ascii").split("&") if part]
        return [(name, value) for name, _, value in parts]
    try:
        return parse_qsl(query.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except UnicodeDecodeError:
        raise Refusal("invalid_parameter", "The query string is not UTF-8.") from None
    except ValueError:
        raise Refusal("invalid_parameter", f"More than {MAX_FIELDS} parameters; use the POST form.") from None


def object_of(body: bytes, *, content_type: str, encoding: str) -> dict[str, Any]:
    """The JSON object of a body.

    Raises
    ------
    Refusal
        ``unsupported_media_type``, or ``invalid_body`` for anything but one JSON object in UTF-8 without repeated
        keys, NaN or Infinity, and no deeper than Python's parser goes; ``invalid_parameter`` for a field that holds,
        however deep, a text that no store could keep: half a character (a lone surrogate), or NUL.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal("unsupported_media_type", "Send the body as Content-Type: application/json.")
    if encoding not in ("", "identity"):
        raise Refusal("unsupported_media_type", "This call takes no compressed body.")
    try:
        found = STRICT.decode(body.decode())
    except json.JSONDecodeError as error:
        raise Refusal("invalid_body", f"The body is not JSON: see character {error.pos}.") from None
    except UnicodeDecodeError:
        raise Refusal("invalid_body", "The body is not UTF-8.") from None
    except RecursionError:
        raise Refusal("invalid_body", "The body is nested too deeply.") from None
    except ValueError as error:
        raise Refusal("invalid_body", f"The body is not JSON this call takes: {error}.") from None
    if not isinstance(found, dict):
        raise Refusal("invalid_body", "The body must be one JSON object.")
    if ESCAPE in body:  # how else such a text could stand in UTF-8
        _refuse_no_texts(found)
    return found


def _refuse_no_texts(found: Mapping[str, Any]) -> None:
    problems = tuple(
        FieldProblem(pointer=pointer_to(shown), code="invalid", message=f"{shown} holds half a character, or NUL.")
        for shown in (_shown(name) for name, value in found.items() if not (_is_text(name) and _is_text(value)))
    )
    if problems:
        raise Refusal("invalid_parameter", problems[0].message, errors=problems)


def _is_text(value: Any) -> bool:
    """Whether every text in a JSON value can be written as UTF-8 and holds no NUL."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and NO_TEXT.search(one):
            return False
    return True


def fields_of(pairs: Iterable[tuple[str, str]], kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Query parameters by name: a list where the struct takes several, else the one value.

    Raises
    ------
    Refusal
        If a parameter that takes one value stands twice.
    """
    several = lists_of(kind)
    found: dict[str, Any] = {}
    twice: list[FieldProblem] = []
    for name, value in pairs:
        if name in several:
            found.setdefault(name, []).append(value)
        elif name in found:
            twice.append(FieldProblem(pointer=f"/{name}", code="repeated", message=f"{name} may stand once only."))
        else:
            found[name] = value
    if twice:
        raise Refusal("invalid_parameter", twice[0].message, errors=tuple(twice))
    return found


@cache
def known_fields(kind: type[msgspec.Struct]) -> Mapping[str, FieldInfo]:
    """The fields of a struct by name; finding them out costs more than a list, so it is done once."""
    return MappingProxyType({f.name: f for f in msgspec.structs.fields(kind)})


@cache
def lists_of(kind: type[msgspec.Struct]) -> frozenset[str]:
    """Names of the fields of a struct that take several values."""
    return frozenset(name for name, f in known_fields(kind).items() if f.default == ())


def struct_of(values: Mapping[str, Any], kind: type[Struct], *, strict: bool) -> Struct:
    """Check values one by one, so that an answer names every wrong one.

    Parameters
    ----------
    strict
        False for query strings, whose values are all texts.
    """
    known = known_fields(kind)
    if known.keys() >= values.keys():
        try:
            return msgspec.convert(values, kind, strict=strict)
        except msgspec.ValidationError:
            pass  # perhaps a single text where several may stand; else every wrong one is found below
    several = lists_of(kind)
    problems: list[tuple[str, FieldProblem]] = []
    made: dict[str, Any] = {}
    for name, given in values.items():
        if name not in known:
            problems.append(_stranger(name, known))
            continue
        value = [given] if name in several and isinstance(given, str) else given
        try:
            made[name] = msgspec.convert(value, known[name].type, strict=strict)
        except msgspec.ValidationError:
            message = f"{name} must be {rule_of(known[name].type)}."
            problems.append(("invalid_parameter", FieldProblem(pointer=f"/{name}", code="invalid", message=message)))
    if problems:
        code, first = problems[0]
        raise Refusal(code, first.message, errors=tuple(problem for _, problem in problems))
    return kind(**made)


def _stranger(name: str, known: Iterable[str]) -> tuple[str, FieldProblem]:
    shown = _shown(name)
    message = f"{shown} is not a parameter of this call. It takes: {', '.join(sorted(known))}."
    return "unknown_parameter", FieldProblem(pointer=pointer_to(shown), code="unknown", message=message)


def _shown(name: str) -> str:
    return name if name.isprintable() and len(name) <= 40 else "…"


def pointer_to(name: str) -> str:
    """The JSON pointer to a field of a body."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def rule_of(annotation: Any) -> str:
    """What a field must be, in words: the description in its annotation, or in that of what it may be besides null."""
    for part in getattr(annotation, "__metadata__", ()):
        if isinstance(part, msgspec.Meta) and part.description:
            return part.description
    told = [rule_of(part) for part in get_args(annotation) if hasattr(part, "__metadata__")]
    return told[0] if told else "as /openapi.json describes it"


def clean_id(text: str, *, pointer: str) -> str:
    """An id in its normal form (NFC, no spaces around); empty stays empty.

    Raises
    ------
    Refusal
        If it is longer than 128 bytes or holds anything that cannot be printed.
    """
    normal = normal_id(text)
    if not normal.isprintable() or "\ufffd" in normal:
        message = "An id holds only printable characters."
    elif len(normal.encode()) > MAX_ID_BYTES:
        message = f"An id has at most {MAX_ID_BYTES} bytes in UTF-8."
    else:
        return normal
    problem = FieldProblem(pointer=pointer, code="invalid", message=message)
    raise Refusal("invalid_parameter", f"{pointer[1:]}: {message}", errors=(problem,))


def person_id(text: str | None, *, pointer: str) -> str | None:
    """A visitor's or customer's id; None where the sender says nobody, or has a bug and says ``undefined``."""
    if not text:
        return None
    found = clean_id(text, pointer=pointer)
    return found if found and found.lower() not in ILLEGAL_IDS else None


def item_ids(texts: Sequence[str], *, pointer: str) -> tuple[str, ...]:
    """Item ids without repetitions and empty ones, in the order given."""
    if not texts:
        return ()
    cleaned = (clean_id(text, pointer=f"{pointer}/{place}") for place, text in enumerate(texts))
    return tuple(dict.fromkeys(found for found in cleaned if found))
