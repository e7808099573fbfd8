"""Groups of many events, with and without events that are there already: each is stored once, and told apart."""

from recommender.domain.incoming import Delivery, Incoming, Verdict
from recommender.domain.ports import Source, Stores

NOON_US = 1_780_000_000_000_000
SERVER = Source(kind="api", legal_basis="contract", name="k1")


def views(numbers: range, *, item: str = "lamp") -> Delivery:
    return Delivery(source=SERVER, events=tuple(_view(number, item) for number in numbers), received_us=NOON_US)


def _view(number: int, item: str) -> Incoming:
    event_id, visitor = f"e{number}", f"v{number % 7}"
    line = (event_id, 0, "view_item", NOON_US, visitor, None, None, item, 1, None, None, None, None, None, None)
    return Incoming(event_id, NOON_US, visitor, None, (line,), {}, True, {"event_id": event_id})  # noqa: FBT003


def ids(stores: Stores) -> list[str]:
    return [row[0] for frame in stores.log.frames(columns=["event_id"]) for row in frame.rows()]


def test_a_large_group_is_new_once_and_then_known(stores: Stores) -> None:
    intake = stores.intake()
    assert set(intake.store([views(range(300))])[0].verdicts) == {Verdict.NEW}
    assert set(intake.store([views(range(300))])[0].verdicts) == {Verdict.DUPLICATE}
    assert ids(stores) == [f"e{number}" for number in range(300)]
    intake.close()


def test_a_large_group_that_is_known_in_part(stores: Stores) -> None:
    intake = stores.intake()
    intake.store([views(range(200))])
    first, second = intake.store([views(range(150, 250)), views(range(190, 350))])
    assert first.verdicts == (Verdict.DUPLICATE,) * 50 + (Verdict.NEW,) * 50
    assert second.verdicts == (Verdict.DUPLICATE,) * 60 + (Verdict.NEW,) * 100
    assert ids(stores) == [f"e{number}" for number in range(350)]
    intake.close()


def test_other_content_under_a_known_id_is_a_conflict(stores: Stores) -> None:
    intake = stores.intake()
    intake.store([views(range(20))])
    assert set(intake.store([views(range(20), item="chair")])[0].verdicts) == {Verdict.CONFLICT}
    assert stores.dead_letters.counts() == {"conflict": 20}
    intake.close()


def test_after_known_events_new_ones_are_stored_as_before(stores: Stores) -> None:
    intake = stores.intake()
    intake.store([views(range(20))])
    intake.store([views(range(20))])
    for start in range(20, 2_000, 20):
        assert set(intake.store([views(range(start, start + 20))])[0].verdicts) == {Verdict.NEW}
    assert ids(stores) == [f"e{number}" for number in range(2_000)]
    intake.close()


def test_a_receipt_tells_the_numbers_its_transaction_took(stores: Stores) -> None:
    intake = stores.intake()
    before = stores.log.position()
    (receipt,) = intake.store([views(range(30))])
    assert (receipt.first, receipt.position) == (before + 1, before + 30)
    intake.close()
