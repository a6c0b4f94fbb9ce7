"""
One loan, one night: facts in, a decision out.

    news ─► overdue status ─► move on the ladder ─► due steps ─► permitted instants ─► outbox entries
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator

from attrs import evolve, frozen

from dunning.core.decide.deadlines import alarms, hold_alarms, lapse, unfinished
from dunning.core.decide.movement import called_back, migrated, moved, news, revoked, taken_back
from dunning.core.decide.night import Considered, Night, Plan
from dunning.core.decide.outlook import ground, outlook
from dunning.core.decide.planning import plan_step
from dunning.core.decide.standing import outlives
from dunning.core.decide.waking import wake_on
from dunning.core.journal import effects as fx
from dunning.core.ladder.case import Case
from dunning.core.ladder.situation import Situation
from dunning.core.ladder.tier import STATED
from dunning.core.outbox.entry import Entry
from dunning.core.overdue.status import OverdueStatus, overdue_status
from dunning.core.steps.attempts import midnight
from dunning.core.steps.occasions import Ground, Occasion, lapsing, occasions
from dunning.core.steps.step import Step
from dunning.core.terms import Dossier, Terms


@frozen(kw_only=True)
class Decision:
    """
    What a night came to for one loan. Without effects nothing changed, and nothing is recorded.

    Args:
        case: The case after the effects.
        entries: The entries to put into the outbox (they are also in the effects).
        considered: Every way of contacting that was weighed, with its verdict.
        wake_on: The first date on which something other than a new fact changes the case.
        about: A JSON object for readers of the journal: amounts and rule ids, never names or addresses. Empty without
            effects: then there is no record to read it in.
    """

    case: Case
    status: OverdueStatus
    effects: tuple[fx.Effect, ...]
    entries: tuple[Entry, ...]
    considered: tuple[Considered, ...]
    wake_on: dt.date | None
    about: str


def decide(dossier: Dossier, terms: Terms, *, as_of: dt.date, now: dt.datetime) -> Decision:
    """
    Decide what happens to one loan on business date *as_of*.

    Tier and due steps depend on the facts and *as_of* alone. *now* only says from when on a contact can go out, and
    which touches have lapsed already, so that a backfill or a missed night contacts nobody.
    """
    plan = Plan(case=dossier.case)
    plan.add(*migrated(plan.case, terms, as_of=as_of))
    plan.add(*news(dossier, plan.case, as_of=as_of))
    status = overdue_status(dossier.loan, as_of=as_of, convention=terms.convention)
    before = plan.case.tier
    here = _move(plan, dossier, status, terms)
    if before and plan.case.tier != before:
        plan.add(*taken_back(dossier, plan.case.tier, terms, as_of=as_of, now=now))
    # From here on everybody looks at the case as it stands tonight: a hold that a kept promise lifted holds no more.
    plan.add(*called_back(_standing(dossier, plan), plan.case, terms, as_of=as_of))
    tonight = _standing(dossier, plan)
    gone = frozenset(effect.key for effect in plan.effects if isinstance(effect, fx.EntryMoved))
    plan.add(*revoked(tonight, here, terms, now=now, cancelled_already=gone))
    dates = _plan_steps(plan, Night(dossier=tonight, terms=terms, here=here, as_of=as_of, now=now))
    return Decision(
        case=plan.case,
        status=status,
        effects=tuple(plan.effects),
        entries=tuple(plan.entries),
        considered=tuple(plan.considered),
        wake_on=wake_on(
            plan.case,
            here,
            _standing(dossier, plan),
            terms,
            dates=dates,
            entries=(*dossier.entries, *plan.entries),
            open_touches=plan.open_touches,
        ),
        about=_about(here, plan) if plan.effects else "{}",
    )


def _standing(dossier: Dossier, plan: Plan) -> Dossier:
    return dossier if plan.case is dossier.case else evolve(dossier, case=plan.case)


def _move(plan: Plan, dossier: Dossier, status: OverdueStatus, terms: Terms) -> Situation:
    """
    Move the case on the ladder, and return the situation in which it then stands.

    A move changes what is counted (a re-entry is one more), so the situation is looked at again until nothing moves:
    a second assessment of the same day has nothing left to do.
    """
    while True:
        here = outlook(dossier, plan.case, status, terms.ladder)
        effects = moved(dossier, plan.case, here, terms, as_of=status.as_of)
        if not effects:
            return _looked_at(here, terms)
        plan.add(*effects)


def _looked_at(here: Situation, terms: Terms) -> Situation:
    """
    Leave out the numbers of the host that no bound of the policy looks at.

    What is weighed is shown in the journal, which forgets nothing; such a number may be anything, a person's too.
    """
    if not any(name.startswith(STATED) for name, _ in here.measures):
        return here
    bounds = {bound.measure for tier in terms.ladder.tiers for condition in tier.entry for bound in condition.bounds}
    bounds |= {bound.measure for step in terms.steps for bound in step.when}
    kept = tuple(m for m in here.measures if m[0] in bounds or not m[0].startswith(STATED))
    return evolve(here, measures=kept)


def _plan_steps(plan: Plan, night: Night) -> list[dt.date]:
    """
    Plan everything due, in the order of the policy, and return the dates on which steps ask for another look.

    What one step sets off (a track, a fallback) may belong to a step that stands before it, so everything is looked at
    again until nothing new is due.
    """
    seen: set[tuple[str, str, str, str]] = set()
    held = ground(night.dossier, plan.case, night.here.status, night.terms)
    stale = _stale(night)
    busy = True
    while busy:
        before = len(plan.effects)
        found = []
        for step in night.terms.steps_in(plan.case.tier):
            for occasion in _occasions(step, plan, night, held, stale):
                found.append(occasion)
                name = (step.tier, step.track, step.name, occasion.id)
                if occasion.due_on <= night.as_of and name not in seen:
                    seen.add(name)
                    _carry(occasion, plan, night)
        busy = len(plan.effects) > before
    due = [o for o in found if o.due_on <= night.as_of and not _over(o, night) and night.here.meets(o.step.when)]
    plan.add(*alarms(due, plan, night))
    plan.add(*hold_alarms(night.dossier, plan.case, night.terms, as_of=night.as_of))
    return [date for occasion in found for date in _dates(occasion, plan, night)]


def _stale(night: Night) -> Callable[[Step, str, dt.date], bool]:
    """
    Return what tells an occasion of which nothing can come any more: see `deadlines.lapse`.

    It lapsed, the case was assessed since it fell due or never, and nothing of it was ever begun. A loan has one such
    for each payment it ever made.
    """
    dossier, as_of = night.dossier, night.as_of
    begun = {touch.occurrence for entry in dossier.entries for touch in entry.touches}
    assessed_on = dossier.assessed_on or dt.date.max

    def stale(step: Step, id_: str, on: dt.date) -> bool:
        return lapsing(step, on) <= as_of and on <= assessed_on and not dossier.case.refused and id_ not in begun

    return stale


def _occasions(
    step: Step, plan: Plan, night: Night, held: Ground, stale: Callable[[Step, str, dt.date], bool]
) -> list[Occasion]:
    if (step.tier and step.tier != plan.case.tier) or (step.track and not plan.case.tracking(step.track)):
        return []
    cured = plan.case.tier == night.terms.ladder.mildest.name
    if step.track and cured and not outlives(step.purpose, cured=True):
        return []  # the recall of the track is proposed; until it is decided nothing more is said on it
    # Only the case moves while a night is planned: the facts below it are looked up once.
    on = held if plan.case is held.case else evolve(held, case=plan.case)
    return occasions(step, on, wanted=lambda id_, due_on: not stale(step, id_, due_on))


def _carry(occasion: Occasion, plan: Plan, night: Night) -> None:
    if _over(occasion, night):
        lapse(occasion, plan, night)
    elif night.here.meets(occasion.step.when):
        plan_step(occasion, plan, night)


def _over(occasion: Occasion, night: Night) -> bool:
    return night.as_of >= occasion.lapses_on or night.now >= midnight(occasion.lapses_on, night.zone)


def _dates(occasion: Occasion, plan: Plan, night: Night) -> Iterator[dt.date]:
    if occasion.due_on > night.as_of:
        yield occasion.due_on
        return
    if occasion.step.alarm_after is not None:
        yield occasion.due_on + dt.timedelta(days=occasion.step.alarm_after)
    if occasion.lapses_on > night.as_of and unfinished(occasion, plan.case, night):
        yield occasion.lapses_on


def _about(here: Situation, plan: Plan) -> str:
    status = here.status
    weighed = [
        {
            "step": c.step,
            "person": c.person_id,
            "channel": c.channel,
            "point": c.point_id,
            "objections": [o.rule for o in c.verdict.objections],
            "until_then": list(c.verdict.until_then),
            "next_permitted": c.verdict.next_permitted.isoformat() if c.verdict.next_permitted else None,
            "assumptions": list(c.verdict.assumptions),
            "warnings": list(c.verdict.warnings),
        }
        for c in plan.considered
    ]
    return json.dumps(
        {
            "status": {
                "convention": status.convention,
                "days_past_due": status.days_past_due,
                "delinquent_days": status.delinquent_days,
                "oldest_unpaid_due_on": status.oldest_unpaid_due_on.isoformat()
                if status.oldest_unpaid_due_on
                else None,
                "arrears": str(status.arrears.total),
                "currency": status.currency,
            },
            "measures": {name: str(value) for name, value in here.measures},
            "weighed": weighed,
        },
        ensure_ascii=False,
        sort_keys=True,
    )
