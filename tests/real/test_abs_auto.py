"""
The reader of US asset-level data against the figures that its data set is known by.

Ally Auto Receivables Trust 2019-3 (SEC Form ABS-EE). The data is not part of the repository: put it into
`../shared/data/abs_auto_aart_2019_3`, or name the folder above it in DUNNING_TEST_DATA.
"""

import csv
import datetime as dt
import gzip
import math
import os
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from dunning.adapters.books import roll
from dunning.adapters.books.abs_auto import (
    CONVENTION,
    AbsAutoBook,
    holiday_months,
    no_payment_shares,
    with_payment_holiday,
)
from dunning.adapters.books.example_history import CLOSED, REAL_MOVES
from dunning.adapters.interfaces.loan_book import LoanBook
from dunning.core.overdue.status import overdue_status

DATA = Path(os.environ.get("DUNNING_TEST_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
FOLDER = DATA / "abs_auto_aart_2019_3"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the real data is not in {FOLDER}")

HALF_A_POINT = Decimal("0.5")
TOLERANCE = Decimal("0.02")
PERIOD_0 = dt.date(2019, 8, 31)


@pytest.fixture(scope="module")
def book():
    return AbsAutoBook(FOLDER)


@pytest.fixture(scope="module")
def loans(book):
    return book.loans(book.ids())


def arithmetic(history):
    """The buckets of the live months, straight from balances and payments, without schedules."""
    arrears, found = history.arrears, []
    for month in history.months:
        if month.live:
            arrears += history.instalment - (month.paid or 0)
            behind = math.ceil(arrears / history.instalment - TOLERANCE)
            found.append(roll.BUCKETS[max(0, min(4, behind))])
    return tuple(found)


@pytest.fixture(scope="module")
def simple(book):
    return {history.id: arithmetic(history) for history in book.histories}


@pytest.fixture(scope="module")
def aged(book, loans):
    return {
        history.id: roll.path(
            loans[history.id], [month.end for month in history.months if month.live], convention=CONVENTION
        )
        for history in book.histories
    }


def test_the_book_is_a_loan_book(book):
    assert isinstance(book, LoanBook)
    assert dt.date(2023, 6, 30) == book.current_through
    assert 2895 == len(book.ids())
    assert {} == dict(book.persons(["anybody"]))


def test_loans_and_months(book):
    """Orphan months, duplicate asset numbers and gaps would have been refused."""
    months = [month for history in book.histories for month in history.months]
    assert (2895, 90466) == (len(book.histories), len(months))
    assert (dt.date(2019, 9, 30), dt.date(2023, 6, 30)) == (min(m.end for m in months), max(m.end for m in months))


def test_principal_explains_balances(book, paid_principal):
    """99.73 % of the months: previous balance less principal is the end balance, within two cents."""
    gaps = [
        abs(month.opening - paid_principal[history.id, month.k] - month.closing)
        for history in book.histories
        for month in history.months
    ]
    assert Decimal("31595601.50") == sum(paid_principal.values())
    assert Decimal("99.73") == (Decimal(100 * sum(gap <= Decimal("0.02") for gap in gaps)) / len(gaps)).quantize(
        Decimal("0.01")
    )
    assert 156 == sum(gap > 100 for gap in gaps)


def test_months_with_more_or_less_than_an_instalment(book):
    """Two or more instalments in 6.2 %, a part of one in 2.2 % of the months; counted here to half a point."""
    live = [(m.paid / h.instalment) for h in book.histories for m in h.months if m.live and m.closing > 0]
    two = Decimal(100 * sum(times >= 2 - TOLERANCE for times in live)) / len(live)
    part = Decimal(100 * sum(0 < times < 1 - TOLERANCE for times in live)) / len(live)
    assert abs(two - Decimal("6.2")) <= HALF_A_POINT
    assert abs(part - Decimal("2.2")) <= HALF_A_POINT


@pytest.fixture(scope="module")
def paid_principal():
    """The column that the reader leaves out, because no schedule or payment needs it."""
    with gzip.open(FOLDER / "months.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return {(row["assetNumber"], int(row["k"])): Decimal(row["paid_principal"]) for row in csv.DictReader(file)}


def test_sums(book):
    months = [month for history in book.histories for month in history.months]
    last = [history.months[-1].closing for history in book.histories if history.months]
    assert Decimal("37793514.92") == sum(month.paid or 0 for month in months)
    assert Decimal("288.81") == sum(month.recovered or 0 for month in months)
    assert Decimal("4804472.78") == sum(last)
    assert 1765 == sum(closing <= 0 for closing in last)


def test_money_of_the_loans_is_money_of_the_data(book, loans):
    """Beside the opening payments, the events hold every cent of the months, and nothing else."""
    events = [event for loan in loans.values() for event in loan.events if event.id != "opening"]
    assert Decimal("37793514.92") + Decimal("288.81") == sum(event.amount for event in events)


@pytest.mark.parametrize(
    ("behind", "reported"),
    [
        pytest.param(1, 210, id="1 to 30 days: above one instalment, to two"),
        pytest.param(2, 15, id="31 to 60 days: above two instalments, to three"),
    ],
)
def test_period_0_amounts_due_against_reported_days(book, reported_days, behind, reported):
    """225 of 225: what the servicer reported in days is what was due in instalments, within the tolerance."""
    late = [h for h in book.histories if roll.bucket(reported_days[h.id]) == roll.BUCKETS[behind]]
    fits = [h for h in late if behind - TOLERANCE < h.due_next / h.instalment <= behind + 1 + TOLERANCE]
    assert (reported, reported) == (len(late), len(fits))


def test_period_0_current_loans(book, reported_days):
    current = [h for h in book.histories if reported_days[h.id] == 0]
    fits = sum(h.due_next <= (1 + TOLERANCE) * h.instalment for h in current)
    assert 2670 == len(current)
    assert Decimal("99.89") == (Decimal(100 * fits) / len(current)).quantize(Decimal("0.01"))


def test_period_0_overdue_status_against_reported_days(loans, reported_days):
    """
    Aged on our schedules, 224 of 225 late loans fall into the reported class, and 99.9 % of the current ones.

    23204816 owes exactly one instalment of arrears and is reported 31 days late: it fell due on 31 July, and our
    assumed day 15 makes it 16 days.
    """
    ours = {
        loan.id: roll.bucket(overdue_status(loan, as_of=PERIOD_0, convention=CONVENTION).days_past_due)
        for loan in loans.values()
    }
    late = {key: days for key, days in reported_days.items() if days}
    assert ["23204816"] == [key for key, days in late.items() if roll.bucket(days) != ours[key]]
    assert 225 == len(late)
    assert 2667 == sum(ours[key] == "current" for key, days in reported_days.items() if not days)


@pytest.fixture(scope="module")
def reported_days():
    with gzip.open(FOLDER / "loans.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return {row["assetNumber"]: int(row["currentDelinquencyStatus"]) for row in csv.DictReader(file)}


def test_aging_agrees_with_arithmetic(simple, aged):
    """On each of the 90,381 live loan-months `overdue_status` gives the bucket that plain arithmetic gives."""
    assert 90381 == sum(len(path) for path in aged.values())
    assert [] == [key for key in simple if simple[key] != aged[key]]


@pytest.mark.parametrize(
    ("bucket", "known"),
    [
        pytest.param("current", "71.9", id="current"),
        pytest.param("1-30", "9.7", id="1-30"),
        pytest.param("31-60", "3.9", id="31-60"),
        pytest.param("61-90", "3.8", id="61-90"),
        pytest.param("90+", "10.7", id="90+"),
    ],
)
def test_bucket_shares(aged, bucket, known):
    assert abs(roll.shares(aged.values())[bucket] - Decimal(known)) <= HALF_A_POINT


def test_bucket_shares_of_months_that_end_owing(book, aged):
    """Counted over the months at whose end something is still owed, the shares are the known ones to a tenth."""
    steps = Counter(
        step
        for history in book.histories
        for month, step in zip([m for m in history.months if m.live], aged[history.id], strict=True)
        if month.closing > 0
    )
    known = {"current": "71.9", "1-30": "9.7", "31-60": "3.9", "61-90": "3.8", "90+": "10.7"}
    assert 88615 == steps.total()
    for name, share in known.items():
        assert abs(Decimal(100 * steps[name]) / steps.total() - Decimal(share)) <= Decimal("0.1"), name


@pytest.mark.parametrize(
    ("start", "end", "known"),
    [
        pytest.param("current", "1-30", "3.7", id="current to 1-30"),
        pytest.param("1-30", "31-60", "13.3", id="1-30 to 31-60"),
        pytest.param("1-30", "current", "21.6", id="1-30 cured"),
        pytest.param("31-60", "61-90", "25.5", id="31-60 to 61-90"),
        pytest.param("61-90", "90+", "20.4", id="61-90 to 90+"),
    ],
)
def test_one_month_roll_rates(aged, start, end, known):
    assert abs(roll.roll_rates(aged.values())[start, end] - Decimal(known)) <= HALF_A_POINT


def test_the_example_book_is_calibrated_to_this_book(book, aged):
    """`REAL_MOVES` are this book's own moves, with closings told apart, to two digits."""
    counts: Counter[tuple[str, str]] = Counter()
    for history in book.histories:
        live = [month for month in history.months if month.live]
        for (_, start), (month, end) in pairwise(zip(live, aged[history.id], strict=True)):
            counts[start, CLOSED if month.closing <= 0 else end] += 1
    assert 87520 == counts.total()
    for start, ends in REAL_MOVES.items():
        total = sum(count for (from_, _), count in counts.items() if from_ == start)
        for end in (*roll.BUCKETS, CLOSED):
            assert abs(100 * counts[start, end] / total - ends.get(end, 0)) <= 0.011, (start, end)


def test_months_without_payment(book):
    shares = no_payment_shares(book.histories)
    spring = [shares[dt.date(2020, 4, 30)], shares[dt.date(2020, 5, 31)], shares[dt.date(2020, 6, 30)]]
    assert Decimal("7.0") == median(shares.values()).quantize(Decimal("0.1"))
    assert [Decimal("21.7"), Decimal("22.0"), Decimal("19.7")] == [share.quantize(Decimal("0.1")) for share in spring]


def test_the_spring_of_2020_stands_out(book):
    """Exactly the months of the payment holidays have more than twice the usual share of silent loans."""
    months = holiday_months(no_payment_shares(book.histories))
    assert (dt.date(2020, 4, 30), dt.date(2020, 5, 31), dt.date(2020, 6, 30)) == months


def test_payment_holidays_change_what_we_think_of_a_loan(book, loans):
    """With the silent months of spring 2020 as holidays, fewer loans look 90 days late at the end of that year."""
    months = holiday_months(no_payment_shares(book.histories))
    end = dt.date(2020, 12, 31)
    live = [h.id for h in book.histories if any(m.end == end and m.live for m in h.months)]

    def deep(of):
        return sum(overdue_status(loan, as_of=end, convention=CONVENTION).days_past_due > 90 for loan in of)

    plain = [loans[key] for key in live]
    helped = [with_payment_holiday(loan, months) for loan in plain]
    assert (2265, 315, 60) == (len(live), deep(plain), deep(helped))


def test_a_holiday_of_two_months_moves_two_instalments(loans, book):
    """Of two silent months running, each moves the schedule by one month more."""
    months = (dt.date(2020, 4, 30), dt.date(2020, 5, 31))
    loan = next(
        with_payment_holiday(loan, months)
        for loan in loans.values()
        if sum(e.id.startswith("holiday") for e in with_payment_holiday(loan, months).events) == 2
        and overdue_status(loan, as_of=dt.date(2020, 3, 31), convention=CONVENTION).days_past_due == 0
    )
    status = overdue_status(loan, as_of=dt.date(2020, 5, 31), convention=CONVENTION)
    assert (0, dt.date(2020, 6, 15)) == (status.days_past_due, status.next_due_on)
