"""The elements of US asset-level disclosure that a loan gives: one loan, period by period."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from dunning.core.facts.event import Event
from dunning.core.facts.loan import Instalment, Loan
from dunning.core.overdue.abs_ee import auto_loan_period
from dunning.errors import FactsError


def day(text):
    return dt.date.fromisoformat(text)


def event(kind, on, amount=None, **more):
    return Event(
        id=f"{kind} {on}", kind=kind, effective_on=day(on), amount=None if amount is None else Decimal(amount), **more
    )


def a_loan(*events, months=6):
    """Return a loan of 100 a month from 15 January 2026, 80 of it principal."""
    return Loan(
        id="A-1",
        creditor="lender",
        currency="USD",
        jurisdiction="US-TX",
        business_zone="America/Chicago",
        instalments=tuple(
            Instalment(number=n, due_on=dt.date(2026, n, 15), principal=Decimal(80), interest=Decimal(20))
            for n in range(1, months + 1)
        ),
        events=events,
    )


def in_month(loan, month):
    begins = dt.date(2026, month, 1)
    return auto_loan_period(loan, begins=begins, ends=dt.date(2026, month + 1, 1) - dt.timedelta(days=1))


PAID_JANUARY = event("payment", "2026-01-15", "100")


def test_a_month_on_time():
    """Nothing is left out but what there is none of."""
    assert {
        "assetNumber": "A-1",
        "reportingPeriodBeginningDate": "01-01-2026",
        "reportingPeriodEndingDate": "01-31-2026",
        "reportingPeriodModificationIndicator": "false",
        "nextReportingPeriodPaymentAmountDue": "100",
        "reportingPeriodScheduledPaymentAmount": "100",
        "totalActualAmountPaid": "100",
        "currentDelinquencyStatus": "0",
        "paymentExtendedNumber": "0",
    } == in_month(a_loan(PAID_JANUARY), 1).elements()


@pytest.mark.parametrize(
    ("month", "status", "due", "paid"),
    [
        pytest.param(1, 0, 100, 100, id="on time"),
        pytest.param(2, 13, 200, 0, id="February missed: arrears are due next month too"),
        pytest.param(3, 16, 200, 100, id="March pays February"),
        pytest.param(4, 46, 300, 0, id="April missed: from 15 March"),
    ],
)
def test_days_and_money_of_a_late_loan(month, status, due, paid):
    """Days from the due date to the last day of the period."""
    found = in_month(a_loan(PAID_JANUARY, event("payment", "2026-03-20", "100")), month)

    assert (status, Decimal(due), Decimal(paid)) == (
        found.current_delinquency_status,
        found.next_payment_due,
        found.total_paid,
    )


def test_a_payment_that_came_back_in_its_period_was_not_paid():
    """One that came back later stays in the period in which it stood."""
    back = event("reversal", "2026-02-03", of=PAID_JANUARY.id)

    assert Decimal(100) == in_month(a_loan(PAID_JANUARY, back), 1).total_paid
    assert Decimal(0) == in_month(a_loan(PAID_JANUARY, evolve(back, effective_on=day("2026-01-31"))), 1).total_paid


OFF = event("write_off", "2026-05-20")


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        pytest.param(None, "400", id="none stated: the open principal, five of six times 80"),
        pytest.param("150", "150", id="a part is charged off"),
        pytest.param("500", "400", id="interest with it: no more than the principal"),
    ],
)
def test_a_charge_off_states_its_principal_in_its_own_period(stated, expected):
    """And the code from then on."""
    loan = a_loan(PAID_JANUARY, evolve(OFF, amount=stated and Decimal(stated)))

    assert (None, None, None) == (
        in_month(loan, 4).charged_off_principal,
        in_month(loan, 4).zero_balance_code,
        in_month(loan, 4).recovered,
    )
    found = in_month(loan, 5)
    assert (Decimal(expected), Decimal(0), "4") == (
        found.charged_off_principal,
        found.recovered,
        found.zero_balance_code,
    )
    assert "05/2026" == found.elements()["zeroBalanceEffectiveDate"]
    after = in_month(loan, 6)
    assert (None, "4", day("2026-05-20")) == (
        after.charged_off_principal,
        after.zero_balance_code,
        after.zero_balance_from,
    )
    assert "chargedoffPrincipalAmount" not in after.elements()


def test_a_charge_off_that_was_taken_back_is_none():
    """From the day on which it was."""
    loan = a_loan(OFF, event("reversal", "2026-06-02", of=OFF.id))

    assert "4" == in_month(loan, 5).zero_balance_code
    assert in_month(loan, 6).zero_balance_code is None


def test_money_after_a_charge_off_is_recovered_and_not_paid():
    """A recovery, and a payment on a later day; monthly flows, never sums."""
    events = [
        event("payment", "2026-05-19", "30"),
        OFF,
        event("recovery", "2026-05-20", "7"),
        event("payment", "2026-05-28", "5"),
        event("recovery", "2026-06-01", "9"),
    ]
    may, june = in_month(a_loan(*events), 5), in_month(a_loan(*events), 6)

    assert (Decimal(30), Decimal(12)) == (may.total_paid, may.recovered)
    assert (Decimal(0), Decimal(9)) == (june.total_paid, june.recovered)


def test_a_loan_paid_early():
    """Code 1, from the month in which the last money came."""
    loan = a_loan(event("payment", "2026-03-10", "600"))

    assert in_month(loan, 2).zero_balance_code is None
    assert ("1", "03/2026") == (
        in_month(loan, 3).zero_balance_code,
        in_month(loan, 4).elements()["zeroBalanceEffectiveDate"],
    )
    assert Decimal(0) == in_month(loan, 4).next_payment_due


@pytest.mark.parametrize(("balance", "code"), [(None, "1"), ("0", "1"), ("12.50", None)])
def test_a_balance_that_the_host_states_keeps_a_loan_going(balance, code):
    """Where all that is stated so far is paid."""
    loan = evolve(a_loan(PAID_JANUARY, months=1), balance=balance and Decimal(balance))

    assert code == in_month(loan, 1).zero_balance_code


@pytest.mark.parametrize(
    ("events", "extended", "modified"),
    [
        pytest.param([], 0, False, id="as agreed"),
        pytest.param([event("extension", "2026-02-10", instalment=2, months=2)], 2, True, id="extended by two months"),
        pytest.param([event("deferral", "2026-02-10", instalment=2)], 0, True, id="one instalment deferred"),
        pytest.param([event("re_age", "2026-02-10")], 0, True, id="re-aged"),
        pytest.param([event("pause", "2026-02-10", until=day("2026-02-20"))], 0, False, id="a pause changes no terms"),
        pytest.param([event("extension", "2026-01-31", instalment=2, months=2)], 0, False, id="in the period before"),
        pytest.param([event("extension", "2026-03-01", instalment=3, months=2)], 0, False, id="in the period after"),
    ],
)
def test_changes_of_terms_in_the_period(events, extended, modified):
    """February; both ends of the period are in it."""
    found = in_month(a_loan(PAID_JANUARY, *events), 2)

    assert (extended, modified) == (found.payment_extended, found.modified)


def test_a_period_that_ends_before_it_begins_is_refused():
    """The error names the field."""
    with pytest.raises(FactsError) as error:
        auto_loan_period(a_loan(), begins=day("2026-02-01"), ends=day("2026-01-31"))
    assert "ends" == error.value.field
