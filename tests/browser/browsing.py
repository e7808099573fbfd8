"""A real browser for the tests of pages: the system's Chromium without a window, driven by Playwright.

The tests of a process share one browser; every page is of a fresh, empty profile. The build for running without a window
is taken where it is installed: the desktop's draws its own window, address bar and all, for every page, which costs several
times what our page does.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, sync_playwright
from small_shop import Service, fill, publish, serving

CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OF_THE_WINDOW = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,PreloadTopChromeWebUI,SpareRendererForSitePerProcess"
)
"""Pages of the browser's own that the desktop's build loads beside each of ours, and the process it keeps for a next one."""
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", f"--disable-features={OF_THE_WINDOW}")
DESKTOP: Mapping[str, Any] = {"viewport": ViewportSize(width=1280, height=900)}
PHONE: Mapping[str, Any] = {
    "viewport": ViewportSize(width=390, height=844),
    "device_scale_factor": 3,
    "has_touch": True,
    "is_mobile": True,
}
SCREENS = {"desktop": DESKTOP, "phone": PHONE}
PATIENCE_MS = 15_000
"""How long a page or an element is waited for: a guard against hanging, not a bar for speed."""

TELL_VIOLATIONS = """
addEventListener('securitypolicyviolation', (violation) => console.error(
    `content security policy: ${violation.effectiveDirective} forbids ${violation.blockedURI}`));
"""


class OpenPage(Protocol):
    """Opens a page: ``open_page("phone", locale="pl-PL")``."""

    def __call__(self, screen: str = "desktop", **options: Any) -> Page: ...


class Parked:
    """Takes the driver's event loop out of the way between tests, so that others in this process may run theirs."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def park(self) -> None:
        self._loop = asyncio._get_running_loop()
        asyncio._set_running_loop(None)

    def take_up(self) -> None:
        if self._loop is not None:
            asyncio._set_running_loop(self._loop)
            self._loop = None


@pytest.fixture(scope="session")
def parked() -> Parked:
    return Parked()


@pytest.fixture(scope="session")
def browser(parked: Parked, say_missing: Callable[[str], None]) -> Iterator[Browser]:
    """Chromium without a window, for as long as the run lasts."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        say_missing("there is no Chromium on this machine (Debian: apt-get install chromium-headless-shell)")
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=program, headless=True, args=ARGUMENTS)
        yield found
        parked.take_up()
        found.close()


@pytest.fixture(autouse=True)
def _out_of_the_way(browser: Browser, parked: Parked) -> Iterator[None]:
    parked.take_up()
    yield
    parked.park()


@pytest.fixture
def page_errors() -> list[str]:
    """What the pages of a test complain of: the console's errors, uncaught exceptions, violated policies.

    Whatever is left in it when the test is over fails the test; one that expects a complaint takes it out.
    """
    return []


@pytest.fixture
def open_page(browser: Browser, page_errors: list[str], _out_of_the_way: None) -> Iterator[OpenPage]:
    """Opens pages, each with a profile of its own, on a ``desktop`` or a ``phone``; options are of ``new_context``."""
    contexts = []

    def opener(screen: str = "desktop", **options: Any) -> Page:
        chosen = {"locale": "en-GB", "timezone_id": "UTC", "reduced_motion": "reduce", **SCREENS[screen], **options}
        context = browser.new_context(**chosen)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(TELL_VIOLATIONS)
        page = context.new_page()
        watch(page, page_errors)
        return page

    yield opener
    for context in contexts:
        context.close()
    assert page_errors == []


def watch(page: Page, errors: list[str]) -> None:
    """Write down what a page complains of."""

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{page.url}: console: {message.text} ({message.location.get('url', '')})")

    page.on("console", heard)
    page.on("pageerror", lambda error: errors.append(f"{page.url}: uncaught: {error}"))
    page.on("crash", lambda _: errors.append(f"{page.url}: the page crashed"))


@pytest.fixture
def desktop(open_page: OpenPage) -> Page:
    """A page on a desktop, 1280 × 900."""
    return open_page("desktop")


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    """A page on a phone with a touch screen, 390 × 844."""
    return open_page("phone")


@pytest.fixture(scope="session")
def small_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service over a shop of twelve items and eight customers, open to this machine without keys; do not change it."""
    home = tmp_path_factory.mktemp("small_service")
    fill(home)
    publish(home, "20260301T000000Z")
    with serving(home, "--insecure-loopback") as service:
        yield service


@pytest.fixture(scope="session")
def address(small_service: Service) -> str:
    """Where :func:`small_service` answers, without a slash at the end."""
    return f"http://127.0.0.1:{small_service.port}"
