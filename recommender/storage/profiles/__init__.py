"""Profiles: a cache beside the log, in a SQLite file of the home or in Redis."""

from recommender.storage.profiles.opening import open_profiles

__all__ = ["open_profiles"]
