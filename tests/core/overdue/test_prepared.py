"""A prepared schedule answers as `overdue_status` does."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.overdue.convention import Convention
from dunning.core.overdue.prepared import prepare_schedule
from dunning.core.overdue.status import overdue_status
from dunning.errors import FactsError
from dunning.testing.builders import a_loan, a_payment, an_instalment

D = Decimal
JANUARY = dt.date(2026, 1, 15).toordinal()


@pytest.mark.parametrize(
    ("paid", "day", "expected"),
    [
        pytest.param(0, 0, (0, 0), id="due today"),
        pytest.param(0, 1, (1, 100_000), id="the day after"),
        pytest.param(99_999, 1, (1, 1), id="a cent short"),
        pytest.param(100_000, 31, (0, 0), id="paid, the next one is due today"),
        pytest.param(100_000, 32, (1, 100_000), id="and late"),
        pytest.param(10_000_000, 400, (0, 0), id="more than all of it"),
    ],
)
def test_a_prepared_schedule(paid, day, expected):
    prepared = prepare_schedule(a_loan().instalments, currency="CNY")
    assert expected == prepared.ask(paid, JANUARY + day)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 90_000)), min_size=1, max_size=12),
    st.integers(0, 500_000),
    st.integers(0, 420),
    st.sampled_from((0, 1)),
)
def test_it_is_the_same_answer(schedule, paid, day, first_day):
    start = dt.date(2026, 1, 1)
    instalments = tuple(
        an_instalment(n, due_on=start + dt.timedelta(days=due), principal=D(amount).scaleb(-2), interest=D(0))
        for n, (due, amount) in enumerate(schedule, start=1)
    )
    convention, as_of = Convention(first_day=first_day), start + dt.timedelta(days=day)
    loan = a_loan(instalments=instalments, events=(a_payment(D(paid).scaleb(-2), start),) if paid else ())
    status = overdue_status(loan, as_of=as_of, convention=convention)
    prepared = prepare_schedule(instalments, currency="CNY", convention=convention)
    assert (status.days_past_due, status.arrears.total.scaleb(2)) == prepared.ask(paid, as_of.toordinal())


def test_what_it_cannot_answer_is_refused():
    with pytest.raises(FactsError, match="'mba' asks for more than a prepared schedule knows"):
        prepare_schedule((), currency="CNY", convention=Convention(name="mba", count="mba"))
    with pytest.raises(FactsError, match="0.001 CNY is no whole number of minor units"):
        prepare_schedule((an_instalment(principal=D("0.001"), interest=D(0)),), currency="CNY")
