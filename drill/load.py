"""What goes on while a fault is made: storefronts that ask for lists, and senders of events who remember every receipt."""

import http.client
import json
import math
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Self

from drill.shop import CUSTOMERS, ITEMS

LIST_SIZE = 8
ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request for a list: when it was sent, how long it took, and what came of it.

    ``useful``: status 200, as many items as asked for, each once, finite scores, valid JSON. ``broken``: why not, if no answer came.
    """

    at: float
    ms: float
    useful: bool
    fallback: str | None
    model: str | None
    basis: str | None
    broken: str | None = None


def is_useful(status: int, body: bytes) -> bool:
    """Whether a shop could show this answer."""
    if status != http.client.OK:
        return False
    items = json.loads(body)["items"]
    ids = {item["item_id"] for item in items}
    scores = all(math.isfinite(item["score"]) for item in items)
    return len(items) == LIST_SIZE == len(ids) and ids <= set(ITEMS) and scores


@dataclass(slots=True, kw_only=True)
class Crowd:
    """Some who do the same at once, each in a thread, for as long as the block lasts."""

    number: int = 4
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def keep_on(self, place: int) -> None:
        """What the one at this place (0, 1, …) does until told to stop."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        for place in range(self.number):
            thread = threading.Thread(target=self.keep_on, args=(place,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * ANSWER_SECONDS)


@dataclass(slots=True, kw_only=True)
class Storefronts(Crowd):
    """Some storefronts, each asking for the lists of customers in turn, at a steady pace, until told to stop.

    With ``kept_alive`` False every request has a connection of its own, so that one the server closes while it is idle
    cannot be taken for a request that was broken.
    """

    port: int
    pause: float = 0.01
    kept_alive: bool = True
    asked: list[Asked] = field(default_factory=list)

    def since(self, moment: float, until: float = math.inf) -> list[Asked]:
        """Requests sent in a span of time (:func:`time.monotonic`)."""
        return [one for one in list(self.asked) if moment <= one.at < until]

    def keep_on(self, place: int) -> None:
        """Ask for the lists of every so-manieth customer."""
        connection: http.client.HTTPConnection | None = None
        for turn in count(place, self.number):
            if self._stop.wait(self.pause):
                break
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
            customer = CUSTOMERS[turn % len(CUSTOMERS)]
            if self._ask(connection, f"/v1/recommendations/home?customer_id={customer}&size={LIST_SIZE}"):
                continue
            connection.close()
            connection = None
        if connection is not None:
            connection.close()

    def _ask(self, connection: http.client.HTTPConnection, path: str) -> bool:
        """One request; whether the connection can go on."""
        began = time.monotonic()
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            status, body = answer.status, answer.read()
            useful = is_useful(status, body)
            said = json.loads(body) if status == http.client.OK else {}
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.asked.append(_asked(began, useful=False, said={}, broken=repr(error)))
            return False
        self.asked.append(
            _asked(began, useful=useful, said=said, broken=None if useful else f"{status} {body[:200]!r}")
        )
        return self.kept_alive and answer.headers.get("Connection", "").lower() != "close"


def _asked(began: float, *, useful: bool, said: dict[str, str | None], broken: str | None) -> Asked:
    return Asked(
        at=began,
        ms=(time.monotonic() - began) * 1000,
        useful=useful,
        fallback=said.get("fallback"),
        model=said.get("model"),
        basis=said.get("basis"),
        broken=broken,
    )


@dataclass(slots=True, kw_only=True)
class Senders(Crowd):
    """Some senders of events. An id stands in ``acknowledged`` only once the service said 202 to it.

    Every sender repeats a batch that got no receipt, with the same ids, as a shop's own retry would.
    """

    port: Callable[[], int]
    each: int = 5
    tag: str = "e"
    acknowledged: set[str] = field(default_factory=set)
    refused: list[int] = field(default_factory=list)

    def keep_on(self, place: int) -> None:
        """Send batches, each until it is acknowledged."""
        for turn in count():
            events = [event_of(f"{self.tag}-{place}-{turn}-{k}", place + turn + k) for k in range(self.each)]
            while not self._stop.is_set() and not self._send(events):
                time.sleep(0.02)
            if self._stop.is_set():
                return

    def _send(self, events: Sequence[dict[str, object]]) -> bool:
        """Send one batch; whether it was acknowledged, every event of it."""
        status, _ = post_events(self.port(), events)
        if status == http.client.ACCEPTED:
            self.acknowledged.update(str(event["event_id"]) for event in events)
            return True
        self.refused.append(status)
        return False


def event_of(event_id: str, n: int) -> dict[str, object]:
    """A view by one of the shop's customers, recent, with an id of its own."""
    return {
        "event_id": event_id,
        "type": "view_item",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - n % 1000)),
        "customer_id": CUSTOMERS[n % len(CUSTOMERS)],
        "items": [{"item_id": ITEMS[(7 * n) % len(ITEMS)]}],
    }


def post_events(port: int, events: Sequence[dict[str, object]]) -> tuple[int, bytes]:
    """One batch on a connection of its own: status (0: no answer) and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        body = json.dumps({"events": list(events)})
        connection.request("POST", "/v1/events", body=body, headers={"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        with suppress(OSError):
            connection.close()
