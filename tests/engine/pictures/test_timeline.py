"""One person's contacts against their caps: what counts, how much is used, when it is free again."""

import datetime as dt
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from dunning.core.contact.effects import CapRule
from dunning.core.contact.instants import instant_of
from dunning.core.contact.permission import may_contact
from dunning.core.contact.request import ContactRequest, Milestone
from dunning.core.contact.rule import ContactRule, RulePack, Source
from dunning.core.contact.rule_set import rule_set
from dunning.core.facts.person import Consent
from dunning.engine.pictures.timeline import timeline_of
from dunning.engine.pictures.timeline_svg import timeline_svg
from dunning.engine.pictures.words import standing
from dunning.errors import FactsError
from dunning.testing.builders import a_contact

NEW_YORK = ZoneInfo("America/New_York")
SVG = "{http://www.w3.org/2000/svg}"


def wall(text):
    """Return an instant of March 2026, written ``19 12:30``, on the wall of New York."""
    return dt.datetime.strptime(f"2026-03-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=NEW_YORK)


def a_cap(rule_id="cap", *, title="So many", consent_lifts=False, **effect):
    """Return a rule of CN."""
    source = Source(instrument="Act", article="s. 7", read_as="text", confidence="high")
    stated = CapRule(**{"counts": "attempt", "most": 2, "period": "rolling_days", "length": 7, **effect})
    return ContactRule(
        id=rule_id, jurisdiction="CN", title=title, source=source, force="prohibition", effect=stated, consent_lifts=consent_lifts
    )  # fmt: skip


def a_timeline(*rules, at="19 12:30", calls=(), horizon_days=90, **stated):
    """Return the caps of a call at *at*, after *calls* that nobody answered."""
    history = [
        call
        if not isinstance(call, str)
        else a_contact(call, at=wall(call), recorded_at=wall(call), channel="call", outcome="attempted")
        for call in calls
    ]
    request = ContactRequest(
        **{"person_id": "P-1", "loan_ids": ("L-1",), "purpose": "collection", "channel": "call", "jurisdictions": ("CN",), "zones": ("America/New_York",), "history": tuple(history), "at": wall(at) if isinstance(at, str) else at, **stated}
    )  # fmt: skip
    rules = rule_set([RulePack(id="law", version="1", owner="us", covers=("CN",), rules=rules)])
    return timeline_of(request, rules, horizon_days=horizon_days)


def on_wall(instant):
    """Return *instant* on the wall of New York."""
    return None if instant is None else f"{instant.astimezone(NEW_YORK):%m-%d %H:%M:%S}"


CAPS = [
    pytest.param({}, (), (0, 2, True, "03-19 12:30:00", None), id="nothing counted"),
    pytest.param({}, ("16 11:00",), (1, 1, True, "03-19 12:30:00", "03-23 00:00:00"), id="below"),
    pytest.param({}, ("16 11:00", "18 17:00"), (2, 0, False, "03-23 00:00:00", "03-23 00:00:00"), id="at the cap"),
    pytest.param({}, ("14 11:00", "16 11:00", "18 17:00"), (3, 0, False, "03-23 00:00:00", "03-21 00:00:00"), id="above: the next to go does not free it"),
    pytest.param({}, ("12 23:59", "16 11:00"), (1, 1, True, "03-19 12:30:00", "03-23 00:00:00"), id="the seventh day is the first to count"),
    pytest.param({}, ("13 00:00", "16 11:00"), (2, 0, False, "03-20 00:00:00", "03-20 00:00:00"), id="the seventh day counts"),
    pytest.param({"trigger_day_counts": False}, ("12 23:59", "16 11:00"), (2, 0, False, "03-20 00:00:00", "03-20 00:00:00"), id="the day itself does not count"),
    pytest.param({"period": "day", "length": 1}, ("18 23:59", "19 09:00"), (1, 1, True, "03-19 12:30:00", "03-20 00:00:00"), id="civil day"),
    pytest.param({"period": "week", "length": 1}, ("15 23:59", "16 00:00", "17 09:00"), (2, 0, False, "03-23 00:00:00", "03-23 00:00:00"), id="week from Monday"),
    pytest.param({"period": "month", "length": 1, "most": 1}, ("01 09:00",), (1, 0, False, "04-01 00:00:00", "04-01 00:00:00"), id="month"),
    pytest.param({"period": "rolling_seconds", "length": 3600, "most": 1}, ("19 12:00",), (1, 0, False, "03-19 13:00:00", "03-19 13:00:00"), id="an hour between"),
    pytest.param({"period": "rolling_seconds", "length": 1800, "most": 1}, ("19 12:00",), (0, 1, True, "03-19 12:30:00", None), id="half an hour, just over"),
    pytest.param({"most": 0, "length": 3}, ("18 17:00",), (1, None, False, "03-21 00:00:00", "03-21 00:00:00"), id="a cool-down that runs"),
    pytest.param({"most": 0, "length": 1}, ("18 17:00",), (0, None, True, "03-19 12:30:00", None), id="a cool-down that is over"),
    pytest.param({"per": "point"}, ("18 17:00",), (None, None, False, None, None), id="by a point that is not stated"),
]  # fmt: skip


@pytest.mark.parametrize(("effect", "calls", "expected"), CAPS)
def test_how_a_cap_stands(effect, calls, expected):
    """Used, left, free, next free, and when the next stops counting; on 19 March at 12:30."""
    (cap,) = a_timeline(a_cap(**effect), calls=calls).caps

    assert expected == (cap.used, cap.left, cap.free, on_wall(cap.next_free), on_wall(cap.fewer))


@pytest.mark.parametrize(("effect", "calls", "expected"), CAPS)
def test_it_agrees_with_the_verdict(effect, calls, expected):
    """Free exactly when the rule does not object, until the instant that the objection names."""
    drawn = a_timeline(a_cap(**effect), calls=calls)
    rules = rule_set([RulePack(id="law", version="1", owner="us", covers=("CN",), rules=(a_cap(**effect),))])
    objections = {objection.rule: objection for objection in may_contact(drawn.request, rules).objections}
    (cap,) = drawn.caps

    assert cap.free is ("cap" not in objections)
    assert cap.free or cap.next_free == objections["cap"].until


def test_only_what_a_cap_counts_is_marked():
    """By kind, channel, direction and debt; and whether it still takes up room."""
    calls = [
        a_contact("old", at=wall("12 09:00"), channel="call"),
        a_contact("new", at=wall("17 09:00"), channel="call"),
        a_contact("text", at=wall("17 10:00"), channel="sms"),
        a_contact("theirs", at=wall("17 11:00"), channel="call", direction="in"),
        a_contact("another loan", at=wall("17 12:00"), channel="call", loan_ids=("L-2",)),
        a_contact("wrong number", at=wall("17 13:00"), channel="call", wrong_number=True),
        a_contact("planned", at=wall("21 09:00"), channel="call", reserved=True),
    ]

    (cap,) = a_timeline(a_cap(channels=("call",), per="person_and_debt"), calls=calls).caps

    assert [("03-12 09:00:00", False), ("03-17 09:00:00", True), ("03-21 09:00:00", True)] == [
        (on_wall(instant_of(mark.second)), mark.used) for mark in cap.marks
    ]
    assert (2, 0, False) == (cap.used, cap.left, cap.free)


def test_distinct_channels_are_counted_once_each():
    """Two channels are used up; one more contact over a third is refused, and this one's own channel adds none."""
    calls = [
        a_contact("1", at=wall("17 09:00"), channel="sms"),
        a_contact("2", at=wall("17 10:00"), channel="sms"),
        a_contact("3", at=wall("18 09:00"), channel="email"),
        a_contact("4", at=wall("18 10:00"), channel="call"),
    ]

    (cap,) = a_timeline(a_cap(counts="channels"), calls=calls).caps

    assert (2, 0, False, "03-24 00:00:00") == (cap.used, cap.left, cap.free, on_wall(cap.next_free))
    assert ["sms", "sms", "email"] == [mark.what for mark in cap.marks]


@pytest.mark.parametrize(
    ("effect", "milestones", "expected", "marks"),
    [
        pytest.param({"length": 3, "trigger_day_counts": False}, [("due", "18", None)], (1, False, "03-22 00:00:00"), [("due", "03-18 00:00:00", True)], id="three days after it fell due"),
        pytest.param({"length": 1}, [("due", "18", None)], (0, True, "03-19 12:30:00"), [("due", "03-18 00:00:00", False)], id="the day itself is over"),
        pytest.param({"length": 3}, [("promise", "18", None)], (0, True, "03-19 12:30:00"), [], id="another kind"),
        pytest.param({"period": "until", "length": 1}, [("due", "16", "25")], (1, False, "03-25 00:00:00"), [("due", "03-16 00:00:00", True)], id="until its own end"),
    ],
)  # fmt: skip
def test_a_milestone_silences_for_a_time(effect, milestones, expected, marks):
    """It is no contact, and is marked where its date begins."""
    facts = tuple(
        Milestone(kind=kind, on=dt.date(2026, 3, int(on)), until=until and dt.date(2026, 3, int(until)))
        for kind, on, until in milestones
    )

    drawn = a_timeline(a_cap(counts="milestone", most=0, milestones=("due",), **effect), milestones=facts)
    (cap,) = drawn.caps

    assert expected == (cap.used, cap.free, on_wall(cap.next_free))
    assert marks == [(mark.what, on_wall(instant_of(mark.second)), mark.used) for mark in cap.marks]
    assert (cap.period is None) is (effect.get("period") == "until")
    assert "No cap binds" not in timeline_svg(drawn)


def test_what_counts_only_after_a_conversation_is_marked_from_there():
    """The call that was one, and those before it, do not count."""
    calls = [
        a_contact("before", at=wall("16 09:00"), channel="call", outcome="attempted"),
        a_contact("spoken", at=wall("17 09:00"), channel="call", outcome="conversation"),
        a_contact("after", at=wall("18 09:00"), channel="call", outcome="attempted"),
    ]

    (cap,) = a_timeline(a_cap(begins_after="conversation"), calls=calls).caps

    assert (1, 1, True) == (cap.used, cap.left, cap.free)
    assert [("03-18 09:00:00", True)] == [(on_wall(instant_of(mark.second)), mark.used) for mark in cap.marks]


def test_what_a_consent_asked_for_does_not_count():
    """Where the cap says so: the call of the 18th was made under a consent that has ended since."""
    consent = Consent(
        lifts="cap", given_to="lender", given_at=wall("18 09:00"), expires_at=wall("18 18:00"), evidence="call 7"
    )
    calls = ("16 11:00", "18 17:00")

    counts, counts_not = (
        a_timeline(a_cap(consent_lifts=True, except_requested=asked), calls=calls, consents=(consent,)).caps[0] for asked in (False, True)
    )  # fmt: skip

    assert (2, False, 2) == (counts.used, counts.free, len(counts.marks))
    assert (1, True, 1) == (counts_not.used, counts_not.free, len(counts_not.marks))


@pytest.mark.parametrize(
    ("effect", "period"),
    [
        pytest.param({}, ("03-13 00:00:00", "03-19 12:30:01"), id="seven days, today included"),
        pytest.param({"trigger_day_counts": False}, ("03-12 00:00:00", "03-19 12:30:01"), id="seven days before today"),
        pytest.param({"period": "rolling_seconds", "length": 60}, ("03-19 12:29:01", "03-19 12:30:01"), id="a minute"),
        pytest.param({"period": "day", "length": 1}, ("03-19 00:00:00", "03-20 00:00:00"), id="day"),
        pytest.param({"period": "week", "length": 1}, ("03-16 00:00:00", "03-23 00:00:00"), id="week"),
        pytest.param({"period": "week", "length": 1, "week_starts": 6}, ("03-15 00:00:00", "03-22 00:00:00"), id="week from Sunday"),
        pytest.param({"period": "month", "length": 1}, ("03-01 00:00:00", "04-01 00:00:00"), id="month, with a day of 23 hours"),
        pytest.param({"period": "day", "length": 1, "zone": "Asia/Shanghai"}, ("03-19 12:00:00", "03-20 12:00:00"), id="the day of a zone that the rule names"),
    ],
)  # fmt: skip
def test_the_period(effect, period):
    """The one that ends now, or in which now lies; a call just before its beginning takes up no room, one on it does."""
    start, until = (
        dt.datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=NEW_YORK) for text in period
    )
    second = dt.timedelta(seconds=1)
    before, on = (
        a_contact(name, at=at.astimezone(dt.UTC), channel="call")
        for name, at in (("before", start.astimezone(dt.UTC) - second), ("on", start.astimezone(dt.UTC)))
    )

    drawn = [a_timeline(a_cap(**effect), calls=[call]).caps[0] for call in (before, on)]

    assert (start, until) == tuple(instant_of(edge) for edge in drawn[0].period)
    assert [0, 1] == [cap.used for cap in drawn]


def test_a_consent_frees_a_cap_that_is_used_up():
    """It stays used; it is free because somebody lifted it, and the words say so."""
    consent = Consent(
        lifts="cap", given_to="lender", given_at=wall("18 09:00"), expires_at=wall("20 09:00"), evidence="call 7"
    )

    drawn = a_timeline(a_cap(consent_lifts=True), calls=("16 11:00", "18 17:00"), consents=(consent,))
    (cap,) = drawn.caps

    assert (2, 0, True) == (cap.used, cap.left, cap.free)
    assert ["03-20 09:00:00 to 03-23 00:00:00"] == [
        f"{on_wall(instant_of(low))} to {on_wall(instant_of(high))}" for low, high in cap.refuses
    ]
    assert "2 of 2 used, 0 left; free now; lifted, or not in force" in standing(cap, drawn)


def test_without_a_zone_only_what_needs_none_is_known():
    """Dates are those of a wall; seconds are not."""
    dates, seconds = a_timeline(
        a_cap("a"), a_cap("b", period="rolling_seconds", length=3600), calls=("19 12:00",), zones=()
    ).caps

    assert (None, False, None) == (dates.used, dates.free, dates.period)
    assert (1, True) == (seconds.used, seconds.free)


def test_a_long_history_is_counted_to_the_end():
    """More than the cap allows, and more than one column can show."""
    (cap,) = a_timeline(
        a_cap(), calls=[f"18 {hour:02}:{minute:02}" for hour in range(8, 18) for minute in range(0, 60, 5)]
    ).caps

    assert (120, 0, 120) == (cap.used, cap.left, len(cap.marks))


def test_the_stretch_drawn_holds_what_moves():
    """From the beginning of the longest period to the day after the last cap is free again, in whole days."""
    drawn = a_timeline(
        a_cap("month", period="month", length=1, most=1), a_cap("day", period="day", length=1), calls=("01 09:00",)
    )

    assert ("03-01 00:00:00", "04-02 00:00:00") == (on_wall(instant_of(drawn.start)), on_wall(instant_of(drawn.until)))
    assert ["03-07 00:00:00", "03-08 00:00:00", "03-09 00:00:00"] == [
        on_wall(instant_of(second)) for _, second in drawn.midnights[6:9]
    ]
    assert 23 * 3600 == drawn.midnights[8][1] - drawn.midnights[7][1]
    assert drawn.until == drawn.midnights[-1][1] + 86400


def test_a_cap_that_the_horizon_does_not_free_says_so():
    """Not before; never *never*."""
    drawn = a_timeline(a_cap(period="month", length=1, most=1), calls=("01 09:00",), horizon_days=3)

    assert drawn.caps[0].next_free is None
    assert "1 of 1 used, 0 left; not free before Sun 2026-03-22 12:30:00 (UTC-04:00)." == standing(drawn.caps[0], drawn)


def test_without_caps_there_is_nothing_to_draw():
    """And the picture says so."""
    drawn = a_timeline()

    assert () == drawn.caps
    assert "No cap binds." in timeline_svg(drawn)


@pytest.mark.parametrize(
    ("stated", "horizon_days", "says"),
    [
        pytest.param({}, 0, "horizon_days must be at least 1", id="no horizon"),
        pytest.param({"at": dt.datetime(9999, 12, 1, tzinfo=dt.UTC)}, 90, "leave the calendar", id="the end of time"),
        pytest.param({"at": dt.datetime(1, 1, 3, tzinfo=dt.UTC)}, 90, "leave the calendar", id="its beginning"),
    ],
)
def test_what_cannot_be_drawn_is_refused(stated, horizon_days, says):
    """With a sentence."""
    with pytest.raises(FactsError, match=says):
        a_timeline(a_cap(), horizon_days=horizon_days, **stated)


def test_the_picture_has_every_cap_with_its_marks():
    """Filled where they take up room; a hostile title stays text; nobody is named."""
    drawn = a_timeline(
        a_cap("a", title="</text><script>x</script>\x00"),
        a_cap("b", period="day", length=1),
        calls=("16 11:00", "18 17:00"),
    )

    picture = timeline_svg(drawn)
    root = ET.fromstring(picture)  # noqa: S314 - our own picture
    circles = [circle.get("fill") for circle in root.iter(f"{SVG}circle")]

    assert not list(root.iter(f"{SVG}script"))
    assert ["#1f2328", "#1f2328", "#ffffff", "#ffffff"] == circles[:4]
    assert all(f"{rule}; Act, s. 7" in "".join(root.itertext()) for rule in "ab")
    assert picture == timeline_svg(drawn)
    assert not any(name in picture for name in ("P-1", "L-1"))
