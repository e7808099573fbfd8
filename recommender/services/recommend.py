"""One code path from a request to a slate: live it carries one request, in batch a block of them."""

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import compress

import msgspec
import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from recommender.domain.ports import ConsentLedger, Customers, EventLog
from recommender.domain.requests import Request
from recommender.domain.slates import Slate
from recommender.interactions import Histories, Kind
from recommender.model.contract import Evidence, Model, Proposal
from recommender.model.remembering import bought_by
from recommender.ranking.assortment import build_assortment
from recommender.ranking.ladder import RECENT
from recommender.ranking.question import NO_ROWS, Question, check, resolve
from recommender.ranking.rules import NO_RULES, Rules
from recommender.ranking.ruling import Rulebook
from recommender.ranking.scenarios import SCENARIOS, scenario_named
from recommender.ranking.settings import AnswerSettings
from recommender.ranking.slate import Pick, fill
from recommender.services.catalogue_view import CatalogueView
from recommender.services.edition import Edition, edition_of
from recommender.services.finishing import Drawn, drawn, explanation_of, fallback_of, slate_of
from recommender.services.known import Known
from recommender.services.live import begin_live
from recommender.services.records import Records
from recommender.services.slates import NameSlate, SlateNames, nameless

Models = Callable[[], tuple[str, Model] | None]
"""The model in use and its run id, or None; asked once per call, so that one list never mixes two."""


class Responder(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The code path itself: one edition, the records of people, and requests in, slates out."""

    edition: Edition
    records: Records
    settings: AnswerSettings
    slate_id: NameSlate

    def slates(self, requests: Sequence[Request]) -> list[Slate]:
        """Answer requests, in their order; raises as :meth:`Recommender.slates`."""
        return [slate_of(made) for made in self.lists(requests)]

    def lists(self, requests: Sequence[Request]) -> list[Drawn]:
        """The same before they take a shape."""
        for request in requests:
            check(request)
        asked = [(request, scenario_named(request.scenario)) for request in requests]
        edition = self.edition
        known = self.records.read(asked, edition.model, edition.assortment.row)
        questions = [
            resolve(
                request,
                scenario,
                edition.assortment,
                model_items=0 if edition.model is None else len(edition.model.item_ids),
                bought=known.bought[i],
                country=known.countries[i],
                own=NO_ROWS
                if known.histories is None or scenario.category_share is None
                else bought_by(known.histories, i),
            )
            for i, (request, scenario) in enumerate(asked)
        ]
        proposals = self._propose(known.histories, questions)
        return [self._list(known, i, *pair) for i, pair in enumerate(zip(questions, proposals, strict=True))]

    def _propose(self, histories: Histories | None, questions: Sequence[Question]) -> Sequence[Proposal | None]:
        if self.edition.model is None or histories is None:
            return [None] * len(questions)
        queries = [question.query for question in questions]
        explain = any(question.request.explain for question in questions)
        return self.edition.model.propose(histories, queries, limit=self.settings.candidates, explain=explain)

    def _list(self, known: Known, i: int, question: Question, proposal: Proposal | None) -> Drawn:
        edition = self.edition
        recent = _recent(known.histories, i) if question.scenario.recent_first and known.histories is not None else ()
        rungs = edition.ladder.rungs(question, proposal, recent)
        wishes = edition.wishes(question)
        if wishes.ruling is not None and wishes.ruling.weights:
            wishes = replace(wishes, attributes=known.attributes(i))
        picks = fill(edition.assortment, rungs, question, wishes)
        evidence = self._evidence(known.histories, i, question, picks)
        return drawn(
            edition,
            question,
            picks,
            edition.reasons.of_list(picks, evidence, question),
            slate_id=self.slate_id(question.request.scenario, edition.run_id, question.now_us),
            fallback=fallback_of(edition, question, picks, known.trouble),
            leaned=known.leaned[i],
            explanation=explanation_of(edition, question, wishes, proposal, picks),
            evidence=evidence,
        )

    def _evidence(
        self, histories: Histories | None, i: int, question: Question, picks: Sequence[Pick]
    ) -> Sequence[Evidence | None]:
        """What each of the items that are shown rests on; None where no model proposed it."""
        model = self.edition.model
        if model is None or histories is None or not picks:
            return [None] * len(picks)
        rows, _, sources, proposed, _ = zip(*picks, strict=True)
        if all(proposed):
            return model.evidences(sources, rows, histories, i, question.query)
        told, of = tuple(compress(sources, proposed)), tuple(compress(rows, proposed))
        evidence = iter(model.evidences(told, of, histories, i, question.query))
        looked = question.scenario.recent_first
        return [
            next(evidence)
            if pick.proposed
            else _views(histories, i, pick.row)
            if looked and pick.source == RECENT
            else None
            for pick in picks
        ]


class Recommender:
    """Answers requests with slates. Safe to share between threads.

    A store that does not answer costs the list what it would have added, never the list: ``fallback`` then names it.

    Parameters
    ----------
    models : function
        Gives ``(run id, model)`` or None (see :data:`Models`).
    log, customers, consent
        The stores of people.
    catalogue : CatalogueView
    settings : AnswerSettings, optional
    slate_id : function, optional
        Names the slates; by default names that only this process can read.
    rules : function, optional
        Gives the shop's rules in use; the same object for as long as they do not change.
    """

    def __init__(
        self,
        *,
        models: Models,
        log: EventLog,
        catalogue: CatalogueView,
        customers: Customers,
        consent: ConsentLedger,
        settings: AnswerSettings | None = None,
        slate_id: NameSlate | None = None,
        rules: Callable[[], Rules] = lambda: NO_RULES,
    ) -> None:
        self.settings = settings or AnswerSettings()
        self.catalogue = catalogue
        self.records = Records(log=log, customers=customers, consent=consent, limit=self.settings.history_lines)
        self._models = models
        self._slate_id = slate_id or SlateNames(os.urandom(32))
        self._rules = rules
        self._edition: Edition | None = None

    def slate(self, request: Request) -> Slate:
        """Answer one request: :meth:`slates` with a list of one."""
        return self.slates((request,))[0]

    def list_of(self, request: Request) -> Drawn:
        """Answer one request, before the answer takes a shape; raises as :meth:`slates`."""
        return self.responder().lists((request,))[0]

    def begin(self, request: Request) -> Awaitable[None] | None:
        """What a caller on an event loop awaits before :meth:`list_of`, so that others are answered meanwhile; None if nothing."""
        profiles, scenario = self.records.profiles, SCENARIOS.get(request.scenario)
        return None if profiles is None or scenario is None else begin_live(profiles, request, scenario)

    def slates(self, requests: Sequence[Request]) -> list[Slate]:
        """Answer requests, in their order. Who else is asked about changes nobody's list.

        Raises
        ------
        UnknownScenarioError
            There is no such scenario.
        BadInputError
            A size no list can have, or a moment without time zone.
        """
        return self.responder().slates(requests)

    def responder(self) -> Responder:
        """The model and the catalogue of this moment, ready to answer."""
        return Responder(edition=self._now(), records=self.records, settings=self.settings, slate_id=self._slate_id)

    def pinned(self, scenario: str) -> Responder:
        """The same for a long run: consent and countries are read once, too, and slates have no names."""
        records = self.records.pinned(scenario_named(scenario).purpose)
        return structs.replace(self.responder(), records=records, slate_id=nameless)

    def without_model(self, request: Request, fallback: str) -> Slate:
        """Answer from the catalogue alone, newest first. For when answering failed in an unforeseen way (``fallback`` names it)."""
        check(request)
        scenario = scenario_named(request.scenario)
        edition = edition_of(None, None, self.catalogue.assortment(None), self._rules(), self.settings)
        question = resolve(request, scenario, edition.assortment, model_items=0, bought=(), country=None)
        picks = fill(edition.assortment, edition.ladder.rungs(question, None), question, edition.wishes(question))
        reasons = edition.reasons.of_list(picks, [None] * len(picks), question)
        name = self._slate_id(request.scenario, None, question.now_us)
        return slate_of(drawn(edition, question, picks, reasons, slate_id=name, fallback=fallback))

    def without_anything(self, request: Request, fallback: str) -> Slate:
        """The very last rung: the static list of the rules, else an empty list. Looks at no store and no catalogue."""
        edition = edition_of(None, None, build_assortment({}), self._rules(), self.settings)
        scenario = scenario_named(request.scenario)
        question = resolve(request, scenario, edition.assortment, model_items=0, bought=(), country=None)
        name = self._slate_id(request.scenario, None, question.now_us)
        return slate_of(drawn(edition, question, (), (), slate_id=name, fallback=fallback))

    def _now(self) -> Edition:
        current = self._models()
        run_id, model = (None, None) if current is None else current
        assortment, rules, kept = self.catalogue.assortment(model), self._rules(), self._edition
        if kept is None or kept.assortment is not assortment or kept.model is not model or kept.run_id != run_id:
            kept = self._edition = edition_of(run_id, model, assortment, rules, self.settings)
        elif kept.rulebook.rules is not rules:
            kept = self._edition = replace(kept, rulebook=Rulebook(rules, assortment))
        return kept


def _recent(histories: Histories, person: int) -> list[int]:
    """Rows the person looked at, each once, the last one first; what came after the training among them."""
    item, time_us = _viewed(histories, person)
    if histories.newcomers is not None:
        new, then = _viewed(histories.newcomers, person)
        item, time_us = np.concatenate([item, new]), np.concatenate([time_us, then])
        item = item[time_us.argsort(kind="stable")]
    return list(dict.fromkeys(item[::-1].tolist()))


def _viewed(histories: Histories, person: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Item and time of each view, oldest first."""
    rows = slice(int(histories.indptr[person]), int(histories.indptr[person + 1]))
    views = histories.kind[rows] == Kind.VIEW
    return histories.item[rows][views], histories.time_us[rows][views]


def _views(histories: Histories, person: int, item: int) -> Evidence:
    seen, time_us = _viewed(histories, person)
    if histories.newcomers is not None and item not in seen:
        seen, time_us = _viewed(histories.newcomers, person)
    when = time_us[seen == item]
    return Evidence(code="viewed", count=len(when), when_us=int(when.max()))
