"""How late a book in Parquet is, from the command line."""

import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

D = dt.date


@pytest.fixture
def book(tmp_path):
    """Return a folder of three loans: paid, 45 days behind on 15 April 2026, and one that was re-aged."""
    loans = ["behind", "paid", "re-aged"]
    pq.write_table(
        pa.table(
            {
                "loan_id": [loan for loan in loans for _ in range(3)],
                "number": [1, 2, 3] * 3,
                "due_on": [D(2026, 3, 1), D(2026, 4, 1), D(2026, 5, 1)] * 3,
                "principal": [Decimal("1000.00")] * 9,
            }
        ),
        tmp_path / "instalments.parquet",
    )
    pq.write_table(
        pa.table(
            {
                "loan_id": ["paid", "re-aged"],
                "event_id": ["1", "1"],
                "kind": ["payment", "re_age"],
                "effective_on": [D(2026, 3, 1), D(2026, 4, 10)],
                "amount": pa.array([Decimal("2000.50"), None]),
            }
        ),
        tmp_path / "events.parquet",
    )
    return tmp_path


def test_sums_are_printed_and_what_was_left_out_is_named(dunning, book):
    before = sorted(book.iterdir())
    result = dunning("overdue", book, "--as-of", "2026-04-15", exit_code=1)

    assert "2 loans on 2026-04-15: 1 past due.\nArrears: 2,000.00. Credit: 0.00.\n" in result.stdout
    assert "Not counted: the loans of 1 fault, which follow.\n" in result.stdout
    assert (
        "Left out: events, row 1 from 0, kind (loan re-aged): Columns cannot say accruals and changes of the terms."
        in result.stderr
    )
    assert before == sorted(book.iterdir())


def test_answers_are_written(dunning, book):
    out = book / "late.parquet"
    found = json.loads(
        dunning("overdue", book, "--as-of", "2026-04-15", "--grace", "5", "--out", out, "--json", exit_code=1).stdout
    )

    assert {
        "as_of": "2026-04-15",
        "convention": "oldest_unpaid, changed",
        "loans": 2,
        "late": 1,
        "arrears": "2000.00",
        "credit": "0.00",
        "labels": {},
        "left_out": 1,
        "out": str(out),
        "left_out_in": str(book / "late.left-out.parquet"),
    } == found
    answers = pq.read_table(out)
    assert [("behind", 45, 40), ("paid", 0, 0)] == list(
        zip(*(answers[name].to_pylist() for name in ("loan", "days_past_due", "delinquent_days")), strict=True)
    )
    assert ["re-aged"] == pq.read_table(book / "late.left-out.parquet")["loan_id"].to_pylist()


def test_labels_of_a_policy_are_counted(dunning, book, whole):
    result = dunning("overdue", book, "--as-of", "2026-04-15", "--policy", whole / "policy.toml", exit_code=1)

    assert "Label cn_m: M0 1, M2 1." in result.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        pytest.param(["--late"], 2, "--late cannot be asked of a book in Parquet", id="late"),
        pytest.param(["--known-at", "2026-04-15T00:00:00Z"], 2, "--known-at cannot be asked", id="known at"),
        pytest.param(["--out", "late.csv"], 6, "must end in .parquet or .arrow", id="a form that is not written"),
    ],
)
def test_what_cannot_be_asked_is_refused(dunning, book, words, code, message):
    assert message in dunning("overdue", book, "--as-of", "2026-04-15", *words, exit_code=code).stderr


def test_other_books_print_each_loan(dunning, whole):
    result = dunning("overdue", whole / "book", "--as-of", "2026-03-18", "--out", "late.parquet", exit_code=2)

    assert "--out is for a book in Parquet" in result.stderr
