"""The shipped policy over the real book, from its first month to its last."""

import datetime as dt
import importlib.util
import os
from collections import Counter
from pathlib import Path

import pytest

from dunning.adapters.books import roll
from dunning.adapters.books.abs_auto import CONVENTION, AbsAutoBook, with_payment_holiday
from dunning.core.overdue.status import overdue_status

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("DUNNING_TEST_DATA", ROOT.parent / "shared" / "data"))
FOLDER = DATA / "abs_auto_aart_2019_3"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the real data is not in {FOLDER}")

# At the end of a month a missed instalment is 13 to 16 days late (due on the 15th), so it has passed the 11 days of
# the soft tier; the next ones follow 28 to 31 days apart.
TIER_OF = {"current": "current", "1-30": "soft", "31-60": "firm", "61-90": "pre_legal", "90+": "pre_legal"}


def _example():
    spec = importlib.util.spec_from_file_location("real_book", ROOT / "examples" / "real_book.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def example():
    return _example()


@pytest.fixture(scope="module")
def book():
    return AbsAutoBook(FOLDER)


@pytest.fixture(scope="module")
def months(example, book):
    return list(example.assess_by_month(book))


def expected(book, end):
    """Tiers from the buckets, without the ladder."""
    found = Counter()
    for loan in book.loans(book.ids()).values():
        days = overdue_status(loan, as_of=end, convention=CONVENTION).days_past_due
        found[TIER_OF[roll.bucket(days)]] += 1
    return found


def test_every_month_runs(months):
    """47 month ends, the whole book each time, nothing left out."""
    assert 47 == len(months)
    assert {2895} == {report.loans for report in months}
    assert not [trouble for report in months for trouble in report.troubles]


@pytest.mark.parametrize("number", [0, 8, 16, 46])
def test_tiers_follow_the_buckets(months, book, number):
    """Each loan is in the tier that its bucket means."""
    assert expected(book, months[number].as_of) == +months[number].by_tier


def test_at_the_start(months):
    """
    Period 0: 225 loans that the servicer reports late, and 3 more that owe more than an instalment.

    By days counted from an assumed 15th one of the 15 loans of 31 to 60 days is a day short of its class: see the
    reader's own tests.
    """
    start = months[0]

    assert dt.date(2019, 8, 31) == start.as_of
    assert {"current": 2667, "soft": 214, "firm": 14} == dict(start.by_tier)


def test_the_spring_of_2020(months, example, book):
    """More loans become firmer in April, May and June 2020 than in any month since the second; a stated holiday explains 186 loans."""
    firmer = {report.as_of: example.moves_of(report)["firmer"] for report in months}
    before = [count for end, count in firmer.items() if end < dt.date(2020, 4, 1)]
    spring = [dt.date(2020, 4, 30), dt.date(2020, 5, 31), dt.date(2020, 6, 30)]

    assert min(firmer[end] for end in spring[:2]) > max(before[2:])
    late = [
        loan
        for loan in book.loans(book.ids()).values()
        if overdue_status(loan, as_of=spring[-1], convention=CONVENTION).days_past_due > 60
    ]
    stated = [
        overdue_status(with_payment_holiday(loan, spring), as_of=spring[-1], convention=CONVENTION) for loan in late
    ]
    # Written out from a run over the data: of 427 loans over 60 days, 186 were only on holiday.
    assert (427, 241) == (len(late), sum(status.days_past_due > 60 for status in stated))
