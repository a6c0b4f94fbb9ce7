"""What became of a promise: a function of allocated money."""

import datetime as dt
from decimal import Decimal

import pytest

from dunning.core.facts.event import Event
from dunning.core.ladder.case import Promise
from dunning.core.ladder.promises import judge as judge_all
from dunning.core.ladder.promises import judged_after
from dunning.testing.builders import TODAY, a_payment

D = Decimal
DAY = dt.timedelta(days=1)
DUE = TODAY + 7 * DAY


def promise(**changes):
    stated = {"id": "p", "person_id": "P-1", "amount": D(1000), "made_on": TODAY, "due_on": DUE, "grace": 2}
    return Promise(**stated | changes)


def judge(one, events, *, as_of):
    """Judge a promise that is alone."""
    return judge_all([one], events, as_of=as_of)[one.id]


def pay(amount, on, id_="P"):
    return a_payment(amount, on, id=id_)


def undone(on, amount=None):
    return Event(id="R", kind="reversal", effective_on=on, of="P", amount=amount)


PRESENTED = Event(id="D", kind="debit_presented", effective_on=TODAY, amount=D(1000))
WAIVED = Event(id="W", kind="waiver", effective_on=TODAY, amount=D(1000))


@pytest.mark.parametrize(
    ("events", "as_of", "expected"),
    [
        pytest.param([], DUE, ("open", "0"), id="due today"),
        pytest.param([], DUE + 2 * DAY, ("open", "0"), id="the last day of grace"),
        pytest.param([], DUE + 3 * DAY, ("broken", "0"), id="grace is over"),
        pytest.param([pay("1000", TODAY)], TODAY, ("kept", "1000"), id="paid on the day it was made"),
        pytest.param([pay("1000", TODAY - DAY)], DUE + 3 * DAY, ("broken", "0"), id="paid the day before it was made"),
        pytest.param([pay("1000", DUE + 2 * DAY)], DUE + 3 * DAY, ("kept", "1000"), id="paid on the last day of grace"),
        pytest.param([pay("1000", DUE + 3 * DAY)], DUE + 3 * DAY, ("broken", "0"), id="paid a day too late"),
        pytest.param([pay("0.01", DUE)], DUE, ("open", "0.01"), id="a cent keeps nothing"),
        pytest.param([pay("0.01", DUE)], DUE + 3 * DAY, ("part_kept", "0.01"), id="and comes to part kept"),
        pytest.param([pay("999.99", DUE)], DUE + 3 * DAY, ("part_kept", "999.99"), id="a cent short"),
        pytest.param([pay("400", TODAY, "A"), pay("600", DUE, "B")], DUE, ("kept", "1000"), id="in two parts"),
        pytest.param([pay("1000", DUE), undone(DUE + DAY)], DUE, ("kept", "1000"), id="the day before the reversal"),
        pytest.param([pay("1000", DUE), undone(DUE + DAY)], DUE + DAY, ("open", "0"), id="reversed within grace"),
        pytest.param([pay("1000", DUE), undone(DUE + 90 * DAY)], DUE + 90 * DAY, ("broken", "0"), id="reversed later"),
        pytest.param(
            [pay("1000", DUE), undone(DUE + DAY, D(300))], DUE + 3 * DAY, ("part_kept", "700"), id="reversed in part"
        ),
        pytest.param([PRESENTED], DUE + 3 * DAY, ("broken", "0"), id="a presented debit is not money"),
        pytest.param([WAIVED], DUE + 3 * DAY, ("broken", "0"), id="nor is a waiver"),
    ],
)
def test_judge(events, as_of, expected):
    result, money = expected
    assert (result, D(money)) == judge(promise(), events, as_of=as_of)


@pytest.mark.parametrize(
    ("tolerance", "paid", "expected"),
    [
        pytest.param("20", "979.99", "open", id="below"),
        pytest.param("20", "980", "kept", id="at"),
        pytest.param("1000", "0.01", "kept", id="a tolerance of everything still asks for something"),
    ],
)
def test_tolerance(tolerance, paid, expected):
    assert expected == judge(promise(tolerance=D(tolerance)), [pay(paid, DUE)], as_of=DUE)[0]


@pytest.mark.parametrize("tolerance", ["1000", "2000"])
def test_no_money_keeps_no_promise(tolerance):
    assert ["open", "broken"] == [judge(promise(tolerance=D(tolerance)), [], as_of=d)[0] for d in (DUE, DUE + 3 * DAY)]


def test_judged_after_is_the_first_date_on_which_an_unpaid_promise_is_judged():
    on = judged_after(promise())
    assert ["open", "broken"] == [judge(promise(), [], as_of=day)[0] for day in (on - DAY, on)]
