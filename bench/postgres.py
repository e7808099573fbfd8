"""A PostgreSQL server of our own for a measurement, with its durability as installed (``fsync`` and all)."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/local/pgsql/bin",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of an empty database on a server that lives for the block."""
    programs = server_programs()
    folder = Path(tempfile.mkdtemp(prefix="bench-pg-"))
    before = as_nobody_special(folder)
    data = str(folder / "data")

    def run(program: str, *words: str) -> None:
        done = subprocess.run(
            [*before, str(programs / program), *words], check=False, capture_output=True, text=True, cwd=folder
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")

    options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
    run("initdb", "-D", data, "-U", "shop", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        run("createdb", "-h", str(folder), "-U", "shop", "shop")
        yield f"postgresql://shop@/shop?host={folder}"
    finally:
        run("pg_ctl", "-D", data, "-m", "fast", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def server_programs() -> Path:
    """The folder of the server's programs, the newest release's."""
    on_path = shutil.which("pg_ctl")
    found = sorted((folder for pattern in FOLDERS for folder in Path("/").glob(pattern)), reverse=True)
    for folder in [*found, *([Path(on_path).resolve().parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise RuntimeError("no PostgreSQL server programs (initdb, pg_ctl) are installed here")


def as_nobody_special(folder: Path) -> list[str]:
    """What to put before a server program, which refuses to run as root."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            os.chown(folder, account.pw_uid, account.pw_gid)
            return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--"]
    raise RuntimeError("PostgreSQL does not run as root, and there is no other account to run it as")
