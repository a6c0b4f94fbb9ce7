"""One loan under many conventions, and why another system gives other days."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.facts.event import Event
from dunning.core.overdue.compare import compare
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.presets import PRESETS
from dunning.core.overdue.readings import READINGS, readings_of
from dunning.core.overdue.status import overdue_status
from dunning.errors import FactsError
from dunning.testing.builders import TODAY, a_loan, a_payment, an_instalment

D = Decimal
DAY = dt.timedelta(days=1)
EVERY = [preset.convention for preset in PRESETS.values()]


def on(month, day):
    return dt.date(2026, month, day)


def pay(amount, day, id_="P", **changes):
    return a_payment(amount, day, id=id_, **changes)


def event(id_, kind, day, **changes):
    return Event(id=id_, kind=kind, effective_on=day, **changes)


def parted(*events, other, first=OLDEST_UNPAID, since=on(1, 1), until=TODAY, **changes):
    """Return when *other* parts from *first*, and both days past due on that day."""
    found = compare(a_loan(events=events, **changes), [first, evolve(other, name="other")], since=since, until=until)
    (parting,) = found.partings
    return parting.on, parting.days_past_due


@pytest.mark.parametrize(
    ("name", "day", "days"),
    [
        pytest.param("mba", on(1, 16), (1, 0), id="mba: nothing before a month is over"),
        pytest.param("rbi", on(1, 15), (0, 1), id="rbi: the due date is day 1"),
        pytest.param("aps_220", on(2, 3), (19, 18), id="aps_220: 600 are worth 18 days"),
        pytest.param("crr_retail", None, (0, 0), id="crr_retail: material from the first day"),
        pytest.param("recency", None, (0, 0), id="recency: no full payment came"),
    ],
)
def test_since_when_a_preset_parts(name, day, days):
    """400 of January are paid, so that 600 of it are worth 18 days, and 1,000 of February 31 more from the 16th on."""
    found = compare(
        a_loan(events=(pay("400.00", on(1, 20)),)),
        [OLDEST_UNPAID, PRESETS[name].convention],
        since=on(1, 1),
        until=TODAY,
    )

    (parting,) = found.partings
    assert (day, days) == (parting.on, parting.days_past_due)


@pytest.mark.parametrize(
    ("events", "other", "expected"),
    [
        pytest.param([], Convention(grace=5), (on(1, 16), (1, 1)), id="grace: other delinquent days from the first day on"),
        pytest.param([pay("950.00", on(1, 10))], Convention(tolerance_share=D("0.05")), (on(1, 16), (1, 0)), id="tolerance: as much is missing as may be"),
        pytest.param([pay("949.99", on(1, 10))], Convention(tolerance_share=D("0.05")), (None, (0, 0)), id="tolerance: a cent more is missing"),
        pytest.param([event("W", "write_off", on(2, 10))], Convention(charge_off="drop"), (on(2, 10), (26, 0)), id="dropped on the day of the write-off"),
        pytest.param([event("W", "write_off", on(2, 10))], Convention(charge_off="freeze"), (on(2, 11), (27, 26)), id="frozen from the day after it"),
        pytest.param([event("G", "re_age", on(1, 17))], Convention(count="mba"), (on(1, 16), (1, 0)), id="late only before a re-age"),
        pytest.param([event("Z", "pause", on(1, 2), until=on(1, 4))], Convention(pauses="every_day"), (on(1, 16), (1, 1)), id="a pause before the due date"),
        pytest.param([event("Z", "pause", on(1, 20), until=on(1, 24))], Convention(pauses="every_day"), (None, (0, 0)), id="one pause after it"),
    ],
)  # fmt: skip
def test_since_when_a_part_of_a_convention_parts(events, other, expected):
    """Days past due, or delinquent days."""
    assert expected == parted(*events, other=other)


def test_both_numbers_of_both_stand_on_the_day():
    """Two days of a pause before the due date, which the older reading subtracts, then five days of grace."""
    found = compare(
        a_loan(events=(event("Z", "pause", on(1, 2), until=on(1, 4)),), grace=5),
        [OLDEST_UNPAID, PRESETS["every_paused_day"].convention],
        since=on(1, 1),
        until=TODAY,
    )

    (parting,) = found.partings
    assert (on(1, 21), (6, 6), (1, 0)) == (parting.on, parting.days_past_due, parting.delinquent_days)


def test_statuses_stand_side_by_side():
    """On the last day, in the order asked for."""
    found = compare(a_loan(), EVERY, since=on(1, 1), until=TODAY)

    assert [convention.name for convention in EVERY] == [status.convention for status in found.statuses]
    assert [48, 30, 30, 48, 48, 30, 49, 48, 48, 48, 48] == [status.days_past_due for status in found.statuses]
    assert len(EVERY) - 1 == len(found.partings)


@pytest.mark.parametrize(
    ("conventions", "since", "field"),
    [
        pytest.param([OLDEST_UNPAID], on(1, 1), "conventions", id="one alone"),
        pytest.param([OLDEST_UNPAID, Convention(grace=3)], on(1, 1), "conventions", id="two of one name"),
        pytest.param(EVERY, TODAY + DAY, "since", id="since after until"),
    ],
)
def test_what_cannot_be_compared(conventions, since, field):
    """It is said why."""
    with pytest.raises(FactsError) as caught:
        compare(a_loan(), conventions, since=since, until=TODAY)

    assert field == caught.value.field


MONEY = st.integers(1, 250_000).map(lambda cents: D(cents) / 100)
DAYS = st.integers(0, 75).map(lambda days: on(1, 1) + days * DAY)
CONVENTIONS = [
    *EVERY,
    Convention(name="grace", grace=4),
    Convention(name="dropped", charge_off="drop"),
    Convention(name="frozen", charge_off="freeze"),
    Convention(name="tolerant", tolerance_arrears=D(600)),
    Convention(name="in_turn", allocation=evolve(OLDEST_UNPAID.allocation, money="in_turn")),
]


@settings(max_examples=30, deadline=None)
@given(
    paid=st.lists(st.tuples(MONEY, DAYS), max_size=3),
    undone=st.booleans(),
    paused=st.lists(st.tuples(DAYS, st.one_of(st.none(), st.integers(1, 20))), max_size=2),
    others=st.lists(
        st.sampled_from(["charge", "accrual", "re_age", "write_off", "extension"]), max_size=2, unique=True
    ),
    day=DAYS,
    pair=st.lists(st.sampled_from(CONVENTIONS), min_size=2, max_size=2, unique_by=lambda each: each.name),
    grace=st.one_of(st.none(), st.integers(0, 6)),
)
def test_the_day_is_the_one_that_a_walk_finds(paid, undone, paused, others, day, pair, grace):
    """Every day asked one after the other gives the same first day, and the same numbers."""
    stated = {
        "charge": {"amount": D(25), "component": "fees"},
        "accrual": {"amount": D(30), "component": "penalties"},
        "extension": {"instalment": 2, "months": 1},
    }
    events = [pay(amount, at, f"P{n}") for n, (amount, at) in enumerate(paid)]
    events += [event("R", "reversal", paid[0][1] + 5 * DAY, of="P0")] if undone and paid else []
    events += [
        event(f"Z{n}", "pause", at, until=None if days is None else at + days * DAY)
        for n, (at, days) in enumerate(paused)
    ]
    events += [event(kind, kind, day, **stated.get(kind, {})) for kind in others]
    loan = a_loan(events=tuple(events), grace=grace)
    since, until = on(1, 1), on(3, 25)

    (parting,) = compare(loan, pair, since=since, until=until).partings

    walked = None
    for at in (since + n * DAY for n in range((until - since).days + 1)):
        one, two = (overdue_status(loan, as_of=at, convention=convention) for convention in pair)
        if (one.days_past_due, one.delinquent_days) != (two.days_past_due, two.delinquent_days):
            walked = (at, (one.days_past_due, two.days_past_due), (one.delinquent_days, two.delinquent_days))
            break
    assert walked == (None if parting.on is None else (parting.on, parting.days_past_due, parting.delinquent_days))


INVOICED = tuple(
    an_instalment(n, invoiced_on=an_instalment(n).due_on - 10 * DAY, ages_from=an_instalment(n).due_on + 3 * DAY)
    for n in (1, 2, 3)
)
SATURDAY, SUNDAY = ((an_instalment(1, due_on=on(1, day)),) for day in (17, 18))


@pytest.mark.parametrize(
    ("theirs", "reason", "events", "changes"),
    [
        pytest.param(49, "first_day", [], {}, id="due date as day 1"),
        pytest.param(43, "grace", [], {"grace": 5}, id="grace subtracted"),
        pytest.param(38, "pauses", [event("Z", "pause", on(1, 20), until=on(1, 30))], {"grace": 5}, id="pauses subtracted, grace not"),
        pytest.param(33, "grace_and_pauses", [event("Z", "pause", on(1, 20), until=on(1, 30))], {"grace": 5}, id="both"),
        pytest.param(17, "every_paused_day", [event("Z", "pause", on(1, 1), until=on(2, 1))], {}, id="a pause that was over when it fell due"),
        pytest.param(58, "ages_from", [], {"instalments": INVOICED}, id="invoice date"),
        pytest.param(45, "ages_from", [], {"instalments": INVOICED}, id="a stated date"),
        pytest.param(17, "tolerance", [pay("987.65", on(1, 15))], {}, id="some tolerance"),
        pytest.param(44, "business_days", [], {"instalments": SATURDAY}, id="Saturday moved to Monday"),
        pytest.param(47, "business_days", [], {"instalments": SUNDAY}, id="Sunday moved to Friday"),
        pytest.param(0, "paid_state_of_today", [pay("2000.00", on(3, 9))], {}, id="paid since"),
        pytest.param(48, "not_known_yet", [pay("1000.00", on(1, 20), recorded_at=dt.datetime(2026, 3, 6, 4, tzinfo=dt.UTC))], {}, id="booked later"),
        pytest.param(48, "money_of_the_day", [pay("1000.00", on(3, 4))], {}, id="paid today"),
        pytest.param(17, "undone_money", [pay("1000.00", on(1, 20)), event("R", "reversal", on(2, 1), of="P")], {}, id="reversal ignored"),
        pytest.param(13, "charge_off", [event("W", "write_off", on(1, 28))], {}, id="frozen"),
        pytest.param(0, "charge_off", [event("W", "write_off", on(1, 28))], {}, id="reset"),
        pytest.param(17, "undone_money chargebacks", [pay("1000.00", on(1, 10)), event("C", "chargeback", on(2, 20), of="P")], {}, id="chargeback of its own date"),
        pytest.param(48, "waivers", [event("W", "waiver", on(2, 1), amount=D(1000))], {}, id="waiver ignored"),
        pytest.param(48, "re_ages", [event("W", "re_age", on(2, 1))], {}, id="re-age ignored"),
        pytest.param(48, "moved_due_dates", [event("W", "extension", on(2, 1), instalment=1, months=1)], {}, id="extension ignored"),
        pytest.param(30, "mba", [], {}, id="thirty for a month"),
        pytest.param(47, "the_day_before", [], {}, id="yesterday's"),
    ],
)  # fmt: skip
def test_why_their_number_is_another(theirs, reason, events, changes):
    """The first readings that give it, of a loan that is otherwise plain."""
    loan = a_loan(events=tuple(events), **changes)

    found = readings_of(loan, theirs, as_of=TODAY, convention=OLDEST_UNPAID)

    assert theirs != overdue_status(loan, as_of=TODAY).days_past_due
    assert reason.split() == [*found[: len(reason.split())]]


def test_a_payment_that_went_to_a_fee_first():
    """They let 50 meet the fee when it came, so that 50 of January are missing."""
    loan = a_loan(
        events=(event("F", "charge", on(1, 2), amount=D(50), component="fees"), pay("1000.00", on(1, 5))),
        instalments=(an_instalment(1),),
    )

    assert 0 == overdue_status(loan, as_of=TODAY).days_past_due
    assert "in_turn" in readings_of(loan, 48, as_of=TODAY, convention=OLDEST_UNPAID)


def test_what_nobody_reads_so_is_unexplained():
    """And a convention of ours in months offers what it can."""
    assert () == readings_of(a_loan(), 7, as_of=TODAY, convention=OLDEST_UNPAID)
    assert ("oldest_unpaid", "aps_220", "recency", "crr_retail", "crr_other", "us_retail") == readings_of(
        a_loan(), 48, as_of=TODAY, convention=PRESETS["mba"].convention
    )


def test_our_own_tolerance_and_shift_may_be_what_they_do_not_have():
    """98 % of January was paid."""
    ours = Convention(name="ours", tolerance_share=D("0.02"))

    assert "tolerance" == readings_of(a_loan(events=(pay("980.00", on(1, 15)),)), 48, as_of=TODAY, convention=ours)[0]


def test_they_may_count_otherwise_and_tolerate_as_much_as_we_do():
    """99 % of January was paid, so that February is the oldest; 17 days are no month."""
    ours = Convention(name="ours", tolerance_share=D("0.02"))
    loan = a_loan(events=(pay("990.00", on(1, 15)),))

    assert 17 == overdue_status(loan, as_of=TODAY, convention=ours).days_past_due
    assert "mba" in readings_of(loan, 0, as_of=TODAY, convention=ours)


def test_every_reading_is_for_people_and_machines():
    """A name that is a word, a title that is a sentence without its full stop."""
    for name, reading in READINGS.items():
        assert name == reading.name
        assert name.isidentifier()
        assert reading.title
        assert not reading.title.endswith(".")


def test_conventions_that_differ_from_the_first_day_on_part_on_it():
    """Written off at 17 days: the one stays there; the other counts from a payment, and passes 17 later."""
    events = (event("W", "write_off", on(2, 1)), pay("1000.00", on(2, 10)))
    frozen, recent = Convention(name="frozen", charge_off="freeze"), Convention(name="recent", count="recency")
    for until in (on(2, 20), on(3, 4), on(4, 1)):  # 5 days, 17 days, 45 days
        found = compare(a_loan(events=events), [frozen, recent], since=on(2, 20), until=until)
        assert (on(2, 20), (17, 5)) == (found.partings[0].on, found.partings[0].days_past_due)
