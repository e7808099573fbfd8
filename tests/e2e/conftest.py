"""The fixtures of :mod:`served_shop`, for the tests beside it (type checkers know one module of this name only)."""

from served_shop import own_home, running, shop  # noqa: F401 - fixtures
