"""May we: the question put together from a dossier, answered by the rules and by the case."""

from __future__ import annotations

import datetime as dt

from attrs import evolve

from dunning.core.contact.permission import may_contact
from dunning.core.contact.request import ContactRequest, Milestone
from dunning.core.contact.verdict import Objection, Verdict
from dunning.core.facts.event import Event
from dunning.core.facts.loan import Party
from dunning.core.facts.person import ContactPoint, Person
from dunning.core.hold import Hold, Subject
from dunning.core.outbox.entry import Entry
from dunning.core.overdue.money import effective, waiting
from dunning.core.sentence import Sentence
from dunning.core.terms import Dossier, Terms


def pending_holds(dossier: Dossier, terms: Terms, *, as_of: dt.date) -> tuple[Hold, ...]:
    """Return a hold for each pending or suspense sum: it stops collection until its result or its expiry."""
    result = []
    events = effective(dossier.loan.events, as_of)
    for event, _ in waiting(events, as_of, default_days=terms.pending_days):
        result.append(
            Hold(
                id=f"pending:{event.id}",
                subject=Subject(kind="loan", loan_id=dossier.loan.id),
                reason="pending_money",
                starts_on=event.effective_on,
                until=event.until or event.effective_on + dt.timedelta(days=terms.pending_days),
                alarm_on=_alarm_on(event, terms),
                purposes=("collection",),
                placed_by="dunning",
            )
        )
    return tuple(result)


def _alarm_on(event: Event, terms: Terms) -> dt.date | None:
    """Money that still lies there needs somebody before its hold runs out: its owner would be called about it."""
    after = terms.pending_alarm_after
    return None if after is None else event.effective_on + dt.timedelta(days=after)


def holds_of(dossier: Dossier, terms: Terms, *, as_of: dt.date) -> tuple[Hold, ...]:
    """Return every hold that may bear on the loan: the case's, its persons' and points', plugins', pending money's."""
    return (
        *dossier.case.holds,
        *(hold for case in dossier.around for hold in case.holds),
        *dossier.holds,
        *pending_holds(dossier, terms, as_of=as_of),
    )


def request_for(
    dossier: Dossier,
    terms: Terms,
    *,
    person: Person,
    party: Party,
    point: ContactPoint,
    purpose: str,
    channel: str,
    discloses: str,
    days_past_due: int,
    as_of: dt.date,
    at: dt.datetime,
) -> ContactRequest:
    """
    Put the question together.

    Both the person's residence and the loan's own jurisdiction are judged, so that the stricter wins. A person whose
    residence or zone is unknown stays unknown: the loan's jurisdiction or a number's area code never stands in for it.
    """
    loan = dossier.loan
    holds = holds_of(dossier, terms, as_of=as_of)
    return ContactRequest(
        actor=terms.actor,
        person_id=person.id,
        role=party.role,
        may_know=party.may_know,
        loan_ids=(loan.id,),
        purpose=purpose,
        channel=channel,
        point_id=point.id,
        workplace=point.workplace,
        shared=point.owner != person.id or any(sharer != person.id for sharer in point.sharers),
        lawful_basis=point.lawful_basis,
        household=point.household,
        device=point.device,
        discloses=discloses,
        jurisdictions=tuple(dict.fromkeys((person.residence, loan.jurisdiction))) if person.residence else (),
        zones=tuple(dict.fromkeys((*person.zones, *point.zones))) if person.zones else (),
        point_zones=point.zones,
        debt_status=loan.host_status,
        milestones=_milestones(dossier, days_past_due=days_past_due, as_of=as_of),
        product=loan.product,
        origination_channel=loan.origination_channel,
        days_past_due=days_past_due,
        flags=person.flagged(as_of),
        holds=tuple(h for h in holds if h.subject.covers(loan_id=loan.id, person_id=person.id, point_id=point.id)),
        consents=(*person.consents, *point.consents),
        inconvenient=person.inconvenient,
        evidence=terms.evidence,
        history=dossier.history,
        at=at,
    )


def _milestones(dossier: Dossier, *, days_past_due: int, as_of: dt.date) -> tuple[Milestone, ...]:
    """Return when the oldest unpaid claim fell due, and the dates that were promised and are still to come."""
    loan_id = dossier.loan.id
    found = [
        Milestone(kind="promise", on=promise.made_on, until=promise.due_on, loan_id=loan_id)
        for promise in dossier.case.promises
        if promise.made_on <= as_of < promise.due_on and promise.result == "open"
    ]
    if days_past_due:
        found.append(Milestone(kind="due", on=as_of - dt.timedelta(days=days_past_due), loan_id=loan_id))
    return tuple(found)


def request_about(
    entry: Entry,
    dossier: Dossier,
    terms: Terms,
    *,
    person: Person,
    party: Party,
    point: ContactPoint,
    days_past_due: int,
    as_of: dt.date,
    at: dt.datetime,
) -> ContactRequest:
    """Put the question of an outbox entry, at *point*: its own, or another number of its row."""
    return request_for(
        dossier,
        terms,
        person=person,
        party=party,
        point=point,
        purpose=entry.purpose,
        channel=entry.channel,
        discloses=entry.discloses,
        days_past_due=days_past_due,
        as_of=as_of,
        at=at,
    )


def judge(request: ContactRequest, dossier: Dossier, terms: Terms) -> Verdict:
    """Answer *request* by the rules, and add what the case and the age of the book say."""
    verdict = may_contact(request, terms.rules, calendars={c.name: c for c in terms.calendars})
    own = tuple(_own_objections(request, dossier, terms))
    if not own:
        return verdict
    objections = tuple(sorted((*verdict.objections, *own), key=lambda o: o.rule))
    return evolve(verdict, objections=objections, next_permitted=None, until_then=())


def _own_objections(request: ContactRequest, dossier: Dossier, terms: Terms) -> list[Objection]:
    result = []
    if not dossier.fresh and request.purpose == "collection":
        result.append(
            Objection(
                rule="dunning:stale_book",
                kind="unknown",
                says=Sentence("The loan book is older than the policy allows, so what is owed is not known."),
                lifted_by=Sentence("the host, by bringing the book up to date"),
            )
        )
    worked_by = dossier.case.worked_by
    if worked_by and worked_by != terms.actor.id and request.purpose in ("collection", "service"):
        result.append(
            Objection(
                rule="dunning:worked_by",
                kind="bar",
                says=Sentence("The case is worked by {actor}, and only that actor may contact.", actor=worked_by),
                lifted_by=Sentence("a recall"),
            )
        )
    return result
