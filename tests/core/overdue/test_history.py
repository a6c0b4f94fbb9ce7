"""What is asked about a loan's past: buckets, the worst, first delinquency, spells, cures and re-ages, the roll path."""

import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.facts.event import Event
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.history import Worst, overdue_history
from dunning.core.overdue.labels import LabelRow, LabelTable
from dunning.core.overdue.presets import preset
from dunning.core.overdue.status import overdue_status
from dunning.errors import FactsError, KnowledgeError
from dunning.testing.builders import a_loan, a_payment, an_instalment

D = Decimal
DAY = dt.timedelta(days=1)

# 0-29 are current in a Metro 2 payment history profile.
PROFILE = LabelTable(
    name="profile",
    source="Metro 2, base segment, field 18",
    rows=(
        LabelRow(label="0", from_days=0, to_days=29),
        LabelRow(label="1", from_days=30, to_days=59),
        LabelRow(label="2", from_days=60, to_days=89),
        LabelRow(label="3", from_days=90),
    ),
)


def on(month, number, year=2026):
    return dt.date(year, month, number)


def pay(amount, day, id_=None):
    return a_payment(amount, day, id=id_ or f"pay-{day}-{amount}")


def event(id_, kind, day, **changes):
    return Event(id=id_, kind=kind, effective_on=day, **changes)


def history(*events, until=on(12, 31), since=None, convention=None, **changes):
    """Of the plain loan: 1,000 on the 15th of each month of 2026."""
    return overdue_history(
        a_loan(events=events, **changes), since=since, until=until, convention=convention or Convention()
    )


# Late for 36 days, current for 14, late for 14, for 14 and for 28 in one go (one payment behind), then paid.
UP_AND_DOWN = (
    pay("1000", on(2, 20)),  # 36 days after 15 January; February's is 5 days late
    pay("1000", on(3, 1)),  # current
    pay("1000", on(4, 14)),  # 30 days after 15 March
    pay("1000", on(5, 20)),  # 35 after 15 April; May's is 5 days late
    pay("1000", on(6, 25)),  # 41 after 15 May; June's is 10 days late
    pay("1000", on(7, 1)),  # current
    pay("6000", on(7, 10)),  # everything else
)


def test_stretches_of_a_loan_that_pays_late_once():
    """Cut where something falls past due and where money comes; within them days run on."""
    found = history(pay("11000", on(1, 20)), since=on(1, 10), until=on(12, 20))
    assert [
        (on(1, 10), on(1, 15), 0, False, None, D(0)),
        (on(1, 16), on(1, 19), 1, True, on(1, 15), D(1000)),
        (on(1, 20), on(12, 15), 0, False, None, D(0)),
        (on(12, 16), on(12, 20), 1, True, on(12, 15), D(1000)),
    ] == [
        (s.first, s.last, s.status.days_past_due, s.runs, s.status.oldest_unpaid_due_on, s.status.arrears.total)
        for s in found.stretches
    ]


@pytest.mark.parametrize(
    ("convention", "expected"),
    [
        pytest.param("mba", [(on(1, 16), 0), (on(2, 14), 30), (on(3, 14), 60), (on(4, 14), 90)], id="MBA"),
        pytest.param("ots", [(on(1, 16), 0), (on(2, 15), 30), (on(3, 15), 60), (on(4, 15), 90)], id="OTS"),
        pytest.param(
            "calendar_months", [(on(1, 16), 0), (on(2, 28), 30), (on(3, 31), 60), (on(4, 30), 90)], id="calendar months"
        ),
    ],
)
def test_days_in_months_step(convention, expected):
    """One instalment, nothing paid: a stretch for each step."""
    found = history(
        instalments=(an_instalment(1),), since=on(1, 16), until=on(5, 5), convention=preset(convention)
    ).stretches
    assert expected == [(stretch.first, stretch.status.days_past_due) for stretch in found]
    assert not any(stretch.runs for stretch in found)


def test_a_pause_holds_delinquent_days_and_no_others():
    found = history(
        event("Z", "pause", on(1, 20), until=on(1, 25)),
        instalments=(an_instalment(1),),
        since=on(1, 16),
        until=on(1, 31),
    ).stretches
    assert [
        (on(1, 16), 1, True, 1, True),
        (on(1, 20), 5, True, 4, False),
        (on(1, 25), 10, True, 5, True),
    ] == [(s.first, s.status.days_past_due, s.runs, s.status.delinquent_days, s.delinquent_runs) for s in found]


@pytest.mark.parametrize(
    ("events", "day", "days"),
    [
        pytest.param([pay("1000", on(1, 20))], on(1, 19), 4, id="money that came later"),
        pytest.param([pay("1000", on(1, 20))], on(1, 20), 0, id="on the day it came"),
        pytest.param(
            [pay("1000", on(1, 15), "P"), event("R", "reversal", on(2, 1), of="P")], on(1, 31), 0, id="taken back later"
        ),
        pytest.param(
            [pay("1000", on(1, 15), "P"), event("R", "reversal", on(2, 1), of="P")], on(2, 1), 17, id="taken back today"
        ),
    ],
)
def test_a_day_is_judged_by_what_was_effective_on_it(events, day, days):
    found = history(*events)
    assert days == found.days_past_due_on(day) == found.status_on(day).days_past_due


def test_what_was_known_when():
    """A payment recorded in May, effective in January, is not in the history that February knew."""
    recorded = dt.datetime(2026, 5, 10, 9, tzinfo=dt.UTC)
    loan = a_loan(events=(evolve(pay("1000", on(1, 15)), recorded_at=recorded),))
    before, after = (
        overdue_history(loan, until=on(2, 15), known_at=known_at)
        for known_at in (recorded - dt.timedelta(seconds=1), recorded)
    )
    assert (31, 0) == (before.days_past_due_on(on(2, 15)), after.days_past_due_on(on(2, 15)))
    with pytest.raises(KnowledgeError):
        overdue_history(a_loan(events=(event("Z", "pause", on(1, 20)),)), until=on(2, 15), known_at=recorded)


@pytest.mark.parametrize("day", [pytest.param(on(1, 9), id="before"), pytest.param(on(2, 2), id="after")])
def test_days_outside_are_refused(day):
    found = history(since=on(1, 10), until=on(2, 1))
    with pytest.raises(FactsError, match="from 2026-01-10 to 2026-02-01, and not"):
        found.status_on(day)


def test_a_history_that_ends_before_it_begins():
    with pytest.raises(FactsError, match="ends on or after the day it begins"):
        history(since=on(2, 1), until=on(1, 31))


def test_a_history_of_one_day_and_of_a_loan_without_instalments():
    assert 4 == history(since=on(1, 19), until=on(1, 19)).days_past_due_on(on(1, 19))
    nothing = history(instalments=())
    assert (on(12, 31), on(12, 31), None) == (nothing.since, nothing.until, nothing.worst())


def test_without_since_it_begins_before_anything_fell_due():
    assert on(1, 14) == history().since
    assert on(1, 5) == history(pay("1000", on(1, 6))).since
    assert on(1, 1) == history(until=on(1, 1)).since


# --- buckets and the worst -------------------------------------------------------------------------------------------


def test_first_days_of_buckets():
    """By the days: 29 is current, 30 the first of its bucket."""
    found = history(instalments=(an_instalment(1),), until=on(4, 14)).first_days(PROFILE)
    assert {"0": on(1, 14), "1": on(2, 14), "2": on(3, 16)} == dict(found)
    assert "3" in history(instalments=(an_instalment(1),), until=on(4, 15)).first_days(PROFILE)


def test_a_bucket_can_be_jumped_over():
    """A payment taken back after 70 days puts the loan there at once."""
    taken_back = event("R", "reversal", on(3, 26), of="P")
    found = history(pay("1000", on(1, 15), "P"), taken_back, instalments=(an_instalment(1),), until=on(5, 1))
    assert {"0": on(1, 14), "2": on(3, 26), "3": on(4, 15)} == dict(found.first_days(PROFILE))


@pytest.mark.parametrize(
    ("events", "until", "worst"),
    [
        pytest.param([pay("12000", on(1, 15))], on(12, 31), None, id="never late"),
        pytest.param(UP_AND_DOWN, on(12, 31), (40, on(6, 24)), id="the day before a payment"),
        pytest.param(UP_AND_DOWN, on(4, 1), (35, on(2, 19)), id="up to April"),
        pytest.param([], on(1, 25), (10, on(1, 25)), id="still running"),
    ],
)
def test_worst_ever(events, until, worst):
    assert (Worst(days_past_due=worst[0], on=worst[1]) if worst else None) == history(*events, until=until).worst()


def test_the_worst_is_the_first_of_equals():
    """Late for ten days twice."""
    found = history(pay("1000", on(1, 26)), pay("1000", on(2, 26)), pay("9000", on(3, 1)), until=on(6, 1))
    assert Worst(days_past_due=10, on=on(1, 25)) == found.worst()


@pytest.mark.parametrize(
    ("days", "times"), [(1, 3), (5, 3), (29, 3), (30, 2), (35, 2), (36, 1), (40, 1), (41, 0), (60, 0)]
)
def test_times_days_past_due(days, times):
    """Spells: 35 days from January, 29 from March, 40 from April, which fell below 30 twice and never to 0."""
    assert times == history(*UP_AND_DOWN).times(days)


def test_one_payment_behind_all_year_is_once_late_and_has_a_code_each_month():
    """
    Spells and months part.

    40 days late is 14 days or less at each month end. 47 days late is 44 to 46 days at the ends of February to December,
    but for August: July's is paid on the 31st.
    """
    dues = [an_instalment(number).due_on for number in range(1, 13)]
    found = history(*[pay("1000", due + 40 * DAY) for due in dues])
    assert 1 == found.times(30)
    assert (0, 0) == (found.times_at_month_ends(30, 59), found.times_at_month_ends(60))
    later = history(*[pay("1000", due + 47 * DAY) for due in dues])
    assert 1 == later.times(30)
    assert 10 == later.times_at_month_ends(30, 59) == Counter(label for _, label in later.roll_path(PROFILE))["1"]


def test_roll_path():
    found = history(*UP_AND_DOWN, since=on(1, 31), until=on(8, 30))
    assert (on(1, 31), on(2, 28), on(3, 31), on(4, 30), on(5, 31), on(6, 30), on(7, 31)) == found.month_ends()
    assert [16, 13, 16, 15, 16, 15, 0] == [found.days_past_due_on(day) for day in found.month_ends()]
    table = LabelTable(
        name="halves",
        source="for this test",
        rows=(LabelRow(label="below", from_days=0, to_days=14), LabelRow(label="from 15", from_days=15)),
    )
    path = ["from 15", "below", "from 15", "from 15", "from 15", "from 15", "below"]
    assert list(zip(found.month_ends(), path, strict=True)) == list(found.roll_path(table))
    assert ((on(2, 10), "from 15"),) == found.roll_path(table, on=[on(2, 10)])


# --- spells ----------------------------------------------------------------------------------------------------------


def spells_of(found, **changes):
    return [(spell.first, spell.last, spell.ended, spell.worst) for spell in found.spells(**changes)]


def test_spells():
    found = history(*UP_AND_DOWN, until=on(7, 9))
    assert [
        (on(1, 16), on(2, 28), "paid", 35),
        (on(3, 16), on(4, 13), "paid", 29),
        (on(4, 16), on(6, 30), "paid", 40),
    ] == spells_of(found)
    assert (on(3, 1), on(4, 14), on(7, 1)) == found.cures
    assert [
        (on(2, 14), on(2, 19), "paid", 35),
        (on(5, 15), on(5, 19), "paid", 34),
        (on(6, 14), on(6, 24), "paid", 40),
    ] == spells_of(found, from_days=30)


@pytest.mark.parametrize(
    ("events", "convention", "ended"),
    [
        pytest.param([pay("12000", on(2, 1))], "continue", "paid", id="paid"),
        pytest.param([event("T", "third_party_advance", on(2, 1), amount=D(12000))], "continue", "paid", id="advanced"),
        pytest.param([event("W", "waiver", on(2, 1), amount=D(12000))], "continue", "waived", id="waived"),
        pytest.param([event("V", "re_age", on(2, 1))], "continue", "re_aged", id="re-aged"),
        pytest.param(
            [event("V", "re_age", on(2, 1)), pay("500", on(2, 1))], "continue", "re_aged", id="re-aged and paid a part"
        ),
        pytest.param(
            [event("X", "extension", on(2, 1), instalment=1, months=11)], "continue", "extended", id="extended"
        ),
        pytest.param([event("X", "deferral", on(2, 1), instalment=1)], "continue", "extended", id="deferred"),
        pytest.param([event("O", "write_off", on(2, 1))], "drop", "written_off", id="written off, days dropped"),
        pytest.param([event("O", "write_off", on(2, 1))], "freeze", "open", id="written off, days frozen"),
        pytest.param([event("O", "write_off", on(2, 1))], "continue", "open", id="written off, days go on"),
        pytest.param(
            [event("C", "chargeback", on(1, 15), of="P"), pay("1000", on(1, 10), "P"),
             event("R", "reversal", on(2, 1), of="C")],
            "continue", "corrected", id="the chargeback was an error",
        ),
        pytest.param([], "continue", "open", id="still open"),
    ],
)  # fmt: skip
def test_how_a_spell_ended(events, convention, ended):
    (spell,) = history(*events, until=on(2, 10), convention=Convention(charge_off=convention)).spells()
    assert (on(1, 16), on(2, 10) if ended == "open" else on(1, 31), ended, False) == (
        spell.first,
        spell.last,
        spell.ended,
        spell.cut,
    )
    assert (ended in ("paid", "waived")) is spell.cured


def test_re_ages_are_no_cures():
    found = history(
        event("V", "re_age", on(2, 1)),
        pay("1000", on(2, 25)),
        event("U", "re_age", on(3, 20)),
        event("R", "reversal", on(3, 20), of="U"),
        until=on(3, 25),
    )
    assert [("re_aged", on(1, 31)), ("paid", on(2, 24)), ("open", on(3, 25))] == [
        (spell.ended, spell.last) for spell in found.spells()
    ]
    assert ((on(2, 25),), (on(2, 1),)) == (found.cures, found.re_ages)
    assert 1 == found.status_on(on(3, 25)).re_aged


def test_a_spell_of_no_days_is_refused():
    with pytest.raises(FactsError, match="1 day at least, not 0"):
        history().spells(from_days=0)


# --- date of first delinquency ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "day", "first"),
    [
        pytest.param([], on(1, 15), None, id="not late yet"),
        pytest.param([], on(1, 16), on(1, 16), id="its first day"),
        pytest.param([], on(12, 31), on(1, 16), id="never paid since"),
        pytest.param(UP_AND_DOWN, on(2, 25), on(1, 16), id="a part does not begin a series anew"),
        pytest.param(UP_AND_DOWN, on(3, 1), None, id="current"),
        pytest.param(UP_AND_DOWN, on(4, 10), on(3, 16), id="the series that led to now, not an older one"),
        pytest.param(UP_AND_DOWN, on(6, 30), on(4, 16), id="while a newer instalment is the oldest unpaid"),
        pytest.param([event("V", "re_age", on(2, 1))], on(2, 10), None, id="a re-age ends the series"),
        pytest.param([event("V", "re_age", on(2, 1))], on(2, 20), on(2, 16), id="a new one after a re-age"),
        pytest.param(
            [pay("1000", on(1, 15), "P"), event("R", "reversal", on(3, 1), of="P"), pay("1000", on(2, 15))],
            on(3, 10),
            on(3, 1),
            id="a payment taken back: late from the day on which it was",
        ),
    ],
)
def test_first_delinquency(events, day, first):
    """Metro 2, field 25."""
    assert first == history(*events).first_delinquency(on=day)


@pytest.mark.parametrize(
    ("day", "first"),
    [(on(2, 13), None), (on(2, 14), on(2, 14)), (on(2, 20), None), (on(5, 17), on(5, 15)), (on(6, 24), on(6, 14))],
)
def test_first_delinquency_where_up_to_29_days_are_current(day, first):
    assert first == history(*UP_AND_DOWN).first_delinquency(on=day, from_days=30)


@pytest.mark.parametrize(
    ("charge_off", "recovered", "first"),
    [
        pytest.param("continue", "500", on(1, 16), id="days go on"),
        pytest.param("freeze", "500", on(1, 16), id="days frozen"),
        pytest.param("drop", "500", on(1, 16), id="days dropped: the series led to the write-off"),
        pytest.param("drop", "12000", None, id="paid in full after it"),
    ],
)
def test_a_write_off_ends_no_series(charge_off, recovered, first):
    events = [event("O", "write_off", on(6, 1)), event("Y", "recovery", on(7, 1), amount=D(recovered))]
    assert first == history(*events, convention=Convention(charge_off=charge_off)).first_delinquency(on=on(8, 1))


def test_a_series_that_reaches_back_to_the_first_day_is_refused():
    """Whoever asks from February cannot know that it began in January."""
    found = history(since=on(2, 1), until=on(2, 10))
    assert found.spells()[0].cut
    with pytest.raises(FactsError, match="late on 2026-02-01 already"):
        found.first_delinquency()


# --- properties ------------------------------------------------------------------------------------------------------


@st.composite
def pasts(draw):
    events = []
    for index in range(draw(st.integers(0, 7))):
        kind = draw(st.sampled_from(("payment", "payment", "payment", "re_age", "waiver", "write_off", "reversal")))
        day = on(1, 1) + draw(st.integers(0, 300)) * DAY
        if kind == "reversal" and events:
            events.append(event(f"e{index}", kind, day, of=draw(st.sampled_from(events)).id))
        elif kind != "reversal":
            amount = None if kind == "re_age" else draw(st.sampled_from([D(500), D(1000), D(3000)]))
            events.append(event(f"e{index}", kind, day, amount=amount))
    return events


@settings(max_examples=20, deadline=None)
@given(pasts(), st.sampled_from(("continue", "freeze", "drop")), st.sampled_from((1, 30)))
def test_the_answers_are_those_of_looking_at_every_day(events, charge_off, from_days):
    convention = Convention(charge_off=charge_off)
    loan = a_loan(events=tuple(events))
    found = history(*events, convention=convention)
    days = [found.since + n * DAY for n in range((found.until - found.since).days + 1)]
    past_due = {day: overdue_status(loan, as_of=day, convention=convention).days_past_due for day in days}

    late = {day for day in days if past_due[day] >= from_days}
    spells = found.spells(from_days=from_days)
    assert late == {day for day in days if any(spell.holds(day) for spell in spells)}
    assert [day for day in days if day in late and day - DAY not in late] == [spell.first for spell in spells]
    assert [max(past_due[d] for d in days if spell.holds(d)) for spell in spells] == [spell.worst for spell in spells]

    most = max(past_due.values())
    first = next(day for day in days if past_due[day] == most)
    assert (Worst(days_past_due=most, on=first) if most else None) == found.worst()
    labels = {day: PROFILE.label(past_due[day]) for day in days}
    assert {label: day for day, label in reversed(labels.items())} == dict(found.first_days(PROFILE))
    ends = [day for day in days if (day + DAY).day == 1]
    assert [(end, labels[end]) for end in ends] == list(found.roll_path(PROFILE))
    assert len([1 for s in found.spells() if s.worst >= 60]) == found.times(60)
