"""What fell due, and in which order money meets it."""

import datetime as dt
from decimal import Decimal

import pytest

from dunning.core.facts.event import Event
from dunning.core.overdue.convention import OLDEST_UNPAID
from dunning.core.overdue.dates import add_months
from dunning.core.overdue.obligations import Obligation, obligations
from dunning.testing.builders import a_loan, an_instalment

D = Decimal


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        pytest.param("2026-01-15", 1, "2026-02-15", id="the same day"),
        pytest.param("2026-01-31", 1, "2026-02-28", id="no such day"),
        pytest.param("2028-01-31", 1, "2028-02-29", id="a leap year"),
        pytest.param("2026-01-31", 2, "2026-03-31", id="the day comes back"),
        pytest.param("2026-12-31", 2, "2027-02-28", id="over the year's end"),
        pytest.param("2026-11-30", 13, "2027-12-30", id="more than a year"),
        pytest.param("2026-01-15", 0, "2026-01-15", id="not at all"),
    ],
)
def test_add_months(day, months, expected):
    assert dt.date.fromisoformat(expected) == add_months(dt.date.fromisoformat(day), months)


def event(id_, kind, on, **changes):
    return Event(id=id_, kind=kind, effective_on=dt.date.fromisoformat(on), **changes)


def dues(*events, instalments=3):
    loan = a_loan(instalments=tuple(an_instalment(n) for n in range(1, instalments + 1)))
    return [
        (o.number, o.due_on.isoformat(), o.amount)
        for o in obligations(loan, events, convention=OLDEST_UNPAID, on=dt.date(2026, 12, 31))
    ]


def test_instalments_by_due_date_then_charges_by_theirs():
    """A charge has no number; two of one day are told apart by their ids."""
    charges = [
        event("b", "charge", "2026-01-20", amount=D(7), component="fees"),
        event("a", "charge", "2026-01-20", amount=D(5), component="penalties"),
    ]
    assert [
        (1, "2026-01-15", D(1000)),
        (2, "2026-02-15", D(1000)),
        (3, "2026-03-15", D(1000)),
        (None, "2026-01-20", D(5)),
        (None, "2026-01-20", D(7)),
    ] == dues(*charges)


@pytest.mark.parametrize(
    ("undone", "expected"), [pytest.param("3", D(4), id="in part"), pytest.param(None, D(0), id="as a whole")]
)
def test_a_charge_that_was_reversed(undone, expected):
    charge = event("c", "charge", "2026-01-20", amount=D(7), component="fees")
    reversal = event("r", "reversal", "2026-01-25", of="c", amount=undone and D(undone))
    assert (None, "2026-01-20", expected) == dues(charge, reversal)[-1]


@pytest.mark.parametrize(
    ("extensions", "expected"),
    [
        pytest.param([(1, 2)], ["2026-03-15", "2026-04-15", "2026-05-15"], id="all of them"),
        pytest.param([(2, 1)], ["2026-01-15", "2026-03-15", "2026-04-15"], id="from the second on"),
        pytest.param([(4, 1)], ["2026-01-15", "2026-02-15", "2026-03-15"], id="from one that is none"),
        pytest.param([(2, 1), (3, 1)], ["2026-01-15", "2026-03-15", "2026-05-15"], id="two add up"),
    ],
)
def test_extensions(extensions, expected):
    events = [
        event(f"E{i}", "extension", "2026-01-01", instalment=first, months=months)
        for i, (first, months) in enumerate(extensions)
    ]
    assert expected == [due_on for _, due_on, _ in dues(*events)]


def test_money_meets_components_in_order():
    """Interest first; what is over is handed back."""
    open_ = {"principal": D(900), "interest": D(100), "fees": D(10), "penalties": D(5)}
    today = dt.date(2026, 1, 15)
    obligation = Obligation(
        number=1, due_on=today, ages_from=today, past_from=today, paced_on=today, amount=D(1015), open=open_
    )

    assert D(0) == obligation.pay(D(150), ("interest", "principal", "fees", "penalties"))
    assert {"principal": D(850), "interest": D(0), "fees": D(10), "penalties": D(5)} == obligation.open
    assert D(135) == obligation.pay(D(1000), ("interest", "principal", "fees", "penalties"))
    assert D(0) == obligation.unpaid == obligation.amounts().total
