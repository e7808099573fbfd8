"""Look at the item pictures: ``python scripts/contact_sheet.py OUT.png`` draws the 108 best-selling items of the bundled shop.

``--motifs`` draws every motif once instead, ``--items N`` more or fewer, ``--from N`` begins further down, ``--only MOTIF`` keeps one.
Also prints how large the pictures are, how many motifs are used, and what got no keyword.
"""

import argparse
from collections import Counter
from io import BytesIO
from pathlib import Path
from statistics import median

import polars as pl
from PIL import Image, ImageDraw, ImageFont

from recommender.pictures import png, svg
from recommender.pictures.words import FALL_BACK, motif_of

DATA = Path(__file__).parents[1] / "recommender" / "demo" / "data"
Item = tuple[str, str, str]
"""Item id, title, category."""


def best_selling() -> list[Item]:
    """All items by their number of purchase lines, most first."""
    sold = pl.read_parquet(DATA / "events.parquet").filter(pl.col("type") == "purchase").group_by("item_id").len()
    items = pl.read_parquet(DATA / "items.parquet").join(sold, on="item_id", how="left")
    rows = items.sort("len", "item_id", descending=[True, False], nulls_last=True)
    return [
        (item_id, title, category or "") for item_id, title, category in rows["item_id", "title", "category"].rows()
    ]


def one_of_each(items: list[Item]) -> list[Item]:
    """The best-selling item of each motif."""
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(motif_of(item[1], item[2]), item)
    return list(first.values())


def report(items: list[Item]) -> None:
    """Print sizes, motifs and the share of items that nothing but the category speaks for."""
    sizes = [len(svg(*item).encode()) for item in items]
    motifs = Counter(motif_of(title, category) for _, title, category in items)
    unknown = [item for item in items if motif_of(item[1], None) == FALL_BACK]
    print(f"{len(items)} items; bytes: median {median(sizes):.0f}, largest {max(sizes)}")
    print(f"{len(motifs)} motifs, {len({motif_of(t, c) for _, t, c in items[:200]})} among the 200 best-selling")
    print(f"drawn by category alone: {len(unknown) / len(items):.1%}; parcels: {motifs[FALL_BACK] / len(items):.1%}")


def sheet(items: list[Item], columns: int, pixels: int) -> Image.Image:
    """The pictures in rows, each with its title below; prints how large they are as PNG."""
    drawn = [png(svg(*item)) for item in items]
    print(f"PNG of these {len(items)}: median {median(map(len, drawn)):.0f} bytes, largest {max(map(len, drawn))}")
    rows = -(-len(items) // columns)
    canvas = Image.new("RGB", (columns * (pixels + 8), rows * (pixels + 22)), "#faf6ee")
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(11)
    for place, (body, (_, title, _)) in enumerate(zip(drawn, items, strict=True)):
        x, y = place % columns * (pixels + 8), place // columns * (pixels + 22)
        picture = Image.open(BytesIO(body)).convert("RGB")
        canvas.paste(picture.resize((pixels, pixels), Image.Resampling.LANCZOS), (x, y))
        draw.text((x + 2, y + pixels + 2), title[: pixels // 7], fill="#2b2521", font=font)
    return canvas


def main() -> None:
    """Read the arguments, draw, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--motifs", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--items", type=int, default=108)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--columns", type=int, default=12)
    parser.add_argument("--pixels", type=int, default=140)
    options = parser.parse_args()
    items = best_selling()
    report(items)
    if options.motifs:
        items = one_of_each(items)
    if options.only:
        items = [item for item in items if motif_of(item[1], item[2]) in options.only.split(",")]
    sheet(items[options.first : options.first + options.items], options.columns, options.pixels).save(options.out)
    print(f"{options.out} written")


if __name__ == "__main__":
    main()
