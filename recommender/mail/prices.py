"""Prices in words, as a browser's ``Intl.NumberFormat``, and so our widget, writes them."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

NO_BREAK = "\u00a0"
_DOLLARS = "ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUC CUP DOP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD TTD USD UYU XCD"
_SIGNS = """AFN ؋ AMD ֏ AOA Kz AZN ₼ BAM KM BDT ৳ BOB Bs BRL R$ BWP P CNY ¥ CRC ₡ CZK Kč DKK kr EGP E£ EUR € FKP £ GBP £ GHS GH₵
GIP £ GNF FG GTQ Q HNL L HRK kn HUF Ft IDR Rp ILS ₪ INR ₹ ISK kr JPY ¥ KGS ⃀ KHR ៛ KMF CF KPW ₩ KRW ₩ KZT ₸ LAK ₭ LBP L£ LKR Rs
MGA Ar MMK K MNT ₮ MUR Rs MYR RM NGN ₦ NIO C$ NOK kr NPR Rs PHP ₱ PKR Rs PLN zł PYG ₲ RUB ₽ RWF RF SEK kr SHP £ SSP £ STN Db SYP £
THB ฿ TOP T$ TRY ₺ UAH ₴ VND ₫ XAF FCFA XPF CFPF ZAR R ZMW ZK"""
_EVERYWHERE = {
    **dict.fromkeys(_DOLLARS.split(), "$"),
    **dict(zip(_SIGNS.split()[::2], _SIGNS.split()[1::2], strict=True)),
    "XOF": "F\u202fCFA",
}
SIGNS: Mapping[str, Mapping[str, str]] = {
    "en": {**_EVERYWHERE, "GEL": "₾", "RON": "lei", "TWD": "$"},
    "pl": {**_EVERYWHERE, "GEL": "₾", "RON": "lej", "TWD": "NT$"},
    "ru": {**_EVERYWHERE, "BYN": "р.", "GEL": "ლ", "RON": "L", "TMT": "ТМТ", "TWD": "NT$"},
}
"""Signs of currencies by language (Unicode CLDR 48, the narrow ones), as our widget shows them; any other is written by its code."""
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
