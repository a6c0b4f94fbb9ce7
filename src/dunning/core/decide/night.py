"""One night's planning: what it looks at, what it has come to, and the touches and entries that it makes."""

from __future__ import annotations

import datetime as dt

from attrs import define, evolve, field, frozen

from dunning.core.contact.verdict import Objection, Verdict
from dunning.core.facts.loan import Party
from dunning.core.facts.person import Person
from dunning.core.journal import effects as fx
from dunning.core.journal.fold import fold
from dunning.core.ladder.case import Case
from dunning.core.ladder.situation import Situation
from dunning.core.outbox.entry import Entry, entry_key
from dunning.core.outbox.touch import Touch
from dunning.core.steps.attempts import midnight
from dunning.core.steps.occasions import Occasion
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

    @property
    def begins(self) -> dt.datetime:
        """The first instant at which anything of this night may go out: its date has begun where the loan is."""
        return max(self.now, midnight(self.as_of, self.zone))

    def addressed(self, role: str) -> list[Addressee]:
        """Return those who play *role* today and are known to the book."""
        return [
            Addressee(party=party, person=person)
            for party in self.dossier.loan.parties
            if party.role == role
            and party.bound(self.as_of)
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


def asked(occasion: Occasion, case: Case, night: Night) -> list[str]:
    """Whose touches an occasion makes at present: those of the first role that is not used up, or else of the last."""
    if occasion.step.kind in ("request", "referral"):
        return [""]
    used_up = {used.touch for used in case.exhausted}
    asked: list[str] = []
    for role in occasion.step.parties:
        found = [addressee.person.id for addressee in night.addressed(role)]
        asked = found or asked
        if any(touch_of(occasion, case, night, person_id).key not in used_up for person_id in found):
            break
    return asked


def touch_of(occasion: Occasion, case: Case, night: Night, person_id: str = "") -> Touch:
    """Return the touch that *occasion* makes for a person; without one, for a request or a referral."""
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


def closed(touch: Touch, reason: str, night: Night) -> fx.TouchClosed:
    """Return the end of *touch* for *reason*."""
    return fx.TouchClosed(touch=touch.key, step=touch.step, occasion=touch.occurrence, reason=reason, on=night.as_of)


def entries_of(touch: Touch, night: Night) -> list[Entry]:
    """Return every entry that *touch* has led to, in the order of the attempts."""
    # Keys are digests: on a loan that is years old most entries are told apart without making theirs.
    told = (touch.step, touch.occurrence)
    made = [
        entry
        for entry in night.dossier.entries
        if any((t.step, t.occurrence) == told and t.whole.key == touch.key for t in entry.touches)
    ]
    return sorted(made, key=lambda e: max(t.attempt for t in e.touches))


def queue(plan: Plan, entry: Entry) -> None:
    """Put *entry* into the outbox."""
    plan.entries.append(entry)
    plan.add(fx.EntryQueued(entry=entry))


def entry_for(occasion: Occasion, touch: Touch, night: Night, *, not_before: dt.datetime) -> Entry:
    """Return the entry of *touch*, not yet addressed to anybody."""
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
