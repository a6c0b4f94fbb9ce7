"""What the researched laws need a rule to say, one dimension a table: see `docs/reference/rules.md`."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from dunning.core.calendar import Calendar
from dunning.core.contact.effects import (
    BarRule,
    CapRule,
    HoursRule,
    Incorporation,
    NoNumberRule,
    PreconditionRule,
)
from dunning.core.contact.instants import second_of
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.permission import may_contact, permitted_instants
from dunning.core.contact.request import Actor, ContactRequest, Milestone
from dunning.core.contact.rule import Binding, ContactRule, RulePack, Source
from dunning.core.contact.rule_set import rule_set
from dunning.core.facts.person import Consent, Hours
from dunning.core.hold import Hold, Subject
from dunning.errors import FactsError, RulePackError

NEW_YORK = "America/New_York"
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def wall(text, zone=NEW_YORK):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


NOON = wall("2026-03-04T12:00:00")  # a Wednesday


def rule(effect, **changes):
    fields = {
        "id": "r",
        "jurisdiction": "US",
        "title": "A rule",
        "source": Source(instrument="a law", read_as="primary", confidence="high"),
        "force": "prohibition",
        "effect": effect,
    }
    return ContactRule(**(fields | changes))


HOUSE = RulePack(
    id="house",
    version="1",
    owner="lender",
    rules=(
        rule(
            HoursRule(windows=(Hours(weekdays=tuple(range(7)), opens=dt.time(0), closes=dt.time.max),)),
            id="house.always",
            jurisdiction="house",
            force="house_rule",
        ),
    ),
)


def judged(asked, *every, calendars=None, house=HOUSE, **stated):
    pack = RulePack(id="p", version="1", owner="o", covers=("US", "US-MA", "CN"), rules=every)
    return may_contact(asked, rule_set([pack], house=house, **stated), calendars=calendars)


def request(at=NOON, **changes):
    fields = {
        "person_id": "p",
        "loan_ids": ("l",),
        "purpose": "collection",
        "channel": "call",
        "point_id": "pt",
        "lawful_basis": "contract",
        "jurisdictions": ("US",),
        "zones": (NEW_YORK,),
        "at": at,
    }
    return ContactRequest(**(fields | changes))


def line(at, **changes):
    fields = {
        "id": at.isoformat(),
        "direction": "out",
        "purpose": "collection",
        "channel": "call",
        "person_id": "p",
        "loan_ids": ("l",),
        "at": at,
        "outcome": "attempted",
        "recorded_at": at,
    }
    return ContactRecord(**(fields | changes))


ALWAYS = BarRule(on="always")


def objecting(verdict):
    return [one.rule for one in verdict.objections]


# --- whom and what a rule binds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("binding", "changes", "binds"),
    [
        pytest.param(Binding(actors=("third_party",)), {}, False, id="an original creditor"),
        pytest.param(Binding(actors=("third_party",)), {"actor": Actor(kind="third_party")}, True, id="an agency"),
        pytest.param(
            Binding(institutions=("bank",)), {"actor": Actor(institution="auto_finance")}, False, id="another institution"
        ),
        pytest.param(Binding(institutions=("bank",)), {}, True, id="an institution that nobody states"),
        pytest.param(
            Binding(except_institutions=("bank",)), {"actor": Actor(institution="bank")}, False, id="one that is exempt"
        ),
        pytest.param(
            Binding(except_institutions=("bank",)), {"actor": Actor(institution="leasing")}, True, id="one that is not"
        ),
        pytest.param(Binding(except_institutions=("bank",)), {}, True, id="one that might be exempt"),
        pytest.param(Binding(products=("card",)), {"product": "auto"}, False, id="another product"),
        pytest.param(Binding(except_products=("auto",)), {"product": "auto"}, False, id="a product that is exempt"),
        pytest.param(Binding(debt_statuses=("charged_off",)), {"debt_status": "active"}, False, id="another status"),
        pytest.param(Binding(debt_statuses=("charged_off",)), {"debt_status": "charged_off"}, True, id="the status"),
        pytest.param(Binding(debt_statuses=("charged_off",)), {}, True, id="a status that nobody states"),
        pytest.param(Binding(days_past_due_from=31), {"days_past_due": 30}, False, id="a day too early"),
        pytest.param(Binding(days_past_due_from=31), {"days_past_due": 31}, True, id="from that day"),
        pytest.param(Binding(days_past_due_to=15), {"days_past_due": 15}, True, id="up to that day"),
        pytest.param(Binding(days_past_due_to=15), {"days_past_due": 16}, False, id="a day too late"),
        pytest.param(Binding(origination_channels=("online",)), {"origination_channel": "dealer"}, False, id="a dealer's"),
        pytest.param(Binding(places=("workplace",)), {}, False, id="not at work"),
        pytest.param(Binding(places=("workplace",)), {"workplace": True}, True, id="at work"),
        pytest.param(Binding(places=("personal",)), {"workplace": True}, False, id="only elsewhere"),
        pytest.param(Binding(purposes=("collection",)), {"purpose": "service"}, False, id="another purpose"),
        pytest.param(Binding(roles=("guarantor",)), {}, False, id="another role"),
    ],
)  # fmt: skip
def test_whom_it_binds(binding, changes, binds):
    """Where it does not bind, the verdict says so, and does not say that it permits."""
    verdict = judged(request(**changes), rule(ALWAYS, binding=binding))

    assert binds is ("r" in objecting(verdict))
    assert binds is ("r" not in verdict.not_bound)


# --- hours -----------------------------------------------------------------------------------------------------------

WEEKDAYS = Hours(weekdays=(0, 1, 2, 3, 4), opens=dt.time(9), closes=dt.time(20))
SUNDAY = Hours(weekdays=(6,), opens=dt.time(13), closes=dt.time(17))
PUBLIC = Calendar(
    name="PUBLIC",
    known_from=dt.date(2026, 1, 1),
    known_until=dt.date(2026, 4, 1),
    days=frozenset([dt.date(2026, 3, 5)]),
    workdays=frozenset([dt.date(2026, 3, 7), dt.date(2026, 3, 8)]),
)


@pytest.mark.parametrize(
    ("effect", "at", "opens"),
    [
        pytest.param(
            HoursRule(windows=(Hours(weekdays=(2,), opens=dt.time(22), closes=dt.time(2)),)), "2026-03-04T22:00:00", True,
            id="a window past midnight opens",
        ),
        pytest.param(
            HoursRule(windows=(Hours(weekdays=(2,), opens=dt.time(22), closes=dt.time(2)),)), "2026-03-05T01:59:59", True,
            id="it ends on the next date",
        ),
        pytest.param(
            HoursRule(windows=(Hours(weekdays=(2,), opens=dt.time(22), closes=dt.time(2)),)), "2026-03-05T02:00:00", False,
            id="at its end",
        ),
        pytest.param(
            HoursRule(windows=(Hours(weekdays=(2,), opens=dt.time(22), closes=dt.time(2)),)), "2026-03-04T01:00:00", False,
            id="it does not begin the night before",
        ),
        pytest.param(
            HoursRule(
                windows=(Hours(weekdays=(2,), opens=dt.time(22), closes=dt.time(2)),), holidays="closed", calendar="PUBLIC"
            ), "2026-03-05T00:00:00", False, id="it ends where a holiday begins",
        ),
        pytest.param(
            HoursRule(windows=(WEEKDAYS,), holidays="closed", calendar="PUBLIC"), "2026-03-05T12:00:00", False,
            id="a holiday that is closed",
        ),
        pytest.param(
            HoursRule(windows=(WEEKDAYS,), holidays="own", holiday_windows=(
                Hours(weekdays=tuple(range(7)), opens=dt.time(10), closes=dt.time(13)),), calendar="PUBLIC"),
            "2026-03-05T12:59:59", True, id="a holiday with hours of its own",
        ),
        pytest.param(
            HoursRule(windows=(WEEKDAYS,), holidays="own", holiday_windows=(
                Hours(weekdays=tuple(range(7)), opens=dt.time(10), closes=dt.time(13)),), calendar="PUBLIC"),
            "2026-03-05T13:00:00", False, id="at their end",
        ),
        pytest.param(HoursRule(windows=(WEEKDAYS,)), "2026-03-05T12:00:00", True, id="holidays that are ignored"),
        pytest.param(
            HoursRule(windows=(WEEKDAYS, SUNDAY), holidays="closed", holiday_weekdays=(6,), calendar="PUBLIC"),
            "2026-03-15T14:00:00", False, id="a Sunday that counts as a holiday",
        ),
        pytest.param(
            HoursRule(windows=(WEEKDAYS, SUNDAY), holidays="closed", holiday_weekdays=(6,), calendar="PUBLIC"),
            "2026-03-08T14:00:00", True, id="one that is worked by announcement does not",
        ),
        pytest.param(
            HoursRule(windows=(WEEKDAYS,), adjusted_as=4, calendar="PUBLIC"), "2026-03-07T09:00:00", True,
            id="a Saturday worked by announcement has a Friday's hours",
        ),
        pytest.param(
            HoursRule(windows=(WEEKDAYS,), adjusted_as=4, calendar="PUBLIC"), "2026-03-14T09:00:00", False,
            id="another Saturday has none",
        ),
        pytest.param(
            HoursRule(windows=(
                Hours(weekdays=(2,), opens=dt.time(8), closes=dt.time(11)),
                Hours(weekdays=(2,), opens=dt.time(14), closes=dt.time(18)))), "2026-03-04T12:00:00", False,
            id="between two windows of a day",
        ),
        pytest.param(
            HoursRule(windows=(WEEKDAYS,), opens_inclusive=False), "2026-03-04T09:00:00", False, id="an opening second that is out",
        ),
        pytest.param(
            HoursRule(windows=(WEEKDAYS,), closes_inclusive=True), "2026-03-04T20:00:00", True, id="a closing second that is in",
        ),
    ],
)  # fmt: skip
def test_hours(effect, at, opens):
    """To the second, on the wall."""
    verdict = judged(request(wall(at)), rule(effect), calendars={"PUBLIC": PUBLIC})

    assert opens is ("r" not in objecting(verdict))


@pytest.mark.parametrize(
    ("zone", "at", "opens"),
    [
        pytest.param("every", "2026-03-04T20:30:00", False, id="every: closed where the number is from"),
        pytest.param("residence", "2026-03-04T20:30:00", True, id="residence"),
        pytest.param("point", "2026-03-04T20:30:00", False, id="point: by the area code"),
        pytest.param("point", "2026-03-04T07:30:00", True, id="point: the residence is not asked"),
        pytest.param("every", "2026-03-04T07:30:00", False, id="every: closed at the residence"),
        pytest.param("Asia/Shanghai", "2026-03-04T20:30:00", True, id="a fixed zone, wherever the person is"),
    ],
)
def test_whose_clock(zone, at, opens):
    """A person in Los Angeles with a number of New York; the wall is that of Los Angeles."""
    windows = (Hours(weekdays=tuple(range(7)), opens=dt.time(8), closes=dt.time(22)),)
    asked = request(wall(at, "America/Los_Angeles"), zones=("America/Los_Angeles", NEW_YORK), point_zones=(NEW_YORK,))

    assert opens is ("r" not in objecting(judged(asked, rule(HoursRule(windows=windows, zone=zone)))))


def test_a_point_that_suggests_nothing_stands_for_the_residence():
    """A mobile number of a whole country."""
    windows = (Hours(weekdays=tuple(range(7)), opens=dt.time(8), closes=dt.time(22)),)
    asked = request(wall("2026-03-04T21:59:59", "America/Los_Angeles"), zones=("America/Los_Angeles", NEW_YORK))

    assert [] == objecting(judged(asked, rule(HoursRule(windows=windows, zone="point"))))


# --- counting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "event", "counted"),
    [
        pytest.param("message_left", {"message_left": True}, True, id="a message left"),
        pytest.param("message_left", {}, False, id="none left"),
        pytest.param("message_left", {"outcome": None}, True, id="perhaps left"),
        pytest.param("message_left", {"channel": "sms"}, False, id="a text is sent, not left"),
        pytest.param("reached", {"outcome": "connected"}, True, id="a call that was taken"),
        pytest.param("reached", {"outcome": "attempted"}, False, id="one that was not"),
        pytest.param("reached", {"outcome": "attempted", "message_left": True}, True, id="one that left a message"),
        pytest.param("reached", {"channel": "email"}, True, id="a message reaches"),
        pytest.param("reached", {"channel": "email", "outcome": "not_connected"}, False, id="unless it comes back"),
        pytest.param("informed", {"outcome": "connected"}, False, id="a call that somebody took informs nobody yet"),
        pytest.param("informed", {"outcome": "identity_verified"}, True, id="a call that the person took does"),
        pytest.param("informed", {"channel": "chat", "outcome": None}, True, id="a message informs, or may"),
        pytest.param("unanswered", {"outcome": "attempted"}, True, id="unanswered"),
        pytest.param("unanswered", {"outcome": "conversation"}, False, id="answered"),
        pytest.param("visit", {"channel": "visit"}, True, id="a visit"),
        pytest.param("conversation", {"direction": "in", "outcome": "conversation"}, False, id="theirs"),
        pytest.param("conversation_any", {"direction": "in", "outcome": "conversation"}, True, id="either's"),
    ],
)
def test_what_is_counted(counts, event, counted):
    """Nothing after it for a day."""
    effect = CapRule(counts=counts, most=0, period="day")
    verdict = judged(request(history=(line(NOON - HOUR, **event),)), rule(effect))

    assert counted is ("r" in objecting(verdict))


@pytest.mark.parametrize(
    ("change", "event", "counted"),
    [
        pytest.param({"places": ("workplace",)}, {"workplace": True}, True, id="at work"),
        pytest.param({"places": ("workplace",)}, {}, False, id="not at work"),
        pytest.param({"places": ("personal",)}, {"workplace": True}, False, id="only elsewhere"),
        pytest.param({"whose": "own"}, {"actor": "agency", "actor_id": "agency-1"}, False, id="another's"),
        pytest.param({"whose": "own"}, {"actor_id": "lender"}, True, id="one's own"),
        pytest.param({"whose": "own"}, {}, True, id="whose it was is not known"),
        pytest.param({"whose": "all"}, {"actor": "agency", "actor_id": "agency-1"}, True, id="the agency's adds up"),
        pytest.param({"except_purposes": ("reply",)}, {"purpose": "reply"}, False, id="a reply that is free"),
        pytest.param({"per": "household"}, {"household": "h"}, True, id="the household"),
        pytest.param({"per": "device"}, {"device": "d"}, True, id="the device"),
        pytest.param({"per": "device"}, {"device": "e"}, False, id="another device"),
        pytest.param({"per": "point"}, {"point_id": "pt"}, True, id="the number"),
        pytest.param({"per": "point"}, {"point_id": "other"}, False, id="another number"),
        pytest.param({"per": "debt"}, {"loan_ids": ("m",)}, False, id="another debt"),
        pytest.param({"per": "debt"}, {"loan_ids": ("m",), "person_id": "q"}, False, id="another debt of another"),
        pytest.param({"per": "debt"}, {"person_id": "q"}, True, id="the debt, with another person"),
        pytest.param({"per": "person_and_debt"}, {"person_id": "q"}, False, id="the person and the debt"),
        pytest.param({"channels": ("sms", "email")}, {"channel": "email"}, True, id="a pool of channels"),
        pytest.param({"channels": ("sms", "email")}, {}, False, id="a channel outside of it"),
        pytest.param({}, {"wrong_number": True}, False, id="a wrong number"),
        pytest.param({"except_unconnected": True}, {"outcome": "not_connected"}, False, id="a busy line"),
        pytest.param({"except_requested": True}, {"requested_call_back": True}, False, id="what was asked for"),
    ],
)
def test_which_are_counted(change, event, counted):
    """One a day."""
    effect = CapRule(**({"counts": "attempt", "most": 1, "period": "day"} | change))
    asked = request(household="h", device="d", history=(line(NOON - HOUR, **({"point_id": "pt"} | event)),))

    assert counted is ("r" in objecting(judged(asked, rule(effect))))


@pytest.mark.parametrize(
    ("starts", "at", "objects"),
    [
        pytest.param(0, "2026-03-08T23:59:59", True, id="Sunday of the same week"),
        pytest.param(0, "2026-03-09T00:00:00", False, id="Monday"),
        pytest.param(6, "2026-03-07T23:59:59", True, id="Saturday of a week that begins on Sunday"),
        pytest.param(6, "2026-03-08T00:00:00", False, id="its Sunday"),
        pytest.param(2, "2026-03-10T23:59:59", True, id="the last day of a week that begins on its Wednesday"),
    ],
)
def test_when_a_week_begins(starts, at, objects):
    """After one contact on Wednesday 4 March."""
    effect = CapRule(counts="attempt", most=1, period="week", week_starts=starts)

    assert objects is ("r" in objecting(judged(request(wall(at), history=(line(NOON),)), rule(effect))))


@pytest.mark.parametrize(
    ("used", "channel", "objects"),
    [
        pytest.param(["call", "call"], "call", False, id="the one channel again"),
        pytest.param(["call"], "sms", True, id="a second channel"),
        pytest.param([], "sms", False, id="the first"),
        pytest.param(["call", "sms"], "call", True, id="one of two used already: one too many was used"),
    ],
)
def test_distinct_channels(used, channel, objects):
    """Colombia, Ley 2300 of 2023: no several channels in one week."""
    effect = CapRule(counts="channels", most=1, period="week")
    history = tuple(line(NOON - HOUR * index, channel=name) for index, name in enumerate(used, start=1))

    assert objects is ("r" in objecting(judged(request(channel=channel, history=history), rule(effect))))


@pytest.mark.parametrize(
    ("used", "objects"),
    [
        pytest.param([("sms", 1), ("sms", 2)], False, id="one other"),
        pytest.param([("sms", 1), ("email", 2)], True, id="two others"),
        pytest.param([("sms", 3), ("email", 1)], True, id="both within three days"),
        pytest.param([("sms", 4), ("email", 1)], False, id="the older one is out of the period"),
        pytest.param([("sms", 4), ("email", 1), ("sms", 2)], True, id="used again meanwhile"),
    ],
)
def test_two_channels_in_a_rolling_period(used, objects):
    """Two distinct ones in seventy-two hours; a call would be the third."""
    effect = CapRule(counts="channels", most=2, period="rolling_seconds", length=3 * 86_400)
    history = tuple(line(NOON - DAY * days + HOUR, id=f"{days}", channel=name) for name, days in used)

    assert objects is ("r" in objecting(judged(request(history=history), rule(effect))))


@pytest.mark.parametrize(
    ("outcomes", "objects"),
    [
        pytest.param(["attempted", "attempted", "attempted", "attempted"], False, id="never spoken"),
        pytest.param(["conversation", "connected", "connected"], False, id="two since"),
        pytest.param(["conversation", "connected", "connected", "connected"], True, id="three since"),
        pytest.param(["connected", "connected", "conversation", "connected"], False, id="what came before is free"),
    ],
)
def test_counting_that_begins_after_a_conversation(outcomes, objects):
    """Ontario: three contacts in seven days, once there was a first conversation."""
    effect = CapRule(counts="reached", most=3, period="rolling_days", length=7, begins_after="conversation")
    history = tuple(line(NOON - HOUR * (9 - index), outcome=one) for index, one in enumerate(outcomes))

    assert objects is ("r" in objecting(judged(request(history=history), rule(effect))))


def test_a_number_that_proves_wrong_frees_the_cap_from_the_beginning():
    """A later version of the line corrects the earlier one."""
    effect = CapRule(counts="attempt", most=1, period="day")
    call = line(NOON - HOUR)
    wrong = evolve(call, wrong_number=True, recorded_at=NOON + DAY)

    assert ["r"] == objecting(judged(request(history=(call,)), rule(effect)))
    assert [] == objecting(judged(request(history=(wrong, call)), rule(effect)))


# --- silences after what is no contact -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "milestone", "at", "objects"),
    [
        pytest.param(
            CapRule(counts="milestone", milestones=("due",), most=0, period="rolling_days", length=10),
            Milestone(kind="due", on=dt.date(2026, 3, 4)), "2026-03-13T23:59:59", True, id="day 10 after the due date",
        ),
        pytest.param(
            CapRule(counts="milestone", milestones=("due",), most=0, period="rolling_days", length=10),
            Milestone(kind="due", on=dt.date(2026, 3, 4)), "2026-03-14T00:00:00", False, id="day 11",
        ),
        pytest.param(
            CapRule(
                counts="milestone", milestones=("due",), most=0, period="rolling_days", length=10, trigger_day_counts=False
            ), Milestone(kind="due", on=dt.date(2026, 3, 4)), "2026-03-14T12:00:00", True, id="ten days after the due date",
        ),
        pytest.param(
            CapRule(counts="milestone", milestones=("notice",), most=0, period="rolling_days", length=5),
            Milestone(kind="due", on=dt.date(2026, 3, 4)), "2026-03-04T12:00:00", False, id="another milestone",
        ),
        pytest.param(
            CapRule(counts="milestone", milestones=("promise",), most=0, period="until"),
            Milestone(kind="promise", on=dt.date(2026, 3, 4), until=dt.date(2026, 3, 20)), "2026-03-19T23:59:59", True,
            id="the day before the date that was promised",
        ),
        pytest.param(
            CapRule(counts="milestone", milestones=("promise",), most=0, period="until"),
            Milestone(kind="promise", on=dt.date(2026, 3, 4), until=dt.date(2026, 3, 20)), "2026-03-20T00:00:00", False,
            id="the date that was promised",
        ),
        pytest.param(
            CapRule(counts="milestone", milestones=("promise",), most=0, period="until"),
            Milestone(kind="promise", on=dt.date(2026, 3, 4), until=dt.date(2026, 3, 20), loan_id="m"),
            "2026-03-10T12:00:00", False, id="a promise about another loan",
        ),
        pytest.param(
            CapRule(counts="milestone", milestones=("suit",), most=0, period="until"),
            Milestone(kind="suit", on=dt.date(2026, 3, 4)), "2026-05-01T12:00:00", True, id="what has no end yet",
        ),
        pytest.param(
            CapRule(counts="milestone", milestones=("due",), most=0, period="month"),
            Milestone(kind="due", on=dt.date(2026, 3, 4)), "2026-03-31T23:59:59", True, id="until the month is over",
        ),
        pytest.param(
            CapRule(counts="milestone", milestones=("due",), most=0, period="month", per="household"),
            Milestone(kind="due", on=dt.date(2026, 3, 4)), "2026-04-01T00:00:00", False,
            id="a household that nobody states: nothing is counted by it",
        ),
    ],
)  # fmt: skip
def test_silence_after_a_milestone(effect, milestone, at, objects):
    """The same effect as after a contact."""
    assert objects is ("r" in objecting(judged(request(wall(at), milestones=(milestone,)), rule(effect))))


# --- preconditions ---------------------------------------------------------------------------------------------------

BUSINESS = PreconditionRule(notice="start_notice", days_before=3, business=True, calendar="PUBLIC")


@pytest.mark.parametrize(
    ("at", "permitted"),
    [
        # Monday 2 March; Thursday 5 is a holiday, the weekend of 7 and 8 is worked by announcement.
        pytest.param("2026-03-06T23:59:59", False, id="two business days after"),
        pytest.param("2026-03-07T00:00:00", False, id="the third is not over before it begins"),
    ],
)
def test_nothing_before_a_notice(at, permitted):
    """Without one."""
    verdict = judged(request(wall(at)), rule(BUSINESS), calendars={"PUBLIC": PUBLIC})

    assert permitted is verdict.permitted
    assert "Not on file: start_notice." in verdict.objections[0].says


@pytest.mark.parametrize(
    ("at", "objects"),
    [
        pytest.param("2026-03-05T12:00:00", True, id="the holiday is no business day"),
        pytest.param("2026-03-06T00:00:00", False, id="3, 4 and 6 March are the three"),
    ],
)
def test_a_notice_some_business_days_before(at, objects):
    """Given on Monday 2 March."""
    asked = request(wall(at), milestones=(Milestone(kind="start_notice", on=dt.date(2026, 3, 2)),))

    assert objects is ("r" in objecting(judged(asked, rule(BUSINESS), calendars={"PUBLIC": PUBLIC})))


@pytest.mark.parametrize(
    ("on", "calendars"),
    [
        pytest.param(dt.date(2026, 3, 2), {}, id="no calendar"),
        pytest.param(dt.date(2026, 3, 30), {"PUBLIC": PUBLIC}, id="a calendar that ends too early"),
    ],
)
def test_business_days_that_nobody_has_announced(on, calendars):
    """Unknown, which refuses and says so."""
    asked = request(wall("2026-06-01T12:00:00"), milestones=(Milestone(kind="start_notice", on=on),))
    verdict = judged(asked, rule(BUSINESS), calendars=calendars)

    assert [("r", "unknown")] == [(one.rule, one.kind) for one in verdict.objections]


def test_every_loan_needs_its_notice():
    """A contact about two loans, of which one was announced."""
    asked = request(
        wall("2026-03-20T12:00:00"),
        loan_ids=("l", "m"),
        milestones=(Milestone(kind="start_notice", on=dt.date(2026, 3, 2), loan_id="l"),),
    )
    calendars = {"PUBLIC": PUBLIC}

    assert ["r"] == objecting(judged(asked, rule(BUSINESS), calendars=calendars))
    assert [] == objecting(judged(evolve(asked, loan_ids=("l",)), rule(BUSINESS), calendars=calendars))


# --- blocks ----------------------------------------------------------------------------------------------------------


def hold(reason, subject=None, **changes):
    fields = {"id": "h", "subject": subject or Subject(kind="person", person_id="p"), "reason": reason}
    # It stops nothing by itself: what the law stops, the rule says.
    return Hold(**(fields | {"starts_on": dt.date(2026, 3, 4), "purposes": ("receipt",)} | changes))


@pytest.mark.parametrize(
    ("held", "changes", "objects"),
    [
        pytest.param(hold("medium_opt_out", channels=("sms",)), {"channel": "sms"}, True, id="the medium"),
        pytest.param(hold("medium_opt_out", channels=("sms",)), {"channel": "call"}, False, id="another medium"),
        pytest.param(hold("medium_opt_out"), {"channel": "call"}, True, id="every medium"),
        pytest.param(
            hold("medium_opt_out", Subject(kind="point", point_id="pt")), {"point_id": "pt"}, True, id="the address"
        ),
        pytest.param(
            hold("medium_opt_out", Subject(kind="point", point_id="pt")), {"point_id": "other"}, False, id="another address"
        ),
        pytest.param(hold("something else"), {}, False, id="another reason"),
    ],
)  # fmt: skip
def test_opting_out_of_a_medium_or_of_an_address(held, changes, objects):
    """Separately: 12 CFR 1006.14(h) and 1006.6(e)."""
    effect = BarRule(on="hold", names=("medium_opt_out",), same_channels=True)

    assert objects is ("r" in objecting(judged(request(holds=(held,), **changes), rule(effect))))


@pytest.mark.parametrize(
    ("at", "objects"),
    [
        pytest.param("2026-03-04T14:59:59", False, id="before it was received"),
        pytest.param("2026-03-04T15:00:00", True, id="from its receipt"),
        pytest.param("2026-03-09T23:59:59", True, id="its last day"),
        pytest.param("2026-03-10T00:00:00", False, id="after its end"),
    ],
)
def test_a_hold_binds_from_its_receipt(at, objects):
    """12 CFR 1006, comment 6(c)(1)-1: on receipt."""
    held = hold("cease", effective_at=wall("2026-03-04T15:00:00"), until=dt.date(2026, 3, 10))
    verdict = judged(request(wall(at), holds=(held,)), rule(BarRule(on="hold", names=("cease",))))

    assert objects is ("r" in objecting(verdict))


@pytest.mark.parametrize(
    ("at", "objects"),
    [
        pytest.param("2026-03-03T13:29:59", False, id="before it was received"),
        pytest.param("2026-03-03T13:30:00", True, id="from its receipt, the day before on the person's wall"),
        pytest.param("2026-03-09T23:59:59", True, id="its last day"),
        pytest.param("2026-03-10T00:00:00", False, id="after its end"),
    ],
)
def test_a_hold_received_on_a_date_that_the_person_does_not_have_yet(at, objects):
    """A letter of 4 March, half past two at night in Shanghai: it binds the lender who has read it."""
    received = wall("2026-03-04T02:30:00", "Asia/Shanghai")
    held = hold("cease", effective_at=received, until=dt.date(2026, 3, 10), purposes=())

    assert objects is ("hold:h" in objecting(judged(request(wall(at), holds=(held,)))))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"may_know": False}, ["bar"], id="a stranger, about the debt"),
        pytest.param({"may_know": False, "purpose": "location"}, ["lost"], id="a stranger, where the debtor is"),
        pytest.param(
            {"may_know": False, "purpose": "location", "evidence": frozenset({"debtor_lost"})}, [], id="who is lost"
        ),
        pytest.param({}, [], id="the debtor"),
    ],
)
def test_third_persons_may_be_asked_where_the_debtor_is(changes, expected):
    """And nothing else, and only where the debtor is lost."""
    bar = rule(BarRule(on="third_party"), id="bar", exempt_purposes=("location",))
    lost = rule(PreconditionRule(needs=("debtor_lost",)), id="lost", binding=Binding(purposes=("location",)))

    assert expected == objecting(judged(request(**changes), bar, lost))


def test_no_frequency_in_the_law_asks_for_a_cap_of_the_house():
    """A warning, never an objection."""
    vague = rule(NoNumberRule(about="frequency"))
    cap = rule(
        CapRule(counts="attempt", most=5, period="day"), id="house.cap", jurisdiction="house", force="house_rule"
    )
    capped = evolve(HOUSE, rules=(*HOUSE.rules, cap))

    assert any("no cap of the house" in warning for warning in judged(request(), vague).warnings)
    assert () == judged(request(), vague, house=capped).warnings
    assert judged(request(), vague).permitted


# --- consents and replies --------------------------------------------------------------------------------------------

LIFTABLE = rule(ALWAYS, consent_lifts=True)


def consent(**changes):
    fields = {"lifts": "r", "given_to": "lender", "given_at": NOON - DAY, "evidence": "letter"}
    return Consent(**(fields | changes))


@pytest.mark.parametrize(
    ("change", "asked", "lifts"),
    [
        pytest.param({}, {}, True, id="for anything"),
        pytest.param({"channels": ("sms",)}, {}, False, id="for another channel"),
        pytest.param({"channels": ("call",)}, {}, True, id="for this channel"),
        pytest.param({"loan_ids": ("m",)}, {}, False, id="for another loan"),
        pytest.param({"loan_ids": ("l",)}, {"loan_ids": ("l", "m")}, False, id="for one of the loans"),
        pytest.param({"loan_ids": ("l",)}, {"loan_ids": ()}, False, id="for a loan that nobody states"),
        pytest.param({"point_ids": ("pt",)}, {}, True, id="for this number"),
        pytest.param({"point_ids": ("other",)}, {}, False, id="for another number"),
        pytest.param({"given_by": "q"}, {}, False, id="given by somebody else"),
        pytest.param({"given_to": "agency-1"}, {}, False, id="given to somebody else"),
        pytest.param({"hours": (Hours(weekdays=(2,), opens=dt.time(11), closes=dt.time(13)),)}, {}, True, id="for this hour"),
        pytest.param({"hours": (Hours(weekdays=(2,), opens=dt.time(13), closes=dt.time(14)),)}, {}, False, id="for another"),
        pytest.param({"expires_at": NOON}, {}, False, id="until this instant"),
        pytest.param({"given_at": NOON + HOUR}, {}, False, id="given later"),
    ],
)  # fmt: skip
def test_what_a_consent_lifts(change, asked, lifts):
    """One rule, for one actor, and for what it was given."""
    verdict = judged(request(consents=(consent(**change),), **asked), LIFTABLE)

    assert lifts is verdict.permitted


def test_a_consent_lifts_nothing_but_the_rule_that_it_names():
    """Whatever else is so."""
    other = evolve(LIFTABLE, id="s")

    assert ["s"] == objecting(judged(request(consents=(consent(),)), LIFTABLE, other))


@pytest.mark.parametrize(
    ("forms", "form", "lifts"),
    [
        pytest.param((), "", True, id="no form asked for"),
        pytest.param(("written",), "written", True, id="in writing"),
        pytest.param(("written",), "oral", False, id="by word of mouth"),
        pytest.param(("written",), "", False, id="nobody knows how"),
    ],
)
def test_the_form_of_a_consent(forms, form, lifts):
    """Some rules ask for writing."""
    verdict = judged(request(consents=(consent(form=form),)), evolve(LIFTABLE, consent_forms=forms))

    assert lifts is verdict.permitted


@pytest.mark.parametrize(
    ("at", "lifts"),
    [
        pytest.param("2026-03-09T23:59:59", True, id="the seventh date"),
        pytest.param("2026-03-10T00:00:00", False, id="the eighth"),
    ],
)
def test_a_consent_for_seven_days(at, lifts):
    """12 CFR 1006.14(b)(3)(i): the day of receipt is the first; given on 3 March."""
    verdict = judged(request(wall(at), consents=(consent(),)), evolve(LIFTABLE, consent_days=7))

    assert lifts is verdict.permitted


@pytest.mark.parametrize(
    ("ends_with", "event", "lifts"),
    [
        pytest.param("conversation", {"outcome": "conversation"}, False, id="a conversation uses it up"),
        pytest.param("conversation", {"outcome": "conversation", "direction": "in"}, False, id="whoever called"),
        pytest.param("conversation", {"outcome": None}, False, id="one that may have been"),
        pytest.param("conversation", {"outcome": "attempted"}, True, id="a call that was not taken does not"),
        pytest.param("contact", {"outcome": "attempted"}, False, id="the first contact uses it up"),
        pytest.param("contact", {"direction": "in"}, True, id="of ours"),
        pytest.param("conversation", {"outcome": "conversation", "person_id": "q"}, True, id="with this person"),
        pytest.param("conversation", {"outcome": "conversation", "at": NOON - 2 * DAY}, True, id="after it was given"),
    ],
)
def test_what_uses_a_consent_up(ends_with, event, lifts):
    """By the rule, or by the consent itself."""
    call = line(event.pop("at", NOON - HOUR), **event)
    by_rule = judged(request(consents=(consent(),), history=(call,)), evolve(LIFTABLE, consent_ends_with=ends_with))
    by_itself = judged(request(consents=(consent(ends_with=ends_with),), history=(call,)), LIFTABLE)

    assert (lifts, lifts) == (by_rule.permitted, by_itself.permitted)


@pytest.mark.parametrize(
    ("at", "lifts"),
    [
        pytest.param(NOON - HOUR - dt.timedelta(seconds=1), True, id="the second before"),
        pytest.param(NOON - HOUR, False, id="the second of the contact: two that are planned for one instant"),
        pytest.param(NOON - HOUR + dt.timedelta(seconds=1), False, id="the second after"),
    ],
)
def test_a_consent_for_one_contact_permits_no_two_at_one_instant(at, lifts):
    """The one that uses it up is made under it; no other at its second is."""
    planned = line(NOON - HOUR, reserved=True)

    assert (
        lifts is judged(request(at, consents=(consent(ends_with="contact"),), history=(planned,)), LIFTABLE).permitted
    )


def test_a_revocation_ends_every_earlier_consent():
    """Not those given later."""
    earlier = consent(given_at=NOON - 3 * DAY)
    revoked = consent(given_at=NOON - 2 * DAY, revoked_at=NOON - DAY, evidence="call")
    later = consent(given_at=NOON - HOUR, evidence="second letter")

    assert not judged(request(consents=(earlier, revoked)), LIFTABLE).permitted
    assert judged(request(consents=(earlier, revoked, later)), LIFTABLE).permitted


def test_two_records_of_one_consent_that_differ():
    """They lift nothing, and the verdict says what to do."""
    verdict = judged(request(consents=(consent(), consent(expires_at=NOON + DAY))), LIFTABLE)

    assert ["r"] == objecting(verdict)
    assert any("contradict each other" in warning and "correct one of them" in warning for warning in verdict.warnings)


@pytest.mark.parametrize("end", ["expires_at", "revoked_at"])
def test_a_consent_that_ends_before_it_begins(end):
    """Refused where it is stated."""
    with pytest.raises(FactsError, match="before it was given"):
        consent(**{end: NOON - 2 * DAY})


def test_calls_under_a_consent_do_not_count():
    """12 CFR 1006.14(b)(3)(i): one call a day, and one more was agreed to yesterday and made."""
    cap = rule(
        CapRule(counts="attempt", most=1, period="rolling_days", length=7, except_requested=True),
        consent_lifts=True,
        consent_ends_with="conversation",
    )
    given = consent(expires_at=NOON - HOUR)
    made = line(NOON - 2 * HOUR, outcome="attempted")

    assert [] == objecting(judged(request(consents=(given,), history=(made,)), cap))
    assert ["r"] == objecting(judged(request(history=(made,)), cap))


WROTE = line(NOON - HOUR, id="wrote", direction="in", channel="sms")
FAILED = line(NOON - HOUR / 2, id="failed", channel="sms", reply_to="wrote", reserved=True)


@pytest.mark.parametrize(
    ("changes", "history", "free"),
    [
        pytest.param({}, (WROTE,), True, id="the first answer"),
        pytest.param({}, (WROTE, line(NOON, channel="sms", reply_to="wrote")), False, id="a second"),
        pytest.param({}, (WROTE, line(NOON, channel="sms", reply_to="wrote", void=True)), True, id="the first never went out"),
        pytest.param({}, (WROTE, FAILED, evolve(FAILED, void=True, recorded_at=NOON)), True, id="it turned out that the first never went out"),
        pytest.param({}, (WROTE, evolve(WROTE, void=True, recorded_at=NOON)), False, id="to what turned out to be nothing"),
        pytest.param({}, (WROTE, evolve(WROTE, person_id="q", recorded_at=NOON)), False, id="to what turned out to be another's"),
        pytest.param({}, (WROTE, evolve(WROTE, person_id="q")), False, id="to what two records disagree about"),
        pytest.param({"channel": "email"}, (WROTE,), False, id="in another medium"),
        pytest.param({"reply_to": ""}, (WROTE,), False, id="to nothing"),
        pytest.param({"reply_to": "other"}, (WROTE,), False, id="to what nobody wrote"),
        pytest.param({}, (evolve(WROTE, person_id="q"),), False, id="to what another wrote"),
        pytest.param({}, (evolve(WROTE, direction="out"),), False, id="to what we wrote"),
        pytest.param({}, (evolve(WROTE, at=NOON + HOUR),), False, id="to what is still to come"),
        pytest.param({"purpose": "collection"}, (WROTE,), False, id="that is no answer"),
    ],
)  # fmt: skip
def test_one_reply_to_each_message(changes, history, free):
    """12 CFR 1006, comment 6(b)(1)-2; both for a rule and for the hours that the person named."""
    fields = {"purpose": "reply", "channel": "sms", "reply_to": "wrote", "history": history} | changes
    band = Hours(weekdays=(2,), opens=dt.time(9), closes=dt.time(17))
    by_rule = judged(request(**fields), rule(ALWAYS, exempt_purposes=("reply",)))
    by_person = judged(request(**fields, inconvenient=(band,)))

    assert (free, free) == (by_rule.permitted, by_person.permitted)


@pytest.mark.parametrize(
    ("changes", "free"),
    [
        pytest.param({}, True, id="one that answers"),
        pytest.param({"reply_to": ""}, False, id="one that answers nothing"),
        pytest.param({"channel": "email"}, False, id="one over another medium"),
    ],
)
def test_what_is_called_a_reply_may_be_collection(changes, free):
    """Else whoever calls a reminder a reply escapes every rule and hold that is about collection."""
    fields = {"purpose": "reply", "channel": "sms", "reply_to": "wrote", "history": (WROTE,)} | changes
    held = hold("dispute", purposes=("collection",))
    by_rule = judged(request(**fields), rule(ALWAYS, binding=Binding(purposes=("collection",))))
    by_hold = judged(request(**fields, holds=(held,)))

    assert (free, free) == (by_rule.permitted, by_hold.permitted)


def test_there_is_no_reply_before_the_message():
    """Whoever asks when a reply is permitted, and not whether it is now, learns that too."""
    asked = request(purpose="reply", channel="sms", reply_to="wrote", history=(WROTE,))
    rules = rule_set([RulePack(id="p", version="1", owner="o", covers=("US",))], house=HOUSE)
    found = permitted_instants(asked, rules, start=NOON - 2 * HOUR, until=NOON)

    assert ((second_of(NOON - HOUR), second_of(NOON)),) == found.spans


def test_inconvenient_hours_past_midnight():
    """From ten to six, as the person says it."""
    night = Hours(weekdays=tuple(range(7)), opens=dt.time(22), closes=dt.time(6))
    permitted = [
        judged(request(wall(f"2026-03-04T{time}"), inconvenient=(night,))).permitted
        for time in ("05:59:59", "06:00:00", "21:59:59", "22:00:00")
    ]

    assert [False, True, True, False] == permitted


# --- dates, incorporation, confidence --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "objects"),
    [
        pytest.param("2026-02-28T23:59:59", False, id="the day before"),
        pytest.param("2026-03-01T00:00:00", True, id="the first day"),
        pytest.param("2026-03-31T23:59:59", True, id="the last day"),
        pytest.param("2026-04-01T00:00:00", False, id="the day after"),
    ],
)
def test_dates_of_force(at, objects):
    """From (inclusive) and to (exclusive), on the person's wall."""
    dated = rule(ALWAYS, in_force_from=dt.date(2026, 3, 1), in_force_to=dt.date(2026, 4, 1))

    assert objects is ("r" in objecting(judged(request(wall(at)), dated)))


ELSEWHERE = rule(
    BarRule(on="workplace"), id="us-work", binding=Binding(actors=("third_party",)), channels=("call",), consent_lifts=True
)  # fmt: skip
STATE = rule(
    Incorporation(rules=("us-work",)),
    id="ma-act",
    jurisdiction="US-MA",
    title="The act of a state",
    binding=Binding(actors=("creditor",)),
    in_force_from=dt.date(2026, 3, 1),
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [], id="a creditor elsewhere"),
        pytest.param({"jurisdictions": ("US-MA",)}, ["ma-act/us-work"], id="a creditor in the state"),
        pytest.param(
            {"jurisdictions": ("US-MA",), "actor": Actor(kind="third_party")}, ["us-work"], id="an agency in the state"
        ),
        pytest.param({"jurisdictions": ("US-MA",), "at": NOON - 9 * DAY}, [], id="before its date"),
        pytest.param({"jurisdictions": ("US-MA",), "channel": "sms"}, [], id="what the other does not say"),
    ],
)
def test_incorporation_by_reference(changes, expected):
    """The other's words, for whom this one binds."""
    verdict = judged(request(**({"workplace": True} | changes)), ELSEWHERE, STATE)

    assert expected == objecting(verdict)


def test_an_incorporated_rule_is_cited_as_the_one_that_incorporates():
    """With both titles."""
    verdict = judged(request(workplace=True, jurisdictions=("US-MA",)), ELSEWHERE, STATE)

    assert "The act of a state (A rule)." == verdict.objections[0].says


WHAT_ELSEWHERE_BINDS = Binding(
    actors=("third_party",), purposes=("location",), roles=("contact_person",), places=("personal",)
)


@pytest.mark.parametrize(
    ("own", "changes", "expected"),
    [
        pytest.param(Binding(), {}, ["ma-act/us-ask"], id="what the other is about"),
        pytest.param(Binding(), {"purpose": "collection"}, [], id="another purpose"),
        pytest.param(Binding(), {"role": "borrower"}, [], id="another role"),
        pytest.param(Binding(), {"workplace": True}, [], id="another place"),
        pytest.param(Binding(purposes=("collection",)), {"purpose": "collection"}, ["ma-act/us-ask"], id="its own say"),
    ],
)
def test_an_incorporated_rule_is_still_about_what_it_is_about(own, changes, expected):
    """Whom it binds is for the one that incorporates; purposes, roles and places are the other's, if it names none."""
    other = rule(BarRule(on="always"), id="us-ask", binding=WHAT_ELSEWHERE_BINDS)
    state = evolve(STATE, effect=Incorporation(rules=("us-ask",)), binding=own)
    asked = {"jurisdictions": ("US-MA",), "purpose": "location", "role": "contact_person"} | changes

    assert expected == objecting(judged(request(**asked), other, state))


def test_the_id_of_an_incorporated_rule_is_one_of_its_own():
    """Else a consent for one of two rules would lift the other."""
    with pytest.raises(RulePackError, match="rule ma-act/us-work, id: the id is used 2 times, in p"):
        judged(request(), ELSEWHERE, STATE, rule(ALWAYS, id="ma-act/us-work"))


def test_incorporating_what_nobody_has():
    """Refused, with what to do."""
    with pytest.raises(RulePackError, match="no pack has") as caught:
        judged(request(), STATE)
    assert "Load the pack that has it" in str(caught.value)


WEAK = rule(ALWAYS, source=Source(instrument="press", read_as="press", confidence="low"))
OFF = rule(ALWAYS, enabled=False, disabled_because="Known from the press only.")


@pytest.mark.parametrize(
    ("one", "stated", "objects"),
    [
        pytest.param(WEAK, {}, False, id="low is off"),
        pytest.param(WEAK, {"floor": "low"}, True, id="unless the lender wants it"),
        pytest.param(WEAK, {"enable": ("r",)}, True, id="or enables that rule"),
        pytest.param(OFF, {"floor": "low"}, False, id="what a pack disables stays so, whatever the floor"),
        pytest.param(OFF, {"enable": ("r",)}, True, id="unless it is enabled by name"),
        pytest.param(rule(ALWAYS), {"floor": "high"}, True, id="high binds"),
        pytest.param(
            rule(ALWAYS, source=Source(instrument="copy", read_as="copy", confidence="medium")), {"floor": "high"}, False,
            id="medium, where high is asked for",
        ),
    ],
)  # fmt: skip
def test_the_confidence_floor(one, stated, objects):
    """What is off is named as an assumption."""
    verdict = judged(request(), one, **stated)

    assert objects is ("r" in objecting(verdict))
    assert objects is not any("Not judged, because disabled: r." in text for text in verdict.assumptions)


@pytest.mark.parametrize("floor", ["high", "medium"])
def test_the_floor_is_for_the_law(floor):
    """What the house says of itself binds, however it is said to have been read."""
    own = evolve(WEAK, jurisdiction="house", force="house_rule")
    verdict = judged(request(), house=evolve(HOUSE, rules=(*HOUSE.rules, own)), floor=floor)

    assert ["r"] == objecting(verdict)


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        pytest.param({"floor": "certain"}, "Write one of high, medium, low", id="a floor that is none"),
        pytest.param({"enable": ("q",)}, "no pack has it", id="a rule that is none"),
    ],
)
def test_what_cannot_be_asked_for(stated, message):
    """A sentence each."""
    with pytest.raises(RulePackError, match=message):
        judged(request(), WEAK, **stated)


def test_a_caveat_stands_in_every_verdict_of_its_place():
    """And in no other."""
    pack = RulePack(id="p", version="1", owner="o", covers=("US", "US-MA"), caveat="Only the act was read.")
    other = RulePack(id="q", version="1", owner="o", covers=("CN",), caveat="Nothing was found.")
    verdict = may_contact(request(), rule_set([pack, other], house=HOUSE))

    assert "US: Only the act was read." in verdict.assumptions
    assert not any("Nothing was found" in text for text in verdict.assumptions)


# --- what cannot be said ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: CapRule(counts="milestone", most=0, period="day"), "Name milestones", id="no milestone"),
        pytest.param(
            lambda: CapRule(counts="milestone", milestones=("due",), most=1, period="day"), "nothing is allowed", id="one after"
        ),
        pytest.param(lambda: CapRule(counts="attempt", most=1, period="until"), "Only a milestone", id="until what"),
        pytest.param(lambda: CapRule(counts="attempt", most=1, period="day", week_starts=6), "week_starts", id="no week"),
        pytest.param(lambda: CapRule(counts="attempt", most=1, period="week", week_starts=7), "week_starts", id="an eighth day"),
        pytest.param(lambda: CapRule(counts="attempt", most=1, period="day", places=("home",)), "places", id="a place"),
        pytest.param(lambda: CapRule(counts="attempt", most=1, period="day", zone="Mars/Base"), "zone", id="a zone"),
        pytest.param(lambda: Binding(places=("home",)), "places", id="a place that binds"),
        pytest.param(lambda: HoursRule(windows=(WEEKDAYS,), adjusted_as=4), "calendar", id="adjusted by what"),
        pytest.param(
            lambda: HoursRule(windows=(WEEKDAYS,), holidays="own", calendar="PUBLIC"), "holiday_windows", id="own hours that are none"
        ),
        pytest.param(lambda: HoursRule(windows=(WEEKDAYS,), holiday_weekdays=(6,)), "holiday_weekdays", id="holidays ignored"),
        pytest.param(
            lambda: HoursRule(windows=(WEEKDAYS,), adjusted_as=9, calendar="PUBLIC"), "adjusted_as", id="as a tenth day"
        ),
        pytest.param(PreconditionRule, "Name what is needed", id="nothing needed"),
        pytest.param(lambda: PreconditionRule(needs=("a",), days_before=3), "name it", id="days before what"),
        pytest.param(lambda: PreconditionRule(notice="n", business=True), "calendar", id="whose business days"),
        pytest.param(lambda: BarRule(on="flag", names=("minor",), same_channels=True), "Only a hold", id="a flag's channels"),
        pytest.param(lambda: Incorporation(rules=()), "Name the rules", id="nothing incorporated"),
        pytest.param(lambda: Incorporation(rules=("a", "a")), "once", id="incorporated twice"),
        pytest.param(lambda: rule(ALWAYS, id="dunning:zone"), "missing facts", id="the id of a missing fact"),
        pytest.param(lambda: rule(ALWAYS, id="hold:h"), "of holds", id="the id of a hold"),
        pytest.param(lambda: rule(ALWAYS, consent_days=7), "no consent lifts it", id="a consent that lifts nothing"),
        pytest.param(lambda: CapRule(counts="attempt", most=0, period="rolling_days", length=36_526), "at most 36525", id="a century"),
        pytest.param(lambda: PreconditionRule(notice="n", days_before=36_526), "at most 36525", id="a century of notice"),
        pytest.param(lambda: Binding(days_past_due_from=2, days_past_due_to=1), "binds nobody", id="from two days to one"),
        pytest.param(
            lambda: rule(ALWAYS, in_force_from=dt.date(2026, 1, 1), in_force_to=dt.date(2026, 1, 1)), "never in force", id="for no day"
        ),
        pytest.param(
            lambda: Milestone(kind="promise", on=dt.date(2026, 3, 2), until=dt.date(2026, 3, 1)), "before it", id="a promise until before"
        ),
        pytest.param(lambda: Milestone(kind="due", on=dt.date(9999, 12, 31)), "Correct it", id="a date that nobody means"),
        pytest.param(lambda: line(dt.datetime(9999, 12, 31, tzinfo=dt.UTC)), "Correct it", id="a contact in the year 9999"),
        pytest.param(lambda: BarRule(on="flag", names=("dead",)), "no flag 'dead'", id="a misspelt flag"),
        pytest.param(lambda: Binding(actors=("thirdparty",)), "not 'thirdparty'", id="a misspelt actor"),
        pytest.param(lambda: Binding(purposes=("colection",)), "not 'colection'", id="a misspelt purpose that binds"),
        pytest.param(lambda: rule(ALWAYS, channels=("phone",)), "not 'phone'", id="a misspelt channel"),
        pytest.param(lambda: rule(ALWAYS, exempt_purposes=("answer",)), "not 'answer'", id="a misspelt exemption"),
        pytest.param(
            lambda: rule(ALWAYS, consent_lifts=True, consent_forms=("writing",)), "not 'writing'", id="a misspelt form"
        ),
        pytest.param(lambda: CapRule(counts="attempt", most=1, period="day", channels=("phone",)), "not 'phone'", id="counted over what"),
        pytest.param(lambda: CapRule(counts="attempt", most=1, period="day", purposes=("all",)), "not 'all'", id="counted for what"),
        pytest.param(
            lambda: CapRule(counts="attempt", most=1, period="day", except_purposes=("replies",)), "not 'replies'", id="except what"
        ),
        pytest.param(lambda: rule(ALWAYS, id="a\nb"), "one line", id="an id of two lines"),
        pytest.param(lambda: rule(ALWAYS, id="\u202etxt"), "can be seen", id="an id from right to left"),
        pytest.param(lambda: line(NOON, channel="Call"), "channel must be one of", id="a contact over a misspelt channel"),
        pytest.param(lambda: line(NOON, purpose="dunning"), "purpose must be one of", id="a contact for a misspelt purpose"),
        pytest.param(lambda: line(NOON, loan_ids=("",)), "an empty name", id="a contact about an empty loan"),
        pytest.param(lambda: request(loan_ids=("",)), "an empty name", id="a request about an empty loan"),
    ],
)  # fmt: skip
def test_what_means_nothing(make, message):
    """Refused where it is written."""
    with pytest.raises(FactsError, match=message):
        make()
