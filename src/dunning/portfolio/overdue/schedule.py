"""The instalments of a long table as numbers, row by row."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from attrs import frozen

from dunning.core.overdue.convention import Convention
from dunning.core.overdue.dates import business_day
from dunning.errors import FactsError
from dunning.portfolio.overdue.cells import days, money, wholes
from dunning.portfolio.overdue.faults import Faults
from dunning.portfolio.overdue.grouping import ordered, put, rising
from dunning.portfolio.overdue.sheets import MONEY, Sheet

_EPOCH = dt.date(1970, 1, 1).toordinal()


@frozen
class Schedule:
    """
    Instalments, in the order of the rows.

    Args:
        numbers: Of instalments due on one day the lower comes first.
        ages_from: None where lateness counts from `due_on`.
        principal: None where the table does not say what is principal.
    """

    sheet: Sheet
    numbers: Any
    due_on: Any
    ages_from: Any
    due: Any
    principal: Any


def read(sheet: Sheet, faults: Faults, *, digits: int, convention: Convention, as_of: dt.date | None) -> Schedule:
    """Return the instalments of *sheet*; what is wrong with them goes to *faults*."""
    names = sheet.table.column_names
    due_on = days(sheet, "due_on", faults)
    if convention.shift != "none":
        due_on = _shifted(sheet, due_on, faults, convention, as_of)
    ages_from = _ages_from(sheet, due_on, faults, convention)
    principal = money(sheet, "principal", faults, digits=digits) if "principal" in names else None
    if "due" in names:
        due = money(sheet, "due", faults, digits=digits, required=True)
    else:
        parts = [money(sheet, name, faults, digits=digits) for name in MONEY[1:] if name in names]
        due = sum(parts[1:], parts[0]) if principal is None else sum(parts, principal)
    numbers = np.broadcast_to(np.int64(0), len(sheet))
    if "number" in names:
        numbers = wholes(sheet, "number", faults)
        _refuse_twice(sheet, numbers, faults)
    if sheet.has("grace"):
        wholes(sheet, "grace", faults, empty=0)
        faults.set_aside(sheet, ~sheet.nulls("grace"), "grace", "An instalment states its own grace.")
    owed = Schedule(sheet=sheet, numbers=numbers, due_on=due_on, ages_from=ages_from, due=due, principal=principal)
    if ages_from is not None:
        _set_aside_crossing(owed, faults)
    return owed


def _ages_from(sheet: Sheet, due_on: Any, faults: Faults, convention: Convention) -> Any:
    if convention.ages_from == "stated":
        stated = days(sheet, "ages_from", faults, empty=0)
        return np.where(sheet.nulls("ages_from"), due_on, stated)
    return days(sheet, "invoiced_on", faults) if convention.ages_from == "invoiced_on" else None


def _refuse_twice(sheet: Sheet, numbers: Any, faults: Faults) -> None:
    if _numbered_in_order(sheet, numbers):
        return
    order = ordered(sheet.codes, numbers)
    codes, in_order = sheet.codes[order], numbers[order]
    again = (codes[1:] == codes[:-1]) & (in_order[1:] == in_order[:-1])
    if again.any():
        twice = np.zeros(len(order), bool)
        twice[1:] |= again
        twice[:-1] |= again
        twice &= ~sheet.nulls("number")[order]
        faults.reject(
            sheet, order[twice], "number", "The loan has an instalment of this number twice. Leave one row out."
        )


def _numbered_in_order(sheet: Sheet, numbers: Any) -> bool:
    if not rising(sheet):
        return False
    rises = numbers[1:] > numbers[:-1]
    rises[np.cumsum(sheet.lengths[:-1]) - 1] = True  # where another loan begins
    return bool(rises.all())


def _set_aside_crossing(owed: Schedule, faults: Faults) -> None:
    """Set loans aside whose instalments do not age in the order in which they fall due."""
    sheet = owed.sheet
    codes, due_on, numbers, past_from, rows = (
        sheet.codes,
        owed.due_on,
        owed.numbers,
        np.maximum(owed.due_on, owed.ages_from),
        np.arange(len(sheet)),
    )
    order = ordered(codes, due_on, numbers)
    codes, due_on, numbers, past_from, rows = put(order, codes, due_on, numbers, past_from, rows)
    together = past_from[1:] == past_from[:-1]
    crossing = (past_from[1:] < past_from[:-1]) | (together & (numbers[1:] < numbers[:-1]))
    crossing &= codes[1:] == codes[:-1]
    faults.set_aside(
        sheet, rows[1:][crossing], "ages_from", "Its instalments do not age in the order in which they fall due."
    )


def _shifted(sheet: Sheet, due_on: Any, faults: Faults, convention: Convention, as_of: dt.date | None) -> Any:
    if convention.workdays is None:
        raise FactsError(
            f"The convention {convention.name!r} moves due dates to business days of the calendar "
            f"{convention.calendar!r}, which is not given.",
            field="calendar",
        )
    found, places = np.unique(due_on, return_inverse=True)
    moved, unknown = found.copy(), np.zeros(len(found), bool)
    for place, each in enumerate(found.tolist()):
        day = dt.date.fromordinal(each + _EPOCH)
        try:
            to = business_day(day, shift=convention.shift, calendar=convention.workdays)
            moved[place] = to.toordinal() - _EPOCH
        except FactsError:  # years that have not been announced yet move no lateness of today
            unknown[place] = as_of is None or day <= as_of
    faults.set_aside(
        sheet,
        unknown[places],
        "due_on",
        f"The calendar {convention.calendar!r} does not know whether this is a business day. State its days.",
    )
    return moved[places]
