"""Style sheet, script, fonts: read once, named by their content, sent compressed."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Request, Response

ROOT = Path(__file__).parent / "static"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
ADDRESS = re.compile(rb"/demo/static/([\w./-]+)")
FOR_READERS = re.compile(rb"(?m)^[ \t]*(?://.*\n|/\*\*.*\*/\n)?")
"""What only readers of a script need: how its lines are set in, and lines that are a comment. (No text of ours spans lines.)"""
IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    kind: str
    body: bytes
    packed: bytes | None
    mark: str


class StaticFiles:
    """The files below ``static``; nothing else can be asked for."""

    def __init__(self, root: Path = ROOT) -> None:
        paths = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if path.suffix in KINDS}
        self._files: dict[str, _File] = {}
        for name in sorted(paths, key=lambda name: (name.endswith(".css"), name)):  # style sheets name other files
            body = paths[name].read_bytes()
            if name.endswith(".css"):
                body = ADDRESS.sub(lambda found: self.address(found[1].decode()).encode(), body)
            if name.endswith(".js"):
                body = FOR_READERS.sub(b"", body)
            self._files[name] = _file(body, paths[name].suffix)

    def address(self, name: str) -> str:
        """Where a file of this content is; without a mark where there is no such file."""
        file = self._files.get(name)
        return f"/demo/static/{name}?v={file.mark}" if file else f"/demo/static/{name}"

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return name in self._files

    def answer(self, name: str, request: Request) -> Response | None:
        """The file; for good if it was asked for by its content. None: there is none."""
        file = self._files.get(name)
        if file is None:
            return None
        pack = file.packed is not None and accepts_gzip(request)
        response = Response(file.packed if pack else file.body)
        response.headers["Content-Type"] = file.kind
        if pack:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = IMMUTABLE if request.args.get("v") == file.mark else "no-cache"
        response.set_etag(f"{file.mark}{'-gz' if pack else ''}")
        response.make_conditional(request)
        return response


def accepts_gzip(request: Request) -> bool:
    """Whether the browser takes gzip."""
    return "gzip" in request.headers.get("Accept-Encoding", "")


def _file(body: bytes, suffix: str) -> _File:
    packed = None if suffix == ".woff2" else gzip.compress(body, 9, mtime=0)
    return _File(kind=KINDS[suffix], body=body, packed=packed, mark=hashlib.sha256(body).hexdigest()[:12])
