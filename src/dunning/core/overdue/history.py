"""History: how late a loan was on every day of its past, as stretches, and what is asked about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from attrs import field, frozen

from dunning.core.facts.event import EventKind
from dunning.core.facts.known import known_loan
from dunning.core.facts.loan import Loan
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.labels import LabelTable
from dunning.core.overdue.spells import Spell, spells_of
from dunning.core.overdue.status import OverdueStatus
from dunning.core.overdue.stretches import Stretch, first_day, stretches
from dunning.errors import FactsError

_ONE_DAY = dt.timedelta(days=1)


@frozen(kw_only=True)
class Worst:
    """The most days past due, and the first day on which the loan was that late."""

    days_past_due: int
    on: dt.date


@frozen(kw_only=True)
class History:
    """
    How late a loan was on every day from `since` to `until`, both inclusive, under one convention.

    Each day is judged by what was effective on it: money that came later, or was taken back later, changes no day
    before. Days past due are what the convention counts.

    Args:
        known_at: Only facts recorded at or before this instant count; None counts everything stated.
        stretches: The days, without gap or overlap, cut where anything changes but the running of days.
    """

    loan_id: str
    currency: str
    since: dt.date
    until: dt.date
    convention: Convention
    known_at: dt.datetime | None = None
    stretches: tuple[Stretch, ...] = field(repr=False)

    def stretch_on(self, day: dt.date) -> Stretch:
        """
        Return the stretch that holds *day*.

        Raises:
            FactsError: The history does not hold that day.
        """
        if not self.since <= day <= self.until:
            raise FactsError(
                f"The history of loan {self.loan_id!r} holds the days from {self.since} to {self.until}, and not "
                f"{day}. Ask for a history that does.",
                field="day",
            )
        low, high = 0, len(self.stretches) - 1
        while low < high:
            middle = (low + high) // 2
            if self.stretches[middle].last < day:
                low = middle + 1
            else:
                high = middle
        return self.stretches[low]

    def status_on(self, day: dt.date) -> OverdueStatus:
        """Return what `overdue_status` says as of *day*, in every field; raises as `stretch_on` does."""
        return self.stretch_on(day).on(day)

    def days_past_due_on(self, day: dt.date) -> int:
        """Return the days past due on *day*; raises as `stretch_on` does."""
        return self.stretch_on(day).days_on(day)

    def worst(self) -> Worst | None:
        """Return the most days past due, and the first day with as many; None if the loan never was."""
        worst: Worst | None = None
        for stretch in self.stretches:
            days = stretch.days_on(stretch.last)
            if days > (worst.days_past_due if worst else 0):
                worst = Worst(days_past_due=days, on=stretch.last if stretch.runs else stretch.first)
        return worst

    def first_days(self, table: LabelTable) -> Mapping[str, dt.date]:
        """Return, for each label of *table* that the days past due ever had, the first day on which they had it."""
        found: dict[str, dt.date] = {}
        for row in table.rows:
            for stretch in self.stretches:
                day = stretch.reaches(row.from_days)
                if day is not None and (row.to_days is None or stretch.days_on(day) <= row.to_days):
                    found.setdefault(row.label, day)
                    break
        return found

    def spells(self, *, from_days: int = 1) -> tuple[Spell, ...]:
        """Return the spells on which the loan was at least *from_days* (1 or more) past due, in order."""
        if from_days < 1:
            raise FactsError(f"A spell of lateness is of 1 day at least, not {from_days}.", field="from_days")
        return spells_of(self.stretches, from_days=from_days, drops=self.convention.charge_off == "drop")

    def times(self, days: int) -> int:
        """
        Return how many spells of lateness reached *days* past due, as bureau scores count late payments.

        A spell that reached 90 reached 30 and 60 as well. It counts once, however long it stayed there and however
        often it fell below without becoming current: `times_at_month_ends` counts months instead.
        """
        return sum(spell.worst >= days for spell in self.spells())

    def times_at_month_ends(self, from_days: int, to_days: int | None = None) -> int:
        """
        Return at how many month ends the loan was *from_days* to *to_days* past due (both inclusive; None: open).

        So a Metro 2 payment history profile counts: one code a month, 1 for 30 to 59 days, 2 for 60 to 89, …. A loan
        that stays one payment behind has a code of 1 each month, and was late once.
        """
        return sum(
            from_days <= days and (to_days is None or days <= to_days)
            for days in (self.days_past_due_on(end) for end in self.month_ends())
        )

    def month_ends(self) -> tuple[dt.date, ...]:
        """Return the last days of calendar months in the history."""
        ends = []
        day = self.since.replace(day=1)
        while (after := (day + 31 * _ONE_DAY).replace(day=1)) <= self.until + _ONE_DAY:
            ends.append(after - _ONE_DAY)
            day = after
        return tuple(ends)

    def roll_path(self, table: LabelTable, *, on: Iterable[dt.date] | None = None) -> tuple[tuple[dt.date, str], ...]:
        """Return the label of *table* on each of the days *on*, or on each month end where none are given."""
        days = self.month_ends() if on is None else on
        return tuple((day, table.label(self.days_past_due_on(day))) for day in days)

    def first_delinquency(self, *, on: dt.date | None = None, from_days: int = 1) -> dt.date | None:
        """
        Return the first day of the unbroken series of days at least *from_days* past due that holds *on*.

        None where the loan is not that late on *on* (the last day of the history, if it is not given). Whatever made
        it current ends a series, a re-age too. A write-off does not, though a convention may drop the days from there
        on: the series led to it, as long as something stays past due.

        Source: Metro 2, base segment, field 25, and 15 U.S.C. 1681s-2(a)(5): the delinquency that led to the status
        reported; it begins anew once the account was current. A furnisher that calls an account current up to 29 days
        past due asks with `from_days=30`.

        Raises:
            FactsError: The series reaches back to the first day of the history, so that it may have begun before.
        """
        day = self.until if on is None else on
        status = self.status_on(day)
        spells = self.spells(from_days=from_days)
        found = next((spell for spell in spells if spell.holds(day)), None)
        if found is None and status.written_off_on is not None:
            eve = status.written_off_on - _ONE_DAY
            found = next((s for s in spells if s.ended == "written_off" and s.last == eve), None)
            if found is not None and not self._stays_past_due(status.written_off_on, day):
                found = None
        if found is None:
            return None
        if found.cut:
            raise FactsError(
                f"Loan {self.loan_id!r} was late on {self.since} already, where its history begins, so the first day "
                "of that series is not known. Ask for a history that begins earlier, or leave since out.",
                field="since",
            )
        return found.first

    def _stays_past_due(self, first: dt.date, last: dt.date) -> bool:
        return all(each.status.cures > 0 for each in self.stretches if each.first <= last and first <= each.last)

    @property
    def cures(self) -> tuple[dt.date, ...]:
        """The first days on which the loan was current again because it paid, or because the lender waived."""
        return tuple(spell.last + _ONE_DAY for spell in self.spells() if spell.cured)

    @property
    def re_ages(self) -> tuple[dt.date, ...]:
        """The days on which the loan was re-aged: it is current from then on, and not cured."""
        return tuple(
            stretch.first
            for stretch in self.stretches
            if any(event.kind is EventKind.RE_AGE for event in stretch.events)
        )


def overdue_history(
    loan: Loan,
    *,
    until: dt.date,
    since: dt.date | None = None,
    convention: Convention = OLDEST_UNPAID,
    known_at: dt.datetime | None = None,
) -> History:
    """
    Say how late *loan* was on every day, as *convention* counts.

    Args:
        since, until: The first and the last day, both inclusive. Without *since* the history begins before anything
            fell due.
        known_at: Only facts recorded at or before this instant count; None counts everything stated.

    Raises:
        KnowledgeError: *known_at* is given and some fact does not say when it was recorded.
        FactsError: *until* comes before *since*, or the convention needs a date, or a day of a calendar, that nobody
            stated.
    """
    known = known_loan(loan, known_at)
    start = min(first_day(known, convention) or until, until) if since is None else since
    if until < start:
        raise FactsError(f"A history ends on or after the day it begins ({start}), not on {until}.", field="until")
    found = stretches(known, since=start, until=until, convention=convention, known_at=known_at)
    return History(
        loan_id=loan.id,
        currency=loan.currency,
        since=start,
        until=until,
        convention=convention,
        known_at=known_at,
        stretches=found,
    )
