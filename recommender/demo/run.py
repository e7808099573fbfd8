"""``make demo``: take the port, load the bundled shop, train, publish, serve, and show lists of real customers."""

import contextlib
import hashlib
import http.client
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import recommender.threads  # noqa: F401 - sets BLAS threads before anything loads numpy
from recommender import __version__
from recommender.api.processes import follow_make, hold_port, interrupt_on_signals
from recommender.api.root import Link
from recommender.bundle import Shelf
from recommender.demo.people import Customer, customers
from recommender.demo.shop import DATA, bundled_end, bundled_orders, hang_pictures, load_shop, shift_for
from recommender.demo.steps import Steps
from recommender.demo_shop.browsing import simulate
from recommender.demo_shop.facts import write_facts
from recommender.demo_shop.people import chosen
from recommender.domain.clock import CLOCK_SHIFT, ShopClock
from recommender.domain.errors import BundleRefusedError, NoBundleError, RecommenderError, UsageError
from recommender.domain.ports import Stores
from recommender.serve import Plan, run
from recommender.settings import Settings
from recommender.storage import default_url, open_stores

if TYPE_CHECKING:
    import polars as pl

LOADED, TRAINED, BROWSED, ENDED = "demo_loaded", "demo_trained", "demo_browsed", "demo_ended"
"""Names in the home's meta store: which data is loaded, which it was trained on, for which browsing was made up, and when its
last event was."""
PRINTED = 3
TUNING_SECONDS = 0.0
LIST_SIZE = 5
HOME = "/v1/recommendations/home"
SHOP = "Fern & Fable"
"""What the demo's shop is called, in its newsletters too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the lists are shown with once the service is up."""

    people: Sequence[Customer]
    clock: ShopClock
    log_file: Path


def run_demo(settings: Settings, *, quiet: bool = False) -> int:
    """Set up the demo in its home and serve it on this machine, without keys, until stopped; returns the exit code.

    The first run loads and trains; later ones find both done. The shop keeps its own SQLite and needs no key,
    whatever the environment says of databases.

    Raises
    ------
    UsageError
        The port is taken, or the home holds another shop.
    """
    settings = replace(
        settings,
        host="127.0.0.1",
        database_url=None,
        redis_url=None,
        currency="GBP",
        shop_name=SHOP,
        mail_sender=f"{SHOP}, a demonstration shop.",
        newsletter_repeat="forbid",
    )
    interrupt_on_signals()
    follow_make()
    hold = hold_port(settings.host, settings.port)
    steps = Steps(4, quiet=quiet)
    stage = _prepare(settings, steps)
    plan = Plan(
        settings=settings,
        open_to_all=True,
        log_file=stage.log_file,
        examples=_examples(stage.people),
        note="The demo: a real gift shop's orders, on this machine only, without keys.",
        demo_shop=True,
    )
    starting = contextlib.ExitStack()
    starting.enter_context(steps.step("starting the service"))

    def ready(address: str) -> None:
        starting.close()
        sys.stdout.write(_report(address, stage))
        sys.stdout.flush()

    return run(plan, hold=hold, when_ready=ready)


def _prepare(settings: Settings, steps: Steps) -> Stage:
    """Everything before the service: data, model, clock, and who is shown. Opens no more than is still to be done."""
    data = fingerprint(DATA)
    with contextlib.closing(open_stores(default_url(settings.home), home=settings.home)) as stores:
        shift = _load(stores, settings, steps, data)
        _train(stores, settings, steps, data)
        with steps.step("choosing customers, making up what they looked at"):
            orders = cache(bundled_orders)
            people = customers(stores, _people(stores, data, orders)[:PRINTED])
            write_facts(settings.var_dir, orders, data)
            hang_pictures(stores)
    return Stage(people=people, clock=ShopClock(shift), log_file=settings.var_dir / "service.log")


def _people(stores: Stores, data: str, orders: Callable[[], Sequence["pl.DataFrame"]]) -> list[tuple[str, str]]:
    """Everybody the shop shows, with browsing made up once."""
    people = chosen(stores, data, orders)
    if stores.meta.get(BROWSED) != data:
        simulate(stores, [customer_id for customer_id, _ in people], orders())
        stores.meta.set(BROWSED, data)
    return people


def fingerprint(folder: Path) -> str:
    """Names the bundled data, so that a newer product with other data loads and trains again."""
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.parquet")):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _load(stores: Stores, settings: Settings, steps: Steps, data: str) -> timedelta:
    """Load the shop unless it is there, and set the clock anew; returns by how much dates are shown later."""
    meta = stores.meta
    with steps.step("loading the bundled shop") as notes:
        if meta.get(LOADED) == data:
            notes.append("already here")
        else:
            if meta.get(LOADED) is None and stores.log.position() > 0:
                raise UsageError(f"{settings.home} holds another shop. Give the demo a folder of its own with --home.")
            meta.set(LOADED, meta.get(LOADED) or "begun")  # from here on this home is the demo's
            found = load_shop(stores, lambda at: steps(at.stage, at.rows, at.rows_total, "rows"))
            meta.set(ENDED, bundled_end().isoformat())
            meta.set(LOADED, data)
            notes.append(f"{found.customers:,} customers, {found.items:,} items, {found.event_lines:,} order lines")
        return shifted(stores)


def shifted(stores: Stores) -> timedelta:
    """By how much dates are shown later: so that the last order of the data was placed yesterday.

    Once somebody clicked in the shop, time goes on from there: the shift stays.
    """
    if stores.meta.get(ENDED) is None:
        stores.meta.set(ENDED, bundled_end().isoformat())
    last = datetime.fromisoformat(stores.meta.get(ENDED) or "")
    span, held = stores.log.span(), stores.meta.get(CLOCK_SHIFT)
    if held is not None and span is not None and span[1] > last:
        return timedelta(days=int(held))
    shift = shift_for(last, datetime.now(UTC).date())
    stores.meta.set(CLOCK_SHIFT, str(shift.days))
    return shift


def _train(stores: Stores, settings: Settings, steps: Steps, data: str) -> None:
    """Train and publish unless what is published was made from this data by this version."""
    made_with = f"{data} {__version__}"
    with steps.step("training and publishing") as notes:
        published = _published(Shelf(settings.models_dir))
        if published is not None and stores.meta.get(TRAINED) == made_with:
            notes.append(f"model {published} is already here")
            return
        from recommender.train import train_home
        from recommender.wiring import connect

        with connect(settings) as shop:
            outcome = train_home(shop, budget=TUNING_SECONDS, progress=steps)
        if not outcome.published and published is None:
            raise RecommenderError(f"The demo's model was not published: {outcome.refusal}")
        stores.meta.set(TRAINED, made_with)
        notes.append(f"model {outcome.run_id}")


def _published(shelf: Shelf) -> str | None:
    """The published run, if its manifest can be read; the workers verify the rest when they load it."""
    try:
        run_id = shelf.current()
        return None if run_id is None else shelf.manifest(run_id).run_id
    except (BundleRefusedError, NoBundleError):
        return None


def _examples(people: Sequence[Customer]) -> tuple[Link, ...]:
    personal = [
        Link(address=f"{HOME}?{urlencode({'customer_id': one.customer_id})}", text=f"for {one.who}") for one in people
    ]
    return (
        Link(address="/demo", text="the shop itself, to click through"),
        *personal,
        Link(address=f"{HOME}?visitor_id=somebody-new", text="for somebody nobody knows"),
        Link(address="/v1/recommendations/trending", text="what many buy now"),
    )


def _report(address: str, stage: Stage) -> str:
    """What is printed once lists can be had: three customers with their last orders and lists, and where to go on."""
    shift = stage.clock.shift.days
    lines = [
        "",
        f"The shop is open at  {address}/demo",
        "Click through it as one of its customers: every list on its pages is made by the service.",
        "",
        f"Dates are shown {shift:,} days later than the data's, so that its last order was placed yesterday.",
    ]
    for one in stage.people:
        lines += ["", *_customer_lines(address, one, stage.clock)]
    first = stage.people[0].customer_id if stage.people else "1"
    lines += [
        "",
        f"  {address}/  is a page with addresses to try,",
        f"  {address}/openapi.json  what the service speaks. Ask it yourself:",
        "",
        f"  curl '{address}{HOME}?customer_id={first}&size={LIST_SIZE}'",
        "",
        f"It answers without keys, on this machine only; requests are logged in {stage.log_file}.",
        "Stop it with Ctrl-C.",
        "",
    ]
    return "\n".join(lines)


def _customer_lines(address: str, one: Customer, clock: ShopClock) -> list[str]:
    more = f" and {one.more} more" if one.more else ""
    lines = [
        f"Customer {one.customer_id}, {one.who}",
        f"  last order, {clock.shown(one.ordered_at):%d %B %Y}: {'; '.join(one.titles)}{more}",
        "  the list:",
    ]
    for item in ask(address, one.customer_id).get("items", []):
        price = "" if item["price"] is None else f", {item['currency'] or ''} {item['price']:.2f}"
        lines.append(f"    {item['rank']}. {item['title'] or item['item_id']}{price}: {item['reason']['text']}")
    return lines


def ask(address: str, customer_id: str) -> dict[str, Any]:
    """A customer's list, from the running service, as any shop would ask for it."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=10)
    try:
        connection.request("GET", f"{HOME}?{urlencode({'customer_id': customer_id, 'size': LIST_SIZE})}")
        found: dict[str, Any] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return found


def main() -> None:
    """``python -m recommender.demo.run`` is ``recommender demo``."""
    import runpy

    sys.argv.insert(1, "demo")
    runpy.run_module("recommender", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
