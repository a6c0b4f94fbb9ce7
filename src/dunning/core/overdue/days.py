"""The days of one loan under many conventions: settled once for all of them under which money meets alike."""

from __future__ import annotations

import datetime as dt

from attrs import define, evolve, field

from dunning.core.facts.event import Event, EventKind
from dunning.core.facts.known import known_loan
from dunning.core.facts.loan import Loan
from dunning.core.overdue import money
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.counting import count
from dunning.core.overdue.dates import later
from dunning.core.overdue.lateness import Lateness
from dunning.core.overdue.obligations import due_day_of, obligations
from dunning.core.overdue.settling import Settled, settle, settled_by
from dunning.core.overdue.status import how_late


@define
class Days:
    """
    What was asked of a loan, and of changed ones beside it, and what came of it: `overdue_status` without the money.

    It keeps every loan that it was asked of.
    """

    _known: dict[tuple[int, dt.datetime | None], tuple[Loan, Loan]] = field(init=False, factory=dict)
    _effective: dict[tuple[int, dt.date], list[Event]] = field(init=False, factory=dict)
    _dates: dict[object, tuple[frozenset[dt.date], int]] = field(init=False, factory=dict)
    _late: dict[tuple[int, dt.date, Convention], Lateness] = field(init=False, factory=dict)
    _settled: dict[tuple[int, dt.date, object], Settled] = field(init=False, factory=dict)

    def on(
        self, loan: Loan, as_of: dt.date, *, convention: Convention, known_at: dt.datetime | None = None
    ) -> Lateness:
        """
        Return how late *loan* is on *as_of*: see `overdue_status`.

        Raises:
            KnowledgeError: As `overdue_status`.
            FactsError: As `overdue_status`.
        """
        known = self._known_of(loan, known_at)
        by = (id(known), as_of, convention)
        if by not in self._late:
            events, settled = self._events(known, as_of), self.settled(known, as_of, convention)
            _, self._late[by] = how_late(known, events, settled, on=as_of, convention=convention)
        return self._late[by]

    def may_be(
        self, days: int, loan: Loan, as_of: dt.date, *, convention: Convention, known_at: dt.datetime | None = None
    ) -> bool:
        """
        Return whether *loan* may be *days* past due: whether some instalment ages from a date that gives that number.

        Which money met what need not be known for that. Where days have another anchor it is not said, and they may.
        """
        known = self._known_of(loan, known_at)
        events = self._events(known, as_of)
        if (
            not days
            or convention.materiality is not None
            or convention.count in ("amount_equivalent", "recency")
            or any(event.kind in (EventKind.RE_AGE, EventKind.WRITE_OFF) for event in events)
        ):
            return True
        ages_from, due_day = self._dates_of(known, events, as_of, convention)
        if convention.in_months:
            return any(days == count(day, as_of, convention=convention, due_day=due_day) for day in ages_from)
        return later(as_of, convention.first_day - days) in ages_from

    def _dates_of(
        self, known: Loan, events: list[Event], on: dt.date, convention: Convention
    ) -> tuple[frozenset[dt.date], int]:
        """Return the dates from which something ages, and for which day the last one of a month may stand."""
        by = (id(known), on, convention.ages_from, convention.shift, convention.workdays, convention.chargebacks)
        if by not in self._dates:
            owed = [o for o in obligations(known, events, convention=convention, on=on) if o.ages]
            self._dates[by] = frozenset(o.ages_from for o in owed), due_day_of(known, convention)
        return self._dates[by]

    def settled(self, known: Loan, on: dt.date, convention: Convention) -> Settled:
        """Return a *known* loan settled on *on*, which nobody may change."""
        by = (id(known), on, settled_by(convention))
        if by not in self._settled:
            self._known_of(known, None)  # keeps the loan, so that no other one gets its id
            self._settled[by] = settle(known, self._events(known, on), on=on, convention=convention)
        found = self._settled[by]
        return found if found.convention is convention else evolve(found, convention=convention)

    def _known_of(self, loan: Loan, known_at: dt.datetime | None) -> Loan:
        by = (id(loan), known_at)
        if by not in self._known:  # with the loan, so that no other one gets its id
            self._known[by] = loan, known_loan(loan, known_at)
        return self._known[by][1]

    def _events(self, known: Loan, on: dt.date) -> list[Event]:
        by = (id(known), on)
        if by not in self._effective:
            self._effective[by] = money.effective(known.events, on)
        return self._effective[by]
