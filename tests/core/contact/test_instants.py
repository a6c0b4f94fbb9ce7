"""Sets of instants: one normal form, a closed algebra, and a domain outside which nothing is known."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.contact.instants import EVER, FIRST, LAST, NEVER, UNKNOWN, Instants, between, instant_of, second_of

UTC = dt.UTC
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=UTC)
ONE = dt.datetime(2026, 3, 4, 13, tzinfo=UTC)
TWO = dt.datetime(2026, 3, 4, 14, tzinfo=UTC)
SECOND = dt.timedelta(seconds=1)
MOMENT = dt.timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("instant", "member"),
    [
        pytest.param(NOON - MOMENT, False, id="just before the start"),
        pytest.param(NOON, True, id="at the start"),
        pytest.param(ONE - MOMENT, True, id="inside the last second"),
        pytest.param(ONE, False, id="at the end"),
        pytest.param(NOON.astimezone(dt.timezone(dt.timedelta(hours=8))), True, id="the same instant on another wall"),
    ],
)
def test_a_span_is_half_open(instant, member):
    """The start is in, the end is out."""
    assert member is between(NOON, ONE).at(instant)
    assert member == (instant in between(NOON, ONE))


def test_an_end_inside_a_second_takes_the_second_in():
    """Whole seconds: one belongs to a span when it begins inside it."""
    span = between(NOON + MOMENT, ONE + MOMENT)

    assert [False, True] == [span.at(NOON), span.at(NOON + SECOND)]
    assert [True, False] == [span.at(ONE), span.at(ONE + SECOND)]


def test_equal_sets_are_equal_however_they_were_made():
    """Adjacent and overlapping spans merge; empty ones vanish."""
    noon, one, two = (second_of(instant) for instant in (NOON, ONE, TWO))

    assert between(NOON, TWO) == between(NOON, ONE) | between(ONE, TWO)
    assert between(NOON, TWO) == Instants.of([(one, two), (noon, one + 600), (two, two), (two, noon)])
    assert hash(between(NOON, TWO)) == hash(between(ONE, TWO) | between(NOON, ONE))
    assert ((noon, two),) == between(NOON, TWO).spans


@pytest.mark.parametrize(
    "edges",
    [
        pytest.param((1,), id="an end is missing"),
        pytest.param((2, 1), id="backwards"),
        pytest.param((1, 1), id="empty"),
        pytest.param((1, 2, 2, 3), id="adjacent"),
    ],
)
def test_what_is_not_in_normal_form_is_refused(edges):
    """A set that is not in normal form cannot exist."""
    with pytest.raises(ValueError, match="rise in pairs"):
        Instants(edges)


def test_outside_the_domain_nothing_is_known():
    """Neither open nor closed; a combination knows only what both sides know."""
    known = (second_of(NOON), second_of(ONE))
    closed = Instants((), known)

    assert [None, False, None] == [closed.at(NOON - SECOND), closed.at(NOON), closed.at(ONE)]
    assert (closed | EVER).at(ONE) is None
    assert (EVER & closed).at(ONE) is None
    assert (EVER - closed).at(ONE) is None
    assert (EVER - closed).at(NOON) is True
    assert ONE not in (EVER | closed)
    assert UNKNOWN == UNKNOWN | EVER
    assert between(NOON, ONE) == closed.domain


def test_members_lie_inside_the_domain():
    """What is not known is no member."""
    assert ((5, 7),) == Instants.of([(0, 7)], known=(5, 10)).spans


def test_letting_in_needs_no_knowledge():
    """A rule that is switched off for an hour needs no facts for that hour."""
    lifted = UNKNOWN.allowing(between(NOON, ONE))

    assert [None, True, None] == [lifted.at(NOON - SECOND), lifted.at(NOON), lifted.at(ONE)]


@pytest.mark.parametrize(
    ("start", "until", "found"),
    [
        pytest.param(NOON - SECOND, TWO, NOON, id="before: the start"),
        pytest.param(NOON, TWO, NOON, id="at the start: itself"),
        pytest.param(NOON + MOMENT, TWO, NOON + MOMENT, id="inside a second: itself"),
        pytest.param(ONE - MOMENT, TWO, ONE - MOMENT, id="in the last second: itself"),
        pytest.param(ONE, TWO, None, id="at the end: nothing more"),
        pytest.param(NOON - SECOND, NOON, None, id="until is exclusive"),
        pytest.param(NOON - SECOND, NOON + MOMENT, NOON, id="until just after the start"),
    ],
)
def test_the_next_member(start, until, found):
    """The first member from a moment on."""
    assert found == between(NOON, ONE).next_from(start, until)


def test_ever_and_never():
    """All of time, and none of it."""
    assert EVER.at(NOON) is True
    assert NEVER.at(NOON) is False
    assert UNKNOWN.at(NOON) is None
    assert NEVER == ~EVER
    assert EVER == between(dt.datetime.min.replace(tzinfo=UTC), dt.datetime.max.replace(tzinfo=UTC))
    assert (FIRST, LAST) == EVER.edges


def test_the_truth_of_a_set_is_refused():
    """Empty or not, `if instants:` would be read two ways."""
    with pytest.raises(TypeError, match="ambiguous"):
        bool(EVER)


def test_a_wall_clock_that_stands_twice_is_two_instants():
    """The fold of a local time is respected."""
    from zoneinfo import ZoneInfo

    first = dt.datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    second = first.replace(fold=1)

    assert 3600 == second_of(second) - second_of(first)
    assert between(first, second).at(first) is True
    assert between(first, second).at(second) is False


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6)
sets = st.builds(lambda members, known: Instants.of(members, known=Instants.of(known).edges), spans, spans)
SECONDS = range(-1, 62)


def answers(instants):
    return [instants.at_second(second) for second in SECONDS]


@settings(max_examples=100, deadline=None)
@given(sets, sets)
def test_every_operation_is_what_it_says_second_by_second(a, b):
    """Union, intersection, difference and complement, each against its own definition."""
    both = list(zip(answers(a), answers(b), strict=True))
    unknown = [left is None or right is None for left, right in both]

    def expected(combine):
        return [None if blank else combine(left, right) for blank, (left, right) in zip(unknown, both, strict=True)]

    assert expected(lambda left, right: left or right) == answers(a | b)
    assert expected(lambda left, right: left and right) == answers(a & b)
    assert expected(lambda left, right: left and not right) == answers(a - b)
    assert [None if left is None else not left for left in answers(a)] == answers(~a)
    assert [True if right else left for left, right in both] == answers(a.allowing(b))
    assert [left if right else None for left, right in both] == answers(a.within(b))


@settings(max_examples=100, deadline=None)
@given(sets, sets, sets)
def test_the_laws_of_the_algebra(a, b, c):
    """Equal sets are equal values, so the laws can be written with ``==``."""
    assert a & b == b & a
    assert a | b == b | a
    assert (a & b) & c == a & (b & c)
    assert (a | b) | c == a | (b | c)
    assert a & (b | c) == (a & b) | (a & c)
    assert a - b == a & ~b
    assert ~(a | b) == ~a & ~b
    assert a == ~~a
    assert a == a & a == a | a


@settings(max_examples=100, deadline=None)
@given(sets, st.integers(-1, 61), st.integers(-1, 62))
def test_the_next_member_is_one_and_none_is_earlier(a, start, until):
    """Against a walk over every second."""
    members = [second for second in range(start, until) if a.at_second(second)]

    assert (members[0] if members else None) == a.next_second(start, until)
    found = a.next_from(instant_of(start), instant_of(until))
    assert (instant_of(members[0]) if members else None) == found


@settings(max_examples=50, deadline=None)
@given(sets, st.integers(-1, 61), st.integers(-1, 62))
def test_clipping_keeps_what_is_inside_and_forgets_the_rest(a, start, end):
    """Outside the clip nothing is known any more."""
    inside = [answer if start <= second < end else None for second, answer in zip(SECONDS, answers(a), strict=True)]

    assert inside == answers(a.clipped(start, end))
