"""Does an entry still stand? Asked of handed-over work every night, and of every entry before it is sent."""

from __future__ import annotations

import datetime as dt

from dunning.core.decide.judge import holds_of
from dunning.core.decide.outlook import ground
from dunning.core.ladder.case import Case
from dunning.core.ladder.situation import Situation, tier_for
from dunning.core.outbox.entry import Entry
from dunning.core.steps.occasions import Ground, occasions
from dunning.core.steps.step import Step
from dunning.core.terms import Dossier, Terms
from dunning.errors import FactsError


def outlives(purpose: str, *, cured: bool) -> bool:
    """Whether what is said for *purpose* is said though its tier was left: answers always, notices unless *cured*."""
    return purpose in ("reply", "receipt") or (purpose == "statutory_notice" and not cured)


def carried_on(entry: Entry, tier: str, terms: Terms) -> Step | None:
    """Return the step of *tier* that says the same about the same promise or event as *entry* of another tier."""
    shared = entry.step.partition("@")[0]
    return next(
        (s for s in terms.steps if s.tier == tier and s.shared_name == shared and s.trigger.on in ("promise", "event")),
        None,
    )


def no_longer_due(entry: Entry, dossier: Dossier, case: Case, here: Situation, terms: Terms) -> str:
    """Return why nothing of *entry* is due any more, or the empty text."""
    if all(touch.whole.key in case.closed for touch in entry.touches):
        return "its touches are finished"
    try:
        step = terms.step(entry.step, tier=entry.tier, track=entry.track)
    except FactsError:
        return "the policy no longer has its step"
    rank = terms.ladder.rank(tier_for(here, terms.ladder).name)
    spared = outlives(entry.purpose, cured=rank == 0)
    if entry.tier and entry.tier != case.tier:
        again = carried_on(entry, case.tier, terms)
        if again is None:
            return "" if spared else f"the case has left tier {entry.tier}"
        step = again
    elif not spared and (softened := _softened(entry, rank, terms)):
        return softened
    return _settled(entry, step, ground(dossier, case, here.status, terms), here)


def _softened(entry: Entry, rank: int, terms: Terms) -> str:
    if entry.tier and rank < terms.ladder.rank(entry.tier):
        return "the facts have softened since it was planned"
    return "the loan is cured" if entry.track and rank == 0 else ""


def _settled(entry: Entry, step: Step, on: Ground, here: Situation) -> str:
    # A pause that was recorded since may have moved its day; a night assessed ahead is asked about on its own date.
    by = max(here.status.as_of, entry.planned_on)
    due = {occasion.id for occasion in occasions(step, on) if occasion.due_on <= by}
    if not due & {touch.occurrence for touch in entry.touches}:
        return "what it was about is settled"
    return "" if here.meets(step.when) else "what it was planned for no longer holds"


def stopped_by(entry: Entry, dossier: Dossier, terms: Terms, *, as_of: dt.date) -> str:
    """Return the hold that stops a contact on *as_of*, as ``hold:<id>``, or the empty text."""
    for hold in holds_of(dossier, terms, as_of=as_of):
        covers = hold.subject.covers(
            loan_id=entry.loan_ids[0], person_id=entry.person_id, point_id=entry.point_id
        ) and hold.stops(purpose=entry.purpose, channel=entry.channel, on=as_of)
        if covers:
            return f"hold:{hold.id}"
    return ""
