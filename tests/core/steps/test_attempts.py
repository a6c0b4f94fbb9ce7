"""What a touch needs next: nothing, an end with a reason, or another attempt."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from dunning.core.hold import CHANNELS
from dunning.core.outbox.transitions import UNFINISHED, State
from dunning.core.steps.attempts import (
    POINTS_OF,
    REACHES,
    Attempt,
    Finished,
    InHand,
    ended,
    midnight,
    next_attempt,
    points_for,
)
from dunning.core.steps.step import GOALS, RESULTS
from dunning.testing.builders import NOON, TODAY, a_person, a_point, a_touch, an_entry
from dunning.testing.nights import a_step

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
MOBILE, SECOND, EMAIL = (
    a_point("m1"),
    a_point("m2", rank=1),
    a_point("e1", kind="email", address="borrower-1@example.com", zones=()),
)
PERSON = a_person(points=(SECOND, EMAIL, MOBILE))
CALL = a_step(
    "call", goal="right_party", channels=("call", "email"), attempts=4, attempts_per_day=2, attempts_per_point=2,
    spacing_hours=4, stops_on=("refusal_to_pay", "call_back"), executor="collectors", expires_after=9,
)  # fmt: skip


def tried(state=State.WORKED, result="no_answer", *, point="m1", channel="call", at=NOON, attempt=1):
    return an_entry(
        touches=(a_touch(attempt=attempt),), state=state, result=result, point_id=point, channel=channel, tried_at=at
    )


def ask(step=CALL, entries=(), *, person=PERSON, retired=(), now=NOON, zone="Asia/Shanghai"):
    return next_attempt(step, person, entries, retired=frozenset(retired), zone=zone, as_of=TODAY, now=now)


def ways(answer):
    return [(candidate.channel, candidate.point.id) for candidate in answer.candidates]


def test_the_first_attempt():
    """Now, over every way in order: channel by channel, number by rank."""
    answer = ask()
    assert isinstance(answer, Attempt)
    assert (1, NOON) == (answer.number, answer.earliest)
    assert [("call", "m1"), ("call", "m2"), ("email", "e1")] == ways(answer)


@pytest.mark.parametrize("state", State)
def test_what_a_state_means(state):
    """While it is unfinished nothing; a delivered call waits for its result; a refused one is no attempt."""
    answer = ask(entries=[tried(state, "handed_over")])
    expected = {
        State.DELIVERED: InHand(),
        State.UNKNOWN: Finished(reason="unknown"),
        State.CANCELLED: Finished(reason="cancelled"),
        State.LAPSED: Finished(reason="lapsed"),
        **dict.fromkeys(UNFINISHED, InHand()),
    }
    if state in (State.WORKED, State.REFUSED):
        assert isinstance(answer, Attempt)
        assert 2 == answer.number
    else:
        assert expected[state] == answer


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        pytest.param("no_answer", None, id="nobody answered"),
        pytest.param("connected", None, id="somebody answered: not yet the right party"),
        pytest.param("right_party", "reached", id="the right party"),
        pytest.param("conversation", "reached", id="more than asked"),
        pytest.param("promise", "reached", id="even a promise"),
        pytest.param("refusal_to_pay", "reached", id="it reached the right party, whatever was said"),
        pytest.param("wrong_number", None, id="the wrong number"),
        pytest.param("unreported", None, id="nobody said"),
    ],
)
def test_what_a_result_means(result, expected):
    assert (None if expected is None else Finished(reason=expected)) == ended(CALL, tried(result=result))


@pytest.mark.parametrize("goal", GOALS)
def test_a_later_rung_reaches_an_earlier_goal(goal):
    reached = [set(REACHES[name]) for name in reversed(GOALS)]
    assert all(firm < easy for firm, easy in zip(reached, reached[1:], strict=False))
    assert REACHES[goal] <= set(RESULTS)


def test_a_result_that_stops_without_reaching():
    step = a_step("call", goal="promise", channels=("call",), stops_on=("refusal_to_pay",))
    assert Finished(reason="stopped") == ended(step, tried(result="refusal_to_pay"))


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param(
            [("m1", "call")], [("call", "m1"), ("call", "m2"), ("email", "e1")], id="one of two at the first number"
        ),
        pytest.param([("m1", "call")] * 2, [("call", "m2"), ("email", "e1")], id="the first number is used up"),
        pytest.param(
            [("m1", "call")] * 2 + [("m2", "call")], [("call", "m2"), ("email", "e1")], id="one at the second"
        ),
    ],
)
def test_numbers_are_used_up_in_order(entries, expected):
    made = [tried(point=point, channel=channel, attempt=n) for n, (point, channel) in enumerate(entries, start=1)]
    assert expected == ways(ask(entries=made))


def test_a_refused_way_is_not_tried_again_and_is_no_attempt():
    refused = tried(State.REFUSED, "refused")
    answer = ask(a_step(channels=("call", "email"), attempts=1), [refused])
    assert [("call", "m2"), ("email", "e1")] == ways(answer)
    assert 2 == answer.number


@pytest.mark.parametrize(
    ("person", "retired"),
    [
        pytest.param(a_person(points=()), (), id="no points"),
        pytest.param(PERSON, ("m1", "m2", "e1"), id="all retired"),
        pytest.param(a_person(points=(a_point(workplace=True),)), (), id="a workplace is not used"),
        pytest.param(a_person(points=(a_point(valid_until=TODAY),)), (), id="no longer valid"),
        pytest.param(a_person(points=(a_point(valid_from=TODAY + DAY),)), (), id="not yet valid"),
        pytest.param(a_person(points=(a_point(kind="app", address="device"),)), (), id="of another kind"),
    ],
)
def test_nobody_can_be_reached(person, retired):
    assert Finished(reason="unreachable") == ask(person=person, retired=retired)


@pytest.mark.parametrize(
    ("attempts", "made", "over"),
    [
        pytest.param(2, 1, False, id="one of two"),
        pytest.param(2, 2, True, id="two of two"),
    ],
)
def test_attempts_are_used_up(attempts, made, over):
    step = a_step("call", goal="right_party", channels=("call",), attempts=attempts, attempts_per_point=9)
    answer = ask(step, [tried(attempt=n) for n in range(1, made + 1)])
    assert over is (answer == Finished(reason="exhausted"))


def test_every_way_is_used_up():
    entries = [
        tried(point=p, channel=c, attempt=n)
        for n, (p, c) in enumerate([("m1", "call"), ("m2", "call"), ("e1", "email")])
    ]
    step = a_step("call", goal="right_party", channels=("call", "email"), attempts=9)
    assert Finished(reason="exhausted") == ask(step, entries)


@pytest.mark.parametrize(
    ("tries", "now", "expected"),
    [
        pytest.param([NOON], NOON + HOUR, NOON + 4 * HOUR, id="four hours after the last"),
        pytest.param([NOON], NOON + 5 * HOUR, NOON + 5 * HOUR, id="now, when they are over"),
        pytest.param(
            [NOON - 5 * HOUR + HOUR, NOON], NOON + HOUR, dt.datetime(2026, 3, 4, 16, tzinfo=dt.UTC),
            id="two on this day: tomorrow, in the business zone",
        ),
        pytest.param([NOON - DAY, NOON - 20 * HOUR], NOON, NOON, id="two yesterday do not matter"),
        pytest.param(
            [NOON - 13 * HOUR, NOON], NOON + HOUR, NOON + 4 * HOUR, id="yesterday there, though the same day in UTC"
        ),
    ],
)  # fmt: skip
def test_spacing_and_the_day(tries, now, expected):
    """Noon in Shanghai is four in the morning UTC; its day ends at 16:00 UTC."""
    entries = [tried(at=at, attempt=n) for n, at in enumerate(tries, start=1)]
    assert expected == ask(entries=entries, now=now).earliest


def test_points_in_order_of_rank_kind_and_id():
    points = (
        a_point("b", kind="phone"), a_point("a", kind="phone"), a_point("c"), a_point("d", rank=1), a_point("e", kind="email", address="x@example.com"),
    )  # fmt: skip
    found = points_for(a_step(channels=("call",)), a_person(points=points), [], retired=frozenset(), as_of=TODAY)
    assert ["c", "a", "b", "d"] == [candidate.point.id for candidate in found]


def test_every_channel_has_points():
    assert set(CHANNELS) == set(POINTS_OF)


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        pytest.param("Asia/Shanghai", "2026-03-04", "2026-03-03T16:00", id="east of Greenwich"),
        pytest.param("America/New_York", "2026-03-08", "2026-03-08T05:00", id="the day the clocks go forward"),
        pytest.param("America/New_York", "2026-03-09", "2026-03-09T04:00", id="the day after"),
        pytest.param("America/Santiago", "2026-09-06", "2026-09-06T04:00", id="a day without a midnight begins at one"),
        pytest.param("Asia/Kathmandu", "2026-03-04", "2026-03-03T18:15", id="a quarter of an hour"),
    ],
)
def test_midnight(zone, day, expected):
    found = midnight(dt.date.fromisoformat(day), zone)
    assert dt.datetime.fromisoformat(expected).replace(tzinfo=dt.UTC) == found
    local = found.astimezone(ZoneInfo(zone)).date()
    before = (found - dt.timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()
    assert (dt.date.fromisoformat(day), dt.date.fromisoformat(day) - DAY) == (local, before)
