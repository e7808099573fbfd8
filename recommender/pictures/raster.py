"""The same picture as PNG, for mail programs, most of which show no SVG."""

from io import BytesIO

PALETTES = (48, 24, 12, 8)
"""Colours that are enough for flat drawings; fewer if the file is too large otherwise."""
LARGEST = 8192
"""Bytes; a mail holds six pictures."""


def png(svg_text: str, pixels: int = 360) -> bytes:
    """Draw an SVG of ours as a PNG with a palette of at most 48 colours, of at most 8 KB at 360 pixels.

    Parameters
    ----------
    svg_text : str
        What :func:`~recommender.pictures.drawing.svg` returned.
    pixels : int
        Width and height.

    Returns
    -------
    bytes
        The same bytes for the same versions of the two libraries, which only mails need and which are imported here.
    """
    from PIL import Image
    from resvg_py import svg_to_bytes

    drawn = svg_to_bytes(svg_string=svg_text, width=pixels, height=pixels, skip_system_fonts=True)
    with Image.open(BytesIO(drawn)) as picture:
        flat = picture.convert("RGB")
    for colours in PALETTES:
        out = BytesIO()
        few = flat.quantize(colours, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
        if out.tell() <= LARGEST:
            break
    return out.getvalue()
