"""The first date on which something other than a new fact changes a case; one reason a row."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from dunning.core.facts.event import Event
from dunning.core.facts.loan import Attribute
from dunning.core.hold import Hold, Subject
from dunning.core.ladder.case import Case, Promise, Request
from dunning.core.outbox.transitions import State
from dunning.core.overdue.convention import Convention, Materiality
from dunning.testing.builders import a_loan, a_party, a_payment, a_person, a_point, an_instalment
from dunning.testing.nights import Life, a_dossier, a_ladder, a_step, a_tier, at, bounds, some_terms

DAY = dt.timedelta(days=1)
LATE = a_tier("late", {"delinquent_days": 1})


def on(month, number):
    return dt.date(2026, month, number)


TODAY = on(1, 20)
# Nothing falls due any more and nothing is late, so that nothing else wakes the case.
QUIET = {"instalments": (an_instalment(1),), "events": (a_payment("1000", on(1, 15), id="paid"),)}
# One instalment, five days late, in its tier since the 16th.
LONE = {"instalments": (an_instalment(1),)}
IN_LATE = Case(
    id="L-1",
    tier="late",
    stay=1,
    episode=1,
    entered_on=on(1, 16),
    late_since=on(1, 16),
    stays=(("late", 1, on(1, 16)),),
)


def wake(loan=None, *steps, case=None, ladder=None, as_of=TODAY, persons=None, holds=(), entries=(), **terms):
    tiers = ladder or (a_tier("current"), LATE)
    life = Life(
        terms=some_terms(*steps, ladder=a_ladder(tiers=tiers, probation=10), **terms),
        dossier=a_dossier(
            loan=a_loan(**(QUIET if loan is None else loan)), case=case or Case(id="L-1"), holds=holds, entries=entries,
            **({} if persons is None else {"persons": persons}),
        ),
    )  # fmt: skip
    return life.night(as_of).wake_on


def quiet(*events, **changes):
    return QUIET | {"events": (*QUIET["events"], *events)} | changes


def event(id_, kind, day, **changes):
    return Event(id=id_, kind=kind, effective_on=day, **changes)


def test_nothing_ever_will():
    """Paid off, and no date ahead."""
    assert None is wake()


@pytest.mark.parametrize(
    ("loan", "expected"),
    [
        pytest.param({}, on(2, 16), id="the day after the next due date"),
        pytest.param(
            {"events": (a_payment("2000", on(1, 15), id="P"),)}, on(3, 16), id="the next one that is not paid"
        ),
        pytest.param(
            {"events": (event("V", "re_age", on(1, 20)),)},
            on(2, 16),
            id="not the re-aged one at the end of the schedule",
        ),
        pytest.param(
            quiet(event("C", "charge", on(2, 1), amount=Decimal(5), component="fees")), on(2, 1), id="a coming event"
        ),
        pytest.param(
            quiet(event("C", "charge", TODAY, amount=Decimal(5), component="fees")),
            TODAY + DAY,
            id="a charge of today is past due tomorrow",
        ),
        pytest.param(quiet(event("Z", "pause", on(1, 18), until=on(1, 25))), on(1, 25), id="the end of a pause"),
        pytest.param(
            quiet(
                event("D", "debit_presented", on(1, 1), amount=Decimal(5), until=on(1, 2)),
                event("B", "debit_returned", on(1, 10), of="D"),
            ),
            on(1, 10) + 91 * DAY,
            id="a returned debit that no longer counts",
        ),
        pytest.param(
            quiet(event("X", "pending_payment", on(1, 19), amount=Decimal(5))),
            on(1, 26),
            id="pending money without a stated expiry",
        ),
        pytest.param(quiet(accelerated_on=on(2, 3)), on(2, 3), id="acceleration"),
        pytest.param(
            quiet(attributes=(Attribute(name="score:risk", value="9", effective_on=on(2, 4)),)),
            on(2, 4),
            id="a score from then on",
        ),
        pytest.param(quiet(parties=(a_party(since=on(2, 5)),)), on(2, 5), id="a part begins"),
        pytest.param(quiet(parties=(a_party(until=on(2, 6)),)), on(2, 6), id="a part ends"),
    ],
)
def test_facts_that_state_a_date(loan, expected):
    assert expected == wake(loan)


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        pytest.param({"valid_from": on(2, 7)}, on(2, 7), id="a point from then on"),
        pytest.param({"valid_until": on(2, 8)}, on(2, 8), id="a point until then"),
        pytest.param({"valid_until": on(1, 10)}, None, id="a point that ended"),
    ],
)
def test_points(point, expected):
    assert expected == wake(None, persons=(a_person(points=(a_point(**point),)),))


@pytest.mark.parametrize(
    ("ladder", "convention", "expected"),
    [
        pytest.param((LATE, a_tier("hard", {"delinquent_days": 31})), Convention(), on(2, 15), id="delinquent days"),
        pytest.param((LATE, a_tier("hard", {"days_past_due": 20})), Convention(), on(2, 4), id="days past due"),
        pytest.param(
            (LATE, a_tier("hard", {"person_days_past_due": 20})), Convention(), on(2, 4), id="the person's days"
        ),
        pytest.param((LATE,), Convention(grace=7), on(1, 21), id="still in grace: after it at the earliest"),
        pytest.param(
            (LATE, a_tier("hard", {"arrears": 5000})), Convention(), None, id="money does not grow by waiting"
        ),
        pytest.param((LATE,), Convention(name="mba", count="mba"), TODAY + DAY, id="months do not run by the day"),
        pytest.param(
            (LATE,),
            Convention(name="crr", materiality=Materiality(amount=Decimal(5000))),
            TODAY + DAY,
            id="nor does materiality",
        ),
    ],
)
def test_days_that_run_to_a_bound(ladder, convention, expected):
    found = wake(LONE, ladder=(a_tier("current"), *ladder), case=IN_LATE, convention=convention)
    assert expected == found


@pytest.mark.parametrize(
    ("changes", "convention", "expected"),
    [
        pytest.param({}, Convention(), on(2, 16), id="the due date is day 0"),
        pytest.param({}, Convention(first_day=1), on(2, 15), id="the due date is day 1"),
        pytest.param(
            {"events": (*QUIET["events"], event("A", "accrual", TODAY, amount=Decimal(1), component="fees"))},
            Convention(),
            TODAY + DAY,
            id="what accrues grows every day",
        ),
        pytest.param(
            {
                "events": (
                    *QUIET["events"],
                    event("A", "accrual", on(1, 2), amount=Decimal(1), component="fees", until=TODAY),
                )
            },
            Convention(),
            on(2, 16),
            id="until it ends",
        ),
    ],
)
def test_when_lateness_begins(changes, convention, expected):
    loan = QUIET | {"instalments": (an_instalment(1), an_instalment(2))} | changes
    assert expected == wake(loan, convention=convention)


def test_the_minimum_stay_of_the_present_tier():
    tiers = (
        a_tier("current"),
        a_tier("late", {"delinquent_days": 1}, minimum_stay=9),
        a_tier("hard", {"delinquent_days": 3}),
    )
    assert on(1, 25) == wake(LONE, ladder=tiers, case=IN_LATE)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        pytest.param(a_step("s", tier="late", on="stay", days=9), on(1, 25), id="a step falls due"),
        pytest.param(
            a_step("s", tier="late", days=4, expires_after=20, when=bounds(delinquent_days=8)),
            on(1, 23),
            id="a step's own bound",
        ),
        pytest.param(a_step("s", tier="late", days=9, channels=("letter",)), on(1, 25), id="whoever it can reach"),
        pytest.param(a_step("s", tier="firm", days=9), None, id="a step of another tier"),
    ],
)
def test_steps(step, expected):
    assert expected == wake(LONE, step, case=IN_LATE)


def notice(**changes):
    return a_step("n", tier="late", days=4, purpose="statutory_notice", channels=("sms",), **changes)


def test_the_alarm_of_a_notice_that_waits_in_the_outbox():
    assert on(1, 26) == wake(LONE, notice(alarm_after=6), case=IN_LATE)


def held(**changes):
    return Hold(
        **{"id": "H", "subject": Subject(kind="loan", loan_id="L-1"), "reason": "dispute", "starts_on": on(1, 1)}
        | changes
    )


def test_a_touch_that_nothing_permits_is_looked_at_every_day():
    step = a_step("s", tier="late", days=4, expires_after=20)
    assert on(1, 21) == wake(LONE, step, case=IN_LATE, holds=(held(),))


def test_an_entry_that_waits_is_looked_at_when_it_lapses():
    assert on(1, 23) == wake(LONE, a_step("s", tier="late", days=4, expires_after=3), case=IN_LATE)


def test_a_result_that_is_awaited_ends_with_its_touch():
    step = a_step("s", tier="late", days=4, expires_after=5, goal="right_party", channels=("call",))
    life = Life(
        terms=some_terms(step, ladder=a_ladder(tiers=(a_tier("current"), LATE))),
        dossier=a_dossier(loan=a_loan(**LONE), case=IN_LATE),
    )
    life.night(TODAY)
    life.became("s", state=State.DELIVERED, result="delivered", tried_at=at(TODAY, 9))
    assert on(1, 25) == life.night(TODAY).wake_on


@pytest.mark.parametrize(
    ("hold", "expected"),
    [
        pytest.param(held(until=on(1, 28)), on(1, 28), id="a hold ends"),
        pytest.param(held(starts_on=on(1, 27)), on(1, 27), id="a hold begins"),
        pytest.param(held(until=TODAY), None, id="a hold that ended today"),
    ],
)
def test_holds(hold, expected):
    assert expected == wake(holds=(hold,))
    assert expected == wake(case=Case(id="L-1", holds=(hold,)))


def test_what_runs_out_in_the_case():
    """A cure outlasts probation of 10 days; a promise its grace; a request its time."""
    promise = Promise(id="p", person_id="P-1", amount=Decimal(9), made_on=TODAY, due_on=on(1, 25), grace=2)
    request = Request(id="r", kind="visit", loan_id="L-1", proposed_on=TODAY, expires_on=on(1, 29))
    current = Case(id="L-1", tier="current", stay=1, entered_on=on(1, 1), episode=1)
    assert on(1, 28) == wake(case=evolve(current, promises=(promise,)))
    assert on(1, 29) == wake(case=evolve(current, requests=(request,)))
    assert on(1, 30) == wake(case=evolve(current, cured_on=on(1, 19)))
