"""What became of a promise: a function of allocated money."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def results(promises, events, as_of, withdrawn=()):
    return {
        id_: (result, str(money))
        for id_, (result, money) in judge_all(promises, events, as_of=as_of, withdrawn=withdrawn).items()
    }


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([pay("1000", TODAY)], {"a": ("kept", "1000"), "b": ("broken", "0")}, id="one payment keeps one"),
        pytest.param(
            [pay("1500", TODAY)], {"a": ("kept", "1000"), "b": ("part_kept", "500")}, id="the rest goes to the next"
        ),
        pytest.param(
            [pay("1000", DUE), pay("1000", DUE + 5 * DAY, "Q")],
            {"a": ("kept", "1000"), "b": ("kept", "1000")},
            id="money for each",
        ),
        pytest.param(
            [pay("2000", DUE), undone(DUE + 2 * DAY, D(1000))],
            {"a": ("kept", "1000"), "b": ("broken", "0")},
            id="a reversal is felt by the promise that is due last",
        ),
    ],
)
def test_each_unit_of_money_counts_once(events, expected):
    """In order of due date, then id."""
    due_last = promise(id="b", due_on=DUE + 5 * DAY)
    assert expected == results([due_last, promise(id="a")], events, DUE + 30 * DAY)


def test_promises_due_on_one_day_take_in_order_of_id():
    """So that nothing else can decide it."""
    pair = [promise(id="b"), promise(id="a")]
    assert {"a": ("kept", "1000"), "b": ("broken", "0")} == results(pair, [pay("1000", DUE)], DUE + 30 * DAY)


def test_a_refund_gives_back_what_came_last():
    """The earlier money still keeps the promise that it came for."""
    first, second = promise(id="a"), promise(id="b", made_on=DUE + 3 * DAY, due_on=DUE + 9 * DAY)
    refund = Event(id="F", kind="refund", effective_on=DUE + 5 * DAY, amount=D(1000))
    events = [pay("1000", DUE, "P1"), pay("1000", DUE + 4 * DAY, "P2"), refund]

    assert {"a": ("kept", "1000"), "b": ("broken", "0")} == results([first, second], events, DUE + 30 * DAY)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param(TODAY, "superseded", id="on the day it was made"),
        pytest.param(DUE + 2 * DAY, "superseded", id="on the last day of grace"),
        pytest.param(DUE + 3 * DAY, "broken", id="too late: it was broken by then"),
    ],
)
def test_a_promise_is_replaced_until_its_grace_is_over(on, expected):
    """And takes no money from then on."""
    other = promise(id="b", made_on=on, due_on=on + 5 * DAY, replaces="p")
    assert expected == results([promise(), other], [], DUE + 40 * DAY)["p"][0]
    assert ("kept", "1000") == results([promise(), other], [pay("1000", on + DAY)], DUE + 40 * DAY)["b"]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param(TODAY - DAY, "broken", id="before it was made: another one was meant"),
        pytest.param(TODAY, "withdrawn", id="at once"),
        pytest.param(DUE + 2 * DAY, "withdrawn", id="on the last day of grace"),
        pytest.param(DUE + 3 * DAY, "broken", id="too late"),
    ],
)
def test_a_promise_is_withdrawn_until_its_grace_is_over(on, expected):
    """It counts neither as kept nor as broken."""
    assert expected == results([promise()], [], DUE + 40 * DAY, withdrawn=[("p", on)])["p"][0]


DAYS = st.integers(0, 12).map(lambda days: TODAY + days * DAY)
SUMS = st.integers(1, 40).map(D)
PROMISES = st.lists(
    st.builds(
        lambda id_, made, length, amount: promise(id=id_, made_on=made, due_on=made + length * DAY, amount=amount),
        st.sampled_from("abcdef"),
        DAYS,
        st.integers(0, 6),
        SUMS,
    ),
    unique_by=lambda p: p.id,
    max_size=5,
)
PAYMENTS = st.lists(st.tuples(DAYS, SUMS), max_size=6).map(
    lambda paid: [pay(amount, on, f"E-{number}") for number, (on, amount) in enumerate(paid)]
)
WORSE = {"kept": 0, "open": 1, "part_kept": 2, "broken": 3}


@given(PROMISES, PAYMENTS, st.integers(0, 30))
def test_no_more_counts_than_was_paid_in_the_windows(promises, payments, days):
    """Over all promises together, and for each within its own window."""
    as_of = TODAY + days * DAY
    judged = judge_all(promises, payments, as_of=as_of)

    def came(some):
        inside = [
            e
            for e in payments
            if e.effective_on <= as_of and any(p.made_on <= e.effective_on < judged_after(p) for p in some)
        ]
        return sum(e.amount for e in inside)

    assert sum(money for _, money in judged.values()) <= came(promises)
    assert all(judged[p.id][1] <= min(came([p]), p.amount) for p in promises)


@given(PROMISES, PAYMENTS, DAYS, SUMS, st.integers(0, 30))
def test_more_payment_never_makes_a_result_worse(promises, payments, on, amount, days):
    """Of any promise."""
    as_of = TODAY + days * DAY
    less = judge_all(promises, payments, as_of=as_of)
    more = judge_all(promises, [*payments, pay(amount, on, "more")], as_of=as_of)

    assert all(more[id_][1] >= money for id_, (_, money) in less.items())
    assert all(WORSE[more[id_][0]] <= WORSE[result] for id_, (result, _) in less.items())


@given(PROMISES, PAYMENTS, st.randoms(use_true_random=False))
def test_the_order_in_which_promises_and_money_are_stated_does_not_matter(promises, payments, random):
    """It is a function of two sets."""
    as_stated = judge_all(promises, payments, as_of=TODAY + 9 * DAY)
    promises, payments = list(promises), list(payments)
    random.shuffle(promises)
    random.shuffle(payments)

    assert as_stated == judge_all(promises, payments, as_of=TODAY + 9 * DAY)
