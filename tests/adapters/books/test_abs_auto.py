"""The reader of US asset-level data, on a deal of three loans; tests/real has a whole one."""

import datetime as dt
import gzip
from decimal import Decimal

import pytest

from dunning.adapters.books.abs_auto import (
    ASSUMPTIONS,
    CONVENTION,
    AbsAutoBook,
    holiday_months,
    no_payment_shares,
    with_payment_holiday,
)
from dunning.core.facts.event import EventKind
from dunning.core.overdue.status import overdue_status
from dunning.errors import StructureError
from dunning.testing.books import LoanBookConformance

LOANS = (
    "deal,assetNumber,obligorGeographicLocation,obligorCreditScore,vehicleModelYear,reportingPeriodEndingDate,"
    "reportingPeriodActualEndBalanceAmount,reportingPeriodScheduledPaymentAmount,nextReportingPeriodPaymentAmountDue\n"
    "DEAL 1,100,OH,700,2016,08-31-2019,500.00,100.00,0.0\n"
    "DEAL 1,200,MA,,2017,08-31-2019,900.00,100.00,250.00\n"
    "DEAL 1,300,CA,650,,08-31-2019,0.0,100.00,0.0\n"
)
MONTHS = (
    "assetNumber,k,period_end,end_balance,paid_total,recovered\n"
    "100,1,2019-09-30,400.00,100.00,\n"
    "100,2,2019-10-31,-1.50,401.50,\n"
    "100,3,2019-11-30,0.0,,\n"
    "200,1,2019-09-30,900.00,0.0,\n"
    "200,2,2019-10-31,900.00,0.0,\n"
    "200,3,2019-11-30,600.00,320.00,12.50\n"
)


def folder(path, *, loans=LOANS, months=MONTHS):
    (path / "loans.csv").write_text(loans, encoding="utf-8")
    (path / "months.csv").write_text(months, encoding="utf-8")
    return path


class TestAbsAutoBookKeepsThePromises(LoanBookConformance):
    """B1 to B7."""

    unstated = (("300", "collateral"), ("100", "parties"), ("100", "host_status"))

    @pytest.fixture
    def book(self, tmp_path):
        return AbsAutoBook(folder(tmp_path))


def test_a_loan_that_is_paid_off(tmp_path):
    """Instalments fall due in live months only; empty is not zero, and no payment."""
    book = AbsAutoBook(folder(tmp_path))
    loan = book.loans(["100"])["100"]
    assert ("DEAL 1", "USD", "US-OH", "America/New_York") == (
        loan.creditor,
        loan.currency,
        loan.jurisdiction,
        loan.business_zone,
    )
    assert [(1, dt.date(2019, 9, 15)), (2, dt.date(2019, 10, 15))] == [(i.number, i.due_on) for i in loan.instalments]
    assert [(dt.date(2019, 9, 15), Decimal("100.00")), (dt.date(2019, 10, 15), Decimal("401.50"))] == [
        (event.effective_on, event.amount) for event in loan.events
    ]
    assert [Decimal("100.00"), Decimal("401.50"), None] == [month.paid for month in book.histories[0].months]
    assert [True, True, False] == [month.live for month in book.histories[0].months]
    assert ("credit_score", "700") == (loan.attributes[0].name, loan.attributes[0].value)
    assert "model year 2016" == loan.collateral[0].description
    assert 0 == loan.balance


def test_a_loan_that_starts_in_arrears(tmp_path):
    """250 due with an instalment of 100: 150 are past due, two instalments of which the older is half met."""
    loan = AbsAutoBook(folder(tmp_path)).loans(["200"])["200"]
    assert [
        (1, dt.date(2019, 7, 15)),
        (2, dt.date(2019, 8, 15)),
        (3, dt.date(2019, 9, 15)),
        (4, dt.date(2019, 10, 15)),
        (5, dt.date(2019, 11, 15)),
    ] == [(i.number, i.due_on) for i in loan.instalments]
    assert ("opening", Decimal("50.00")) == (loan.events[0].id, loan.events[0].amount)
    assert (EventKind.RECOVERY, Decimal("12.50")) == (loan.events[-1].kind, loan.events[-1].amount)
    start = overdue_status(loan, as_of=dt.date(2019, 8, 31), convention=CONVENTION)
    assert (47, Decimal("150.00"), 2) == (start.days_past_due, start.arrears.total, start.instalments_missed)


@pytest.mark.parametrize(
    ("due", "days"),
    [
        pytest.param("100.00", 0, id="one instalment due: current"),
        pytest.param("102.00", 0, id="two hundredths over: within the tolerance"),
        pytest.param("102.01", 16, id="a cent more: late"),
        pytest.param("200.00", 16, id="one instalment behind"),
        pytest.param("202.00", 16, id="one behind, within the tolerance"),
        pytest.param("202.01", 47, id="two behind"),
    ],
)
def test_the_tolerance_at_its_edges(tmp_path, due, days):
    book = AbsAutoBook(folder(tmp_path, loans=LOANS.replace("250.00", due)))
    status = overdue_status(book.loans(["200"])["200"], as_of=dt.date(2019, 8, 31), convention=CONVENTION)
    assert days == status.days_past_due


def test_known_at_works(tmp_path):
    """Each fact is taken to be recorded on its day, so the past can be asked."""
    loan = AbsAutoBook(folder(tmp_path)).loans(["200"])["200"]
    eve = dt.datetime(2019, 11, 15, 11, tzinfo=dt.UTC)
    assert 123 == overdue_status(loan, as_of=dt.date(2019, 11, 15), known_at=eve).days_past_due
    assert 0 < overdue_status(loan, as_of=dt.date(2019, 11, 15)).days_past_due < 123


def test_the_book_says_what_it_assumes(tmp_path):
    book = AbsAutoBook(folder(tmp_path))
    assert ASSUMPTIONS == book.assumptions
    assert any("day 15" in text for text in book.assumptions)
    assert dt.date(2019, 11, 30) == book.current_through


def test_zipped_files_are_read_first(tmp_path):
    folder(tmp_path, loans="nonsense")
    (tmp_path / "loans.csv.gz").write_bytes(gzip.compress(LOANS.encode()))
    assert ("100", "200", "300") == AbsAutoBook(tmp_path).ids()


def test_holidays(tmp_path):
    """Two silent months as holidays: the schedule moves by two months, and nothing new falls due meanwhile."""
    book = AbsAutoBook(folder(tmp_path))
    months = (dt.date(2019, 9, 30), dt.date(2019, 10, 31), dt.date(2019, 11, 30))
    loan = with_payment_holiday(book.loans(["200"])["200"], months)
    assert [(3, dt.date(2019, 9, 1)), (3, dt.date(2019, 10, 1))] == [
        (event.instalment, event.effective_on) for event in loan.events if event.kind is EventKind.EXTENSION
    ]
    end = dt.date(2019, 11, 30)
    assert 0 == overdue_status(loan, as_of=end, convention=CONVENTION).days_past_due
    assert 46 == overdue_status(book.loans(["200"])["200"], as_of=end, convention=CONVENTION).days_past_due


def test_silent_months(tmp_path):
    """Half of the loans that owe at the end of September paid nothing; loans that are paid off are not asked."""
    shares = no_payment_shares(AbsAutoBook(folder(tmp_path)).histories)
    assert {dt.date(2019, 9, 30): 50, dt.date(2019, 10, 31): 100, dt.date(2019, 11, 30): 0} == shares
    assert () == holiday_months(shares)
    assert (dt.date(2019, 10, 31),) == holiday_months(shares, factor=Decimal("1.9"))


@pytest.mark.parametrize(
    ("loans", "months", "said"),
    [
        pytest.param(LOANS, MONTHS + "900,1,2019-09-30,0,0,\n", "months.csv, line 8, assetNumber: these months are of loan 900", id="orphan month"),
        pytest.param(LOANS, MONTHS.replace("200,2", "200,4"), "months.csv, line 6, k: expected month 2 of loan 200, got '4'", id="gap"),
        pytest.param(LOANS + LOANS.splitlines()[1], MONTHS, "loans.csv, line 5, assetNumber: loan 100 stands twice", id="duplicate loan"),
        pytest.param(LOANS.replace("250.00", "n/a"), MONTHS, "loans.csv, line 3, nextReportingPeriodPaymentAmountDue: expected a number", id="bad amount"),
        pytest.param(LOANS.replace("08-31-2019,500", "2019-08-31,500"), MONTHS, "loans.csv, line 2, reportingPeriodEndingDate", id="bad date"),
        pytest.param(LOANS.replace("deal,", "dael,"), MONTHS, "loans.csv, deal: this column is missing", id="missing column"),
        pytest.param(LOANS, MONTHS + "200,4,2019-12-31\n", "months.csv, line 8: this line has not as many columns", id="short line"),
        pytest.param(LOANS.replace(",100.00,250.00", ",-100.00,250.00"), MONTHS, "loans.csv, line 3, instalment: ", id="negative instalment"),
    ],
)  # fmt: skip
def test_public_data_is_taken_whole_or_not_at_all(tmp_path, loans, months, said):
    with pytest.raises(StructureError) as caught:
        AbsAutoBook(folder(tmp_path, loans=loans, months=months))
    assert str(caught.value).startswith(said), str(caught.value)


def test_a_missing_file(tmp_path):
    with pytest.raises(StructureError, match="cannot be read"):
        AbsAutoBook(tmp_path)
