"""What docs/for-ops.md gives to systemd and nginx is what they and the program understand."""

import configparser
import re
from collections.abc import Callable
from pathlib import Path

from doc_samples import DOCS, answer, blocks, program

from recommender.settings import names

TEXT = (DOCS / "for-ops.md").read_text(encoding="utf-8")
COMMANDS = set(
    re.findall(r"^## `(recommender [a-z -]+)`", (DOCS / "commands.md").read_text(encoding="utf-8"), re.MULTILINE)
)


def test_units_start_commands_that_exist() -> None:
    units = []
    for code in blocks(TEXT, "ini"):
        unit = configparser.ConfigParser(interpolation=None, strict=True)
        unit.read_string(code)
        units.append(unit)
    started = [unit["Service"]["ExecStart"] for unit in units if unit.has_section("Service")]
    called = {f"recommender {found}" for line in started for found in re.findall(r"bin/recommender ([a-z]+)", line)}
    assert called == {"recommender serve", "recommender train", "recommender backup"}
    assert called <= COMMANDS


def test_settings_in_the_page_exist() -> None:
    assert set(re.findall(r"\bRECOMMENDER_[A-Z_]+", TEXT)) <= set(names())


def test_nginx_takes_the_configuration(tmp_path: Path, say_missing: Callable[[str], None]) -> None:
    nginx = program("nginx", "nginx-light", say_missing)
    (server,) = blocks(TEXT, "nginx")
    (part,) = re.findall(r"```nginx-part\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "part.conf").write_text(part)
    server = server.replace("/etc/nginx/recommender.conf", str(tmp_path / "part.conf")).replace(
        "443 ssl", "127.0.0.1:8443"
    )
    server = re.sub(r"^ *ssl_certificate.*\n", "", server, flags=re.MULTILINE).replace("/var/log/nginx", str(tmp_path))
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{server}\n}}\n"
    )
    answer([nginx, "-t", "-q", "-e", "stderr", "-c", str(tmp_path / "nginx.conf")], "", cwd=tmp_path)


def test_only_what_pages_and_mail_programs_call_goes_through_the_proxy() -> None:
    (pattern,) = re.findall(r"location ~ (\S+) \{", TEXT)
    through = ["/widget.js", "/w/1/widget-0123456789ab.js", "/v1/events", "/v1/visitors", "/v1/recommendations/home"]
    stays = [
        "/metrics",
        "/admin",
        "/docs",
        "/v1/items",
        "/v1/customers/c1/profile",
        "/v1/eventsource",
        "/widget.json",
        "/x/v1/events",
    ]
    assert [path for path in through if not re.search(pattern, path)] == []
    assert [path for path in stays if re.search(pattern, path)] == []
