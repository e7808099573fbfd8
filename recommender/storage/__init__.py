"""Where a home's data lives: the ports over SQLite or PostgreSQL. Start at :func:`open_stores`."""

from recommender.storage.opening import default_url, file_of, is_there, open_stores

__all__ = ["default_url", "file_of", "is_there", "open_stores"]
