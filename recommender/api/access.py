"""Who may call what: every view declares its key classes, and an undeclared one is closed."""

import logging
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import parse_qsl

from flask import Flask, Request, g, request

from recommender.api.problems import Refusal
from recommender.domain.keys import KeyClass, KeyRecord
from recommender.services.keys import KeyRing

log = logging.getLogger("recommender.http")

View = TypeVar("View", bound=Callable[..., object])
PUBLIC: frozenset[KeyClass] = frozenset()
"""Declared by views that need no key at all."""
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_DECLARED = "recommender_key_classes"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="recommender"'}


def allow(*classes: KeyClass) -> Callable[[View], View]:
    """Declare which classes of key may call a view; none at all makes it public."""

    def declare(view: View) -> View:
        setattr(view, _DECLARED, frozenset(classes))
        return view

    return declare


def declared(view: object) -> frozenset[KeyClass] | None:
    """What a view declares; None if nothing."""
    found = getattr(view, _DECLARED, None)
    return found if isinstance(found, frozenset) else None


def install(app: Flask, keys: KeyRing | None) -> None:
    """Ask for a key before every view. ``keys`` None: no keys, and calls by this machine's own names only."""

    @app.before_request
    def guard() -> None:
        if keys is None:
            _only_by_loopback_name(request)
        if request.url_rule is None:
            return  # the 404 or 405 that follows tells nothing
        classes = declared(app.view_functions[request.url_rule.endpoint])
        if classes is None:
            log.error("a view declares no key class", extra={"fields": {"endpoint": request.url_rule.endpoint}})
            raise Refusal("undeclared_route", "This address has not been opened to any key.")
        if classes == PUBLIC:
            return
        if keys is None:
            g.key_class = KeyClass.SK
            return
        record = authenticate(request, keys)
        if record.key_class not in classes:
            wanted = " or ".join(sorted(f"{c}_" for c in classes))
            raise Refusal("forbidden", f"This call takes a {wanted} key; yours is a {record.key_class}_ key.")
        g.key_class = record.key_class


def authenticate(call: Request, keys: KeyRing) -> KeyRecord:
    """The key of a call, from ``Authorization``, ``X-API-Key`` or (a ``pk_`` key only) the parameter ``key``.

    Raises
    ------
    Refusal
        ``unauthorized`` without a key, with a false or revoked one, or with a secret one in the address.
    """
    token = _from_headers(call)
    if token is None:
        token = _from_query(call)
    if not token:
        raise Refusal("unauthorized", "Send a key as 'Authorization: Bearer …' or 'X-API-Key: …'.", headers=_CHALLENGE)
    record = keys.verify(token)
    if record is None:
        raise Refusal("unauthorized", "This key is not known or has been revoked.", headers=_CHALLENGE)
    return record


def _from_headers(call: Request) -> str | None:
    scheme, _, credentials = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return call.headers.get("X-API-Key") or None


def _from_query(call: Request) -> str | None:
    pairs = parse_qsl(call.query_string.decode("latin-1"), keep_blank_values=True)
    found = [value for name, value in pairs if name == "key"]
    if found and not found[0].startswith(f"{KeyClass.PK}_"):
        raise Refusal(
            "unauthorized",
            "Only a pk_ key may stand in an address; send others in a header. If this was a secret key, revoke it.",
            headers=_CHALLENGE,
        )
    return found[0] if found else None


def _only_by_loopback_name(call: Request) -> None:
    """Without keys, a page elsewhere must not reach us through a name that it points to this machine."""
    host = call.headers.get("Host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name.lower() not in LOOPBACK_NAMES:
        raise Refusal("forbidden", "Without keys this service answers only to localhost, 127.0.0.1 and [::1].")
