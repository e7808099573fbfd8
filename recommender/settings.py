"""What a shop can set: one frozen record, read from ``RECOMMENDER_*`` variables and checked at start."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import msgspec

from recommender.domain.errors import SettingsError

PREFIX = "RECOMMENDER_"
HERE = Path()
PORTS, WORKERS = 65_535, 64
"""The highest port, and the most processes that answer."""


def _setting(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default; the variable is the name in capitals after ``RECOMMENDER_``."""

    home: Path = field(
        default=HERE, metadata={"help": "folder that keeps everything of one shop: `models/` and `var/`"}
    )
    database_url: str | None = _setting(
        None, "event log, catalogue, customers, consent, keys: `postgresql://…`; unset: SQLite in `var/shop.db`"
    )
    redis_url: str | None = _setting(None, "cache shared by several hosts: `redis://…`; unset: none is needed")
    timezone: str = _setting("UTC", "the shop's time zone (IANA name): times without one in files, dates in reasons")
    currency: str | None = _setting(None, "ISO 4217 code used where a file tells no currency")
    legal_basis: str = _setting("contract", "legal basis recorded with imports and events from the shop's server")
    dead_letter_days: int = _setting(30, "days a refused event is kept with its reason; it may hold personal data")
    reports_kept: int = _setting(20, "trainings, and evaluations, whose reports stay in `var/reports`; the newest")
    host: str = _setting("127.0.0.1", "address the service listens on")
    port: int = _setting(8000, "port the service listens on")
    workers: int = _setting(1, "processes that answer requests")
    admin_host: str = _setting("127.0.0.1", "address that `/metrics` and `/admin` are served at, apart from the lists")
    admin_port: int = _setting(0, "their port; 0: the one after the service's, if it is free")
    drain_seconds: int = _setting(
        2, "how long a service told to stop (SIGTERM) still answers before it closes its port"
    )
    origins: str = _setting("", "origins of the shop's pages, separated by `;`, such as `https://shop.example`")
    trusted_proxies: str = _setting(
        "127.0.0.0/8;::1", "networks (separated by `;`) of proxies whose `X-Forwarded-For` is believed"
    )
    limit_per_address: int = _setting(100, "calls a second with a pk_ key from one address; 0: no limit")
    limit_per_key: int = _setting(5000, "calls a second with one pk_ key; 0: no limit")
    identity_secrets: str = _setting("", "one or two secrets that sign customers' identities, separated by `;`")
    visitor_ids: str = _setting("any", "ids a pk_ key may name: `any`, or `signed` ones from `POST /v1/visitors` only")
    rules: str | None = _setting(None, "file with the shop's rules; unset: `rules.toml` in the home, if it is there")
    sensitive_categories: str = _setting(
        "", "categories (separated by `;`) that are never named in a reason, besides the built-in words"
    )

    public_url: str | None = _setting(
        None, "the service's address as mail programs reach it, such as `https://lists.shop.example`"
    )
    shop_name: str = _setting("", "the shop's name, as newsletters show it")
    mail_sender: str = _setting("", "the shop's postal address, in the foot of newsletters")
    mail_stop_url: str = _setting(
        "", "where people stop all mail: an address, or the sending tool's merge tag, in the foot of newsletters"
    )
    newsletter_tags: str = _setting(
        "",
        "what is added to addresses of items' pages in newsletters, for your own statistics: "
        "`utm_source=newsletter&utm_medium=email`",
    )
    newsletter_repeat: str = _setting(
        "auto", "whether newsletters bring back what the reader bought: `auto`, `allow` or `forbid`"
    )

    @property
    def models_dir(self) -> Path:
        """Where bundles are kept."""
        return self.home / "models"

    @property
    def rules_file(self) -> Path:
        """Where the shop's rules are kept."""
        return self.home / (self.rules or "rules.toml")

    @property
    def var_dir(self) -> Path:
        """Where log, reports and lock files are kept."""
        return self.home / "var"


def names() -> dict[str, str]:
    """Variable names and what each is for."""
    return {PREFIX + f.name.upper(): f.metadata["help"] for f in fields(Settings)}


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the settings; an unknown variable or an unreadable value is an error that says which and why.

    Raises
    ------
    SettingsError
        The sentence names the variable, and the likely one where the name is nearly right.
    """
    known = names()
    raw: dict[str, str] = {}
    for name, value in environment.items():
        if not name.startswith(PREFIX) or value == "":
            continue
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(known)}."
            raise SettingsError(f"{name} is not a setting.{hint}")
        raw[name.removeprefix(PREFIX).lower()] = value
    return checked(_convert(raw))


def _convert(raw: Mapping[str, str]) -> Settings:
    """Turn texts into typed values, one by one, so that an error names the variable."""
    values: dict[str, Any] = {}
    for f in fields(Settings):
        if f.name not in raw:
            continue
        text = raw[f.name]
        kind: Any = f.type
        try:
            values[f.name] = Path(text) if kind is Path else msgspec.convert(text, kind, strict=False)
        except msgspec.ValidationError:
            wanted = {int: "a whole number"}.get(kind, str(kind))
            raise SettingsError(f"{PREFIX}{f.name.upper()} is {text!r}; it must be {wanted}.") from None
    return Settings(**values)


def _check_days(settings: Settings) -> None:
    if not 1 <= settings.dead_letter_days <= 3_650:
        raise SettingsError(f"{PREFIX}DEAD_LETTER_DAYS is {settings.dead_letter_days}; it must be between 1 and 3650.")


def _check_reports(settings: Settings) -> None:
    if not 1 <= settings.reports_kept <= 100_000:
        raise SettingsError(f"{PREFIX}REPORTS_KEPT is {settings.reports_kept}; it must be between 1 and 100000.")


def _check_choices(settings: Settings) -> None:
    if settings.visitor_ids not in ("any", "signed"):
        raise SettingsError(f"{PREFIX}VISITOR_IDS is {settings.visitor_ids!r}; it must be any or signed.")
    if settings.newsletter_repeat not in ("auto", "allow", "forbid"):
        raise SettingsError(
            f"{PREFIX}NEWSLETTER_REPEAT is {settings.newsletter_repeat!r}; it must be auto, allow or forbid."
        )


def _check_tags(tags: str) -> None:
    """Names and values as an address writes them; anything else would break every link of a letter."""
    try:
        pairs = parse_qsl(tags, keep_blank_values=True, strict_parsing=bool(tags))
        whole = all(name and value for name, value in pairs)
    except ValueError:
        whole = False
    if not whole or not tags.isascii() or any(sign in tags for sign in ' #?<>"'):
        raise SettingsError(
            f"{PREFIX}NEWSLETTER_TAGS is {tags!r}; it must be names and values such as utm_source=newsletter&utm_medium=email."
        )


def checked(settings: Settings) -> Settings:
    """Check values that have a meaning beyond their type and make the home absolute."""
    try:
        ZoneInfo(settings.timezone)
    except (KeyError, ValueError, OSError):
        raise SettingsError(
            f"{PREFIX}TIMEZONE is {settings.timezone!r}, which is no IANA time zone. Use a name such as Europe/Warsaw."
        ) from None
    if not 1 <= settings.port <= PORTS:
        raise SettingsError(f"{PREFIX}PORT is {settings.port}; a port is between 1 and {PORTS}.")
    if not 1 <= settings.workers <= WORKERS:
        raise SettingsError(f"{PREFIX}WORKERS is {settings.workers}; it must be between 1 and {WORKERS}.")
    if not 0 <= settings.admin_port <= PORTS:
        raise SettingsError(f"{PREFIX}ADMIN_PORT is {settings.admin_port}; a port is between 1 and {PORTS}.")
    if not 0 <= settings.drain_seconds <= 60:
        raise SettingsError(f"{PREFIX}DRAIN_SECONDS is {settings.drain_seconds}; it must be between 0 and 60.")
    _check_choices(settings)
    _check_tags(settings.newsletter_tags)
    for name in ("limit_per_address", "limit_per_key"):
        if getattr(settings, name) < 0:
            raise SettingsError(f"{PREFIX}{name.upper()} is below 0; 0 means no limit.")
    if settings.currency is not None and not (len(settings.currency) == 3 and settings.currency.isascii()):
        raise SettingsError(f"{PREFIX}CURRENCY is {settings.currency!r}; use an ISO 4217 code such as PLN.")
    _check_days(settings)
    _check_reports(settings)
    currency = settings.currency.upper() if settings.currency else None
    return replace(settings, home=settings.home.expanduser().resolve(), currency=currency)
