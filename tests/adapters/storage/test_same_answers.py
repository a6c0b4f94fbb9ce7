"""Whatever is done to them in whatever order, memory and SQLite answer alike."""

import datetime as dt

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dunning.adapters.storage.memory import MemoryStorage
from dunning.adapters.storage.sql import SqliteStorage
from dunning.core.journal.effects import ContactLogged, WorkedBy
from dunning.core.outbox.transitions import IllegalMoveError, Move, State
from dunning.errors import StaleStateError, StorageError
from dunning.testing.builders import LENDER, NOON, a_contact, a_draft, a_stream, a_touch, an_entry

LOANS = ("L-1", "L-2", "L-3")
STREAMS = [a_stream(loan) for loan in LOANS]
# Entries that share touches: 0 with 3, 1 with 3, 4 with 0; 5 has the key of 0 and says something else.
ENTRIES = [
    *(an_entry(loan, priority=number) for number, loan in enumerate(LOANS)),
    an_entry(touches=(a_touch("L-1"), a_touch("L-2")), loan_ids=("L-1", "L-2"), priority=1),
    an_entry(key="another key", not_before=NOON + dt.timedelta(minutes=2)),
    an_entry(template="other"),
]
MINUTES = st.integers(0, 8).map(lambda minutes: NOON + dt.timedelta(minutes=minutes))

append = st.tuples(
    st.just("append"), st.sampled_from(LOANS), st.integers(0, 3), st.booleans(), st.integers(0, 2), MINUTES
)
enqueue = st.tuples(st.just("enqueue"), st.lists(st.sampled_from(range(len(ENTRIES))), max_size=3))
claim = st.tuples(st.just("claim"), MINUTES, st.integers(0, 3), st.integers(1, 3))
settle = st.tuples(
    st.just("settle"),
    st.sampled_from(range(len(ENTRIES))),
    st.sampled_from(Move),
    st.none() | st.integers(1, 3),
    MINUTES,
    st.booleans(),
)
advance = st.tuples(st.just("advance"), st.integers(0, 4))
forget = st.tuples(st.just("forget"), st.sampled_from(LOANS))
keep = st.tuples(st.just("keep"), st.sampled_from(LOANS), st.binary(max_size=2))
OPERATIONS = st.one_of(append, enqueue, claim, settle, advance, forget, keep)
# A unit: what it does, and whether it ends well.
UNITS = st.lists(st.tuples(st.lists(OPERATIONS, max_size=6), st.booleans()), max_size=5)


class _StopError(Exception):
    pass


def do(unit, operation, digests):
    """Return what *unit* answers to *operation*; what it raises is an answer too."""
    try:
        return _do(unit, operation, digests)
    except (StorageError, IllegalMoveError) as error:
        return type(error), str(error)


def _do(unit, operation, digests):  # noqa: PLR0911 - a row for each operation
    match operation:
        case ("append", loan, seq, exact, number, at):
            stream = a_stream(loan)
            seq = unit.cases([stream])[stream].seq if exact else seq
            contact = a_contact(f"C-{number}", loan_ids=(loan,), at=at, recorded_at=at)
            draft = a_draft(loan, effects=(WorkedBy(actor=f"agency-{number}"), ContactLogged(contact=contact)))
            kept = evolve(unit.cases([stream])[stream], seq=seq + 1)
            return unit.append([draft], expected={stream: seq}, snapshots=[kept] if number else [], recorded_at=at)
        case ("enqueue", numbers):
            return unit.enqueue([ENTRIES[number] for number in numbers])
        case ("claim", now, limit, minutes):
            return unit.claim(now=now, limit=limit, lease=dt.timedelta(minutes=minutes), worker="w")
        case ("settle", number, move, token, now, later):
            said = {"not_before": now, "result": "busy", "reason": str(token)} if later else {}
            return unit.settle(ENTRIES[number].key, move, token=token, now=now, **said)
        case ("advance", position):
            return unit.advance("teller", position)
        case ("forget", owner):
            return unit.vault.forget(owner)
        case ("keep", owner, value):
            digests.append(unit.vault.keep(owner, value))
            return unit.vault.look(digests[-1])
    raise AssertionError(operation)


def everything(unit, digests):
    """Return all that can be asked."""

    def looked(digest):
        try:
            return unit.vault.look(digest)
        except KeyError:
            return "never kept"

    return {
        "cases": dict(unit.cases(STREAMS)),
        "read": [list(unit.read(stream, after=after)) for stream in STREAMS for after in (0, 1)],
        "heads": list(unit.heads()),
        "lines": list(unit.lines()),
        "end": unit.end(),
        "since": [list(unit.since(position, limit=2)) for position in range(4)],
        "cursor": unit.cursor("teller"),
        "history": list(unit.history(["person:P-1", "debt:L-2"], since=NOON + dt.timedelta(minutes=1))),
        "entries": list(unit.entries()),
        "about": list(unit.entries(loan_ids=["L-1"], states=[State.WAITING, State.SENDING])),
        "vault": [looked(digest) for digest in digests],
    }


def end(*, well):
    if not well:
        raise _StopError


def run(storage, units):
    answers, digests = [], []
    for operations, ends_well in units:
        try:
            with storage.begin(LENDER) as unit:
                answers += [do(unit, operation, digests) for operation in operations]
                answers.append(everything(unit, digests))
                end(well=ends_well)
        except _StopError:
            pass
        with storage.begin(LENDER, read_only=True) as unit:
            answers.append(everything(unit, digests))
    return [list(answer) if isinstance(answer, list | tuple) else answer for answer in answers]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(units=UNITS)
def test_memory_and_sqlite_answer_alike(units, tmp_path_factory):
    sqlite = SqliteStorage(tmp_path_factory.mktemp("same") / "dunning.db")
    sqlite.prepare()
    try:
        for mine, theirs in zip(run(MemoryStorage(), units), run(sqlite, units), strict=True):
            assert mine == theirs
    finally:
        sqlite.close()


def test_the_operations_above_do_meet_every_refusal():
    """Otherwise the property says less than it seems to."""
    storage = MemoryStorage()
    with storage.begin(LENDER) as unit:
        assert do(unit, ("append", "L-1", 2, False, 0, NOON), [])[0] is StaleStateError
        assert do(unit, ("enqueue", [0, 4]), [])[0] is StorageError
        assert do(unit, ("enqueue", [0, 5]), [])[0] is StorageError
        assert do(unit, ("settle", 0, Move.ACCEPT, None, NOON, False), [])[0] is StorageError
        unit.enqueue([ENTRIES[0]])
        assert do(unit, ("settle", 0, Move.ACCEPT, None, NOON, False), [])[0] is IllegalMoveError
        assert do(unit, ("advance", 4), [])[0] is StorageError


def test_waiting_for_another_unit_ends_with_an_error():
    storage = MemoryStorage(patience=0.05)
    with storage.begin(LENDER) as first, storage.begin(LENDER) as second:
        first.lock(["person:P-1"])
        with pytest.raises(StorageError, match=r"more than 0\.05 seconds"):
            second.lock(["person:P-2"])
