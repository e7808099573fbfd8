"""The widget's files: small, built from the source beside them, kept for good under a name made of their content."""

import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from storefronts import make_app

from recommender.api.widget import FILES, lasting_address, read_script

SOURCE = Path(__file__).parents[2] / "widget"
BUILT = Path(__file__).parents[2] / "recommender" / "api" / "static" / "widget"
BUDGET = 5 * 1024


def test_the_widget_has_five_kilobytes_with_its_styles() -> None:
    assert len(gzip.compress(read_script("widget").body, 9)) <= BUDGET


@pytest.mark.parametrize("name", FILES)
def test_a_file_needs_no_other_but_those_it_fetches_from_the_service(name: str) -> None:
    text = read_script(name).body.decode()
    assert not re.search(r"""import\s*["'{*]|from\s*["']|https?://""", text)
    assert "innerHTML" not in text
    assert "eval(" not in text


def test_the_newest_is_asked_for_again_soon_and_answers_unchanged(tmp_path: Path) -> None:
    client = make_app().test_client()
    first = client.get("/widget.js")
    assert first.content_type == "text/javascript; charset=utf-8"
    assert first.headers["Cache-Control"].startswith("public, max-age=300")
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get("/widget.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_name_made_of_the_content_is_kept_for_good() -> None:
    answer = make_app().test_client().get(lasting_address())
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.data == read_script("widget").body


@pytest.mark.parametrize("name", FILES[1:])
def test_what_the_widget_fetches_lies_under_the_name_it_uses(name: str) -> None:
    assert lasting_address(name).lstrip("/") in read_script("widget").body.decode()


def test_a_page_written_for_an_older_widget_gets_todays_but_not_for_good() -> None:
    answer = make_app().test_client().get("/w/1/widget-000000000000.js")
    assert (answer.status_code, answer.data) == (200, read_script("widget").body)
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["other-000000000000.js", "widget.js", "..%2fwidget.js", "widget-0.js"])
def test_there_is_no_other_file(name: str) -> None:
    assert make_app().test_client().get(f"/w/1/{name}").status_code == 404


def test_it_comes_compressed() -> None:
    answer = make_app().test_client().get("/widget.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert gzip.decompress(answer.data) == read_script("widget").body


def test_what_lies_in_the_package_is_what_the_source_gives(tmp_path: Path, say_missing: Callable[[str], None]) -> None:
    npm = shutil.which("npm")
    if npm is None:
        say_missing("npm is not here to build the widget with (Debian: apt-get install nodejs npm)")
        return
    work = tmp_path / "widget"
    shutil.copytree(SOURCE, work, ignore=shutil.ignore_patterns("node_modules"))
    quiet = {**os.environ, "npm_config_update_notifier": "false", "npm_config_cache": str(tmp_path / "cache")}
    installed = subprocess.run(
        [npm, "ci", "--no-audit", "--no-fund"], cwd=work, env=quiet, capture_output=True, text=True
    )
    if installed.returncode != 0:
        say_missing(f"npm could not fetch the pinned build tools: {installed.stderr[-300:]}")
    subprocess.run(["node", "build.js", str(tmp_path / "built")], cwd=work, check=True, capture_output=True)
    made = {path.name: path.read_bytes() for path in (tmp_path / "built").iterdir()}
    assert made == {path.name: path.read_bytes() for path in BUILT.iterdir()}
