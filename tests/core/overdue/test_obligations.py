"""What fell due, and in which order money meets it."""

import datetime as dt
from decimal import Decimal

import pytest

from dunning.core.facts.event import Event
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.dates import add_months
from dunning.core.overdue.obligations import Obligation, obligations
from dunning.core.overdue.order import Allocation
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
        pytest.param([(3, 1)], ["2026-01-15", "2026-02-15", "2026-04-15"], id="the last one"),
        pytest.param([(0, 1)], ["2026-02-15", "2026-03-15", "2026-04-15"], id="from one before those that are stated"),
        pytest.param([(2, 1), (3, 1)], ["2026-01-15", "2026-03-15", "2026-05-15"], id="two add up"),
    ],
)
def test_extensions(extensions, expected):
    events = [
        event(f"E{i}", "extension", "2026-01-01", instalment=first, months=months)
        for i, (first, months) in enumerate(extensions)
    ]
    assert expected == [due_on for _, due_on, _ in dues(*events)]


def test_what_is_deferred_beyond_a_february_falls_due_as_the_schedule_does():
    """31 December goes to 31 March, a month after the last, which is 28 February."""
    ends = [dt.date(2025, 12, 31), dt.date(2026, 1, 31), dt.date(2026, 2, 28)]
    loan = a_loan(instalments=tuple(an_instalment(n, due_on=due) for n, due in enumerate(ends, 1)))
    events = [event("E", "deferral", "2025-12-01", instalment=1)]
    found = obligations(loan, events, convention=OLDEST_UNPAID, on=dt.date(2026, 1, 1))
    assert [(2, "01-31"), (3, "02-28"), (1, "03-31")] == [(o.number, o.due_on.isoformat()[5:]) for o in found]


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        pytest.param(
            {"kind": "extension", "instalment": 2, "months": 1}, ["01-31", "03-31", "04-30"], id="an extension"
        ),
        pytest.param(
            {"kind": "extension", "instalment": 3, "months": 11}, ["01-31", "02-28", "02-28"], id="to February"
        ),
        pytest.param({"kind": "deferral", "instalment": 1}, ["02-28", "03-31", "04-30"], id="after the last one"),
    ],
)
def test_a_schedule_of_month_ends_stays_one(happened, expected):
    """28 February stands for the 31st."""
    ends = [dt.date(2026, 1, 31), dt.date(2026, 2, 28), dt.date(2026, 3, 31)]
    loan = a_loan(instalments=tuple(an_instalment(n, due_on=due) for n, due in enumerate(ends, 1)))
    events = [event("E", on="2026-01-01", **happened)]
    found = obligations(loan, events, convention=OLDEST_UNPAID, on=dt.date(2026, 1, 1))
    assert expected == [o.due_on.isoformat()[5:] for o in found]


def accrued(*events, as_of, **changes):
    """What accrued, in parts: the last day of each, and its amount."""
    convention = Convention(allocation=Allocation(**changes))
    loan = a_loan(instalments=tuple(an_instalment(n) for n in (1, 2, 3)))
    found = obligations(loan, events, convention=convention, on=dt.date.fromisoformat(as_of))
    return [(o.due_on.isoformat()[5:], int(o.amount)) for o in found if o.number is None and o.id == "A"]


@pytest.mark.parametrize(
    ("happened", "as_of", "changes", "expected"),
    [
        pytest.param([], "2026-02-05", {}, [("02-04", 4)], id="what accrued before the day"),
        pytest.param([], "2026-02-01", {}, [], id="nothing did on the first"),
        pytest.param([("payment", "2026-02-03")], "2026-02-05", {}, [("02-02", 2), ("02-04", 2)], id="money came"),
        pytest.param([("waiver", "2026-02-03")], "2026-02-05", {}, [("02-02", 2), ("02-04", 2)], id="a waiver"),
        pytest.param([("re_age", "2026-02-03")], "2026-02-05", {}, [("02-02", 2), ("02-04", 2)], id="a re-age"),
        pytest.param([("payment", "2026-02-01")], "2026-02-05", {}, [("02-04", 4)], id="on the first day: no cut"),
        pytest.param([("payment", "2026-02-05")], "2026-02-05", {}, [("02-04", 4)], id="on the day itself: no cut"),
        pytest.param(
            [], "2026-02-18", {"ahead": "held"}, [("02-13", 13), ("02-14", 1), ("02-17", 3)], id="held: what falls due"
        ),
    ],
)
def test_what_accrues_is_cut_where_something_happens(happened, as_of, changes, expected):
    accrual = event("A", "accrual", "2026-02-01", amount=D(1), component="interest")
    of = [
        event(f"E{n}", kind, on, **({} if kind == "re_age" else {"amount": D(5)}))
        for n, (kind, on) in enumerate(happened)
    ]
    assert expected == accrued(accrual, *of, as_of=as_of, **changes)


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
