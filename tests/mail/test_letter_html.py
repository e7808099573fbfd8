"""The letter as HTML: whole without styles, small, and deaf to what catalogues contain."""

import re
from html.parser import HTMLParser

import pytest
from letter_samples import LINK, letter, places

from recommender.mail import Place, block, mail

LANGUAGES = ("en", "pl", "ru")
VOID = {"meta", "img", "br", "link", "hr", "base"}
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)> @@item_2@@ & 'x'"


class Reader(HTMLParser):
    """Every tag with its attributes, and whether tags are closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.wrong: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def without_conditions(html: str) -> str:
    return re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_six_items_weigh_at_most_20_kb_in_every_language(language: str) -> None:
    assert len(mail(letter(6, language)).encode()) <= 20_000


@pytest.mark.parametrize("n", range(13))
def test_tags_are_closed_in_order_for_any_number_of_items(n: int) -> None:
    for html in (mail(letter(n)), block(letter(n))):
        read = Reader(without_conditions(html))
        assert (read.wrong, read.open) == ([], [])
        assert "@@" not in html


@pytest.mark.parametrize("n", range(1, 13))
def test_every_item_is_shown_once(n: int) -> None:
    said = mail(letter(n))
    assert [said.count(f"holders {i}</") + said.count(f"holders {i}<br>") for i in range(1, n + 1)] == [1] * n


def test_picture_title_and_price_are_one_link() -> None:
    links = re.findall(r"<a [^>]*>(.*?)</a>", block(letter(6)), re.DOTALL)
    with_picture = [inside for inside in links if "<img" in inside]
    assert len(with_picture) == 6
    assert all("holders" in inside and "£12.75" in inside for inside in with_picture)


def test_pictures_have_measures_and_no_words_of_their_own() -> None:
    for picture in Reader(mail(letter(6))).all("img"):
        assert picture["alt"] == ""
        assert int(picture["width"] or 0) == int(picture["height"] or 0) > 0


def test_colours_and_sizes_stand_in_the_tags_so_that_no_style_sheet_is_needed() -> None:
    html = re.sub(r"<style.*?</style>", "", mail(letter(6)), flags=re.DOTALL)
    assert "color:#2b2521" in html
    assert "width:50%" in html  # two columns stay two columns
    assert "background:#1f5a4c" in html  # the button is one without pictures too
    assert re.search(r"font-size:28px", html)


def test_it_says_its_language_and_that_it_knows_dark() -> None:
    for language in LANGUAGES:
        html = mail(letter(6, language))
        assert f'<html lang="{language}" dir="ltr"' in html
        assert '<meta name="color-scheme" content="light dark"' in html
        assert "prefers-color-scheme:dark" in html


def test_nothing_runs_and_nothing_is_loaded_but_pictures() -> None:
    read = Reader(mail(letter(6)))
    names = {tag for tag, _ in read.tags}
    assert names.isdisjoint({"script", "form", "link", "iframe", "object", "video", "svg", "input"})
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on")]
    assert "background-image" not in mail(letter(6))


@pytest.mark.parametrize("field", ["title", "reason", "price", "image", "url"])
def test_what_a_catalogue_says_is_never_markup(field: str) -> None:
    known = {"title": "Cup", "url": LINK, "image": LINK, "price": "£1", "reason": "Why", field: HOSTILE}
    hostile = Place(**known)
    for n in (1, 2, 3):
        html = mail(letter(places=(hostile,) * n, shop=HOSTILE, subject=HOSTILE, heading=HOSTILE, preheader=HOSTILE))
        read = Reader(without_conditions(html))
        assert not read.all("script")
        assert {image["src"] for image in read.all("img")} == {hostile.image}
        assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on")]
        assert read.wrong == []


def test_what_looks_like_a_gap_is_only_a_word() -> None:
    html = mail(letter(places=(Place(title="@@item_2@@"), Place(title="Cup")), preheader=""))
    assert html.count("@@item_2@@") == 1
    assert html.count("Cup") == 1


def test_what_the_catalogue_does_not_say_is_left_out() -> None:
    html = block(letter(places=places(6, url=None, image=None, price=None, reason="")))
    assert "<a" not in html
    assert "<img" not in html
    assert "£" not in html


def test_a_block_is_items_only() -> None:
    html = block(letter(6))
    assert "<html" not in html
    assert "Stop all mail" not in html
    assert "Fern" not in html


def test_the_foot_offers_only_what_there_is() -> None:
    whole, bare = mail(letter(2)), mail(letter(2, links=letter().links.__class__()))
    assert 'href="*|UNSUB|*"' in whole
    assert "Only general news" in whole
    assert "Only general news" not in bare
    assert "Stop all mail" not in bare
