"""Pictures of the bundled shop's items, drawn by rule from their names."""

from recommender.pictures.drawing import VERSION, svg
from recommender.pictures.raster import png

__all__ = ["VERSION", "png", "svg"]
