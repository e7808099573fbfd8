"""The profile: facets declared from mergeable primitives, one file each, folded line by line or in columns.

The columnar forms live in :mod:`~recommender.features.frames` and :mod:`~recommender.features.record_frames`, which
import Polars and are imported where a whole log is read.
"""

from recommender.features.columns import ItemFacts, ItemLookup
from recommender.features.facet import Attribute, AttributeValue, Facet, Population
from recommender.features.registry import ATTRIBUTES, FACETS
from recommender.features.state import State, decode, empty, encode, fold, merge, values, values_of_blob

__all__ = [
    "ATTRIBUTES",
    "FACETS",
    "Attribute",
    "AttributeValue",
    "Facet",
    "ItemFacts",
    "ItemLookup",
    "Population",
    "State",
    "decode",
    "empty",
    "encode",
    "fold",
    "merge",
    "values",
    "values_of_blob",
]
