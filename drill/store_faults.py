"""What happens when the database dies, the model is missing or bad, or workers and the whole service are killed."""

import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bench.figures import Figure, figure
from drill.load import Senders, Storefronts, event_of, is_useful, post_events
from drill.outcome import first_second, lists, none, recovered
from drill.processes import Service, free_port, get, postgres_server, serving, start, wait_until
from drill.shop import CUSTOMERS, open_shop

SETTLE_SECONDS = 1.0
ROUND_SECONDS = (0.5, 1.5)


def stored(home: Path, url: str | None = None) -> Counter[str]:
    """Every event id of the log and how often it is there."""
    from recommender.storage import default_url, open_stores

    stores = open_stores(url or default_url(home), home=home)
    try:
        found: Counter[str] = Counter()
        for frame in stores.log.frames(columns=["event_id"]):
            found.update(frame["event_id"].to_list())
        return found
    finally:
        stores.close()


def accounted(name: str, acknowledged: set[str], there: Counter[str]) -> dict[str, Figure]:
    """Acknowledged events that are not there, and events that are there twice. No event at all proves nothing."""
    if not acknowledged:
        raise RuntimeError(f"{name}: no event was acknowledged, so nothing was proved")
    lost = sum(one not in there for one in acknowledged)
    twice = sum(number - 1 for number in there.values())
    found = {f"{name}.acknowledged": figure([len(acknowledged)], "events")}
    return found | none(name, "lost", lost) | none(name, "duplicates", twice)


def postgres_killed(home: Path, seconds: float) -> dict[str, Figure]:
    """``kill -9`` of every process of PostgreSQL while lists are asked for and events come in; then it comes back."""
    name = "postgresql.killed"
    with postgres_server() as cluster:
        variables = {"RECOMMENDER_DATABASE_URL": cluster.url}
        shop = open_shop(home / "on-postgresql", variables)
        with serving(shop, variables=variables) as service, Storefronts(port=service.port) as storefronts:
            with Senders(port=lambda: service.port, tag="pg") as senders:
                time.sleep(SETTLE_SECONDS)
                gone = time.monotonic()
                cluster.kill()
                time.sleep(seconds)
                (cluster.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
                cluster.start()
                back, before = time.monotonic(), len(senders.acknowledged)
                wait_until(lambda: len(senders.acknowledged) > before, seconds=30, what="an event being stored again")
                used = time.monotonic() - back
                time.sleep(SETTLE_SECONDS)
            asked, soon = storefronts.since(gone), storefronts.since(gone, gone + 1)
        there = stored(shop, cluster.url)
    return (
        lists(name, asked)
        | first_second(name, soon)
        | recovered(name, used)
        | accounted(name, senders.acknowledged, there)
    )


def no_model(home: Path, seconds: float) -> dict[str, Figure]:
    """There never was a model."""
    shutil.rmtree(home / "models")
    with serving(home) as service, Storefronts(port=service.port) as storefronts:
        began = time.monotonic()
        time.sleep(seconds)
        asked = storefronts.since(began)
    if {one.fallback for one in asked} != {"no_model"}:
        raise RuntimeError(f"without a model the lists say {Counter(one.fallback for one in asked)}")
    return lists("no_model", asked)


def bad_model(home: Path, seconds: float) -> dict[str, Figure]:
    """A published bundle with a flipped bit: the one before it goes on answering, and readiness says so."""
    with serving(home) as service, Storefronts(port=service.port) as storefronts:
        time.sleep(SETTLE_SECONDS)
        good = (home / "models" / "CURRENT").read_text().strip()
        bad = _copy_of_run(home, good, "29990101T000000Z")
        array = max((home / "models" / bad).rglob("*.npy"), key=lambda file: file.stat().st_size)
        content = bytearray(array.read_bytes())
        content[-1] ^= 1
        array.chmod(0o600)
        array.write_bytes(content)
        began = time.monotonic()
        (home / "models" / "CURRENT").write_text(bad + "\n")
        time.sleep(seconds)
        asked = storefronts.since(began)
    others = sum(one.model != good for one in asked)
    return lists("bad_model", asked) | none("bad_model", "answers_by_another_model", others)


def _copy_of_run(home: Path, run_id: str, name: str) -> str:
    shutil.copytree(home / "models" / run_id, home / "models" / name)
    manifest = home / "models" / name / "manifest.json"
    manifest.chmod(0o600)
    manifest.write_text(manifest.read_text().replace(run_id, name))
    return name


def worker_killed(home: Path, seconds: float) -> dict[str, Figure]:
    """``kill -9`` of one of two workers while events come in: another takes its place."""
    name = "worker.killed"
    with serving(home, workers=2) as service:
        with Senders(port=lambda: service.port, tag="worker") as senders:
            time.sleep(SETTLE_SECONDS)
            victims = service.workers()
            os.kill(victims[0], signal.SIGKILL)
            killed = time.monotonic()
            wait_until(
                lambda: len(set(service.workers()) - {victims[0]}) == 2, seconds=30, what="a worker in its place"
            )
            replaced = time.monotonic() - killed
            time.sleep(seconds)
        there = stored(home)
    found = accounted(name, senders.acknowledged, there)
    return found | {f"{name}.replaced_s": figure([replaced], "s")}


def service_killed(home: Path, rounds: int) -> dict[str, Figure]:
    """``kill -9`` of the whole service while events come in, again and again; every batch without a receipt is sent again."""
    name = "service.killed"
    chance = random.Random(7)
    ports = [free_port()]
    ready: list[float] = []
    services: list[Service] = [start(home, port=ports[0], workers=2)]
    try:
        with Senders(port=lambda: ports[0], tag="killed") as senders:
            for _ in range(rounds):
                time.sleep(chance.uniform(*ROUND_SECONDS))
                services.pop().kill()
                began = time.monotonic()
                services.append(start(home, port=ports[0], workers=2))
                ready.append(time.monotonic() - began)
            time.sleep(ROUND_SECONDS[1])
    finally:
        for service in services:
            service.kill()
    found = accounted(name, senders.acknowledged, stored(home))
    return found | {f"{name}.ready_again_s": figure(ready, "s"), f"{name}.rounds": figure([rounds], "rounds")}


def replayed(home: Path, events: int) -> dict[str, Figure]:
    """A stream sent in order, and the same sent three times over in shuffled order: log and profiles are the same."""
    name = "replay"
    one, three = home / "once", home / "thrice"
    for place in (one, three):
        for part in ("models", "var"):
            shutil.copytree(home / part, place / part)
    stream = [event_of(f"replay-{n}", n) for n in range(events)]
    chance = random.Random(11)
    folded: list[list[bytes]] = []
    for place, orders in ((one, [stream]), (three, [chance.sample(stream, len(stream)) for _ in range(3)])):
        with serving(place, workers=2) as service:
            for order in orders:
                _send_all(service, order, look=place is three)
        folded.append(_folded(place))
    ours, theirs = stored(one), stored(three)
    new = {event_id for event_id in ours if event_id.startswith("replay-")}
    missing = sum(theirs[event_id] != 1 for event_id in new) + (len(new) != events)
    differing = sum(a != b for a, b in zip(*folded, strict=True))
    return none(name, "log_differences", missing) | none(name, "profile_differences", differing)


def _send_all(service: Service, stream: Sequence[dict[str, object]], *, look: bool = False) -> None:
    for at in range(0, len(stream), 50):
        status, said = post_events(service.port, stream[at : at + 50])
        if status != 202:
            raise RuntimeError(f"a batch was answered with {status}: {said[:300]!r}")
        if look:  # profiles are folded in small steps, not all at the end
            _look_at_profile(service, str(stream[at]["customer_id"]))


def _look_at_profile(service: Service, customer: str) -> None:
    """Ask for a profile, so that it is folded up to now and kept."""
    status, body = get(service.port, f"/v1/customers/{customer}/profile")
    if status != 200:
        raise RuntimeError(f"the profile of {customer} was answered with {status}: {body[:300]!r}")


def _folded(home: Path) -> list[bytes]:
    """Everybody's facets, to the byte: as they stand in the cache, brought up to date from there as any reader would.

    (Which worker's put was the last is a matter of luck; the one before may have folded further.)
    """
    from recommender.domain.people import Person
    from recommender.settings import Settings
    from recommender.wiring import connect

    with connect(Settings(home=home)) as shop:
        now_us = time.time_ns() // 1000
        for customer in CUSTOMERS:
            shop.portraits.of(Person(customer_id=customer), now_us)
        found = shop.profile_store.get([f"c:{customer}" for customer in CUSTOMERS])
    if not all(profile is not None and profile.state for profile in found):
        raise RuntimeError("a profile that was asked for is not in the cache, so nothing would be compared")
    return [profile.state for profile in found if profile is not None]


def terminated(home: Path, rounds: int) -> dict[str, Figure]:
    """SIGTERM under load: every request that was taken is answered, and the service is gone within ten seconds."""
    name = "terminated"
    broken, seconds = 0, []
    for _ in range(rounds):
        with serving(home, workers=2) as service:
            with Storefronts(port=service.port, pause=0.002, kept_alive=False) as storefronts:
                time.sleep(SETTLE_SECONDS)
                asked = time.monotonic()
                service.terminate()
                seconds.append(time.monotonic() - asked)
            broken += sum("ConnectionRefused" not in one.broken for one in storefronts.asked if one.broken)
            if not storefronts.since(asked - SETTLE_SECONDS, asked):
                raise RuntimeError("nothing was asked before the signal, so nothing was proved")
    found = none(name, "requests_broken", broken)
    return found | {f"{name}.exit_s": figure(seconds, "s", bar=10, better="lower")}


def no_database_no_model(home: Path, seconds: float) -> dict[str, Figure]:
    """After a start in good order both the database and the models are taken away: what is in memory goes on answering."""
    name = "everything_away"
    with serving(home) as service, Storefronts(port=service.port) as storefronts:
        time.sleep(SETTLE_SECONDS)
        began = time.monotonic()
        shutil.rmtree(home / "models")
        for file in (home / "var").glob("shop.db*"):
            with suppress(OSError):
                file.unlink()
        time.sleep(seconds)
        asked = storefronts.since(began)
        alive, _ = get(service.port, "/healthz")
        status, body = get(service.port, f"/v1/recommendations/home?customer_id={CUSTOMERS[1]}&size=8")
        if alive != 200 or not is_useful(status, body):
            raise RuntimeError(f"liveness {alive}; a list {status} {body[:200]!r}")
    return lists(name, asked)
