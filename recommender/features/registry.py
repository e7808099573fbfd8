"""The facets of a profile, in the order of its blob. A new facet is a file and a place in this tuple."""

from recommender.features import affinity, browsing, carts, cycle, engagement, identity, rfm
from recommender.features.facet import Attribute, Facet
from recommender.features.primitives import Primitive

FACETS: tuple[Facet, ...] = (
    identity.FACET,
    rfm.FACET,
    cycle.FACET,
    affinity.FACET,
    carts.FACET,
    browsing.FACET,
    engagement.FACET,
)

ATTRIBUTES: dict[str, Attribute] = {one.name: one for facet in FACETS for one in facet.attributes}
"""Every attribute by name. Names are unique over all facets and public: segments and ranking use them."""

PRIMITIVES: tuple[Primitive, ...] = tuple(one for facet in FACETS for one in facet.primitives)
"""Every primitive, in the order of a state's cells."""
