"""From long tables, in any order, to columns: one row a loan."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
from attrs import frozen

from dunning.core.overdue.convention import OLDEST_UNPAID, Convention, check_convention
from dunning.core.values import as_of_day, minor_digits
from dunning.portfolio.overdue import schedule, telling
from dunning.portfolio.overdue.cells import wholes
from dunning.portfolio.overdue.columns import NEVER
from dunning.portfolio.overdue.convention import LIMIT, check_digits
from dunning.portfolio.overdue.faults import Faults
from dunning.portfolio.overdue.grouping import group, listed
from dunning.portfolio.overdue.schedule import Schedule
from dunning.portfolio.overdue.sheets import LOAN_ID, Sheet, read_sheet
from dunning.portfolio.overdue.telling import Told

_MOST_ITEMS = 2**31 - 1  # of a list with narrow offsets
_LARGEST_FACTOR = 4_000_000  # days of a calendar, and millionths: by what a kernel multiplies amounts at most


@frozen
class Loaded:
    """
    A book as columns, and what is not in them.

    Args:
        columns: An Arrow table for `overdue_table`, one row a loan, ascending by id.
        left_out: A row for each fault found: `loan_id`, `table`, `row` (from 0), `column`, `problem`, `irregular`. A
            loan with one of them is not in `columns`. Where `irregular`, columns cannot say what it states, and
            `overdue_status` can; otherwise the row cannot be true: correct it.
    """

    columns: Any
    left_out: Any


def load_columns(
    instalments: Any,
    events: Any = None,
    loans: Any = None,
    *,
    currency_digits: int = 2,
    convention: Convention | None = None,
    as_of: dt.date | None = None,
) -> Loaded:
    """
    Return a book in long tables as columns, sorted and checked.

    Each table is an Arrow table, batch or reader, a frame that speaks Arrow, or the path of Parquet. Rows may come in
    any order. Columns are those of the CSV form; `due` may stand for the sum of an instalment's components. Dates are
    dates; money is decimal, in the currency, or whole, in its minor unit. Events without a column `kind` are payments.

    Args:
        events: None: nothing happened.
        loans: None: the loans are those that have instalments, and their grace is the convention's.
        currency_digits: Decimals of the minor unit: 2 for cents.
        convention: By which the columns will be counted: it says by which dates instalments age, to which business days
            they move, and which waivers can be told as money. None: by due dates as they are stated, under any; then
            loans with waivers are left out, as irregular.
        as_of: Due dates after it stay where the calendar does not know them yet; without it, such a loan is left out.

    Raises:
        FactsError: A column is missing, unknown or of another type; names table and column. What is wrong with rows
            is in `left_out`.
    """
    sheets = {"instalments": instalments, "events": events, "loans": loans}
    read = {name: read_sheet(source, name) for name, source in sheets.items() if source is not None}
    return load_sheets(read, currency_digits=currency_digits, convention=convention, as_of=as_of)


def load_sheets(
    sheets: dict[str, Sheet],
    *,
    currency_digits: int,
    convention: Convention | None,
    as_of: dt.date | None,
    engine: str = "auto",
) -> Loaded:
    """Return long tables that have been read as columns: see `load_columns`; by the *engine* numpy, uncompiled."""
    dated = OLDEST_UNPAID if convention is None else convention
    check_convention(dated)
    check_digits(currency_digits)
    if as_of is not None:
        as_of_day("as_of", as_of)
    ids = group(list(sheets.values()))
    faults = Faults(np.zeros(len(ids), bool), np.zeros(len(ids), bool))
    sheets = {name: _with_a_loan(sheet, faults) for name, sheet in sheets.items()}
    known, grace = _known(sheets, faults, len(ids), currency_digits)
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(
            schedule.read, sheets["instalments"], faults, digits=currency_digits, convention=dated, as_of=as_of
        )
        told = telling.read(sheets.get("events"), faults, coming.result, digits=currency_digits, convention=convention)
        owed = coming.result()
        _refuse_large(owed, told, faults, sheets, dated)
        kept = known & ~faults.bad & ~faults.irregular
        instalments = beside.submit(_instalments, owed, kept, engine)
        happened = _happened(told, kept, engine)
    columns = {"loan": ids if kept.all() else ids.filter(pa.array(kept)), **instalments.result(), **happened}
    if (grace[kept] >= 0).any():
        columns["grace"] = pa.array(grace[kept], pa.int32(), mask=grace[kept] < 0)
    return Loaded(pa.table(columns), faults.table(ids))


def _with_a_loan(sheet: Sheet, faults: Faults) -> Sheet:
    if len(sheet.loans) == 0 or sheet.loans.min() >= 0:
        return sheet
    there = sheet.codes >= 0
    faults.reject(sheet, ~there, LOAN_ID, "loan_id is empty. State it.")
    return sheet.having(there)


def _known(sheets: dict[str, Sheet], faults: Faults, size: int, digits: int) -> tuple[Any, Any]:
    """Return which loans there are, by code, and the grace of each; reject rows of others."""
    known, grace = np.zeros(size, bool), np.full(size, -1, np.int64)
    stating = sheets.get("loans", sheets["instalments"])
    known[stating.loans] = True
    for name, sheet in sheets.items():
        if name != stating.name and not known.all():
            unknown = f"No row of {stating.name} has this loan_id. Correct it or state the loan."
            faults.reject(sheet, ~known[sheet.codes], LOAN_ID, unknown)
    if "loans" in sheets:
        sheet = sheets["loans"]
        times = np.bincount(sheet.codes, minlength=size)
        faults.reject(sheet, times[sheet.codes] > 1, LOAN_ID, "The loan is stated twice. Leave one row out.")
        if sheet.has("currency"):
            _refuse_currencies(sheet, faults, digits)
        if sheet.has("grace"):
            grace[sheet.codes] = wholes(sheet, "grace", faults, empty=-1)
    return known, grace


def _refuse_currencies(sheet: Sheet, faults: Faults, digits: int) -> None:
    column = sheet.text("currency")
    for currency in column.unique().to_pylist():
        if currency and minor_digits(currency) != digits:
            faults.set_aside(
                sheet,
                pa.compute.equal(column, currency).fill_null(fill_value=False).to_numpy(),
                "currency",
                f"{currency} has {minor_digits(currency)} decimals, and the others have {digits}. Count it on its own.",
            )


def _refuse_large(owed: Schedule, told: Told, faults: Faults, sheets: dict[str, Sheet], convention: Convention) -> None:
    """Set loans aside whose amounts, summed and multiplied by shares or days, may leave 64 bits."""
    multiplied = convention.tolerance_share or convention.materiality or convention.count == "amount_equivalent"
    limit = LIMIT // (_LARGEST_FACTOR if multiplied else 1) // 2
    sheet = sheets["instalments"]
    loans = len(faults.bad)
    every = [
        (of, amounts, there)
        for of, amounts, there in (
            (sheet, owed.due, None),
            (sheet, owed.principal, None),
            (told.money.of, told.money.amounts, told.money.there),
            (told.charges.of, told.charges.amounts, None),
        )
        if amounts is not None and len(amounts)
    ]
    # Most books need no sum for each loan: the largest amount, as often as there are any, is within the limit.
    if sum(max(int(amounts.max()), -int(amounts.min())) * len(amounts) for _, amounts, _ in every) <= limit:
        return
    total = np.zeros(loans)
    for of, amounts, there in every:
        codes = of.codes if isinstance(of, Sheet) else of
        total += np.bincount(codes, np.abs(amounts) if there is None else there * np.abs(amounts), minlength=loans)
    large = np.flatnonzero(total > limit)
    if len(large):
        first = np.unique(sheet.codes, return_index=True)
        faults.set_aside(
            sheet, first[1][np.isin(first[0], large)], "due", "The amounts of the loan are too large to be summed."
        )


def _instalments(owed: Schedule, kept: Any, engine: str) -> dict[str, Any]:
    more = {"principal": owed.principal, "ages_from": owed.ages_from}
    stated = {name: values for name, values in more.items() if values is not None}
    at, (due_on, _, due, *others) = listed(
        owed.sheet, None, kept, owed.due_on, owed.numbers, owed.due, *stated.values(), engine=engine
    )
    columns = {"due_on": _dates(at, due_on), "due": _lists(at, due)}
    for name, values in zip(stated, others, strict=True):
        columns[name] = _dates(at, values) if name == "ages_from" else _lists(at, values)
    return columns


def _happened(told: Told, kept: Any, engine: str) -> dict[str, Any]:
    columns = {}
    money, charges, pauses = told.money, told.charges, told.pauses
    at, (on, amounts, until) = listed(money.of, money.there, kept, money.on, money.amounts, money.until, engine=engine)
    columns["money_on"], columns["money"] = _dates(at, on), _lists(at, amounts)
    if (until != NEVER).any():
        columns["money_until"] = _dates(at, until)
    if len(charges.on):
        at, (on, amounts) = listed(charges.of, None, kept, charges.on, charges.amounts)
        columns["charged_on"], columns["charged"] = _dates(at, on), _lists(at, amounts)
    if len(pauses.on):
        at, (on, until) = listed(pauses.of, None, kept, pauses.on, pauses.until)
        columns["paused_on"], columns["paused_until"] = _dates(at, on), _dates(at, until)
    if (told.written_off_on[kept] != NEVER).any():
        columns["written_off_on"] = _days(told.written_off_on[kept])
    return columns


def _days(days: Any) -> Any:
    never = days == NEVER
    array = pa.array(days.astype(np.int32, copy=False), mask=never if never.any() else None)
    return array.view(pa.date32())


def _dates(at: Any, days: Any) -> Any:
    return _listed(at, _days(days))


def _lists(at: Any, numbers: Any) -> Any:
    return _listed(at, pa.array(numbers))


def _listed(at: Any, values: Any) -> Any:
    if at[-1] > _MOST_ITEMS:
        return pa.LargeListArray.from_arrays(pa.array(at), values)
    return pa.ListArray.from_arrays(pa.array(at.astype(np.int32)), values)
