"""A whole book beside the days past due that another system gives: how much differs, and why."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from attrs import define, evolve, field, frozen

from dunning.adapters.host_days import HostDays
from dunning.core.facts.loan import Loan
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.readings import READINGS, readings_of
from dunning.core.overdue.status import overdue_status
from dunning.errors import FactsError

SAME, UNEXPLAINED = "same", "unexplained"


@frozen(kw_only=True)
class Beside:
    """
    One loan on one day: their days past due, and ours.

    Args:
        fits: The readings that give exactly their number, in the order of `READINGS`; none where it is ours.
        reason: `same`, one of those, or `unexplained`: see `reasoned`.
        arrears: Ours.
    """

    loan_id: str
    as_of: dt.date
    theirs: int
    ours: int
    fits: tuple[str, ...]
    reason: str
    arrears: Decimal
    currency: str
    oldest_unpaid_due_on: dt.date | None

    @property
    def difference(self) -> int:
        """How many days they have more."""
        return self.theirs - self.ours

    @property
    def also(self) -> tuple[str, ...]:
        """The readings beside the reason that give their number."""
        return tuple(name for name in self.fits if name != self.reason)


@define(kw_only=True)
class Group:
    """Loans with one reason. `example` is the one with the largest difference; of several, the first in the file."""

    reason: str
    title: str
    loans: int = 0
    fewest: int = 0
    most: int = 0
    arrears: dict[str, Decimal] = field(factory=dict)
    example: Beside | None = None

    def take(self, row: Beside) -> None:
        """Count *row*."""
        self.fewest = row.difference if not self.loans else min(self.fewest, row.difference)
        self.most = row.difference if not self.loans else max(self.most, row.difference)
        self.loans += 1
        self.arrears[row.currency] = self.arrears.get(row.currency, Decimal(0)) + row.arrears
        if self.example is None or abs(row.difference) > abs(self.example.difference):
            self.example = row


def beside(
    lines: Sequence[HostDays], loans: Iterable[Loan], *, convention: Convention
) -> Iterator[tuple[HostDays, Beside | str]]:
    """
    Yield each of *lines* with what it comes to; in place of that a sentence where it can come to nothing.

    What differs is unexplained until `reasoned` has seen all of it.

    A book's loans are looked at one after the other, and each line that names one is yielded then; lines that name
    none of them come last.
    """
    named: dict[str, list[HostDays]] = {}
    for line in lines:
        if line.why:
            yield line, line.why
        else:
            named.setdefault(line.loan_id, []).append(line)
    for loan in loans:
        for line in named.pop(loan.id, ()):
            yield line, _row(line, loan, convention)
    for unknown in named.values():
        for line in unknown:
            yield line, f"loan_id: the book has no loan {line.loan_id!r}. Check the id, or add the loan to the book."


def reasoned(rows: Sequence[Beside]) -> list[Beside]:
    """
    Return *rows* with the reason of each: of the readings that fit, the one that explains most of the book.

    A number may come about in several ways, and one loan does not tell which; a convention shows in many. So the
    reading that fits most rows takes all that it fits, then the one that fits most of what is left, and so on; of two
    that fit as many, the earlier one in `READINGS`.
    """
    left = {place: row.fits for place, row in enumerate(rows) if row.fits}
    order = {name: place for place, name in enumerate(READINGS)}
    chosen: dict[int, str] = {}
    while left:
        counts = Counter(name for fits in left.values() for name in fits)
        most = min(counts, key=lambda name: (-counts[name], order[name]))
        taken = [place for place, fits in left.items() if most in fits]
        for place in taken:
            chosen[place] = most
            del left[place]
    return [evolve(row, reason=chosen.get(place, row.reason)) for place, row in enumerate(rows)]


def groups(rows: Iterable[Beside]) -> list[Group]:
    """Return *rows* by reason: the same first, then reasons by how many loans they explain, the unexplained last."""
    found: dict[str, Group] = {}
    for row in rows:
        if row.reason not in found:
            found[row.reason] = Group(reason=row.reason, title=title_of(row.reason))
        found[row.reason].take(row)
    place = {reason: number for number, reason in enumerate((SAME, *READINGS, UNEXPLAINED))}
    last = {SAME: 0, UNEXPLAINED: 2}
    return sorted(found.values(), key=lambda group: (last.get(group.reason, 1), -group.loans, place[group.reason]))


def title_of(reason: str) -> str:
    """Return what *reason* means, for people."""
    if reason in READINGS:
        return READINGS[reason].title
    return "the same number" if reason == SAME else "no known reading gives their number"


def _row(line: HostDays, loan: Loan, convention: Convention) -> Beside | str:
    try:
        status = overdue_status(loan, as_of=line.as_of, convention=convention)
        fits: tuple[str, ...] = ()
        if status.days_past_due != line.days:
            fits = readings_of(loan, line.days, as_of=line.as_of, convention=convention)
    except FactsError as error:
        return f"loan_id: {error}"
    return Beside(
        loan_id=loan.id,
        as_of=line.as_of,
        theirs=line.days,
        ours=status.days_past_due,
        fits=fits,
        reason=SAME if status.days_past_due == line.days else UNEXPLAINED,
        arrears=status.arrears.total,
        currency=status.currency,
        oldest_unpaid_due_on=status.oldest_unpaid_due_on,
    )
