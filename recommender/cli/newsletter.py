"""``recommender newsletter``: everybody's picks as a file for the tool that sends the mail."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from recommender.cli.context import State
from recommender.cli.moments import moment
from recommender.cli.output import Stages, emit
from recommender.domain.errors import UsageError
from recommender.domain.requests import Language, Repeat

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.domain.people import Person
    from recommender.services.newsletter_campaign import CampaignReport, Wish
    from recommender.wiring import Shop


def register(app: typer.Typer) -> None:
    """Add the command."""
    group = typer.Typer(help="Newsletters: picks for every customer.", no_args_is_help=True)
    app.add_typer(group, name="newsletter")

    @group.callback()
    def only_named() -> None:
        """Newsletters: picks for every customer."""

    @group.command("build")
    def build(
        context: typer.Context,
        out: Path = typer.Option(..., "--out", metavar="FILE", help="File to write: .csv or .jsonl."),
        everybody: bool = typer.Option(False, "--all", help="Every customer the shop knows."),
        customers: Path | None = typer.Option(None, "--customers", help="Table with a column customer_id."),
        language: Language = typer.Option(Language.EN, "--lang", help="Language of subject and reasons."),
        size: int = typer.Option(6, "--size", help="Items per mail, 1 to 12."),
        base_url: str | None = typer.Option(
            None, "--base-url", help="Address of the service as mail programs reach it (or RECOMMENDER_PUBLIC_URL)."
        ),
        days: int = typer.Option(30, "--days", help="How long the addresses in the file are good for."),
        now: str | None = typer.Option(
            None, "--now", metavar="TIME", help="Moment of the lists; such picks are not kept for fetches."
        ),
        repeat: Repeat | None = typer.Option(
            None, "--repeat", help="Whether bought items come back (or RECOMMENDER_NEWSLETTER_REPEAT)."
        ),
    ) -> None:
        """Write one row per customer: subject, preheader, the items, and where their mail can be fetched.

        Without an address of the service there are no addresses to fetch, and links lead to the items' own pages.
        """
        from recommender.services import exports
        from recommender.services.newsletter_campaign import Wish, checked

        if everybody == (customers is not None):
            raise UsageError("Say for whom: exactly one of --all or --customers FILE.")
        state: State = context.obj
        base = checked_address(base_url or state.settings.public_url)
        given = moment(now, state.settings.timezone, "--now")
        with state.known_shop() as shop, Stages(quiet=state.quiet) as stages:
            wish = Wish(
                language=language,
                size=size,
                now=given or shop.clock.now(),
                base=base,
                days=days,
                repeat=repeat or Repeat(state.settings.newsletter_repeat),
            )
            checked(wish, out)
            exports.remember(state.settings.home, out)
            keep = given is None and base is not None
            report = _write(shop, wish, _people(shop, customers), out, stages, keep=keep)
        emit(state, report, lambda console: _say(console, report, wish))


def checked_address(address: str | None) -> str | None:
    """The address without a slash at the end.

    Raises
    ------
    UsageError
        It is no http(s) address.
    """
    if address is None:
        return None
    if not address.startswith(("https://", "http://")) or not address.isprintable() or " " in address:
        raise UsageError(f"{address!r} is no address of a service; --base-url looks like https://lists.shop.example.")
    return address.rstrip("/")


def _people(shop: "Shop", customers: Path | None) -> "Iterable[Person]":
    from recommender.importing.people_table import read_people
    from recommender.services.everyone import everyone

    if customers is not None:
        return read_people(customers, "customer_id")
    return (one for one in everyone(shop.stores.log, shop.stores.customers) if one.customer_id is not None)


def _write(
    shop: "Shop", wish: "Wish", people: "Iterable[Person]", out: Path, stages: Stages, *, keep: bool
) -> "CampaignReport":
    from functools import partial

    from msgspec import structs

    from recommender.services.newsletter import SCENARIO
    from recommender.services.newsletter_campaign import Campaign
    from recommender.services.newsletter_picks import lists_to_keep
    from recommender.wiring import newsletter_of

    responder = structs.replace(shop.recommender.pinned(SCENARIO), slate_id=shop.slate_names)
    campaign = Campaign(
        newsletter=newsletter_of(shop),
        lists=responder.slates,
        cards=shop.catalogue_view.cards,
        wish=wish,
        keeping=partial(lists_to_keep, responder) if keep else None,
    )
    return campaign.write(people, out, lambda done, total: stages("mails", done, total, "people"))


def _say(console: Console, report: "CampaignReport", wish: "Wish") -> None:
    console.print(
        f"{report.people:,} customers, {report.personal:,} with personal picks and {report.general:,} with what many people "
        f"buy; {report.distinct_items:,} different items; {report.seconds:.1f} s"
    )
    if report.left_out:
        console.print(f"{report.left_out:,} customers were left out: they asked to be forgotten")
    if wish.base is None:
        console.print("no addresses to fetch: give --base-url or RECOMMENDER_PUBLIC_URL")
    else:
        console.print(f"the addresses are good for {wish.days} days")
    console.print(f"written to {report.out}. The file holds personal data: hand it over safely, then delete it.")
