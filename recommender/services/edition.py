"""What lists are made from, all of one moment."""

from dataclasses import dataclass

from recommender.model.contract import Model
from recommender.ranking.assortment import Assortment
from recommender.ranking.explain import Trace
from recommender.ranking.filters import Sieves
from recommender.ranking.ladder import Ladder
from recommender.ranking.question import Question
from recommender.ranking.reasons import Reasons
from recommender.ranking.rules import Rules
from recommender.ranking.ruling import Rulebook
from recommender.ranking.rungs import NO_WISHES, Wishes
from recommender.ranking.settings import AnswerSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What lists are made from, all of one moment: a model (or none) and the rules over one version of the catalogue."""

    run_id: str | None
    model: Model | None
    assortment: Assortment
    ladder: Ladder
    reasons: Reasons
    rulebook: Rulebook
    sieves: Sieves

    def wishes(self, question: Question) -> Wishes:
        """What narrows or moves one list; attributes are the caller's to add."""
        request = question.request
        ruling = self.rulebook.of(request.scenario, question.now_us)
        if ruling is None and request.only is None and not request.explain:
            return NO_WISHES
        sieve = None if request.only is None else self.sieves.of(request.only)
        return Wishes(sieve=sieve, ruling=ruling, trace=Trace() if request.explain else None)


def edition_of(
    run_id: str | None, model: Model | None, assortment: Assortment, rules: Rules, settings: AnswerSettings
) -> Edition:
    """Put the parts of one moment together."""
    ladder = Ladder(assortment, model)
    return Edition(
        run_id=run_id,
        model=model,
        assortment=assortment,
        ladder=ladder,
        reasons=Reasons(ladder, settings),
        rulebook=Rulebook(rules, assortment),
        sieves=Sieves(assortment),
    )
