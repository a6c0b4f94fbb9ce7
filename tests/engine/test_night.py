"""A night on the example book: what it does once, it does not do again."""

import datetime as dt
from pathlib import Path

import pytest

from dunning.adapters.books.example_auto import AS_OF, example_auto
from dunning.adapters.channels.folder import FolderChannel
from dunning.adapters.storage.memory import MemoryStorage
from dunning.adapters.storage.sql import SqliteStorage
from dunning.core.journal.record import Stream
from dunning.core.outbox.transitions import State
from dunning.engine import Engine
from dunning.testing.builders import LENDER
from dunning.testing.given import an_engine

NIGHT = dt.datetime.combine(AS_OF, dt.time(18, 0), tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def example():
    return example_auto()


def an_engine_on(kind, loans, persons, place):
    """Return an engine with its own storage of *kind*, and a channel into the folder ``out``, both in *place*."""
    storage = MemoryStorage() if kind == "memory" else SqliteStorage(place / "dunning.db")
    folder = FolderChannel(place / "out")
    return an_engine(loans, persons, current_through=AS_OF, storage=storage, channel=folder, queue=folder)


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def night(request, example, tmp_path_factory):
    """Return an engine after one night on the whole book, what the night said, and its folder. Nothing is added to it."""
    place = tmp_path_factory.mktemp("night")
    with an_engine_on(request.param, example.loans, example.persons, place) as made:
        yield made, run(made), place / "out"


@pytest.fixture(params=["memory", "sqlite"])
def engine(request, example, tmp_path):
    """Return an engine before its first night, on every third loan of the book."""
    with an_engine_on(request.param, example.loans[::3], example.persons, tmp_path) as made:
        yield made


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(engine: Engine, *, as_of: dt.date = AS_OF, now: dt.datetime = NIGHT):
    assessed = engine.assess(as_of=as_of, now=now)
    delivered = engine.deliver(now=now)
    return assessed, delivered


def test_a_second_identical_run_adds_nothing(night):
    """A rerun adds no record and no file."""
    engine, (first, sent), out = night
    before = files(out)

    second, again = run(engine)

    assert first.records > 300
    assert sent.sent.total() > 40
    assert (0, 0) == (second.records, again.records)
    assert before == files(out)


def test_the_journal_verifies_and_replays_to_the_byte(night):
    """Every decision and every attempt of a night is decided again alike from the vault."""
    engine, _, _ = night
    storage = engine.parts.storage
    with storage.begin(LENDER, read_only=True) as unit:
        records = unit.since(0, limit=10_000)

    results = {record.name: engine.replay(record) for record in records if record.draft.kind in ("decision", "attempt")}

    assert engine.verify().whole
    assert len(results) > 350
    assert {} == {name: r for name, r in results.items() if r.result != "agrees"}


def test_every_entry_is_finished_or_waits_for_its_moment(night):
    """Nothing is left claimed or sending, and what was dropped says why."""
    engine, _, _ = night
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        entries = unit.entries()

    assert not [e for e in entries if e.state in (State.CLAIMED, State.SENDING, State.UNKNOWN)]
    assert not [e for e in entries if e.state in (State.CANCELLED, State.LAPSED, State.REFUSED) and not e.reason]
    assert not [e for e in entries if e.state is State.WAITING and e.not_before <= NIGHT]


def test_a_fortnight_night_by_night(engine):
    """Two weeks in which the book stands still: calls are handed over, go unreported, and lead to requests."""
    totals: dict[str, int] = {"handed_over": 0, "requests": 0, "unreported": 0}
    for day in range(14):
        as_of = AS_OF - dt.timedelta(days=13 - day)
        assessed, delivered = run(engine, as_of=as_of, now=NIGHT - dt.timedelta(days=13 - day))
        totals["handed_over"] += delivered.handed_over.total()
        totals["requests"] += len(assessed.requests)
        totals["unreported"] += delivered.unreported
        assert not assessed.troubles
        assert not delivered.troubles

    assert all(totals.values()), totals
    assert engine.verify().whole


def test_nights_may_be_rerun_in_any_order(engine):
    """A night at or before the last one changes nothing, whatever the order of reruns."""
    for day in (2, 1, 0):
        run(engine, as_of=AS_OF - dt.timedelta(days=day), now=NIGHT - dt.timedelta(days=day))

    for day in (1, 2, 0, 2):
        assessed, delivered = run(engine, as_of=AS_OF - dt.timedelta(days=day), now=NIGHT)
        assert (0, 0) == (assessed.records, delivered.records), day


def test_a_backfill_contacts_nobody(engine):
    """Assessing a month late records what lapsed, and sends nothing that was due then."""
    long_ago = AS_OF - dt.timedelta(days=40)
    engine.assess(as_of=long_ago - dt.timedelta(days=1), now=NIGHT - dt.timedelta(days=41))

    assessed = engine.assess(as_of=long_ago, now=NIGHT)
    delivered = engine.deliver(now=NIGHT)

    assert not assessed.queued or all(step == "prelegal_notice" for step in assessed.queued)
    assert delivered.sent.total() == 0 or set(delivered.sent) == {"letter"}


def test_simulating_writes_nothing(engine):
    """A dry run counts like a real one and leaves no trace."""
    planned = engine.assess(as_of=AS_OF, now=NIGHT, simulate=True)
    engine.deliver(now=NIGHT, simulate=True)
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        assert [] == list(unit.heads())
        assert [] == list(unit.entries())

    real = engine.assess(as_of=AS_OF, now=NIGHT)

    assert planned.queued == real.queued
    assert planned.by_tier == real.by_tier


def test_streams_of_a_night(night):
    """Each loan has its own stream, and the run is noted on the engine's."""
    engine, _, _ = night
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        heads = {stream.kind for stream, _, _ in unit.heads()}
        runs = list(unit.read(Stream(lender=LENDER, kind="engine", id="runs")))

    assert {"loan", "engine"} <= heads
    assert [("assess", AS_OF), ("deliver", None)] == [(r.draft.effects[0].verb, r.draft.effects[0].as_of) for r in runs]
