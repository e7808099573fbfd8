"""The page a newsletter's foot leads to: why these items, and general news instead. Reading it changes nothing."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape

from recommender.api.pages import STYLE

BUTTON = "button{font:inherit;min-height:44px;padding:.4rem 1.2rem;border:1px solid;border-radius:999px;background:none;color:inherit}"
_STYLE = f"{STYLE}\n{BUTTON}"
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Why these items",
        "why": "The list is made from what you bought and looked at{at}, and from what many people buy. It is made when "
        "the mail is fetched, with the prices of that moment. Each item says why it is there.",
        "at": " at {shop}",
        "general": "You can have the same mail with items that are the same for everybody. Your orders stay as they are.",
        "button": "Only general news",
        "done": "Done. From now on your mail holds general news.",
        "lost_title": "This link has grown old",
        "lost": "We do not know it (any more). Nothing was changed.",
    },
    "pl": {
        "title": "Skąd te rzeczy",
        "why": "Lista powstaje z Twoich zakupów i oglądanych rzeczy{at} oraz z tego, co kupuje wiele osób. Powstaje przy "
        "pobraniu wiadomości, z cenami z tej chwili. Przy każdej rzeczy stoi, skąd się wzięła.",
        "at": " ({shop})",
        "general": "Ta sama poczta może zawierać rzeczy jednakowe dla wszystkich. Zamówienia zostają bez zmian.",
        "button": "Tylko ogólne nowości",
        "done": "Gotowe. Od teraz poczta zawiera ogólne nowości.",
        "lost_title": "Ten link już nieaktualny",
        "lost": "Nie znamy go (już). Nic się nie zmieniło.",
    },
    "ru": {
        "title": "Почему эти вещи",
        "why": "Список составлен по вашим покупкам и просмотрам{at}, а также по тому, что часто покупают. Он составляется "
        "при загрузке письма, с ценами на этот момент. У каждой вещи указано, почему она здесь.",
        "at": " ({shop})",
        "general": "В том же письме могут быть вещи, одинаковые для всех. Ваши заказы останутся как есть.",
        "button": "Только общие новости",
        "done": "Готово. Теперь в письмах общие новости.",
        "lost_title": "Эта ссылка устарела",
        "lost": "Мы её не знаем (больше). Ничего не изменилось.",
    },
}


def choices_page(language: str, shop: str, *, done: bool = False) -> str:
    """Why these items, and a button; or that it was pressed."""
    texts = TEXTS[language]
    at = texts["at"].format(shop=shop) if shop else ""
    body = f"<p>{escape(texts['why'].format(at=at))}</p>"
    if done:
        body += f'<p role="status"><strong>{escape(texts["done"])}</strong></p>'
    else:
        body += (
            f'<p>{escape(texts["general"])}</p><form method="post"><button type="submit">{escape(texts["button"])}</button>'
            "</form>"
        )
    return _framed(language, texts["title"], body)


def lost_page(language: str) -> str:
    """That a link is not known."""
    texts = TEXTS[language]
    return _framed(language, texts["lost_title"], f"<p>{escape(texts['lost'])}</p>")


def _framed(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        '<meta name="referrer" content="same-origin">'  # else the browser would not say that the button is ours
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )
