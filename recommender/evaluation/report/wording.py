"""What figures, models, tracks and groups are called where shop owners and data scientists both read them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recommender.domain.plurals import plural
from recommender.domain.requests import Language

if TYPE_CHECKING:
    from recommender.evaluation.intervals import Mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One figure: what it is called in plain words, its exact name, what it means, and how it is written."""

    plain: str
    exact: str
    meaning: str
    form: str = "share"
    lower_is_better: bool = False


METRICS: Mapping[str, Metric] = {
    "found_at_10": Metric(
        plain="Bought later, of ten shown",
        exact="hits@10",
        meaning="How many of the first ten items the person goes on to buy.",
        form="number",
    ),
    "hit_at_10": Metric(
        plain="Lists with at least one",
        exact="hit@10",
        meaning="Share of lists of which at least one of the first ten items is bought later.",
        form="percent",
    ),
    "ndcg_at_10": Metric(
        plain="Right items, high up",
        exact="NDCG@10",
        meaning="Items bought later count the more the higher they stand; 1 is the best list there could be.",
    ),
    "recall_at_10": Metric(
        plain="Part of later purchases in ten",
        exact="recall@10",
        meaning="Share of all items the person goes on to buy that are among the first ten; not capped.",
    ),
    "recall_at_20": Metric(
        plain="Part of later purchases in twenty",
        exact="recall@20",
        meaning="The same among the first twenty.",
    ),
    "mrr_at_20": Metric(
        plain="How soon the first one comes",
        exact="MRR@20",
        meaning="One over the rank of the first item that is bought later, 0 if there is none in twenty.",
    ),
    "price_hit_at_10": Metric(
        plain="Money found in ten",
        exact="price-weighted hit@10",
        meaning="Price of the found items over the price of the ten dearest one could have found.",
    ),
    "category_gap_at_10": Metric(
        plain="Distance from own mix",
        exact="category divergence@10, bits",
        meaning="How far the categories of the list are from those of the person's purchases; 0 is the same mix.",
        form="bits",
        lower_is_better=True,
    ),
    "coverage_at_10": Metric(
        plain="Items shown at all",
        exact="coverage@10",
        meaning="Items that stand in at least one list's first ten, over all items known.",
        form="percent",
    ),
    "novelty": Metric(
        plain="How little known",
        exact="novelty@10, bits",
        meaning="Mean of -log2 of the share of people who had bought the shown item: higher is less obvious.",
        form="bits",
    ),
    "gini_at_10": Metric(
        plain="Unevenness of places",
        exact="Gini of exposure@10",
        meaning="0 if every known item is shown equally often, 1 if one takes all places.",
        lower_is_better=True,
    ),
}
"""In the order they are shown."""

LOOKS: Mapping[str, Metric] = {
    **METRICS,
    "found_at_10": replace(
        METRICS["found_at_10"],
        plain="Looked at next, of ten shown",
        meaning="How many of the first ten items are what the person looks at next: one at most.",
    ),
    "hit_at_10": replace(
        METRICS["hit_at_10"],
        plain="Lists with it",
        meaning="Share of lists that have the item looked at next among the first ten.",
    ),
    "ndcg_at_10": replace(
        METRICS["ndcg_at_10"],
        plain="The right item, high up",
        meaning="The item looked at next counts the more the higher it stands; 1 is the best list there could be.",
    ),
    "recall_at_10": replace(
        METRICS["recall_at_10"],
        plain="Found in ten",
        meaning="The same as the share of lists with it: each has one item to find.",
    ),
    "recall_at_20": replace(METRICS["recall_at_20"], plain="Found in twenty"),
    "novelty": replace(
        METRICS["novelty"],
        meaning="Mean of -log2 of the share of people who had looked at the shown item: higher is less obvious.",
    ),
    "mrr_at_20": replace(
        METRICS["mrr_at_20"],
        plain="How soon it comes",
        meaning="One over the rank of the item that is looked at next, 0 if it is not among twenty.",
    ),
}
"""What the same figures are called where it is not purchases that are to be found."""


def metrics_of(track: str) -> Mapping[str, Metric]:
    """The figures of a track."""
    return LOOKS if track == "next_look" else METRICS


TRACKS: Mapping[str, tuple[str, str]] = {
    "window": (
        "Everything bought later",
        "Asked once per person at the cut; all distinct items bought afterwards count.",
    ),
    "window_new": (
        "Only what is new to the person",
        "The same without items the person had bought before; lists may not hold them either.",
    ),
    "basket": (
        "The next basket, asked live",
        "Asked just before each later basket, with everything the person did until then; what is in the basket counts.",
    ),
    "session": (
        "A visit of somebody unknown",
        "Asked after the first views of each later visit, knowing the visit only; what is put into the cart or bought later counts.",
    ),
    "next_look": (
        "What is looked at next",
        "Asked in each later visit after some of its views, with everything the person did until then; the next item looked at counts.",
    ),
}
"""Heading and explanation of each track."""

GROUPS: Mapping[str, str] = {
    "all": "all together",
    "known": "bought before",
    "viewer": "only looked before",
    "new": "not known before",
}

SHORT: Mapping[str, tuple[str, str, str]] = {
    "": ("Bought later, of ten", "Lists with one", "Right items, high up"),
    "next_look": ("Looked at next, of ten", "Lists with it", "The right item, high up"),
}
"""Heads of the columns hits@10, hit@10 and NDCG@10 by track; "" is every other track."""

BASELINES: Mapping[str, str] = {
    "popularity": "Bestsellers",
    "own_frequency": "What they bought most",
    "als": "Factorisation (ALS)",
}

STEPS: Mapping[str, tuple[str, str]] = {
    "orders": ("By how often people have ordered", "orders before the cut"),
    "lines": ("By length of history", "lines of history before the cut"),
}

CHECKS: Mapping[str, str] = {
    "shuffled_people": "Shuffled people teach nothing",
    "cut_moment": "The moment of the cut is already the future",
    "later_lines": "Nothing later was learned from",
    "asked_moment": "A list does not see the moment it is asked for",
}

KINDS: Mapping[str, str] = {
    "view": "views",
    "cart": "additions to carts",
    "purchase": "purchase lines",
    "refund": "returns",
}

DONE: Mapping[str, str] = {
    "view": "looked at",
    "cart": "put into the cart",
    "purchase": "bought",
    "refund": "sent back",
}

GENERATORS: Mapping[str, str] = {
    "popular": "bestsellers",
    "popular_now": "bestsellers of the last days",
    "popular_first": "what newcomers buy",
    "popular_country": "bestsellers of the country",
    "popular_category": "bestsellers of the category",
    "own": "own purchases again",
    "own_wanted": "own purchases in demand again",
    "looked": "what was looked at last",
    "carted": "what was put into the cart last",
    "bought_together": "bought with it",
    "bought_next": "bought next",
    "viewed_together": "looked at with it",
    "viewed_next": "looked at next",
    "viewed_then_carted": "looked at, then put into the cart",
    "viewed_then_bought": "looked at, then bought",
    "carted_together": "put into the cart with it",
    "carted_then_bought": "put into the cart, then bought",
    "item_linear": "close items (linear)",
    "item_knn": "close items (neighbours)",
    "item_knn_looked": "close items (neighbours by looks)",
    "als": "factorisation",
    "als_all": "factorisation of everything done",
    "session_knn": "similar visits",
    "graph_filter": "close items (graph filter)",
    "content": "like it by title, category and price",
    "ranker": "the learned order of all of them",
}


FEATURES: Mapping[str, str] = {
    "blend": "what the generators say together",
    "blend_place": "place in the generators' order",
    "sold_3d": "sold in the last 3 days",
    "sold_7d": "sold in the last 7 days",
    "sold_30d": "sold in the last 30 days",
    "sold_90d": "sold in the last 90 days",
    "sold_ever": "sold since the log begins",
    "buyers_ever": "people who ever bought it",
    "buyers_7d": "people who bought it in the last 7 days",
    "sold_decayed_3d": "sold lately (halves in 3 days)",
    "sold_decayed_14d": "sold lately (halves in 14 days)",
    "trend_3d_14d": "sales of 3 days against those of 14",
    "trend_7d_30d": "sales of 7 days against those of 30",
    "trend_30d_90d": "sales of 30 days against those of 90",
    "age_days": "days since the item was first seen",
    "last_sold_days": "days since it was last sold",
    "repeat_rate": "how often its buyers buy it again",
    "log_price": "price of the item",
    "log_units": "pieces bought at once",
    "looked_7d": "looked at in the last 7 days",
    "looked_30d": "looked at in the last 30 days",
    "conversion": "how often a look becomes a purchase",
    "orders": "orders of the person",
    "items": "different items the person bought",
    "recency_days": "days since the person's last purchase",
    "interval_days": "days between the person's purchases",
    "due": "how overdue the person's next purchase is",
    "items_per_order": "items per order of the person",
    "price_level": "prices the person usually pays",
    "tenure_days": "days since the person's first purchase",
    "repeats": "how much the person buys again",
    "looks": "how often the person looked at things",
    "look_recency_days": "days since the person last looked",
    "times": "how often the person bought the item",
    "last_days": "days since the person bought the item",
    "times_14d": "purchases of the item by the person (halve in 14 days)",
    "times_60d": "purchases of the item by the person (halve in 60 days)",
    "times_240d": "purchases of the item by the person (halve in 240 days)",
    "own_interval_days": "days between the person's purchases of the item",
    "own_due": "how overdue the person's next purchase of the item is",
    "order_share": "share of the person's orders that hold the item",
    "price_step": "price against what the person usually pays",
    "looks_1d": "looks at the item by the person (halve in a day)",
    "looks_7d": "looks at the item by the person (halve in 7 days)",
}
"""What a ranker is told, by the names of :mod:`recommender.model.columns`."""
SHELF_FEATURES: Mapping[str, str] = {
    "share_of_{}": "the item's part of what its {} sells",
    "{}_share": "share of the person's items from its {}",
    "{}_days": "days since the person bought from its {}",
    "{}_weight": "share of the person's recent purchases from its {}",
}
SHELF_NAMES: Mapping[str, str] = {
    "category": "category",
    "parent": "category above",
    "department": "top category",
    "brand": "brand",
    "price_band": "price band",
}
"""Of :data:`recommender.model.facts.SHELVES`."""


def feature_name(name: str) -> str:
    """What a column of the ranker is called; its own name in words where there are no others yet."""
    from recommender.model.columns import PROFILE  # only here: commands that write no report load no numpy

    if name.startswith(PROFILE):
        return f"{name.removeprefix(PROFILE).replace('_', ' ')} (profile)"
    shelves = {
        form.format(shelf): words.format(called)
        for form, words in SHELF_FEATURES.items()
        for shelf, called in SHELF_NAMES.items()
    }
    return FEATURES.get(name) or shelves.get(name) or generator_name(name)


def model_name(name: str, run_id: str | None) -> str:
    """What a model is called in tables."""
    if name.startswith("run."):
        return f"Run {name.removeprefix('run.')}"
    return BASELINES.get(name, "Live model" if run_id else "Default recipe")


def generator_name(name: str) -> str:
    """What a generator, or a place's forest, is called; its register's name where there are no words for it yet."""
    if name.startswith("ranker."):
        return f"forest of {name.removeprefix('ranker.')}"
    return GENERATORS.get(name, name.replace("_", " "))


FEW = 30
"""Fewer lists than this are too few to say anything: no interval is given."""

TOO_FEW = "too few to tell"
"""What stands in the place of their interval."""


def counted(n: int, one: str, other: str) -> str:
    """A number with its word: ``1 list``, ``2,000 lists``."""
    return f"{n:,} {one if plural(Language.EN, n) == 'one' else other}"


def written(value: float, form: str = "share") -> str:
    """A figure as text."""
    if form == "percent":
        return f"{value:.1%}"
    if form == "number":
        return f"{value:.2f}"
    return f"{value:.2f}" if form == "bits" else f"{value:.4f}"


def between(mean: "Mean", form: str | None = None) -> str:
    """The interval of a mean, with three decimals or in a form; of few lists, that they are too few."""
    if mean.n < FEW:
        return TOO_FEW
    low, high = (f"{one:.3f}" if form is None else written(one, form) for one in (mean.low, mean.high))
    return f"{low}–{high}"


def signed(value: float, form: str = "share") -> str:
    """A difference as text, with its sign."""
    sign = "−" if value < 0 else "+"
    if form == "percent":
        return f"{sign}{abs(value) * 100:.1f} points"
    return sign + written(abs(value), form)
