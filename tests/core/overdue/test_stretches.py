"""A history says of every day what `overdue_status` says of it, and settles once at each change."""

import datetime as dt
import sys
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.calendar import Calendar
from dunning.core.facts.event import Event
from dunning.core.overdue.convention import Convention, Materiality
from dunning.core.overdue.days import Days
from dunning.core.overdue.history import overdue_history
from dunning.core.overdue.materiality import pours
from dunning.core.overdue.order import Allocation, Order, Switch
from dunning.core.overdue.presets import PRESETS
from dunning.core.overdue.readings import READINGS, _Asked, readings_of
from dunning.core.overdue.settling import settle
from dunning.core.overdue.status import overdue_status
from dunning.core.overdue.stretches import stretches
from dunning.errors import FactsError
from dunning.testing.builders import a_loan, an_instalment

D = Decimal
DAY = dt.timedelta(days=1)
SINCE, UNTIL = dt.date(2026, 1, 5), dt.date(2026, 7, 25)
AMOUNTS = st.sampled_from([D(n) for n in (10, 100, 500, 899, 900, 1000, 1000, 1000, 1200, 2500)])
DAYS = st.integers(0, 200).map(lambda n: dt.date(2026, 1, 1) + n * DAY)

WEEKENDS = Calendar(name="weekends", known_from=dt.date(2025, 1, 1), known_until=dt.date(2030, 1, 1))
CONVENTIONS = [
    *(preset.convention for preset in PRESETS.values()),
    Convention(name="grace", grace=5, charge_off="freeze"),
    Convention(name="drop", count="ots", charge_off="drop", grace=31),
    Convention(name="frozen worth", count="amount_equivalent", charge_off="freeze", tolerance_amount=D(50)),
    Convention(name="tolerant", tolerance_arrears=D(1000), first_day=1),
    Convention(name="stated", ages_from="stated", first_day=1, pauses="every_day", grace=3),
    Convention(name="either", materiality=Materiality(amount=D(900), share=D("0.3"), both=False), charge_off="freeze"),
    Convention(name="in turn", allocation=Allocation(money="in_turn"), chargebacks="own_date"),
    Convention(
        name="switching",
        allocation=Allocation(
            money="in_turn", switches=(Switch(from_days=30, order=Order(by="component")),), ahead="equal"
        ),
    ),
    Convention(name="invoiced", ages_from="invoiced_on", grace=9),
    Convention(name="following", shift="following", calendar="weekends", workdays=WEEKENDS, first_day=1),
    Convention(
        name="preceding",
        shift="preceding",
        calendar="weekends",
        workdays=WEEKENDS,
        materiality=Materiality(amount=D(100), share=D("0.01")),
    ),
    Convention(name="held", allocation=Allocation(ahead="held"), first_day=1),
    Convention(name="last", allocation=Allocation(ahead="last", order=Order(by="component")), chargebacks="own_date"),
    Convention(name="equal", allocation=Allocation(ahead="equal")),
    Convention(name="tenths", tolerance_share=D("0.1"), allocation=Allocation(money="in_turn", shortfalls="last")),
    Convention(
        name="material tenths",
        tolerance_share=D("0.1"),
        materiality=Materiality(amount=D(100), share=D("0.01")),
        allocation=Allocation(shortfalls="last"),
    ),
]
KINDS = (
    "payment", "payment", "payment", "payment", "reversal", "chargeback", "refund", "waiver", "charge", "accrual",
    "re_age", "extension", "deferral", "pause", "pause", "write_off", "recovery", "pending_payment",
    "suspense_received", "suspense_applied",
)  # fmt: skip


def event(id_, kind, day, **changes):
    return Event(id=id_, kind=kind, effective_on=day, **changes)


# What an event of each kind may be of.
OF = {
    "reversal": KINDS,
    "chargeback": ("payment", "recovery"),
    "suspense_applied": ("suspense_received",),
}
COMPONENTS = st.sampled_from(("fees", "penalties", "interest"))
NUMBERS = st.integers(1, 6)
MAYBE = {
    "reversal": {"amount": AMOUNTS},
    "chargeback": {"amount": AMOUNTS},
    "payment": {"instalment": NUMBERS},
    "waiver": {"instalment": NUMBERS},
}
FIELDS = {
    "charge": {"amount": AMOUNTS, "component": COMPONENTS},
    "accrual": {"amount": st.sampled_from((D("0.5"), D(20))), "component": COMPONENTS},
    "extension": {"instalment": NUMBERS, "months": st.integers(1, 2)},
    "deferral": {"instalment": NUMBERS},
    **{kind: {} for kind in ("re_age", "pause", "write_off", "reversal", "chargeback")},
}
ENDS = ("pause", "accrual", "pending_payment", "suspense_received", "deferral")


@st.composite
def an_event(draw, id_, before):
    """An event of any kind; what is `of` another is of one *before* it, whose day may be later."""
    kind, day = draw(st.sampled_from(KINDS)), draw(DAYS)
    stated = {name: draw(values) for name, values in FIELDS.get(kind, {"amount": AMOUNTS}).items()}
    if draw(st.booleans()):
        stated |= {name: draw(values) for name, values in MAYBE.get(kind, {}).items()}
        if kind in ENDS:
            stated["until"] = day + draw(st.integers(1, 60)) * DAY
    if kind in OF:
        of = [each.id for each in before if each.kind in OF[kind]]
        if not of:
            return None
        stated["of"] = draw(st.sampled_from(of))
        if any(each.id == stated["of"] and each.kind == "accrual" for each in before):
            stated.pop("amount", None)
    return event(id_, kind, day, **stated)


@st.composite
def loans(draw):
    events = []
    for index in range(draw(st.integers(0, 8))):
        made = draw(an_event(f"e{index}", tuple(events)))
        if made is not None:
            events.append(made)
    instalments = []
    for number in range(1, 7):
        each = an_instalment(number)
        each = evolve(each, invoiced_on=each.due_on - 10 * DAY)
        if draw(st.integers(0, 4)) == 0:
            each = evolve(each, ages_from=each.due_on + draw(st.integers(-20, 20)) * DAY)
        if draw(st.integers(0, 4)) == 0:
            each = evolve(each, grace=draw(st.integers(0, 40)))
        instalments.append(each)
    return a_loan(instalments=tuple(instalments), events=tuple(events))


@pytest.mark.parametrize("convention", [pytest.param(each, id=each.name) for each in CONVENTIONS])
def test_every_day_is_what_the_status_says(convention):
    # A status under a materiality looks at days before, and settles each where more than money came.
    @settings(max_examples=8 if convention.materiality is None else 3, deadline=None)
    @given(loans())
    def holds(loan):
        found = stretches(loan, since=SINCE, until=UNTIL, convention=convention, known_at=None)

        assert SINCE == found[0].first
        assert UNTIL == found[-1].last
        assert all(one.last + DAY == other.first for one, other in zip(found, found[1:], strict=False))
        for stretch in found:
            day = stretch.first
            while day <= stretch.last:
                assert stretch.on(day) == overdue_status(loan, as_of=day, convention=convention)
                day += DAY

    holds()


def test_what_money_meets_on_the_due_day_itself():
    """
    1,000 came. On 15 February 900 of it meet the second instalment before the last 100 of the first, which are open.

    They are material on that day already, so that the counter says 2 on the day after.
    """
    convention = Convention(
        tolerance_share=D("0.1"), materiality=Materiality(amount=D(99)), allocation=Allocation(shortfalls="last")
    )
    loan = a_loan(events=(event("P", "payment", dt.date(2026, 1, 31), amount=D(1000)),))
    history = overdue_history(loan, since=SINCE, until=UNTIL, convention=convention)
    expected = {dt.date(2026, 2, 14): (D(0), 0), dt.date(2026, 2, 15): (D(100), 0), dt.date(2026, 2, 16): (D(1000), 2)}
    for day, each in expected.items():
        for found in (history.status_on(day), overdue_status(loan, as_of=day, convention=convention)):
            assert each == (found.arrears.total, found.days_past_due)


@st.composite
def loans_that_money_only_meets(draw):
    """Of which nothing is named, moved, added or waived: a status adds sums up, and a history settles each day."""
    of, events = st.sampled_from(("payment", "payment", "payment", "recovery", "refund", "pause", "write_off")), []
    for index in range(draw(st.integers(0, 9))):
        kind, day = draw(of), draw(DAYS)
        stated = {} if kind in ("pause", "write_off") else {"amount": draw(AMOUNTS)}
        events.append(event(f"e{index}", kind, day, **stated))
        if kind != "write_off" and draw(st.integers(0, 3)) == 0:
            undoes = draw(st.sampled_from(("reversal",) if kind == "pause" else ("reversal", "chargeback")))
            events.append(event(f"u{index}", undoes, draw(DAYS), of=f"e{index}"))
    return a_loan(instalments=tuple(an_instalment(n) for n in range(1, 7)), events=tuple(events))


@pytest.mark.parametrize(
    "convention",
    [
        *(pytest.param(each, id=each.name) for each in CONVENTIONS if each.materiality is not None),
        pytest.param(
            Convention(
                name="by component, held",
                materiality=Materiality(amount=D(900), share=D("0.1")),
                allocation=Allocation(order=Order(by="component"), ahead="held"),
            ),
            id="by component, held",
        ),
        pytest.param(
            Convention(name="own date", materiality=Materiality(amount=D(100)), chargebacks="own_date"), id="own date"
        ),
        pytest.param(
            Convention(
                name="shortfalls last",
                tolerance_share=D("0.1"),
                materiality=Materiality(amount=D(100)),
                allocation=Allocation(money="in_turn", shortfalls="last"),
            ),
            id="shortfalls last",
        ),
    ],
)
def test_material_days_are_the_same_by_sums_and_by_settling(convention):
    @settings(max_examples=20, deadline=None)
    @given(loans_that_money_only_meets())
    def holds(loan):
        for stretch in stretches(loan, since=SINCE, until=UNTIL, convention=convention, known_at=None):
            for day in {stretch.first, stretch.last}:
                assert stretch.on(day) == overdue_status(loan, as_of=day, convention=convention)

    holds()


def settling(ask):
    """Return the days on which something is settled while *ask* is asked."""
    settled, before = [], sys.getprofile()

    def seen(frame, kind, _):
        if kind == "call" and frame.f_code is settle.__code__:
            settled.append(frame.f_locals["on"])

    sys.setprofile(seen)
    try:
        ask()
    finally:
        sys.setprofile(before)
    return settled


def test_a_material_status_settles_the_day_that_is_asked_about_and_no_other():
    """Of two years of instalments, all but one of them paid a day late: each day before is judged by sums."""
    due = tuple(an_instalment(n, due_on=dt.date(2024 + (n - 1) // 12, (n - 1) % 12 + 1, 15)) for n in range(1, 25))
    came = tuple(event(f"p{i.number}", "payment", i.due_on + DAY, amount=i.amount) for i in due[:-1])
    loan = a_loan(instalments=due, events=came)
    asked = {"as_of": dt.date(2026, 1, 20), "convention": PRESETS["crr_retail"].convention}

    assert 36 == overdue_status(loan, **asked).days_past_due
    assert [dt.date(2026, 1, 20)] == settling(lambda: overdue_status(loan, **asked))


STATED = [convention for convention in CONVENTIONS if convention.ages_from != "invoiced_on"]


@settings(max_examples=40, deadline=None)
@given(st.one_of(loans(), loans_that_money_only_meets()), st.permutations(STATED), DAYS)
def test_many_conventions_that_share_what_was_settled_answer_as_each_by_itself(loan, conventions, day):
    shared = Days()
    for convention in conventions:
        status = overdue_status(loan, as_of=day, convention=convention)
        found = shared.on(loan, day, convention=convention)

        assert (status.days_past_due, status.delinquent_days) == (found.days_past_due, found.delinquent_days)
        assert shared.may_be(status.days_past_due, loan, day, convention=convention)


@settings(max_examples=40, deadline=None)
@given(loans_that_money_only_meets(), st.sampled_from(STATED), DAYS)
def test_money_that_only_pours_meets_the_same_at_once_and_in_turn(loan, convention, day):
    if not pours(loan, convention) or convention.allocation != Allocation():
        return
    in_turn = evolve(convention, allocation=Allocation(money="in_turn"))

    assert overdue_status(loan, as_of=day, convention=convention) == overdue_status(loan, as_of=day, convention=in_turn)


@settings(max_examples=40, deadline=None)
@given(st.one_of(loans(), loans_that_money_only_meets()), st.sampled_from(STATED), DAYS, st.data())
def test_a_reading_fits_where_the_status_of_what_it_takes_otherwise_gives_the_number(loan, convention, day, data):
    """Whatever is shared between readings, or not counted because it cannot give the number."""
    asked = _Asked(stated=loan, loan=loan, as_of=day, convention=convention)
    ours = overdue_status(loan, as_of=day, convention=convention).days_past_due
    given_by = {name: {_days(case, asked) for case in each.cases(asked)} for name, each in READINGS.items()}
    theirs = data.draw(st.sampled_from(sorted({*set().union(*given_by.values()), ours + 1} - {None, ours})))

    assert readings_of(loan, theirs, as_of=day, convention=convention) == tuple(
        name for name, numbers in given_by.items() if theirs in numbers
    )


def _days(case, asked):
    """Return the days that a case of a reading gives by itself; None where the loan does not state what it needs."""
    try:
        convention = evolve(case.convention or asked.convention, **case.changes)
        status = overdue_status(
            case.loan, as_of=case.as_of or asked.as_of, convention=convention, known_at=case.known_at
        )
    except FactsError:
        return None
    return status.delinquent_days if case.delinquent else status.days_past_due


@pytest.mark.parametrize(
    ("theirs", "times"),
    [
        pytest.param(13, 1, id="13: no due date is so long ago, and what has another anchor shares one settling"),
        pytest.param(30, 3, id="30: also a month, of the day before, and of a due date that moves to Monday"),
    ],
)
def test_readings_settle_only_what_may_give_the_number(theirs, times):
    """February is open, 31 days after its due date, which was a Sunday. There are 29 readings."""
    loan = a_loan(events=(event("p", "payment", dt.date(2026, 1, 20), amount=D(1000)),))
    asked = {"as_of": dt.date(2026, 3, 18), "convention": Convention()}

    assert times == len(settling(lambda: readings_of(loan, theirs, **asked)))


def test_material_arrears_count_from_before_an_extension_that_moved_them():
    """
    Due on 15 January, material from the 16th on; the extension of 16 February moves that to 15 February.

    It is past due on the 16th all the same, so arrears were material on each of 32 days.
    """
    moved = event("X", "extension", dt.date(2026, 2, 16), instalment=1, months=1)
    status = overdue_status(
        a_loan(events=(moved,)), as_of=dt.date(2026, 2, 16), convention=PRESETS["crr_other"].convention
    )
    assert (32, dt.date(2026, 1, 15)) == (status.days_past_due, status.oldest_unpaid_due_on)


def test_it_begins_before_a_due_date_that_moves_to_the_day_before():
    """15 February 2026 is a Sunday: due on Friday the 13th, and late on the 14th."""
    convention = next(each for each in CONVENTIONS if each.name == "preceding")
    loan = a_loan(instalments=(an_instalment(2),))
    found = overdue_history(loan, until=dt.date(2026, 3, 1), convention=convention)
    assert [(dt.date(2026, 2, 12), 0), (dt.date(2026, 2, 14), 1)] == [
        (stretch.first, stretch.status.days_past_due) for stretch in found.stretches
    ]


def test_delinquent_days_may_fall_where_two_pauses_count_twice():
    """The older reading: two pauses of ten days take a day back on each of them, from 17 days down to 7, and up again."""
    twice = tuple(event(name, "pause", dt.date(2026, 2, 2), until=dt.date(2026, 2, 12)) for name in ("Y", "Z"))
    found = overdue_history(
        a_loan(instalments=(an_instalment(1),), events=twice),
        until=dt.date(2026, 3, 1),
        convention=PRESETS["every_paused_day"].convention,
    )
    days = [dt.date(2026, 2, number) for number in (1, 2, 6, 11, 12, 21)]
    assert [17, 16, 12, 7, 8, 17] == [found.status_on(day).delinquent_days for day in days]
