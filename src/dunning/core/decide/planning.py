"""Due steps become outbox entries, requests, or a named reason why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import define, evolve, field, frozen

from dunning.core.contact.verdict import Objection, Verdict
from dunning.core.decide.judge import judge, request_for
from dunning.core.facts.loan import Party
from dunning.core.facts.person import Person
from dunning.core.journal import effects as fx
from dunning.core.journal.fold import fold
from dunning.core.ladder.case import ALWAYS_APPROVED, TRACKS, Case, Request
from dunning.core.ladder.situation import Situation
from dunning.core.outbox.entry import Entry, entry_key
from dunning.core.outbox.touch import Touch, digest
from dunning.core.outbox.transitions import UNFINISHED, State
from dunning.core.steps.attempts import Attempt, Candidate, Finished, InHand, midnight, next_attempt
from dunning.core.steps.occasions import Occasion
from dunning.core.steps.step import Step
from dunning.core.terms import Dossier, Terms


@frozen(kw_only=True)
class Considered:
    """
    One way of making a contact that was weighed, for the explanation.

    Args:
        lapses_at: The touch lapses here (exclusive); an objection that falls away later stands in its way.
    """

    step: str
    person_id: str
    channel: str
    point_id: str
    verdict: Verdict
    lapses_at: dt.datetime

    @property
    def in_the_way(self) -> tuple[Objection, ...]:
        """The objections that outlast the touch; none where the contact was planned."""
        return tuple(o for o in self.verdict.objections if o.until is None or o.until >= self.lapses_at)


@frozen(kw_only=True)
class Addressee:
    """A person in the part they play."""

    party: Party
    person: Person


@frozen(kw_only=True)
class Night:
    """What every step of one night's planning looks at."""

    dossier: Dossier
    terms: Terms
    here: Situation
    as_of: dt.date
    now: dt.datetime

    @property
    def zone(self) -> str:
        """The loan's business zone."""
        return self.dossier.loan.business_zone

    def addressed(self, role: str) -> list[Addressee]:
        """Return those who play *role* today and are known to the book."""
        return [
            Addressee(party=party, person=person)
            for party in self.dossier.loan.parties
            if party.role == role
            and party.active(self.as_of)
            and (person := self.dossier.person(party.person_id)) is not None
        ]


@frozen(kw_only=True)
class Due:
    """An occasion for one person, and the touch as a whole that it makes."""

    occasion: Occasion
    addressee: Addressee
    touch: Touch


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


def plan_step(occasion: Occasion, plan: Plan, night: Night) -> None:
    """Carry one occasion that is due as far as it goes tonight."""
    step = occasion.step
    if step.kind in ("request", "referral"):
        _plan_work(occasion, plan, night)
        return
    known = False
    for role in step.parties:
        addressed = night.addressed(role)
        known = known or bool(addressed)
        for addressee in addressed:
            _plan_contact(occasion, addressee, plan, night)
        used_up = {used.touch for used in plan.case.exhausted}
        touches = [_touch(occasion, plan.case, night, a.person.id) for a in addressed]
        if not all(touch.key in used_up for touch in touches):
            return
    if not known:
        touch = _touch(occasion, plan.case, night)
        if touch.key not in plan.case.closed:
            plan.add(_closed(touch, "no_party", night))


def lapse(occasion: Occasion, plan: Plan, night: Night) -> None:
    """
    Record that a touch lapsed before anything was sent. It is never sent later.

    What lapsed before the case was first assessed was never ours, and is not recorded; nor is what lapsed before this
    episode, which was, and nor is a step whose other conditions do not hold.
    """
    assessed_on, late_since = night.dossier.assessed_on, plan.case.late_since
    if late_since is not None and occasion.lapses_on <= late_since:
        return
    fell_due_since = assessed_on is not None and occasion.due_on > assessed_on and night.here.meets(occasion.step.when)
    if not (fell_due_since or plan.case.refused or night.dossier.entries):
        return  # nothing of it was ever begun
    for person_id in _asked(occasion, plan.case, night):
        touch = _touch(occasion, plan.case, night, person_id)
        made = _entries(touch, night)
        started = bool(made) or any(key == touch.key for key, _ in plan.case.refused)
        in_hand = any(entry.state in UNFINISHED for entry in made)
        if touch.key not in plan.case.closed and (started or fell_due_since) and not in_hand:
            plan.add(_closed(touch, "lapsed", night))


def _asked(occasion: Occasion, case: Case, night: Night) -> list[str]:
    """Whose touches an occasion makes at present: those of the first role that is not used up, or else of the last."""
    if occasion.step.kind in ("request", "referral"):
        return [""]
    used_up = {used.touch for used in case.exhausted}
    asked: list[str] = []
    for role in occasion.step.parties:
        found = [addressee.person.id for addressee in night.addressed(role)]
        asked = found or asked
        if any(_touch(occasion, case, night, person_id).key not in used_up for person_id in found):
            break
    return asked


def unfinished(occasion: Occasion, case: Case, night: Night) -> bool:
    """Whether some touch of *occasion* is not closed."""
    return any(_touch(occasion, case, night, id_).key not in case.closed for id_ in _asked(occasion, case, night))


def _touch(occasion: Occasion, case: Case, night: Night, person_id: str = "") -> Touch:
    # What a promise or an event sets off belongs to that promise or event: neither another tier nor another episode
    # must say it again. A debit returned on the due date is told before the loan is late, and not once more after.
    own_stay = occasion.step.trigger.on not in ("promise", "event")
    return Touch(
        lender=night.terms.lender,
        purpose=occasion.step.purpose,
        person_id=person_id,
        loan_id=night.dossier.loan.id,
        episode=case.episode if own_stay else 0,
        stay=case.stay if own_stay else 0,
        step=occasion.step.name if own_stay else occasion.step.shared_name,
        occurrence=occasion.id,
    )


def _closed(touch: Touch, reason: str, night: Night) -> fx.TouchClosed:
    return fx.TouchClosed(touch=touch.key, step=touch.step, occasion=touch.occurrence, reason=reason, on=night.as_of)


def _entries(touch: Touch, night: Night) -> list[Entry]:
    made = [e for e in night.dossier.entries if any(t.whole.key == touch.key for t in e.touches)]
    return sorted(made, key=lambda e: max(t.attempt for t in e.touches))


def _plan_work(occasion: Occasion, plan: Plan, night: Night) -> None:
    step = occasion.step
    touch = _touch(occasion, plan.case, night)
    if touch.key in plan.case.closed:
        return
    if step.kind == "referral":
        made = _entries(touch, night)
        if not made:
            flags = [a.person.flagged(night.as_of) for role in step.parties for a in night.addressed(role)]
            entry = _entry(occasion, touch, night, not_before=night.now)
            _queue(plan, evolve(entry, executor=night.terms.executor(step, frozenset().union(*flags))))
        elif made[-1].state not in UNFINISHED:
            plan.add(_closed(touch, _end_of_work(made[-1]), night))
        return
    pending = any(r.kind == step.request and r.state == "proposed" for r in plan.case.requests)
    running = plan.case.tracking(step.request)
    if not pending and not running:
        plan.add(*_proposal(step, touch, night))
    plan.add(_closed(touch, "pending" if pending else "running" if running else "proposed", night))


def _proposal(step: Step, touch: Touch, night: Night) -> list[fx.Effect]:
    as_of, terms = night.as_of, night.terms
    request = Request(
        id=f"{step.request}-{touch.key[:12]}",
        kind=step.request,
        loan_id=night.dossier.loan.id,
        step=step.name,
        proposed_on=as_of,
        expires_on=as_of + dt.timedelta(days=dict(terms.approvals).get(step.request, 14)),
    )
    effects: list[fx.Effect] = [fx.RequestProposed(request=request)]
    if step.request in terms.unapproved and step.request not in ALWAYS_APPROVED:
        effects += approved(request, on=as_of, by="policy", reason="the policy asks for no approval")
    return effects


def approved(request: Request, *, on: dt.date, by: str, reason: str) -> list[fx.Effect]:
    """Return the approval of *request* and what it sets going: its track, or the end of the tracks it recalls."""
    effects: list[fx.Effect] = [fx.RequestDecided(request_id=request.id, state="approved", on=on, by=by, reason=reason)]
    if request.kind in TRACKS:
        effects.append(fx.TrackStarted(track=request.kind, on=on, request_id=request.id))
    return effects


def _end_of_work(entry: Entry) -> str:
    return "reached" if entry.state in (State.DELIVERED, State.WORKED) else entry.state.value


def _plan_contact(occasion: Occasion, addressee: Addressee, plan: Plan, night: Night) -> None:
    touch = _touch(occasion, plan.case, night, addressee.person.id)
    if touch.key in plan.case.closed:
        return
    match next_attempt(
        occasion.step,
        addressee.person,
        _entries(touch, night),
        retired=night.dossier.retired,
        zone=night.zone,
        as_of=night.as_of,
        now=night.now,
    ):
        case InHand():
            return
        case Finished(reason=reason):
            plan.add(_closed(touch, reason, night))
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
                _entry(occasion, touch, night, not_before=at),
                person_id=addressee.person.id,
                role=addressee.party.role,
                channel=candidate.channel,
                point_id=candidate.point.id,
                executor=night.terms.executor(occasion.step, addressee.person.flagged(night.as_of)),
            )
            _queue(plan, entry)
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


def _queue(plan: Plan, entry: Entry) -> None:
    plan.entries.append(entry)
    plan.add(fx.EntryQueued(entry=entry))


def _entry(occasion: Occasion, touch: Touch, night: Night, *, not_before: dt.datetime) -> Entry:
    step = occasion.step
    numbered = touch if touch.attempt else evolve(touch, attempt=1)
    alarm = None
    if step.alarm_after is not None:
        alarm = midnight(occasion.due_on + dt.timedelta(days=step.alarm_after), night.zone)
    return Entry(
        key=entry_key((numbered,)),
        lender=night.terms.lender,
        kind=step.kind,
        touches=(numbered,),
        loan_ids=(night.dossier.loan.id,),
        purpose=step.purpose,
        executor=step.executor,
        step=step.name,
        template=step.template,
        discloses=step.discloses,
        tier=step.tier,
        track=step.track,
        priority=step.priority,
        planned_on=night.as_of,
        expires_at=midnight(occasion.lapses_on, night.zone),
        alarm_at=alarm,
        policy=night.terms.policy,
        not_before=not_before,
    )


def alarms(due: Sequence[Occasion], plan: Plan, night: Night) -> list[fx.AlarmRaised]:
    """
    Return an alarm for each statutory notice that should have gone out by today and has not, once.

    A touch that ended without anything going out (nobody reachable, cancelled, unknown) is no excuse: the law's
    deadline does not know of it.
    """
    result = []
    for occasion in due:
        step = occasion.step
        if step.alarm_after is None or night.as_of < occasion.due_on + dt.timedelta(days=step.alarm_after):
            continue
        what = digest("alarm", night.dossier.loan.id, plan.case.episode, step.name, occasion.id)
        asked = _asked(occasion, plan.case, night)
        sent = asked and all(_went_out(_touch(occasion, plan.case, night, id_), night) for id_ in asked)
        if not sent and what not in plan.case.alarms:
            result.append(fx.AlarmRaised(what=what, step=step.name, on=night.as_of))
    return result


def _went_out(touch: Touch, night: Night) -> bool:
    return any(entry.state in (State.DELIVERED, State.WORKED) for entry in _entries(touch, night))
