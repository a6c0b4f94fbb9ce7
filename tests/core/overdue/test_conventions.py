"""Every convention, on the plain loan: 1,000 on the 15th of each month of 2026, 100 of it interest; 2026 has 365 days."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from dunning.core.calendar import Calendar
from dunning.core.facts.event import Event
from dunning.core.overdue.allocate import allocate
from dunning.core.overdue.compare import compare
from dunning.core.overdue.convention import Convention, Materiality
from dunning.core.overdue.curves import curves
from dunning.core.overdue.explain import explain_overdue
from dunning.core.overdue.history import overdue_history
from dunning.core.overdue.order import Allocation
from dunning.core.overdue.prepared import prepare_schedule
from dunning.core.overdue.presets import PRESETS, preset
from dunning.core.overdue.status import overdue_status
from dunning.errors import FactsError
from dunning.testing.builders import a_loan, a_payment, an_instalment

D = Decimal


def on(month, number, year=2026):
    return dt.date(year, month, number)


def pay(amount, day, id_=None):
    return a_payment(amount, day, id=id_ or f"pay-{day}-{amount}")


def event(id_, kind, day, **changes):
    return Event(id=id_, kind=kind, effective_on=day, **changes)


def days(convention, as_of, *events, **changes):
    found = overdue_status(a_loan(events=events, **changes), as_of=as_of, convention=convention)
    return found.days_past_due, found.delinquent_days


PAID_FIRST = pay("1000", on(1, 15))
PAUSE = event("Z", "pause", on(2, 20), until=on(3, 2))  # 10 days


@pytest.mark.parametrize(
    ("convention", "events", "as_of", "expected"),
    [
        # MBA: a step is completed at the end of the day before the same day of the next month.
        pytest.param("mba", (), on(2, 13), (0, 0), id="mba: a day before the end"),
        pytest.param("mba", (), on(2, 14), (30, 30), id="mba: the end of the day before the next due date"),
        pytest.param("mba", (), on(3, 13), (30, 30), id="mba: a day before the second"),
        pytest.param("mba", (), on(3, 14), (60, 60), id="mba: the second"),
        pytest.param("mba", (pay("1000", on(2, 14)),), on(2, 14), (0, 0), id="mba: paid on the last day"),
        pytest.param("ots", (), on(2, 14), (0, 0), id="ots: a day before"),
        pytest.param("ots", (), on(2, 15), (30, 30), id="ots: the same day of the next month"),
        pytest.param("ots", (), on(3, 15), (60, 60), id="ots: and of the one after"),
        pytest.param("calendar_months", (), on(2, 27), (0, 0), id="months: February is not over"),
        pytest.param("calendar_months", (), on(2, 28), (30, 30), id="months: February, first day to last"),
        pytest.param("calendar_months", (), on(3, 31), (60, 60), id="months: and March"),
        # RBI: the due date itself is the first day.
        pytest.param("rbi", (), on(1, 14), (0, 0), id="rbi: before the due date"),
        pytest.param("rbi", (), on(1, 15), (1, 1), id="rbi: unpaid at the day-end of the due date"),
        pytest.param("rbi", (PAID_FIRST,), on(1, 15), (0, 0), id="rbi: paid on the due date"),
        pytest.param("rbi", (), on(2, 13), (30, 30), id="rbi: thirty days"),
        # APS 220: no more than the arrears are worth. The first instalment pays for 31 days, as the second does.
        pytest.param("aps_220", (), on(2, 14), (30, 30), id="aps: thirty days, one instalment of 31"),
        pytest.param("aps_220", (), on(2, 15), (31, 31), id="aps: all that one instalment is worth"),
        pytest.param("aps_220", (pay("500", on(1, 15)),), on(2, 14), (15, 15), id="aps: half of one is worth 15 days"),
        pytest.param("aps_220", (pay("500", on(1, 15)),), on(2, 16), (32, 32), id="aps: with the next one, 46: days count"),
        pytest.param("aps_220", (), on(4, 15), (90, 90), id="aps: ninety days and three payments worth 31 + 31 + 28"),
        pytest.param("aps_220", (pay("0.01", on(1, 15)),), on(4, 15), (89, 89), id="aps: a cent less is not ninety"),
        # Recency: since the last full payment, if it came after the oldest unmet due date.
        pytest.param("recency", (), on(3, 1), (45, 45), id="recency: nothing was ever paid"),
        pytest.param("recency", (pay("1000", on(2, 20)),), on(3, 1), (9, 9), id="recency: a full payment"),
        pytest.param("recency", (pay("900", on(2, 20)),), on(3, 1), (9, 9), id="recency: 90 % is full"),
        pytest.param("recency", (pay("899.99", on(2, 20)),), on(3, 1), (45, 45), id="recency: a cent less is not"),
        pytest.param(
            "recency",
            (pay("1000", on(2, 20), "P"), event("R", "reversal", on(2, 25), of="P")),
            on(3, 1),
            (45, 45),
            id="recency: what was taken back never came",
        ),
        pytest.param("recency", (pay("3000", on(1, 10)),), on(4, 20), (5, 5), id="recency: before the oldest unmet due date"),
        # Ninety per cent of an instalment is the instalment.
        pytest.param("us_retail", (pay("900", on(1, 15)),), on(2, 15), (0, 0), id="us: 90 % paid"),
        pytest.param("us_retail", (pay("899.99", on(1, 15)),), on(2, 15), (31, 31), id="us: a cent less"),
        # Every paused day, before the due date and twice where pauses overlap.
        pytest.param("oldest_unpaid", (PAUSE,), on(3, 4), (48, 38), id="paused: ten days after the due date"),
        pytest.param(
            "oldest_unpaid", (event("Z", "pause", on(1, 1), until=on(1, 11)),), on(3, 4), (48, 48), id="paused: before it was due"
        ),
        pytest.param(
            "every_paused_day", (event("Z", "pause", on(1, 1), until=on(1, 11)),), on(3, 4), (48, 38), id="every: before it was due"
        ),
        pytest.param(
            "every_paused_day",
            (PAUSE, event("Y", "pause", on(2, 15), until=on(3, 4))),
            on(3, 4),
            (48, 21),
            id="every: 10 and 17 days, the enclosing one twice",
        ),
        pytest.param("every_paused_day", (event("Z", "pause", on(3, 1)),), on(3, 4), (48, 44), id="every: a running one, today in it"),
    ],
)  # fmt: skip
def test_presets(convention, events, as_of, expected):
    assert expected == days(preset(convention), as_of, *events)


MATERIAL = Convention(name="m", materiality=Materiality(amount=D(100), share=D("0.01")))


@pytest.mark.parametrize(
    ("events", "as_of", "expected"),
    [
        # Exposure in mid-January: 11 x 900 not yet due, and the arrears; 1 % is some 109.
        pytest.param((pay("890", on(1, 15)),), on(2, 15), 31, id="110 of 10,010 are above both"),
        pytest.param((pay("900", on(1, 15)),), on(2, 15), 0, id="100 are not above 100"),
        pytest.param((pay("899.99", on(1, 15)),), on(1, 31), 16, id="100.01 of 10,000.01 are above 1 %: 100.0001"),
        pytest.param((pay("900", on(1, 15)),), on(2, 16), 1, id="material when the second falls past due"),
        pytest.param(
            (pay("900", on(1, 15)), pay("1000", on(2, 20))), on(2, 20), 0, id="back to 100: the counter is reset"
        ),
        pytest.param(
            (pay("900", on(1, 15)), pay("1000", on(2, 20))),
            on(3, 17),
            2,
            id="and starts again when it is material again",
        ),
        pytest.param(
            (pay("950", on(1, 15), "P"), event("R", "reversal", on(2, 1), of="P", amount=D(100))),
            on(2, 3),
            3,
            id="from the day of the reversal, not of the due date",
        ),
        pytest.param(
            (pay("500", on(1, 15)), pay("450", on(2, 10), "P"), event("R", "reversal", on(2, 12), of="P")),
            on(2, 14),
            3,
            id="two days below reset it, though the money went back",
        ),
    ],
)
def test_materiality(events, as_of, expected):
    assert (expected, expected) == days(MATERIAL, as_of, *events)


def test_one_threshold_may_be_enough():
    either = evolve(MATERIAL, materiality=evolve(MATERIAL.materiality, share=D("0.5"), both=False))
    assert (31, 31) == days(either, on(2, 15), pay("890", on(1, 15)))
    assert (0, 0) == days(either, on(2, 15), pay("900", on(1, 15)))


@pytest.mark.parametrize(
    ("tolerance", "paid", "expected"),
    [
        pytest.param("50", "949.99", 31, id="above"),
        pytest.param("50", "950", 0, id="at"),
        pytest.param("50", "950.01", 0, id="below"),
    ],
)
def test_tolerance_of_all_arrears(tolerance, paid, expected):
    assert expected == days(Convention(tolerance_arrears=D(tolerance)), on(2, 15), pay(paid, on(1, 15)))[0]


def test_a_fee_counts_among_the_arrears_that_are_tolerated():
    """40 of the instalment and a fee of 20 are more than 50."""
    events = (pay("960", on(1, 15)), event("C", "charge", on(1, 16), amount=D(20), component="fees"))
    assert 0 == days(Convention(tolerance_arrears=D(50)), on(2, 15), events[0])[0]
    assert 31 == days(Convention(tolerance_arrears=D(50)), on(2, 15), *events)[0]


@pytest.mark.parametrize(
    ("own", "loan", "as_of", "expected"),
    [
        pytest.param(None, None, on(1, 20), (5, 0), id="at the convention's"),
        pytest.param(None, None, on(1, 21), (6, 1), id="after it"),
        pytest.param(None, 10, on(1, 26), (11, 1), id="the loan's own"),
        pytest.param(0, 10, on(1, 16), (1, 1), id="the instalment's own"),
        pytest.param(None, 0, on(1, 16), (1, 1), id="no grace at all"),
    ],
)
def test_grace_shifts_delinquent_days_alone(own, loan, as_of, expected):
    instalments = (an_instalment(1, grace=own), an_instalment(2))
    found = overdue_status(a_loan(instalments=instalments, grace=loan), as_of=as_of, convention=Convention(grace=5))
    assert expected == (found.days_past_due, found.delinquent_days)
    assert D(1000) == found.arrears.total
    first = on(1, 15) + dt.timedelta(days=1 + (own if own is not None else loan if loan is not None else 5))
    assert (first if expected[1] else None) == found.delinquent_from


def test_a_younger_instalment_with_less_grace_may_be_more_delinquent():
    """The first, due 15 January with 60 days, has none on 4 March; the second, due 15 February with none, has 17."""
    instalments = (an_instalment(1, grace=60), an_instalment(2, grace=0))
    found = overdue_status(a_loan(instalments=instalments), as_of=on(3, 4))
    assert (48, 17, on(2, 16)) == (found.days_past_due, found.delinquent_days, found.delinquent_from)


WEEK = Calendar(name="week", known_from=on(1, 1), known_until=on(1, 1, 2027), days=frozenset({on(2, 16), on(2, 17)}))


@pytest.mark.parametrize(
    ("shift", "as_of", "expected"),
    [
        # 15 February 2026 is a Sunday; the 16th and 17th are holidays here. The first instalment is paid.
        pytest.param("none", on(2, 18), 3, id="as stated"),
        pytest.param("following", on(2, 18), 0, id="due on Wednesday the 18th"),
        pytest.param("following", on(2, 19), 1, id="late the day after"),
        pytest.param("preceding", on(2, 14), 1, id="due on Friday the 13th"),
        pytest.param("modified_following", on(2, 19), 1, id="in the same month"),
    ],
)
def test_due_dates_move_to_business_days(shift, as_of, expected):
    workdays = {"calendar": "week", "workdays": WEEK} if shift != "none" else {}
    assert expected == days(Convention(shift=shift, **workdays), as_of, PAID_FIRST)[0]


@pytest.mark.parametrize(
    "stated",
    [
        pytest.param(DUE := on(2, 15), id="the very date that the instalment is due on"),
        pytest.param(dt.date.fromordinal(DUE.toordinal()), id="one that is equal"),
    ],
)
def test_a_stated_date_that_is_the_due_date_moves_to_no_business_day(stated):
    """Due on Sunday 15 February, which moves to Wednesday the 18th, and stated to age from the 15th."""
    instalments = (an_instalment(2, due_on=DUE, ages_from=stated),)
    convention = Convention(ages_from="stated", shift="following", calendar="week", workdays=WEEK)
    assert [0, 4] == [days(convention, on(2, day), instalments=instalments)[0] for day in (18, 19)]


def test_modified_following_stays_in_its_month():
    """31 January 2026 is a Saturday: the following Monday is in February, so it is due on Friday the 30th."""
    instalments = (an_instalment(1, due_on=on(1, 31)),)
    convention = Convention(shift="modified_following", calendar="week", workdays=WEEK)
    assert 1 == days(convention, on(1, 31), instalments=instalments)[0]


def test_a_calendar_that_does_not_know_the_day_refuses_once_it_matters():
    short = Calendar(name="week", known_from=on(1, 1), known_until=on(3, 1))
    convention = Convention(shift="following", calendar="week", workdays=short)
    assert 0 == days(convention, on(2, 10), PAID_FIRST)[0]
    assert 0 == days(convention, on(3, 14), pay("2000", on(1, 15)))[0]
    with pytest.raises(FactsError, match="and not 2026-03-15"):
        days(convention, on(3, 15), pay("2000", on(1, 15)))
    with pytest.raises(FactsError, match="'week', which knows the days from 2026-01-01 to before 2026-03-01 only"):
        days(convention, on(3, 20))
    with pytest.raises(FactsError, match="'week', which is not given"):
        days(evolve(convention, workdays=None), on(1, 16))


@pytest.mark.parametrize(
    ("ages_from", "as_of", "expected"),
    [
        pytest.param("due_on", on(1, 16), 1, id="from the due date"),
        pytest.param("invoiced_on", on(1, 15), 0, id="invoiced, and not due yet"),
        pytest.param("invoiced_on", on(1, 16), 15, id="from the invoice, once it is late"),
        pytest.param("stated", on(1, 21), 0, id="a later stated date"),
        pytest.param("stated", on(1, 22), 1, id="from there"),
    ],
)
def test_ageing_from_other_dates(ages_from, as_of, expected):
    instalments = (an_instalment(1, invoiced_on=on(1, 1), ages_from=on(1, 21)),)
    assert expected == days(Convention(ages_from=ages_from), as_of, instalments=instalments)[0]


def test_an_instalment_that_does_not_say_when_it_was_invoiced():
    with pytest.raises(FactsError, match="Instalment 1 of loan 'L-1' does not say when it was invoiced"):
        days(Convention(ages_from="invoiced_on"), on(1, 16))


@pytest.mark.parametrize(
    ("charge_off", "expected"),
    [
        pytest.param("continue", (75, on(1, 15), 3), id="days run on"),
        pytest.param("freeze", (62, on(1, 15), 3), id="as on the day of the write-off"),
        pytest.param("drop", (0, None, 0), id="no days"),
    ],
)
def test_charge_off(charge_off, expected):
    """Issuers of public data disagree: one resets to 0, one counts on, others say nothing; arrears stay owed in each."""
    convention = Convention(charge_off=charge_off)
    written = event("W", "write_off", on(3, 18))
    found = overdue_status(a_loan(events=(written,)), as_of=on(3, 31), convention=convention)
    assert expected == (found.days_past_due, found.oldest_unpaid_due_on, found.instalments_missed)
    assert (D(3000), D(3000)) == (found.arrears.total, found.cures)


def test_a_recovery_after_write_off_meets_what_is_owed():
    events = (event("W", "write_off", on(3, 18)), event("Y", "recovery", on(3, 20), amount=D(2500)))
    found = overdue_status(a_loan(events=events), as_of=on(3, 31), convention=Convention(charge_off="continue"))
    assert (16, D(500)) == (found.days_past_due, found.arrears.total)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        pytest.param({"count": "mba", "first_day": 1}, "count is 'mba' and first_day is 1", id="months have no first day"),
        pytest.param({"count": "ots", "materiality": Materiality(amount=D(1))}, "material days are calendar days", id="months of materiality"),
        pytest.param({"count": "recency", "ages_from": "stated"}, "payments set the date", id="recency from a stated date"),
        pytest.param({"first_day": 1, "materiality": Materiality(amount=D(1))}, "count from the first", id="two first days"),
        pytest.param({"ages_from": "stated", "materiality": Materiality()}, "its own date", id="two dates"),
        pytest.param({"tolerance_arrears": D(1), "materiality": Materiality()}, "both bound the arrears", id="two bounds"),
        pytest.param({"shift": "following"}, "does not say of which calendar", id="a shift without a calendar"),
        pytest.param({"calendar": "CN"}, "nothing moves by it", id="a calendar without a shift"),
        pytest.param({"first_day": 2}, "first_day is 0 or 1", id="day 2"),
        pytest.param({"tolerance_share": D(1)}, "from 0 to below 1", id="all of it may be missing"),
        pytest.param({"tolerance_share": 0.1}, "must be a Decimal", id="a share that is no Decimal"),
        pytest.param({"shift": "following", "calendar": "CN", "workdays": WEEK}, "was given 'week'", id="another calendar"),
        pytest.param({"count": "fortnights"}, "fortnights", id="no such count"),
    ],
)  # fmt: skip
def test_contradictions_are_refused(changes, named):
    with pytest.raises(FactsError, match=named):
        Convention(**changes)


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param({"amount": D(100)}, id="no share"),
        pytest.param({"share": D("0.01")}, id="no amount"),
        pytest.param({}, id="neither"),
    ],
)
def test_either_of_two_thresholds_needs_both(limits):
    """All arrears exceed 0: whoever states one, and that one is enough, has none."""
    assert Materiality(**limits).both
    with pytest.raises(FactsError, match="makes all arrears material") as caught:
        Materiality(**limits, both=False)
    assert "both" == caught.value.field


def test_presets_are_named_and_sourced():
    for name, each in PRESETS.items():
        assert name == each.convention.name
        assert each.title
        assert each.source
    with pytest.raises(FactsError, match="No convention is called 'oldest'. There are oldest_unpaid, mba"):
        preset("oldest")


def test_chargebacks_reopen_or_are_an_obligation_of_their_own_date():
    """Three paid, the first charged back on 1 April: open again since January, or owed since April."""
    paid = [pay("1000", on(month, 15), f"P{month}") for month in (1, 2, 3)]
    back = event("B", "chargeback", on(4, 1), of="P1")
    reopened = overdue_status(a_loan(events=(*paid, back)), as_of=on(4, 10))
    own = overdue_status(a_loan(events=(*paid, back)), as_of=on(4, 10), convention=Convention(chargebacks="own_date"))
    assert (26, on(3, 15), D(1000)) == (reopened.days_past_due, reopened.oldest_unpaid_due_on, reopened.arrears.total)
    assert (9, on(4, 1), D(1000)) == (own.days_past_due, own.oldest_unpaid_due_on, own.arrears.total)


def test_a_chargeback_taken_back_is_none():
    events = (
        pay("1000", on(1, 15), "P"),
        event("B", "chargeback", on(2, 1), of="P"),
        event("R", "reversal", on(2, 3), of="B"),
    )
    assert 0 == days(Convention(chargebacks="own_date"), on(2, 10), *events)[0]
    assert 9 == days(Convention(chargebacks="own_date"), on(2, 10), *events[:2])[0]


@pytest.mark.parametrize(
    ("until", "as_of", "accrued"),
    [
        pytest.param(None, on(2, 1), "0", id="the day itself falls due today"),
        pytest.param(None, on(2, 2), "1.50", id="one day"),
        pytest.param(None, on(2, 11), "15.00", id="ten days"),
        pytest.param(on(2, 6), on(2, 11), "7.50", id="until the 6th, exclusive: five"),
    ],
)
def test_accruals(until, as_of, accrued):
    rate = event("A", "accrual", on(2, 1), amount=D("1.50"), component="penalties", until=until)
    found = overdue_status(a_loan(events=(rate, pay("1000", on(1, 15)))), as_of=as_of)
    assert D(accrued) == found.arrears.penalties == found.arrears.total
    assert 0 == found.days_past_due


@pytest.mark.parametrize(
    ("changes", "as_of", "expected"),
    [
        pytest.param({}, on(2, 20), (0, on(3, 15)), id="a month after the last one, by itself"),
        pytest.param({"until": on(2, 25)}, on(2, 20), (0, on(2, 25)), id="until a stated day"),
        pytest.param({"until": on(2, 25)}, on(2, 26), (1, on(3, 15)), id="late after that day"),
    ],
)
def test_a_deferral_moves_one_instalment(changes, as_of, expected):
    deferred = event("F", "deferral", on(1, 10), instalment=1, **changes)
    events = (deferred, pay("1000", on(2, 15)))
    found = overdue_status(a_loan(events=events if not changes else (deferred, pay("1000", on(2, 15)))), as_of=as_of)
    assert expected == (found.days_past_due, found.next_due_on)


def test_two_deferrals_queue_at_the_end():
    events = tuple(event(f"F{n}", "deferral", on(1, 10), instalment=n) for n in (1, 2))
    found = overdue_status(a_loan(events=(*events, pay("10000", on(1, 10)))), as_of=on(1, 15, 2027))
    assert (on(1, 15, 2027), D(1000)) == (found.next_due_on, found.next_due)
    assert (
        on(2, 15, 2027)
        == overdue_status(a_loan(events=(*events, pay("11000", on(1, 10)))), as_of=on(1, 15, 2027)).next_due_on
    )


def test_held_money_waits_for_the_due_date():
    held = Convention(name="held", allocation=Allocation(ahead="held"))
    before = overdue_status(a_loan(events=(pay("1500", on(1, 15)),)), as_of=on(2, 1), convention=held)
    after = overdue_status(a_loan(events=(pay("1500", on(1, 15)),)), as_of=on(2, 16), convention=held)
    assert (D(500), D(1000)) == (before.credit, before.next_due)
    assert (D(0), D(500), 1) == (after.credit, after.arrears.total, after.days_past_due)


@pytest.mark.parametrize(
    ("backs", "owed"),
    [
        pytest.param([event("B", "chargeback", on(2, 1), of="P")], "1000", id="the whole"),
        pytest.param([event("B", "chargeback", on(2, 1), of="P", amount=D(1800))], "1000", id="more than came"),
        pytest.param([event(name, "chargeback", on(2, 1), of="P", amount=D(800)) for name in "BC"], "1000", id="twice"),
        pytest.param(
            [event("A", "reversal", on(1, 20), of="P", amount=D(400)), event("B", "chargeback", on(2, 1), of="P")],
            "1000",
            id="after a part was reversed",
        ),
        pytest.param(
            [event("B", "chargeback", on(2, 1), of="P"), event("R", "reversal", on(2, 2), of="B", amount=D(400))],
            "600",
            id="won back in part",
        ),
        pytest.param(
            [
                event("B", "chargeback", on(2, 1), of="P"),
                event("R", "reversal", on(2, 2), of="B"),
                event("S", "reversal", on(2, 3), of="R"),
            ],
            "1000",
            id="won back, and lost again",
        ),
        pytest.param([event("B", "chargeback", on(1, 10), of="P")], "1000", id="before it came"),
    ],
)
def test_a_chargeback_takes_as_much_from_its_own_date_on_as_it_reopens(backs, owed):
    """January is paid. Nothing but the dates differs: no cent is owed twice, and none is lost."""
    loan = a_loan(instalments=(an_instalment(1),), events=(pay("1000", on(1, 15), "P"), *backs))
    for chargebacks in ("reopen", "own_date"):
        status = overdue_status(loan, as_of=on(2, 10), convention=Convention(chargebacks=chargebacks))
        assert (D(owed), D(0)) == (status.arrears.total, status.credit)


def test_a_payment_not_yet_come_is_not_owed_because_it_will_be_charged_back():
    loan = a_loan(
        instalments=(an_instalment(1),),
        events=(pay("1000", on(3, 15), "P"), event("B", "chargeback", on(2, 1), of="P", amount=D(500))),
    )
    own = Convention(chargebacks="own_date")
    assert D(1000) == overdue_status(loan, as_of=on(2, 10), convention=own).arrears.total


@pytest.mark.parametrize(
    "stated",
    [
        pytest.param({"events": (event("E", "pause", on(3, 1), until=dt.date.max),)}, id="a pause"),
        pytest.param({"events": (event("E", "deferral", on(1, 1), until=dt.date.max, instalment=3),)}, id="a deferral"),
        pytest.param(
            {"events": (event("E", "accrual", on(3, 1), until=dt.date.max, amount=D(0), component="interest"),)},
            id="an accrual",
        ),
        pytest.param({"instalments": (an_instalment(1), an_instalment(2, due_on=dt.date.max))}, id="a due date"),
        pytest.param({"grace": 10**7}, id="grace"),
    ],
)
@pytest.mark.parametrize("name", ["oldest_unpaid", "mba", "rbi", "crr_retail", "every_paused_day"])
def test_the_last_day_there_is_stands_for_never(stated, name):
    """Hosts state 9999-12-31 where something has no end. January stays the oldest."""
    loan, convention = a_loan(**stated), preset(name)
    expected = days(convention, on(3, 1))[0]
    assert expected == overdue_status(loan, as_of=on(3, 1), convention=convention).days_past_due
    assert expected == overdue_history(loan, until=on(3, 1), convention=convention).days_past_due_on(on(3, 1))
    assert expected == explain_overdue(loan, as_of=on(3, 1), convention=convention).status.days_past_due
    other = Convention(name="other")
    assert expected == compare(loan, [convention, other], since=on(1, 1), until=on(3, 1)).statuses[0].days_past_due


@pytest.mark.parametrize(
    "moved",
    [
        pytest.param([event("X", "extension", on(3, 1), instalment=1, months=100_000)], id="by months"),
        pytest.param(
            [
                event("X", "deferral", on(3, 1), instalment=3, until=dt.date.max),
                event("Y", "deferral", on(3, 2), instalment=4),
            ],
            id="to a month after the last",
        ),
    ],
)
def test_a_due_date_after_the_last_day_is_refused_in_words(moved):
    with pytest.raises(FactsError, match="would be in the year 1[0-9]{4}, and dates end with 9999"):
        overdue_status(a_loan(events=tuple(moved)), as_of=on(3, 10))


@pytest.mark.parametrize("paid", ["920", "900", "1000"])
def test_who_always_pays_nine_tenths_is_never_late(paid):
    """The first method of 65 FR 36903: the tenths stay owed, and no payment makes up for them."""
    events = [pay(paid, on(month, 15)) for month in range(1, 13)]
    loan = a_loan(events=tuple(events))
    ends = [on(month, 28) for month in range(1, 13)]
    assert [0] * 12 == [overdue_status(loan, as_of=end, convention=preset("us_retail")).days_past_due for end in ends]
    assert 12 * (1000 - int(paid)) == overdue_status(loan, as_of=ends[-1], convention=preset("us_retail")).arrears.total


def test_a_payment_below_nine_tenths_is_made_up_for_by_the_next():
    """899 in January and 1,000 in February: January is full with 1 more, and February has the other 999."""
    events = (pay("899", on(1, 15)), pay("1000", on(2, 15)))
    assert [30, 0] == [days(preset("us_retail"), day, *events)[0] for day in (on(2, 14), on(2, 28))]


def test_a_deferral_makes_no_payment_worth_more_days():
    """Two and three deferred, April missed: one payment of a month, whatever lies between it and the one before."""
    deferred = [event(f"F{n}", "deferral", on(1, 20), instalment=n) for n in (2, 3)]
    paid = [pay("1000", on(1, 15)), *(pay("1000", on(month, 15), f"P{month}") for month in (5, 6))]
    named = [evolve(each, instalment=number) for each, number in zip(paid, (1, 5, 6), strict=True)]
    assert (31, 31) == days(preset("aps_220"), on(7, 5), *deferred, *named)


@pytest.mark.parametrize(
    "as_of", [pytest.param(on(2, 20), id="late with one"), pytest.param(on(5, 20), id="late with four")]
)
def test_principal_and_interest_stated_apart_are_worth_what_they_are_together(as_of):
    """Nine tenths and one tenth of what falls due on a day, half of the first one paid."""
    whole = a_loan()
    apart = [
        evolve(each, number=2 * each.number - 1 + at, **left)
        for each in whole.instalments
        for at, left in enumerate(({"interest": D(0)}, {"principal": D(0)}))
    ]
    half = pay("500", on(1, 15))
    together = days(preset("aps_220"), as_of, half)
    assert together == days(preset("aps_220"), as_of, half, instalments=tuple(apart))


def test_what_a_convention_is_called_by_default():
    assert ["oldest_unpaid", "mba"] == [Convention().name, Convention(count="mba").name]


def test_what_cures_can_be_paid():
    """Ten days of 0.333 are 3.33 more; nine are 2.997, for which 3.00 must be paid."""
    rate = event("A", "accrual", on(1, 16), amount=D("0.333"), component="penalties")
    loan = a_loan(events=(rate,))
    after_nine = overdue_status(loan, as_of=on(1, 25))
    assert (D("1002.997"), D("1003.00")) == (after_nine.arrears.total, after_nine.cures)
    assert D("1003.33") == overdue_status(loan, as_of=on(1, 26)).cures


@pytest.mark.parametrize(
    "as_of",
    [
        pytest.param(dt.datetime(2026, 3, 1, tzinfo=dt.UTC), id="an instant"),
        pytest.param("2026-03-01", id="text"),
    ],
)
def test_a_business_date_is_a_date(as_of):
    with pytest.raises(FactsError, match="as_of must be a date, not"):
        overdue_status(a_loan(), as_of=as_of)


@pytest.mark.parametrize(
    ("applied", "arrears"),
    [
        pytest.param(("60", "40"), "900", id="all of it"),
        pytest.param(("60", "900"), "900", id="and no more"),
        pytest.param(("900",), "900", id="at once"),
    ],
)
def test_no_more_suspense_money_is_applied_than_came(applied, arrears):
    came = event("S", "suspense_received", on(1, 15), amount=D(100))
    parts = [event(f"A{n}", "suspense_applied", on(1, 16), of="S", amount=D(each)) for n, each in enumerate(applied)]
    assert D(arrears) == overdue_status(a_loan(events=(came, *parts)), as_of=on(1, 20)).arrears.total


@pytest.mark.parametrize("name", PRESETS)
def test_the_last_day_there_is_can_be_asked_about(name):
    assert days(preset(name), dt.date.max)[0] > (300 if name == "aps_220" else 2_800_000)
    assert 0 == days(preset(name), dt.date.min)[0]


@pytest.mark.parametrize(
    ("name", "as_of", "expected"),
    [
        pytest.param("mba", on(3, 29), 0, id="mba: two days before the next due date"),
        pytest.param("mba", on(3, 30), 30, id="mba: the day before it"),
        pytest.param("ots", on(3, 30), 0, id="ots: the day before it"),
        pytest.param("ots", on(3, 31), 30, id="ots: on it"),
        pytest.param("mba", on(4, 28), 30, id="mba: April has no 31st"),
        pytest.param("mba", on(4, 29), 60, id="mba: the day before its last"),
        pytest.param("ots", on(4, 30), 60, id="ots: its last"),
    ],
)
def test_months_of_a_loan_of_month_ends(name, as_of, expected):
    """January is paid; 28 February stands for the 31st."""
    dues = (on(1, 31), on(2, 28), on(3, 31), on(4, 30), on(5, 31))
    instalments = tuple(an_instalment(n, due_on=due) for n, due in enumerate(dues, start=1))
    assert expected == days(preset(name), as_of, pay("1000", on(1, 31)), instalments=instalments)[0]


def test_the_last_of_a_month_stands_for_no_later_day_of_another_loan():
    """Due on the 28th of each month, February's month is completed on 28 March."""
    instalments = tuple(an_instalment(n, due_on=on(n, 28)) for n in (1, 2, 3))
    assert 30 == days(preset("ots"), on(3, 28), pay("1000", on(1, 28)), instalments=instalments)[0]


SUNDAYS = Calendar(name="sundays", known_from=dt.date(2025, 1, 1), known_until=dt.date(2031, 1, 1), weekend=(6,))
FOLLOWING = {"shift": "following", "calendar": "sundays", "workdays": SUNDAYS}
OF_28TH = tuple(an_instalment(n, due_on=on(n, 28)) for n in range(1, 8))


@pytest.mark.parametrize(
    ("changes", "events", "instalments", "completed"),
    [
        pytest.param({}, (), OF_28TH, on(3, 28), id="due on the 28th"),
        pytest.param(
            {},
            (),
            tuple(an_instalment(n, due_on=on(n, 15 if n == 2 else 28)) for n in range(1, 8)),
            on(3, 15),
            id="due in the middle of a month",
        ),
        # 28 June 2026 is a Sunday, so that one of them falls due on the 29th.
        pytest.param(FOLLOWING, (), OF_28TH, on(3, 28), id="a business day that is later in its month"),
        pytest.param(
            {},
            (event("D", "deferral", on(2, 1), instalment=7, until=on(8, 31)),),
            OF_28TH,
            on(3, 28),
            id="one deferred to the end of a month",
        ),
        pytest.param(
            {"ages_from": "invoiced_on"},
            (),
            tuple(an_instalment(n, due_on=on(n, day), invoiced_on=on(n, 28)) for n, day in ((1, 31), (2, 28), (3, 31))),
            on(3, 28),
            id="invoiced on the 28th, due at the end of the month",
        ),
        pytest.param(
            {"ages_from": "invoiced_on"},
            (),
            tuple(
                an_instalment(n, due_on=on(n + 1, 15), invoiced_on=on(n, day)) for n, day in ((1, 31), (2, 28), (3, 31))
            ),
            on(3, 31),
            id="invoiced at the end of the month",
        ),
        pytest.param(
            {"ages_from": "stated"},
            (),
            tuple(an_instalment(n, due_on=on(n, 28), ages_from=on(5, 31) if n == 5 else None) for n in range(1, 8)),
            on(3, 31),
            id="one that states the end of a month",
        ),
    ],
)
def test_for_which_day_the_last_of_february_stands(changes, events, instalments, completed):
    """For that of the schedule as it is stated, in the dates that lateness counts from. January is paid."""
    convention = Convention(count="ots", **changes)
    found = [
        days(convention, as_of, pay("1000", on(1, 28)), *events, instalments=instalments)[0]
        for as_of in (completed - dt.timedelta(days=1), completed)
    ]
    assert [0, 30] == found


ASKED = {"as_of": on(3, 1)}


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda given: overdue_status(a_loan(), **ASKED, convention=given), id="status"),
        pytest.param(lambda given: explain_overdue(a_loan(), **ASKED, convention=given), id="explanation"),
        pytest.param(lambda given: allocate(a_loan(), **ASKED, convention=given), id="allocation"),
        pytest.param(lambda given: curves(a_loan(), **ASKED, until=on(3, 1), convention=given), id="curves"),
        pytest.param(lambda given: overdue_history(a_loan(), until=on(3, 1), convention=given), id="history"),
        pytest.param(
            lambda given: compare(a_loan(), [Convention(), given], since=on(1, 1), until=on(3, 1)), id="comparison"
        ),
        pytest.param(
            lambda given: prepare_schedule(a_loan().instalments, currency="USD", convention=given), id="schedule"
        ),
    ],
)
@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param("ots", "'ots'. Get that of a preset by its name, as in dunning.preset('ots')", id="a name"),
        pytest.param(
            PRESETS["ots"], "Preset. Get that of a preset by its name, as in dunning.preset('mba')", id="a preset"
        ),
        pytest.param(None, "NoneType. Get that of a preset by its name, as in dunning.preset('mba')", id="nothing"),
    ],
)
def test_what_is_no_convention(ask, given, said):
    """Is refused in one sentence that says how to get one, wherever it is given."""
    with pytest.raises(FactsError) as caught:
        ask(given)

    assert str(caught.value) == f"convention must be a Convention, not {said}, or make one."
    assert caught.value.field == "convention"
