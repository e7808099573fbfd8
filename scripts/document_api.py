"""Write ``docs/openapi.json``: the description a service with keys gives of itself (``--stdout`` prints it)."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from recommender.settings import Settings, checked

PAGE = Path(__file__).parents[1] / "docs" / "openapi.json"


def described() -> dict[str, Any]:
    """The description, from the application over an empty home."""
    from recommender.api import create_app, openapi
    from recommender.wiring import connect, service_of

    with tempfile.TemporaryDirectory() as home, connect(checked(Settings(home=Path(home)))) as shop:
        service, _ = service_of(shop, open_to_all=False)
        return openapi.document(create_app(service))


def main() -> None:
    """Write or print it."""
    text = json.dumps(described(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if "--stdout" in sys.argv[1:]:
        sys.stdout.write(text)
        return
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE} written")


if __name__ == "__main__":
    main()
