"""Due steps become outbox entries, requests, or a named reason why not."""

from __future__ import annotations

import datetime as dt

from attrs import evolve

from dunning.core.contact.verdict import Verdict
from dunning.core.decide.judge import judge, request_for
from dunning.core.decide.night import (
    Addressee,
    Considered,
    Due,
    Night,
    Plan,
    closed,
    entries_of,
    entry_for,
    queue,
    touch_of,
)
from dunning.core.decide.work import plan_work
from dunning.core.journal import effects as fx
from dunning.core.outbox.touch import Touch
from dunning.core.steps.attempts import Attempt, Candidate, Finished, InHand, midnight, next_attempt
from dunning.core.steps.occasions import Occasion
from dunning.core.steps.step import Step


def plan_step(occasion: Occasion, plan: Plan, night: Night) -> None:
    """Carry one occasion that is due as far as it goes tonight."""
    step = occasion.step
    if step.kind in ("request", "referral"):
        plan_work(occasion, plan, night)
        return
    known = False
    for role in step.parties:
        addressed = night.addressed(role)
        known = known or bool(addressed)
        for addressee in addressed:
            _plan_contact(occasion, addressee, plan, night)
        used_up = {used.touch for used in plan.case.exhausted}
        touches = [touch_of(occasion, plan.case, night, a.person.id) for a in addressed]
        if not all(touch.key in used_up for touch in touches):
            return
    if not known:
        touch = touch_of(occasion, plan.case, night)
        if touch.key not in plan.case.closed:
            plan.add(closed(touch, "no_party", night))


def _plan_contact(occasion: Occasion, addressee: Addressee, plan: Plan, night: Night) -> None:
    touch = touch_of(occasion, plan.case, night, addressee.person.id)
    if touch.key in plan.case.closed:
        return
    match next_attempt(
        occasion.step,
        addressee.person,
        entries_of(touch, night),
        retired=night.dossier.retired,
        zone=night.zone,
        as_of=night.as_of,
        now=night.begins,
    ):
        case InHand():
            return
        case Finished(reason=reason):
            plan.add(closed(touch, reason, night))
        case Attempt() as attempt:
            _attempt(Due(occasion=occasion, addressee=addressee, touch=touch), attempt, plan, night)


def _attempt(due: Due, attempt: Attempt, plan: Plan, night: Night) -> None:
    """Queue the attempt over the first candidate that is permitted before the touch lapses, or say why none is."""
    occasion, addressee = due.occasion, due.addressee
    touch = evolve(due.touch, attempt=attempt.number)
    lapses_at = midnight(occasion.lapses_on, night.zone)
    said: list[str] = []
    for candidate in attempt.candidates:
        considered = Considered(
            step=occasion.step.name,
            person_id=addressee.person.id,
            channel=candidate.channel,
            point_id=candidate.point.id,
            verdict=_weigh(occasion.step, candidate, addressee, night, at=attempt.earliest),
            lapses_at=lapses_at,
        )
        plan.considered.append(considered)
        at = considered.verdict.next_permitted
        if at is not None and at < lapses_at:
            entry = evolve(
                entry_for(occasion, touch, night, not_before=at),
                person_id=addressee.person.id,
                role=addressee.party.role,
                channel=candidate.channel,
                point_id=candidate.point.id,
                executor=night.terms.executor(occasion.step, addressee.person.flagged(night.as_of)),
            )
            queue(plan, entry)
            return
        said.append(_says(considered))
    _refuse(due.touch, "; ".join(said), plan)


def _weigh(step: Step, candidate: Candidate, addressee: Addressee, night: Night, *, at: dt.datetime) -> Verdict:
    request = request_for(
        night.dossier,
        night.terms,
        person=addressee.person,
        party=addressee.party,
        point=candidate.point,
        purpose=step.purpose,
        channel=candidate.channel,
        discloses=step.discloses,
        days_past_due=night.here.status.days_past_due,
        as_of=night.as_of,
        at=at,
    )
    return judge(request, night.dossier, night.terms)


def _says(considered: Considered) -> str:
    """What stands in the way, whatever the hour of asking: a night that only repeats itself is no news."""
    objections = considered.in_the_way or considered.verdict.objections
    rules = ", ".join(objection.rule for objection in objections) or "permitted only after it lapses"
    return f"{considered.channel} at {considered.point_id}: {rules}"


def _refuse(touch: Touch, says: str, plan: Plan) -> None:
    plan.open_touches = True
    if (touch.key, says) not in plan.case.refused:
        plan.add(fx.TouchRefused(touch=touch.key, step=touch.step, says=says))
