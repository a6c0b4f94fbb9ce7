"""How late a person is over all loans, and which loans one non-performing loan marks."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dunning.core.facts.event import Event
from dunning.core.overdue.borrower import borrower_status, customer
from dunning.core.overdue.contagion import CONTAGIONS, Contagion, contagion
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.history import overdue_history
from dunning.core.overdue.presets import preset
from dunning.core.overdue.status import overdue_status
from dunning.errors import FactsError
from dunning.testing.builders import a_loan, a_payment, an_instalment

D = Decimal
DAY = dt.timedelta(days=1)


def on(month, number, year=2026):
    return dt.date(year, month, number)


def pay(amount, day):
    return a_payment(amount, day, id=f"pay-{day}-{amount}")


def event(id_, kind, day, **changes):
    return Event(id=id_, kind=kind, effective_on=day, **changes)


def owing(loan_id, *dues, events=(), **changes):
    """A loan of instalments of 1,000, principal alone, on the days *dues*."""
    instalments = tuple(
        an_instalment(number, due_on=due, principal=D(1000), interest=D(0)) for number, due in enumerate(dues, 1)
    )
    return a_loan(loan_id, instalments=instalments, events=tuple(events), **changes)


def judged(*loans, day, rule, convention=None, since=on(1, 1), until=None):
    histories = [
        overdue_history(loan, since=since, until=until or on(12, 31), convention=convention or Convention())
        for loan in loans
    ]
    return borrower_status(histories, on=day, rule=rule)


def marks_of(found):
    return {mark.loan_id: (mark.since, mark.contagion, mark.by) for mark in found.marks}


# --- the customer ----------------------------------------------------------------------------------------------------


def test_what_cures_a_person_is_what_cures_each_loan():
    """What refunds took too much of one, and a fee of one that is not late, are asked for with the rest."""
    charge = event("C", "charge", on(2, 1), amount=D(5), component="fees")
    loans = (
        owing("A", on(1, 10), events=[event("F", "refund", on(1, 20), amount=D(300))]),
        owing("B", on(5, 10), events=[charge]),
        owing("C", on(1, 10), currency="USD"),
    )
    assert {"CNY": D(1305), "USD": D(1000)} == judged(*loans, day=on(3, 1), rule=contagion("crr_obligor")).cures


def test_the_days_of_a_customer_are_those_of_the_earliest_unpaid_due_date():
    """Whatever the loan; arrears of each currency for themselves."""
    loans = (
        owing("A", on(2, 10), events=[pay("400", on(2, 10))]),
        owing("B", on(1, 10), on(2, 10)),
        owing("C", on(1, 10), currency="USD"),
        owing("D", on(6, 10)),
    )
    found = customer(overdue_status(loan, as_of=on(3, 1)) for loan in loans)
    assert (50, 50, "B", on(1, 10)) == (
        found.days_past_due,
        found.delinquent_days,
        found.worst,
        found.oldest_unpaid_due_on,
    )
    assert {"CNY": D(2600), "USD": D(1000)} == found.arrears


def test_a_customer_without_loans_or_without_lateness():
    assert (0, "", None) == (customer([]).days_past_due, customer([]).worst, customer([]).oldest_unpaid_due_on)
    found = customer([overdue_status(owing("A", on(2, 10)), as_of=on(2, 10))])
    assert (0, "", None, D(0)) == (found.days_past_due, found.worst, found.oldest_unpaid_due_on, found.arrears["CNY"])


# --- Reserve Bank of India -------------------------------------------------------------------------------------------

RBI_DUE = dt.date(2021, 3, 31)


@pytest.mark.parametrize(
    ("day", "marked"),
    [
        pytest.param(dt.date(2021, 6, 28), False, id="the day before"),
        pytest.param(dt.date(2021, 6, 29), True, id="the day-end of 29 June"),
    ],
)
def test_rbi_example(day, marked):
    """RBI/2021-2022/125 of 12 November 2021, paragraph 5: due 31 March 2021, NPA on the day-end of 29 June 2021."""
    found = judged(
        owing("A", RBI_DUE),
        owing("B", dt.date(2022, 3, 31)),
        day=day,
        rule=CONTAGIONS["rbi"],
        convention=preset("rbi"),
        since=dt.date(2021, 1, 1),
        until=dt.date(2021, 12, 31),
    )
    since = dt.date(2021, 6, 29)
    assert ({"A": (since, False, ("A",)), "B": (since, True, ("A",))} if marked else {}) == marks_of(found)
    assert (("A",) if marked else ()) == found.non_performing


@pytest.mark.parametrize(
    ("of_a", "of_b", "day", "marked"),
    [
        pytest.param("900", "0", on(8, 1), True, id="a part of one"),
        pytest.param("2000", "0", on(8, 1), True, id="all of one, and the other is 32 days past due"),
        pytest.param("2000", "999", on(8, 1), True, id="all but 1 of the other"),
        pytest.param("2000", "1000", on(7, 31), True, id="the day before all is paid"),
        pytest.param("2000", "1000", on(8, 1), False, id="all of both: on that day"),
    ],
)
def test_rbi_upgrades_when_all_arrears_of_all_facilities_are_paid(of_a, of_b, day, marked):
    """RBI/2021-2022/158 of 15 February 2022, paragraph 2(iii)."""
    a = owing("A", on(3, 31), on(6, 30), events=[pay(of_a, on(8, 1))])
    b = owing("B", on(7, 1), on(12, 1), events=[pay(of_b, on(8, 1))] if of_b != "0" else ())
    found = judged(a, b, day=day, rule=CONTAGIONS["rbi"], convention=preset("rbi"))
    assert ({"A": (on(6, 29), False, ("A",)), "B": (on(6, 29), True, ("A",))} if marked else {}) == marks_of(found)


def test_tolerated_arrears_do_not_upgrade():
    """What is not counted as late is not paid."""
    tolerant = Convention(first_day=1, tolerance_amount=D(50))
    a = owing("A", on(3, 31), events=[pay("970", on(8, 1))])
    found = judged(a, day=on(8, 1), rule=CONTAGIONS["rbi"], convention=tolerant)
    assert (0, ("A",)) == (found.customer.days_past_due, tuple(marks_of(found)))


# --- European Union --------------------------------------------------------------------------------------------------

PROBATION = (pay("1000", on(5, 10)),)


@pytest.mark.parametrize(
    ("other", "day", "marked", "clean_since", "cured_on"),
    [
        pytest.param((), on(4, 1), False, on(1, 1), None, id="90 days"),
        pytest.param((), on(4, 2), True, None, on(7, 2), id="91 days: three months from a payment today"),
        pytest.param((), on(5, 9), True, None, on(8, 9), id="the day before it is paid"),
        pytest.param((), on(5, 10), True, on(5, 10), on(8, 10), id="paid: three months to go"),
        pytest.param((), on(8, 9), True, on(5, 10), on(8, 10), id="the last day of probation"),
        pytest.param((), on(8, 10), False, on(5, 10), None, id="over"),
        pytest.param((on(6, 1),), on(8, 10), False, on(5, 10), None, id="70 days on another loan are below the bound"),
        pytest.param((on(4, 20),), on(7, 20), True, None, on(10, 20), id="91 days on another loan begin it anew"),
        pytest.param((on(5, 11),), on(8, 9), True, on(5, 10), on(8, 10), id="another loan reaches 90 on the last day"),
        pytest.param((on(5, 11),), on(8, 10), True, None, on(11, 10), id="and 91 on the day of release: no release"),
    ],
)
def test_crr_probation_of_three_months(other, day, marked, clean_since, cured_on):
    """Due on 1 January, 91 days past due on 2 April, paid on 10 May. EBA/GL/2016/07, paragraph 71."""
    found = judged(owing("A", on(1, 1), events=PROBATION), owing("B", *other), day=day, rule=CONTAGIONS["crr_obligor"])
    expected = {"A": (on(4, 2), False, ("A",)), "B": (on(4, 2), True, ("A",))} if marked else {}
    assert (expected, clean_since, cured_on) == (marks_of(found), found.clean_since, found.cured_on)


@pytest.mark.parametrize(
    ("owed", "pulled"),
    [
        pytest.param("4000.00", False, id="1,000 of 5,000 is 20 %"),
        pytest.param("3999.99", True, id="a cent less on the other loan: more than 20 %"),
    ],
)
def test_the_pulling_effect(owed, pulled):
    """More than 20 %; below it the loan alone is non-performing."""
    other = a_loan("B", instalments=(an_instalment(1, due_on=on(12, 1), principal=D(owed), interest=D(0)),))
    found = judged(owing("A", on(1, 1)), other, day=on(4, 2), rule=CONTAGIONS["eba_pulling"])
    assert {"A": (on(4, 2), False, ("A",))} | ({"B": (on(4, 2), True, ("A",))} if pulled else {}) == marks_of(found)


def test_interest_to_come_is_not_outstanding():
    """800 principal and 400 interest to come weigh 800: 200 of 1,000 are 20 %."""
    later = an_instalment(1, due_on=on(12, 1), principal=D(800), interest=D(400))
    late = an_instalment(1, due_on=on(1, 1), principal=D(200), interest=D(0))
    loans = a_loan("A", instalments=(late,)), a_loan("B", instalments=(later,))
    assert {"A"} == set(marks_of(judged(*loans, day=on(4, 2), rule=CONTAGIONS["eba_pulling"])))


def test_one_loan_paid_another_marks_on():
    """Under a share, each loan has its own mark and its own watch."""
    a = owing("A", on(1, 1), events=[pay("1000", on(4, 10))])
    b = owing("B", on(1, 1))
    c = owing("C", on(12, 1), on(12, 2), on(12, 3), on(12, 4), on(12, 5))
    found = judged(a, b, c, day=on(5, 1), rule=Contagion(name="half", source="for this test", share=D("0.5")))
    assert {"B": (on(4, 2), False, ("B",))} == marks_of(found)


# --- a rule of one's own ---------------------------------------------------------------------------------------------

WATCH = Contagion(name="watch", source="for this test", from_days=30, watch_days=10)


@pytest.mark.parametrize(
    ("day", "marked", "cured_on"),
    [
        pytest.param(on(2, 8), False, None, id="29 days"),
        pytest.param(on(2, 9), True, on(2, 19), id="30 days"),
        pytest.param(on(2, 20), True, on(3, 2), id="paid: the watch begins"),
        pytest.param(on(2, 26), True, on(3, 8), id="a day of lateness ends it"),
        pytest.param(on(2, 28), True, on(3, 10), id="and it begins anew"),
        pytest.param(on(3, 9), True, on(3, 10), id="its tenth day"),
        pytest.param(on(3, 10), False, None, id="over"),
    ],
)
def test_a_watch_without_a_day_of_lateness(day, marked, cured_on):
    """Due on 10 January and paid on 20 February; the next is due on 25 February and paid three days later."""
    loan = owing("A", on(1, 10), on(2, 25), events=[pay("1000", on(2, 20)), pay("1000", on(2, 28))])
    found = judged(loan, day=day, rule=WATCH)
    assert (marked, cured_on) == (bool(found.marks), found.cured_on)


def test_a_mark_that_was_lifted_begins_anew():
    """Paid on 20 February and lifted on 2 March, though the next instalment is late by then; 30 days on 23 March."""
    rule = Contagion(name="below", source="for this test", from_days=30, cured_when="below", watch_days=10)
    loan = owing("A", on(1, 10), on(2, 21), events=[pay("1000", on(2, 20))])
    since = [marks_of(judged(loan, day=day, rule=rule)) for day in (on(3, 1), on(3, 2), on(3, 22), on(3, 23))]
    first, again = (on(2, 9), False, ("A",)), (on(3, 23), False, ("A",))
    assert [{"A": first}, {}, {}, {"A": again}] == since


def test_two_that_become_non_performing_on_one_day():
    found = judged(owing("A", on(1, 10)), owing("B", on(1, 10)), owing("C", on(6, 1)), day=on(2, 9), rule=WATCH)
    by = (on(2, 9), False, ("A", "B"))
    assert {"A": by, "B": by, "C": (on(2, 9), True, ("A", "B"))} == marks_of(found)


@pytest.mark.parametrize(
    ("charge_off", "recovered", "marked"),
    [
        pytest.param("drop", "500", True, id="days dropped, something is owed"),
        pytest.param("drop", "1000", False, id="days dropped, paid in full"),
        pytest.param("freeze", "1000", False, id="days frozen, paid in full"),
    ],
)
def test_a_loan_written_off(charge_off, recovered, marked):
    """It is non-performing whatever its days, until nothing of it is outstanding."""
    events = [event("O", "write_off", on(3, 1)), event("Y", "recovery", on(5, 1), amount=D(recovered))]
    rule = Contagion(name="rule", source="for this test")
    loans = owing("A", on(2, 20), events=events), owing("B", on(12, 1))
    before, after = (
        judged(*loans, day=day, rule=rule, convention=Convention(charge_off=charge_off)) for day in (on(3, 1), on(5, 1))
    )
    assert {"A": (on(3, 1), False, ("A",)), "B": (on(3, 1), True, ("A",))} == marks_of(before)
    assert marked is bool(after.marks)


def test_nobody_owes_anything():
    found = borrower_status([], on=on(3, 1), rule=WATCH)
    assert ((), 0, None) == (found.marks, found.customer.days_past_due, found.cured_on)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"share": D(1)}, "share", id="a share of 1"),
        pytest.param({"share": 0.2}, "share", id="a float"),
        pytest.param({"watch_days": 10, "watch_months": 1}, "watch_months", id="two watches"),
        pytest.param({"from_days": 0}, "from_days", id="never late is non-performing"),
        pytest.param({"cured_when": "hoped"}, "cured_when", id="an unknown word"),
        pytest.param({"source": ""}, "source", id="no source"),
    ],
)
def test_a_rule_that_cannot_be(changes, field):
    with pytest.raises(FactsError) as caught:
        Contagion(**{"name": "rule", "source": "for this test", **changes})
    assert field == caught.value.field


def one(loan_id="A", since=on(1, 1), until=on(6, 1), convention=None, **changes):
    return overdue_history(
        owing(loan_id, on(3, 1), **changes), since=since, until=until, convention=convention or Convention()
    )


@pytest.mark.parametrize(
    ("histories", "rule", "message"),
    [
        pytest.param([one(), one("B", until=on(6, 2))], WATCH, "different days", id="days"),
        pytest.param([one(), one("B", convention=preset("mba"))], WATCH, "different conventions", id="conventions"),
        pytest.param(
            [one(), one("B", currency="USD")], CONTAGIONS["eba_pulling"], "different currencies", id="a share of two"
        ),
        pytest.param([one(), one()], WATCH, "several histories", id="twice the same"),
        pytest.param([one(since=on(3, 2))], WATCH, "late on 2026-03-02 already", id="late on the first day"),
        pytest.param([one(until=on(3, 1))], WATCH, "and not 2026-04-01", id="over before the day asked about"),
    ],
)
def test_histories_that_cannot_be_told_together(histories, rule, message):
    with pytest.raises(FactsError, match=message):
        borrower_status(histories, on=on(4, 1), rule=rule)


def test_currencies_may_differ_where_no_share_is_asked_for():
    assert (31, ("A", "B")) == (
        (found := borrower_status([one(), one("B", currency="USD")], on=on(4, 1), rule=WATCH)).customer.days_past_due,
        tuple(marks_of(found)),
    )


# --- properties ------------------------------------------------------------------------------------------------------


@st.composite
def loans(draw, loan_id):
    dues = sorted(on(1, 2) + n * DAY for n in draw(st.lists(st.integers(0, 180), min_size=1, max_size=4, unique=True)))
    paid = draw(st.lists(st.tuples(st.integers(0, 250), st.sampled_from(("500", "1000", "3000"))), max_size=4))
    events = [a_payment(amount, on(1, 1) + n * DAY, id=f"{loan_id}-{place}") for place, (n, amount) in enumerate(paid)]
    return owing(loan_id, *dues, events=events)


RULES = st.builds(
    Contagion,
    name=st.just("rule"),
    source=st.just("for this test"),
    from_days=st.sampled_from((1, 20, 60)),
    share=st.sampled_from((D(0), D("0.3"))),
    cured_when=st.sampled_from(("below", "current", "paid")),
    watch_days=st.sampled_from((0, 1, 25)),
)


@settings(max_examples=25, deadline=None)
@given(loans("A"), loans("B"), RULES, st.integers(0, 280))
@example(  # on the 5th A's own mark of the 3rd is lifted, and that of all, of the 4th, stands
    owing("A", on(1, 2), events=[a_payment("1000", on(1, 5), id="A-0")]),
    owing("B", on(1, 3), on(1, 4), on(1, 5)),
    Contagion(name="rule", source="for this test", from_days=1, share=D("0.3"), cured_when="below"),
    4,
)
def test_marks_are_those_of_looking_at_every_day(a, b, rule, after):
    """A loop over days: marked from the first bad day until all has been clean for the whole watch, and still is."""
    last = on(1, 1) + after * DAY
    marked = {"A": None, "B": None, "*": None}
    clean_days = dict.fromkeys(marked, 0)
    expected = {}
    histories = [overdue_history(loan, since=on(1, 1), until=last) for loan in (a, b)]
    for n in range(after + 1):
        day = on(1, 1) + n * DAY
        statuses = {loan.id: overdue_status(loan, as_of=day) for loan in (a, b)}
        bad = {id_: status.days_past_due >= rule.from_days for id_, status in statuses.items()}
        owed = {history.loan_id: history.stretch_on(day).outstanding for history in histories}
        weight = sum(owed[id_] for id_ in owed if bad[id_])
        bad["*"] = weight > rule.share * sum(owed.values()) if rule.share else any(bad.values())
        clean = {
            id_: {
                "below": not bad[id_],
                "current": status.days_past_due == 0,
                "paid": status.arrears.total == 0,
            }[rule.cured_when]
            for id_, status in statuses.items()
        }
        clean["*"] = clean["A"] and clean["B"]
        for who, now_bad in bad.items():
            clean_days[who] = clean_days[who] + 1 if clean[who] else 0
            if clean_days[who] > rule.watch_days:
                marked[who] = None
            if now_bad and marked[who] is None:
                marked[who] = day
        for who in ("A", "B"):
            standing = [since for since in (marked[who], marked["*"]) if since is not None]
            if not standing:
                expected.pop(who, None)
            elif who not in expected or min(standing) == day:
                expected[who] = min(standing)
            # Else it goes on without a break, though its own mark was lifted and only that of all still stands.

    found = borrower_status(histories, on=last, rule=rule)
    assert expected == {mark.loan_id: mark.since for mark in found.marks}
    assert (found.cured_on is None) is (not expected)


def test_rules_by_name():
    assert all(contagion(name) is rule and rule.source for name, rule in CONTAGIONS.items())
    with pytest.raises(FactsError, match="There are rbi, crr_obligor, eba_pulling"):
        contagion("hearsay")


def test_a_mark_goes_on_where_that_of_all_outlives_the_loans_own():
    """A, a third of what is owed, is marked since 31 days on 10 February; B joins on 13 March, and A pays in April."""
    a = owing("A", on(1, 10), events=[pay("1000", on(4, 1))])
    b = owing("B", on(2, 10), on(2, 10))
    half = Contagion(name="half", source="for this test", from_days=31, share=D("0.5"), cured_when="below")
    for day in (on(3, 20), on(5, 1)):
        assert {"A": (on(2, 10), False, ("A",)), "B": (on(3, 13), False, ("A", "B"))} == marks_of(
            judged(a, b, day=day, rule=half)
        )
