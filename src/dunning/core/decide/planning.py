"""Due steps become outbox entries, requests, or a named reason why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import define, evolve, field, frozen

from dunning.core.contact.verdict import Verdict
from dunning.core.decide.judge import judge, request_for
from dunning.core.facts.loan import Party
from dunning.core.facts.person import Person
from dunning.core.journal import effects as fx
from dunning.core.journal.fold import fold
from dunning.core.ladder.case import Case, Request
from dunning.core.ladder.situation import Situation
from dunning.core.outbox.entry import Entry, entry_key
from dunning.core.outbox.transitions import UNFINISHED, State
from dunning.core.steps.attempts import Attempt, Candidate, Finished, InHand, midnight, next_attempt
from dunning.core.steps.occasions import Occasion
from dunning.core.steps.step import Step
from dunning.core.steps.touch import Touch, digest
from dunning.core.terms import Dossier, Terms


@frozen(kw_only=True)
class Considered:
    """One way of making a contact that was weighed, for the explanation."""

    step: str
    person_id: str
    channel: str
    point_id: str
    verdict: Verdict


@define(kw_only=True)
class Plan:
    """What planning has come to so far. Lives only inside one decision."""

    case: Case
    effects: list[fx.Effect] = field(factory=list)
    considered: list[Considered] = field(factory=list)
    entries: list[Entry] = field(factory=list)
    open_touches: bool = False

    def add(self, *effects: fx.Effect) -> None:
        """Note *effects*, and let the case follow."""
        self.effects.extend(effects)
        self.case = fold(self.case, effects)


def plan_step(
    occasion: Occasion, plan: Plan, here: Situation, dossier: Dossier, terms: Terms, *, as_of: dt.date, now: dt.datetime
) -> None:
    """Carry one occasion that is due on *as_of* as far as it goes today."""
    step = occasion.step
    if step.kind in ("request", "referral"):
        _plan_work(occasion, plan, dossier, terms, as_of=as_of, now=now)
        return
    known = False
    for role in step.parties:
        addressed = [
            (party, person)
            for party in dossier.loan.parties
            if party.role == role and party.active(as_of) and (person := dossier.person(party.person_id)) is not None
        ]
        known = known or bool(addressed)
        for party, person in addressed:
            _plan_contact(occasion, party, person, plan, here, dossier, terms, as_of=as_of, now=now)
        used_up = {used.touch for used in plan.case.exhausted}
        if addressed and not all(
            _touch(occasion, plan.case, dossier, terms, person_id=party.person_id).key in used_up
            for party, _ in addressed
        ):
            return
    if not known:
        touch = _touch(occasion, plan.case, dossier, terms, person_id="")
        if touch.key not in plan.case.closed:
            plan.add(_closed(touch, "no_party", as_of))


def lapse(occasion: Occasion, plan: Plan, dossier: Dossier, terms: Terms, *, as_of: dt.date) -> None:
    """
    Record that a touch lapsed before anything was sent. It is never sent later.

    What lapsed before the case was first assessed was never ours, and is not recorded.
    """
    fell_due_since = dossier.assessed_on is not None and occasion.due_on > dossier.assessed_on
    step = occasion.step
    people = [p.person_id for p in dossier.loan.parties if p.role in step.parties and p.active(as_of)]
    for person_id in [""] if step.kind in ("request", "referral") else people:
        touch = _touch(occasion, plan.case, dossier, terms, person_id=person_id)
        started = any(key == touch.key for key, _ in plan.case.refused) or _entries(touch, dossier)
        in_hand = any(entry.state in UNFINISHED for entry in _entries(touch, dossier))
        if touch.key not in plan.case.closed and (started or fell_due_since) and not in_hand:
            plan.add(_closed(touch, "lapsed", as_of))


def _touch(occasion: Occasion, case: Case, dossier: Dossier, terms: Terms, *, person_id: str) -> Touch:
    # What a promise or an event sets off belongs to that promise or event: changing tier must not say it again.
    own_stay = occasion.step.trigger.on not in ("promise", "event")
    return Touch(
        lender=terms.lender,
        purpose=occasion.step.purpose,
        person_id=person_id,
        loan_id=dossier.loan.id,
        episode=case.episode,
        stay=case.stay if own_stay else 0,
        step=occasion.step.name,
        occurrence=occasion.id,
    )


def _closed(touch: Touch, reason: str, as_of: dt.date) -> fx.TouchClosed:
    return fx.TouchClosed(touch=touch.key, step=touch.step, occasion=touch.occurrence, reason=reason, on=as_of)


def _entries(touch: Touch, dossier: Dossier) -> list[Entry]:
    made = [e for e in dossier.entries if any(t.whole.key == touch.key for t in e.touches)]
    return sorted(made, key=lambda e: max(t.attempt for t in e.touches))


def _plan_work(
    occasion: Occasion, plan: Plan, dossier: Dossier, terms: Terms, *, as_of: dt.date, now: dt.datetime
) -> None:
    step = occasion.step
    touch = _touch(occasion, plan.case, dossier, terms, person_id="")
    if touch.key in plan.case.closed:
        return
    if step.kind == "referral":
        made = _entries(touch, dossier)
        if not made:
            _queue(touch, plan, _entry(occasion, touch, plan.case, dossier, terms, as_of=as_of, not_before=now))
        elif made[-1].state not in UNFINISHED:
            plan.add(_closed(touch, _end_of_work(made[-1]), as_of))
        return
    pending = any(r.kind == step.request and r.state == "proposed" for r in plan.case.requests)
    if not pending and not plan.case.tracking(step.request):
        plan.add(
            fx.RequestProposed(
                request=Request(
                    id=touch.key,
                    kind=step.request,
                    loan_id=dossier.loan.id,
                    step=step.name,
                    proposed_on=as_of,
                    expires_on=as_of + dt.timedelta(days=dict(terms.approvals).get(step.request, 14)),
                )
            )
        )
    plan.add(_closed(touch, "proposed" if not pending else "pending", as_of))


def _end_of_work(entry: Entry) -> str:
    return "reached" if entry.state in (State.DELIVERED, State.WORKED) else entry.state.value


def _plan_contact(
    occasion: Occasion,
    party: Party,
    person: Person,
    plan: Plan,
    here: Situation,
    dossier: Dossier,
    terms: Terms,
    *,
    as_of: dt.date,
    now: dt.datetime,
) -> None:
    step = occasion.step
    touch = _touch(occasion, plan.case, dossier, terms, person_id=person.id)
    if touch.key in plan.case.closed:
        return
    match next_attempt(
        step,
        person,
        _entries(touch, dossier),
        retired=dossier.retired,
        zone=dossier.loan.business_zone,
        as_of=as_of,
        now=now,
    ):
        case InHand():
            return
        case Finished(reason):
            plan.add(_closed(touch, reason, as_of))
        case Attempt() as attempt:
            _attempt(occasion, touch, attempt, party, person, plan, here, dossier, terms, as_of=as_of)


def _attempt(
    occasion: Occasion,
    touch: Touch,
    attempt: Attempt,
    party: Party,
    person: Person,
    plan: Plan,
    here: Situation,
    dossier: Dossier,
    terms: Terms,
    *,
    as_of: dt.date,
) -> None:
    expires_at = midnight(occasion.lapses_on, dossier.loan.business_zone)
    said: list[str] = []
    for candidate in attempt.candidates:
        verdict = judge(
            request_for(
                dossier,
                terms,
                person=person,
                party=party,
                point=candidate.point,
                purpose=occasion.step.purpose,
                channel=candidate.channel,
                discloses=occasion.step.discloses,
                days_past_due=here.status.days_past_due,
                as_of=as_of,
                at=attempt.earliest,
            ),
            dossier,
            terms,
        )
        plan.considered.append(
            Considered(
                step=occasion.step.name,
                person_id=person.id,
                channel=candidate.channel,
                point_id=candidate.point.id,
                verdict=verdict,
            )
        )
        if verdict.next_permitted is not None and verdict.next_permitted < expires_at:
            numbered = evolve(touch, attempt=attempt.number)
            entry = _entry(
                occasion, numbered, plan.case, dossier, terms, as_of=as_of, not_before=verdict.next_permitted
            )
            entry = evolve(
                entry, person_id=person.id, role=party.role, channel=candidate.channel, point_id=candidate.point.id
            )
            _queue(touch, plan, entry)
            return
        said.append(_says(candidate, verdict))
    _refuse(touch, "; ".join(said), plan)


def _says(candidate: Candidate, verdict: Verdict) -> str:
    rules = ", ".join(objection.rule for objection in verdict.objections) or "permitted only after it lapses"
    return f"{candidate.channel} at {candidate.point.id}: {rules}"


def _refuse(touch: Touch, says: str, plan: Plan) -> None:
    plan.open_touches = True
    if (touch.key, says) not in plan.case.refused:
        plan.add(fx.TouchRefused(touch=touch.key, step=touch.step, says=says))


def _queue(touch: Touch, plan: Plan, entry: Entry) -> None:
    plan.entries.append(entry)
    plan.add(fx.EntryQueued(entry=entry))


def _entry(
    occasion: Occasion,
    touch: Touch,
    case: Case,
    dossier: Dossier,
    terms: Terms,
    *,
    as_of: dt.date,
    not_before: dt.datetime,
) -> Entry:
    step: Step = occasion.step
    zone = dossier.loan.business_zone
    numbered = touch if touch.attempt else evolve(touch, attempt=1)
    alarm = None
    if step.alarm_after is not None:
        alarm = midnight(occasion.due_on + dt.timedelta(days=step.alarm_after), zone)
    return Entry(
        key=entry_key((numbered,)),
        lender=terms.lender,
        kind="visit" if step.kind == "visit" else "referral" if step.kind == "referral" else "contact",
        touches=(numbered,),
        loan_ids=(dossier.loan.id,),
        purpose=step.purpose,
        executor=step.executor,
        step=step.name,
        template=step.template,
        discloses=step.discloses,
        tier=step.tier,
        track=step.track,
        priority=step.priority,
        planned_on=as_of,
        expires_at=midnight(occasion.lapses_on, zone),
        alarm_at=alarm,
        policy=terms.policy,
        not_before=not_before,
    )


def alarms(
    due: Sequence[Occasion], plan: Plan, dossier: Dossier, terms: Terms, *, as_of: dt.date
) -> list[fx.AlarmRaised]:
    """Return an alarm for each statutory notice that should have gone out by today and has not, once."""
    result = []
    for occasion in due:
        step = occasion.step
        if step.alarm_after is None or as_of < occasion.due_on + dt.timedelta(days=step.alarm_after):
            continue
        what = digest("alarm", dossier.loan.id, plan.case.episode, step.name, occasion.id)
        people = [p.person_id for p in dossier.loan.parties if p.role in step.parties and p.active(as_of)]
        unsent = [
            person_id
            for person_id in people
            if _touch(occasion, plan.case, dossier, terms, person_id=person_id).key not in plan.case.closed
        ]
        if unsent and what not in plan.case.alarms:
            result.append(fx.AlarmRaised(what=what, step=step.name, on=as_of))
    return result
