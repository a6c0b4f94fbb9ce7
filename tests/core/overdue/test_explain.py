"""Why a loan is as late as it is: every number with what it was made of."""

import datetime as dt
import itertools
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.calendar import Calendar
from dunning.core.facts.event import Event
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention, Materiality
from dunning.core.overdue.counting import count
from dunning.core.overdue.curves import curves
from dunning.core.overdue.explain import explain_overdue
from dunning.core.overdue.presets import PRESETS
from dunning.core.overdue.status import overdue_status
from dunning.errors import KnowledgeError
from dunning.testing.builders import TODAY, a_loan, a_payment, an_instalment

D = Decimal
DAY = dt.timedelta(days=1)


def on(month, day):
    return dt.date(2026, month, day)


def pay(amount, day, id_="P", **changes):
    return a_payment(amount, day, id=id_, **changes)


def event(id_, kind, day, **changes):
    return Event(
        id=id_, kind=kind, effective_on=day, recorded_at=dt.datetime.combine(day, dt.time(10), dt.UTC), **changes
    )


def explained(*events, as_of=TODAY, convention=OLDEST_UNPAID, **changes):
    """Of the plain loan: 1,000 on the 15th of each month of 2026, 100 of it interest."""
    return explain_overdue(a_loan(events=events, **changes), as_of=as_of, convention=convention)


def states(found):
    """Return the state of everything owed that is not to come, by what it is."""
    return {each.id or each.number: each.state for each in found.owed if each.state != "coming"}


def cures(found):
    return [(cure.on, cure.amount, cure.days_past_due) for cure in found.cures]


def test_a_plain_count():
    """Half of January was paid; the due date is day 0."""
    found = explained(pay("500.00", on(1, 20)))

    assert ((on(1, 15), 0), (on(3, 4), 48)) == found.edges
    assert (1, D("500.00"), "oldest") == (found.oldest.number, found.oldest.unpaid, found.anchored_by)
    assert {1: "late", 2: "late"} == states(found)
    assert [("P", 1, "interest", D("100.00")), ("P", 1, "principal", D("400.00"))] == [
        (part.event, part.instalment, part.component, part.amount) for part in found.allocated.met
    ]


def test_what_cures_it_by_when():
    """Today and soon; on the due date of March it is not past due yet, the day after it is."""
    assert [
        (on(3, 4), D("1500.00"), 48),
        (on(3, 5), D("1500.00"), 49),
        (on(3, 11), D("1500.00"), 55),
        (on(3, 15), D("1500.00"), 59),
        (on(3, 16), D("2500.00"), 60),
    ] == cures(explained(pay("500.00", on(1, 20))))


def test_where_the_due_date_is_day_1_the_due_day_itself_is_past_due():
    """So what cures on 15 March holds the instalment of March."""
    found = explained(pay("500.00", on(1, 20)), convention=PRESETS["rbi"].convention)

    assert ((on(1, 15), 1), (on(3, 4), 49)) == found.edges
    assert (on(3, 15), D("2500.00"), 60) == cures(found)[-1]


def test_what_accrues_until_then_is_in_the_amount():
    """2.50 a day from 1 March on: three days by 4 March (yesterday's is past due), ten by the 11th."""
    found = explained(event("A", "accrual", on(3, 1), amount=D("2.50"), component="penalties"))

    assert [D("2007.50"), D("2010.00"), D("2025.00")] == [amount for _, amount, _ in cures(found)[:3]]


def test_what_came_after_the_day_asked_about_cures_nothing():
    """A payment of 8 March is not known to the 4th, though the book has it today."""
    assert cures(explained()) == cures(explained(pay("2000.00", on(3, 8))))


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(
            (pay("500.00", on(3, 1), "P", of="C"), event("C", "charge", on(3, 8), amount=D(20), component="fees")),
            id="a payment for a charge that comes later",
        ),
        pytest.param(
            (event("R", "reversal", on(3, 1), of="P"), pay("500.00", on(3, 8), "P")), id="a reversal before its payment"
        ),
        pytest.param(
            (
                event("S", "suspense_received", on(3, 8), amount=D(300)),
                event("A", "suspense_applied", on(3, 2), of="S", amount=D(300)),
            ),
            id="suspense money applied before it came",
        ),
    ],
)
def test_what_is_of_something_later_is_of_nothing_yet(later):
    """The first row of the cures is the status itself."""
    found = explained(*later)

    assert (TODAY, found.status.cures, found.status.days_past_due) == cures(found)[0]


@pytest.mark.parametrize(
    ("name", "edges"),
    [
        pytest.param("mba", [(on(1, 15), 0), (on(2, 14), 30), (on(3, 4), 30)], id="mba: the day before"),
        pytest.param("ots", [(on(1, 15), 0), (on(2, 15), 30), (on(3, 4), 30)], id="ots: the same day"),
        pytest.param("calendar_months", [(on(1, 15), 0), (on(2, 28), 30), (on(3, 4), 30)], id="a whole calendar month"),
    ],
)
def test_a_count_in_months_names_the_days_on_which_it_grew(name, edges):
    """And the last day."""
    assert edges == [*explained(convention=PRESETS[name].convention).edges]


def test_the_count_of_a_loan_with_grace_and_pauses():
    """Five days of grace; ten days paused, of which five before the due date do not count."""
    found = explained(event("Z", "pause", on(1, 11), until=on(1, 21)), grace=5)

    assert (48, 38) == (found.status.days_past_due, found.status.delinquent_days)
    assert (5, 5, on(1, 15)) == (found.grace, found.paused, found.aged_from)
    assert ((on(1, 11), on(1, 21)),) == found.pauses


def test_tolerated_instalments_stay_owed():
    """A hundred is missing of January, as much as may be."""
    found = explained(pay("900.00", on(1, 15)), convention=PRESETS["us_retail"].convention)

    assert {1: "tolerated", 2: "late"} == states(found)
    assert (D("100.00"), 2, ((on(2, 15), 0), (on(3, 4), 17))) == (found.tolerated, found.oldest.number, found.edges)
    assert D("1100.00") == found.cures[0].amount


def test_arrears_that_are_tolerated_as_a_whole():
    """Nothing is late, and nothing to cure; the arrears are still there."""
    found = explained(pay("1500.00", on(1, 15)), convention=Convention(tolerance_arrears=D(500)))

    assert (True, {1: "met", 2: "past_due"}, ()) == (found.all_tolerated, states(found), found.cures)
    assert (None, (), D("500.00")) == (found.oldest, found.edges, found.status.arrears.total)


def test_materiality_shows_both_thresholds_and_since_when():
    """On 16 February 2,000 are in arrears; of 9,000 principal to come and them, 1 % is less."""
    both = Convention(name="m", materiality=Materiality(amount=D(1500), share=D("0.01")))

    found = explained(convention=both)

    assert (True, True, on(2, 16)) == (
        found.materiality.above_amount,
        found.materiality.above_share,
        found.materiality.since,
    )
    assert (D("2000.00"), D("11000.00")) == (found.materiality.arrears, found.materiality.exposure)
    assert ("materiality", ((on(2, 15), 0), (on(3, 4), 17))) == (found.anchored_by, found.edges)
    assert 1 == found.oldest.number


def test_arrears_that_are_not_material():
    """Nothing counts; that they are not met is shown."""
    found = explained(convention=Convention(name="m", materiality=Materiality(amount=D(5000))))

    assert (False, None, ()) == (found.materiality.above_amount, found.materiality.since, found.edges)
    assert {1: "past_due", 2: "past_due"} == states(found)


def test_recency_begins_with_the_last_full_payment():
    """January stays unpaid: the money of 20 February met it only then, and a full one came."""
    found = explained(pay("1000.00", on(2, 20)), convention=PRESETS["recency"].convention)

    assert ("full_payment", on(2, 20), 2) == (found.anchored_by, found.anchor, found.oldest.number)


def test_amount_equivalent_says_what_the_arrears_are_worth():
    """700 of January (31 days) are missing, and all of February (31): 21 and 31 days."""
    found = explained(pay("300.00", on(1, 20)), convention=PRESETS["aps_220"].convention)

    assert (52, 48, 48) == (found.worth, found.edges[-1][1], found.status.days_past_due)


@pytest.mark.parametrize(
    ("charge_off", "counted_on", "edges", "days"),
    [
        pytest.param("continue", on(3, 4), ((on(1, 15), 0), (on(3, 4), 48)), 48, id="runs on"),
        pytest.param("freeze", on(2, 1), ((on(1, 15), 0), (on(2, 1), 17)), 17, id="stands still"),
        pytest.param("drop", None, (), 0, id="goes to 0"),
    ],
)
def test_a_charge_off(charge_off, counted_on, edges, days):
    """On 1 February. Money is as it is today under each."""
    found = explained(event("W", "write_off", on(2, 1)), convention=Convention(charge_off=charge_off))

    assert (counted_on, edges, days) == (found.counted_on, found.edges, found.status.days_past_due)
    assert D("2000.00") == found.cures[0].amount


def test_moved_due_dates_say_where_they_were():
    """15 February 2026 is a Sunday; 15 March is one, too."""
    days = Calendar(name="weekends", known_from=dt.date(2025, 1, 1), known_until=dt.date(2028, 1, 1))

    found = explained(convention=Convention(name="f", shift="following", calendar="weekends", workdays=days))

    moved = [(each.stated_on, each.due_on) for each in found.owed if each.stated_on != each.due_on]
    assert [(on(2, 15), on(2, 16)), (on(3, 15), on(3, 16)), (on(8, 15), on(8, 17)), (on(11, 15), on(11, 16))] == moved


def test_what_waits_and_what_was_undone():
    """A pending payment moves nothing; a reversed one met nothing."""
    found = explained(
        pay("1000.00", on(1, 20)),
        event("R", "reversal", on(1, 22), of="P", amount=D(400)),
        event("W", "pending_payment", on(3, 2), amount=D(800), until=on(3, 9)),
    )

    assert [("W", D(800), on(3, 9))] == [(each.event, each.amount, each.until) for each in found.waiting]
    assert [("P", D("400.00"))] == [(share.event, share.amount) for share in found.undone]


def test_a_charge_makes_no_loan_late():
    """It is past due, and nothing else is."""
    found = explained(
        pay("2000.00", on(1, 15)), event("F", "charge", on(2, 1), amount=D(30), component="fees"), as_of=on(2, 20)
    )

    assert (None, {1: "met", 2: "met", "F": "past_due"}) == (found.oldest, states(found))


def test_knowledge_is_cut_off():
    """The payment was recorded on 20 January."""
    loan = a_loan(events=(pay("1000.00", on(1, 20)),))

    before = explain_overdue(loan, as_of=TODAY, known_at=dt.datetime(2026, 1, 20, 9, tzinfo=dt.UTC))

    assert (48, ()) == (before.status.days_past_due, before.allocated.met)
    with pytest.raises(KnowledgeError):
        explain_overdue(
            a_loan(instalments=(an_instalment(recorded_at=None),)),
            as_of=TODAY,
            known_at=dt.datetime(2026, 3, 4, tzinfo=dt.UTC),
        )


MONEY = st.integers(1, 250_000).map(lambda cents: D(cents) / 100)
DAYS = st.integers(0, 150).map(lambda days: on(1, 1) + days * DAY)


@settings(max_examples=40, deadline=None)
@given(
    paid=st.lists(st.tuples(MONEY, DAYS), max_size=5),
    undone=st.lists(st.integers(0, 4), max_size=2, unique=True),
    fees=st.lists(st.tuples(MONEY, DAYS), max_size=2),
    accrues=st.booleans(),
    as_of=DAYS,
    name=st.sampled_from(sorted(PRESETS)),
    paused=st.lists(st.tuples(DAYS, st.integers(1, 30)), max_size=2),
    graces=st.tuples(st.one_of(st.none(), st.integers(0, 9)), st.one_of(st.none(), st.integers(0, 9))),
)
def test_its_numbers_are_those_of_the_status_and_paying_them_cures(
    paid, undone, fees, accrues, as_of, name, paused, graces
):
    """Every preset; what is owed sums to the arrears; each amount, paid on its day, leaves nothing to cure."""
    convention = PRESETS[name].convention
    events = [pay(amount, day, f"P{n}") for n, (amount, day) in enumerate(paid)]
    events += [event(f"R{n}", "reversal", paid[n][1] + 9 * DAY, of=f"P{n}") for n in undone if n < len(paid)]
    events += [event(f"F{n}", "charge", day, amount=amount, component="fees") for n, (amount, day) in enumerate(fees)]
    if accrues:
        events.append(event("A", "accrual", on(2, 1), amount=D("1.50"), component="penalties"))
    events += [event(f"Z{n}", "pause", day, until=day + days * DAY) for n, (day, days) in enumerate(paused)]
    schedule = [an_instalment(number, grace=graces[1] if number > 1 else None) for number in range(1, 13)]
    loan = a_loan(events=tuple(events), grace=graces[0], instalments=tuple(schedule))

    found = explain_overdue(loan, as_of=as_of, convention=convention)

    status = overdue_status(loan, as_of=as_of, convention=convention)
    assert status == found.status
    assert status.arrears.total == sum(o.unpaid for o in found.owed if o.state in ("late", "past_due", "tolerated"))
    assert bool(status.instalments_missed) == (found.oldest is not None) == bool(found.cures)
    if found.edges:
        most = found.edges[-1][1]
        assert status.days_past_due == (most if found.worth is None else min(most, found.worth))
        left = count(found.aged_from + (found.grace + found.paused) * DAY, as_of, convention=convention)
        assert status.delinquent_days == (left if found.worth is None else min(left, found.worth))
    so_far = tuple(e for e in events if e.effective_on <= as_of)
    for cure in found.cures:
        after = evolve(loan, events=(*so_far, pay(cure.amount, cure.on, "CURE")))
        cured = overdue_status(after, as_of=cure.on, convention=convention)
        assert 0 == cured.days_past_due
        assert D(0) == cured.arrears.total


def test_what_was_waived_of_an_accrual_is_told_of_each_part_once():
    accrual = Event(id="A", kind="accrual", effective_on=on(1, 20), amount=D(1), component="penalties")
    waivers = [Event(id=f"W{n}", kind="waiver", effective_on=on(2, n), amount=D(5), of="A") for n in (5, 9)]
    explained = explain_overdue(a_loan(events=(accrual, *waivers)), as_of=on(3, 4))
    assert D(10) == sum(each.waived for each in explained.owed)


def test_what_was_waived_is_no_money():
    """Of 30 waived of the fee, 20 were open; of instalment 1 half was paid and the rest waived."""
    fee = event("F", "charge", on(1, 20), amount=D(20), component="fees")
    found = explained(
        pay("500.00", on(1, 16)),
        fee,
        event("W1", "waiver", on(1, 21), amount=D(30), component="fees"),
        event("W2", "waiver", on(1, 22), amount=D(500)),
    )

    assert {(1, ""): D(500), (None, "F"): D(20)} == {(o.number, o.id): o.waived for o in found.owed if o.waived}
    assert [D(0), D(0)] == [o.unpaid for o in found.owed if o.waived]
    assert (2, D(0)) == (found.oldest.number, found.oldest.waived)


@settings(max_examples=40, deadline=None)
@given(paid=st.lists(st.tuples(MONEY, DAYS), max_size=6), as_of=DAYS, waived=st.booleans())
def test_the_distance_between_the_curves_is_the_days_past_due(paid, as_of, waived):
    """Under the plain convention: the first day on which more had fallen due than is paid on the day asked about."""
    events = [pay(amount, day, f"P{n}") for n, (amount, day) in enumerate(paid)]
    if waived:
        events.append(event("W", "waiver", on(2, 1), amount=D(70)))
    loan = a_loan(events=tuple(events))
    status = overdue_status(loan, as_of=as_of)

    found = curves(loan, as_of=as_of, until=as_of + 40 * DAY)

    level = found.paid_on(as_of)
    behind = next((day for day, total in found.due if total > level), as_of)
    assert status.days_past_due == max((as_of - behind).days, 0)
    assert status.arrears.total == max(found.due_on(as_of - DAY) - level, D(0))


def unpaid(found):
    return [(each.number or each.id, each.since, each.low, each.high) for each in found.unpaid]


def test_money_that_names_a_later_instalment_leaves_the_older_one_unpaid():
    """300 of February and all of March are paid: the sums are 700 apart, and 1,700 is past due."""
    loan = a_loan(events=(pay("300.00", on(1, 20), "A", instalment=2), pay("1000.00", on(2, 20), "B", instalment=3)))
    found = curves(loan, as_of=TODAY, until=TODAY)

    assert D(700) == found.due_on(TODAY) - found.paid_on(TODAY)
    assert [(1, on(1, 15), D(0), D(1000)), (2, on(2, 15), D(1300), D(2000))] == unpaid(found)
    assert D(1000) == found.ahead


def test_of_what_accrues_the_last_days_are_unpaid():
    """2 on each of 1, 2 and 3 March, of which a payment that names it met 3; what accrues on the 4th is not past due."""
    accrual = event("A", "accrual", on(3, 1), amount=D(2), component="penalties")
    loan = a_loan(
        instalments=(an_instalment(1, due_on=on(6, 1)),),
        events=(accrual, pay("3.00", on(3, 4), component="penalties")),
    )
    found = curves(loan, as_of=TODAY, until=TODAY)

    assert [("A", on(3, 2), D(3), D(4)), ("A", on(3, 3), D(4), D(6))] == unpaid(found)
    assert D(0) == found.ahead


NAMED = st.none() | st.integers(1, 4)


@settings(max_examples=60, deadline=None)
@given(paid=st.lists(st.tuples(MONEY, DAYS, NAMED), max_size=6), as_of=DAYS, first_day=st.integers(0, 1))
def test_what_is_unpaid_is_the_arrears_whatever_money_names(paid, as_of, first_day):
    """And begins, for the oldest, where days past due begin; what was paid met it, or is ahead."""
    convention = Convention(first_day=first_day)
    fee = event("F", "charge", on(2, 3), amount=D(20), component="fees")
    accrual = event("A", "accrual", on(2, 10), until=on(3, 1), amount=D("0.50"), component="penalties")
    loan = a_loan(
        events=(*(pay(amount, day, f"P{n}", instalment=of) for n, (amount, day, of) in enumerate(paid)), fee, accrual)
    )
    status = overdue_status(loan, as_of=as_of, convention=convention)
    found = curves(loan, as_of=as_of, until=as_of + 40 * DAY, convention=convention)

    assert status.arrears.total == sum((each.high - each.low for each in found.unpaid), D(0))
    assert all(one.high <= two.low for one, two in itertools.pairwise(found.unpaid))
    late = [each.since for each in found.unpaid if each.number is not None]
    assert status.oldest_unpaid_due_on == min(late, default=None)
    behind = max((each.high for each in found.unpaid), default=D(0))
    assert found.due_on(as_of) >= behind
    assert found.paid_on(as_of) >= found.ahead


def test_a_reversal_takes_the_curve_down_on_its_own_day():
    """And not on the day of the payment: this is how it stood."""
    loan = a_loan(events=(pay("1000.00", on(1, 20)), event("R", "reversal", on(2, 3), of="P")))

    found = curves(loan, as_of=TODAY, until=on(3, 20))

    assert ((on(1, 20), D("1000.00")), (on(2, 3), D(0))) == found.paid
    assert [(on(2, 3), "reversal")] == [*found.marks]
    assert ((on(1, 15), D("1000.00")), (on(2, 15), D("2000.00")), (on(3, 15), D("3000.00"))) == found.due


def test_an_accrual_falls_due_day_by_day():
    """From 1 March to before the 4th."""
    one = (an_instalment(1),)
    found = curves(
        a_loan(
            instalments=one, events=(event("A", "accrual", on(3, 1), until=on(3, 4), amount=D(2), component="fees"),)
        ),
        as_of=TODAY,
        until=on(3, 20),
    )

    assert [(on(1, 15), 1000), (on(3, 1), 1002), (on(3, 2), 1004), (on(3, 3), 1006)] == [*found.due]


def test_what_cures_is_told_for_the_days_that_the_calendar_knows():
    """It ends on 10 March; April's due date is a day of another year of it."""
    ends = Calendar(name="soon", known_from=on(1, 1), known_until=on(3, 10))
    convention = Convention(shift="following", calendar="soon", workdays=ends)
    found = explained(as_of=on(3, 4), convention=convention)
    assert [on(3, 4), on(3, 5)] == [cure.on for cure in found.cures]
