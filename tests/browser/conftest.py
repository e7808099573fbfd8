"""The fixtures of :mod:`browsing`, for the tests beside it (type checkers know one module of this name only)."""

from browsing import (  # noqa: F401 - fixtures
    _out_of_the_way,
    address,
    browser,
    desktop,
    open_page,
    page_errors,
    parked,
    phone,
    small_service,
)
from shop_browsing import shop_address  # noqa: F401 - a fixture
from shop_page import bench, shop_and_service  # noqa: F401 - fixtures
