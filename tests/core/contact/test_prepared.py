"""Prepared questions answer what `may_contact` answers, to the second."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.calendar import Calendar
from dunning.core.contact.effects import COUNTED, BarRule, CapRule, HoursRule, PreconditionRule
from dunning.core.contact.instants import Instants
from dunning.core.contact.ledger import OUTCOMES, ContactRecord
from dunning.core.contact.permission import instants_by_objector, may_contact, permitted_instants
from dunning.core.contact.prepared import prepare
from dunning.core.contact.request import ContactRequest, Milestone
from dunning.core.contact.rule import ContactRule, RulePack, Source
from dunning.core.contact.rule_set import rule_set
from dunning.core.facts.person import Consent, Hours
from dunning.core.hold import Hold, Subject
from dunning.errors import FactsError

NEW_YORK = "America/New_York"
SECOND = dt.timedelta(seconds=1)
DAY = dt.timedelta(days=1)
START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
UNTIL = START + 40 * DAY


def wall(text, zone=NEW_YORK):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def hours(opens, closes, weekdays=range(7), **changes):
    windows = (
        Hours(weekdays=tuple(weekdays), opens=dt.time.fromisoformat(opens), closes=dt.time.fromisoformat(closes)),
    )
    return HoursRule(windows=windows, **changes)


def rule(rule_id, effect, **changes):
    fields = {
        "jurisdiction": "US",
        "title": f"Rule {rule_id}",
        "source": Source(instrument="Act", article=rule_id, read_as="primary text", confidence="high"),
        "force": "prohibition",
    }
    return ContactRule(id=rule_id, effect=effect, **(fields | changes))


def rules_of(*rules):
    return rule_set([RulePack(id="law", version="1", owner="o", covers=("US",), rules=rules)])


def line(at, **changes):
    fields = {
        "id": at.isoformat(),
        "direction": "out",
        "purpose": "collection",
        "channel": "call",
        "person_id": "p",
        "loan_ids": ("l",),
        "point_id": "pt",
        "at": at,
        "outcome": "attempted",
        "recorded_at": at,
    }
    return ContactRecord(**(fields | changes))


def request(at=START, **changes):
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


DAYTIME = rule("day", hours("08:00", "21:00"))
TWO = rule("two", CapRule(counts="attempt", most=2, period="rolling_days", length=3))


def prepared(*rules, start=START, until=UNTIL, **facts):
    return prepare(request(**facts), rules_of(*rules), start=start, until=until)


# --- equal to may_contact ----------------------------------------------------------------------------------------------

# Where walls do odd things: clocks that jump at midnight, at one minute past, by half an hour, by two; a day left out.
PLACES = [
    (START, (NEW_YORK,)),
    (START, (NEW_YORK, "America/Los_Angeles")),
    (START, ("Asia/Kathmandu", "Asia/Shanghai")),
    (dt.datetime(2010, 10, 20, tzinfo=dt.UTC), ("America/St_Johns",)),
    (dt.datetime(2011, 12, 15, tzinfo=dt.UTC), ("Pacific/Apia", "Pacific/Pago_Pago")),
    (dt.datetime(2026, 3, 20, tzinfo=dt.UTC), ("Australia/Lord_Howe", "Asia/Beirut")),
    (dt.datetime(2026, 10, 20, tzinfo=dt.UTC), ("America/Havana", "Antarctica/Troll")),
    (dt.datetime(2026, 12, 10, tzinfo=dt.UTC), ("Africa/Casablanca",)),
    (START, ()),
    (START, (NEW_YORK, "Nowhere/Town")),
]
WINDOWS = [
    hours("08:00", "21:00"),
    hours("10:30", "22:00", opens_inclusive=False, closes_inclusive=True),
    hours("09:00", "20:00", weekdays=range(5), zone="residence"),
    hours("00:00", "23:59:59.999999"),
    hours("20:00", "03:00", zone="point"),
    hours("07:00", "23:00", holidays="closed", calendar="bank", holiday_weekdays=(6,)),
]
COUNTED_BY = ["person", "person", "person_and_debt", "debt", "point", "household", "device"]
DATES = [None, None, None, START.date() + 10 * DAY, dt.date(2010, 11, 5), dt.date(2011, 12, 29)]
LIFTED = [
    {},
    {},
    {"consent_lifts": True},
    {"consent_lifts": True, "consent_ends_with": "conversation"},
    {"consent_lifts": True, "consent_days": 6},
    {"exempt_purposes": ("service", "reply")},
]
GIVEN = [None, {}, {"ends_with": "contact"}, {"hours": DAYTIME.effect.windows}]
OTHERS = [
    BarRule(on="hold", names=("cease",)),
    BarRule(on="always"),
    PreconditionRule(notice="due", days_before=2, business=True, calendar="bank"),
]


def cap_by(rnd):
    """Return a cap of any kind, most often one that a dozen contacts spend now and then."""
    counts = rnd.choice([*COUNTED, "attempt", "attempt", "contact"])
    period = rnd.choice(["rolling_days", "rolling_seconds", "rolling_seconds", "day", "week", "month", "ever", "until"])
    length = rnd.randint(1, 7)
    fields = {"most": rnd.randint(0, 3)}
    if period == "until":
        counts = "milestone"
    if counts == "milestone":
        period = "rolling_days" if period == "rolling_seconds" else period
        fields = {"most": 0, "milestones": ("due", "promise")}
    if period == "week":
        fields["week_starts"] = length % 7
    return CapRule(
        counts=counts,
        period=period,
        length={"rolling_days": length, "rolling_seconds": length * 40_000}.get(period, 1),
        trigger_day_counts=rnd.random() < 0.5,
        per=rnd.choice(COUNTED_BY),
        whose=rnd.choice(["all", "all", "own"]),
        channels=rnd.choice([(), (), ("call",), ("call", "sms")]),
        places=rnd.choice([(), (), (), ("workplace",)]),
        begins_after=rnd.choice(["", "", "", "conversation", "connected"]),
        zone=rnd.choice(["every", "every", "residence", "point", "Asia/Shanghai"]),
        except_unconnected=rnd.random() < 0.2,
        except_requested=rnd.random() < 0.5,
        except_purposes=rnd.choice([(), (), ("reply",)]),
        **fields,
    )


def rule_by(rnd, number):
    effect = rnd.choice([rnd.choice(WINDOWS), *(cap_by(rnd) for _ in range(8)), rnd.choice(OTHERS)])
    starts, ends = rnd.choice(DATES), rnd.choice(DATES)
    if starts is not None and ends is not None and ends <= starts:
        ends = None
    return rule(f"r{number}", effect, in_force_from=starts, in_force_to=ends, **rnd.choice(LIFTED))


def line_by(rnd, start):
    """Return a contact around the stretch; one in a few corrects another, and few lie inside a second."""
    at = start + dt.timedelta(seconds=rnd.randint(-12 * 86_400, 38 * 86_400), microseconds=rnd.choice([0, 0, 7]))
    return line(
        at,
        id=f"c{rnd.randint(0, 30)}",
        recorded_at=at + rnd.randint(0, 2) * DAY,
        direction=rnd.choice(["out", "out", "out", "in"]),
        channel=rnd.choice(["call", "call", "call", "sms", "visit"]),
        purpose=rnd.choice(["collection", "collection", "collection", "reply"]),
        outcome=rnd.choice([*OUTCOMES, None]),
        person_id=rnd.choice(["p", "p", "p", "q"]),
        loan_ids=rnd.choice([("l",), ("l",), ("m",), ("l", "m"), ()]),
        point_id=rnd.choice(["pt", "pt", ""]),
        household=rnd.choice(["h", "h", ""]),
        actor_id=rnd.choice(["", "lender", "agency"]),
        reply_to=rnd.choice(["", "", "", "c1"]),
        void=rnd.random() < 0.1,
        wrong_number=rnd.random() < 0.1,
        requested_call_back=rnd.random() < 0.1,
        reserved=rnd.random() < 0.2,
        workplace=rnd.random() < 0.4,
        message_left=rnd.random() < 0.3,
    )


def request_by(rnd, start, zones, pool):
    given = rnd.choice(GIVEN)
    return request(
        start,
        zones=zones,
        point_zones=zones[1:],
        purpose=rnd.choice(["collection", "collection", "service", "reply"]),
        reply_to=rnd.choice(["", "c0", "c1", "c2"]),
        loan_ids=rnd.choice([("l",), ("l", "m"), ()]),
        household=rnd.choice(["h", "h", ""]),
        inconvenient=rnd.choice([(), (Hours(weekdays=(0, 2), opens=dt.time(9), closes=dt.time(15)),)]),
        milestones=tuple(milestone_by(rnd, start.date()) for _ in range(rnd.randint(0, 2))),
        holds=tuple(hold_by(rnd, start, number) for number in range(rnd.choice([0, 0, 1, 2]))),
        consents=tuple(
            Consent(
                lifts=one.id,
                given_to="lender",
                given_at=start + 5 * DAY + SECOND / 2,
                evidence="e",
                expires_at=start + 19 * DAY,
                **given,
            )
            for one in pool
            if given is not None and one.consent_lifts
        ),
        history=tuple(line_by(rnd, start) for _ in range(rnd.randint(0, 16))),
    )


def milestone_by(rnd, first):
    on = first + rnd.randint(-9, 30) * DAY
    until = rnd.choice([None, on + rnd.randint(1, 9) * DAY])
    return Milestone(kind=rnd.choice(["due", "promise"]), on=on, until=until, loan_id=rnd.choice(["", "l", "z"]))


def hold_by(rnd, start, number):
    day = start + rnd.randint(0, 30) * DAY
    return Hold(
        id=f"h{number}",
        subject=Subject(kind="person", person_id="p"),
        reason=rnd.choice(["cease", "promise"]),
        starts_on=day.date(),
        effective_at=rnd.choice([None, day + 1234 * SECOND]),
        until=day.date() + rnd.randint(1, 9) * DAY,
    )


def changes(timeline):
    """Return *timeline* without the seconds at which nothing changes."""
    found = []
    for second, against in timeline:
        if not found or found[-1][1] != against:
            found.append((second, against))
    return found


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=True))
def test_prepared_answers_are_those_of_may_contact(rnd):
    """Permitted, the next permitted instant and who objects; at some moments and, as sets of instants, at all of them."""
    start, zones = rnd.choice(PLACES)
    until = start + 40 * DAY
    pool = [DAYTIME, *(rule_by(rnd, number) for number in range(rnd.randint(0, 7)))]
    question = request_by(rnd, start, zones, pool)
    history = question.history
    moments = [start + dt.timedelta(seconds=rnd.randint(0, 38 * 86_400)) for _ in range(3)]
    bank = Calendar(
        name="bank",
        known_from=start.date() - 9 * DAY,
        known_until=start.date() + 20 * DAY,
        days=frozenset({start.date() + 7 * DAY}),
        workdays=frozenset({start.date() + (12 - start.weekday()) * DAY}),
    )
    rules, calendars = rules_of(*pool), {"bank": bank}

    ahead = prepare(question, rules, calendars=calendars, start=start, until=until)
    tally = ahead.tally()
    for one in sorted(history, key=lambda one: one.at):
        tally.add(one)

    assert ahead.tally(history).stops == tally.stops
    stretch = {"calendars": calendars, "start": start, "until": until}
    edges = sorted({int(start.timestamp()), *ahead.edges, *tally.stops})
    # Whether a reply answers a message depends on when it is asked about; all else is one set of instants.
    replies = question.purpose == "reply" and bool(question.reply_to)
    looked = 0
    for edge in edges[:: max(len(edges) // (4 if replies else 20), 1)]:
        for at in (dt.datetime.fromtimestamp(edge + off, dt.UTC) for off in (-1, 0, 1)):
            if start <= at < until:
                if replies or not looked:
                    everything = permitted_instants(evolve(question, at=at), rules, **stretch)
                    by_objector = instants_by_objector(evolve(question, at=at), rules, **stretch)
                against = tuple(sorted(name for name, instants in by_objector.items() if instants.at(at) is not True))
                assert ahead.objecting(at, tally) == against
                assert ahead.permitted(at, tally) is (everything.at(at) is True)
                assert ahead.next_permitted(at, tally) == everything.next_from(at, until)
                looked += 1
    assert looked
    if not replies:
        permitted = Instants(ahead.edges) - Instants(tuple(tally.stops))
        assert permitted.edges == everything.edges
        seconds = sorted({int(start.timestamp()), *(edge for one in by_objector.values() for edge in one.edges)})
        assert changes(zip(*ahead.timeline(tally), strict=True)) == changes(
            (second, tuple(sorted(name for name, one in by_objector.items() if not one.at_second(second))))
            for second in seconds
            if second < until.timestamp()
        )
    for at in moments:
        if at < until - DAY:
            days = (until - at) // DAY
            verdict = may_contact(evolve(question, at=at), rules, calendars=calendars, horizon_days=days)
            following = ahead.next_permitted(at, tally)
            assert ahead.permitted(at, tally) is verdict.permitted
            assert ahead.objecting(at, tally) == tuple(one.rule for one in verdict.objections)
            assert verdict.next_permitted == (following if following and following < verdict.horizon else None)


# --- what is asked of it ---------------------------------------------------------------------------------------------

EIGHT, NINE = wall("2026-03-04T08:00:00"), wall("2026-03-04T21:00:00")
LAST = wall("2026-04-09T07:59:59")


@pytest.mark.parametrize(
    ("at", "permitted", "following"),
    [
        pytest.param(EIGHT - SECOND, False, EIGHT, id="a second before it opens"),
        pytest.param(EIGHT, True, EIGHT, id="as it opens"),
        pytest.param(EIGHT + SECOND / 4, True, EIGHT + SECOND / 4, id="inside a second: itself"),
        pytest.param(NINE - SECOND / 4, True, NINE - SECOND / 4, id="in its last second"),
        pytest.param(NINE, False, EIGHT + DAY, id="as it closes"),
        pytest.param(LAST, False, None, id="nothing more before the end"),
    ],
)
@pytest.mark.parametrize("zone", [dt.UTC, ZoneInfo(NEW_YORK), dt.timezone(dt.timedelta(hours=8))])
def test_the_edges_of_a_day(at, permitted, following, zone):
    """In whatever zone one asks; the same instant comes back where it is permitted."""
    ahead = prepared(DAYTIME, until=LAST + SECOND)
    at = at.astimezone(zone)

    assert permitted is ahead.permitted(at)
    assert following == ahead.next_permitted(at)
    assert (() if permitted else ("day",)) == ahead.objecting(at)
    if permitted:
        assert at is ahead.next_permitted(at)


@pytest.mark.parametrize(
    ("at", "says"),
    [
        pytest.param(START - SECOND, "Prepare a stretch that holds it", id="before"),
        pytest.param(UNTIL, "Prepare a stretch that holds it", id="at the end"),
        pytest.param(START.replace(tzinfo=None), "must be a datetime with an offset", id="naive"),
    ],
)
@pytest.mark.parametrize("method", ["permitted", "next_permitted", "objecting"])
def test_an_instant_that_was_not_prepared_is_refused(at, says, method):
    """Before, after, or without an offset; never guessed."""
    with pytest.raises(FactsError, match=says):
        getattr(prepared(DAYTIME), method)(at)


@pytest.mark.parametrize(
    ("start", "until", "field"),
    [
        pytest.param(START, START, "until", id="empty"),
        pytest.param(UNTIL, START, "until", id="backwards"),
        pytest.param(START.replace(tzinfo=None), UNTIL, "start", id="a naive start"),
        pytest.param(START, UNTIL.date(), "until", id="a date"),
    ],
)
def test_a_stretch_that_cannot_be_is_refused(start, until, field):
    """The error names the argument."""
    with pytest.raises(FactsError) as caught:
        prepared(DAYTIME, start=start, until=until)
    assert field == caught.value.field


def test_a_tally_counts_what_is_added():
    """Two calls in three days are allowed: the third waits until the first is three days old."""
    ahead = prepared(DAYTIME, TWO)
    tally = ahead.tally()
    noon = wall("2026-03-04T12:00:00")
    tally.add(line(noon))

    assert noon + DAY == ahead.next_permitted(noon + DAY, tally)
    tally.add(line(noon + DAY))
    assert EIGHT + 3 * DAY == ahead.next_permitted(noon + DAY, tally)
    assert ("two",) == ahead.objecting(noon + DAY, tally)
    assert (line(noon), line(noon + DAY)) == tally.lines


def test_a_history_out_of_order_is_refused():
    """And nothing of the line is counted; in one go, lines stand in any order."""
    ahead = prepared(DAYTIME, TWO)
    tally = ahead.tally([line(NINE)])

    with pytest.raises(
        FactsError, match="history out of order: the line '.*' of .* is earlier than .*Add lines in order"
    ):
        tally.add(line(EIGHT))

    assert (line(NINE),) == tally.lines
    assert ahead.tally([line(NINE), line(EIGHT)]).stops == ahead.tally([line(EIGHT), line(NINE)]).stops != tally.stops


def test_a_contact_dated_after_it_was_recorded_is_refused():
    """In one go and one by one; what is reserved may yet happen."""
    ahead = prepared(DAYTIME, TWO)
    early = evolve(line(NINE), recorded_at=line(NINE).at - dt.timedelta(microseconds=1))
    tally = ahead.tally()

    for refused in (lambda: ahead.tally([early]), lambda: tally.add(early)):
        with pytest.raises(FactsError, match="before it happened. Correct when it happened, or mark it as reserved"):
            refused()
    tally.add(evolve(early, reserved=True))

    assert (evolve(early, reserved=True),) == tally.lines


@pytest.mark.parametrize(
    ("version", "counts"),
    [
        pytest.param({"wrong_number": True}, False, id="a number found to be wrong"),
        pytest.param({"void": True}, False, id="nothing went out"),
        pytest.param({"outcome": "conversation"}, True, id="a conversation is a call too"),
        pytest.param({"wrong_number": True, "recorded_at": EIGHT - DAY}, True, id="an older version that comes late"),
        pytest.param({"wrong_number": True, "recorded_at": EIGHT}, True, id="versions that disagree: if any counts"),
    ],
)
def test_a_correction_holds_from_the_beginning(version, counts):
    """Whenever it comes, also for lines that were added since."""
    ahead = prepared(DAYTIME, TWO)
    tally = ahead.tally([line(EIGHT, id="first"), line(EIGHT + DAY / 4)])
    assert not ahead.permitted(EIGHT + DAY / 2, tally)

    tally.add(line(EIGHT, **{"id": "first", "recorded_at": NINE} | version))

    assert counts is not ahead.permitted(EIGHT + DAY / 2, tally)


def test_one_prepared_question_serves_many_persons():
    """Whose contacts are counted, the tally says."""
    ahead = prepared(DAYTIME, TWO)
    called = [line(EIGHT, person_id="q", loan_ids=("m",)), line(EIGHT + SECOND, person_id="q", loan_ids=("m",))]

    assert ahead.permitted(EIGHT + DAY, ahead.tally(called))
    assert not ahead.permitted(EIGHT + DAY, ahead.tally(called, person_id="q", loan_ids=("m",)))


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(
            {
                "holds": (
                    Hold(id="h", subject=Subject(kind="loan", loan_id="l"), reason="cease", starts_on=START.date()),
                )
            },
            id="a hold",
        ),
        pytest.param({"consents": (Consent(lifts="two", given_to="a", given_at=START, evidence="e"),)}, id="a consent"),
        pytest.param({"milestones": (Milestone(kind="due", on=START.date()),)}, id="a milestone"),
        pytest.param({"purpose": "reply", "reply_to": "c1"}, id="a message to answer"),
    ],
)
def test_what_one_person_has_is_not_shared(facts):
    """Such a question is prepared for its person alone."""
    ahead = prepared(DAYTIME, TWO, **facts)

    assert ahead.tally(person_id="p", loan_ids=("l",)).lines == ()
    with pytest.raises(FactsError, match="for another person_id prepare another question"):
        ahead.tally(person_id="q")


def test_a_tally_of_another_question_is_refused():
    """It counted for other rules."""
    with pytest.raises(FactsError, match="made by another prepared question"):
        prepared(DAYTIME, TWO).permitted(EIGHT, prepared(DAYTIME).tally())
    with pytest.raises(FactsError, match="made by another prepared question"):
        prepared(DAYTIME, TWO).next_permitted(EIGHT.astimezone(dt.UTC), prepared(DAYTIME).tally())


def test_the_timeline_says_who_objects_from_when_to_when():
    """With a tally, what was counted as well."""
    first = EIGHT - 3 * DAY
    ahead = prepared(DAYTIME, TWO, start=first, until=first + 2 * DAY)
    seconds, against = ahead.timeline(ahead.tally([line(EIGHT), line(EIGHT + SECOND)]))

    assert [
        (first, ()),
        (wall("2026-03-01T21:00:00"), ("day",)),
        (wall("2026-03-02T00:00:00"), ("day", "two")),
        (wall("2026-03-02T08:00:00"), ("two",)),
        (wall("2026-03-02T21:00:00"), ("day", "two")),
    ] == [(dt.datetime.fromtimestamp(second, dt.UTC), ids) for second, ids in zip(seconds, against, strict=True)]
    assert (first.timestamp(), ()) == (ahead.timeline()[0][0], ahead.timeline()[1][0])
