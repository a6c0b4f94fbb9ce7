"""When a step falls due; never by the clock."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from dunning.core.facts.event import Event
from dunning.core.ladder.case import Case, Promise, Track, UsedUp
from dunning.core.overdue.pauses import pauses
from dunning.core.overdue.status import overdue_status
from dunning.core.steps.occasions import Ground, occasions
from dunning.testing.builders import TODAY, a_loan, a_payment
from dunning.testing.nights import a_step

DAY = dt.timedelta(days=1)


def on(month, number):
    return dt.date(2026, month, number)


def found(step, *, events=(), as_of=TODAY, grace=0, **case):
    """Of the plain loan, 48 days late on 4 March, in tier soft since 20 February."""
    loan = a_loan(events=events)
    stated = {"id": "L-1", "tier": "soft", "stay": 2, "episode": 1, "entered_on": on(2, 20)}
    ground = Ground(
        case=Case(**stated | case),
        status=overdue_status(loan, as_of=as_of),
        grace=grace,
        pauses=tuple(pauses(events)),
        events=tuple(events),
        first_due_on=on(1, 15),
    )
    return [(occasion.id, occasion.due_on) for occasion in occasions(step, ground)]


def step(trigger_on, days=0, event="", **changes):
    return a_step(on=trigger_on, days=days, event=event, **changes)


def paid(amount="1000", day=on(2, 1), id_="P"):
    return a_payment(amount, day, id=id_)


RETURNED = (
    Event(id="D", kind="debit_presented", effective_on=on(2, 1), amount=Decimal(1000)),
    Event(id="B", kind="debit_returned", effective_on=on(2, 3), of="D"),
)


@pytest.mark.parametrize(
    ("asked", "around", "expected"),
    [
        pytest.param(step("stay"), {}, [("2026-02-20", on(2, 20))], id="on entering"),
        pytest.param(step("stay", 30), {}, [("2026-02-20", on(3, 22))], id="30 days after entering"),
        pytest.param(step("stay", tier="firm"), {}, [], id="of another tier"),
        pytest.param(step("stay"), {"entered_on": None}, [], id="never entered"),
        pytest.param(step("before_due", 3), {}, [("2026-03-15", on(3, 12))], id="before the next due date"),
        pytest.param(step("before_due"), {"as_of": on(3, 15)}, [("2026-03-15", on(3, 15))], id="on the due date"),
        pytest.param(step("before_due"), {"as_of": on(3, 16)}, [("2026-04-15", on(4, 15))], id="the one after it"),
        pytest.param(step("before_due"), {"events": (paid("12000"),)}, [], id="nothing left to fall due"),
        pytest.param(step("before_first_due", 10), {}, [("2026-01-15", on(1, 5))], id="before the first due date"),
        pytest.param(step("past_due", 10), {}, [("2026-01-15", on(1, 25))], id="10 days past due"),
        pytest.param(step("past_due", 10), {"grace": 5}, [("2026-01-15", on(1, 30))], id="and grace"),
        pytest.param(
            step("past_due", 10), {"events": (paid(),)}, [("2026-02-15", on(2, 25))], id="of the next unpaid instalment"
        ),
        pytest.param(step("past_due", 10), {"events": (paid("9000"),)}, [], id="nothing is late"),
        pytest.param(
            step("past_due", 10),
            {"events": (Event(id="Z", kind="pause", effective_on=on(1, 20), until=on(1, 23)),)},
            [("2026-01-15", on(1, 28))],
            id="a pause moves it",
        ),
        pytest.param(
            step("past_due", 10),
            {"events": (Event(id="Z", kind="pause", effective_on=on(1, 20)),)},
            [],
            id="a running pause keeps it away",
        ),
        pytest.param(step("track", track="visit"), {}, [], id="a track that does not run"),
        pytest.param(
            step("track", 2, track="visit"),
            {"tracks": (Track(name="legal", started_on=on(3, 1)), Track(name="visit", started_on=on(3, 2)))},
            [("2026-03-02", on(3, 4))],
            id="two days after the track started",
        ),
        pytest.param(
            step("event", 1, "payment_received"), {"events": (paid(),)}, [("P", on(2, 2))], id="a day after a payment"
        ),
        pytest.param(
            step("event", 0, "payment_received"),
            {"events": (paid(), Event(id="R", kind="reversal", effective_on=on(2, 2), of="P"))},
            [],
            id="a payment that was reversed",
        ),
        pytest.param(
            step("event", 0, "payment_received"),
            {"events": (paid("5", on(2, 2), "b"), paid("5", on(2, 2), "a"), paid("5", on(2, 1), "c"))},
            [("c", on(2, 1)), ("a", on(2, 2)), ("b", on(2, 2))],
            id="payments by date and id",
        ),
        pytest.param(
            step("event", 0, "debit_returned"), {"events": RETURNED}, [("B", on(2, 3))], id="a returned debit"
        ),
        pytest.param(step("event", 1, "cured"), {"cured_on": on(3, 1)}, [("2026-03-01", on(3, 2))], id="after a cure"),
        pytest.param(step("event", 1, "cured"), {}, [], id="never cured"),
    ],
)
def test_occasions(asked, around, expected):
    assert expected == found(asked, **around)


def promise(id_, result="open", judged_on=None):
    return Promise(
        id=id_,
        person_id="P-1",
        amount=Decimal(1),
        made_on=on(3, 1),
        due_on=on(3, 9),
        result=result,
        judged_on=judged_on,
    )


PROMISES = (
    promise("a"),
    promise("b", "kept", on(3, 3)),
    promise("c", "broken", on(3, 10)),
    promise("d", "part_kept", on(3, 11)),
)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(step("promise", -1), [("a", on(3, 8))], id="the day before an open one is due"),
        pytest.param(step("promise", 2), [("a", on(3, 11))], id="two days after"),
        pytest.param(step("event", 0, "promise_made"), [(id_, on(3, 1)) for id_ in "abcd"], id="made"),
        pytest.param(
            step("event", 1, "promise_broken"), [("c", on(3, 11)), ("d", on(3, 12))], id="the day after it was broken"
        ),
    ],
)
def test_promises(asked, expected):
    assert expected == found(asked, promises=PROMISES)


@pytest.mark.parametrize(
    ("days", "due_on", "expected"),
    [
        pytest.param(-1, on(3, 1), [], id="due on the day it was made"),
        pytest.param(-1, on(3, 2), [], id="made the day before: the confirmation says it"),
        pytest.param(-1, on(3, 3), [("a", on(3, 2))], id="made two days before"),
        pytest.param(-3, on(3, 4), [], id="three days before would be the day it was made"),
        pytest.param(-3, on(3, 5), [("a", on(3, 2))], id="three days before is the day after"),
        pytest.param(0, on(3, 1), [("a", on(3, 1))], id="on the day itself"),
        pytest.param(1, on(3, 1), [("a", on(3, 2))], id="the day after"),
    ],
)
def test_nobody_is_reminded_of_a_promise_on_the_day_it_was_made(days, due_on, expected):
    assert expected == found(step("promise", days), promises=(evolve(promise("a"), due_on=due_on),))


def used(touch, day, *, of="soft_call", occasion="2026-02-20"):
    return UsedUp(touch=touch, step=of, occasion=occasion, on=day)


@pytest.mark.parametrize(
    ("exhausted", "expected"),
    [
        pytest.param((), [], id="none"),
        pytest.param((used("t", on(3, 1), of="other"),), [], id="another step"),
        pytest.param((used("t", on(3, 1)),), [("2026-02-20", on(3, 2))], id="one"),
        pytest.param(
            (used("t", on(3, 5)), used("u", on(3, 1))),
            [("2026-02-20", on(3, 2))],
            id="two persons, one occasion: the first",
        ),
        pytest.param(
            (used("t", on(3, 1)), used("u", on(3, 5), occasion="2026-03-01")),
            [("2026-02-20", on(3, 2)), ("2026-03-01", on(3, 6))],
            id="two occasions",
        ),
    ],
)
def test_a_fallback_falls_due_when_its_step_is_used_up(exhausted, expected):
    assert expected == found(step("exhausted", 1, "soft_call"), exhausted=exhausted)


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        pytest.param("collection", on(2, 23), id="three days later"),
        pytest.param("statutory_notice", on(2, 20) + 3650 * DAY, id="a statutory notice, practically never"),
    ],
)
def test_when_it_lapses(purpose, expected):
    loan = a_loan()
    ground = Ground(
        case=Case(id="L-1", tier="soft", entered_on=on(2, 20)),
        status=overdue_status(loan, as_of=TODAY),
        grace=0,
        pauses=(),
        events=(),
    )
    assert [expected] == [
        occasion.lapses_on for occasion in occasions(a_step(purpose=purpose, expires_after=3), ground)
    ]
