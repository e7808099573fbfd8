"""Keys of the HTTP service: three classes, stored only as salted hashes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class KeyClass(StrEnum):
    """``pk`` may stand in a page, ``sk`` lives on the shop's server, ``adm`` is for operations."""

    PK = "pk"
    SK = "sk"
    ADM = "adm"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """What is kept of a key: ``key_id`` names it in lists, ``salt`` and ``digest`` verify it, the key itself is not kept."""

    key_id: str
    key_class: KeyClass
    name: str
    prefix: str
    salt: bytes
    digest: bytes
    created_at: datetime
    revoked_at: datetime | None = None
