"""Which run is served, which was before it, which may go, and who may train."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bundle_samples import put, shelf_with

from recommender.bundle import Shelf
from recommender.domain.errors import BundleRefusedError, BusyError, NoBundleError, StoreUnavailableError

NOW = datetime(2026, 11, 22, 1, 8, 34, tzinfo=UTC)


def damage(shelf: Shelf, run: str) -> None:
    (shelf.path(run) / "items.ids.npy").write_bytes(b"")


def test_an_empty_shelf_serves_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    for shelf in (Shelf(tmp_path), Shelf(tmp_path / "models")):
        assert (shelf.current(), shelf.runs(), shelf.history(), shelf.previous(), shelf.stamp()) == (
            None,
            (),
            (),
            None,
            None,
        )
        with pytest.raises(NoBundleError, match="run `recommender train` first"):
            shelf.load_current()
        with pytest.raises(NoBundleError, match="run `recommender train` first"):
            shelf.rollback()


def test_current_is_one_line_with_the_run(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1", "r2")
    assert (tmp_path / "CURRENT").read_text() == "r2\n"
    assert shelf.current() == "r2"
    assert shelf.load_current().meta["fill"] == 2


def test_a_line_written_by_hand_is_served(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1", "r2")
    put(tmp_path, "r3")
    (tmp_path / "CURRENT").write_text("r3")
    assert shelf.current() == "r3"
    assert shelf.rollback() == "r2"


def test_publishing_what_is_not_there_or_damaged_changes_nothing(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1")
    put(tmp_path, "r2")
    damage(shelf, "r2")
    before = shelf.stamp()
    with pytest.raises(BundleRefusedError, match=r"items\.ids\.npy"):
        shelf.publish("r2")
    with pytest.raises(NoBundleError, match="There is no run r3"):
        shelf.publish("r3")
    assert (shelf.stamp(), shelf.current()) == (before, "r1")


def test_rollback_serves_what_was_served_before_and_goes_further_back_each_time(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1", "r2", "r3")
    assert shelf.previous() == "r2"
    assert [shelf.rollback(), shelf.current()] == ["r2", "r2"]
    assert [shelf.rollback(), shelf.current()] == ["r1", "r1"]
    with pytest.raises(NoBundleError, match="No usable run was published before r1"):
        shelf.rollback()
    assert shelf.current() == "r1"


def test_the_run_served_before_is_not_simply_the_older_one(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1", "r2", "r3")
    shelf.publish("r1")
    assert shelf.history() == ("r2", "r3", "r1")
    assert shelf.rollback() == "r3"


def test_a_run_that_was_rolled_back_is_not_rolled_back_to(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1", "r2")
    shelf.rollback()
    put(tmp_path, "r3")
    shelf.publish("r3")
    assert shelf.history() == ("r1", "r3")
    assert shelf.rollback() == "r1"


def test_a_run_never_published_is_not_rolled_back_to(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1", "r3")
    put(tmp_path, "r2")
    assert shelf.rollback() == "r1"


def test_rollback_passes_over_a_damaged_and_a_missing_run(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1", "r2", "r3", "r4")
    damage(shelf, "r3")
    shelf.path("r2").rename(tmp_path / "taken-away")
    assert shelf.rollback() == "r1"


def test_publishing_the_served_run_again_keeps_the_one_before(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1", "r2")
    shelf.publish("r2")
    assert shelf.rollback() == "r1"


def test_rollback_in_a_fresh_process_takes_well_under_two_seconds(tmp_path: Path) -> None:
    """Of processor time, so that a busy machine does not fail it."""
    shelf = shelf_with(tmp_path, "r1", "r2")
    code = f"from pathlib import Path; from recommender.bundle import Shelf; print(Shelf(Path({str(tmp_path)!r})).rollback())"
    before = os.times()
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    after = os.times()
    assert after.children_user + after.children_system - before.children_user - before.children_system < 2
    assert (run.stdout.strip(), shelf.current()) == ("r1", "r1")


def test_a_server_starts_with_the_newest_run_that_can_be_used(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1", "r2", "r3")
    damage(shelf, "r3")
    said: list[str] = []
    assert shelf.load_last_good(lambda error: said.append(str(error))).run_id == "r2"
    assert len(said) == 1
    assert "The bundle r3 is refused: items.ids.npy" in said[0]
    for run in ("r1", "r2"):
        damage(shelf, run)
    with pytest.raises(NoBundleError, match="None of the published runs"):
        shelf.load_last_good(lambda _: None)


def test_the_stamp_changes_with_every_publish_and_rollback_and_only_then(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1", "r2")
    stamps = [shelf.stamp()]
    put(tmp_path, "r3")
    assert shelf.stamp() == stamps[0]
    for change in (lambda: shelf.publish("r3"), shelf.rollback, lambda: shelf.publish("r3"), shelf.rollback):
        change()
        stamps.append(shelf.stamp())
        assert stamps[-1] != stamps[-2]


def test_new_run_names_sort_after_all_others(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    names = []
    for seconds in (0, 0, 0, 5, -60, 3600):
        names.append(shelf.new_run_id(NOW + timedelta(seconds=seconds)))
        put(tmp_path, names[-1])
    assert names[0] == "20261122T010834Z"
    assert names[1] == "20261122T010834Z-001"
    assert names[3] == "20261122T010839Z"
    assert sorted(names) == names
    assert shelf.runs() == tuple(names)


def test_the_folder_of_all_bundles_may_stand_on_another_disk(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "models").symlink_to("disk")
    shelf = shelf_with(tmp_path / "models", "r1", "r2")
    assert shelf.load_current().run_id == "r2"
    assert shelf.rollback() == "r1"
    assert shelf.prune(1) == ()
    assert shelf.sweep() == ()


def test_runs_are_folders_with_a_runs_name(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r2", "r1")
    (tmp_path / "README.md").write_text("not a run")
    (tmp_path / "r3").write_text("not a run")
    (tmp_path / "r4").symlink_to("r1")
    (tmp_path / ".writing-r5-1").mkdir()
    assert shelf.runs() == ("r1", "r2")


def test_the_last_five_stay_and_so_do_the_served_run_and_the_one_before(tmp_path: Path) -> None:
    names = [f"r{n:02d}" for n in range(10)]
    for name in names:
        put(tmp_path, name)
    shelf = Shelf(tmp_path)
    for name in ("r00", "r03", "r02"):
        shelf.publish(name)
    assert shelf.prune(5) == ("r00", "r01", "r04")
    assert shelf.runs() == ("r02", "r03", *names[5:])
    assert shelf.rollback() == "r03"
    assert shelf.prune(0) == ("r02", *names[5:])
    assert shelf.runs() == ("r03",)


def test_pruning_fewer_runs_than_are_kept_removes_none(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1", "r2")
    assert shelf.prune(5) == ()
    assert shelf.runs() == ("r1", "r2")


def test_what_a_killed_run_left_is_swept_and_everything_else_stays(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1")
    for left in (".writing-r2-4711", ".removed-r0"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "a.npy").write_bytes(b"half")
    (tmp_path / "mine").mkdir()
    (tmp_path / ".writing-link").symlink_to("mine")
    assert shelf.sweep() == (".removed-r0", ".writing-r2-4711")
    assert (tmp_path / "mine").is_dir()
    assert shelf.runs() == ("mine", "r1")
    assert Shelf(tmp_path / "none").sweep() == ()


def test_a_bundle_being_written_is_not_swept(tmp_path: Path) -> None:
    from recommender.bundle import write_bundle

    shelf = Shelf(tmp_path)
    swept: list[tuple[str, ...]] = []
    write_bundle(tmp_path, "r1", {}, {}, created=NOW, step=lambda _: swept.append(shelf.sweep()))
    assert len(swept) > 3
    assert set(swept) == {()}
    assert shelf.load("r1").run_id == "r1"


HOLD = """
import sys, time
from datetime import datetime
from pathlib import Path
from recommender.bundle import Shelf
with Shelf(Path(sys.argv[1])).training(datetime.fromisoformat("2026-11-22T01:08:34+00:00")):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_training_is_told_who_holds_the_lock_and_since_when_and_a_kill_frees_it(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "models")
    with subprocess.Popen([sys.executable, "-c", HOLD, str(shelf.folder)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        expected = rf"A training is running here already since 2026-11-22 01:08:34 UTC \(process {holder.pid}\)"
        with pytest.raises(BusyError, match=expected), shelf.training(NOW):
            pytest.fail("two trainings at once")
        holder.kill()
        holder.wait()
    with shelf.training(NOW):
        pass


def test_a_training_that_failed_leaves_the_lock_free(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    with pytest.raises(ValueError, match="broken"), shelf.training(NOW):
        raise ValueError("broken")
    with shelf.training(NOW):
        pass


def test_models_are_published_and_rolled_back_while_a_training_runs(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1", "r2")
    with shelf.training(NOW):
        assert shelf.rollback() == "r1"


def test_a_folder_that_cannot_take_the_pointer_gives_one_sentence_and_keeps_the_old(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, "r1")
    put(tmp_path, "r2")
    (tmp_path / ".CURRENT.new").mkdir()
    with pytest.raises(StoreUnavailableError, match="Publishing r2 failed"):
        shelf.publish("r2")
    assert shelf.current() == "r1"
