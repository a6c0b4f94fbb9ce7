"""How late and how much, under one convention, as of one date."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.facts.event import Event
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.dates import add_months
from dunning.core.overdue.settling import settle
from dunning.core.overdue.status import overdue_status
from dunning.errors import FactsError, KnowledgeError
from dunning.testing.builders import a_loan, a_payment, an_instalment

D = Decimal
DAY = dt.timedelta(days=1)


def on(month, number, year=2026):
    return dt.date(year, month, number)


def pay(amount, day, id_=None):
    return a_payment(amount, day, id=id_ or f"pay-{day}-{amount}")


def event(id_, kind, day, **changes):
    return Event(id=id_, kind=kind, effective_on=day, **changes)


def status(*events, as_of, convention=OLDEST_UNPAID, **changes):
    """Of the plain loan: 1,000 on the 15th of each month of 2026, 100 of it interest."""
    return overdue_status(a_loan(events=events, **changes), as_of=as_of, convention=convention)


@pytest.mark.parametrize(
    ("events", "as_of", "days", "oldest", "missed", "arrears"),
    [
        pytest.param([], on(1, 14), 0, None, 0, "0", id="before the first due date"),
        pytest.param([], on(1, 15), 0, None, 0, "0", id="due today is not late"),
        pytest.param([], on(1, 16), 1, on(1, 15), 1, "1000", id="the day after"),
        pytest.param([], on(2, 15), 31, on(1, 15), 1, "1000", id="the second is due today"),
        pytest.param([], on(2, 16), 32, on(1, 15), 2, "2000", id="the second is late too"),
        pytest.param([pay("1000", on(1, 15))], on(1, 16), 0, None, 0, "0", id="paid on the due date"),
        pytest.param([pay("999.99", on(1, 15))], on(1, 16), 1, on(1, 15), 1, "0.01", id="a cent short"),
        pytest.param([pay("1000", on(1, 20))], on(1, 19), 4, on(1, 15), 1, "1000", id="not yet paid on that day"),
        pytest.param([pay("1000", on(1, 20))], on(1, 20), 0, None, 0, "0", id="paid today"),
        pytest.param([pay("1000", on(2, 20))], on(2, 20), 5, on(2, 15), 1, "1000", id="the older one is met first"),
        pytest.param([pay("500", on(1, 20))], on(2, 20), 36, on(1, 15), 2, "1500", id="half of the oldest"),
        pytest.param([pay("2500", on(1, 1))], on(3, 16), 1, on(3, 15), 1, "500", id="paid ahead"),
        pytest.param(
            [pay("1000", on(1, 15), "P"), event("R", "reversal", on(2, 1), of="P")],
            on(1, 31),
            0,
            None,
            0,
            "0",
            id="the day before the reversal",
        ),
        pytest.param(
            [pay("1000", on(1, 15), "P"), event("R", "reversal", on(2, 1), of="P")],
            on(2, 1),
            17,
            on(1, 15),
            1,
            "1000",
            id="reversed: open again at its own due date",
        ),
        pytest.param(
            [pay("1000", on(1, 15), "P"), event("D", "debit_presented", on(1, 15), amount=D(1000))],
            on(2, 16),
            1,
            on(2, 15),
            1,
            "1000",
            id="a presented debit meets nothing",
        ),
        pytest.param(
            [event("X", "extension", on(1, 10), instalment=1, months=1)], on(2, 15), 0, None, 0, "0", id="extended"
        ),
        pytest.param(
            [event("X", "extension", on(1, 20), instalment=1, months=1)],
            on(1, 19),
            4,
            on(1, 15),
            1,
            "1000",
            id="the day before the extension",
        ),
        pytest.param(
            [event("W", "waiver", on(1, 20), amount=D(1000))], on(1, 20), 0, None, 0, "0", id="waived altogether"
        ),
        pytest.param(
            [event("W", "waiver", on(1, 20), amount=D(1000)), event("R", "reversal", on(2, 1), of="W")],
            on(2, 1),
            17,
            on(1, 15),
            1,
            "1000",
            id="a waiver that was reversed",
        ),
        pytest.param(
            [event("W", "waiver", on(1, 20), amount=D(50), component="interest")],
            on(1, 20),
            5,
            on(1, 15),
            1,
            "950",
            id="half of the interest waived",
        ),
        pytest.param(
            [event("W", "waiver", on(1, 20), amount=D(1000), instalment=2)],
            on(2, 20),
            36,
            on(1, 15),
            1,
            "1000",
            id="the second instalment waived",
        ),
        pytest.param([event("V", "re_age", on(2, 1))], on(1, 31), 16, on(1, 15), 1, "1000", id="before the re-age"),
        pytest.param([event("V", "re_age", on(2, 1))], on(2, 1), 0, None, 0, "0", id="re-aged"),
        pytest.param(
            [event("V", "re_age", on(2, 1))], on(2, 16), 1, on(2, 15), 1, "1000", id="what falls due after a re-age"
        ),
        pytest.param(
            [event("V", "re_age", on(2, 15))],
            on(2, 16),
            0,
            None,
            0,
            "0",
            id="what falls due on its day is re-aged, too",
        ),
        pytest.param(
            [event("V", "re_age", on(2, 14))],
            on(2, 16),
            1,
            on(2, 15),
            1,
            "1000",
            id="what falls due the day after is not",
        ),
        pytest.param(
            [event("V", "re_age", on(2, 1)), event("R", "reversal", on(2, 5), of="V")],
            on(2, 5),
            21,
            on(1, 15),
            1,
            "1000",
            id="a re-age that was reversed",
        ),
        pytest.param(
            [event("C", "charge", on(1, 2), amount=D(50), component="fees")],
            on(1, 10),
            0,
            None,
            0,
            "50",
            id="a charge is owed, and ages nothing",
        ),
        pytest.param(
            [event("C", "charge", on(1, 2), amount=D(50), component="fees")],
            on(1, 2),
            0,
            None,
            0,
            "0",
            id="a charge of today is not past due",
        ),
    ],
)
def test_the_oldest_unpaid_instalment(events, as_of, days, oldest, missed, arrears):
    found = status(*events, as_of=as_of)
    assert (days, oldest, missed, D(arrears)) == (
        found.days_past_due,
        found.oldest_unpaid_due_on,
        found.instalments_missed,
        found.arrears.total,
    )
    assert found.late is (days > 0)


@pytest.mark.parametrize(
    ("convention", "short", "late"),
    [
        pytest.param(Convention(), "0.01", True, id="no tolerance"),
        pytest.param(Convention(tolerance_amount=D(5)), "4.99", False, id="below the amount"),
        pytest.param(Convention(tolerance_amount=D(5)), "5", False, id="at the amount"),
        pytest.param(Convention(tolerance_amount=D(5)), "5.01", True, id="above the amount"),
        pytest.param(Convention(tolerance_share=D("0.02")), "20", False, id="at the share of 1,000"),
        pytest.param(Convention(tolerance_share=D("0.02")), "20.01", True, id="above the share"),
        pytest.param(
            Convention(tolerance_share=D("0.02"), tolerance_amount=D(30)), "30", False, id="the larger counts"
        ),
    ],
)
def test_tolerance(convention, short, late):
    """What is missing stays owed."""
    found = status(pay(D(1000) - D(short), on(1, 15)), as_of=on(1, 20), convention=convention)
    assert (late, D(short)) == (found.late, found.arrears.total)
    assert (D(short) if late else D(0)) == found.cures


@pytest.mark.parametrize(
    ("grace", "pause", "as_of", "past_due", "delinquent"),
    [
        pytest.param(5, None, on(1, 20), 5, 0, id="the last day of grace"),
        pytest.param(5, None, on(1, 21), 6, 1, id="the first day after grace"),
        pytest.param(0, (on(1, 1), on(1, 15)), on(3, 1), 45, 45, id="a pause before the due date"),
        pytest.param(0, (on(1, 20), on(1, 30)), on(3, 1), 45, 35, id="ten days of pause"),
        pytest.param(5, (on(1, 20), on(1, 30)), on(3, 1), 45, 30, id="pause and grace"),
        pytest.param(0, (on(1, 16), None), on(3, 1), 45, 0, id="paused since the first day"),
    ],
)
def test_grace_and_pauses_move_delinquent_days_alone(grace, pause, as_of, past_due, delinquent):
    """Loan and instalment agree: the instalment is missed from the first day past due on, grace or not."""
    events = [event("Z", "pause", pause[0], until=pause[1])] if pause else []
    found = status(*events, as_of=as_of, convention=Convention(grace=grace))
    assert (past_due, delinquent) == (found.days_past_due, found.delinquent_days)
    assert (as_of > on(2, 15)) + 1 == found.instalments_missed


@pytest.mark.parametrize(
    ("events", "as_of", "next_due_on", "next_due"),
    [
        pytest.param([], on(1, 15), on(1, 15), "1000", id="today"),
        pytest.param([], on(1, 16), on(2, 15), "1000", id="the next month"),
        pytest.param([pay("1300", on(1, 15))], on(1, 16), on(2, 15), "700", id="part of it is paid"),
        pytest.param([pay("2000", on(1, 15))], on(1, 16), on(3, 15), "1000", id="paid ahead"),
        pytest.param([], on(12, 16), None, "0", id="none is left"),
        pytest.param(
            [event("V", "re_age", on(2, 1))], on(2, 1), on(2, 15), "1000", id="a re-aged one comes last, not first"
        ),
    ],
)
def test_next_due(events, as_of, next_due_on, next_due):
    found = status(*events, as_of=as_of)
    assert (next_due_on, D(next_due)) == (found.next_due_on, found.next_due)


@pytest.mark.parametrize(
    ("paid", "arrears", "next_due"),
    [
        pytest.param("999", "51", "1000", id="the instalment before the fee"),
        pytest.param("1000", "50", "1000", id="the fee stays owed when the instalment is paid"),
        pytest.param("1049", "1", "1000", id="then the fee"),
        pytest.param("1050", "0", "1000", id="all that is past due"),
        pytest.param("1051", "0", "999", id="and only then the next instalment"),
    ],
)
def test_a_fee_is_paid_after_what_is_late_and_before_what_is_not(paid, arrears, next_due):
    charge = event("C", "charge", on(1, 18), amount=D(50), component="fees")
    found = status(charge, pay(paid, on(1, 20)), as_of=on(1, 20))
    assert (D(arrears), D(next_due)) == (found.arrears.total, found.next_due)


def test_an_instalment_that_falls_late_goes_before_an_older_fee():
    """A day later the same money is asked about afresh: days never depend on fees."""
    events = [
        event("C", "charge", on(1, 18), amount=D(50), component="fees"),
        pay("2000", on(1, 20)),
    ]
    found = status(*events, as_of=on(2, 16))
    assert (0, D(0), D(50)) == (found.days_past_due, found.arrears.principal, found.arrears.fees)


def test_paying_what_cures_leaves_nothing_past_due():
    charge = event("C", "charge", on(1, 18), amount=D(50), component="fees")
    late = status(charge, as_of=on(2, 15))
    assert D(1050) == late.cures

    cured = status(charge, pay(late.cures, on(2, 15)), as_of=on(2, 15))
    assert (0, D(0), D(0)) == (cured.days_past_due, cured.arrears.total, cured.cures)


def test_what_cures_includes_what_refunds_took_beyond_all_that_came():
    """Of a book that begins after some of the payments: 1,000 is past due, and 300 were given back that nobody paid."""
    refund = event("F", "refund", on(1, 20), amount=D(300))
    late = status(refund, as_of=on(2, 10))
    assert (D(1000), D(1300)) == (late.arrears.total, late.cures)

    cured = status(refund, pay("1299.99", on(2, 10)), as_of=on(2, 10))
    assert (26, D("0.01")) == (cured.days_past_due, cured.cures)
    cured = status(refund, pay("1300", on(2, 10)), as_of=on(2, 10))
    assert (0, D(0)) == (cured.days_past_due, cured.arrears.total)


@pytest.mark.parametrize(
    ("refunded", "arrears"),
    [
        pytest.param("400", "400", id="money that came before the re-age and was refunded after it"),
        pytest.param("1500", "1000", id="all of it and more"),
    ],
)
def test_a_refund_after_a_re_age(refunded, arrears):
    """What was spent at the re-age is gone all the same; the re-aged rest is due at the end."""
    events = [
        pay("1000", on(1, 15)),
        event("V", "re_age", on(2, 1)),
        event("F", "refund", on(2, 10), amount=D(refunded)),
    ]
    found = status(*events, as_of=on(12, 16))
    assert D(11_000) + D(arrears) == found.arrears.total


def test_a_late_fee_does_not_make_a_re_aged_loan_younger():
    """The re-aged instalment ages from the last due date, 15 December, whatever is charged after it."""
    charge = event("C", "charge", on(1, 20, 2027), amount=D(50), component="fees")
    rest = pay("11000", on(2, 1))
    found = status(event("V", "re_age", on(1, 20)), rest, charge, as_of=on(1, 20, 2027))
    assert (36, on(12, 15)) == (found.days_past_due, found.oldest_unpaid_due_on)


def test_arrears_by_component():
    """Interest is met first."""
    charge = event("C", "charge", on(1, 16), amount=D(25), component="penalties")
    found = status(charge, pay("150", on(1, 15)), as_of=on(1, 20)).arrears
    assert (D(850), D(0), D(0), D(25)) == (found.principal, found.interest, found.fees, found.penalties)


def test_money_waiting_and_money_over():
    """Neither moves a day."""
    over = status(pay("12500", on(1, 1)), as_of=on(12, 31))
    pending = status(event("X", "pending_payment", on(1, 16), amount=D(400)), as_of=on(1, 20))
    assert (D(500), D(0), None) == (over.credit, over.arrears.total, over.next_due_on)
    assert (D(400), 5, D(1000)) == (pending.waiting, pending.days_past_due, pending.arrears.total)


def test_written_off():
    """Days run on; the first of two counts, and one that was reversed is none."""
    events = [event(f"W{m}", "write_off", on(m, 1), amount=D(1)) for m in (7, 6)]
    assert [None, on(6, 1), on(6, 1)] == [
        status(*events, as_of=on(m, d)).written_off_on for m, d in ((5, 31), (6, 1), (8, 1))
    ]
    assert 137 == status(*events, as_of=on(6, 1)).days_past_due
    reversed_ = event("R", "reversal", on(9, 1), of="W6")
    assert on(7, 1) == status(*events, reversed_, as_of=on(9, 1)).written_off_on


# --- the second time axis --------------------------------------------------------------------------------------------


def recorded(month, number, hour=0):
    return dt.datetime(2026, month, number, hour, tzinfo=dt.UTC)


BACK_DATED = evolve(event("R", "reversal", on(2, 1), of="P"), recorded_at=recorded(5, 10, 9))


@pytest.mark.parametrize(
    ("known_at", "days"),
    [
        pytest.param(recorded(5, 10, 8), 0, id="before it was recorded"),
        pytest.param(recorded(5, 10, 9), 46, id="at the very instant"),
        pytest.param(None, 46, id="with all that is known"),
    ],
)
def test_what_we_rightly_believed(known_at, days):
    """A back-dated reversal changes the past only for those who know of it."""
    loan = a_loan(events=(pay("2000", on(1, 15), "P"), BACK_DATED))
    assert days == overdue_status(loan, as_of=on(3, 2), known_at=known_at).days_past_due


def test_ageing_as_of_the_past_uses_no_later_payment():
    loan = a_loan(events=(pay("12000", on(12, 20)),))
    assert [1, 32, 0] == [overdue_status(loan, as_of=d).days_past_due for d in (on(1, 16), on(2, 16), on(12, 20))]


def test_without_a_time_of_recording_knowledge_is_refused():
    loan = a_loan(events=(event("X", "pause", on(1, 1)),))
    with pytest.raises(KnowledgeError, match="an? Event does not say when it was recorded"):
        overdue_status(loan, as_of=on(1, 20), known_at=recorded(1, 20))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"tolerance_share": D(1)}, id="a share of 1"),
        pytest.param({"tolerance_share": D("-0.1")}, id="a negative share"),
        pytest.param({"tolerance_amount": D(-1)}, id="a negative amount"),
        pytest.param({"grace": -1}, id="negative grace"),
        pytest.param({"tolerance_share": 0.02}, id="a float"),
    ],
)
def test_a_convention_that_cannot_be(changes):
    with pytest.raises(FactsError):
        Convention(**changes)


# --- properties ------------------------------------------------------------------------------------------------------

START = on(1, 1)
MONEY = st.integers(1, 3000).map(D)
DAYS = st.integers(0, 200).map(lambda n: START + n * DAY)


@st.composite
def events_of(draw, kinds, most=8):
    """Return events of *kinds* on random days; what undoes something undoes an earlier one of the list."""
    found = []
    for index in range(draw(st.integers(0, most))):
        kind, day, id_ = draw(st.sampled_from(kinds)), draw(DAYS), f"e{index}"
        amount = draw(MONEY)
        undoable = [e.id for e in found if e.kind not in ("pause", "re_age", "extension")]
        match kind:
            case "reversal" | "debit_returned":
                if not undoable:
                    continue
                part = draw(st.booleans())
                found.append(event(id_, kind, day, of=draw(st.sampled_from(undoable)), amount=amount if part else None))
            case "pause":
                until = day + draw(st.integers(1, 60)) * DAY if draw(st.booleans()) else None
                found.append(event(id_, kind, day, until=until))
            case "extension":
                found.append(event(id_, kind, day, instalment=draw(st.integers(1, 6)), months=draw(st.integers(1, 2))))
            case "re_age":
                found.append(event(id_, kind, day))
            case "charge":
                component = draw(st.sampled_from(("fees", "penalties", "interest")))
                found.append(event(id_, kind, day, amount=amount, component=component))
            case "waiver":
                instalment = draw(st.integers(1, 6) | st.none())
                component = draw(st.sampled_from(("", "interest", "principal")))
                found.append(event(id_, kind, day, amount=amount, instalment=instalment, component=component))
            case _:
                found.append(event(id_, kind, day, amount=amount))
    return tuple(found)


EVERY = (
    "payment", "payment", "payment", "pending_payment", "reversal", "debit_returned", "refund", "waiver", "charge",
    "re_age", "extension", "pause", "third_party_advance",
)  # fmt: skip
CONVENTIONS = st.builds(
    Convention,
    tolerance_amount=st.sampled_from([D(0), D(5)]),
    tolerance_share=st.sampled_from([D(0), D("0.02")]),
    grace=st.sampled_from([0, 5]),
)


def loan_with(events, **changes):
    return a_loan(instalments=tuple(an_instalment(n) for n in range(1, 7)), events=tuple(events), **changes)


@settings(max_examples=100, deadline=None)
@given(events_of(EVERY), DAYS, MONEY, DAYS, CONVENTIONS)
def test_more_payment_is_never_later_nor_more(events, paid_on, amount, as_of, convention):
    """Every number that a ladder can bound stays or falls."""
    more = event("more", "payment", paid_on, amount=amount)
    before = overdue_status(loan_with(events), as_of=as_of, convention=convention)
    after = overdue_status(loan_with((*events, more)), as_of=as_of, convention=convention)

    for measure in ("days_past_due", "delinquent_days", "instalments_missed"):
        assert getattr(before, measure) >= getattr(after, measure), measure
    assert before.arrears.total >= after.arrears.total


@settings(max_examples=100, deadline=None)
@given(events_of(EVERY), DAYS, st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(events, as_of, random):
    shuffled = list(events)
    random.shuffle(shuffled)
    assert overdue_status(loan_with(events), as_of=as_of) == overdue_status(loan_with(shuffled), as_of=as_of)


@settings(max_examples=100, deadline=None)
@given(events_of([kind for kind in EVERY if kind != "waiver"]), DAYS)
def test_no_cent_is_lost_or_made(events, as_of):
    """Unpaid and credit together are what was asked for less what was paid."""
    from dunning.core.overdue.money import effective, paid

    known = effective(events, as_of)
    loan = loan_with(events)
    settled = settle(loan, known, on=as_of, convention=OLDEST_UNPAID)
    owed, credit = settled.owed, settled.credit
    asked = sum((o.amount for o in owed), D(0))
    unpaid = sum((o.unpaid for o in owed), D(0))

    assert asked - unpaid + credit == paid(known)
    assert all(0 <= o.open[name] for o in owed for name in o.open)
    assert not (credit and unpaid)


@settings(max_examples=100, deadline=None)
@given(events_of(["payment", "waiver", "charge", "extension", "re_age", "pause", "pending_payment"]), DAYS)
def test_from_one_day_to_the_next_days_rise_by_one_at_most(events, as_of):
    """Where nothing that was paid is undone; pauses and grace hold delinquent days back, never more."""
    today, tomorrow = (
        overdue_status(loan_with(events), as_of=day, convention=Convention(grace=3)) for day in (as_of, as_of + DAY)
    )
    assert tomorrow.days_past_due <= today.days_past_due + 1
    assert tomorrow.delinquent_days <= today.delinquent_days + 1


@settings(max_examples=60, deadline=None)
@given(events_of(EVERY), events_of(["payment", "waiver", "charge", "re_age", "pause"]), DAYS)
def test_the_past_is_not_changed_by_what_is_recorded_later(events, later, as_of):
    known_at = recorded(6, 1)
    known = tuple(evolve(e, recorded_at=known_at) for e in events)
    late = tuple(evolve(e, id=f"late-{e.id}", recorded_at=known_at + dt.timedelta(seconds=1)) for e in later)
    moved = an_instalment(2, due_on=add_months(on(2, 15), 3), recorded_at=known_at + dt.timedelta(seconds=1))
    loan = loan_with((*known, *late))
    loan = evolve(loan, instalments=(*loan.instalments, moved))

    found = overdue_status(loan, as_of=as_of, known_at=known_at)

    assert found == overdue_status(loan_with(known), as_of=as_of, known_at=known_at)


@settings(max_examples=60, deadline=None)
@given(events_of(EVERY), DAYS)
def test_loan_and_instalment_agree(events, as_of):
    """Late exactly when some instalment is missed, from the oldest one's date on."""
    found = overdue_status(loan_with(events), as_of=as_of)
    assert found.late is (found.instalments_missed > 0) is (found.oldest_unpaid_due_on is not None)
    if found.oldest_unpaid_due_on is not None:
        assert found.days_past_due == (as_of - found.oldest_unpaid_due_on).days
    assert found.delinquent_days <= found.days_past_due
    assert (found.cures > 0) is found.late
