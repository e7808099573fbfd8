"""A process of its own that opens the shop's catalogue, as a worker does: ``python catalogue_process.py HOME FOLDER``.

It prints one line of JSON: how many items it sees, whether ``i10`` is offered, and which folders stand on the shelf.
"""

import json
import sys
from pathlib import Path

from recommender.services.catalogue_shelf import CatalogueShelf
from recommender.services.catalogue_view import CatalogueView
from recommender.storage import default_url, open_stores


def main(home: Path, folder: Path) -> None:
    stores = open_stores(default_url(home), home=home)
    view = CatalogueView(stores.catalogue, shelf=CatalogueShelf(folder))
    stock = view.assortment(None)
    row = stock.row("i10")
    offered = row is not None and bool(stock.columns.offered[row])
    stores.close()
    sys.stdout.write(json.dumps({"items": len(stock.items), "offered": offered}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
