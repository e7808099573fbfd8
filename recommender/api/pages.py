"""The frame of every page for people that the service writes: one style, a strict policy, no script."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape

from flask import Response

STYLE = """
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 20%,transparent);--soft:color-mix(in srgb,currentColor 6%,transparent)}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem 1rem 4rem}
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem}li{margin:.3rem 0}
table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600;padding:.4rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-top:1px solid var(--line)}
.scroll{overflow-x:auto}
details{border:1px solid var(--line);border-radius:.5rem;margin:.6rem 0}
summary{padding:.6rem .8rem;cursor:pointer}details>div{padding:0 .8rem .8rem}
.verb{display:inline-block;min-width:4.2em;font-weight:700}
.bad{color:#b3261e;font-weight:600}.note{opacity:.8}
pre{background:var(--soft);padding:.7rem;border-radius:.4rem;overflow-x:auto}
@media (prefers-color-scheme:dark){.bad{color:#ff8a80}}
@media (max-width:40rem){table{font-size:.875rem}.verb{min-width:0;margin-inline-end:.3em}}
""".strip()
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def page(title: str, body: str) -> Response:
    """A whole page; ``body`` is HTML in which everything from outside is escaped."""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )
    response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


def table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of texts; everything is escaped. A cell that begins with ``!`` stands out."""
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in rows)
    named = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<div class="scroll"><table>{named}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(text: str) -> str:
    shown = escape(text.removeprefix("!")).replace("/", "/<wbr>")  # where a long address may be broken
    return f'<td class="bad">{shown}</td>' if text.startswith("!") else f"<td>{shown}</td>"
