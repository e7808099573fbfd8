"""The letter's layout in MJML, with gaps for what differs; turned into tables once per number of items.

A gap is ``@@name@@``. Gaps are filled in one pass (see ``page.py``), so nothing that is filled in is ever read as a gap.
"""

import re
from functools import lru_cache

PAPER, SURFACE, SUNK, INK, MUTED, LINE, PINE, ON_PINE, CLAY = (
    "#f2ebde",
    "#fffdf8",
    "#f2ebde",
    "#2b2521",
    "#62574c",
    "#e2d8c7",
    "#1f5a4c",
    "#fffdf8",
    "#a33e28",
)
SERIF = "Georgia,serif"
SANS = "Helvetica,Arial,sans-serif"
GAP = re.compile(r"@@([a-z]+(?:_\d+)?)@@")

STYLE = """
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (max-width:420px){.a,.c>table>tbody>tr>td{padding-left:16px!important;padding-right:16px!important}
.l{padding-left:16px!important}.r{padding-right:16px!important}.h{font-size:24px!important}}
@media (prefers-color-scheme:dark){body,.o{background:#100e0c!important}.s,.s>table{background:#221e1a!important}
.s,.s a,.s b,.s div,.t{color:#f2eadf!important}.s .q,.s .q a{color:#b9ac9b!important}.s .y{color:#f0a48c!important}
.s td,.s .e{border-color:#3a332c!important}.c>table>tbody>tr>td>table{background:#100e0c!important}
.s .b td,.s .b a{background:#8cc9b3!important;color:#10251f!important}}
"""
"""What a mail program may do beyond the inline styles: narrow edges, dark colours. The letter is whole without it."""


@lru_cache(maxsize=128)
def skeleton(n: int, *, whole: bool) -> tuple[str, ...]:
    """The letter's HTML for ``n`` items, cut at its gaps: literal, gap, literal, gap, …, literal.

    Parameters
    ----------
    whole : bool
        A document of its own; else what is put into another mail: items only.
    """
    import mrml  # here, so that a process that sends no mail never loads it

    html = mrml.to_html(_document(n, whole=whole)).content
    if not whole:
        html = _inside(html)
    return tuple(GAP.split(_tidy(html)))


def _tidy(html: str) -> str:
    """Without what old programs of no account wanted; each letter is shorter for it."""
    html = html.replace('<!--[if !mso]><!--><meta http-equiv="X-UA-Compatible" content="IE=edge"><!--<![endif]-->', "")
    html = re.sub(r'<style media="screen and \(min-width:480px\)">.*?</style>', "", html, flags=re.DOTALL)
    html = re.sub(r"<!--\[if lte mso 11\]>.*?<!\[endif\]-->\n?", "", html, flags=re.DOTALL)
    html = html.replace("<!--[if mso | IE]>", "<!--[if mso]>")
    html = html.replace("<![endif]--><!--[if mso]>", "")
    return html.replace(f"background:{SURFACE};background-color:{SURFACE};", f"background-color:{SURFACE};")


def _inside(html: str) -> str:
    """What stands in the body, without the hidden line before it."""
    body = html[html.index("<body") : html.index("</body>")]
    return body[body.index("<div aria-label") :]


def _document(n: int, *, whole: bool) -> str:
    frame = _frame_top() if whole else ""
    foot = _foot() if whole else ""
    return (
        '<mjml lang="@@lang@@" dir="ltr"><mj-head><mj-title>@@subject@@</mj-title>'
        "<mj-preview>@@preheader@@</mj-preview>"
        f'<mj-attributes><mj-section padding="0"/><mj-text font-family="{SANS}" color="{INK}" font-size="15px" '
        f'line-height="1.5"/></mj-attributes>'
        '<mj-raw><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"></mj-raw>'
        f"<mj-style>{STYLE}</mj-style></mj-head>"
        f'<mj-body background-color="{PAPER}" width="600px" css-class="o">{frame}{_items(n)}{foot}</mj-body></mjml>'
    )


def _section(inside: str, more: str = "") -> str:
    return f'<mj-section background-color="{SURFACE}" css-class="s" {more}>{inside}</mj-section>'


def _text(inside: str, padding: str, more: str = "", name: str = "a") -> str:
    return f'<mj-text padding="{padding}" css-class="{name}" {more}>{inside}</mj-text>'


def _frame_top() -> str:
    mark = _text("@@shop@@", "24px 32px", f'font-family="{SERIF}" font-size="21px" line-height="1.2"', "a t")
    heading = _text("@@heading@@", "28px 32px 0", f'font-family="{SERIF}" line-height="1.18" font-size="28px"')
    opening = _text("@@opening@@", "8px 32px 20px", f'color="{MUTED}"', "a q")
    return _section(f"<mj-column>{mark}</mj-column>", f'border-bottom="1px solid {LINE}"') + _section(
        f"<mj-column>{heading}{opening}</mj-column>"
    )


def _items(n: int) -> str:
    """The first item large, the others two by two, an odd last one as a row of its own."""
    if n == 0:
        return ""
    parts = [_section(f"<mj-column>{_text('@@item_1@@', '0 32px 24px')}</mj-column>")]
    rest = list(range(2, n + 1))
    while len(rest) > 1:
        left, right = (f"@@item_{i}@@" for i in rest[:2])
        cells = f"<mj-column>{_text(left, '0 8px 24px 32px', name='l')}</mj-column>"
        cells += f"<mj-column>{_text(right, '0 32px 24px 8px', name='r')}</mj-column>"
        parts.append(_section(f"<mj-group>{cells}</mj-group>"))
        rest = rest[2:]
    if rest:
        wide = _text(f"@@item_{rest[0]}@@", "0", name="w")
        box = f'padding="4px 32px 28px" inner-background-color="{SUNK}" inner-border-radius="10px" css-class="c"'
        parts.append(_section(f"<mj-column {box}>{wide}</mj-column>"))
    return "".join(parts)


def _foot() -> str:
    foot = _text("@@foot@@", "24px 32px 32px", f'color="{MUTED}" font-size="13px"', "a q")
    return _section(f"<mj-column>{foot}</mj-column>", f'border-top="1px solid {LINE}"')
