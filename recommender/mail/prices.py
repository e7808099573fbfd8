"""Prices in words, as a browser's ``Intl.NumberFormat``, and so our widget, writes them."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

NO_BREAK = "\u00a0"
_EVERYWHERE = {"BRL": "R$", "EUR": "€"}
_ABROAD = {
    "AUD": "A$",
    "CAD": "CA$",
    "CNY": "CN¥",
    "GBP": "£",
    "HKD": "HK$",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "MXN": "MX$",
    "NZD": "NZ$",
    "TWD": "NT$",
    "USD": "$",
    "VND": "₫",
}
SIGNS: Mapping[str, Mapping[str, str]] = {
    "en": {**_EVERYWHERE, **_ABROAD, "PHP": "₱"},
    "pl": {**_EVERYWHERE, "PLN": "zł"},
    "ru": {**_EVERYWHERE, **_ABROAD, "RUB": "₽", "THB": "฿", "UAH": "₴"},
}
"""Signs of currencies by language (Unicode CLDR), as our widget shows them; any other is written by its code."""
_WHOLE = """AFN ALL BIF CLP COP DJF GNF HUF IDR IQD IRR ISK JPY KMF KPW KRW LAK LBP MGA MMK PKR PYG RWF SLL SOS SYP UGX VND
VUV XAF XOF XPF YER"""
DIGITS: Mapping[str, int] = {
    **dict.fromkeys(_WHOLE.split(), 0),
    **dict.fromkeys(("BHD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Digits after the point where they are not two (Unicode CLDR)."""


@lru_cache(maxsize=8_192)
def price_text(amount: Decimal | None, currency: str | None, language: str) -> str | None:
    """A price as it stands in a letter; None where it is not known or has no currency.

    References
    ----------
    Unicode CLDR, number patterns of ``en``, ``pl`` and ``ru`` (Polish groups from five digits on).
    """
    if amount is None or currency is None or not amount.is_finite():
        return None
    digits = DIGITS.get(currency, 2)
    rounded = abs(amount).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    whole, _, part = f"{rounded:f}".partition(".")
    minus = "-" if amount < 0 and rounded else ""
    symbol = SIGNS[language].get(currency, currency)
    if language == "en":
        gap = NO_BREAK if symbol[-1:].isalpha() else ""
        return f"{minus}{symbol}{gap}{_grouped(whole, ',')}{f'.{part}' if part else ''}"
    grouped = whole if language == "pl" and len(whole) < 5 else _grouped(whole, NO_BREAK)
    return f"{minus}{grouped}{f',{part}' if part else ''}{NO_BREAK}{symbol}"


def _grouped(whole: str, mark: str) -> str:
    return f"{int(whole):,}".replace(",", mark)
