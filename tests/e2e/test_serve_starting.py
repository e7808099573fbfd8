"""How the service begins, what keeps it from it, and what it leaves unloaded."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from small_shop import (
    HOME,
    OPEN,
    Service,
    command,
    environment,
    free_port,
)

COSTLY = ("implicit", "lightgbm", "optuna", "alembic", "joblib", "polars", "scipy", "pyarrow", "typer", "rich", "redis")
"""Packages of which a worker on one host needs none."""
A_WORKER = f"""
import sys
from pathlib import Path
from recommender.serve import Plan
from recommender.settings import Settings
from recommender.worker import Worker
Worker(Plan(settings=Settings(home=Path(sys.argv[1])), open_to_all=True))
print("loaded:", *sorted({{*{COSTLY!r}}} & {{*sys.modules}}))
"""
"""Makes all that a worker answers from, and says which of the costly packages are loaded then."""


def refused(home: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    call = command("--home", str(home), "serve", *options)
    return subprocess.run(call, capture_output=True, text=True, timeout=60, env=environment(), check=False)


def test_without_a_key_it_refuses_to_start_and_says_how_to_make_one(own_home: Path) -> None:
    found = refused(own_home, "--port", str(free_port()))
    assert found.returncode == 2
    assert "keys create --class sk" in found.stderr


def test_without_keys_it_stays_on_this_machine(own_home: Path) -> None:
    found = refused(own_home, OPEN, "--host", "0.0.0.0", "--port", str(free_port()))  # noqa: S104 - it must be refused
    assert found.returncode == 2
    assert "127.0.0.1" in found.stderr


@pytest.mark.parametrize("listening", [True, False])
def test_a_taken_port_gives_one_clear_sentence(own_home: Path, *, listening: bool) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        if listening:
            other.listen()
        port = other.getsockname()[1]
        found = refused(own_home, OPEN, "--port", str(port))
    assert found.returncode == 2
    assert f"Port {port}" in found.stderr
    assert "--port" in found.stderr
    assert "Traceback" not in found.stderr


def test_two_services_cannot_share_a_port(running: Service, own_home: Path) -> None:
    assert refused(own_home, OPEN, "--port", str(running.port)).returncode == 2


def test_workers_that_cannot_start_end_the_service_which_says_so(own_home: Path) -> None:
    call = command("--home", str(own_home), "serve", OPEN, "--workers", "2", "--port", str(free_port()))
    told = environment(RECOMMENDER_IDENTITY_SECRETS="no secret at all")
    found = subprocess.run(call, capture_output=True, text=True, timeout=60, env=told, check=False)
    assert found.returncode == 1
    assert "a worker cannot start: RECOMMENDER_IDENTITY_SECRETS" in found.stderr
    assert "The workers stop right after their start" in found.stderr


def test_a_serving_process_loads_nothing_that_only_training_needs(running: Service) -> None:
    running.get(f"{HOME}?customer_id=c0")
    workers = running.workers()
    assert workers
    for worker in workers:
        files = [Path(found.path).as_posix() for found in worker.memory_maps()]
        assert [name for name in files if any(f"/{one}/" in name for one in COSTLY)] == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the policy")
def test_no_thread_of_a_worker_takes_the_core_from_another_by_waking_up(running: Service) -> None:
    running.get(f"{HOME}?customer_id=c0")
    for worker in running.workers():
        threads = [int(found.name) for found in Path(f"/proc/{worker.pid}/task").iterdir()]
        assert len(threads) > 1
        assert {os.sched_getscheduler(thread) for thread in threads} == {os.SCHED_BATCH}


def test_what_a_worker_loads_leaves_out_what_only_training_and_moving_data_need(own_home: Path) -> None:
    done = subprocess.run([sys.executable, "-c", A_WORKER, str(own_home)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.split()) == (0, ["loaded:"]), done.stderr


def test_the_module_is_the_command(own_home: Path) -> None:
    import sys

    call = [sys.executable, "-m", "recommender.serve", "--home", str(own_home), "--host", "0.0.0.0", OPEN]  # noqa: S104
    found = subprocess.run(call, capture_output=True, text=True, timeout=60, env=environment(), check=False)
    assert found.returncode == 2
    assert "127.0.0.1" in found.stderr
