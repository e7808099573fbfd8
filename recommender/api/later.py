"""Answers that wait for something slow (a commit, a lock) while the worker goes on with other requests.

A view returns :func:`when_done`. Under a plain WSGI server it waits on the spot; under our own server it hands over a
:class:`Later`, the event loop goes on, and the answer is finished when the future is done. Hooks before the request
have run by then and hooks after it run at the end, so that keys, limits, headers and the log line are those of any call.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import Flask, Response, request
from flask.ctx import RequestContext

from recommender.domain.errors import StoreUnavailableError

MAY_WAIT = "recommender.may_wait"
"""In the environment of a request whose server can wait."""
PATIENCE_SECONDS = 5.0

Result = TypeVar("Result")
Answer = tuple[int, list[tuple[str, str]], bytes]


@dataclass(frozen=True, slots=True)
class Later(Generic[Result]):
    """A response to come."""

    future: "Future[Result]"
    finish: Callable[[Result], Response]


def when_done(future: "Future[Result]", finish: Callable[[Result], Response]) -> Any:
    """Answer with ``finish(result)`` once the future is done; its error becomes the answer's."""
    if request.environ.get(MAY_WAIT):
        return Later(future, finish)
    try:
        result = future.result(PATIENCE_SECONDS)
    except TimeoutError:
        future.cancel()
        raise too_slow() from None
    return finish(result)


def too_slow() -> StoreUnavailableError:
    """What a caller is told whose work is not done in time."""
    return StoreUnavailableError("This took too long; try again.")


class Backroom:
    """One thread for work that may wait for a lock or a disk, so that lists are answered meanwhile."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "backroom")

    def do(self, work: Callable[[], Result], finish: Callable[[Result], Response]) -> Any:
        """Run ``work`` there and answer with what ``finish`` makes of its result."""
        return when_done(self._thread.submit(work), finish)


class Patient:
    """Runs a Flask application inside an event loop, and lets its views wait without holding up the others."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    async def __call__(self, environ: dict[str, Any]) -> Answer:
        """One request: status, headers and body."""
        environ[MAY_WAIT] = True
        context = copy_context()
        request_context: RequestContext = self._app.request_context(environ)
        made = context.run(self._begin, request_context)
        if isinstance(made, Later):
            made = await _settled(made)
        return context.run(self._end, request_context, made)

    def _begin(self, request_context: RequestContext) -> Any:
        """Everything up to the view's answer, errors included; what Flask's own dispatch does first."""
        request_context.push()
        try:
            before = self._app.preprocess_request()
            return self._app.dispatch_request() if before is None else before
        except Exception as error:  # noqa: BLE001 - handled as Flask handles it
            return error

    def _end(self, request_context: RequestContext, made: Any) -> Answer:
        """From the view's answer to bytes; what Flask's own dispatch does last."""
        app, error = self._app, None
        try:
            try:
                if isinstance(made, _Ready):
                    made = made()
                response = app.finalize_request(
                    app.handle_user_exception(made) if isinstance(made, Exception) else made
                )
            except Exception as raised:  # noqa: BLE001 - as Flask's wsgi_app does
                error = raised
                response = self._of_error(raised)
            parts, status, headers = response.get_wsgi_response(request_context.request.environ)
            return int(status[:3]), headers, b"".join(parts)
        finally:
            request_context.pop(error)

    def _of_error(self, raised: Exception) -> Response:
        """A second chance for an error raised while an answer was being finished."""
        try:
            return self._app.finalize_request(self._app.handle_user_exception(raised))
        except Exception as error:  # noqa: BLE001 - the last resort
            return self._app.handle_exception(error)


@dataclass(frozen=True, slots=True)
class _Ready:
    """The end of a :class:`Later`, run inside the request's context."""

    finish: Callable[[Any], Response]
    result: Any

    def __call__(self) -> Response:
        return self.finish(self.result)


async def _settled(later: Later[Any]) -> Any:
    """Wait for the future: its result as something to finish, or the error it ended with."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            result = await asyncio.wrap_future(later.future)
    except TimeoutError:
        return too_slow()
    except Exception as error:  # noqa: BLE001 - answered like any error of a view
        return error
    return _Ready(later.finish, result)
