"""The samples of docs/install.md name what the widget has, can be read by their languages, and do what the page says."""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from doc_samples import DOCS, answer, blocks, chapters, program
from liquid import Environment

from recommender.api.identity import Identities, new_secret
from recommender.ranking.scenarios import SCENARIOS
from recommender.settings import names

PAGE = DOCS / "install.md"
TEXT = PAGE.read_text(encoding="utf-8")
SOURCE = {path.name: path.read_text(encoding="utf-8") for path in (DOCS.parent / "widget/src").glob("*.js")}
SYSTEMS = Path(__file__).with_name("shop_systems.php")
ELEMENT = "shop-recommendations"
SCHEMA = re.compile(r"{% schema %}(.*?){% endschema %}", re.DOTALL)
VOID = {"link", "meta", "img", "br", "input"}
SayMissing = Callable[[str], None]


class Elements(HTMLParser):
    """Every element of a piece of HTML with its attributes and, for scripts, their text; complains of what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute of <{tag}> stands twice"
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script" and data.strip():
            self.scripts.append((self.found[-1][1].get("type") or "", data))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def observed() -> set[str]:
    """The attributes the widget listens to, as its source says."""
    source = "".join(SOURCE.values())
    lists = re.search(r"observedAttributes = \[([^\]]+)\]", source)
    assert lists is not None
    found = set(re.findall(r'\b(?:has|say|said|getAttribute|hasAttribute)\("([a-z-]+)"', source))
    for constant in re.findall(r"\.\.\.(\w+)", lists[1]):
        defined = re.search(rf"const {constant} = ([^;]+);", source)
        assert defined is not None
        found |= set(re.findall(r"[a-z][a-z-]+", defined[1])) - {"split"}
    assert {"scenario", "key", "item"} <= found
    return found


def written() -> Iterator[str]:
    """Names of attributes as they stand in any element on the page, before anything is run."""
    for tag in re.findall(rf"<{ELEMENT}\b((?:[^<>]|\?>|<\?)*)>", TEXT):
        plain = re.sub(r"{%.*?%}|{{.*?}}|{[^}]*}|<\?.*?\?>", " ", tag)
        yield from re.findall(r'([a-z][a-z-]*)="', plain)
    yield from re.findall(r'setAttribute\("([a-z-]+)"', TEXT)
    yield from re.findall(r'\bsay\("([a-z-]+)"', TEXT)


def test_every_attribute_on_the_page_is_one_of_the_widgets() -> None:
    told = set(written())
    assert {"scenario", "key", "item", "cart", "identity", "lang"} <= told
    assert told - observed() == set()


def test_every_scenario_and_setting_on_the_page_exists() -> None:
    scenarios = set(re.findall(r'scenario(?:="|\' => \'|", "(?!label))([a-z_]+)["\']', TEXT))
    assert scenarios - set(SCENARIOS) == set()
    assert len(scenarios) > 3
    assert set(re.findall(r"\bRECOMMENDER_[A-Z_]+", TEXT)) - set(names()) == set()


def test_the_events_said_to_be_heard_are_those_the_widget_hears() -> None:
    heard = next(found for source in SOURCE.values() for found in re.findall(r"/\^\(([a-z_|]{40,})\)\$/", source))
    sentence = re.search(r"the widget hears\n(.*?), also those", TEXT, re.DOTALL)
    assert sentence is not None
    assert set(re.findall(r"`([a-z_]+)`", sentence[1])) == set(heard.split("|"))


def test_every_word_of_the_debug_view_is_one_the_widget_says() -> None:
    states = re.findall(r"^\| ((?:`[a-z ]+`(?:, )?)+) \|", chapters(PAGE)["Does it work?"], re.MULTILINE)
    source = "".join(SOURCE.values())
    told = [state for row in states for state in re.findall(r"`([a-z ]+)`", row)]
    assert len(told) >= 5
    assert [state for state in told if f'"{state}"' not in source] == []


def test_what_scripts_import_from_the_widget_it_exports() -> None:
    imported = re.findall(r"import \{ (\w+) \} from \"https://lists", TEXT)
    assert imported == ["ShopRecommendations"]
    assert "export const ShopRecommendations" in SOURCE["widget.js"]
    assert re.findall(r"\bShopRecommendations\.(\w+)\(", TEXT) == ["consent"]
    assert "static consent(granted)" in SOURCE["element.js"]


def test_html_on_the_page_is_whole() -> None:
    assert any(Elements(code).named(ELEMENT) for code in blocks(TEXT, "html"))


def scripts() -> list[str]:
    inline = [text for code in blocks(TEXT, "html") for _, text in Elements(code).scripts]
    return [*inline, *blocks(TEXT, "js")]


@pytest.mark.parametrize("code", scripts(), ids=lambda code: " ".join(code.split())[:40])
def test_scripts_on_the_page_can_be_read(code: str, tmp_path: Path, say_missing: SayMissing) -> None:
    node = program("node", "nodejs", say_missing)
    (tmp_path / "sample.mjs").write_text(code.replace("{{item id}}", "1"), encoding="utf-8")
    assert answer([node, "--check", "sample.mjs"], "", cwd=tmp_path) == ""


@pytest.mark.parametrize(
    "code", blocks(TEXT, "php") + blocks(TEXT, "phtml"), ids=lambda code: " ".join(code.split())[:40]
)
def test_php_on_the_page_can_be_read(code: str, tmp_path: Path, say_missing: SayMissing) -> None:
    assert "No syntax errors" in answer([program("php", "php-cli", say_missing), "-l"], code, cwd=tmp_path)


def test_xml_on_the_page_is_whole() -> None:
    assert {ET.fromstring(code).tag for code in blocks(TEXT, "xml")} == {"page", "config", "csp_whitelist"}  # noqa: S314 - our own page


@pytest.fixture
def key() -> str:
    return new_secret()


def proven(key: str, token: str | None) -> str | None:
    return Identities.parse(key).verify(token or "", time.time())


@pytest.fixture
def php(tmp_path: Path, key: str, say_missing: SayMissing) -> Callable[..., Any]:
    """Runs a sample after the stand-ins for its shop system, then a line that shows what came of it as JSON."""
    command = [program("php", "php-cli", say_missing), "main.php"]
    (tmp_path / "key").write_text(key)

    def run(sample: str, show: str, before: str = "") -> Any:
        (tmp_path / "sample.php").write_text(sample, encoding="utf-8")
        main = f"<?php\nrequire '{SYSTEMS}';\n{before}\nob_start();\nrequire 'sample.php';\n{show}\n"
        (tmp_path / "main.php").write_text(main, encoding="utf-8")
        return json.loads(answer(command, "", cwd=tmp_path))

    return run


WOO_PAGES = {
    "woocommerce_after_single_product_summary": "similar",
    "woocommerce_after_cart": "cart",
    "woocommerce_thankyou": None,
}


def test_woocommerce_pages_hold_their_lists_and_who_is_logged_in(php: Callable[..., Any], key: str) -> None:
    (sample,) = blocks(chapters(PAGE)["WooCommerce"], "php")
    show = """
        $shown = [];
        foreach ($hooks as $name => $acts) { ob_start(); foreach ($acts as $act) { $act(); } $shown[$name] = ob_get_clean(); }
        echo json_encode($shown);
    """
    shown: Mapping[str, str] = php(sample, show)
    lists = {name: Elements(html).named(ELEMENT) for name, html in shown.items()}
    assert {name: found[0].get("scenario") for name, found in lists.items() if found} == WOO_PAGES
    assert lists["woocommerce_after_single_product_summary"][0]["item"] == "41"
    assert lists["woocommerce_after_cart"][0]["cart"] == "41,7"
    told = [found[0] for found in lists.values() if found]
    assert {(one["customer"], proven(key, one["identity"])) for one in told} == {("17719", "17719")}
    assert Elements(shown["wp_head"]).named("script")[0]["type"] == "module"


def test_woocommerce_texts_of_the_shop_stay_texts(php: Callable[..., Any]) -> None:
    (sample,) = blocks(chapters(PAGE)["WooCommerce"], "php")
    show = (
        "echo json_encode([$codes['shop_lists'](['scenario' => '\"><img src=x>', 'category' => 'Garden > \"Pots\"'])]);"
    )
    (html,) = php(sample, show)
    ((tag, attributes),) = Elements(html).found
    assert (tag, attributes["scenario"], attributes["category"]) == (ELEMENT, '"><img src=x>', 'Garden > "Pots"')
    assert attributes["lang"] == 'pl"><script>alert(1)</script>'


def test_prestashop_hooks_show_their_lists_and_who_is_logged_in(php: Callable[..., Any], key: str) -> None:
    chapter = chapters(PAGE)["PrestaShop"]
    show = """
        $module = new ShopLists();
        $module->install();
        $shown = [];
        foreach ($module->hooks as $name) { $shown[$name] = $module->{'hook' . ucfirst($name)}(); }
        echo json_encode($shown);
    """
    shown = php(blocks(chapter, "php")[0], show)
    assert Elements(shown.pop("displayHeader")).named("script")[0]["type"] == "module"
    told = {name: json.loads(text) for name, text in shown.items()}
    assert {name: one.get("scenario") for name, one in told.items()} == {
        "displayHome": "home",
        "displayFooterProduct": "similar",
        "displayShoppingCartFooter": "cart",
        "displayOrderConfirmation": None,
    }
    assert told["displayFooterProduct"]["item"] == 41
    assert told["displayShoppingCartFooter"]["cart"] == "41,7"
    assert {proven(key, one["identity"]) for one in told.values()} == {"17719"}
    assert {name for one in told.values() for name in one} - observed() == set()
    assert all("nofilter" not in template for template in blocks(chapter, "smarty"))


def test_magentos_private_content_proves_the_customer(php: Callable[..., Any], key: str) -> None:
    chapter = chapters(PAGE)["Magento"]
    made = "new Shop\\Lists\\CustomerData\\Person(new Magento\\Customer\\Model\\Session(), new Magento\\Framework\\App\\DeploymentConfig())"
    told = php(blocks(chapter, "php")[0], f"echo json_encode(({made})->getSectionData());")
    assert (told["customer"], proven(key, told["identity"])) == ("17719", "17719")


def test_magentos_template_escapes_what_it_prints(php: Callable[..., Any]) -> None:
    (template,) = blocks(chapters(PAGE)["Magento"], "phtml")
    before = "$block = new Block(['scenario' => 'similar']); $escaper = new Escaper();"
    shown = Elements(php(template, "echo json_encode(ob_get_clean());", before))
    assert [tag for tag, _ in shown.found] == [ELEMENT, "script"]
    assert shown.named(ELEMENT)[0]["item"] == 'pl"><script>alert(1)</script>'
    ((kind, text),) = shown.scripts
    assert (kind, list(json.loads(text))) == ("text/x-magento-init", [ELEMENT])


def liquid_page(settings: Mapping[str, str], **told: Any) -> Elements:
    """The section of the page as Shopify would write it."""
    (sample,) = blocks(chapters(PAGE)["Shopify"], "liquid")
    shop = Environment()
    shop.filters["json"] = json.dumps
    shop.filters["hmac_sha256"] = lambda text, secret: hmac.digest(secret.encode(), text.encode(), hashlib.sha256).hex()
    cart = {"item_count": 2, "items": [{"product_id": 41}, {"product_id": 7}], "currency": {"iso_code": "PLN"}}
    html = shop.from_string(SCHEMA.sub("", sample)).render(
        section={"settings": settings}, cart=cart, request={"locale": {"iso_code": "pl"}}, **told
    )
    return Elements(html)


def test_shopifys_section_proves_the_customer(key: str) -> None:
    settings = {"identity": key, "scenario": "home", "key": "pk_1", "service": "https://lists.shop.example"}
    (told,) = liquid_page(settings, customer={"id": 6871234567}).named(ELEMENT)
    assert (told["customer"], proven(key, told["identity"])) == ("6871234567", "6871234567")
    assert told["cart"] == "41,7"
    assert set(told) - observed() == set()


def test_shopifys_section_without_a_secret_or_a_customer_names_nobody(key: str) -> None:
    settings = {"scenario": 'home"><script>', "key": "pk_1", "service": "https://lists.shop.example"}
    for shown in (liquid_page(settings, customer={"id": 68}), liquid_page({**settings, "identity": key})):
        (told,) = shown.named(ELEMENT)
        assert not {"customer", "identity", "item"} & set(told)
        assert told["scenario"] == 'home"><script>'


def test_shopifys_section_tells_the_item_and_that_it_was_viewed() -> None:
    settings = {"scenario": "similar", "key": "pk_1", "service": "https://lists.shop.example"}
    shown = liquid_page(settings, product={"id": 41, "price": 1999})
    assert shown.named(ELEMENT)[0]["item"] == "41"
    (script,) = [text for _, text in shown.scripts]
    assert re.sub(r"\s+", "", script.split("items:")[1]).startswith("[{item_id:41,price:19.99}]")


def test_shopifys_settings_are_those_the_section_reads() -> None:
    (sample,) = blocks(chapters(PAGE)["Shopify"], "liquid")
    schema = json.loads(SCHEMA.findall(sample)[0])
    assert {one["id"] for one in schema["settings"]} == set(re.findall(r"section\.settings\.(\w+)", sample))
    (choice,) = [one for one in schema["settings"] if one["type"] == "select"]
    assert {option["value"] for option in choice["options"]} <= set(SCENARIOS)
