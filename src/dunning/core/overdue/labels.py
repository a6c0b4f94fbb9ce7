"""Labels derive from days through dated tables, never through code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

from attrs import field, frozen

from dunning.core import values
from dunning.errors import FactsError


@frozen(kw_only=True)
class LabelRow:
    """`label` for days from `from_days` to `to_days`, both inclusive; None is open."""

    label: str = field(validator=values.text)
    from_days: int = field(validator=values.at_least(0))
    to_days: int | None = field(default=None, validator=values.maybe(values.at_least(0)))


@frozen(kw_only=True)
class LabelTable:
    """
    One edition of a table of labels, with its source.

    Args:
        in_force_from, in_force_to: Inclusive start, exclusive end; None is open.
        rows: From 0 days upwards without gap or overlap, the last one open; anything else is refused at birth.
    """

    name: str = field(validator=values.text)
    source: str = field(validator=values.text)
    rows: tuple[LabelRow, ...] = field(validator=values.tuple_of(LabelRow))
    in_force_from: dt.date | None = field(default=None, validator=values.maybe(values.day))
    in_force_to: dt.date | None = field(default=None, validator=values.maybe(values.day))

    def __attrs_post_init__(self) -> None:
        if self.in_force_to is not None and self.in_force_to <= (self.in_force_from or dt.date.min):
            raise FactsError(
                f"Table {self.name!r} ends on {self.in_force_to} (exclusive), which must come after its first day, "
                f"{self.in_force_from}.",
                field="in_force_to",
            )
        expected: int | None = 0
        for row in self.rows:
            if expected is None:
                raise FactsError(f"Table {self.name!r}: {row.label!r} comes after an open row.", field="rows")
            if row.from_days != expected:
                what = "a gap" if row.from_days > expected else "an overlap"
                raise FactsError(
                    f"Table {self.name!r} has {what} before {row.label!r}: it starts at {row.from_days} days, and "
                    f"{expected} was expected.",
                    field="rows",
                )
            if row.to_days is not None and row.to_days < row.from_days:
                raise FactsError(f"Table {self.name!r}: {row.label!r} ends before it starts.", field="rows")
            expected = None if row.to_days is None else row.to_days + 1
        if not self.rows or expected is not None:
            raise FactsError(f"Table {self.name!r} has no open last row, so some days have no label.", field="rows")

    def label(self, days: int) -> str:
        """Return the label for *days* (0 or more)."""
        for row in self.rows:
            if row.from_days <= days and (row.to_days is None or days <= row.to_days):
                return row.label
        raise FactsError(f"Table {self.name!r} has no label for {days} days.", field="days")


def by_time(tables: Iterable[LabelTable]) -> list[LabelTable]:
    """Return editions of one table in the order in which they begin, one without a first day before all others."""
    return sorted(tables, key=lambda table: table.in_force_from or dt.date.min)


def seam(before: LabelTable, after: LabelTable) -> Literal["", "overlap", "gap"]:
    """
    Say how an edition follows the one *before* it, in the order of `by_time`.

    An overlap is a day on which both hold, a gap a day between them on which neither does; "" is a clean change.
    """
    if before.in_force_to is None or after.in_force_from is None or after.in_force_from < before.in_force_to:
        return "overlap"
    return "gap" if before.in_force_to < after.in_force_from else ""


def edition(tables: Iterable[LabelTable], name: str, *, on: dt.date) -> LabelTable:
    """
    Return the edition of table *name* in force on *on*.

    Raises:
        FactsError: None is in force on that day, or several are.
    """
    held = [
        table
        for table in tables
        if table.name == name
        and (table.in_force_from is None or table.in_force_from <= on)
        and (table.in_force_to is None or on < table.in_force_to)
    ]
    if len(held) != 1:
        raise FactsError(f"{len(held) or 'No'} edition(s) of table {name!r} are in force on {on}; there must be one.")
    return held[0]
