"""One worker of the service: opens the shop, answers, and follows what changes.

Where the database is away at the start, it answers from the written catalogue and the model, and takes up everything
else when the database is back.
"""

import faulthandler
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import recommender.threads  # noqa: F401 - sets BLAS threads before anything loads numpy
from recommender.api.app import create_app
from recommender.api.board import Board
from recommender.api.closing import CLOSE_SIGNAL, ON_LINUX, refuse_new_connections
from recommender.api.later import Patient
from recommender.api.log_lines import set_up_logging
from recommender.api.processes import die_with_parent, finish_before_waking_others, leave_signals_to_parent
from recommender.api.rsgi import Shim
from recommender.domain.errors import RecommenderError
from recommender.domain.metrics import REGISTRY
from recommender.services.watching import Watch
from recommender.wiring import Shop, ShopWithoutDatabase, connect, connect_to_answer, hot_of, service_of

if TYPE_CHECKING:
    from recommender.api.rsgi import Hot
    from recommender.serve import Plan

log = logging.getLogger("recommender.serve")

RETURN_SECONDS = 1.0
"""How often a database that was away at the start is tried."""
LAST_BYTES_SECONDS = 0.05
START_SECONDS = 100.0
"""A worker that has not begun to answer by then says on stderr where each of its threads stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A shop and what answers from it."""

    shop: Shop
    application: Patient
    hot: "Mapping[tuple[str, str], Hot]"
    watches: Sequence[Watch]

    def start(self) -> None:
        """Begin following changes."""
        for watch in self.watches:
            watch.start()

    def stop(self) -> None:
        """Stop following, commit what waits and let go of the stores."""
        for watch in self.watches:
            watch.stop()
        self.shop.close()


def work(plan: "Plan") -> Shim:
    """Make the application of one worker process; runs in that process."""
    leave_signals_to_parent()
    die_with_parent(plan.parent)
    finish_before_waking_others()
    set_up_logging(plan.log_file)
    faulthandler.dump_traceback_later(START_SECONDS)
    try:
        return Worker(plan).shim
    except RecommenderError as error:
        log.error("a worker cannot start: %s", error)  # noqa: TRY400 - one line
        os._exit(1)


class Worker:
    """The parts in use, and the server's way to them.

    Raises
    ------
    StoreUnavailableError
        The database refuses us, or is away and was never there.
    """

    def __init__(self, plan: "Plan") -> None:
        self._plan = plan
        self._board = None if plan.board is None else Board(plan.board)
        if self._board is not None:
            self._board.publish(REGISTRY)
        self._parts = self._made(connect_to_answer(plan.settings))
        if isinstance(self._parts.shop, ShopWithoutDatabase):
            for watch in self._parts.watches:  # so that ``/readyz`` is right from its first answer on
                watch.once()
        self._stopping = threading.Event()
        self._turning = threading.Lock()
        self.shim = Shim(self._parts.application, hot=self._parts.hot, on_start=self._begin, on_stop=self._end)
        gc.collect()
        gc.freeze()  # model and code stay for good: no collection needs to look at them
        gc.set_threshold(50_000, 50, 50)

    def _made(self, shop: Shop) -> Parts:
        plan = self._plan
        service, watches = service_of(
            shop, open_to_all=plan.open_to_all, examples=plan.examples, note=plan.note, board=self._board
        )
        if plan.demo_shop:
            from recommender.demo_shop.blueprint import blueprint

            service = replace(service, more=(*service.more, blueprint(shop)))
        return Parts(shop=shop, application=Patient(create_app(service)), hot=hot_of(shop, service), watches=watches)

    def _begin(self, loop: Any) -> None:
        faulthandler.cancel_dump_traceback_later()
        loop.remove_signal_handler(signal.SIGINT)
        leave_signals_to_parent()
        if ON_LINUX:
            loop.add_signal_handler(CLOSE_SIGNAL, refuse_new_connections, self._plan.settings.port)
        self._parts.start()
        if isinstance(self._parts.shop, ShopWithoutDatabase):
            log.warning("the database is away: lists come from the written catalogue, nothing is known of people")
            threading.Thread(target=self._await_database, name="return", daemon=True).start()

    def _await_database(self) -> None:
        """Try again and again; once the database answers, go over to a shop that has it."""
        said = ""
        while not self._stopping.wait(RETURN_SECONDS):
            try:
                parts = self._with_database()
            except RecommenderError as error:
                if str(error) != said:
                    said = str(error)
                    log.warning("still without the database: %s", said)
            else:
                self._turn(parts)
                return

    def _with_database(self) -> Parts:
        shop = connect(self._plan.settings, serving=True)
        try:
            return self._made(shop)
        except BaseException:
            shop.close()
            raise

    def _turn(self, parts: Parts) -> None:
        """Answer from other parts from now on; requests in hand end with the parts they began with."""
        with self._turning:
            if self._stopping.is_set():
                parts.stop()
                return
            before, self._parts = self._parts, parts
            parts.start()
            self.shim.turn(parts.application, parts.hot)
        before.stop()
        log.warning("the database is back")

    def _end(self) -> None:
        self._stopping.set()
        with self._turning:
            self._parts.stop()
        sys.stdout.flush()
        sys.stderr.flush()
        time.sleep(LAST_BYTES_SECONDS)  # the server's own threads hand over what they still hold
        os._exit(0)  # and would abort if the interpreter were taken down under them
