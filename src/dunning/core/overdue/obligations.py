"""What fell due: instalments after extensions, deferrals and shifts, charges and accruals, each a sum of one day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise

from attrs import define, field

from dunning.core.facts.event import COMPONENTS, Event, EventKind
from dunning.core.facts.loan import Amounts, Instalment, Loan
from dunning.core.overdue.convention import Convention, check_convention
from dunning.core.overdue.dates import add_months, business_day, later
from dunning.core.overdue.money import ZERO, charged_back, net
from dunning.errors import FactsError

_ONE_DAY = dt.timedelta(days=1)


@define(kw_only=True)
class Obligation:
    """
    A sum that falls due on a day. Mutable, and never leaves this package.

    `number` is None for what is no instalment: then `id` is the event's. Such a sum never ages a loan (days past due
    counts instalments; fees that are part of an instalment count with it), unless it `ages`: a payment charged back
    that is an obligation of its own. `ages_from` is the date that lateness counts from, `past_from` the last day on
    which the sum is not past due: a re-age moves both, `due_on` stays. `from_on` is the day from which money may meet
    it: None for instalments, which may be paid ahead. `paced_on` is the due date before extensions and deferrals, which
    do not change for how many days an instalment pays.
    """

    number: int | None
    id: str = ""
    due_on: dt.date
    ages_from: dt.date
    past_from: dt.date
    paced_on: dt.date
    amount: Decimal
    ages: bool = True
    grace: int | None = None
    from_on: dt.date | None = None
    open: dict[str, Decimal] = field(factory=dict)

    @property
    def unpaid(self) -> Decimal:
        """What is still missing."""
        still = self.open  # added by hand: `sum` takes thrice as long, and every obligation is asked
        return still["principal"] + still["interest"] + still["fees"] + still["penalties"]

    def amounts(self) -> Amounts:
        """What is still missing, by component."""
        return Amounts(**self.open)

    def pay(self, money: Decimal, components: Iterable[str]) -> Decimal:
        """Meet *components* in order with *money*; return what is left of it."""
        still = self.open
        for name in components:
            missing = still[name]
            met = missing if missing < money else money  # noqa: FURB136 - `min` takes twice as long
            still[name] = missing - met
            money -= met
        return money

    def age_from(self, day: dt.date) -> None:
        """Count lateness from *day* on: a re-age."""
        self.ages_from = self.past_from = day


def obligations(loan: Loan, events: Sequence[Event], *, convention: Convention, on: dt.date) -> list[Obligation]:
    """
    Return the obligations of a known *loan* under *events* effective by *on*: instalments by due date, then the rest.

    Raises:
        FactsError: The convention asks for a date that an instalment does not state, or for an unknown business day.
    """
    check_convention(convention)
    moved = _moved(loan, events)
    result = [_instalment(each, moved.get(each.number, each.due_on), convention, loan, on) for each in loan.instalments]
    result.sort(key=lambda o: (o.past_from, o.number or 0))
    kinds = {event.kind for event in events}
    if EventKind.CHARGE in kinds:
        result.extend(
            _other(event, event.effective_on, net(event, events), component=event.component)
            for event in _of(events, EventKind.CHARGE)
        )
    if EventKind.CHARGEBACK in kinds and convention.chargebacks == "own_date":
        for event, amount in charged_back(events):
            if amount > 0:
                component = event.component or "principal"
                result.append(_other(event, event.effective_on, amount, component=component, ages=True))
    if EventKind.ACCRUAL in kinds:
        cuts = {event.effective_on for event in events}
        if (
            convention.allocation.ahead == "held"
        ):  # money waits, and the day before what falls due it meets what accrued
            cuts |= {o.past_from for o in result}
            cuts |= {later(day, -1) for day in cuts}
        for event in _of(events, EventKind.ACCRUAL):
            result.extend(_accrued(event, sorted(cuts), on))
    return result


def due_day_of(loan: Loan, convention: Convention) -> int:
    """
    Return the latest day of a month from which an instalment of a known *loan* ages, as its schedule is stated.

    What moves single dates, such as a weekend or a deferral, does not change for which day the last of a month stands.

    Raises:
        FactsError: As `obligations`.
    """
    return max(((_own_date(each, convention, loan) or each.due_on).day for each in loan.instalments), default=0)


def _of(events: Sequence[Event], kind: EventKind) -> list[Event]:
    return sorted((e for e in events if e.kind is kind), key=lambda e: (e.effective_on, e.id))


def _moved(loan: Loan, events: Sequence[Event]) -> dict[int, dt.date]:
    """The due dates that were moved: by extensions first, which move all that follows, then by deferrals."""
    extensions = [event for event in events if event.kind is EventKind.EXTENSION]
    deferrals = _of(events, EventKind.DEFERRAL)
    if not extensions and not deferrals:
        return {}
    dues, due_day = {}, max((each.due_on.day for each in loan.instalments), default=0)
    for each in loan.instalments:
        months = sum(e.months or 0 for e in extensions if each.number >= (e.instalment or 0))
        dues[each.number] = add_months(each.due_on, months, due_day=due_day) if months else each.due_on
    for event in deferrals:
        if event.instalment not in dues:
            raise FactsError(
                f"Event {event.id!r} of loan {loan.id!r} defers instalment {event.instalment}, which the loan does "
                "not have.",
                field="instalment",
            )
        dues[event.instalment] = event.until or add_months(max(dues.values()), 1, due_day=due_day)
    return dues


def _instalment(each: Instalment, due_on: dt.date, convention: Convention, loan: Loan, on: dt.date) -> Obligation:
    paced_on = each.due_on
    if convention.shift != "none":
        paced_on = _shifted(paced_on, convention, on)
        due_on = paced_on if due_on == each.due_on else _shifted(due_on, convention, on)
    ages_from = _own_date(each, convention, loan) or due_on
    parts = {
        "principal": each.principal,
        "interest": each.interest,
        "fees": each.fees,
        "penalties": each.penalties,
    }
    return Obligation(
        number=each.number,
        due_on=due_on,
        ages_from=ages_from,
        past_from=due_on if ages_from is due_on else max(ages_from, due_on),
        paced_on=paced_on,
        amount=each.amount,
        grace=each.grace,
        open=parts,
    )


def _own_date(each: Instalment, convention: Convention, loan: Loan) -> dt.date | None:
    """Return the date of its own that *each* ages from, which nothing moves; None where that is its due date."""
    if convention.ages_from == "due_on":
        return None
    if convention.ages_from == "stated":
        return each.ages_from
    if each.invoiced_on is None:
        raise FactsError(
            f"Instalment {each.number} of loan {loan.id!r} does not say when it was invoiced, and the convention "
            f"{convention.name!r} counts from there. State invoiced_on.",
            field="invoiced_on",
        )
    return each.invoiced_on


def _shifted(due_on: dt.date, convention: Convention, on: dt.date) -> dt.date:
    if convention.workdays is None:
        raise FactsError(
            f"The convention {convention.name!r} moves due dates to business days of the calendar "
            f"{convention.calendar!r}, which is not given.",
            field="calendar",
        )
    try:
        return business_day(due_on, shift=convention.shift, calendar=convention.workdays)
    except FactsError:
        # Years that have not been announced yet move no lateness of today.
        if due_on > on:
            return due_on
        raise


def _other(event: Event, due_on: dt.date, amount: Decimal, *, component: str, ages: bool = False) -> Obligation:
    return Obligation(
        number=None,
        id=event.id,
        due_on=due_on,
        ages_from=due_on,
        past_from=due_on,
        paced_on=due_on,
        amount=amount,
        ages=ages,
        from_on=due_on,
        open={name: amount if name == component else ZERO for name in COMPONENTS},
    )


def _accrued(event: Event, cuts: Sequence[dt.date], on: dt.date) -> list[Obligation]:
    """
    What accrued before *on*, in parts that end on *cuts*, when anything happened: it meets what there was by then.

    The amount of a day falls due on that day, and nothing meets it before the next: so what accrued until yesterday is
    past due.
    """
    end = min(event.until or on, on)
    edges = [event.effective_on, *(day for day in cuts if event.effective_on < day < end), end]
    daily = event.amount or ZERO
    parts = []
    for first, last in pairwise(edges):
        if first < last:
            part = _other(event, last - _ONE_DAY, daily * (last - first).days, component=event.component)
            part.from_on = last
            parts.append(part)
    return parts
