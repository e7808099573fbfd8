"""A service that begins while PostgreSQL is away: lists at once, the rest when it is back."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_shop import OPEN, ask, command, environment, fill, free_port, opened, publish, serving, wait_until

from drill.processes import Postgres, postgres_server
from recommender.domain.keys import KeyClass
from recommender.services.catalogue_child import Child
from recommender.services.keys import create_key

pytestmark = pytest.mark.postgresql

RUN = "20260301T000000Z"
LIST = "/v1/recommendations/home?customer_id=c0&size=6"
BACK_SECONDS = 5
EVENTS = {"events": [{"event_id": "late-1", "type": "view_item", "visitor_id": "v7", "items": [{"item_id": "i00"}]}]}


@pytest.fixture
def cluster() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def home(cluster: Postgres, tmp_path: Path) -> Path:
    """A shop on PostgreSQL that was served before its database went away."""
    home = tmp_path / "home"
    home.mkdir()
    fill(home, cluster.url)
    publish(home, RUN)
    Child(home, cluster.url)(wait=True)
    return home


def test_lists_are_given_while_the_database_is_away_and_people_are_known_again_when_it_is_back(
    home: Path, cluster: Postgres
) -> None:
    cluster.stop()
    with serving(home, OPEN, "--workers", "2", settings={"RECOMMENDER_DATABASE_URL": cluster.url}) as service:
        answer = service.get(LIST)
        assert (answer.status, len(answer.json["items"])) == (200, 6)
        assert answer.json["fallback"] in ("consent_unavailable", "events_unavailable")
        assert answer.json["items"][0]["title"].startswith("Thing")
        assert service.get("/readyz").json["checks"]["database"] == "degraded"
        refused = service.get("/v1/events", method="POST", body=EVENTS)
        assert (refused.status, refused.json["code"]) == (503, "store_unavailable")
        cluster.start()

        def everybody_is_known() -> bool:  # a connection each, so that both workers are asked
            return all(service.get(LIST).json["basis"] == "personal" for _ in range(12))

        assert wait_until(everybody_is_known, seconds=BACK_SECONDS)
        assert service.get("/v1/events", method="POST", body=EVENTS).status == 202
        assert wait_until(lambda: service.get("/readyz").json["status"] == "ready", seconds=BACK_SECONDS)


def test_who_comes_with_a_key_is_asked_to_come_back_until_the_keys_can_be_read(home: Path, cluster: Postgres) -> None:
    with opened(home, cluster.url) as stores:
        token = create_key(stores.keys, key_class=KeyClass.SK, now=datetime.now(UTC)).token
        admin = create_key(stores.keys, key_class=KeyClass.ADM, now=datetime.now(UTC)).token
    cluster.stop()
    operations = free_port()
    settings = {"RECOMMENDER_DATABASE_URL": cluster.url, "RECOMMENDER_ADMIN_PORT": str(operations)}
    with serving(home, settings=settings) as service:
        known = {"X-API-Key": token}
        answer = service.get(LIST, known)
        assert (answer.status, answer.json["code"]) == (503, "store_unavailable")
        assert int(answer.headers["retry-after"]) > 0
        cluster.start()
        assert wait_until(lambda: service.get(LIST, known).status == 200, seconds=BACK_SECONDS)
        assert service.get(LIST, {"X-API-Key": "sk_wrong"}).status == 401

        def watched() -> bool:
            try:
                return ask(operations, "/metrics", {"Authorization": f"Bearer {admin}"}).status == 200
            except OSError:
                return False

        assert wait_until(watched, seconds=BACK_SECONDS)


def test_a_home_that_was_never_served_does_not_begin_without_its_database(tmp_path: Path) -> None:
    url = f"postgresql://shop@/shop?host={tmp_path}"
    call = [*command("--home", str(tmp_path), "serve", "--port", str(free_port()), OPEN)]
    settings = environment(RECOMMENDER_DATABASE_URL=url)
    found = subprocess.run(call, capture_output=True, text=True, timeout=60, env=settings, check=False)
    assert found.returncode != 0
    assert "does not answer" in found.stderr


def test_a_database_that_is_not_there_is_a_mistake_and_no_outage(home: Path, cluster: Postgres) -> None:
    call = [*command("--home", str(home), "serve", "--port", str(free_port()))]
    settings = environment(RECOMMENDER_DATABASE_URL=cluster.url.replace("/shop?", "/another?"))
    found = subprocess.run(call, capture_output=True, text=True, timeout=60, env=settings, check=False)
    assert found.returncode == 5
    assert "does not exist" in found.stderr
