"""The second listener: operations' own address, served by a few threads of the parent process.

Nothing of it is for storefronts. It takes short requests from one monitoring system and a few people, so the standard
library's server is enough; the limits below keep a stuck caller from holding it.
"""

import socket
import threading
from ipaddress import ip_address
from socketserver import ThreadingMixIn
from typing import IO, Any, cast
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer
from wsgiref.types import WSGIApplication

from recommender.domain.errors import UsageError

PATIENCE_SECONDS = 5.0
MOST_CALLERS = 16


def on_loopback(host: str) -> bool:
    """Whether only this machine can reach a host."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Listener:
    """Serves a WSGI application beside the service until stopped.

    Raises
    ------
    UsageError
        The port is taken, or the host is none of this machine's.
    """

    def __init__(self, application: WSGIApplication, *, host: str, port: int) -> None:
        kind = _Server6 if ":" in host else _Server
        try:
            self._server = kind((host, port), _Handler)
        except OSError as error:
            raise UsageError(
                f"Port {port} on {host}, for /metrics and /admin, cannot be taken: {error.strerror}. Choose another with "
                "RECOMMENDER_ADMIN_PORT."
            ) from None
        self._server.set_app(application)
        self._thread = threading.Thread(target=self._server.serve_forever, name="operations", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port; returns when it is closed."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Answer(ServerHandler):
    server_software = "recommender"


class _Handler(WSGIRequestHandler):
    timeout = PATIENCE_SECONDS
    server_version, sys_version = "recommender", ""

    def handle(self) -> None:
        """Answer one request and close: as the base class does, without its name in the answer."""
        try:
            self.raw_requestline = self.rfile.readline(65_537)
            if len(self.raw_requestline) > 65_536 or not self.parse_request():
                return
            answer = _Answer(
                cast("IO[bytes]", self.rfile),
                cast("IO[bytes]", self.wfile),
                self.get_stderr(),
                self.get_environ(),
                multithread=True,
            )
            answer.request_handler = self  # type: ignore[attr-defined] # the base class reads it when it closes
            application = self.server.get_app()  # type: ignore[attr-defined] # it is always a _Server
            answer.run(application)
        except (TimeoutError, ConnectionError):
            self.close_connection = True

    def address_string(self) -> str:
        """Never look up a name."""
        return str(self.client_address[0])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Stay silent: the application logs."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handler: type[_Handler]) -> None:
        self._free = threading.BoundedSemaphore(MOST_CALLERS)
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give the request a thread, if one is free."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, then let the next one in."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: a caller who hangs up is no news."""


class _Server6(_Server):
    address_family = socket.AF_INET6
