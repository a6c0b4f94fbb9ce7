"""Is this entry still right at the moment of sending? Asked on fresh facts, by a function of its own."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from dunning.core.contact.verdict import Verdict
from dunning.core.decide.judge import judge, request_about
from dunning.core.decide.outlook import outlook
from dunning.core.decide.standing import no_longer_due
from dunning.core.facts.loan import Party
from dunning.core.facts.person import ContactPoint, Person
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move
from dunning.core.overdue.status import OverdueStatus, overdue_status
from dunning.core.steps.attempts import POINTS_OF
from dunning.core.terms import Dossier, Terms

# Facts that cannot be read now may be mended; then the entry is looked at again.
_AGAIN = dt.timedelta(hours=1)


@frozen(kw_only=True)
class Send:
    """Still right. For a referral there is no person, point or verdict: no law of contact binds a work item."""

    status: OverdueStatus
    person: Person | None = None
    party: Party | None = None
    point: ContactPoint | None = None
    verdict: Verdict | None = None


@frozen(kw_only=True)
class Wait:
    """Right, but not now. `reason` names what objects."""

    until: dt.datetime
    reason: str
    verdict: Verdict | None = None


@frozen(kw_only=True)
class Drop:
    """No longer right. `move` is CANCEL; LAPSE where its time is over; REFUSE where its point is, so another may be."""

    move: Move
    reason: str
    verdict: Verdict | None = None


def recheck(entry: Entry, dossier: Dossier, terms: Terms, *, as_of: dt.date, now: dt.datetime) -> Send | Wait | Drop:
    """
    Say whether *entry* may go out at *now*, on the facts in *dossier*.

    Args:
        as_of: The business date of *now* in the loan's business zone.
    """
    if now >= entry.expires_at:
        return Drop(move=Move.LAPSE, reason="its time is over")
    # An entry that was planned ahead, for a business date still to come, is judged on that date.
    as_of = max(as_of, entry.planned_on)
    status = overdue_status(dossier.loan, as_of=as_of, convention=terms.convention)
    here = outlook(dossier, dossier.case, status, terms.ladder)
    gone = no_longer_due(entry, dossier, dossier.case, here, terms)
    if gone:
        return Drop(move=Move.CANCEL, reason=gone)
    if entry.kind == "referral":
        return Send(status=status)
    found = _addressee(entry, dossier, terms, as_of=as_of, now=now)
    if isinstance(found, Wait | Drop):
        return found
    person, party, point = found
    verdict = judge(
        request_about(
            entry,
            dossier,
            terms,
            person=person,
            party=party,
            point=point,
            days_past_due=status.days_past_due,
            as_of=as_of,
            at=now,
        ),
        dossier,
        terms,
    )
    if verdict.permitted:
        return Send(status=status, person=person, party=party, point=point, verdict=verdict)
    return _not_now(entry, verdict, now=now)


def _addressee(
    entry: Entry, dossier: Dossier, terms: Terms, *, as_of: dt.date, now: dt.datetime
) -> tuple[Person, Party, ContactPoint] | Wait | Drop:
    person = dossier.person(entry.person_id)
    party = next(
        (p for p in dossier.loan.parties if (p.person_id, p.role) == (entry.person_id, entry.role) and p.bound(as_of)),
        None,
    )
    if party is None:
        return Drop(move=Move.CANCEL, reason="the person no longer plays this part in the loan")
    if person is None:
        return Wait(until=now + _AGAIN, reason="the book does not show the person at present")
    step = terms.step(entry.step, tier=entry.tier, track=entry.track)
    if entry.executor != terms.executor(step, person.flagged(as_of)):
        return Drop(move=Move.REFUSE, reason="it belongs to another work queue by now")
    point = next((p for p in person.points if p.id == entry.point_id and p.valid(as_of)), None)
    if point is None or point.id in dossier.retired or point.kind not in POINTS_OF[entry.channel]:
        # What may have gone out there already is not said again elsewhere.
        move = Move.CANCEL if entry.result == "unknown" else Move.REFUSE
        return Drop(move=move, reason="the contact point is no longer used")
    return person, party, point


def _not_now(entry: Entry, verdict: Verdict, *, now: dt.datetime) -> Wait | Drop:
    rules = ", ".join(dict.fromkeys((*(objection.rule for objection in verdict.objections), *verdict.until_then)))
    failed = any(":plugin_failed:" in objection.rule for objection in verdict.objections)
    if not failed and verdict.next_permitted is not None and verdict.next_permitted < entry.expires_at:
        return Wait(until=verdict.next_permitted, reason=rules, verdict=verdict)
    if failed or any(objection.kind == "unknown" for objection in verdict.objections):
        # A stale book, a zone that is missing, a plugin that fell over: it may be mended in an hour.
        return Wait(until=now + _AGAIN, reason=rules, verdict=verdict)
    if entry.purpose == "statutory_notice":
        # It never lapses while its tier stands; it is looked at again tomorrow and raises its alarm in time.
        return Wait(until=now + dt.timedelta(days=1), reason=rules, verdict=verdict)
    return Drop(move=Move.CANCEL, reason=f"not permitted before it lapses: {rules}", verdict=verdict)
