"""Buckets and one-month roll rates."""

import datetime as dt
from decimal import Decimal

import pytest

from dunning.adapters.books import roll
from dunning.core.facts.event import Event
from dunning.core.facts.loan import Instalment, Loan
from dunning.core.overdue.convention import OLDEST_UNPAID


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        pytest.param(0, "current", id="not late"),
        pytest.param(1, "1-30", id="first day"),
        pytest.param(30, "1-30", id="last day of 1-30"),
        pytest.param(31, "31-60", id="first day of 31-60"),
        pytest.param(60, "31-60", id="last day of 31-60"),
        pytest.param(61, "61-90", id="first day of 61-90"),
        pytest.param(90, "61-90", id="last day of 61-90"),
        pytest.param(91, "90+", id="beyond 90"),
    ],
)
def test_bucket(days, bucket):
    assert bucket == roll.bucket(days)


def test_roll_rates():
    """Of four starts in current two roll, so 50 %; a path of one month moves nowhere."""
    paths = [("current", "current", "1-30", "31-60"), ("current", "1-30", "current", "current"), ("90+",)]
    rates = roll.roll_rates(paths)
    assert (Decimal(50), Decimal(50)) == (rates["current", "current"], rates["current", "1-30"])
    assert (Decimal(50), Decimal(50)) == (rates["1-30", "current"], rates["1-30", "31-60"])
    assert ("90+", "90+") not in rates


def test_shares():
    shares = roll.shares([("current", "current", "1-30"), ("90+",)])
    assert {"current": 50, "1-30": 25, "31-60": 0, "61-90": 0, "90+": 25} == shares
    assert {} == roll.shares([])


ENDS = (dt.date(2026, 1, 31), dt.date(2026, 2, 28), dt.date(2026, 3, 31), dt.date(2026, 4, 30))


@pytest.mark.parametrize(
    ("event", "owed", "path"),
    [
        pytest.param(None, ENDS[1:], ("1-30", "31-60", "61-90"), id="never paid"),
        pytest.param(
            Event(id="p", kind="payment", effective_on=dt.date(2026, 3, 1), amount=Decimal(200)),
            ENDS[1:3],
            ("1-30", "current"),
            id="paid off: the month itself still counts",
        ),
        pytest.param(
            Event(id="w", kind="write_off", effective_on=dt.date(2026, 3, 1)),
            ENDS[1:3],
            ("1-30", "31-60"),
            id="written off",
        ),
    ],
)
def test_months_in_which_a_loan_runs(event, owed, path):
    """From the month of the first instalment to the month in which it ends."""
    loan = Loan(
        id="L-1",
        creditor="lender",
        currency="USD",
        jurisdiction="US-MA",
        business_zone="America/New_York",
        instalments=(
            Instalment(number=1, due_on=dt.date(2026, 2, 10), principal=Decimal(100)),
            Instalment(number=2, due_on=dt.date(2026, 3, 10), principal=Decimal(100)),
        ),
        events=(event,) if event else (),
    )
    assert owed == roll.owed_in(loan, ENDS)
    assert path == roll.path(loan, owed, convention=OLDEST_UNPAID)
