"""A small shop with pages and pictures, its whole service in this process, and newsletters of it."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient
from small_shop import ITEMS, PEOPLE, fill, opened, publish

from recommender.api import create_app
from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.items import Item
from recommender.domain.people import Customer, Person
from recommender.domain.requests import Language
from recommender.services.newsletter import Newsletter
from recommender.settings import Settings, checked
from recommender.wiring import Shop, connect, newsletter_of, service_of

PAGE = "https://shop.example/things/{item}"
READER = "customer-000{n}"
"""Ids that would be seen if they stood in an address."""


def make_home(home: Path) -> Path:
    """The small shop; every item has a page and a picture, customer ``c0`` a record."""
    fill(home)
    publish(home, "20260301T000000Z")
    with opened(home) as stores:
        stores.catalogue.put(
            Item(item_id=item, url=PAGE.format(item=item), image=f"https://shop.example/{item}.jpg", category="Kitchen")
            for item in ITEMS
        )
        stores.customers.put(Customer(customer_id=one, email=f"{one}@example.com") for one in PEOPLE)
    return home


@dataclass(frozen=True, kw_only=True)
class Room:
    """The service and what a test looks at behind it."""

    shop: Shop
    client: FlaskClient
    newsletter: Newsletter

    def token(self, customer_id: str = "c0", *, days: int = 30, size: int = 6, language: Language = Language.EN) -> str:
        """The address of a customer's letter."""
        number = self.newsletter.readers.numbers([customer_id])[customer_id]
        return self.newsletter.token(number, language=language, size=size, days=days)

    def links(self, token: str) -> list[str]:
        """Where the items of a letter lead."""
        return [item["url"] for item in self.client.get(f"/v1/newsletter/{token}.json").get_json()["items"]]

    def clicks(self, customer_id: str = "c0") -> Sequence[tuple[str | None, str | None]]:
        """(item, slate) of the clicks that were stored."""
        self.shop.ingest.stop()
        lines = self.shop.stores.log.of_person(Person(customer_id=customer_id))
        return [(line.item_id, line.slate_id) for line in lines if line.type == "email_click"]

    def refuse(self, customer_id: str = "c0", purpose: Purpose = Purpose.EMAIL_PERSONALISATION) -> None:
        """The customer withdraws, as the shop's server would say it."""
        record = ConsentRecord(
            person=Person(customer_id=customer_id),
            purpose=purpose,
            state=ConsentState.WITHDRAWN,
            time=datetime.now(UTC),
            source="test",
        )
        self.shop.stores.consent.record([record])
        self.shop.follower.poll()


@contextmanager
def opened_room(template: Path, home: Path, *, tags: str = "") -> Iterator[Room]:
    """A copy of the shop, and its service; ``tags`` are what letters add to addresses of items' pages."""
    shutil.copytree(template, home)
    settings = Settings(
        home=home,
        currency="GBP",
        shop_name="Fern & Fable",
        public_url="https://lists.shop.example/",
        newsletter_tags=tags,
    )
    with connect(checked(settings)) as shop:
        service, _ = service_of(shop, open_to_all=True)
        yield Room(shop=shop, client=create_app(service).test_client(), newsletter=newsletter_of(shop))


def later(newsletter: Newsletter, days: int) -> datetime:
    """A moment so many days from now."""
    return newsletter.wall() + timedelta(days=days)
