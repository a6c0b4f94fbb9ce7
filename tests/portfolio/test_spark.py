"""Spark answers at all. On a cluster, with all that is refused: tests/portfolio/spark, which `tox -e spark` runs."""

import datetime as dt
import sys

import pytest

from dunning.errors import MissingExtraError
from dunning.portfolio.spark import overdue_loans, overdue_rows

ASKED = {"as_of": dt.date(2026, 3, 31), "engine": "numpy"}  # to compile would take longer


def test_spark_answers(spark_on):
    """One loan, by rows: brought together, handed to Python, judged there, and handed back."""
    due = [("a", dt.date(2026, 4, 1), 100), ("a", dt.date(2026, 3, 1), 100), ("a", dt.date(2026, 2, 1), 100)]
    came = [("a", dt.date(2026, 3, 2), 130)]
    with spark_on("local[1]") as spark:
        (row,) = overdue_rows(
            spark.createDataFrame(due, "loan string, due_on date, due bigint"),
            spark.createDataFrame(came, "loan string, money_on date, money bigint"),
            **ASKED,
        ).collect()

    assert (row.loan, row.days_past_due, row.oldest_unpaid_due_on, row.arrears, row.next_due) == (
        "a",
        30,
        dt.date(2026, 3, 1),
        70,
        100,
    )


@pytest.mark.parametrize("entry", [overdue_loans, overdue_rows])
def test_without_pyspark_one_is_told_what_to_install(monkeypatch, entry):
    """The extra is named; the module itself can be imported."""
    for module in ("pyspark", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(MissingExtraError, match=r'^pyspark is not installed. Run: pip install "dunning\[spark\]"$'):
        entry(None, **ASKED)
