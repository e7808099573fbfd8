"""``recommender doctor``: everything a service rests on, looked at once, with what to do where it is not well."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import typer
from rich.console import Console
from rich.text import Text

from recommender.cli.context import State
from recommender.cli.output import emit
from recommender.domain.errors import NoBundleError, RecommenderError, StoreUnavailableError
from recommender.domain.keys import KeyClass
from recommender.settings import Settings

if TYPE_CHECKING:
    from recommender.wiring import Shop

Verdict = Literal["ok", "warn", "fail"]
STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}
LITTLE_BYTES, PLENTY_BYTES = 100_000_000, 1_000_000_000
REDIS_SECONDS = 1.0
LRU = ("allkeys-lru", "allkeys-lfu", "volatile-lru", "volatile-lfu", "volatile-ttl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report. ``advice`` says what to do; None where nothing is to be done."""

    check: str
    verdict: Verdict
    said: str
    advice: str | None = None


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("doctor")
    def doctor(context: typer.Context) -> int:
        """Look at all that the service needs, and say what to do where something is wrong (then exit code 5)."""
        state: State = context.obj
        findings = list(examine(state.settings))
        well = all(found.verdict != "fail" for found in findings)

        def say(console: Console) -> None:
            width = max(len(found.check) for found in findings)
            for found in findings:
                mark = Text(f"{found.verdict:<4}", style=STYLES[found.verdict])
                console.print(mark, Text(f"{found.check:<{width}}  {found.said}"))
                if found.advice:
                    console.print(Text(f"{'':<{width + 5}}  → {found.advice}"))

        emit(state, {"ok": well, "checks": findings}, say)
        return 0 if well else StoreUnavailableError.exit_code


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, in the order a service would meet them."""
    yield _tried("settings", lambda: _doors(settings), advice="Correct the variable; docs/settings.md lists them.")
    yield _tried("home", lambda: _writable(settings), advice="Give this account the folder, or choose another --home.")
    yield _disk(settings)
    yield _kernels()
    yield from _database(settings)
    yield _redis(settings)
    yield _model(settings)
    yield _port("port", settings.host, settings.port, "RECOMMENDER_PORT")
    yield _port("admin port", settings.admin_host, settings.admin_port or settings.port + 1, "RECOMMENDER_ADMIN_PORT")


def _tried(check: str, look: Callable[[], str], *, advice: str) -> Finding:
    try:
        return Finding(check=check, verdict="ok", said=look())
    except (RecommenderError, OSError) as error:
        return Finding(check=check, verdict="fail", said=str(error), advice=advice)


def _doors(settings: Settings) -> str:
    from recommender.api.identity import Identities
    from recommender.wiring import door_of

    door_of(settings, None)
    secrets = len(Identities.parse(settings.identity_secrets))
    identity = f"{secrets} identity secrets" if secrets else "no identity secret: a browser is a visitor only"
    origins = f"pages of {settings.origins} may call" if settings.origins else "pages of no other origin may read lists"
    return f"{identity}; {origins}; {settings.workers} workers"


def _writable(settings: Settings) -> str:
    settings.var_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryFile(dir=settings.var_dir) as file:
        file.write(b"0")
    return f"{settings.home} can be written"


def _disk(settings: Settings) -> Finding:
    place = next(p for p in (settings.var_dir, *settings.var_dir.parents) if p.exists())
    free = shutil.disk_usage(place).free
    said = f"{free / 1e9:,.1f} GB free"
    if free >= PLENTY_BYTES:
        return Finding(check="disk", verdict="ok", said=said)
    advice = "Make room: a full disk stops events from being stored; `recommender models list` shows old models."
    return Finding(check="disk", verdict="warn" if free >= LITTLE_BYTES else "fail", said=said, advice=advice)


def _kernels() -> Finding:
    """Whether lists are made by the compiled kernels."""
    from recommender.kernels import COMPILED

    if COMPILED:
        return Finding(check="kernels", verdict="ok", said="compiled")
    advice = "Install a C compiler and Python's headers (Debian: gcc, python3-dev), then install the product anew."
    return Finding(check="kernels", verdict="warn", said="not compiled: a list costs half as much again", advice=advice)


def _database(settings: Settings) -> Iterator[Finding]:
    """What needs the database; where it does not open, the rest cannot be looked at."""
    from recommender.wiring import connect

    try:
        shop = connect(settings)
    except (RecommenderError, OSError) as error:
        yield Finding(check="database", verdict="fail", said=str(error), advice=_opening(settings))
        return
    with shop:
        try:
            yield Finding(
                check="database", verdict="ok", said=f"answers; {shop.stores.log.position():,} lines in the log"
            )
            yield _clock(shop)
            yield _catalogue(shop)
            yield _keys(shop)
            yield _consent(shop)
            yield from _origins(shop, settings)
        except StoreUnavailableError as error:
            yield Finding(check="database", verdict="fail", said=str(error), advice="Run this again when it answers.")


def _opening(settings: Settings) -> str:
    """What to do about a database that does not open: a file needs its folder, a server needs to run."""
    from recommender.storage import default_url, file_of

    file = file_of(settings.database_url or default_url(settings.home))
    if file is None:
        return "Start the database, or correct RECOMMENDER_DATABASE_URL."
    locked = [one for one in (file.parent, file) if one.exists() and not os.access(one, os.W_OK)]
    if locked or not file.parent.is_dir():
        place = (locked or [file.parent])[0]
        return f"{place} cannot be written: give it to this account, or choose another --home."
    return "Put right what it says, or go back to a backup: recommender restore FILE."


def _origins(shop: "Shop", settings: Settings) -> Iterator[Finding]:
    """Where keys for pages are in force: whether a browser lets the pages read what they get."""
    kinds = {record.key_class for record in shop.stores.keys.all() if record.revoked_at is None}
    if settings.origins or KeyClass.PK not in kinds:
        return
    said = "RECOMMENDER_ORIGINS is not set: browsers let no page of another origin read lists"
    advice = "Set it to the shop's, such as https://shop.example, unless its pages and the service share one origin."
    yield Finding(check="origins", verdict="warn", said=said, advice=advice)


def _clock(shop: "Shop") -> Finding:
    now, span = datetime.now(UTC), shop.stores.log.span()
    if now.year < 2025 or (span and span[1] > now + timedelta(days=1)):
        advice = "Set the machine's clock (NTP): events and proofs of identity depend on it."
        last = f"the newest event is of {span[1]:%Y-%m-%d %H:%M}" if span else "no event yet"
        return Finding(check="clock", verdict="warn", said=f"{now:%Y-%m-%d %H:%M} UTC; {last}", advice=advice)
    return Finding(check="clock", verdict="ok", said=f"{now:%Y-%m-%d %H:%M} UTC")


def _catalogue(shop: "Shop") -> Finding:
    count = sum(1 for _ in shop.stores.catalogue.entries())
    if count:
        return Finding(check="catalogue", verdict="ok", said=f"{count:,} items")
    advice = "Import items: recommender import items FILE."
    return Finding(check="catalogue", verdict="warn", said="no item", advice=advice)


def _consent(shop: "Shop") -> Finding:
    """Whether what people said of consent is still what was recorded: every row seals the one before."""
    broken = shop.stores.consent.broken_at()
    if broken is None:
        return Finding(check="consent", verdict="ok", said="the chain of what people said holds")
    advice = (
        "Somebody changed the table consent by hand, or a row is lost: compare with a backup (recommender restore)."
    )
    return Finding(check="consent", verdict="fail", said=f"record {broken:,} was changed or is missing", advice=advice)


def _keys(shop: "Shop") -> Finding:
    live = [record.key_class.value for record in shop.stores.keys.all() if record.revoked_at is None]
    said = ", ".join(f"{live.count(kind)} {kind}_" for kind in ("pk", "sk", "adm"))
    if live:
        return Finding(check="keys", verdict="ok", said=said)
    advice = "The service will not start: recommender keys create --class sk (and --class pk for pages)."
    return Finding(check="keys", verdict="warn", said="no key in force", advice=advice)


def _redis(settings: Settings) -> Finding:
    if not settings.redis_url:
        return Finding(check="redis", verdict="ok", said="not used: profiles are kept in this home")
    import redis

    seconds = REDIS_SECONDS
    try:
        client = redis.Redis.from_url(settings.redis_url, socket_timeout=seconds, socket_connect_timeout=seconds)
        client.ping()
        found: dict[str, str] = client.config_get("maxmemory*")  # type: ignore[assignment] # not the asynchronous client
        client.close()
    except (redis.RedisError, ValueError, OSError) as error:
        advice = "Lists go on without it, more slowly. Start it, or correct RECOMMENDER_REDIS_URL."
        return Finding(check="redis", verdict="fail", said=f"does not answer: {type(error).__name__}", advice=advice)
    limit, policy = int(found.get("maxmemory", 0)), found.get("maxmemory-policy", "unknown")
    said = f"answers; at most {limit / 1e6:,.0f} MB, {policy}" if limit else "answers; no limit of memory"
    if limit and policy in LRU:
        return Finding(check="redis", verdict="ok", said=said)
    advice = (
        "Set maxmemory and maxmemory-policy allkeys-lru: it is a cache, and should drop what is old when it is full."
    )
    return Finding(check="redis", verdict="warn", said=said, advice=advice)


def _model(settings: Settings) -> Finding:
    from recommender.bundle import Shelf
    from recommender.wiring import model_of

    try:
        bundle = Shelf(settings.models_dir).load_current()
        model = model_of(bundle)
    except NoBundleError:
        advice = "Train one: recommender train. Lists come from the catalogue until then."
        return Finding(check="model", verdict="warn", said="none is published", advice=advice)
    except (RecommenderError, OSError, ValueError, KeyError) as error:
        advice = "Go back to the one before: recommender models rollback."
        return Finding(check="model", verdict="fail", said=str(error), advice=advice)
    return Finding(
        check="model", verdict="ok", said=f"{bundle.run_id} is whole; it knows {len(model.item_ids):,} items"
    )


def _port(check: str, host: str, port: int, variable: str) -> Finding:
    from recommender.api.admin import readiness_at
    from recommender.api.processes import hold_port
    from recommender.serve import as_seen_from_here

    try:
        hold_port(host, port).release()
    except RecommenderError as error:
        found = readiness_at(f"http://{as_seen_from_here(host)}:{port}")
        if found is not None:
            return Finding(check=check, verdict="ok", said=f"{port}: the service answers there and is {found.status}")
        advice = f"Set {variable}, unless the program there is this service."
        return Finding(check=check, verdict="warn", said=str(error), advice=advice)
    return Finding(check=check, verdict="ok", said=f"{port} on {host} is free")
