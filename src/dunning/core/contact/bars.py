"""Bars, holds, preconditions and consents: what stops a contact whatever the hour, and what lifts a rule."""

from __future__ import annotations

from collections.abc import Iterable

from dunning.core.contact.instants import Instants, second_from, second_of
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import BarRule, ContactRule, PreconditionRule
from dunning.core.contact.wall import Frame
from dunning.core.facts.person import Consent
from dunning.core.hold import Hold


def outside_bar(rule: BarRule, request: ContactRequest, frame: Frame) -> Instants:
    """
    Return when *rule* does not stop the contact, over *frame*.

    A hold counts by its reason, its subject and its dates, whatever purposes and channels it names itself: what the law
    stops, the law says.
    """
    if rule.on == "hold":
        named = [hold for hold in request.holds if hold.reason in rule.names and concerns(hold, request)]
        return outside_holds(named, frame)
    stopped = {
        "flag": not request.flags.isdisjoint(rule.names),
        "workplace": request.workplace,
        "third_party": not request.may_know,
        "shared": request.shared and request.discloses == "debt",
        "no_basis": not request.lawful_basis,
    }[rule.on]
    return frame.none if stopped else frame.all


def met(rule: PreconditionRule, request: ContactRequest, frame: Frame) -> Instants:
    """Return *frame* if everything that *rule* needs is on file, else no instant."""
    return frame.none if missing(rule, request) else frame.all


def missing(rule: PreconditionRule, request: ContactRequest) -> tuple[str, ...]:
    """Return what *rule* needs and the request's evidence does not hold."""
    return tuple(name for name in rule.needs if name not in request.evidence)


def outside_holds(holds: Iterable[Hold], frame: Frame) -> Instants:
    """
    Return when none of *holds* is in force.

    A hold is dated by business dates and a contact happens at an instant, so the date is the one that the wall shows in
    the person's zones; it stops the contact where it is in force on the date of *any* plausible zone.
    """
    dates = [(hold.starts_on, hold.until) for hold in holds if hold.until is None or hold.starts_on < hold.until]
    return frame.all - frame.on_dates(dates) if dates else frame.all


def concerns(hold: Hold, request: ContactRequest) -> bool:
    """Whether *hold* protects what *request* touches. A loan or point that is not stated might be the protected one."""
    subject = hold.subject
    return any(
        subject.covers(loan_id=loan_id, person_id=request.person_id, point_id=request.point_id or subject.point_id)
        for loan_id in request.loan_ids or (subject.loan_id,)
    )


def stopping(request: ContactRequest) -> list[Hold]:
    """Return the request's holds that stop its purpose and channel on the dates on which they are in force."""
    return [
        hold
        for hold in request.holds
        if (not hold.purposes or request.purpose in hold.purposes)
        and (not hold.channels or request.channel in hold.channels)
        and concerns(hold, request)
    ]


def lifting(rule: ContactRule, request: ContactRequest) -> list[Consent]:
    """Return the consents given to this actor for exactly *rule*; none where consent cannot lift it at all."""
    if not rule.consent_lifts or not request.consents:
        return []
    return [
        consent for consent in request.consents if consent.lifts == rule.id and consent.given_to == request.actor.id
    ]


def in_force(consents: Iterable[Consent], frame: Frame) -> Instants:
    """Return when one of *consents* holds: from given (inclusive) to expiry or revocation (exclusive)."""
    spans = []
    for consent in consents:
        ends = [second_of(end) for end in (consent.expires_at, consent.revoked_at) if end is not None]
        spans.append((second_from(consent.given_at), min(ends, default=frame.until)))
    return Instants.of(spans, known=frame.known)
