"""The files of US public auto-loan asset-level data, read strictly: see `dunning.adapters.books.abs_auto`."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from attrs import field, frozen

from dunning.adapters.codec import scalars
from dunning.core import values
from dunning.errors import FactsError, Problem, StructureError

_LOAN_COLUMNS = (
    "deal",
    "assetNumber",
    "obligorGeographicLocation",
    "reportingPeriodEndingDate",
    "reportingPeriodActualEndBalanceAmount",
    "reportingPeriodScheduledPaymentAmount",
    "nextReportingPeriodPaymentAmountDue",
)
_MONTH_COLUMNS = ("assetNumber", "k", "period_end", "end_balance", "paid_total")


@frozen(kw_only=True)
class Month:
    """
    One month of one loan.

    Args:
        opening: Balance at its start. The month is live if it is above 0.
        closing: Balance at its end; may be a few dollars below 0 after a payoff.
        paid: What was really paid; None where the data is empty, which is not zero.
        recovered: Money after charge-off; None where the data is empty.
    """

    k: int
    end: dt.date = field(validator=values.day)
    opening: Decimal
    closing: Decimal
    paid: Decimal | None = None
    recovered: Decimal | None = None

    @property
    def live(self) -> bool:
        """Whether the loan was owed on at the start of the month."""
        return self.opening > 0


@frozen(kw_only=True)
class History:
    """
    A loan of the data as it stands there, before it becomes a `Loan`.

    Args:
        start: Last day of period 0.
        instalment: The contractual monthly payment.
        due_next: Amount due next period, arrears included.
        attributes: What else the row says, under our names.
    """

    id: str = field(validator=values.text)
    deal: str = field(validator=values.text)
    state: str = field(validator=values.text)
    start: dt.date = field(validator=values.day)
    instalment: Decimal = field(validator=values.money)
    due_next: Decimal = field(validator=values.money)
    months: tuple[Month, ...]
    attributes: tuple[tuple[str, str], ...] = ()
    model_year: str = ""

    @property
    def arrears(self) -> Decimal:
        """What was past due at the end of period 0."""
        return max(values.ZERO, self.due_next - self.instalment)


def read_histories(folder: Path) -> Iterator[History]:
    """
    Yield the loans of *folder* in the file's order.

    Raises:
        StructureError: A file or a column is missing, a value cannot be read, a month belongs to no loan, months have
            a gap, or a loan stands twice. Public data is taken whole or not at all.
    """
    months: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for where, row in _rows(folder, "months", _MONTH_COLUMNS):
        months.setdefault(row["assetNumber"], []).append((where, row))
    seen: set[str] = set()
    for where, row in _rows(folder, "loans", _LOAN_COLUMNS):
        key = row["assetNumber"]
        if key in seen:
            raise _problem(where, "assetNumber", f"loan {key} stands twice.")
        seen.add(key)
        yield _history(where, row, months.pop(key, []))
    for key, rows in months.items():
        raise _problem(
            rows[0][0], "assetNumber", f"these months are of loan {key}, which the loans file does not have."
        )


def _history(where: str, row: dict[str, str], rows: Sequence[tuple[str, dict[str, str]]]) -> History:
    opening = _money(where, row, "reportingPeriodActualEndBalanceAmount") or values.ZERO
    months = []
    for number, (month_where, month) in enumerate(rows, start=1):
        closing = _money(month_where, month, "end_balance") or values.ZERO
        if month["k"] != str(number):
            raise _problem(
                month_where, "k", f"expected month {number} of loan {row['assetNumber']}, got {month['k']!r}."
            )
        months.append(
            Month(
                k=number,
                end=_date(month_where, month, "period_end"),
                opening=opening,
                closing=closing,
                paid=_money(month_where, month, "paid_total"),
                recovered=_money(month_where, month, "recovered"),
            )
        )
        opening = closing
    month_, day, year = (row["reportingPeriodEndingDate"] + "--").split("-")[:3]
    start = _date(where, {"reportingPeriodEndingDate": f"{year}-{month_}-{day}"}, "reportingPeriodEndingDate")
    names = {
        "credit_score": "obligorCreditScore",
        "payment_to_income": "paymentToIncomePercentage",
        "originated": "originationDate",
        "yearly_rate": "originalInterestRatePercentage",
    }
    try:
        return History(
            id=row["assetNumber"],
            deal=row["deal"],
            state=row["obligorGeographicLocation"],
            start=start,
            instalment=_money(where, row, "reportingPeriodScheduledPaymentAmount") or values.ZERO,
            due_next=_money(where, row, "nextReportingPeriodPaymentAmountDue") or values.ZERO,
            months=tuple(months),
            attributes=tuple((name, row[column]) for name, column in names.items() if row.get(column)),
            model_year=row.get("vehicleModelYear", ""),
        )
    except FactsError as error:
        raise _problem(where, error.field, error.message) from error


def _rows(folder: Path, name: str, needed: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    zipped, plain = folder / f"{name}.csv.gz", folder / f"{name}.csv"
    path = zipped if zipped.exists() else plain
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig", newline="")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig", newline="")
        ) as file:
            reader = csv.DictReader(file, strict=True)
            missing = [column for column in needed if column not in (reader.fieldnames or ())]
            if missing:
                raise _problem(path.name, missing[0], "this column is missing.")
            for row in reader:
                where = f"{path.name}, line {reader.line_num}"
                if None in row or None in row.values():
                    raise _problem(where, "", "this line has not as many columns as the header.")
                yield where, row
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise _problem(str(path), "", f"the file cannot be read ({error}).") from error


def _money(where: str, row: dict[str, str], column: str) -> Decimal | None:
    text = row.get(column, "")
    if not text:
        return None
    try:
        return scalars.decimal(text)
    except ValueError as error:
        raise _problem(where, column, str(error)) from error


def _date(where: str, row: dict[str, str], column: str) -> dt.date:
    try:
        return scalars.date(row[column])
    except ValueError as error:
        raise _problem(where, column, str(error)) from error


def _problem(where: str, column: str, what: str) -> StructureError:
    advice = "Use the files as the README of the data describes them."
    return StructureError([Problem(where=where, field=column, what=what, advice=advice)])
