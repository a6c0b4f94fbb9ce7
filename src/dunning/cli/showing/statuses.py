"""Overdue statuses of many loans."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from attrs import define, evolve, field

from dunning.adapters.codec.convert import unstructure
from dunning.adapters.policy.convention import in_words
from dunning.cli.books import Opened
from dunning.cli.clock import at
from dunning.cli.output import count
from dunning.cli.table import table
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.labels import LabelTable
from dunning.core.overdue.presets import preset
from dunning.core.overdue.status import OverdueStatus, overdue_status
from dunning.errors import FactsError

_EVERY = 100  # loans between two looks at how far it has come


def counting(
    name: str | None,
    default: Convention,
    *,
    tolerance_share: Decimal | None,
    tolerance_amount: Decimal | None,
    grace: int | None,
) -> Convention:
    """
    Return the convention *name*, or *default*, with what is stated beside it changed.

    Raises:
        FactsError: No convention is called so.
    """
    if name is not None:
        default = named(name)
    asked: dict[str, Any] = {"tolerance_share": tolerance_share, "tolerance_amount": tolerance_amount, "grace": grace}
    changed = {name: value for name, value in asked.items() if value is not None and value != getattr(default, name)}
    # What was changed is not what the name means.
    return evolve(default, **changed, name=f"{default.name}, changed") if changed else default


def unsuited(labels: Iterable[LabelTable], *, own: Convention, convention: Convention) -> Iterator[str]:
    """
    Yield a warning for each table of *labels* that is for days which *convention* does not count.

    Args:
        own: The convention of the policy that states them, for whose days are those tables that we do not ship.
    """
    from dunning.adapters.labels.shipped import same_days, shipped_of

    for one in labels:
        shipped = shipped_of(one)
        if not (shipped.suits(convention) if shipped is not None else same_days(own, convention)):
            meant = " or ".join(shipped.conventions) if shipped is not None else f"{own.name}, the policy's own,"
            yield (
                f"The labels {one.name!r} are for days as {meant} counts them, and these are counted by "
                f"{convention.name}. Take that convention, or another table."
            )


def named(name: str) -> Convention:
    """
    Return the convention *name*: a preset, or that of US public auto-loan data.

    Raises:
        FactsError: No convention is called so.
    """
    if name == "abs_auto":
        from dunning.adapters.books.abs_auto import CONVENTION

        return CONVENTION
    return preset(name)


def each(
    opened: Opened,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None,
    convention: Convention,
    show: Callable[[int, int], None] | None,
) -> Iterator[tuple[str, OverdueStatus | str]]:
    """Yield loan id and status of each loan; in place of the status a sentence where there can be none."""
    for done, loan in enumerate(opened.loans(), start=1):
        try:
            yield loan.id, overdue_status(loan, as_of=as_of, known_at=known_at, convention=convention)
        except FactsError as error:
            yield loan.id, str(error)
        if show is not None and done % _EVERY == 0:
            show(done, opened.size)


@define
class Shown:
    """
    What is shown of the statuses that were taken.

    Args:
        late: Leave out what is not past due.
        keep: Keep a row of each for a table; machines read line by line, and nothing needs to be kept for them.
    """

    labels: tuple[LabelTable, ...]
    late: bool
    keep: bool
    loans: int = 0
    late_loans: int = 0
    arrears: dict[str, Decimal] = field(factory=dict)
    by_label: dict[str, Counter[str]] = field(factory=dict)
    rows: list[tuple[str, ...]] = field(factory=list)
    problems: list[str] = field(factory=list)

    def take(self, status: OverdueStatus) -> bool:
        """Count *status*, and return whether it is shown."""
        self.loans += 1
        self.late_loans += status.late
        self.arrears[status.currency] = self.arrears.get(status.currency, Decimal(0)) + status.arrears.total
        for labels in self.labels:
            self.by_label.setdefault(labels.name, Counter())[labels.label(status.days_past_due)] += 1
        if self.late and not status.late:
            return False
        if self.keep:
            self.rows.append(self._row(status))
        return True

    def left_out(self, problem: str) -> None:
        """Note a loan that has no status."""
        self.problems.append(problem)

    def data(self, status: OverdueStatus) -> dict[str, Any]:
        """Return *status* for machines."""
        labels = {labels.name: labels.label(status.days_past_due) for labels in self.labels}
        total = str(status.arrears.total)
        return {**unstructure(status), "arrears_total": total, "late": status.late, "labels": labels}

    def lines(self, *, as_of: dt.date, known_at: dt.datetime | None, convention: Convention) -> Iterator[str]:
        """Yield the table, and what it comes to."""
        if self.rows:
            heads = (
                "loan",
                "days past due",
                "delinquent",
                "oldest due",
                "arrears",
                "in",
                "missed",
                "next due",
                "amount",
            )
            named = tuple(labels.name for labels in self.labels)
            yield from table((*heads, *named), self.rows, right=(1, 2, 4, 6, 8))
            yield ""
        knowledge = f", as known at {at(known_at)}" if known_at is not None else ""
        yield f"{count(self.loans, 'loan')} on {as_of}{knowledge}: {self.late_loans:,} past due."
        for currency, total in sorted(self.arrears.items()):
            yield f"Arrears: {total:,} {currency}."
        for labels in self.labels:
            counts = self.by_label.get(labels.name, Counter())
            said = ", ".join(f"{row.label} {counts[row.label]:,}" for row in labels.rows if counts[row.label])
            yield f"Label {labels.name}: {said}." if said else f"Label {labels.name}: no loan."
        yield f"Counted by {in_words(convention)}"

    def _row(self, status: OverdueStatus) -> tuple[str, ...]:
        return (
            status.loan_id,
            str(status.days_past_due),
            str(status.delinquent_days),
            str(status.oldest_unpaid_due_on or ""),
            f"{status.arrears.total:,}",
            status.currency,
            str(status.instalments_missed),
            str(status.next_due_on or ""),
            f"{status.next_due:,}" if status.next_due_on else "",
            *(labels.label(status.days_past_due) for labels in self.labels),
        )
