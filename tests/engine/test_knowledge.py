"""Two time axes in the engine: what was rightly believed, stale books, sleeping cases, a host's transaction."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.adapters.books.example_auto import AS_OF, example_auto
from dunning.adapters.storage.memory import MemoryStorage
from dunning.core.facts.event import Event
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_payment, a_person, an_instalment
from dunning.testing.given import an_engine

DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def example():
    return example_auto()


def late_loan(**changes):
    first = TODAY - dt.timedelta(days=20)
    return a_loan(
        instalments=tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(6)), **changes
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["payment", "waiver", "refund", "pause", "charge"]),
            st.integers(-60, 0),
            st.integers(1, 10),
            st.integers(1, 3000),
        ),
        max_size=4,
    )
)
def test_known_at_in_the_past_is_unaffected_by_anything_recorded_later(later):
    """What we rightly believed on a day does not change when something back-dated arrives."""
    then = NOON
    before = late_loan(events=(a_payment("300.00", on=TODAY - 3 * DAY),))
    extra = []
    for number, (kind, effective, recorded, amount) in enumerate(later):
        event = {
            "id": f"later-{number}",
            "kind": kind,
            "effective_on": TODAY + effective * DAY,
            "recorded_at": then + recorded * DAY,
        }
        if kind != "pause":
            event["amount"] = Decimal(amount)
        if kind == "charge":
            event["component"] = "fees"
        extra.append(Event(**event))
    after = evolve(before, events=(*before.events, *extra))

    def believed(loan):
        engine = an_engine([loan], [a_person()])
        report = engine.assess(as_of=TODAY, now=NOON, known_at=then)
        with engine.parts.storage.begin(LENDER, read_only=True) as unit:
            records = unit.since(0, limit=100)
        return report.by_tier, report.queued, [(r.draft.effects, r.draft.about) for r in records]

    assert believed(before) == believed(after)


def test_a_stale_book_gets_no_collection_contacts():
    """The shipped policy allows three days (inclusive); on the fourth collection stops and service goes on."""
    reports = {}
    for age in (3, 4):
        engine = an_engine([late_loan()], [a_person()], current_through=TODAY - age * DAY)
        reports[age] = engine.assess(as_of=TODAY, now=NOON)

    assert (False, {"soft_message": 1}) == (reports[3].stale, dict(reports[3].queued))
    assert (True, {}) == (reports[4].stale, dict(reports[4].queued))
    assert "dunning:stale_book" in reports[4].refused


def test_a_book_that_went_stale_after_planning_stops_the_message():
    """It is looked at again when it is about to go out."""
    engine = an_engine([late_loan()], [a_person()])
    engine.assess(as_of=TODAY, now=NOON)
    engine.parts.book._current_through = TODAY - 4 * DAY

    report = engine.deliver(now=NOON)

    assert 0 == report.sent.total()
    assert ["dunning:stale_book"] == list(report.waiting)

    engine.parts.book._current_through = TODAY
    again = engine.deliver(now=NOON + dt.timedelta(hours=1))

    assert 1 == again.sent.total()


def test_sleeping_cases_are_passed_over_and_nothing_is_missed(example):
    """Assessing only changed loans and those that wake comes to the same as assessing everything, night by night."""
    loans = example.loans[::3]
    whole = an_engine(loans, example.persons, current_through=AS_OF, storage=MemoryStorage())
    sleepy = an_engine(loans, example.persons, current_through=AS_OF, storage=MemoryStorage())
    looked_at = []
    for back in range(9, -1, -1):
        as_of, now = AS_OF - back * DAY, dt.datetime.combine(AS_OF, dt.time(18), tzinfo=dt.UTC) - back * DAY
        whole.assess(as_of=as_of, now=now)
        changed = {loan.id for loan in loans if any(e.effective_on == as_of for e in loan.events)}
        looked_at.append(sleepy.assess(as_of=as_of, now=now, changed=changed).loans)
        for engine in (whole, sleepy):
            engine.deliver(now=now)

    def decisions(engine):
        with engine.parts.storage.begin(LENDER, read_only=True) as unit:
            return {
                (str(r.draft.stream), r.draft.kind, r.draft.as_of, r.draft.effects)
                for r in unit.since(0, limit=100_000)
                if r.draft.stream.kind == "loan"
            }

    assert decisions(whole) == decisions(sleepy)
    assert max(looked_at[1:]) < len(loans) / 2, looked_at
