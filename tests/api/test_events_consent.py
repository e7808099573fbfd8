"""What events say of consent, and what is on record: for whom an event is stored, and what the ledger holds afterwards."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from event_calls import CONSENT, Shop, open_shop, view

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.people import Person
from recommender.domain.ports import Stores

PROFILE = Purpose.ANALYTICS_PROFILE
PURPOSES = (Purpose.ONSITE_PERSONALISATION, Purpose.EMAIL_PERSONALISATION, Purpose.MODEL_TRAINING)


@pytest.fixture
def shop(stores: Stores) -> Iterator[Shop]:
    """On each backend in turn."""
    made = open_shop(stores)
    yield made
    made.ingest.stop()


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("browser", [True, False])
def test_a_first_refusal_beside_a_stored_event_is_recorded_once(shop: Shop, purpose: Purpose, *, browser: bool) -> None:
    key, ledger = shop.pk if browser else shop.sk, shop.stores.consent
    told = {**(CONSENT if browser else {}), purpose.value: False}
    again = [view("v1", event_id=f"e{number}", consent=told) for number in range(4)]
    assert shop.said(again[:2], key=key)["accepted"] == 2
    for event in again[2:]:
        assert shop.said(event, key=key)["accepted"] == 1
    said = [one for one in ledger.history(Person(visitor_id="v1")) if one.purpose is purpose]
    assert [(one.state, one.source) for one in said] == [(ConsentState.DENIED, "event")]
    assert ledger.refused(Person(visitor_id="v1")) == {purpose}
    assert shop.said(view("v1", consent={purpose.value: True}), key=key)["accepted"] == 1
    assert ledger.refused(Person(visitor_id="v1")) == frozenset()


def test_a_refusal_counts_for_both_ids_and_does_not_weaken_a_withdrawal(shop: Shop) -> None:
    ledger, told = shop.stores.consent, {"onsite_personalisation": False}
    for _ in range(2):
        shop.said(view("v1", customer_id="c1", consent=told))
    assert len(ledger.history(Person(customer_id="c1", visitor_id="v1"))) == 1
    assert ledger.refused(Person(customer_id="c1")) == ledger.refused(Person(visitor_id="v1"))
    withdrawn = ConsentRecord(
        person=Person(customer_id="c2"),
        purpose=Purpose.ONSITE_PERSONALISATION,
        state=ConsentState.WITHDRAWN,
        time=datetime.now(UTC) - timedelta(days=1),
        source="test",
    )
    ledger.record([withdrawn])
    shop.said(view("v2", customer_id="c2", consent=told))
    assert ledger.history(Person(customer_id="c2")) == [withdrawn]


def test_refusals_beside_an_event_that_is_not_stored_leave_no_trace(shop: Shop) -> None:
    told = dict.fromkeys([PROFILE.value, *PURPOSES], False)
    for key in (shop.pk, shop.sk):
        assert shop.said(view("v1", consent=told), key=key)["not_stored"] == 1
    assert shop.said(view("v1", consent=dict.fromkeys(PURPOSES, False)), key=shop.pk)["not_stored"] == 1
    assert shop.stores.consent.history(Person(visitor_id="v1")) == []


def withdrawn(shop: Shop, customer_id: str, purpose: Purpose = PROFILE) -> None:
    """The customer says no at the shop's desk."""
    shop.stores.consent.record(
        [
            ConsentRecord(
                person=Person(customer_id=customer_id),
                purpose=purpose,
                state=ConsentState.WITHDRAWN,
                time=datetime.now(UTC) - timedelta(days=1),
                source="api",
            )
        ]
    )


def test_a_customers_withdrawal_holds_for_events_of_their_browser(shop: Shop) -> None:
    shop.said([view("v1"), {"type": "identify", "visitor_id": "v1", "customer_id": "c1"}])
    withdrawn(shop, "c1")
    for key, told in ((shop.sk, None), (shop.sk, CONSENT), (shop.pk, CONSENT)):
        assert shop.said(view("v1", consent=told), key=key)["notes"][0]["code"] == "refused"
    assert shop.said([view("v2"), view("v1")])["accepted"] == 1
    assert shop.stores.consent.history(Person(visitor_id="v1")) == []


def test_a_browser_that_is_seen_with_somebody_else_is_stored_again(shop: Shop) -> None:
    shop.said(view("v1", customer_id="c1"))
    withdrawn(shop, "c1")
    assert shop.said(view("v1"))["not_stored"] == 1
    assert shop.said(view("v1", customer_id="c2"))["accepted"] == 1
    assert shop.said(view("v1"))["accepted"] == 1


def test_what_a_customer_allows_allows_no_event_of_a_browser_that_names_nobody(shop: Shop) -> None:
    shop.said(view("v1", customer_id="c1"))
    shop.said(view("v9", customer_id="c1", consent=CONSENT))
    assert shop.said(view("v1"), key=shop.pk)["notes"][0]["code"] == "no_consent"
    assert shop.said(view("v1", consent=CONSENT), key=shop.pk)["accepted"] == 1


def test_a_browser_does_not_lift_what_its_customer_withdrew_and_may_refuse_more(shop: Shop) -> None:
    shop.said(view("v1", customer_id="c1"))
    withdrawn(shop, "c1", Purpose.MODEL_TRAINING)
    for _ in range(2):
        shop.said(view("v1", consent={"model_training": True, "email_personalisation": False}))
    (said,) = shop.stores.consent.history(Person(visitor_id="v1"))
    assert (said.purpose, said.state) == (Purpose.EMAIL_PERSONALISATION, ConsentState.DENIED)
    assert shop.stores.consent.refused(Person(visitor_id="v1")) == {
        Purpose.EMAIL_PERSONALISATION,
        Purpose.MODEL_TRAINING,
    }
