"""From settings to an open profile cache."""

import hashlib
from pathlib import Path

from recommender.domain.ports import ProfileStore
from recommender.storage.profiles.sqlite import SqliteProfiles

PROFILES_FILE = "profiles.db"


def open_profiles(home: Path, *, redis_url: str | None = None, shop: str = "") -> ProfileStore:
    """The profile cache of a home: Redis where a URL is given, else a file in ``var``.

    Parameters
    ----------
    shop : str
        What names the log the profiles are made of, on every host alike; its hash is the prefix of keys in Redis.
    """
    if redis_url is None:
        return SqliteProfiles(home.resolve() / "var" / PROFILES_FILE, shop=shop)
    from recommender.storage.profiles.redis import RedisProfiles

    prefix = hashlib.blake2b(shop.encode(), digest_size=6).hexdigest()
    return RedisProfiles(redis_url, prefix=f"recommender:{prefix}:p")
