"""Why another system gives other days for a loan: the known ways of reading it otherwise, each tried exactly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from dunning.core.calendar import Calendar
from dunning.core.facts.event import MEETS, UNDOES, Event, EventKind
from dunning.core.facts.known import known_loan
from dunning.core.facts.loan import Loan
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.days import Days
from dunning.core.overdue.materiality import pours
from dunning.core.overdue.money import ZERO
from dunning.core.overdue.presets import PRESETS
from dunning.errors import FactsError

_ONE_DAY = dt.timedelta(days=1)
_WEEKENDS = Calendar(
    name="weekends", known_from=dt.date.min, known_until=dt.date.max, source="Saturday and Sunday, no holidays"
)
_MONEY = (*MEETS, *UNDOES, EventKind.REFUND, EventKind.WAIVER)
# Shares that lenders tolerate: US auto-loan pools, rounding of instalments, the 90 % rule.
_SHARES = (Decimal("0.02"), Decimal("0.05"), Decimal("0.10"))


@frozen(kw_only=True)
class _Asked:
    """A loan as the host states it and as it is known, the day, our convention, and what was counted so far."""

    stated: Loan
    loan: Loan
    as_of: dt.date
    convention: Convention
    counted: Days = field(factory=Days)


@frozen
class _Case:
    """
    What one reading takes otherwise.

    Args:
        changes: To our convention.
        delinquent: Whether it gives what we call delinquent days.
    """

    loan: Loan
    changes: Mapping[str, Any] = {}
    as_of: dt.date | None = None
    known_at: dt.datetime | None = None
    convention: Convention | None = None
    delinquent: bool = False

    def gives(self, days: int, asked: _Asked) -> bool:
        """Return whether it gives *days*; not where it asks for what the loan does not state."""
        loan, as_of, known_at, counted = self.loan, self.as_of or asked.as_of, self.known_at, asked.counted
        try:
            convention = _changed(self.convention or asked.convention, tuple(self.changes.items()))
            if not self.delinquent and not counted.may_be(days, loan, as_of, convention=convention, known_at=known_at):
                return False
            late = counted.on(loan, as_of, convention=convention, known_at=known_at)
        except FactsError:
            return False
        return days == (late.delinquent_days if self.delinquent else late.days_past_due)


@lru_cache(maxsize=256)
def _changed(convention: Convention, changes: tuple[tuple[str, Any], ...]) -> Convention:
    """Return *convention* with *changes*: most are the same for every loan of a book."""
    return evolve(convention, **dict(changes)) if changes else convention


_Cases = Callable[[_Asked], Iterator[_Case]]


@frozen(kw_only=True)
class Reading:
    """
    A way of counting that another system may have.

    Args:
        name: For machines.
        title: For people: what that system does.
        cases: Yields what it takes otherwise; nothing where the loan has nothing that it could.
    """

    name: str
    title: str
    cases: _Cases


def readings_of(loan: Loan, days: int, *, as_of: dt.date, convention: Convention) -> tuple[str, ...]:
    """
    Return the names of the readings that give exactly *days* for *loan* on *as_of*, in the order of `READINGS`.

    *convention* is the one that does not give them.
    """
    asked = _Asked(stated=loan, loan=known_loan(loan, None), as_of=as_of, convention=convention)
    return tuple(
        reading.name for reading in READINGS.values() if any(case.gives(days, asked) for case in reading.cases(asked))
    )


def _other(name: str, *others: object, of: EventKind | None = None) -> _Cases:
    """Read a part of the convention as each of *others* that it is not; *of*: only where there are such events."""

    def cases(asked: _Asked) -> Iterator[_Case]:
        if of is not None and not any(event.kind is of for event in asked.loan.events):
            return
        for other in others:
            if getattr(asked.convention, name) != other:
                yield _Case(asked.loan, {name: other})

    return cases


def _ages_from(asked: _Asked) -> Iterator[_Case]:
    ours = asked.convention.ages_from
    others = ["invoiced_on", "stated", "due_on"]
    if ours != "invoiced_on" and all(each.ages_from is None for each in asked.loan.instalments):
        others = others[:1]  # where no date is stated it is the due date
    for other in others:
        if other != ours:
            yield _Case(asked.loan, {"ages_from": other})


def _ignoring(*kinds: EventKind) -> _Cases:
    """Read the loan without events of *kinds*, and without what is of them."""

    def cases(asked: _Asked) -> Iterator[_Case]:
        if any(event.kind in kinds for event in asked.loan.events):
            yield _Case(_dropped(asked.loan, lambda event: event.kind in kinds))

    return cases


def _dropped(loan: Loan, drops: Callable[[Event], bool]) -> Loan:
    gone = {event.id for event in loan.events if drops(event)}
    if not gone:
        return loan
    while more := {event.id for event in loan.events if event.of in gone} - gone:
        gone |= more
    return evolve(loan, events=tuple(event for event in loan.events if event.id not in gone))


def _ungraced(loan: Loan) -> Loan:
    if loan.grace is None and all(each.grace is None for each in loan.instalments):
        return loan
    return evolve(loan, grace=None, instalments=tuple(evolve(each, grace=None) for each in loan.instalments))


def _grace(asked: _Asked) -> Iterator[_Case]:
    yield _Case(_dropped(asked.loan, lambda event: event.kind is EventKind.PAUSE), delinquent=True)


def _pauses(asked: _Asked) -> Iterator[_Case]:
    yield _Case(_ungraced(asked.loan), {"grace": 0}, delinquent=True)


def _grace_and_pauses(asked: _Asked) -> Iterator[_Case]:
    yield _Case(asked.loan, delinquent=True)


def _every_pause(asked: _Asked) -> Iterator[_Case]:
    if any(event.kind is EventKind.PAUSE for event in asked.loan.events):
        yield _Case(_ungraced(asked.loan), {"grace": 0, "pauses": "every_day"}, delinquent=True)
        yield _Case(asked.loan, {"pauses": "every_day"}, delinquent=True)


def _tolerance(asked: _Asked) -> Iterator[_Case]:
    """Yield no tolerance, each that forgives what is missing of an instalment paid in part, and usual shares."""
    none = {"tolerance_amount": ZERO, "tolerance_share": ZERO, "tolerance_arrears": ZERO}
    if any(getattr(asked.convention, name) for name in none):
        yield _Case(asked.loan, none)
    settled = asked.counted.settled(asked.loan, asked.as_of, asked.convention)
    parts = {o.unpaid for o in settled.behind(asked.as_of) if ZERO < o.unpaid < o.amount}
    for missing in sorted(parts):
        yield _Case(asked.loan, none | {"tolerance_amount": missing})
    for share in _SHARES if parts else ():
        yield _Case(asked.loan, none | {"tolerance_share": share})


def _business_days(asked: _Asked) -> Iterator[_Case]:
    if asked.convention.shift != "none":
        yield _Case(asked.loan, {"shift": "none", "calendar": "", "workdays": None})
    workdays = asked.convention.workdays or _WEEKENDS
    for shift in ("following", "preceding", "modified_following"):
        if shift != asked.convention.shift:
            yield _Case(asked.loan, {"shift": shift, "calendar": workdays.name, "workdays": workdays})


def _paid_state_of_today(asked: _Asked) -> Iterator[_Case]:
    """Take money that came after the day as if it had come on it."""

    def came_after(event: Event) -> bool:
        return event.effective_on > asked.as_of and event.kind in _MONEY

    if any(map(came_after, asked.loan.events)):
        events = tuple(
            evolve(event, effective_on=asked.as_of) if came_after(event) else event for event in asked.loan.events
        )
        yield _Case(evolve(asked.loan, events=events))


def _not_known_yet(asked: _Asked) -> Iterator[_Case]:
    """Take what was recorded by the end of the day, in the loan's zone."""
    end = dt.datetime.combine(asked.as_of + _ONE_DAY, dt.time(), ZoneInfo(asked.loan.business_zone))
    yield _Case(asked.stated, known_at=end.astimezone(dt.UTC) - dt.timedelta(microseconds=1))


def _money_of_the_day(asked: _Asked) -> Iterator[_Case]:
    def of_the_day(event: Event) -> bool:
        return event.effective_on == asked.as_of and event.kind in _MONEY

    if any(of_the_day(event) for event in asked.loan.events):
        yield _Case(_dropped(asked.loan, of_the_day))


def _in_turn(asked: _Asked) -> Iterator[_Case]:
    allocation = asked.convention.allocation
    orders = [allocation.order, evolve(allocation.order, by="component")]
    if allocation.order.by == "instalment" and allocation.ahead == "next" and pours(asked.loan, asked.convention):
        del orders[0]  # whether it comes at once or in turn, it meets one after the other
    for order in orders:
        yield _Case(asked.loan, {"allocation": evolve(allocation, order=order, money="in_turn")})


def _counted_as(convention: Convention) -> _Cases:
    """Read it under *convention*, and under ours with its way of counting: theirs may tolerate as much as we do."""

    def cases(asked: _Asked) -> Iterator[_Case]:
        yield _Case(asked.loan, convention=convention)
        counts = convention.count != "days" or convention == OLDEST_UNPAID  # the others are about something else
        if counts and convention.count != asked.convention.count:
            yield _Case(asked.loan, {"count": convention.count})

    return cases


def _the_day_before(asked: _Asked) -> Iterator[_Case]:
    yield _Case(asked.loan, as_of=asked.as_of - _ONE_DAY)


_AS_PRESETS = tuple(
    (name, f"counted as {name}", _counted_as(preset.convention))
    for name, preset in PRESETS.items()
    if name != "every_paused_day"  # which stands before
)
_UNDONE = "reversals, chargebacks and returned debits are ignored"
_CHARGED_BACK = "a chargeback opens at its own date instead of the old one, or the other way round"
_KNOWN: tuple[tuple[str, str, _Cases], ...] = (
    ("first_day", "the due date is day 1 instead of day 0, or the other way round", _other("first_day", 0, 1)),
    ("grace", "days of grace are subtracted", _grace),
    ("pauses", "paused days after the due date are subtracted", _pauses),
    ("grace_and_pauses", "days of grace and paused days after the due date are subtracted", _grace_and_pauses),
    ("every_paused_day", "every paused day is subtracted, before the due date and twice as well", _every_pause),
    ("ages_from", "ages from the invoice or another date", _ages_from),
    ("tolerance", "an instalment of which a part is missing counts as met, or no longer", _tolerance),
    ("business_days", "due dates move to business days, or do not", _business_days),
    ("paid_state_of_today", "money that came after the day is taken as paid on it", _paid_state_of_today),
    ("not_known_yet", "what was recorded after the day was not known on it", _not_known_yet),
    ("money_of_the_day", "money of the day itself does not count yet", _money_of_the_day),
    ("undone_money", _UNDONE, _ignoring(*UNDOES)),
    ("chargebacks", _CHARGED_BACK, _other("chargebacks", "reopen", "own_date", of=EventKind.CHARGEBACK)),
    (
        "charge_off",
        "after a charge-off days go on, freeze or are 0",
        _other("charge_off", "continue", "freeze", "drop", of=EventKind.WRITE_OFF),
    ),
    ("waivers", "waivers are ignored", _ignoring(EventKind.WAIVER)),
    ("re_ages", "re-ages are ignored", _ignoring(EventKind.RE_AGE)),
    ("moved_due_dates", "extensions and deferrals are ignored", _ignoring(EventKind.EXTENSION, EventKind.DEFERRAL)),
    ("in_turn", "each payment stays where it went when it came", _in_turn),
    *_AS_PRESETS,
    ("the_day_before", "the number is that of the day before", _the_day_before),
)
READINGS: Mapping[str, Reading] = {name: Reading(name=name, title=title, cases=cases) for name, title, cases in _KNOWN}
