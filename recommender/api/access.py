"""Who may call what: every view declares its key classes, and an undeclared one is closed.

:class:`Door` decides from plain values, so that Flask's views and the server's short cut for hot routes ask the same.
"""

import base64
import logging
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import unquote_plus

import msgspec
from flask import Flask, Response, g, request

from recommender.api.cors import Headers, Origins
from recommender.api.limits import Exceeded, Limits, Proxies
from recommender.api.problems import Refusal
from recommender.domain.keys import KeyClass, KeyRecord
from recommender.services.keys import KeyRing

log = logging.getLogger("recommender.http")

View = TypeVar("View", bound=Callable[..., object])
Header = Callable[[str], str | None]
"""Gives a request's header by its lower-case name; None if it is not there."""
PUBLIC: frozenset[KeyClass] = frozenset()
"""Declared by views that need no key at all."""
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_DECLARED = "recommender_key_classes"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="recommender"'}
_PASSWORD_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="recommender", Basic realm="recommender"'}
"""For views that operations open in a browser: it asks for a name (any) and a password (the key)."""


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


class Admitted(msgspec.Struct, frozen=True):
    """A call that may go on.

    Attributes
    ----------
    key_class, key_id
        Of its key. Without keys every call counts as a server's; a public view's caller has none.
    headers
        What the answer must say about its origin.
    """

    key_class: KeyClass | None
    key_id: str
    headers: Headers


class Door:
    """Asks every call for its key, its origin and its share.

    Parameters
    ----------
    keys
        None: no keys, and calls by this machine's own names only.
    """

    def __init__(
        self,
        keys: KeyRing | None,
        *,
        origins: Origins | None = None,
        limits: Limits | None = None,
        proxies: Proxies | None = None,
    ) -> None:
        self.keys = keys
        self.origins = origins or Origins()
        self._limits = limits or Limits()
        self._proxies = proxies or Proxies()

    def admit(self, classes: frozenset[KeyClass], header: Header, query: str, address: str) -> Admitted:
        """Let a call in.

        Parameters
        ----------
        classes
            What the view declares.
        query
            The query string as it came.
        address
            The other end of the connection, without a port.

        Raises
        ------
        Refusal
            ``unauthorized``, ``forbidden``, ``foreign_origin`` or ``rate_limited``; its headers tell the page what its browser
            wants to know.
        """
        headers = self.origins.headers(header("origin"))
        try:
            if self.keys is None:
                only_from_here(header)
                return Admitted(KeyClass.SK if classes else None, "", headers)
            if not classes:
                return Admitted(None, "", headers)
            record = self._owner(self.keys, header, query, address)
            _check_class(record.key_class, classes)
            return Admitted(record.key_class, record.key_id, headers)
        except Refusal as refusal:
            if refusal.code == "unauthorized" and classes == frozenset({KeyClass.ADM}):
                refusal.headers.update(_PASSWORD_CHALLENGE)
            refusal.headers.update(headers)
            raise

    def _owner(self, keys: KeyRing, header: Header, query: str, address: str) -> KeyRecord:
        """The key of a call, from a header or (a ``pk_`` key only) the parameter ``key``, within its limits."""
        token = _from_headers(header) or _from_query(query)
        if not token:
            raise Refusal(
                "unauthorized", "Send a key as 'Authorization: Bearer …' or 'X-API-Key: …'.", headers=_CHALLENGE
            )
        record = keys.verify(token)
        if record is None or record.key_class is KeyClass.PK:
            caller = self._proxies.address(address, header("x-forwarded-for"))
            if record is None:
                raise self._unknown_key(caller)
            self._public(record, header, caller)
        return record

    def _unknown_key(self, caller: str) -> Refusal:
        exceeded = self._limits.guessing(caller)
        if exceeded is not None:
            return _limited(exceeded, "Too many calls with false keys came from this address")
        self._limits.bad_key(caller)
        return Refusal("unauthorized", "This key is not known or has been revoked.", headers=_CHALLENGE)

    def _public(self, record: KeyRecord, header: Header, caller: str) -> None:
        """What holds for keys that stand in pages: whose page it is, and how often."""
        if self.origins.foreign(header("origin"), header("host")):
            raise Refusal("foreign_origin", "This page's origin is not in RECOMMENDER_ORIGINS.")
        exceeded = self._limits.public_call(caller, record.key_id)
        if exceeded is not None:
            raise _limited(exceeded, f"Too many calls came with this {exceeded.policy}")


def _check_class(own: KeyClass, classes: frozenset[KeyClass]) -> None:
    if own not in classes:
        wanted = " or ".join(sorted(f"{c}_" for c in classes))
        raise Refusal("forbidden", f"This call takes a {wanted} key; yours is a {own}_ key.")


def _limited(exceeded: Exceeded, said: str) -> Refusal:
    headers = exceeded.headers
    return Refusal("rate_limited", f"{said}; try again in {headers['Retry-After']} s.", headers=headers)


def install(app: Flask, door: Door) -> None:
    """Ask at the door before every view, and answer browsers that ask beforehand."""

    @app.before_request
    def guard() -> Response | None:
        header: Header = request.headers.get
        g.origin_headers = door.origins.headers(header("origin"))
        if door.keys is None:
            only_from_here(header)
        if request.url_rule is None:
            return None  # the 404 or 405 that follows tells nothing
        classes = declared(app.view_functions[request.url_rule.endpoint])
        if request.method == "OPTIONS":
            return _preflight(door.origins, header)
        if classes is None:
            log.error("a view declares no key class", extra={"fields": {"endpoint": request.url_rule.endpoint}})
            raise Refusal("undeclared_route", "This address has not been opened to any key.")
        query = request.query_string.decode("latin-1")
        admitted = door.admit(classes, header, query, request.remote_addr or "")
        g.key_class, g.key_id = admitted.key_class, admitted.key_id
        return None

    @app.after_request
    def tell_origin(response: Response) -> Response:
        found: Headers | None = g.get("origin_headers")
        if found is None:  # refused before the guard was asked: a body too slow or too large
            found = door.origins.headers(request.headers.get("origin"))
        for name, value in found:
            if name == "Vary":
                response.vary.add(value)
            else:
                response.headers[name] = value
        return response


def _preflight(origins: Origins, header: Header) -> Response:
    """The answer to ``OPTIONS``: which methods the address takes, and whether the page may use them."""
    rules = request.url_rule.map.iter_rules() if request.url_rule else ()
    here = request.url_rule.rule if request.url_rule else ""
    methods = {method for rule in rules if rule.rule == here for method in rule.methods or ()}
    response = Response(status=204)
    response.headers["Allow"] = ", ".join(sorted(methods))
    for name, value in origins.preflight(header("origin"), methods):
        response.headers[name] = value
    return response


def _from_headers(header: Header) -> str | None:
    authorization = header("authorization")
    if authorization:
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() == "bearer" and credentials.strip():
            return credentials.strip()
        if scheme.lower() == "basic":
            return _password(credentials)
    return header("x-api-key") or None


def _password(credentials: str) -> str | None:
    """The key an operator typed as a password."""
    try:
        return base64.b64decode(credentials, validate=True).decode("ascii").partition(":")[2] or None
    except ValueError:
        return None


def _from_query(query: str) -> str | None:
    if "key=" not in query:
        return None
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name == "key":
            token = unquote_plus(value)
            if not token.startswith(f"{KeyClass.PK}_"):
                raise Refusal(
                    "unauthorized",
                    "Only a pk_ key may stand in an address; send others in a header. If this was a secret key, "
                    "revoke it.",
                    headers=_CHALLENGE,
                )
            return token
    return None


def only_from_here(header: Header) -> None:
    """Without keys, a page elsewhere must not reach us: not by a name that it points to this machine, nor by ours.

    Raises
    ------
    Refusal
        ``forbidden``.
    """
    if _name_of(header("host") or "") not in LOOPBACK_NAMES:
        raise Refusal("forbidden", "Without keys this service answers only to localhost, 127.0.0.1 and [::1].")
    origin = header("origin")
    if origin and _name_of(origin.partition("://")[2]) not in LOOPBACK_NAMES:
        raise Refusal("forbidden", "Without keys this service answers only pages of this machine.")


def _name_of(host: str) -> str:
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.lower()
