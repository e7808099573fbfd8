"""``recommender keys``, ``backup`` and ``restore``."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console

from recommender.cli.context import State
from recommender.cli.output import emit, table
from recommender.domain.errors import BadInputError
from recommender.domain.keys import KeyClass, KeyRecord


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _keys(app)
    app.command("backup")(_backup)
    app.command("restore")(_restore)


def _backup(context: typer.Context, file: Path = typer.Argument(metavar="FILE", help="Archive to write.")) -> None:
    """Write the whole shop – log, catalogue, customers, consent, keys, models – into one archive."""
    from recommender.services.backup import backup as write_archive

    state: State = context.obj
    with state.known_shop() as shop:
        report = write_archive(shop.stores, state.settings.home, file)

    def say(console: Console) -> None:
        for name, rows in report.rows.items():
            console.print(f"{name}: {rows:,} rows")
        console.print(f"written to {file}. It holds personal data and key hashes: keep it as safe as the shop.")

    emit(state, report, say)


def _restore(context: typer.Context, file: Path = typer.Argument(metavar="FILE", help="Archive to read.")) -> None:
    """Replace the whole shop by a backup, all or nothing; people erased since stay erased."""
    from recommender.services.backup import restore as read_archive

    state: State = context.obj
    if not file.is_file():
        raise BadInputError(f"There is no backup {file}.")
    with state.shop() as shop:
        report = read_archive(shop.stores, state.settings.home, file)
        shop.cache.begin_anew(shop.stores.changes.standing())

    def say(console: Console) -> None:
        for name, rows in report.rows.items():
            console.print(f"{name}: {rows:,} rows")
        console.print(f"restored from {file}")

    emit(state, report, say)


def _keys(app: typer.Typer) -> None:
    """Add the commands about keys."""
    group = typer.Typer(help="Keys of the HTTP service.", no_args_is_help=True)
    app.add_typer(group, name="keys")
    group.command("create")(_create)
    group.command("identity")(_identity)
    group.command("list")(_list_keys)
    group.command("revoke")(_revoke)


def _create(
    context: typer.Context,
    key_class: KeyClass = typer.Option(
        ..., "--class", help="pk: may stand in a page · sk: the shop's server · adm: operations."
    ),
    name: str = typer.Option("", "--name", help="What it is for, to find it again in the list."),
) -> None:
    """Make a key. It is shown once; only its hash is kept."""
    from recommender.services.keys import create_key

    state: State = context.obj
    with state.shop() as shop:
        made = create_key(shop.stores.keys, key_class=key_class, name=name, now=datetime.now(UTC))

    def say(console: Console) -> None:
        console.print(made.token)
        typer.echo(f"id {made.record.key_id}. Copy the key now: it is not shown again.", err=True)

    emit(state, {"key": made.token, "id": made.record.key_id, "class": key_class.value, "name": name}, say)


def _identity(context: typer.Context) -> None:
    """Make a secret that signs customers' identities, for RECOMMENDER_IDENTITY_SECRETS and the shop's own server."""
    from recommender.api.identity import new_secret

    state: State = context.obj
    made = new_secret()

    def say(console: Console) -> None:
        console.print(made)
        typer.echo("It is not kept here: set it for the service and for the shop's server.", err=True)

    emit(state, {"identity_secret": made}, say)


def _list_keys(context: typer.Context) -> None:
    """Every key by its first letters, revoked ones included."""
    from recommender.services.keys import list_keys as all_keys

    state: State = context.obj
    with state.known_shop() as shop:
        records = all_keys(shop.stores.keys)
    keys = [
        {
            "id": r.key_id,
            "class": r.key_class.value,
            "prefix": r.prefix,
            "name": r.name,
            "created_at": r.created_at,
            "revoked_at": r.revoked_at,
        }
        for r in records
    ]
    emit(state, {"keys": keys}, lambda console: _say_keys(console, records))


def _say_keys(console: Console, records: Sequence[KeyRecord]) -> None:
    if not records:
        console.print("There are no keys yet. Make one: recommender keys create --class sk")
        return
    rows = [
        [
            r.key_id,
            r.key_class.value,
            f"{r.prefix}…",
            r.name,
            f"{r.created_at:%Y-%m-%d %H:%M}",
            f"{r.revoked_at:%Y-%m-%d %H:%M}" if r.revoked_at else "–",
        ]
        for r in records
    ]
    console.print(table(None, ["id", "class", "key", "name", "created (UTC)", "revoked"], rows))


def _revoke(
    context: typer.Context, key_id: str = typer.Argument(metavar="ID", help="As `keys list` shows it.")
) -> None:
    """Refuse a key from now on; running services notice within a second."""
    from recommender.services.keys import revoke_key

    state: State = context.obj
    with state.known_shop() as shop:
        revoke_key(shop.stores.keys, key_id, now=datetime.now(UTC))
    emit(state, {"revoked": key_id}, lambda console: console.print(f"{key_id} is refused from now on"))
