"""What the service writes to its log: one JSON object per line, and nothing of any person in it."""

import json
import logging
import os
import sys
import time
import traceback
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import msgspec

from recommender.api.metrics import count_request

log = logging.getLogger("recommender.http")
_ROOT = logging.getLogger("recommender")


_encode = msgspec.json.Encoder().encode


class _Request(msgspec.Struct, frozen=True, gc=False):
    """The line of a request."""

    time: str
    level: str
    log: str
    method: str
    route: str
    status: int
    ms: float
    request_id: str


_OWN = _Request.__struct_fields__[3:]
"""What a request's line says beyond what every line does."""


class JsonLines(logging.Handler):
    """Writes records as JSON lines to a file (None: stderr), each in one write, so that processes do not mix theirs.

    Exceptions appear as their class and the places they passed, never with their message: it may quote what a
    caller sent.
    """

    def __init__(self, path: str | None = None) -> None:
        super().__init__()
        self._descriptor = 2 if path is None else os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; a log that cannot be written never stops a request."""
        line: dict[str, object] = {
            "time": _written(record.created),
            "level": record.levelname.lower(),
            "log": record.name,
        }
        fields = getattr(record, "fields", None)
        line.update(fields if fields is not None else {"message": record.getMessage()})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__name__
            line["at"] = places(record.exc_info[1])
        self.write(line)

    def write(self, line: "dict[str, object] | _Request") -> None:
        """Write one line as it is."""
        try:
            text = _encode(line)
            if not text.isascii():  # some letters, such as U+2028, would end a line for some readers
                text = json.dumps(msgspec.to_builtins(line), default=str).encode()
            os.write(self._descriptor, text + b"\n")
        except OSError:
            pass  # there is nowhere left to complain

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base class's name
        """Stay silent: there is nowhere left to complain."""


def set_up_logging(path: Path | None = None) -> None:
    """Send this process's log to ``path`` (appended) or, without one, to stderr."""
    root = logging.getLogger("recommender")
    root.handlers = [JsonLines(None if path is None else str(path))]
    root.setLevel(logging.INFO)
    root.propagate = False


def places(error: BaseException) -> list[str]:
    """Where an exception passed, innermost last: ``file:line function``, files by their last two parts."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{'/'.join(Path(f.filename).parts[-2:])}:{f.lineno} {f.name}" for f in frames][-12:]


def log_request(*, method: str, route: str, status: int, milliseconds: float, request_id: str) -> None:
    """One line per request, and its place in the numbers: the route's template, never the address that was asked for."""
    count_request(route, method, status, milliseconds / 1000)
    if not log.isEnabledFor(logging.INFO):
        return
    handlers = _ROOT.handlers
    line = _Request(_written(time.time()), "info", log.name, method, route, status, round(milliseconds, 2), request_id)
    if len(handlers) == 1 and type(handlers[0]) is JsonLines and not (_ROOT.propagate or log.handlers):
        handlers[0].write(line)  # nobody else listens: the line at once, as the handler would write it
    else:
        fields = msgspec.structs.asdict(line)
        log.info("request", extra={"fields": {name: fields[name] for name in _OWN}})


def _written(moment: float) -> str:
    """Wall time as RFC 3339 with milliseconds."""
    thousandths = int(moment * 1000)
    return f"{_second(thousandths // 1000)}.{thousandths % 1000:03d}+00:00"


@lru_cache(maxsize=4)
def _second(moment: int) -> str:
    """Most lines are of the same second as the line before."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def log_unexpected(error: BaseException, *, request_id: str) -> None:
    """One line for an accident, so that the request id a caller reports can be found."""
    fields = {
        "message": "unexpected error",
        "request_id": request_id,
        "error": type(error).__name__,
        "at": places(error),
    }
    log.error("unexpected error", extra={"fields": fields})


def flush() -> None:
    """Hand over what the standard streams still hold."""
    sys.stdout.flush()
    sys.stderr.flush()
