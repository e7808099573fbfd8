"""``/docs``: the API's description as a page for people, made here, without anything from elsewhere."""

import json
from collections.abc import Callable
from html import escape
from typing import Any

from flask import Blueprint, Response

from recommender.api.access import allow
from recommender.api.pages import page, table

Described = dict[str, Any]


def blueprint(describe: Callable[[], Described]) -> Blueprint:
    """The page, of what ``describe`` gives."""
    bp = Blueprint("documents", __name__)

    @bp.get("/docs")
    @allow()
    def show() -> Response:
        found = describe()
        return page(f"{found['info']['title']} {found['info']['version']}", body_of(found))

    return bp


def body_of(found: Described) -> str:
    """The page's content: one fold per call, then the shapes."""
    about = f"<p>{escape(found['info']['summary'])}. {escape(found['info']['description'])}</p>"
    about += '<p class="note">The same for programs: <a href="/openapi.json"><code>/openapi.json</code></a></p>'
    calls = "".join(
        _call(path, method, operation)
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
    )
    shapes = "".join(_shape(name, schema) for name, schema in found["components"]["schemas"].items())
    return f"{about}<h2>Calls</h2>{calls}<h2>Shapes</h2>{shapes}"


def _call(path: str, method: str, operation: Described) -> str:
    parts = [f"<p>{escape(_keys(operation))}</p>"]
    parameters = operation.get("parameters", [])
    if parameters:
        rows = [[p["name"], p["in"], p.get("description", "")] for p in parameters]
        parts.append(table("Parameters", ["name", "in", "what"], rows))
    body = operation.get("requestBody")
    if body:
        kinds = [f"<code>{escape(kind)}</code> {_named(one['schema'])}" for kind, one in body["content"].items()]
        parts.append(f"<p>Body: {', '.join(kinds)}</p>")
    rows = [[status, _content(answer), answer["description"]] for status, answer in operation["responses"].items()]
    parts.append(table("Answers", ["status", "body", "when"], rows))
    return (
        f'<details id="{escape(operation["operationId"])}"><summary><span class="verb">{escape(method.upper())}</span> '
        f"<code>{escape(path)}</code> – {escape(operation['summary'])}</summary><div>{''.join(parts)}</div></details>"
    )


def _keys(operation: Described) -> str:
    ways = [name for way in operation["security"] for name in way]
    if not ways:
        return "Needs no key."
    return "Needs a key" + (", also as key=pk_… in the address." if "browser" in ways else " in a header.")


def _content(answer: Described) -> str:
    return ", ".join(
        f"{kind} {_word(one['schema'])}" if "schema" in one else kind for kind, one in answer.get("content", {}).items()
    )


def _word(schema: Described) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _named(schema: Described) -> str:
    word = _word(schema)
    return f'<a href="#shape-{escape(word)}">{escape(word)}</a>' if word else ""


def _shape(name: str, schema: Described) -> str:
    required = set(schema.get("required", ()))
    rows = [
        [field, _kind(inner), "yes" if field in required else "", str(inner.get("description", ""))]
        for field, inner in schema.get("properties", {}).items()
    ]
    shown = (
        table("", ["field", "type", "always", "what"], rows)
        if rows
        else f"<pre>{escape(json.dumps(schema, indent=1, ensure_ascii=False))}</pre>"
    )
    text = f"<p>{escape(schema.get('description', ''))}</p>"
    return f'<details id="shape-{escape(name)}"><summary><code>{escape(name)}</code></summary><div>{text}{shown}</div></details>'


def _kind(schema: Described) -> str:
    """A field's type in words."""
    if "$ref" in schema:
        return _word(schema)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " or ".join(json.dumps(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "anything")
