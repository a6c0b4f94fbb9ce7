"""The permitted week: exact spans, who objects when, and what nobody can know."""

import datetime as dt
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.calendar import Calendar
from dunning.core.contact.effects import HoursRule
from dunning.core.contact.instants import instant_of, second_of
from dunning.core.contact.permission import may_contact
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import ContactRule, RulePack, Source
from dunning.core.contact.rule_set import rule_set
from dunning.core.facts.person import Hours
from dunning.core.hold import Hold, Subject
from dunning.engine.pictures.paper import PERMITTED
from dunning.engine.pictures.week import on_days, week_of
from dunning.engine.pictures.week_svg import week_svg
from dunning.engine.pictures.words import span_text
from dunning.errors import FactsError
from dunning.testing.builders import a_contact

EVERY_DAY = tuple(range(7))
MONDAY = dt.date(2026, 3, 16)
SVG = "{http://www.w3.org/2000/svg}"


def bands(*texts, weekdays=EVERY_DAY):
    """Return windows, each written ``08:00-21:00``."""
    times = [[dt.time.fromisoformat(time) for time in text.split("-")] for text in texts]
    return tuple(Hours(weekdays=weekdays, opens=opens, closes=closes) for opens, closes in times)


def an_hours_rule(rule_id="hours", *windows, title="From eight to nine", **effect):
    """Return a rule of CN, open in *windows*."""
    source = Source(instrument="Act", article="s. 1", read_as="text", confidence="high")
    stated = HoursRule(windows=windows or bands("08:00-21:00"), **effect)
    return ContactRule(id=rule_id, jurisdiction="CN", title=title, source=source, force="prohibition", effect=stated)


def a_week(*rules, first=MONDAY, zones=("America/New_York",), calendars=None, covers=("CN",), **stated):
    """Return the week of a call to somebody under *rules*."""
    pack = RulePack(id="law", version="1", owner="us", covers=covers, rules=rules)
    request = ContactRequest(
        **{"person_id": "P-1", "purpose": "collection", "channel": "call", "jurisdictions": ("CN",), "at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), **stated}, zones=zones
    )  # fmt: skip
    return week_of(request, rule_set([pack]), calendars=calendars, first=first)


def texts(week, spans=None):
    """Return, by day of the month, what stands below the picture."""
    found = on_days(week, week.permitted if spans is None else spans)
    return {day.date.day: [span_text(span, day) for span in parts] for day, parts in found}


def utc(spans):
    """Return *spans* written out."""
    return [f"{instant_of(low):%d %H:%M:%S} to {instant_of(high):%d %H:%M:%S}" for low, high in spans]


NIGHT = ("00:30-05:00",)

# The last of the seven days is the one on which the clock changes.
CHANGES = [
    pytest.param("America/New_York", dt.date(2026, 3, 2), NIGHT, ["00:30:00 to 02:00:00 (-05:00)", "03:00:00 to 05:00:00 (-04:00)"], "08 05:30:00 to 08 09:00:00", id="New York forward"),
    pytest.param("America/New_York", dt.date(2026, 10, 26), NIGHT, ["00:30:00 to 02:00:00 (-04:00)", "01:00:00 to 05:00:00 (-05:00)"], "01 04:30:00 to 01 10:00:00", id="New York back"),
    pytest.param("America/New_York", dt.date(2026, 10, 26), ("01:15-01:45",), ["01:15:00 to 01:45:00 (-04:00)", "01:15:00 to 01:45:00 (-05:00)"], "01 06:15:00 to 01 06:45:00", id="within the hour that comes twice"),
    pytest.param("America/New_York", dt.date(2026, 3, 2), ("02:15-02:45",), [], "07 07:15:00 to 07 07:45:00", id="within the hour that never comes"),
    pytest.param("Australia/Lord_Howe", dt.date(2026, 3, 30), NIGHT, ["00:30:00 to 02:00:00 (+11:00)", "01:30:00 to 05:00:00 (+10:30)"], "04 13:30:00 to 04 18:30:00", id="Lord Howe back"),
    pytest.param("Australia/Lord_Howe", dt.date(2026, 9, 28), NIGHT, ["00:30:00 to 02:00:00 (+10:30)", "02:30:00 to 05:00:00 (+11:00)"], "03 14:00:00 to 03 18:00:00", id="Lord Howe forward"),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "first", "windows", "expected", "last"), CHANGES)
def test_a_day_on_which_the_clock_changes(zone, first, windows, expected, last):
    """On the wall, each with its offset; and in UTC, the last span of the week."""
    week = a_week(an_hours_rule("hours", *bands(*windows)), first=first, zones=(zone,))

    assert expected == texts(week)[week.days[-1].date.day]
    assert last == utc(week.permitted)[-1]


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        pytest.param({}, "08:00:00 to 21:00:00", id="half-open"),
        pytest.param({"opens_inclusive": False}, "08:00:01 to 21:00:00", id="after eight"),
        pytest.param({"closes_inclusive": True}, "08:00:00 to 21:00:01", id="until nine, included"),
    ],
)
def test_a_usual_week_to_the_second(effect, expected):
    """Every day alike, and the rows next to an edge hold exactly what they say."""
    week = a_week(an_hours_rule(**effect))
    starts = [row.opens for row, states in week.rows() if states[0].word == "permitted"]
    ends = [row.closes for row, states in week.rows() if states[0].word == "permitted"]
    clock = [f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}" for second in (starts[0], ends[-1])]

    assert [[expected]] * 7 == list(texts(week).values())
    assert expected == " to ".join(clock)
    assert starts[1:] == ends[:-1]


def test_a_window_that_ends_with_the_day_is_one_with_the_next():
    """Two days, one span of instants; on the wall it ends at 24:00."""
    week = a_week(an_hours_rule("hours", *bands("00:00-02:00", "22:00-23:59:59.999999")))

    assert ["00:00:00 to 02:00:00", "22:00:00 to 24:00:00"] == texts(week)[17]
    assert "18 02:00:00 to 18 06:00:00" == utc(week.permitted)[2]


def test_an_edge_in_the_last_second_of_a_day_has_a_row():
    """Closed for one second before midnight."""
    week = a_week(an_hours_rule("hours", *bands("00:00-23:59:59")))

    assert ["00:00:00 to 23:59:59"] == texts(week)[16]
    assert [(84600, 86399, "permitted"), (86399, 86400, "refused")] == [
        (row.opens, row.closes, states[0].word) for row, states in week.rows()[-2:]
    ]


def test_a_window_that_passes_midnight_is_one_span():
    """Open from ten at night on Fridays to two on Saturdays: on the wall it stands on two days."""
    week = a_week(an_hours_rule("hours", *bands("22:00-02:00", weekdays=(4,))))

    assert ["22:00:00 to 24:00:00"] == texts(week)[20]
    assert ["00:00:00 to 02:00:00"] == texts(week)[21]
    assert ["21 02:00:00 to 21 06:00:00"] == utc(week.permitted)


def test_every_plausible_zone_must_permit():
    """From eight in Honolulu to nine at night in New York, on New York's clock."""
    week = a_week(an_hours_rule(), zones=("America/New_York", "Pacific/Honolulu"))

    assert ["14:00:00 to 21:00:00"] == texts(week)[16]


def test_everybody_who_objects_is_named_with_a_source():
    """In order of ids, each with its own spans; who has nothing against it stands apart."""
    inner = an_hours_rule("b-inner", *bands("10:00-18:00"))
    always = an_hours_rule("c-always", *bands("00:00-23:59:59.999999"))
    hold = Hold(
        id="H-1",
        subject=Subject(kind="person", person_id="P-1"),
        reason="dispute",
        starts_on=dt.date(2026, 3, 20),
        evidence="letter 7",
    )

    week = a_week(an_hours_rule("a-outer"), inner, always, holds=(hold,))

    assert [("A", "a-outer", "Act, s. 1"), ("B", "b-inner", "Act, s. 1"), ("C", "hold:H-1", "letter 7")] == [
        (who.sign, who.objection.rule, who.objection.citation) for who in week.against
    ]
    assert ("c-always",) == week.silent
    assert ["00:00:00 to 08:00:00", "21:00:00 to 24:00:00"] == texts(week, week.against[0].refuses)[16]
    assert ["00:00:00 to 10:00:00", "18:00:00 to 24:00:00"] == texts(week, week.against[1].refuses)[16]
    assert [[]] * 4 + [["00:00:00 to 24:00:00"]] * 3 == list(texts(week, week.against[2].refuses).values())
    assert [["10:00:00 to 18:00:00"]] * 4 + [[]] * 3 == list(texts(week).values())


def test_a_calendar_that_ends_leaves_the_rest_unknown():
    """Known to before Friday: until then open or closed, from Friday on unknown, which is not permitted."""
    rule = an_hours_rule(holidays="closed", calendar="days off")
    calendar = Calendar(
        name="days off",
        known_from=dt.date(2026, 1, 1),
        known_until=dt.date(2026, 3, 20),
        days=frozenset({dt.date(2026, 3, 17)}),
    )

    week = a_week(rule, calendars={"days off": calendar})

    assert {
        16: ["08:00:00 to 21:00:00"],
        17: [],
        18: ["08:00:00 to 21:00:00"],
        19: ["08:00:00 to 21:00:00"],
        20: [],
        21: [],
        22: [],
    } == texts(week)
    assert ["20 04:00:00 to 23 04:00:00"] == utc(week.unknown) == utc(week.against[0].unknown)
    assert [["refused"], ["unknown"]] == [
        sorted({states[day].word for _, states in week.rows()} - {"permitted"}) for day in (3, 4)
    ]


@pytest.mark.parametrize(
    ("rules", "stated", "against", "kind"),
    [
        pytest.param([], {}, "dunning:hours", "no_hours", id="nobody states hours"),
        pytest.param([an_hours_rule(holidays="closed", calendar="days off")], {}, "hours", "unknown", id="the calendar is missing"),
        pytest.param([an_hours_rule()], {"zones": ()}, "dunning:zone", "unknown", id="no zone"),
        pytest.param([an_hours_rule()], {"jurisdictions": ("FR",)}, "dunning:jurisdiction", "unknown", id="a place without a pack"),
        pytest.param([an_hours_rule()], {"point_id": "P-1-M"}, "dunning:lawful_basis", "unknown", id="no lawful basis"),
    ],
)  # fmt: skip
def test_what_is_not_known_permits_nothing(rules, stated, against, kind):
    """Nobody objects by law, and yet no second is permitted."""
    week = a_week(*rules, **stated)

    assert () == week.permitted
    assert (against, kind) in [(who.objection.rule, who.objection.kind) for who in week.against]
    assert "permitted" not in {state.word for _, states in week.rows() for state in states}


def test_who_cannot_say_names_what_is_needed():
    """As the verdict does."""
    (who,) = a_week(
        an_hours_rule(holidays="closed", calendar="days off"), at=dt.datetime(2026, 3, 16, 12, tzinfo=dt.UTC)
    ).against

    assert who.objection.says.startswith("From eight to nine. Whether it is kept cannot be known: ")


def test_a_reply_is_drawn_as_it_stands_when_it_is_asked_about():
    """Before the message that it answers came, it answers none, and the rule that frees replies binds it."""
    rule = evolve(an_hours_rule(), exempt_purposes=("reply",))
    free = an_hours_rule("house-hours", *bands("06:00-23:00"))
    came = dt.datetime(2026, 3, 18, 12, tzinfo=dt.UTC)
    theirs = a_contact("M-1", direction="in", at=came, recorded_at=came, channel="call")

    before, after = (
        a_week(rule, free, purpose="reply", reply_to="M-1", history=(theirs,), loan_ids=("L-1",), at=dt.datetime(2026, 3, day, tzinfo=dt.UTC)) for day in (18, 19)
    )  # fmt: skip

    assert ["08:00:00 to 21:00:00"] == texts(before)[20]
    assert ["06:00:00 to 23:00:00"] == texts(after)[20]
    assert ["hours", "house-hours"] == [who.objection.rule for who in before.against]


def test_the_wall_is_utc_where_no_zone_is_known():
    """There must be some."""
    assert "UTC" == a_week(an_hours_rule(), zones=()).zone


@pytest.mark.parametrize("first", [dt.date(1, 1, 1), dt.date(9999, 12, 30)])
def test_days_outside_the_calendar_are_refused(first):
    """With a sentence."""
    with pytest.raises(FactsError, match="leave the calendar"):
        a_week(an_hours_rule(), first=first)


MINUTES = st.integers(0, 1439)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(MINUTES, MINUTES), min_size=1, max_size=3),
    st.sampled_from(["America/New_York", "Australia/Lord_Howe"]),
    st.integers(0, 51),
    st.randoms(),
)
def test_each_cell_is_what_the_verdict_says(windows, zone, weeks, random):
    """At the first and the last second of a row, on every day, also where the clock changes."""
    rule = an_hours_rule(
        "hours",
        *(
            band
            for low, high in windows
            if low != high
            for band in bands(
                f"{min(low, high) // 60:02}:{min(low, high) % 60:02}-{max(low, high) // 60:02}:{max(low, high) % 60:02}"
            )
        ),
    )
    week = a_week(rule, first=dt.date(2026, 1, 5) + weeks * dt.timedelta(days=7), zones=(zone,))
    rules = rule_set([RulePack(id="law", version="1", owner="us", covers=("CN",), rules=(rule,))])

    for row, states in random.sample(week.rows(), 4):
        for day, state in zip(week.days, states, strict=True):
            strip = next(
                (s for s in day.strips if s.again == row.again and s.opens <= row.opens and row.closes <= s.closes),
                None,
            )
            assert (state is None) == (strip is None)
            for second in () if strip is None else (row.opens, row.closes - 1):
                request = ContactRequest(
                    person_id="P-1",
                    purpose="collection",
                    channel="call",
                    jurisdictions=("CN",),
                    zones=(zone,),
                    at=instant_of(strip.start + second - strip.opens),
                )
                assert (state.word == "permitted") == may_contact(request, rules, horizon_days=1).permitted


HOSTILE = "</title><script>alert('1')</script>\x1b[31m\x00 ]]> & \"q\" \u202eback \ufffe 内容 <!-- \x85"


def test_a_hostile_title_stays_text():
    """It is shown as it is written, but for what neither XML nor a terminal may hold."""
    picture = week_svg(a_week(an_hours_rule(title=HOSTILE)))
    root = ET.fromstring(picture)  # noqa: S314 - our own picture

    assert {"svg", "title", "desc", "style", "defs", "pattern", "rect", "path", "line", "text", "g"} == {
        element.tag.removeprefix(SVG) for element in root.iter()
    }
    assert "alert('1')" in "".join(root.itertext())
    assert not set("\x00\x1b\x85\u202e\ufffe") & set(picture)


def test_blocks_stand_where_the_clock_has_them():
    """Twenty-two pixels an hour: from 08:00:01 to 21:00:00, to a thousandth."""
    root = ET.fromstring(week_svg(a_week(an_hours_rule(opens_inclusive=False))))  # noqa: S314 - our own picture
    blocks = [group for group in root.iter(f"{SVG}g") if "permitted" in group.find(f"{SVG}title").text.split(": ")]
    (top,) = {float(line.get("y1")) for line in list(root.iter(f"{SVG}line"))[:1]}

    assert 7 == len(blocks)
    for block, date in zip(blocks, range(16, 23), strict=True):
        rect = block.find(f"{SVG}rect")
        assert block.find(f"{SVG}title").text.endswith(f"2026-03-{date}, 08:00:01 to 21:00:00: permitted")
        assert PERMITTED == rect.get("fill")
        assert (8 + 1 / 3600) * 22 == pytest.approx(float(rect.get("y")) - top, abs=0.001)
        assert (13 - 1 / 3600) * 22 == pytest.approx(float(rect.get("height")), abs=0.001)


def test_an_hour_that_comes_twice_moves_what_follows_down():
    """A block that spans the change has a part in each section, and none is drawn over another."""
    week = a_week(an_hours_rule("hours", *bands(*NIGHT)), first=dt.date(2026, 10, 26))
    root = ET.fromstring(week_svg(week))  # noqa: S314 - our own picture
    parts = [group for group in root.iter(f"{SVG}g") if group.find(f"{SVG}title").text.startswith("Sun 2026-11-01")]
    rects = [(float(part.find(f"{SVG}rect").get("y")), float(part.find(f"{SVG}rect").get("height"))) for part in parts]

    assert [
        " 00:00:00 to 00:30:00",
        " 00:30:00 to 02:00:00",
        " 01:00:00 to 02:00:00",
        " 02:00:00 to 05:00:00",
        " 05:00:00 to 24:00:00",
    ] == [part.find(f"{SVG}title").text.split(": ")[0].split(",")[1] for part in parts]
    assert 25 * 22 == pytest.approx(sum(height for _, height in rects))
    assert all(
        above + height == pytest.approx(below) for (above, height), (below, _) in zip(rects, rects[1:], strict=False)
    )


def test_a_picture_names_nobody_and_is_always_the_same():
    """The same question, the same bytes; and the height is that of what stands in it."""
    week = a_week(
        an_hours_rule(), person_id="P-4711", loan_ids=("L-0815",), point_id="P-4711-M", lawful_basis="contract"
    )
    picture = week_svg(week)
    root = ET.fromstring(picture)  # noqa: S314 - our own picture
    lowest = max(float(text.get("y")) for text in root.iter(f"{SVG}text"))

    assert picture == week_svg(week)
    assert not any(name in picture for name in ("P-4711", "L-0815"))
    assert lowest < float(root.get("height")) < lowest + 40


def test_more_objectors_than_letters_are_all_drawn():
    """Sixty of them: signs run out, and no cell lies."""
    rules = [an_hours_rule(f"r-{number:02}", *bands("08:00-09:00")) for number in range(60)]
    week = a_week(*rules)

    assert 60 == len(week.against)
    assert ["A", "z", "+", "+"] == [week.against[number].sign for number in (0, 51, 52, 59)]
    assert 60 == len(week.at(second_of(dt.datetime(2026, 3, 16, 12, tzinfo=dt.UTC)) - 1).refusing)
    ET.fromstring(week_svg(week))  # noqa: S314 - our own picture
