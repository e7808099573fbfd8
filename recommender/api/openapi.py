"""The API's description (OpenAPI 3.1), made from the very structs and routes that answer."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Flask

from recommender import __version__
from recommender.api.access import PUBLIC, declared
from recommender.api.describing import Operation, description
from recommender.api.operations import Alive
from recommender.api.problems import CODES, Problem
from recommender.api.reading import rule_of
from recommender.api.recommendations import Answer, Parameters
from recommender.api.shapes import Shapes
from recommender.api.standing import Readiness
from recommender.api.visitors import NewVisitor
from recommender.domain.keys import KeyClass
from recommender.ranking.scenarios import SCENARIOS

JSON = "application/json"
DEMO_PAGES = "/demo"
"""Where the demo shop's pages begin, which are no part of the API."""


_READING = ("invalid_parameter", "unknown_parameter", "unknown_scenario")
OPERATIONS: Mapping[str, Operation] = {
    "recommendations.by_query": Operation(
        summary="A list for a page", answer=Answer, query=Parameters, problems=_READING
    ),
    "recommendations.by_body": Operation(
        summary="A list for a page, for long input",
        answer=Answer,
        body=Parameters,
        problems=(*_READING, "invalid_body", "unsupported_media_type"),
    ),
    "operations.healthz": Operation(summary="The process answers", answer=Alive),
    "operations.readyz": Operation(
        summary="Whether lists can be given, and what they rest on", answer=Readiness, also={503: Readiness}
    ),
    "operations.openapi": Operation(summary="This description", answer=JSON),
    "documents.show": Operation(summary="This description, for people", answer="text/html"),
    "visitors.create": Operation(summary="A fresh id for a browser that has none", answer=NewVisitor, status=201),
    "admin.numbers": Operation(summary="Numbers for Prometheus", answer="text/plain"),
    "admin.show": Operation(summary="How the service stands, for people", answer="text/html"),
    "operations.problem": Operation(
        summary="What a problem's type means", answer="text/plain", problems=("not_found",)
    ),
    "root.show": Operation(summary="A page for people", answer="text/html"),
}
"""View → what the description says of it, where the view does not say it itself (see ``describing.py``)."""

_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1}
_WORDS: Mapping[str, Mapping[str, Any]] = {
    "scenario": {"type": "string", "enum": list(SCENARIOS)},
    "code": {"type": "string", "enum": list(CODES)},
}
"""Parts of paths that are words of ours; any other is an id."""

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer sk_…"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "browser": {"type": "apiKey", "in": "query", "name": "key", "description": "a pk_ key only"},
}


def document(app: Flask) -> dict[str, Any]:
    """The description of every route of the application.

    Raises
    ------
    KeyError
        A view is described neither beside itself nor in :data:`OPERATIONS`.
    """
    resources = (rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(DEMO_PAGES))
    rules = sorted(resources, key=lambda rule: rule.rule)
    said = {rule.endpoint: description(app.view_functions[rule.endpoint]) for rule in rules}
    about = {endpoint: found or OPERATIONS[endpoint] for endpoint, found in said.items()}
    shapes = Shapes([Problem, *(kind for one in about.values() for kind in _named(one))])
    paths: dict[str, dict[str, Any]] = {}
    for rule in rules:
        allowed = declared(app.view_functions[rule.endpoint]) or PUBLIC
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            operation = _operation(rule.endpoint, about[rule.endpoint], allowed, shapes)
            operation["parameters"] = _places(rule.arguments) + operation["parameters"]
            paths.setdefault(path, {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "recommender",
            "version": __version__,
            "summary": "Personal product lists for online shops",
            "description": "Every error is application/problem+json; its code is stable.",
        },
        "paths": paths,
        "components": {"schemas": shapes.schemas, "securitySchemes": _SCHEMES},
    }


def _named(about: Operation) -> list[Any]:
    """The types an operation speaks of."""
    answers = [kind for kind in (about.answer, *(about.also or {}).values()) if isinstance(kind, type)]
    return [*answers, about.body]


def _places(names: Iterable[str]) -> list[dict[str, Any]]:
    """Parameters in the path."""
    return [{"name": name, "in": "path", "required": True, "schema": _WORDS.get(name, _TEXT)} for name in sorted(names)]


def _operation(endpoint: str, about: Operation, allowed: frozenset[KeyClass], shapes: Shapes) -> dict[str, Any]:
    made: dict[str, Any] = {"operationId": endpoint.replace(".", "_"), "summary": about.summary}
    made["security"] = _security(allowed) if allowed else []
    made["parameters"] = _query(about.query) if about.query else []
    if about.body is not None:
        content = {kind: {"schema": shapes.of(about.body)} for kind in about.body_types}
        made["requestBody"] = {"required": True, "content": content}
    made["responses"] = _responses(about, shapes, keyed=bool(allowed))
    return made


def _security(allowed: frozenset[KeyClass]) -> list[dict[str, list[str]]]:
    ways: list[dict[str, list[str]]] = [{"bearer": []}, {"header": []}]
    return [*ways, {"browser": []}] if KeyClass.PK in allowed else ways


def _query(kind: type[msgspec.Struct]) -> list[dict[str, Any]]:
    found = []
    for field in msgspec.structs.fields(kind):
        _, parts = msgspec.json.schema_components([field.type])
        schema = msgspec.json.schema(field.type)
        schema = _inlined(schema, parts)
        schema.pop("description", None)
        text = rule_of(field.type)
        found.append({"name": field.name, "in": "query", "required": False, "description": text, "schema": schema})
    return found


def _inlined(schema: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """A schema without references: parameters of a query are flat."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    inner = dict(parts[name]) if name else {k: v for k, v in schema.items() if k != "$defs"}
    inner.pop("title", None)
    return inner


def _responses(about: Operation, shapes: Shapes, *, keyed: bool) -> dict[str, Any]:
    kind = about.answer
    good: dict[str, Any] = {"description": "OK"}
    if kind is not None:
        good["content"] = {JSON: {"schema": shapes.of(kind)}} if isinstance(kind, type) else {kind: {}}
    found: dict[str, Any] = {str(about.status): good}
    for status, also in (about.also or {}).items():
        told = {"description": HTTPStatus(status).phrase, "content": {also: {}}} if isinstance(also, str) else None
        found[str(status)] = told or {
            "description": CODES["not_ready"][1],
            "content": {JSON: {"schema": shapes.of(also)}},
        }
    codes = [*about.problems, "bad_request", "forbidden", "method_not_allowed", "internal_error"]
    codes += [
        "slow_body",
        "body_too_large",
        *(["unauthorized", "rate_limited", "foreign_origin", "store_unavailable"] if keyed else []),
    ]
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(CODES[code][0], []).append(code)
    content = {"application/problem+json": {"schema": shapes.of(Problem)}}
    for status, names in sorted(by_status.items()):
        found.setdefault(str(status), {"description": ", ".join(sorted(names)), "content": content})
    return found
