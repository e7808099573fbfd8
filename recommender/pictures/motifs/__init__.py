"""Every drawing by name, in families."""

from collections.abc import Mapping

from recommender.pictures.canvas import Motif
from recommender.pictures.motifs import (
    animals,
    bags,
    baking,
    garden,
    kitchen,
    lights,
    paper,
    play,
    season,
    tableware,
    toys,
    walls,
    wear,
)

MOTIFS: Mapping[str, Motif] = {
    name: motif
    for family in (tableware, baking, bags, lights, walls, paper, season, toys, animals, wear, garden, kitchen, play)
    for name, motif in family.MOTIFS.items()
}
"""The drawings; :mod:`recommender.pictures.words` says which names get which."""
