"""How late is each loan of a table: the answers of `overdue_status`, column by column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.labels import LabelTable
from dunning.portfolio.overdue.arrow import LOAN, answer_columns, check_table, sources_of
from dunning.portfolio.overdue.convention import whole_convention
from dunning.portfolio.overdue.counting import count


def overdue_table(
    table: Any,
    *,
    as_of: dt.date,
    convention: Convention = OLDEST_UNPAID,
    labels: Sequence[LabelTable] = (),
    currency_digits: int = 2,
    engine: str = "auto",
    threads: int | None = None,
) -> Any:
    """
    Say for each loan of a table how late it is.

    Args:
        table: A `pyarrow.Table` or `RecordBatch`, one row a loan, dates as date32 and money as int64 in minor units:
            `loan`, `due_on`, `due`, what was paid (`money_on` and `money`, or `paid`), and what else is known: see the
            reference of the portfolio.
        as_of: Business date, inclusive.
        convention: `shift` is not applied: state due dates as it moves them.
        labels: Each becomes a column of its own, named as the table of labels, of the labels of `days_past_due`.
        currency_digits: Decimals of the minor unit, in which the convention's amounts are counted: 2 for cents.
        engine: `numba`, `numpy`, or `auto`: numba where it is installed and the book is large. The answers are equal.
        threads: None: as many as there are processors.

    Returns:
        The same kind of thing, row by row: `loan`, `days_past_due`, `delinquent_days`, `oldest_unpaid_due_on`,
        `arrears`, `instalments_missed`, `next_due_on`, `next_due`, `cures`, `credit`, and the labels.

    Raises:
        FactsError: A column that is missing, unknown or of another type, a row that cannot be counted, or a
            convention that columns cannot say; the error names row and column, or the field.
        MissingExtraError: numba is asked for and not installed.
    """
    check_table("table", table)
    whole = whole_convention(convention, as_of=as_of, currency_digits=currency_digits)
    answers = count(sources_of(table, convention, whole), whole, engine=engine, threads=threads)
    columns = {LOAN: table.column(LOAN), **answer_columns(answers, labels)}
    return type(table).from_arrays(list(columns.values()), names=list(columns))
