"""Take the pictures of docs/tour/ anew: a demo, the system's Chromium, a customer's way through the shop.

.venv/bin/python scripts/take_tour.py                              # starts a demo of its own in var/tour (about a minute)
.venv/bin/python scripts/take_tour.py --address http://127.0.0.1:8000   # one that runs already
.venv/bin/python scripts/take_tour.py --only basket,phone-home     # some of them
"""

import argparse
import io
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).parents[1]
OUT = ROOT / "docs/tour"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUALITY = 80
START_SECONDS = 900
OTHER_SHELF = "/demo/shelf/bags"
PERSON = "14646"
PATIENCE_MS = 60_000
SETTLED = """async () => {
  const lists = [...document.querySelectorAll('shop-recommendations')].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.height && box.top < innerHeight;
  });
  if (!lists.every((one) => one.shadowRoot?.querySelector('li a'))) return false;
  const roots = [document, ...lists.map((one) => one.shadowRoot)];
  const seen = (image) => image.getBoundingClientRect().top < innerHeight && image.checkVisibility();
  const images = roots.flatMap((root) => [...root.querySelectorAll('img')]).filter(seen);
  await document.fonts.ready;
  return images.every((image) => image.complete);
}"""

WHY_OPEN = """(id) => {
  for (const list of document.querySelectorAll('shop-recommendations'))
    for (const why of list.shadowRoot.querySelectorAll('details')) why.open = !!list.closest(`#${id}`);
  document.getElementById(id).closest('section').scrollIntoView();
  scrollBy(0, -80);
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: where it is taken, and what is done before. ``whole``: the page below the fold, too."""

    name: str
    act: Callable[[Page], None]
    phone: bool = False
    dark: bool = False
    height: int | None = None


def opened(path: str) -> Callable[[Page], None]:
    return lambda page: go(page, path)


def go(page: Page, path: str) -> None:
    answer = page.goto(path)
    if answer is None or not answer.ok:
        sys.exit(f"{path} has no page: status {answer and answer.status}.")
    settle(page)


def settle(page: Page) -> None:
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(700)


def first_link(page: Page) -> str:
    """The address of what stands first in the page's own list."""
    return str(page.locator("#home-list a").first.get_attribute("href"))


def product(page: Page) -> None:
    go(page, "/demo")
    go(page, first_link(page))


def people(page: Page) -> None:
    go(page, "/demo")
    page.locator(".bar button.person").click()
    page.locator("#people").get_by_role("option").first.wait_for()
    page.wait_for_timeout(700)


def look_around(page: Page) -> None:
    """A look at two things of a shelf the customer's list has little of; then back on the page whose list that changes."""
    go(page, OTHER_SHELF)
    for place in (1, 2):
        page.locator("main li[data-item] a").nth(place).click()
        page.wait_for_load_state()
        settle(page)
        page.wait_for_timeout(2500)
        go(page, OTHER_SHELF)


def panel(page: Page) -> None:
    go(page, "/demo")
    page.locator("[data-panel-open]:visible").first.click()
    look_around(page)
    go(page, "/demo")
    page.wait_for_timeout(2500)


def panel_on_a_phone(page: Page) -> None:
    look_around(page)
    go(page, "/demo")
    page.locator("[data-panel-open]:visible").first.click()
    page.wait_for_timeout(1500)


def basket(page: Page) -> None:
    go(page, "/demo")
    for place in (0, 3):
        page.locator("#home-list").get_by_role("button").nth(place).click()
        page.wait_for_timeout(1500)
    go(page, "/demo/basket")


def debug(page: Page) -> None:
    go(page, "/demo?recommender-debug")
    page.locator("#close-title").evaluate("title => title.scrollIntoView()")
    settle(page)
    page.wait_for_timeout(1500)
    page.evaluate(WHY_OPEN, "close-list")
    page.wait_for_timeout(300)


def widths(page: Page) -> None:
    go(page, "/demo/newsletter")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(700)


SHOTS = (
    Shot(name="home", act=opened("/demo"), height=1000),
    Shot(name="home-dark", act=opened("/demo"), dark=True, height=1000),
    Shot(name="people", act=people),
    Shot(name="product", act=product, height=1000),
    Shot(name="what-just-happened", act=panel, height=1000),
    Shot(name="basket", act=basket, height=1000),
    Shot(name="newsletter", act=widths, height=1100),
    Shot(name="debug", act=debug, height=1000),
    Shot(name="phone-home", act=opened("/demo"), phone=True),
    Shot(name="phone-home-dark", act=opened("/demo"), phone=True, dark=True),
    Shot(name="phone-what-just-happened", act=panel_on_a_phone, phone=True),
)


def taken(browser: Browser, address: str, person: str, shot: Shot) -> bytes:
    """The picture as PNG, for one customer, from a fresh browser profile: nothing of the pictures before is in it."""
    width, usual = (390, 844) if shot.phone else (1280, 900)
    context = browser.new_context(
        base_url=address,
        viewport=ViewportSize(width=width, height=shot.height or usual),
        device_scale_factor=2 if shot.phone else 1,
        is_mobile=shot.phone,
        has_touch=shot.phone,
        locale="en-GB",
        color_scheme="dark" if shot.dark else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        page = context.new_page()
        if person:
            context.request.post("/demo/person", form={"person": person, "back": "/demo"}, headers={"Origin": address})
        shot.act(page)
        return page.screenshot(animations="disabled")
    finally:
        context.close()


def written(name: str, png: bytes) -> int:
    """Write a picture small; its size in bytes."""
    file = OUT / f"{name}.webp"
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").save(file, "WEBP", quality=QUALITY, method=6)
    return file.stat().st_size


@contextmanager
def demo(home: Path, port: int) -> Iterator[str]:
    """A demo of its own for as long as the pictures take."""
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "recommender", "--home", str(home), "demo", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        answers(process, f"{address}/healthz")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def answers(process: "subprocess.Popen[bytes]", url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            sys.exit(f"The demo ended with {process.returncode}.")
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - http on loopback
                return
        except OSError:
            time.sleep(0.5)
    sys.exit(f"The demo did not answer within {START_SECONDS} s.")


def take(address: str, person: str, names: set[str]) -> None:
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        sys.exit("There is no Chromium on this machine (Debian: apt-get install chromium).")
    OUT.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        for shot in SHOTS:
            if not names or shot.name in names:
                print(
                    f"{shot.name}.webp  {written(shot.name, taken(browser, address, person, shot)) / 1000:.0f} KB",
                    flush=True,
                )
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Take the pictures of docs/tour/ anew.")
    parser.add_argument("--address", help="a demo that runs already, such as http://127.0.0.1:8000")
    parser.add_argument("--home", type=Path, default=ROOT / "var/tour", help="home of the demo to start")
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--person", default=PERSON, help=f"customer to shop as ({PERSON})")
    parser.add_argument("--only", default="", help="names, separated by commas")
    given = parser.parse_args()
    names = set(filter(None, given.only.split(",")))
    if unknown := names - {shot.name for shot in SHOTS}:
        sys.exit(f"There is no picture {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in SHOTS)}.")
    if given.address:
        take(given.address, given.person, names)
    else:
        with demo(given.home, given.port) as address:
            take(address, given.person, names)


if __name__ == "__main__":
    main()
