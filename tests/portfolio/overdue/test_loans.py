"""Loans as columns, and which loans columns cannot say."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from dunning.core.facts.event import Event
from dunning.core.facts.loan import Instalment, Loan
from dunning.core.overdue.convention import Convention
from dunning.portfolio.overdue.columns import NEVER
from dunning.portfolio.overdue.loans import columns_of

D = dt.date
LOAN = Loan(
    id="L1",
    creditor="lender",
    currency="USD",
    jurisdiction="US",
    business_zone="UTC",
    instalments=(
        Instalment(number=2, due_on=D(1970, 2, 1), principal=Decimal(80), interest=Decimal("20.05")),
        Instalment(number=1, due_on=D(1970, 1, 2), principal=Decimal(90)),
    ),
)


def event(kind, on=D(1970, 1, 10), **stated):
    """Return an event of 10 January 1970, day 9."""
    return Event(id=stated.pop("id", kind), kind=kind, effective_on=on, **stated)


PAYMENT = event("payment", amount=Decimal(100))


def columns(*events, convention=None):
    """Return the columns of one regular loan with *events*, as lists."""
    book = columns_of([evolve(LOAN, events=events)], convention=convention or Convention())
    assert [each.id for each in book.regular] == ["L1"], book.irregular
    return {name: values.tolist() for name, values in book.columns._asdict().items() if name != "shift"}


def test_a_schedule_by_date():
    """Instalments in the order in which they fall due, in days since 1970 and in cents."""
    found = columns()

    assert found["due_at"] == [0, 2]
    assert found["due_on"] == [1, 31]
    assert found["due"] == [90_00, 100_05]
    assert found["principal"] == [90_00, 80_00]
    assert found["ages_from"] == []
    assert (found["written_off_on"], found["grace"]) == ([NEVER], [-1])


@pytest.mark.parametrize(
    ("events", "money"),
    [
        pytest.param([PAYMENT], [(9, 100_00, NEVER)], id="a payment"),
        pytest.param([event("refund", amount=Decimal(5))], [(9, -5_00, NEVER)], id="a refund"),
        pytest.param(
            [PAYMENT, event("reversal", D(1970, 1, 21), of="payment")], [(9, 100_00, 20)], id="a payment reversed"
        ),
        pytest.param(
            [PAYMENT, event("chargeback", D(1970, 1, 21), of="payment", amount=Decimal(30))],
            [(9, 30_00, 20), (9, 70_00, NEVER)],
            id="a part charged back",
        ),
        pytest.param(
            [
                PAYMENT,
                event("reversal", D(1970, 1, 21), of="payment", amount=Decimal(70)),
                event("chargeback", D(1970, 1, 15), of="payment", amount=Decimal(70)),
            ],
            [(9, 30_00, 20), (9, 70_00, 14)],
            id="no more is undone than came",
        ),
        pytest.param(
            [event("debit_presented", amount=Decimal(50)), evolve(PAYMENT, of="debit_presented")],
            [(9, 100_00, NEVER)],
            id="what is pending is no money, and what came of it is",
        ),
        pytest.param(
            [event("debit_presented", amount=Decimal(50)), event("debit_returned", of="debit_presented")],
            [],
            id="a debit returned that nothing was paid by",
        ),
    ],
)
def test_money(events, money):
    """Each part of a payment until it was undone."""
    found = columns(*events)

    assert list(zip(found["money_on"], found["money"], found["money_until"], strict=True)) == money


def test_charges_pauses_and_a_write_off():
    """By date; the first write-off counts."""
    found = columns(
        event("charge", D(1970, 1, 21), amount=Decimal(7), component="fees"),
        event("charge", D(1970, 1, 20), amount=Decimal(8), component="penalties", id="earlier"),
        event("pause", D(1970, 1, 4), until=D(1970, 1, 5)),
        event("pause", D(1970, 1, 3), id="running"),
        event("write_off", D(1970, 1, 8)),
        event("write_off", D(1970, 1, 7), id="first"),
    )

    assert (found["charged_on"], found["charged"]) == ([19, 20], [8_00, 7_00])
    assert (found["paused_on"], found["paused_until"]) == ([2, 3], [NEVER, 4])
    assert found["written_off_on"] == [6]


def test_dates_to_age_from():
    """As the convention looks at them."""
    instalments = (evolve(LOAN.instalments[1], ages_from=D(1970, 1, 1)), LOAN.instalments[0])

    book = columns_of([evolve(LOAN, instalments=instalments)], convention=Convention(ages_from="stated"))

    assert book.columns.ages_from.tolist() == [0, 31]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(
            {"events": (event("accrual", amount=Decimal(1), component="interest"),)}, "kind accrual", id="accrual"
        ),
        pytest.param({"events": (event("waiver", amount=Decimal(1)),)}, "kind waiver", id="waiver"),
        pytest.param({"events": (event("re_age"),)}, "kind re_age", id="re-age"),
        pytest.param({"events": (event("extension", instalment=1, months=1),)}, "kind extension", id="extension"),
        pytest.param({"events": (event("deferral", instalment=1),)}, "kind deferral", id="deferral"),
        pytest.param({"events": (evolve(PAYMENT, instalment=1),)}, "names what", id="money for an instalment"),
        pytest.param({"events": (evolve(PAYMENT, component="interest"),)}, "names what", id="money for a component"),
        pytest.param(
            {"events": (event("charge", amount=Decimal(1), component="fees"), evolve(PAYMENT, of="charge"))},
            "names what",
            id="money for a charge",
        ),
        pytest.param(
            {"events": (event("charge", amount=Decimal(1), component="fees"), event("reversal", of="charge"))},
            "undoes one of the kind charge",
            id="a charge undone",
        ),
        pytest.param(
            {"events": (event("pause"), event("reversal", of="pause"))},
            "undoes one of the kind pause",
            id="a pause undone",
        ),
        pytest.param(
            {"events": (PAYMENT, event("chargeback", of="payment"), event("reversal", of="chargeback"))},
            "undoes one of the kind chargeback",
            id="an undoing undone",
        ),
        pytest.param(
            {
                "events": (
                    event("debit_presented", amount=Decimal(50)),
                    evolve(PAYMENT, of="debit_presented"),
                    event("debit_returned", of="debit_presented"),
                )
            },
            "undoes one of the kind debit_presented",
            id="a debit returned that something was paid by",
        ),
        pytest.param(
            {"instalments": (evolve(LOAN.instalments[0], grace=3),)}, "its own grace", id="grace of an instalment"
        ),
        pytest.param({"events": (evolve(PAYMENT, amount=Decimal("0.001")),)}, "no whole number", id="half a cent"),
        pytest.param({"currency": "JPY"}, "JPY has 0 decimals, not 2", id="another minor unit"),
    ],
)
def test_an_irregular_loan_is_named(change, why):
    """With the reason, and without harm to the next."""
    book = columns_of([evolve(LOAN, **change), evolve(LOAN, id="L2")])

    ((loan, reason),) = book.irregular
    assert (loan.id, [each.id for each in book.regular], book.columns.rows) == ("L1", ["L2"], 1)
    assert why in reason


def test_dates_that_cross_are_irregular():
    """The first instalment ages after the second."""
    instalments = (evolve(LOAN.instalments[1], ages_from=D(1970, 3, 1)), LOAN.instalments[0])

    book = columns_of([evolve(LOAN, instalments=instalments)], convention=Convention(ages_from="stated"))

    assert "do not age in the order" in book.irregular[0][1]


def test_a_date_that_is_not_stated_is_irregular():
    """The one who asks `overdue_status` is told what is missing."""
    book = columns_of([LOAN], convention=Convention(ages_from="invoiced_on"))

    assert "does not say when it was invoiced" in book.irregular[0][1]
