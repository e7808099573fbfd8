"""The service: granian's processes around the application (``make serve``, ``recommender serve``).

The parent takes the port, starts the workers, passes on the order to stop and says when lists can be had.
Each worker opens the shop, loads the model and answers; what is published meanwhile is taken up by itself.
"""

import http.client
import logging
import multiprocessing
import os
import runpy
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import ip_address
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any

import recommender.threads  # noqa: F401 - sets BLAS threads before anything loads numpy
from recommender.api.board import Board
from recommender.api.closing import close_doors
from recommender.api.log_lines import set_up_logging
from recommender.api.processes import (
    PortHold,
    Stopping,
    follow_make,
    handle_stop_signals,
    hold_port,
)
from recommender.api.root import Link
from recommender.domain.errors import RecommenderError, StoreAwayError, UsageError
from recommender.settings import Settings

if TYPE_CHECKING:
    from recommender.api.replacing import Server
    from recommender.api.rsgi import Shim

log = logging.getLogger("recommender.serve")

STOP_SECONDS = 6
"""How long requests in hand may take once the service is told to stop; a worker still busy then is killed."""
RETURN_SECONDS = 1.0
"""How often a database that was away at the start is tried for the second listener."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What every worker is told; travels to it by pickle.

    ``open_to_all`` answers without keys (loopback only); ``log_file`` None is stderr; ``examples`` and ``note`` are
    for the page at ``/``; ``demo_shop`` adds the pages at ``/demo``; ``board`` is the folder the processes of this service share.
    """

    settings: Settings
    open_to_all: bool = False
    log_file: Path | None = None
    examples: Sequence[Link] = ()
    note: str | None = None
    demo_shop: bool = False
    parent: int = 0
    board: Path | None = None


def serve(settings: Settings, *, insecure_loopback: bool = False) -> int:
    """Answer storefronts until told to stop (SIGINT, SIGTERM or SIGHUP); returns the exit code.

    Raises
    ------
    UsageError
        The port is taken, there is no key, or ``insecure_loopback`` is asked for on another address than loopback.
    StoreUnavailableError
        The database does not open.
    """
    check_loopback(settings.host, insecure=insecure_loopback)
    hold = hold_port(settings.host, settings.port)
    if not insecure_loopback:
        require_key(settings)
    require_rules(settings)

    def say(address: str) -> None:
        keys = "without keys: everyone on this machine may ask" if insecure_loopback else "with keys"
        sys.stderr.write(f"recommender answers at {address} ({keys}). Stop it with Ctrl-C.\n")

    return run(Plan(settings=settings, open_to_all=insecure_loopback), hold=hold, when_ready=say)


def check_loopback(host: str, *, insecure: bool) -> None:
    """Without keys, only this machine may be answered."""
    if not insecure or host == "localhost":
        return
    with suppress(ValueError):
        if ip_address(host).is_loopback:
            return
    raise UsageError(f"--insecure-loopback answers without keys, so it must stay on 127.0.0.1 or ::1, not {host}.")


def require_key(settings: Settings) -> None:
    """Refuse to start a service that nobody could call, or whose doors are set wrongly."""
    from recommender.wiring import ShopWithoutDatabase, callers_of, connect_to_answer, door_of

    with connect_to_answer(settings) as shop:
        door_of(settings, None)
        callers_of(shop)
        if isinstance(shop, ShopWithoutDatabase):
            log.warning("the database is away: until it is back, every caller is told 503")
            return
        if any(record.revoked_at is None for record in shop.stores.keys.all()):
            return
    raise UsageError(
        "This shop has no key, so nobody could call the service. Make one with "
        f"`recommender --home {settings.home} keys create --class sk`, or start with --insecure-loopback to answer "
        "without keys on this machine only."
    )


def require_rules(settings: Settings) -> None:
    """Refuse to start with a broken file of rules; one that breaks later is passed over."""
    from zoneinfo import ZoneInfo

    from recommender.domain.clock import ShopClock
    from recommender.services.shop_rules import read_rules

    if settings.rules_file.exists():
        read_rules(settings.rules_file, timezone=ZoneInfo(settings.timezone), clock=ShopClock())


def run(plan: Plan, *, hold: PortHold, when_ready: Callable[[str], None]) -> int:
    """Run the processes of a service until it is told to stop.

    Parameters
    ----------
    hold
        The port, taken before.
    when_ready
        Called once with the service's address, from a thread of its own, when the first list can be had.
    """
    settings = plan.settings
    address = f"http://{as_seen_from_here(settings.host)}:{settings.port}"
    multiprocessing.set_start_method("spawn", force=True)
    server = _server(plan)
    set_up_logging(plan.log_file)
    board = Board.create(settings.var_dir / "run")
    operations = None if plan.open_to_all else start_operations_when_possible(settings, address, board)

    def stop() -> None:
        server.interrupt_signal = True
        server.main_loop_interrupt.set()

    stopping = Stopping(
        announce=board.drain,
        close=lambda: close_doors(
            [worker.inner.pid for worker in server.wrks if worker.inner.is_alive()], settings.port
        ),
        stop=stop,
        drain_seconds=0 if plan.open_to_all else settings.drain_seconds,
    )

    def answered() -> None:
        server.respawn_failed_workers = True
        when_ready(address)

    def started() -> None:
        handle_stop_signals(stopping)  # granian's own handlers would take SIGHUP for a reload
        follow_make()
        if sys.platform != "linux":
            hold.release()
        threading.Thread(target=_announce, args=(settings, answered), daemon=True).start()

    server.on_startup(started)
    loader: Any = partial(start_worker, replace(plan, parent=os.getpid(), board=board.folder))
    try:
        server.serve(target_loader=loader, wrap_loader=False)
    except SystemExit:
        if not stopping.asked:
            raise RecommenderError("The workers stop right after their start; the log says why.") from None
    finally:
        hold.release()
        if operations is not None:
            operations.close()
        board.remove()
        _stop_tracker()
    return 0


def _stop_tracker() -> None:
    """End the process Python keeps beside spawned ones; by itself it would outlive us by a moment."""
    stop = getattr(resource_tracker._resource_tracker, "_stop", None)  # noqa: SLF001 - there is no public way
    if stop is not None:
        stop()


def _server(plan: Plan) -> "Server":
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    from recommender.api.replacing import Server

    lines: dict[str, Any] = {"()": "recommender.api.log_lines.JsonLines"}
    lines["path"] = None if plan.log_file is None else str(plan.log_file)
    return Server(
        "recommender",
        address=plan.settings.host,
        port=plan.settings.port,
        interface=Interfaces.RSGI,
        workers=plan.settings.workers,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig={"handlers": {"console": lines, "access": lines}},
        respawn_failed_workers=False,  # until it has answered once: what cannot start ends, instead of trying for ever
        workers_kill_timeout=STOP_SECONDS,
    )


def start_operations_when_possible(settings: Settings, address: str, board: Board) -> ExitStack | None:
    """:func:`start_operations`; while the database is away, in a thread that waits for it."""
    try:
        return start_operations(settings, address, board)
    except StoreAwayError as error:
        log.warning("no /metrics and /admin until the database is back: %s", error)
    gone = threading.Event()
    stack = ExitStack()
    stack.callback(gone.set)

    def wait() -> None:
        while not gone.wait(RETURN_SECONDS):
            try:
                found = start_operations(settings, address, board)
            except StoreAwayError:
                continue
            except RecommenderError as error:
                log.error("no /metrics and /admin: %s", error)  # noqa: TRY400 - one line
                return
            if found is not None:
                stack.push(found)
            return

    threading.Thread(target=wait, name="operations", daemon=True).start()
    return stack


def start_operations(settings: Settings, address: str, board: Board) -> ExitStack | None:
    """Open the second listener, for ``/metrics`` and ``/admin``; None if its port was not asked for and is taken.

    Raises
    ------
    UsageError
        The port that was asked for is taken.
    """
    from recommender.api.app import operations_app
    from recommender.api.listener import Listener
    from recommender.wiring import connect, operations_of

    with ExitStack() as stack:
        shop = stack.enter_context(connect(settings, serving=True))
        door, overview, watch = operations_of(shop, address, board)
        app = operations_app(door, overview)
        try:
            listener = Listener(app, host=settings.admin_host, port=settings.admin_port or settings.port + 1)
        except UsageError as error:
            if settings.admin_port:
                raise
            log.warning("no /metrics and /admin: %s", error)
            return None
        for part in (listener, watch):
            part.start()
            stack.callback(part.stop)
        return stack.pop_all()


def start_worker(plan: Plan) -> "Shim":
    """Make the application of one worker process; runs in that process, so that the first one loads none of it."""
    from recommender.worker import work

    return work(plan)


def _announce(settings: Settings, answered: Callable[[], None]) -> None:
    """Wait until the service answers, then say so once."""
    host = as_seen_from_here(settings.host).strip("[]")
    while True:
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(host, settings.port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.client.OK:
                answered()
                return
        time.sleep(0.05)


def as_seen_from_here(host: str) -> str:
    """The host to connect to on this machine, ready to stand in an address."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"[{here}]" if ":" in here else here


def main() -> None:
    """``python -m recommender.serve [options]`` is ``recommender serve [options]``."""
    sys.argv.insert(1, "serve")
    runpy.run_module("recommender", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
