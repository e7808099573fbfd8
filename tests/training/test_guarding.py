"""Where a shop has turned, bestsellers lead instead of what its past has taught."""

import pytest
from interaction_samples import browsing_shop, interactions

from recommender.evaluation.split import Track, before, clock_cut
from recommender.interactions import Interactions, Kind
from recommender.model.fitted import FittedModel
from recommender.training.fitting import fit
from recommender.training.guarding import BRANCHES, led
from recommender.training.judging import Later, judge
from recommender.training.pipeline import TrainingResult, train_model

PEOPLE, OWN, COMMON, TURN = 60, 5, 10, 76


def turned_shop() -> Interactions:
    """For eleven weeks everybody buys five things of their own, then all the same ten: the last days before the cut show it."""
    rows = []
    for person in range(PEOPLE):
        for day in range(person % 7, 90, 7):
            first = COMMON + person * OWN
            items = range(first, first + OWN) if day < TURN else [(person + n) % COMMON for n in range(OWN)]
            rows += [(person, item, Kind.PURCHASE, day + person / 100) for item in items]
    return interactions(rows)


@pytest.fixture(scope="module")
def turned() -> TrainingResult:
    return train_model(turned_shop(), clock=lambda: 0.0)


def test_bestsellers_lead_where_they_find_clearly_more_and_the_training_says_so(turned: TrainingResult) -> None:
    blends = turned.recipe["blends"]
    assert max(blends["home.known.repeats"], key=blends["home.known.repeats"].get) == "popular"
    assert turned.model.blends["home.known.repeats"] == blends["home.known.repeats"]
    assert "home.known.repeats" not in turned.model.rankers
    [note] = [note for note in turned.notes if "home.known.repeats" in note]
    assert note.startswith("Bestsellers find more on the judged days than what was chosen before")
    assert "on 60 lists (window, known)" in note


def test_the_figures_are_of_what_is_shown(turned: TrainingResult) -> None:
    assert turned.evaluation is not None
    name = "window.known.ndcg_at_10"
    assert turned.evaluation.figures[name].value == pytest.approx(
        turned.evaluation.baselines["popularity"][name].value, rel=0.02
    )
    assert turned.gate.publish


def test_where_habits_hold_nothing_is_led() -> None:
    rows = [
        (person, COMMON + person * OWN + n, Kind.PURCHASE, day + person / 100)
        for person in range(PEOPLE)
        for day in range(person % 7, 90, 7)
        for n in range(OWN)
    ]
    result = train_model(interactions(rows), clock=lambda: 0.0)
    assert result.evaluation is not None
    assert result.evaluation.led == {}
    assert not [note for note in result.notes if "Bestsellers" in note]


def test_visits_are_judged_by_the_time_a_model_is_published() -> None:
    shop = browsing_shop(n_people=80)
    past = before(shop, clock_cut(shop))
    later = Later.of(shop, past, seed=0)
    assert later is not None
    assert Track.SESSION in later.moments
    model = fit(past).model
    good = judge(model, later).judged.verdicts[Track.SESSION]
    worse = judge(_deaf(model), later, baselines=False).judged.verdicts[Track.SESSION]
    assert good.by_metric["ndcg_at_10"].mean() > worse.by_metric["ndcg_at_10"].mean()


def _deaf(model: FittedModel) -> FittedModel:
    """Visits are answered by bestsellers."""
    return led(model, BRANCHES[Track.SESSION, "all"])
