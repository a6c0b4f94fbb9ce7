"""
One loan, one night: facts in, a decision out.

    news ─► overdue status ─► move on the ladder ─► due steps ─► permitted instants ─► outbox entries
"""

from __future__ import annotations

import datetime as dt
import json

from attrs import frozen

from dunning.core.decide.judge import pending_holds
from dunning.core.decide.movement import migrated, moved, news, taken_back
from dunning.core.decide.outlook import ground, outlook
from dunning.core.decide.planning import Considered, Night, Plan, alarms, lapse, plan_step
from dunning.core.decide.waking import wake_on
from dunning.core.journal import effects as fx
from dunning.core.ladder.case import Case
from dunning.core.ladder.situation import Situation
from dunning.core.outbox.entry import Entry
from dunning.core.overdue.status import OverdueStatus, overdue_status
from dunning.core.steps.attempts import midnight
from dunning.core.steps.occasions import Occasion, occasions
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
        about: A JSON object for readers of the journal: amounts and rule ids, never names or addresses.
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
    here = outlook(dossier, plan.case, status, as_of=as_of)
    before = plan.case.tier
    plan.add(*moved(dossier, plan.case, here, terms, as_of=as_of))
    if before and plan.case.tier != before:
        cured = plan.case.tier == terms.ladder.mildest.name
        plan.add(*taken_back(dossier, plan.case.tier, cured=cured, as_of=as_of, now=now))
    coming = _plan_steps(plan, Night(dossier=dossier, terms=terms, here=here, as_of=as_of, now=now))
    return Decision(
        case=plan.case,
        status=status,
        effects=tuple(plan.effects),
        entries=tuple(plan.entries),
        considered=tuple(plan.considered),
        wake_on=wake_on(
            plan.case,
            here,
            terms.ladder,
            occasions=coming,
            holds=(*plan.case.holds, *dossier.holds, *pending_holds(dossier, terms, as_of=as_of)),
            entries=(*dossier.entries, *plan.entries),
            open_touches=plan.open_touches,
            as_of=as_of,
        ),
        about=_about(here, plan),
    )


def _plan_steps(plan: Plan, night: Night) -> list[Occasion]:
    """Plan everything due, in the order of the policy, and return the occasions still to come."""
    coming: list[Occasion] = []
    due: list[Occasion] = []
    for step in night.terms.steps:
        for occasion in occasions(step, ground(night.dossier, plan.case, night.here.status, night.terms)):
            if occasion.due_on > night.as_of:
                coming.append(occasion)
            elif night.as_of >= occasion.lapses_on or night.now >= midnight(occasion.lapses_on, night.zone):
                lapse(occasion, plan, night)
            elif night.here.meets(step.when):
                due.append(occasion)
                plan_step(occasion, plan, night)
    plan.add(*alarms(due, plan, night))
    return coming


def _about(here: Situation, plan: Plan) -> str:
    status = here.status
    weighed = [
        {
            "step": c.step,
            "person": c.person_id,
            "channel": c.channel,
            "point": c.point_id,
            "objections": [o.rule for o in c.verdict.objections],
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
