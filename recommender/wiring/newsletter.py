"""What newsletters are made of: sealed addresses, who reads them, and lists as the storefront gives them."""

import hmac
from typing import TYPE_CHECKING

from recommender.domain.people import Person
from recommender.domain.requests import Repeat, Request
from recommender.domain.slates import Slate
from recommender.storage.secret import Secrets
from recommender.wiring.shop import Shop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.api.newsletter import MailRoom
    from recommender.api.storefront import Storefront
    from recommender.services.newsletter import Newsletter
    from recommender.services.newsletter_kept import KeptPick


def newsletter_of(shop: Shop) -> "Newsletter":
    """The use cases of one home."""
    from recommender.services.newsletter import Newsletter, Sender
    from recommender.services.newsletter_links import Seal
    from recommender.services.newsletter_picks import rows_of, slate_from

    settings = shop.settings
    secret = hmac.digest(Secrets(settings.var_dir).at_home, b"purpose:newsletter", "sha256")

    def shelves(item_ids: "Sequence[str]") -> list[str | None]:
        current = shop.models()
        assortment = shop.catalogue_view.assortment(current[1] if current else None)
        rows, codes, names = rows_of(assortment), assortment.shelf_cells, assortment.names("shelf")
        found = [rows(item_id) for item_id in item_ids]
        return [None if row is None or codes[row] < 0 else names[codes[row]] for row in found]

    def mark(person: Person) -> None:
        shop.freshness.mark_facts([person], shop.stores.changes.standing().facts)

    def from_kept(picks: "Sequence[KeptPick]", request: Request) -> Slate:
        return slate_from(shop.recommender.responder(), picks, request)

    return Newsletter(
        seal=Seal(secret),
        readers=shop.stores.readers,
        consent=shop.stores.consent,
        shelves=shelves,
        sender=Sender(
            shop=settings.shop_name,
            address=settings.mail_sender,
            stop=settings.mail_stop_url,
            tags=settings.newsletter_tags,
        ),
        clock=shop.clock,
        legal_basis=settings.legal_basis,
        mark=mark,
        submit=shop.ingest.submit,
        repeat=Repeat(settings.newsletter_repeat),
        from_kept=from_kept,
    )


def mail_room_of(shop: Shop, storefront: "Storefront") -> "MailRoom":
    """What the routes of newsletters need."""
    from recommender.api.newsletter import MailRoom

    return MailRoom(
        newsletter=newsletter_of(shop),
        storefront=storefront,
        url_of=lambda item_id: shop.catalogue_view.cards([item_id])[0].url,
        public_url=(shop.settings.public_url or "").rstrip("/"),
    )
