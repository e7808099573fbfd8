"""Cut the demo shop's headings font to the letters it needs: ``build_fonts.py PACKAGE_DIR``.

PACKAGE_DIR is the unpacked npm package ``@fontsource/literata`` 5.3.0 (SIL Open Font License 1.1, which lies beside the result).
Needs ``fonttools`` and ``brotli``, which nothing else here does: ``pip install fonttools==4.68.0 brotli==1.2.1``.
"""

import importlib
import shutil
import sys
from pathlib import Path
from typing import Any

OUT = Path(__file__).parent.parent / "recommender" / "demo_shop" / "static" / "fonts"
LATIN = [*range(0x20, 0x7F), 0xA0, 0xA3, 0xA7, 0xAB, 0xB7, 0xBB, 0xD7, 0xE9, 0xF3, 0xD3, 0x20AC]
LATIN += [0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026]
POLISH = [ord(letter) for letter in "ĄąĆćĘꣳŃńŚśŹźŻż"]
RUSSIAN = [0x401, *range(0x410, 0x450), 0x451]
SUBSETS = {"latin": ("latin", LATIN), "polish": ("latin-ext", POLISH), "russian": ("cyrillic", RUSSIAN)}
"""Name of a result → which file of the package it is cut from, and the letters it keeps."""


def main() -> None:
    package = Path(sys.argv[1])
    subset: Any = importlib.import_module("fontTools.subset")
    OUT.mkdir(parents=True, exist_ok=True)
    for name, (script, letters) in SUBSETS.items():
        options = subset.Options(flavor="woff2", layout_features=["kern", "liga", "lnum", "tnum"], desubroutinize=True)
        font = subset.load_font(str(package / "files" / f"literata-{script}-500-normal.woff2"), options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=letters)
        cutter.subset(font)
        written = OUT / f"literata-{name}.woff2"
        subset.save_font(font, str(written), options)
        print(f"{written.name}: {written.stat().st_size:,} bytes, {len(letters)} letters")
    shutil.copy(package / "LICENSE", OUT / "OFL.txt")


if __name__ == "__main__":
    main()
