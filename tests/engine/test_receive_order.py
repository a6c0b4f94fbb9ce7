"""The order in which things are told leaves no trace: same case, same next decision, same tier, over real storage."""

import datetime as dt
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.adapters.storage.memory import MemoryStorage
from dunning.adapters.storage.sql.storage import SqliteStorage
from dunning.core.journal.record import Stream
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_person, an_instalment
from dunning.testing.given import an_engine

DAY = dt.timedelta(days=1)
STREAMS = [
    Stream(lender=LENDER, kind=kind, id=id_)
    for kind, id_ in (("loan", "L-1"), ("person", "P-1"), ("point", "P-1-mobile"))
]


def on(days):
    return (TODAY + days * DAY).isoformat()


def told(kind, id_, minute, **fields):
    at = f"2026-03-05T02:{minute:02}:00Z"
    return {"kind": kind, "id": id_, "at": at, "loan_id": "L-1", **fields}


def money(kind, event_id, minute, **fields):
    return told(kind, f"m-{event_id}", minute, event_id=event_id, effective_on=on(1), **fields)


def promise(id_, minute, amount, due, **fields):
    return told("promise", id_, minute, person_id="P-1", amount=amount, due_on=on(due), **fields)


LIFT = {"subject": {"kind": "loan", "loan_id": "L-1"}, "reason": "manual"}

# Amounts too small to move the tier: what is told late may find a tier that somebody has entered meanwhile.
MESSAGES = [
    money("payment", "E-1", 1, amount="100.00"),
    money("reversal", "R-1", 2, of="E-1"),
    money("debit_presented", "D-1", 3, amount="200.00", until=on(6)),
    money("payment", "E-2", 4, amount="200.00", of="D-1"),
    money("debit_returned", "R-2", 5, of="D-1", reason="no funds"),
    money("suspense_received", "S-1", 6, amount="50.00"),
    money("suspense_applied", "A-1", 7, amount="50.00", of="S-1"),
    money("payment", "E-3", 8, amount="75.00"),
    promise("p-1", 10, "100.00", 3),
    promise("p-2", 11, "150.00", 4, replaces="p-1"),
    promise("p-3", 12, "60.00", 2),
    told("promise_withdrawn", "w-3", 13, promise_id="p-3"),
    promise("p-4", 14, "40.00", 5),
    told("hold", "h-1", 20, **LIFT),
    told("hold", "h-2", 21, **LIFT, lift=True, hold_id="h-1"),
    told("dispute", "d-1", 22),
    told("dispute", "d-2", 23, resolves="d-1"),
    told("complaint", "c-1", 24, answer_by=on(1)),
    told("death", "x-1", 25, person_id="P-1"),
    told("death", "x-2", 26, person_id="P-1", resolves="x-1"),
    told("wrong_person", "o-1", 27, person_id="P-1", point_id="P-1-mobile"),
    told("approval", "a-1", 30, request_id="", decision="approve", by="collections_manager"),
]


@lru_cache
def eager():
    """The shipped policy, except that it asks at once whether to place a loan with an agency."""
    text = shipped("auto").replace("trigger = { stay = 31 }", "trigger = { stay = 0 }", 1)
    return read_policy(sign(text, business="head of collections", legal="general counsel", on=TODAY))


def begun(storage):
    """Return an engine after a first night, and the request that waits."""
    first = TODAY - 95 * DAY
    loan = a_loan(instalments=tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(12)))
    engine = an_engine([loan], [a_person()], storage=storage, policy=eager(), current_through=TODAY)
    (request,) = engine.assess(as_of=TODAY, now=NOON).requests
    return engine, request.id


def tell(engine, request_id, messages):
    filled = [m | {"request_id": request_id} if m["kind"] == "approval" else m for m in messages]
    report = engine.receive(filled, now=NOON + DAY)
    assert [] == report.rejected
    return report


def cases(engine):
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        found = unit.cases(STREAMS)
    return [found[stream].case for stream in STREAMS]


def decision(engine):
    """Return what the last decision about the loan did and why."""
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        decided = [r.draft for r in unit.read(STREAMS[0]) if r.draft.kind == "decision"]
    return decided[-1].effects, decided[-1].about


def outcome(storage, messages):
    engine, request_id = begun(storage)
    tell(engine, request_id, messages)
    before = cases(engine)
    engine.assess(as_of=TODAY + DAY, now=NOON + DAY)
    return before, decision(engine), cases(engine)[0].tier


def shuffled(most):
    return st.lists(st.sampled_from(MESSAGES), unique_by=lambda m: (m["kind"], m["id"]), max_size=most)


@given(shuffled(len(MESSAGES)))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_gives_the_same_case_and_the_same_decision(order):
    """In memory, against the order in which it happened."""
    as_it_happened = sorted(order, key=lambda m: m["at"])

    assert outcome(MemoryStorage(), as_it_happened) == outcome(MemoryStorage(), order)


@given(st.permutations(MESSAGES))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_is_the_same_in_a_file_and_in_memory(order):
    """SQLite in a file, everything told, against memory and the order in which it happened."""
    with tempfile.TemporaryDirectory() as folder:
        storage = SqliteStorage(Path(folder) / "dunning.sqlite3")
        try:
            assert outcome(MemoryStorage(), MESSAGES) == outcome(storage, order)
        finally:
            storage.close()


@given(st.permutations(MESSAGES))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_told_twice_adds_no_record(order):
    """Also when the second time is after a night."""
    engine, request_id = begun(MemoryStorage())
    tell(engine, request_id, MESSAGES)
    held = cases(engine)

    again = tell(engine, request_id, order)
    assert (0, len(MESSAGES), 0) == (again.applied.total(), again.known, again.records)
    assert held == cases(engine)

    engine.assess(as_of=TODAY + DAY, now=NOON + DAY)
    assert 0 == tell(engine, request_id, order).records


def state(engine, request_id):
    """What of the case does not depend on what was sent or proposed meanwhile."""
    loan, *others = cases(engine)
    promises = [(p.id, p.result, p.hold) for p in loan.promises]
    requests = [(r.id, r.state, r.decided_on) for r in loan.requests if r.id == request_id]
    return loan.tier, loan.holds, loan.told, loan.lifts, loan.withdrawn, promises, requests, others


@given(shuffled(len(MESSAGES)), st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_told_after_a_night_is_as_if_it_were_told_before(order, data):
    """Except for what was sent."""
    cut = data.draw(st.integers(0, len(order)))
    before, request_id = begun(MemoryStorage())
    tell(before, request_id, order)
    before.assess(as_of=TODAY + DAY, now=NOON + DAY)
    after, request_id = begun(MemoryStorage())
    tell(after, request_id, order[:cut])
    after.assess(as_of=TODAY + DAY, now=NOON + DAY)
    tell(after, request_id, order[cut:])

    for engine in (before, after):
        engine.assess(as_of=TODAY + 2 * DAY, now=NOON + 2 * DAY)

    assert state(before, request_id) == state(after, request_id)


def test_the_journal_of_all_of_it_verifies_and_replays():
    """Snapshots made again from records are the same, and each decision is decided again to the byte."""
    engine, request_id = begun(MemoryStorage())
    tell(engine, request_id, list(reversed(MESSAGES)))
    engine.assess(as_of=TODAY + DAY, now=NOON + DAY)

    assert engine.verify().whole
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        names = [r.name for r in unit.read(STREAMS[0]) if r.draft.kind == "decision"]
    assert ["agrees"] * len(names) == [engine.replay(name).result for name in names]


@pytest.mark.parametrize("first", ["book", "message"])
def test_a_return_finds_its_payment_wherever_it_comes_from(first):
    """The payment is in the book, or told after its reversal: either way it does not count."""
    engine, _ = begun(MemoryStorage())
    reversal, payment = MESSAGES[1], MESSAGES[0]
    engine.receive([reversal], now=NOON + DAY)
    if first == "message":
        engine.receive([payment], now=NOON + DAY)
    else:
        from dunning.testing.builders import a_payment

        loan = engine.parts.book._loans["L-1"]
        engine.parts.book._loans["L-1"] = a_loan(
            instalments=loan.instalments, events=(a_payment("100.00", on=TODAY + DAY, id="E-1"),)
        )
    engine.assess(as_of=TODAY + DAY, now=NOON + DAY)

    assert "4000.00" in decision(engine)[1]
