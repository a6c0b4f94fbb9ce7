"""What lifts a rule: consents, as far as they go and no further; and the one answer that a message may have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from attrs import evolve

from dunning.core.contact.caps import Events, known_events, went_as_far_as
from dunning.core.contact.hours import outside_bands
from dunning.core.contact.instants import Instants, passed, second_from, second_of
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import ContactRule
from dunning.core.contact.wall import DAY, Frame, from_wall, local_date, months, wall_midnight
from dunning.core.facts.person import Consent, Hours


def answers(request: ContactRequest) -> bool:
    """
    Whether *request* is the one reply to an inbound message of its history: over the same channel, not answered yet.

    12 CFR 1006, comment 6(b)(1)-2 and 1006.14(h)(2)(ii): once, and through the medium that the person used.
    """
    if request.purpose != "reply" or not request.reply_to:
        return False
    message = _message(request)
    asked = bool(message) and all(
        line.direction == "in"
        and line.channel == request.channel
        and line.person_id == request.person_id
        and passed(line.at) <= passed(request.at)
        for line in message
    )
    return asked and not any(
        line.reply_to == request.reply_to and line.direction == "out" for line in known_events(request.history)
    )


def purposes(request: ContactRequest) -> frozenset[str]:
    """Return the purposes that *request* may have: what is called a reply and answers no message may be collection."""
    called = {request.purpose}
    return frozenset(called | {"collection"} if request.purpose == "reply" and not answers(request) else called)


def since_asked(request: ContactRequest, frame: Frame) -> Instants:
    """Return the instants of *frame* from the message on that *request* answers: before it there is no reply to it."""
    return Instants.of([(second_from(_came(request)), frame.until)], known=frame.known)


def _message(request: ContactRequest) -> list[ContactRecord]:
    """Return what *request* says it answers, as it is known: more than one line where versions disagree."""
    return [line for line in known_events(request.history) if line.id == request.reply_to]


def _came(request: ContactRequest) -> dt.datetime:
    return max((line.at for line in _message(request)), key=passed)


def convenient(request: ContactRequest, frame: Frame) -> Instants:
    """Return when it is not the inconvenient time of any zone, or the message that *request* answers came in that."""
    if not answers(request) or not frame.zones:
        return outside_bands(request.inconvenient, frame)
    found = frame.all
    for zone in frame.zones:
        there = evolve(frame, zones=(zone,))
        found &= outside_bands(request.inconvenient, there).allowing(_answerable(request, there))
    return found


def _answerable(request: ContactRequest, frame: Frame) -> Instants:
    """
    Return the rest of the inconvenient time in which the message came that *request* answers; none if in another time.

    12 CFR 1006, comment 6(b)(1)-2.i: who writes at half past three may be answered until five, and not a week later.
    """
    came = _came(request)
    wide = _since(came, frame)
    first = second_of(came)
    free = outside_bands(request.inconvenient, wide).next_second(first, frame.until)
    return Instants.of([(first, frame.until if free is None else free)], known=frame.known)


def lifting(rule: ContactRule, request: ContactRequest) -> list[Consent]:
    """
    Return the consents that can lift *rule* for this contact, at the instants when they hold.

    Only those given to this actor, by this person, for exactly this rule, and for all that the contact is about. Two
    records of one consent that differ contradict each other, and lift nothing: see `contradicting`.
    """
    if not rule.consent_lifts or not request.consents:
        return []
    contradictory = contradicting(request)
    return [
        consent
        for consent in request.consents
        if consent.lifts == rule.id
        and consent.given_to == request.actor.id
        and consent.given_by in ("", request.person_id)
        and (not rule.consent_forms or consent.form in rule.consent_forms)
        and (not consent.channels or request.channel in consent.channels)
        and (not consent.loan_ids or (request.loan_ids and set(request.loan_ids) <= set(consent.loan_ids)))
        and (not consent.point_ids or request.point_id in consent.point_ids)
        and consent not in contradictory
    ]


def contradicting(request: ContactRequest) -> list[Consent]:
    """Return the consents of which *request* holds two records that differ: same rule, actor, instant and evidence."""
    kept: dict[tuple[object, ...], Consent] = {}
    found: list[Consent] = []
    for consent in request.consents:
        same = kept.setdefault((consent.lifts, consent.given_to, consent.given_at, consent.evidence), consent)
        if same != consent:
            found += [same, consent]
    return found


def in_force(
    rule: ContactRule,
    consents: Iterable[Consent],
    request: ContactRequest,
    events: Events,
    frame: Frame,
    *,
    of_events: bool = False,
) -> Instants:
    """
    Return when one of *consents* holds: from given (inclusive) to expiry or revocation (exclusive).

    It ends earlier where the rule gives it fewer days, and with the contact or conversation that uses it up. The
    answer reaches back to the first of *events*.

    Args:
        of_events: Whether it is asked of the events themselves: the one that uses a consent up is made under it. No
            other contact at its second is.
    """
    if events:
        frame = _since(events[0].at, frame)
    held = frame.none
    for consent in consents:
        ends = [*_ends(consent, request), *_used(rule, consent, request, events, last=of_events)]
        spans = [(second_from(consent.given_at), min(ends, default=frame.until))]
        one = Instants.of(spans, known=frame.known)
        if rule.consent_days is not None:
            one &= _first_days(consent, rule.consent_days, frame)
        if consent.hours:
            one &= _inside(consent.hours, frame)
        held |= one
    return held


def _ends(consent: Consent, request: ContactRequest) -> list[int]:
    revoked = [
        second_of(other.revoked_at)
        for other in (consent, *request.consents)
        if other.revoked_at is not None
        and (other.lifts, other.given_to) == (consent.lifts, consent.given_to)
        and passed(consent.given_at) <= passed(other.revoked_at)
    ]
    return revoked if consent.expires_at is None else [*revoked, second_of(consent.expires_at)]


def _used(rule: ContactRule, consent: Consent, request: ContactRequest, events: Events, *, last: bool) -> list[int]:
    """
    Return the seconds of the contacts that use *consent* up: their ends, where the *last* one is to hold it too.

    A contact over another channel than the rule is about, or about other debts than the consent, leaves it as it is.
    """
    by = {rule.consent_ends_with, consent.ends_with}
    return [
        second_of(event.at) + last
        for event in events
        if event.person_id == request.person_id
        and passed(event.at) > passed(consent.given_at)
        and (not rule.channels or event.channel in rule.channels)
        and not (consent.loan_ids and event.loan_ids and set(consent.loan_ids).isdisjoint(event.loan_ids))
        and (
            ("conversation" in by and went_as_far_as("conversation", event))
            or ("contact" in by and event.direction == "out")
        )
    ]


def _since(instant: dt.datetime, frame: Frame) -> Frame:
    """Return *frame* from the month of *instant* on, if that is earlier."""
    start = min(months(instant, instant)[0], frame.start)
    return frame if start == frame.start else evolve(frame, start=start)


def _inside(bands: tuple[Hours, ...], frame: Frame) -> Instants:
    """Return when the wall shows *bands* in every zone: where the person may be out of them, nothing was given."""
    held = frame.all if frame.zones else frame.none
    for zone in frame.zones:
        held -= outside_bands(bands, evolve(frame, zones=(zone,)))
    return held


def _first_days(consent: Consent, days: int, frame: Frame) -> Instants:
    """Return the first *days* dates from the giving of *consent* on, that date included, in every zone."""
    spans: Sequence[tuple[int, int]]
    held = frame.all
    for zone in frame.zones:
        first = wall_midnight(local_date(consent.given_at, zone))
        spans = from_wall(zone, [(first, first + days * DAY)], frame.start, frame.until)
        held &= Instants.of(spans, known=frame.known)
    return held if frame.zones else frame.none
