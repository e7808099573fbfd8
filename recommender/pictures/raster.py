"""The same picture as PNG, for mail programs, most of which show no SVG."""

from io import BytesIO

PALETTE = 48
"""Colours that are enough for flat drawings; quarters the file."""


def png(svg_text: str, pixels: int = 360) -> bytes:
    """Draw an SVG of ours as a PNG with a palette of 48 colours.

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
        few = picture.convert("RGB").quantize(PALETTE, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = BytesIO()
    few.save(out, "PNG", optimize=True)
    return out.getvalue()
