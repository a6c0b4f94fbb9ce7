"""Bars, holds and preconditions: what stops a contact whatever the hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from dunning.core.calendar import Calendar, Calendars
from dunning.core.contact.consent import purposes
from dunning.core.contact.effects import BarRule, PreconditionRule
from dunning.core.contact.instants import LAST, UNKNOWN, Instants, second_of
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.wall import Frame
from dunning.core.hold import Hold


def outside_bar(rule: BarRule, request: ContactRequest, frame: Frame) -> Instants:
    """
    Return when *rule* does not stop the contact, over *frame*.

    A hold counts by its reason, its subject and its dates, whatever purposes and channels it names itself: what the law
    stops, the law says.
    """
    if rule.on == "hold":
        named = [
            hold
            for hold in request.holds
            if hold.reason in rule.names
            and concerns(hold, request)
            and not (rule.same_channels and hold.channels and request.channel not in hold.channels)
        ]
        return outside_holds(named, frame)
    stopped = {
        "flag": not request.flags.isdisjoint(rule.names),
        "workplace": request.workplace,
        "third_party": not request.may_know,
        "shared": request.shared and request.discloses == "debt",
        "no_basis": not request.lawful_basis,
        "always": True,
    }[rule.on]
    return frame.none if stopped else frame.all


def met(rule: PreconditionRule, request: ContactRequest, calendars: Calendars, frame: Frame) -> Instants:
    """
    Return when everything that *rule* needs is on file, over *frame*.

    A notice must have been given about every loan, and its days have passed in every zone of the rule's basis. Of
    several notices about one loan the earliest counts. Without the calendar that business days need nothing is known.
    """
    if missing(rule, request):
        return frame.none
    if not rule.notice:
        return frame.all
    zones = frame.zones_for(rule.zone)
    calendar = calendars.get(rule.calendar) if rule.calendar else None
    if not zones or (rule.calendar and calendar is None):
        return UNKNOWN
    starts = []
    for loan_id in request.loan_ids or ("",):
        first = _notice_date(rule, request, loan_id)
        found = None if first is None else _days_after(first, rule.days_before, calendar)
        if found is None:
            return UNKNOWN
        starts.append(found)
    return ~frame.on_dates([(None, max(starts))], rule.zone)


def _notice_date(rule: PreconditionRule, request: ContactRequest, loan_id: str) -> dt.date | None:
    dates = [m.on for m in request.milestones if m.kind == rule.notice and m.loan_id in ("", loan_id)]
    return min(dates, default=None)


def _days_after(day: dt.date, count: int, calendar: Calendar | None) -> dt.date | None:
    """Return the date *count* days after *day*, business days where there is a *calendar*; None is unknown."""
    return day + dt.timedelta(days=count) if calendar is None else calendar.business_days_after(day, count)


def missing(rule: PreconditionRule, request: ContactRequest) -> tuple[str, ...]:
    """Return what *rule* needs and the request does not have."""
    unproven = tuple(name for name in rule.needs if name not in request.evidence)
    if rule.notice and any(_notice_date(rule, request, loan_id) is None for loan_id in request.loan_ids or ("",)):
        return (*unproven, rule.notice)
    return unproven


def outside_holds(holds: Iterable[Hold], frame: Frame) -> Instants:
    """
    Return when none of *holds* is in force.

    A hold is dated by business dates and a contact happens at an instant, so the date is the one that the wall shows in
    the person's zones; it stops the contact where it is in force on the date of *any* plausible zone.
    """
    stopped = frame.none
    for hold in holds:
        # Received is received, also where the person's wall still shows the day before `starts_on`.
        held = frame.on_dates([(hold.starts_on if hold.effective_at is None else None, hold.until)])
        if hold.effective_at is not None:
            held &= Instants.of([(second_of(hold.effective_at), LAST)])
        stopped |= held
    return frame.all if stopped == frame.none else frame.all - stopped


def concerns(hold: Hold, request: ContactRequest) -> bool:
    """Whether *hold* protects what *request* touches. A loan or point that is not stated might be the protected one."""
    subject = hold.subject
    return any(
        subject.covers(loan_id=loan_id, person_id=request.person_id, point_id=request.point_id or subject.point_id)
        for loan_id in request.loan_ids or (subject.loan_id,)
    )


def stopping(request: ContactRequest) -> list[Hold]:
    """Return the request's holds that stop its purpose and channel on the dates on which they are in force."""
    meant = purposes(request)
    return [
        hold
        for hold in request.holds
        if (not hold.purposes or not meant.isdisjoint(hold.purposes))
        and (not hold.channels or request.channel in hold.channels)
        and concerns(hold, request)
    ]
