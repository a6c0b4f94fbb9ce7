"""The situation: everything that a ladder looks at, as numbers."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from dunning.core.facts.event import Event
from dunning.core.ladder.case import Case, Promise
from dunning.core.ladder.situation import situation, tier_for
from dunning.core.overdue.status import overdue_status
from dunning.testing.builders import TODAY, a_loan, a_payment, an_instalment
from dunning.testing.nights import a_ladder, a_tier, bounds

D = Decimal
DAY = dt.timedelta(days=1)


def look(loan=None, case=None, *, as_of=TODAY, **around):
    loan = loan or a_loan()
    stated = {"person_days_past_due": 0, "exposure": D(0)} | around
    return situation(loan, overdue_status(loan, as_of=as_of), case or Case(id="L-1"), **stated)


def test_what_the_status_says():
    """The plain loan on 4 March: two instalments late, the older by 48 days."""
    here = look()
    assert (D(48), D(48), D(2), D(2000)) == tuple(
        here.value(m) for m in ("days_past_due", "delinquent_days", "instalments_missed", "arrears")
    )


def test_what_stands_around_it():
    here = look(person_days_past_due=60, exposure=D(9), stated={"score:risk": D(7)}, lost_contact=True)
    assert (D(60), D(9), D(7), D(1)) == tuple(
        here.value(m) for m in ("person_days_past_due", "exposure", "score:risk", "lost_contact")
    )
    assert None is here.value("score:other")


def promise(id_, result):
    return Promise(id=id_, person_id="P-1", amount=D(1), made_on=TODAY, due_on=TODAY, result=result)


def test_what_the_case_counts():
    case = Case(id="L-1", re_entries=2, promises=tuple(map(promise, "abcd", ("open", "kept", "part_kept", "broken"))))
    here = look(case=case)
    assert (D(2), D(2)) == (here.value("re_entries"), here.value("broken_promises"))


DEBIT = Event(id="D", kind="debit_presented", effective_on=TODAY - 200 * DAY, amount=D(1000))


def returned(days_ago):
    return Event(id="B", kind="debit_returned", effective_on=TODAY - days_ago * DAY, of="D")


@pytest.mark.parametrize(
    ("late_since", "days_ago", "expected"),
    [
        pytest.param(None, 90, 1, id="90 days ago"),
        pytest.param(None, 91, 0, id="91 days ago"),
        pytest.param(None, -1, 0, id="tomorrow"),
        pytest.param(TODAY - 50 * DAY, 140, 1, id="90 days before the lateness"),
        pytest.param(TODAY - 50 * DAY, 141, 0, id="91 days before the lateness"),
        pytest.param(TODAY, 1, 1, id="yesterday, late since today: it still counts"),
    ],
)
def test_returned_debits_count_from_before_the_lateness_on(late_since, days_ago, expected):
    loan = a_loan(events=(DEBIT, returned(days_ago)))
    assert D(expected) == look(loan, Case(id="L-1", late_since=late_since)).value("returned_debits")


@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        pytest.param("11999.99", 1, id="a cent is owed"),
        pytest.param("12000", 0, id="nothing is owed any more"),
    ],
)
def test_a_loan_that_owes_nothing_is_neither_written_off_nor_accelerated(paid, expected):
    events = (
        Event(id="W", kind="write_off", effective_on=TODAY - DAY, amount=D(12000)),
        a_payment(paid, TODAY),
    )
    here = look(a_loan(events=events, accelerated_on=TODAY))
    assert (D(expected), D(expected)) == (here.value("written_off"), here.value("accelerated"))


@pytest.mark.parametrize(("as_of", "expected"), [(TODAY - DAY, 0), (TODAY, 1)])
def test_dated_changes(as_of, expected):
    events = (Event(id="W", kind="write_off", effective_on=TODAY),)
    here = look(a_loan(events=events, accelerated_on=TODAY), as_of=as_of)
    assert (D(expected), D(expected)) == (here.value("written_off"), here.value("accelerated"))


@pytest.mark.parametrize(
    ("days", "broken", "expected"),
    [
        pytest.param(0, 0, "current", id="not late"),
        pytest.param(1, 0, "soft", id="at the first bound"),
        pytest.param(5, 9, "soft", id="below one bound of the second condition"),
        pytest.param(6, 0, "soft", id="below the other"),
        pytest.param(6, 1, "firm", id="at both"),
        pytest.param(10, 0, "soft", id="below the bound"),
        pytest.param(11, 0, "firm", id="at the bound"),
        pytest.param(30, 0, "firm", id="below the next"),
        pytest.param(31, 0, "hard", id="at the next"),
    ],
)
def test_the_firmest_tier_whose_condition_holds(days, broken, expected):
    loan = a_loan(instalments=(an_instalment(1, due_on=TODAY - days * DAY),))
    case = Case(id="L-1", promises=tuple(promise(str(i), "broken") for i in range(broken)))
    assert expected == tier_for(look(loan, case), a_ladder()).name


def test_what_is_not_stated_is_below_every_bound():
    here = look()
    assert not here.meets(bounds(**{"score:risk": 0}))
    assert here.meets(bounds(arrears=2000))
    assert not here.meets(bounds(arrears=2001))
    assert here.meets(())


def test_the_order_of_tiers_decides_not_that_of_conditions():
    ladder = a_ladder(
        tiers=(a_tier("a"), a_tier("b", {"arrears": 1}, {"days_past_due": 5}), a_tier("c", {"arrears": 1}))
    )
    assert "c" == tier_for(look(), ladder).name
    assert "b" == tier_for(evolve(look(), measures=(("days_past_due", D(5)),)), ladder).name
