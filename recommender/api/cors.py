"""Which web pages may talk to the service: exact origins, and the headers browsers want to see (CORS)."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from recommender.domain.errors import SettingsError

Headers = tuple[tuple[str, str], ...]
EXPOSED = "X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, Recommender-Identity"
PREFLIGHT_SECONDS = 7200
_SENT = "Authorization, Content-Type, Content-Encoding, X-API-Key"


class Origins:
    """The origins of the shop's pages. Cookies and other credentials are never invited.

    Parameters
    ----------
    allowed
        Exact origins, such as ``https://shop.example``. Empty: no page of another origin may read an answer.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._headers: dict[str, Headers] = {
            origin: (
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Expose-Headers", EXPOSED),
                ("Vary", "Origin"),
            )
            for origin in allowed
        }
        self._otherwise: Headers = (("Vary", "Origin"),) if self._headers else ()

    @classmethod
    def parse(cls, text: str) -> "Origins":
        """Read the setting: origins separated by ``;``.

        Raises
        ------
        SettingsError
            If one is no plain origin.
        """
        return cls([_origin(part.strip()) for part in text.split(";") if part.strip()])

    def headers(self, origin: str | None) -> Headers:
        """What every answer to a call from this origin (None: not from a page) says about it."""
        return self._headers.get(origin, self._otherwise) if origin else self._otherwise

    def preflight(self, origin: str | None, methods: Iterable[str]) -> Headers:
        """What the answer to a browser's question before a call says; nothing is allowed to a stranger."""
        found = self.headers(origin)
        if not origin or origin not in self._headers:
            return found
        return (
            *found,
            ("Access-Control-Allow-Methods", ", ".join(sorted(methods))),
            ("Access-Control-Allow-Headers", _SENT),
            ("Access-Control-Max-Age", str(PREFLIGHT_SECONDS)),
        )

    def foreign(self, origin: str | None, host: str | None) -> bool:
        """Whether a call comes from a page that is neither listed nor served under the service's own name.

        Without a list, no page is foreign: its browser keeps the answers from it, and its key is all that counts.
        """
        if not origin or not self._headers or origin in self._headers:
            return False
        return not host or origin.partition("://")[2] != host.lower()


def _origin(text: str) -> str:
    parts = urlsplit(text)
    plain = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in ("http", "https") or not parts.hostname or plain.lower() != text.lower() or "@" in text:
        raise SettingsError(
            f"RECOMMENDER_ORIGINS holds {text!r}, which is no origin. Use scheme and host only, such as "
            "https://shop.example; * is not possible."
        )
    return text.lower()
