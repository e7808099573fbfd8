"""What a forest was told of the candidates of one list, and what of it moved each of them: only where a list is explained."""

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.person import Person
from recommender.model.blend import Blended
from recommender.model.columns import Columns, newcomer_traits
from recommender.model.contract import Told
from recommender.model.facts import ItemFacts
from recommender.model.ranker import Ranker, told, whole


def opened(ranker: Ranker, person: Person, found: Blended, facts: ItemFacts) -> Told:
    """The columns the forest splits on, and by how much each of them moved each candidate.

    Moved is measured by taking it away: what the forest says of the candidate, less what it would say if the column had the
    median of the list's candidates (Robnik-Šikonja, Kononenko 2008, "Explaining Classifications For Individual Instances").
    So a column that is the same for all, as most of a person are, moved none of them.
    """
    own, rest = told(person, found, facts)
    columns = whole(own, rest, _traits(found.item, facts.traits))
    if ranker.attributes:
        profile = person.attributes(ranker.attributes)
        columns = np.hstack([columns, np.broadcast_to(profile, (len(columns), len(profile)))])
    forest = ranker.forest
    used = np.unique(forest.feature).astype(np.int64)
    n = len(columns)
    without = np.tile(columns, (len(used), 1))
    for place, column in enumerate(used.tolist()):
        without[place * n : (place + 1) * n, column] = np.median(columns[:, column])
    moved = forest.score(columns)[:, None] - forest.score(without).reshape(len(used), n).T
    names = ranker.columns
    return Told(
        order=str(ranker.order),
        items=found.item,
        names=tuple(names[column] for column in used.tolist()),
        values=columns[:, used],
        moved=moved,
    )


def _traits(item: NDArray[np.int32], traits: Columns) -> Columns:
    """Those of the candidates, of items that came after the training, too; the others of the catalogue are not copied."""
    new = item >= len(traits)
    if not new.any():
        return traits[item]
    found = traits[np.where(new, 0, item)]
    found[new] = newcomer_traits(traits)
    return found
