"""
Defects about lateness that other systems had: each by its number, from the outside, with what is right.

The numbers are those of our list of defects seen in other systems; the others on it are not about lateness.
"""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from dunning import Convention, Event, overdue_status
from dunning.core.facts.loan import Amounts
from dunning.core.overdue.labels import LabelRow, LabelTable
from dunning.core.overdue.presets import preset
from dunning.errors import FactsError
from dunning.testing.builders import TODAY, a_loan, a_payment, an_instalment

D = Decimal
NOON = dt.time(12)


def on(month, day):
    return dt.date(2026, month, day)


def event(id_, kind, day, **changes):
    """Return an event that was recorded at noon (UTC) of its day."""
    return Event(id=id_, kind=kind, effective_on=day, recorded_at=dt.datetime.combine(day, NOON, dt.UTC), **changes)


def pause(id_, since, until):
    return event(id_, "pause", since, until=until)


@pytest.mark.parametrize(
    ("second", "union"),
    [
        pytest.param((on(1, 20), on(2, 10)), 21, id="it holds the older one"),
        pytest.param((on(1, 25), on(2, 10)), 16, id="the same start, a later end"),
        pytest.param((on(1, 25), on(1, 31)), 6, id="the same"),
        pytest.param((on(1, 26), on(1, 28)), 6, id="inside the older one"),
        pytest.param((on(1, 31), on(2, 5)), 11, id="begins where the older one ends"),
        pytest.param((on(2, 3), on(2, 5)), 8, id="apart"),
    ],
)
def test_1_a_pause_that_holds_another_counts_its_days_once(second, union):
    """A pause from 25 to 30 January and a second one: the days of their union are subtracted, in either order."""
    pauses = (pause("old", on(1, 25), on(1, 31)), pause("new", *second))

    found = [overdue_status(a_loan(events=order), as_of=TODAY) for order in (pauses, pauses[::-1])]

    assert [48 - union] * 2 == [status.delinquent_days for status in found]
    assert [48] * 2 == [status.days_past_due for status in found]


@pytest.mark.parametrize(
    ("since", "until", "delinquent"),
    [
        pytest.param(on(1, 5), on(2, 5), 45, id="over before it fell due"),
        pytest.param(on(2, 1), on(3, 1), 45, id="ends on the due date"),
        pytest.param(on(2, 1), on(3, 2), 45, id="its last day is the due date"),
        pytest.param(on(2, 1), on(3, 3), 44, id="its last day is the day after"),
        pytest.param(on(3, 2), on(3, 12), 35, id="all of it after"),
    ],
)
def test_2_days_paused_before_the_due_date_are_not_subtracted(since, until, delinquent):
    """Due on 1 March, asked about on 15 April: 45 days past due."""
    loan = a_loan(instalments=(an_instalment(1, due_on=on(3, 1)),), events=(pause("Z", since, until),))

    status = overdue_status(loan, as_of=on(4, 15))

    assert (45, delinquent) == (status.days_past_due, status.delinquent_days)


@pytest.mark.parametrize(
    ("loans", "instalments", "delinquent"),
    [
        pytest.param(None, None, 48, id="none"),
        pytest.param(5, None, 43, id="the loan's"),
        pytest.param(None, 5, 43, id="the instalment's"),
        pytest.param(0, 5, 43, id="the instalment's own is nearer than the loan's"),
        pytest.param(5, 0, 48, id="an instalment without any"),
        pytest.param(47, None, 1, id="one day left of it"),
        pytest.param(48, None, 0, id="nothing left of it"),
    ],
)
def test_3_grace_means_the_same_for_the_loan_and_for_its_instalment(loans, instalments, delinquent):
    """One instalment is all of the loan, so both must say the same; its date fits its days."""
    loan = a_loan(grace=loans, instalments=(an_instalment(1, grace=instalments),))

    status = overdue_status(loan, as_of=TODAY)

    assert (48, delinquent) == (status.days_past_due, status.delinquent_days)
    since = None if not delinquent else TODAY - dt.timedelta(days=delinquent - 1)
    assert since == status.delinquent_from


def test_4_age_counts_from_the_due_date_unless_the_convention_says_otherwise():
    """Invoiced on 1 January, due on the 15th."""
    loan = a_loan(instalments=(an_instalment(1, invoiced_on=on(1, 1)),))

    assert 48 == overdue_status(loan, as_of=TODAY).days_past_due
    invoiced = Convention(name="from the invoice", ages_from="invoiced_on")
    assert 62 == overdue_status(loan, as_of=TODAY, convention=invoiced).days_past_due
    assert 0 == overdue_status(loan, as_of=on(1, 15), convention=invoiced).days_past_due, "not before it fell due"
    with pytest.raises(FactsError, match="State invoiced_on"):
        overdue_status(a_loan(), as_of=TODAY, convention=invoiced)


@pytest.mark.parametrize(
    ("undone_on", "pending_until", "days", "cures"),
    [
        pytest.param(None, None, 0, "0", id="neither date is there"),
        pytest.param(on(3, 3), None, 48, "2000.00", id="undone before"),
        pytest.param(on(3, 4), None, 48, "2000.00", id="undone today"),
        pytest.param(on(3, 5), None, 0, "0", id="undone tomorrow"),
        pytest.param(None, on(3, 3), 0, "0", id="the pending money is over"),
        pytest.param(on(3, 3), on(3, 5), 48, "2000.00", id="undone, and other money is pending"),
        pytest.param(on(3, 5), on(3, 3), 0, "0", id="undone tomorrow, and the pending money is over"),
    ],
)
def test_7_a_date_that_is_missing_is_not_compared(undone_on, pending_until, days, cures):
    """
    There `a is missing or a < date` read `(a is missing or a) < date`, and cured what was late.

    A payment of all that is due may be undone, and money may be pending: each of the two dates may be missing.
    """
    events = [
        a_payment("2000.00", on(1, 10), id="P"),
        event("D", "pending_payment", on(1, 11), amount=D(9), until=pending_until),
    ]
    events += [event("R", "reversal", undone_on, of="P")] if undone_on else []

    status = overdue_status(a_loan(events=tuple(events)), as_of=TODAY)

    assert (days, D(cures)) == (status.days_past_due, status.cures)
    assert (status.oldest_unpaid_due_on is None) is (days == 0) is (status.delinquent_from is None)


@pytest.mark.parametrize("until", [None, on(2, 1), on(3, 4), on(3, 5)])
def test_7_a_pause_without_an_end_is_neither_over_nor_unlimited_backwards(until):
    """Begun on 1 February: a running one leaves 16 delinquent days, one that ends leaves what comes after it."""
    since = on(2, 1) if until != on(2, 1) else on(1, 31)

    status = overdue_status(a_loan(events=(event("Z", "pause", since, until=until),)), as_of=TODAY)

    assert {None: 16, on(2, 1): 47, on(3, 4): 17, on(3, 5): 16}[until] == status.delinquent_days


@pytest.mark.parametrize(
    ("days", "label"),
    [
        pytest.param(0, "current", id="0"),
        pytest.param(30, "1-30", id="the last of a row"),
        pytest.param(31, "31-60", id="the first of the next"),
        pytest.param(61, "61+", id="the first of the open one"),
        pytest.param(100_000, "61+", id="as late as can be"),
    ],
)
def test_8_every_number_of_days_has_a_label(days, label):
    """And none is blank."""
    assert label == a_table().label(days)


def a_table(**changes):
    rows = (("current", 0, 0), ("1-30", 1, 30), ("31-60", 31, 60), ("61+", 61, None))
    stated = {
        "name": "t",
        "source": "a policy",
        "rows": tuple(LabelRow(label=label, from_days=low, to_days=high) for label, low, high in rows),
    }
    return LabelTable(**stated | changes)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda rows: rows[1:], id="none for 0 days"),
        pytest.param(lambda rows: (*rows[:1], *rows[2:]), id="a gap"),
        pytest.param(lambda rows: rows[:3], id="an end"),
        pytest.param(lambda rows: (rows[0], evolve(rows[1], to_days=31), *rows[2:]), id="an overlap"),
        pytest.param(lambda rows: (), id="no row"),
    ],
)
def test_8_a_table_that_leaves_days_without_a_label_is_refused(wrong):
    """When it is made, not when a loan falls into the hole."""
    with pytest.raises(FactsError):
        a_table(rows=wrong(a_table().rows))


def test_12_an_earlier_day_may_be_asked_about_after_a_later_one():
    """Nothing is remembered between two questions: each day gives its own answer, in any order."""
    loan = a_loan(events=(a_payment("1000.00", on(2, 1)), a_payment("1000.00", on(2, 20))))
    days = [on(1, 31), on(2, 1), on(2, 16), on(2, 20), TODAY]

    forwards = [overdue_status(loan, as_of=day).days_past_due for day in days]
    backwards = [overdue_status(loan, as_of=day).days_past_due for day in reversed(days)]

    assert [16, 0, 1, 0, 0] == forwards == backwards[::-1]


def test_12_what_was_known_then_can_be_asked_after_a_correction():
    """A payment of 1 February that was booked on 3 March: on 4 March we know better than we did on the 2nd."""
    late = a_payment("1000.00", on(2, 1), recorded_at=dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC))
    loan = a_loan(events=(late,))
    then, now = (dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC) for day in (2, 4))

    assert [15, 46, 15] == [overdue_status(loan, as_of=on(3, 2), known_at=at).days_past_due for at in (now, then, now)]


def test_14_ageing_as_of_a_past_day_uses_the_paid_state_of_that_day():
    """Paid in full on 9 March, and part of it taken back on the 12th: 4 March knows of neither."""
    events = (
        a_payment("2000.00", on(3, 9), id="P"),
        event("R", "reversal", on(3, 12), of="P", amount=D(500)),
        event("F", "charge", on(3, 10), amount=D(30), component="fees"),
        event("W", "waiver", on(3, 11), amount=D(30), of="F"),
        event("G", "re_age", on(3, 13)),
        event("X", "write_off", on(3, 14)),
    )

    assert overdue_status(a_loan(), as_of=TODAY) == overdue_status(a_loan(events=events), as_of=TODAY)
    assert 0 == overdue_status(a_loan(events=events[:1]), as_of=on(3, 9)).days_past_due
    assert D("500.00") == overdue_status(a_loan(events=events[:2]), as_of=on(3, 12)).arrears.total


@pytest.mark.parametrize(
    ("first", "arrears"),
    [
        pytest.param("principal", Amounts(interest=D("100.00"), fees=D("30.00"), penalties=D("7.00")), id="it says principal"),
        pytest.param("", Amounts(principal=D("100.00"), fees=D("30.00"), penalties=D("7.00")), id="it says nothing"),
    ],
)  # fmt: skip
def test_15_fee_and_interest_stay_owed_when_the_principal_alone_is_paid(first, arrears):
    """As much as the principal came; nothing closes: the instalment stays late and all that is missing cures it."""
    fees = {"fees": D("30.00"), "penalties": D("7.00")}
    loan = a_loan(
        instalments=(an_instalment(1, **fees),),
        events=(a_payment("900.00", on(1, 15), component=first, instalment=1 if first else None),),
    )

    status = overdue_status(loan, as_of=TODAY)

    assert (48, 1, arrears, D("137.00")) == (
        status.days_past_due,
        status.instalments_missed,
        status.arrears,
        status.cures,
    )


def test_15_a_fee_charged_beside_the_instalments_stays_owed_when_they_are_paid():
    """It makes no loan late, and is no less owed for that; money that comes next meets it."""
    fee = event("F", "charge", on(2, 1), amount=D("30.00"), component="fees")
    paid = overdue_status(a_loan(events=(fee, a_payment("2000.00", on(2, 15)))), as_of=TODAY)
    more = overdue_status(a_loan(events=(fee, a_payment("2030.00", on(2, 15)))), as_of=TODAY)

    assert (0, Amounts(fees=D("30.00"))) == (paid.days_past_due, paid.arrears)
    assert (D(0), D("1000.00")) == (more.arrears.total, more.next_due)


@pytest.mark.parametrize(
    ("charge_off", "days"),
    [
        pytest.param("continue", [43, 44, 45, 106, 150], id="counts on, to 150 and beyond"),
        pytest.param("freeze", [43, 44, 44, 44, 44], id="stands still at what it was"),
        pytest.param("drop", [43, 0, 0, 0, 0], id="is 0 from that day on"),
    ],
)
def test_16_what_days_are_after_a_charge_off_is_stated(charge_off, days):
    """Written off on 28 February: each of the three readings by its name, and the money stays owed under each."""
    loan = a_loan(events=(event("X", "write_off", on(2, 28)),), instalments=(an_instalment(1),))
    asked = [on(2, 27), on(2, 28), on(3, 1), on(5, 1), on(6, 14)]

    found = [overdue_status(loan, as_of=day, convention=Convention(charge_off=charge_off)) for day in asked]

    assert days == [status.days_past_due for status in found]
    assert {D("1000.00")} == {status.arrears.total for status in found}
    assert [None, *[on(2, 28)] * 4] == [status.written_off_on for status in found]
    assert preset("oldest_unpaid").charge_off == "continue"
