"""Caps: at most so many counted events in any period that holds the new contact."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.contact.caps import below_cap, known_events
from dunning.core.contact.effects import CapRule
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.wall import Frame, months
from dunning.errors import FactsError

UTC = dt.UTC
NEW_YORK = "America/New_York"
KIRITIMATI = "Pacific/Kiritimati"


def wall(text, zone=NEW_YORK):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def line(at, **changes):
    at = wall(at) if isinstance(at, str) else at
    fields = {
        "id": at.isoformat(),
        "direction": "out",
        "purpose": "collection",
        "channel": "call",
        "person_id": "p",
        "loan_ids": ("l",),
        "point_id": "pt",
        "household": "h",
        "device": "d",
        "at": at,
        "outcome": "attempted",
        "recorded_at": at,
    }
    return ContactRecord(**(fields | changes))


def request(at, history=(), zones=(NEW_YORK,), **changes):
    fields = {
        "person_id": "p",
        "loan_ids": ("l",),
        "purpose": "collection",
        "channel": "call",
        "point_id": "pt",
        "household": "h",
        "device": "d",
        "jurisdictions": ("US",),
        "zones": zones,
        "history": tuple(history),
        "at": at,
    }
    return ContactRequest(**(fields | changes))


def keeps(rule, at, history=(), zones=(NEW_YORK,), **changes):
    """Whether one more contact at *at* keeps *rule*; None is unknown."""
    at = wall(at) if isinstance(at, str) else at
    asked = request(at, history, zones, **changes)
    frame = Frame(*months(at, at + dt.timedelta(seconds=1)), zones)
    return below_cap(rule, asked, known_events(asked.history), frame).at(at)


SEVEN_IN_SEVEN = CapRule(
    counts="attempt",
    most=7,
    period="rolling_days",
    length=7,
    per="person_and_debt",
    channels=("call", "announcement"),
    except_unconnected=True,
    except_requested=True,
)
AFTER_CONVERSATION = CapRule(
    counts="conversation_any", most=0, period="rolling_days", length=7, per="person_and_debt", channels=("call",)
)
ONE_A_DAY = CapRule(counts="attempt", most=1, period="day")
ONE_TO_SEVEN_APRIL = [line(f"2026-04-0{day}T10:00:00") for day in range(1, 8)]


# --- Regulation F, 12 CFR 1006.14(b)(2) ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "history", "kept"),
    [
        pytest.param("2026-04-07T18:00:00", ONE_TO_SEVEN_APRIL[:6], True, id="the seventh call"),
        pytest.param("2026-04-07T18:00:00", ONE_TO_SEVEN_APRIL, False, id="an eighth on the seventh day"),
        pytest.param("2026-04-07T23:59:59", ONE_TO_SEVEN_APRIL, False, id="the last second of the seventh day"),
        pytest.param("2026-04-08T00:00:00", ONE_TO_SEVEN_APRIL, True, id="exactly one is left on the eighth"),
        pytest.param(
            "2026-04-08T18:00:00", [*ONE_TO_SEVEN_APRIL, line("2026-04-08T09:00:00")], False, id="and no second one"
        ),
        pytest.param(
            "2026-04-09T09:00:00", [*ONE_TO_SEVEN_APRIL, line("2026-04-08T09:00:00")], True, id="one more on the ninth"
        ),
        pytest.param("2026-04-01T09:00:00", ONE_TO_SEVEN_APRIL, False, id="before the first, on its day"),
        pytest.param("2026-03-31T23:59:59", ONE_TO_SEVEN_APRIL, True, id="the day before: six of them are in its week"),
    ],
)
def test_seven_calls_in_seven_days(at, history, kept):
    """One call on 1 April and six from 2 to 7 April leave exactly one on 8 April."""
    assert kept is keeps(SEVEN_IN_SEVEN, at, history)


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        pytest.param({}, False, id="a call"),
        pytest.param({"channel": "announcement"}, False, id="a recorded voice"),
        pytest.param({"channel": "sms"}, True, id="a text is no call"),
        pytest.param({"outcome": "not_connected"}, True, id="busy or out of service"),
        pytest.param({"outcome": None}, False, id="unknown counts as far as it may have gone"),
        pytest.param({"outcome": "not_connected", "reserved": True}, False, id="reserved: it may yet connect"),
        pytest.param({"wrong_number": True}, True, id="a wrong number"),
        pytest.param({"requested_call_back": True}, True, id="asked for by the person"),
        pytest.param({"direction": "in", "actor": "borrower"}, True, id="the person called"),
        pytest.param({"person_id": "q"}, True, id="another person about this debt"),
        pytest.param({"loan_ids": ("m",)}, True, id="another debt"),
        pytest.param({"loan_ids": ("m", "l")}, False, id="this debt among others"),
        pytest.param({"loan_ids": ()}, False, id="no debt named: it counts for each"),
        pytest.param({"actor": "agency", "actor_id": "a"}, False, id="by an agency"),
    ],
)
def test_what_counts_as_a_call(changes, kept):
    """Six plain calls and one more of a kind."""
    history = [*ONE_TO_SEVEN_APRIL[:6], evolve(ONE_TO_SEVEN_APRIL[6], **changes)]

    assert kept is keeps(SEVEN_IN_SEVEN, "2026-04-07T18:00:00", history)


@pytest.mark.parametrize(
    ("at", "kept"),
    [
        pytest.param("2026-04-01T14:59:59", True, id="before the conversation"),
        pytest.param("2026-04-01T15:00:01", False, id="after it, on its day: day one"),
        pytest.param("2026-04-07T23:59:59", False, id="the end of day seven"),
        pytest.param("2026-04-08T00:00:00", True, id="day eight"),
    ],
)
@pytest.mark.parametrize(
    ("changes"),
    [
        pytest.param({}, id="we called"),
        pytest.param({"direction": "in", "actor": "borrower"}, id="they called"),
        pytest.param({"outcome": None}, id="nobody knows yet what came of it"),
    ],
)
def test_a_conversation_silences_the_telephone_through_the_seventh_day(at, kept, changes):
    """The day of the conversation is day one, whoever began it."""
    history = [evolve(line("2026-04-01T15:00:00", outcome="conversation"), **changes)]

    assert kept is keeps(AFTER_CONVERSATION, at, history)


@pytest.mark.parametrize(
    ("outcome", "kept"),
    [
        pytest.param("not_connected", True, id="not connected"),
        pytest.param("attempted", True, id="rang"),
        pytest.param("connected", True, id="connected"),
        pytest.param("identity_verified", True, id="identified"),
        pytest.param("conversation", False, id="talked"),
    ],
)
def test_only_a_conversation_is_one(outcome, kept):
    """Each rung of the ladder below it does not silence."""
    assert kept is keeps(AFTER_CONVERSATION, "2026-04-02T10:00:00", [line("2026-04-01T15:00:00", outcome=outcome)])


# --- periods ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "length", "at", "kept"),
    [
        pytest.param("day", 1, "2026-03-31T00:00:00", False, id="day: its first second"),
        pytest.param("day", 1, "2026-03-31T23:59:59", False, id="day: its last second"),
        pytest.param("day", 1, "2026-03-30T23:59:59", True, id="day: the day before"),
        pytest.param("day", 1, "2026-04-01T00:00:00", True, id="day: the next day"),
        pytest.param("week", 1, "2026-03-30T00:00:00", False, id="week: its Monday"),
        pytest.param("week", 1, "2026-03-29T23:59:59", True, id="week: the Sunday before"),
        pytest.param("week", 1, "2026-04-05T23:59:59", False, id="week: its Sunday, in the next month"),
        pytest.param("week", 1, "2026-04-06T00:00:00", True, id="week: the next Monday"),
        pytest.param("month", 1, "2026-03-01T00:00:00", False, id="month: its first"),
        pytest.param("month", 1, "2026-02-28T23:59:59", True, id="month: the last of the one before"),
        pytest.param("month", 1, "2026-04-01T00:00:00", True, id="month: the next first"),
        pytest.param("rolling_days", 2, "2026-04-01T23:59:59", False, id="two days: the second"),
        pytest.param("rolling_days", 2, "2026-04-02T00:00:00", True, id="two days: the third"),
        pytest.param("rolling_days", 2, "2026-03-30T00:00:00", False, id="two days: the day before, already planned"),
        pytest.param("rolling_days", 2, "2026-03-29T23:59:59", True, id="two days: two days before"),
        pytest.param("rolling_seconds", 3600, "2026-03-31T12:59:59", False, id="an hour: its last second"),
        pytest.param("rolling_seconds", 3600, "2026-03-31T13:00:00", True, id="an hour: over"),
        pytest.param("rolling_seconds", 3600, "2026-03-31T11:00:01", False, id="an hour: one too soon before"),
        pytest.param("rolling_seconds", 3600, "2026-03-31T11:00:00", True, id="an hour: a whole one before"),
    ],
)
def test_one_contact_in_a_period(period, length, at, kept):
    """A contact at noon on Tuesday, 31 March, and its neighbours on both sides."""
    rule = CapRule(counts="attempt", most=1, period=period, length=length)

    assert kept is keeps(rule, at, [line("2026-03-31T12:00:00")])


@pytest.mark.parametrize(
    ("period", "length", "at", "kept"),
    [
        pytest.param("day", 1, "2026-03-31T11:59:59", True, id="day: before"),
        pytest.param("day", 1, "2026-03-31T23:59:59", False, id="day: the rest of it"),
        pytest.param("day", 1, "2026-04-01T00:00:00", True, id="day: over"),
        pytest.param("rolling_seconds", 60, "2026-03-31T12:00:59", False, id="a minute: its last second"),
        pytest.param("rolling_seconds", 60, "2026-03-31T12:01:00", True, id="a minute: over"),
        pytest.param("rolling_seconds", 60, "2026-03-31T11:59:59", True, id="a minute: before"),
    ],
)
def test_a_cool_down_begins_with_its_event(period, length, at, kept):
    """A cap of nothing looks back alone."""
    rule = CapRule(counts="attempt", most=0, period=period, length=length)

    assert kept is keeps(rule, at, [line("2026-03-31T12:00:00")])


@pytest.mark.parametrize(
    ("counts", "last", "first"),
    [
        pytest.param(True, "2026-04-01", "2026-04-02", id="the day is day one"),
        pytest.param(False, "2026-04-02", "2026-04-03", id="the day is day zero"),
    ],
)
@pytest.mark.parametrize("most", [pytest.param(0, id="cool-down"), pytest.param(1, id="cap of one")])
def test_whether_the_first_day_counts(counts, last, first, most):
    """Two days from 31 March."""
    rule = CapRule(counts="attempt", most=most, period="rolling_days", length=2, trigger_day_counts=counts)
    history = [line("2026-03-31T12:00:00")]

    assert keeps(rule, f"{last}T23:59:59", history) is False
    assert keeps(rule, f"{first}T00:00:00", history) is True


@pytest.mark.parametrize(
    ("period", "length", "two", "at", "kept"),
    [
        pytest.param("day", 1, ("03-31T09:00:00", "03-31T12:00:00"), "03-31T18:00:00", False, id="day: both on it"),
        pytest.param("day", 1, ("03-30T12:00:00", "03-31T12:00:00"), "03-30T18:00:00", True, id="day: one of them"),
        pytest.param("day", 1, ("03-30T12:00:00", "03-31T12:00:00"), "03-31T18:00:00", True, id="day: the other"),
        pytest.param(
            "week", 1, ("03-30T12:00:00", "04-05T12:00:00"), "04-01T12:00:00", False, id="week: its Monday and Sunday"
        ),
        pytest.param("week", 1, ("03-29T12:00:00", "03-31T12:00:00"), "03-29T18:00:00", True, id="week: one of them"),
        pytest.param("month", 1, ("03-01T12:00:00", "03-31T12:00:00"), "03-15T12:00:00", False, id="month: its ends"),
        pytest.param("month", 1, ("03-31T12:00:00", "04-01T12:00:00"), "03-31T18:00:00", True, id="month: one of them"),
        pytest.param(
            "rolling_days", 3, ("03-29T12:00:00", "03-31T12:00:00"), "03-30T12:00:00", False, id="days: between them"
        ),
        pytest.param(
            "rolling_days", 3, ("03-28T12:00:00", "03-31T12:00:00"), "03-30T12:00:00", True, id="days: too far apart"
        ),
        pytest.param(
            "rolling_seconds",
            60,
            ("03-31T12:00:00", "03-31T12:00:59"),
            "03-31T12:00:30",
            False,
            id="seconds: between them",
        ),
        pytest.param(
            "rolling_seconds",
            60,
            ("03-31T12:00:00", "03-31T12:01:00"),
            "03-31T12:00:30",
            True,
            id="seconds: too far apart",
        ),
    ],
)
def test_two_contacts_fill_a_period_only_together(period, length, two, at, kept):
    """A cap of two: what the two have no period in common with, they do not fill."""
    rule = CapRule(counts="attempt", most=2, period=period, length=length)

    assert kept is keeps(rule, f"2026-{at}", [line(f"2026-{one}") for one in two])


def test_a_part_of_a_second_is_counted_cautiously():
    """A call at 12:00:00.9 and one at 12:01:00.0 are less than a minute apart."""
    rule = CapRule(counts="attempt", most=1, period="rolling_seconds", length=60)
    history = [line(wall("2026-03-31T12:00:00") + dt.timedelta(milliseconds=900))]

    assert keeps(rule, "2026-03-31T12:01:00", history) is False
    assert keeps(rule, "2026-03-31T12:01:01", history) is True


# --- keys ------------------------------------------------------------------------------------------------------------

OTHER = {"person_id": "q", "loan_ids": ("m",), "point_id": "pu", "household": "i", "device": "e"}


@pytest.mark.parametrize(
    ("per", "same"),
    [
        pytest.param("person", {"person_id": "p"}, id="person"),
        pytest.param("debt", {"loan_ids": ("l",)}, id="debt, whoever was called"),
        pytest.param("person_and_debt", {"person_id": "p", "loan_ids": ("l",)}, id="person and debt"),
        pytest.param("point", {"point_id": "pt"}, id="contact point"),
        pytest.param("household", {"household": "h"}, id="household"),
        pytest.param("device", {"device": "d"}, id="device"),
    ],
)
def test_what_a_cap_counts_by(per, same):
    """An event counts when it shares the key, and only then."""
    rule = evolve(ONE_A_DAY, per=per)

    assert keeps(rule, "2026-03-31T18:00:00", [line("2026-03-31T12:00:00", **(OTHER | same))]) is False
    assert keeps(rule, "2026-03-31T18:00:00", [line("2026-03-31T12:00:00", **OTHER)]) is True


@pytest.mark.parametrize("key", ["point", "household", "device"])
def test_a_key_that_is_not_stated_is_unknown(key):
    """A rule that needs it refuses, even with an empty history."""
    field = {"point": "point_id"}.get(key, key)

    assert keeps(evolve(ONE_A_DAY, per=key), "2026-03-31T18:00:00", **{field: ""}) is None


@pytest.mark.parametrize("key", ["point", "household", "device"])
def test_a_contact_with_this_person_that_states_none_may_have_been_to_the_same(key):
    """As one that names no debt may have been about any; with somebody else it is somebody else's."""
    field = {"point": "point_id"}.get(key, key)
    call = line("2026-03-31T12:00:00", **{field: ""})

    assert keeps(evolve(ONE_A_DAY, per=key), "2026-03-31T18:00:00", [call]) is False
    assert keeps(evolve(ONE_A_DAY, per=key), "2026-03-31T18:00:00", [evolve(call, person_id="q")]) is True


def test_each_debt_of_a_contact_has_its_own_count():
    """A contact about two debts is refused when either has no room left."""
    rule = CapRule(counts="attempt", most=2, period="day", per="person_and_debt")
    once_each = [line("2026-03-31T12:00:00", loan_ids=("l",)), line("2026-03-31T13:00:00", loan_ids=("m",))]
    twice_one = [*once_each, line("2026-03-31T14:00:00", loan_ids=("m",))]

    assert keeps(rule, "2026-03-31T18:00:00", once_each, loan_ids=("l", "m")) is True
    assert keeps(rule, "2026-03-31T18:00:00", twice_one, loan_ids=("l", "m")) is False
    assert keeps(rule, "2026-03-31T18:00:00", twice_one, loan_ids=("l",)) is True
    assert keeps(rule, "2026-03-31T18:00:00", twice_one, loan_ids=()) is False  # it might be about either


# --- what is counted -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "counted"),
    [
        pytest.param(
            "attempt",
            {"not_connected", "attempted", "connected", "identity_verified", "conversation", None},
            id="attempt",
        ),
        pytest.param(
            "contact",
            {"not_connected", "attempted", "connected", "identity_verified", "conversation", None},
            id="contact",
        ),
        pytest.param("unanswered", {"not_connected", "attempted", None}, id="unanswered"),
        pytest.param("connected", {"connected", "identity_verified", "conversation", None}, id="connected"),
        pytest.param("conversation", {"conversation", None}, id="conversation"),
        pytest.param("message", set(), id="message: a call is none"),
        pytest.param("visit", set(), id="visit: a call is none"),
    ],
)
def test_how_far_a_call_must_have_gone(counts, counted):
    """Each rung of the ladder, and the unknown, which may have gone as far as it counts."""
    rule = CapRule(counts=counts, most=1, period="day")
    outcomes = ["not_connected", "attempted", "connected", "identity_verified", "conversation", None]
    refused = {
        outcome
        for outcome in outcomes
        if keeps(rule, "2026-03-31T18:00:00", [line("2026-03-31T12:00:00", outcome=outcome)]) is False
    }

    assert counted == refused


@pytest.mark.parametrize(
    ("counts", "channels"),
    [
        pytest.param("conversation", {"call", "visit", "chat"}, id="nobody talks back to a letter"),
        pytest.param("connected", {"call", "visit", "chat", "announcement"}, id="an announcement can connect"),
        pytest.param("message", {"sms", "email", "app", "chat", "letter"}, id="messages"),
        pytest.param("visit", {"visit"}, id="visits"),
    ],
)
def test_how_far_an_unknown_contact_can_have_gone(counts, channels):
    """By channel."""
    rule = CapRule(counts=counts, most=1, period="day")
    refused = {
        channel
        for channel in ("sms", "email", "app", "chat", "letter", "call", "announcement", "visit")
        if keeps(rule, "2026-03-31T18:00:00", [line("2026-03-31T12:00:00", channel=channel, outcome=None)]) is False
    }

    assert channels == refused


@pytest.mark.parametrize(
    ("narrow", "kept"),
    [
        pytest.param({}, False, id="everything counts"),
        pytest.param({"channels": ("sms",)}, True, id="another channel"),
        pytest.param({"channels": ("sms", "call")}, False, id="a pool of channels"),
        pytest.param({"purposes": ("service",)}, True, id="another purpose"),
        pytest.param({"roles": ("contact_person",)}, True, id="another role"),
        pytest.param({"roles": ("borrower",)}, False, id="this role"),
    ],
)
def test_what_a_cap_leaves_out(narrow, kept):
    """Only the counted channels, purposes and roles count."""
    assert kept is keeps(evolve(ONE_A_DAY, **narrow), "2026-03-31T18:00:00", [line("2026-03-31T12:00:00")])


# --- corrections -----------------------------------------------------------------------------------------------------


def test_a_correction_holds_from_the_beginning():
    """The number turned out to be wrong a month later: the call never counted. The order of lines does not matter."""
    call = line("2026-03-31T12:00:00", id="c")
    corrected = evolve(call, wrong_number=True, recorded_at=wall("2026-04-30T12:00:00"))

    for history in ([call, corrected], [corrected, call]):
        assert keeps(ONE_A_DAY, "2026-03-31T18:00:00", history) is True
    assert keeps(ONE_A_DAY, "2026-03-31T18:00:00", [call]) is False


def test_versions_that_disagree_count_if_any_counts():
    """Nobody can tell which of two lines of one instant is right, so the cautious one holds, and once."""
    call = line("2026-03-31T12:00:00", id="c")
    other = evolve(call, wrong_number=True)
    later = evolve(call, outcome="conversation")
    two_a_day = evolve(ONE_A_DAY, most=2)

    for history in ([call, other], [other, call]):
        assert keeps(ONE_A_DAY, "2026-03-31T18:00:00", history) is False
    assert keeps(two_a_day, "2026-03-31T18:00:00", [call, later, call]) is True


# On 1 November 2026 New York shows the hour from one to two twice.
FIRST_SHOWING = dt.datetime(2026, 11, 1, 1, 50, tzinfo=ZoneInfo(NEW_YORK))
SECOND_SHOWING = dt.datetime(2026, 11, 1, 1, 5, tzinfo=ZoneInfo(NEW_YORK), fold=1)


@pytest.mark.parametrize(
    "recorded_at",
    [
        pytest.param(SECOND_SHOWING, id="on the same wall"),
        pytest.param(SECOND_SHOWING.astimezone(dt.UTC), id="in UTC"),
        pytest.param(FIRST_SHOWING.astimezone(dt.UTC), id="at the same instant, said in UTC"),
    ],
)
def test_a_correction_in_the_hour_that_the_clock_shows_twice(recorded_at):
    """A quarter of an hour after the line that it corrects, and earlier on the wall: it was a conversation."""
    call = line("2026-10-31T12:00:00", id="c", outcome="attempted", recorded_at=FIRST_SHOWING)
    corrected = evolve(call, outcome="conversation", recorded_at=recorded_at)

    for history in ([call, corrected], [corrected, call]):
        assert keeps(AFTER_CONVERSATION, "2026-11-02T12:00:00", history) is False


@pytest.mark.parametrize("most", [0, 1, 2])
def test_seconds_are_counted_through_the_hour_that_the_clock_shows_twice(most):
    """Spacing of an hour: 1:50 for the first time and 1:05 for the second are a quarter of an hour apart."""
    hour = CapRule(counts="attempt", most=most, period="rolling_seconds", length=3600)
    calls = [line(FIRST_SHOWING, id="a"), line(SECOND_SHOWING, id="b")]
    in_utc = [evolve(call, at=call.at.astimezone(dt.UTC)) for call in calls]
    asked = [FIRST_SHOWING.astimezone(dt.UTC) + dt.timedelta(minutes=minutes) for minutes in range(-90, 120, 5)]

    expected = [keeps(hour, at, in_utc) for at in asked]
    assert expected == [keeps(hour, at, calls) for at in asked]
    assert {True, False} == set(expected)


# --- zones -----------------------------------------------------------------------------------------------------------


def test_a_cap_is_spent_when_it_is_spent_in_any_plausible_zone():
    """Noon in New York is the next day's small hours in Kiritimati, so the day is another one there."""
    history = [line("2026-03-31T12:00:00")]  # 06:00 on 1 April in Kiritimati
    evening = "2026-04-01T02:00:00"  # 20:00 on 1 April in Kiritimati

    assert keeps(ONE_A_DAY, evening, history) is True
    assert keeps(ONE_A_DAY, evening, history, zones=(NEW_YORK, KIRITIMATI)) is False
    assert keeps(evolve(ONE_A_DAY, zone="residence"), evening, history, zones=(NEW_YORK, KIRITIMATI)) is True
    assert keeps(evolve(ONE_A_DAY, zone=KIRITIMATI), evening, history) is False


def test_dates_need_a_zone_and_seconds_do_not():
    """Without a zone there is no date."""
    spacing = CapRule(counts="attempt", most=1, period="rolling_seconds", length=60)

    assert keeps(ONE_A_DAY, "2026-03-31T18:00:00", zones=()) is None
    assert keeps(spacing, "2026-03-31T18:00:00", zones=()) is True


def test_a_cap_across_a_change_of_the_clock_counts_dates():
    """The hour that New York loses on 8 March 2026 shifts no date."""
    rule = CapRule(counts="attempt", most=1, period="rolling_days", length=2)
    history = [line("2026-03-07T23:30:00")]

    assert keeps(rule, "2026-03-08T23:59:59", history) is False
    assert keeps(rule, "2026-03-09T00:00:00", history) is True


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"zone": "Mars/Base"}, "zone must be", id="unknown zone"),
        pytest.param({"length": 2}, "rolling period", id="two civil days"),
    ],
)
def test_a_cap_that_cannot_be_is_refused(fields, message):
    """Errors at birth."""
    with pytest.raises(FactsError, match=message):
        evolve(ONE_A_DAY, **fields)


# --- against the definition ------------------------------------------------------------------------------------------

START = dt.datetime(2026, 3, 1, tzinfo=UTC)
moments = st.integers(0, 40 * 24).map(lambda hour: START + dt.timedelta(hours=hour))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(moments, max_size=8),
    moments,
    st.integers(1, 4),
    st.integers(1, 8),
    st.lists(st.sampled_from([NEW_YORK, KIRITIMATI, "Africa/Casablanca"]), min_size=1, max_size=2, unique=True),
)
def test_rolling_days_are_every_run_of_days_that_holds_the_contact(times, at, most, length, zones):
    """The definition: in no run of *length* dates may there be more than *most*, the new one included."""
    rule = CapRule(counts="attempt", most=most, period="rolling_days", length=length)
    history = [line(time, id=str(index)) for index, time in enumerate(times)]

    def full(zone):
        day = at.astimezone(ZoneInfo(zone)).toordinal()
        days = [time.astimezone(ZoneInfo(zone)).toordinal() for time in times]
        return any(
            sum(first <= other < first + length for other in days) >= most for first in range(day - length + 1, day + 1)
        )

    assert (not any(full(zone) for zone in zones)) is keeps(rule, at, history, tuple(zones))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=8), st.integers(0, 40), st.integers(1, 4), st.integers(1, 12))
def test_rolling_seconds_are_every_run_of_seconds_that_holds_the_contact(times, at, most, length):
    """The same definition with seconds."""
    rule = CapRule(counts="attempt", most=most, period="rolling_seconds", length=length)
    history = [line(START + dt.timedelta(seconds=time), id=str(index)) for index, time in enumerate(times)]
    full = any(
        sum(first <= other < first + length for other in times) >= most for first in range(at - length + 1, at + 1)
    )

    assert (not full) is keeps(rule, START + dt.timedelta(seconds=at), history)


@settings(max_examples=50, deadline=None)
@given(st.permutations(ONE_TO_SEVEN_APRIL), moments)
def test_the_order_of_the_ledger_does_not_matter(history, at):
    """Lines arrive as they like."""
    assert keeps(SEVEN_IN_SEVEN, at, ONE_TO_SEVEN_APRIL) is keeps(SEVEN_IN_SEVEN, at, history)
