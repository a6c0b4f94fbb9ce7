"""What the promises start from."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pytest
from attrs import evolve, frozen

from dunning.adapters.interfaces.storage import Storage, Unit
from dunning.core.journal.effects import ContactLogged
from dunning.core.journal.fold import fold
from dunning.core.journal.record import Draft, Record
from dunning.core.journal.snapshot import Snapshot
from dunning.core.outbox.entry import Claim
from dunning.testing.builders import LENDER, NOON, a_contact, a_draft, a_stream, an_entry

MINUTE = dt.timedelta(minutes=1)
LEASE = 5 * MINUTE
PATIENCE = 30  # seconds until a thread counts as stuck; a storage may wait as long itself


class Handle(Protocol):
    """A host's open transaction."""

    def commit(self) -> object: ...

    def rollback(self) -> object: ...


class Promises:
    """The fixtures that whoever adopts the kit gives."""

    @pytest.fixture
    def storage(self) -> Storage:
        raise NotImplementedError("Give a fixture `storage`: an empty storage, prepared.")

    @pytest.fixture
    def handle(self, storage: Storage) -> Handle:
        raise NotImplementedError("Give a fixture `handle`: a host's open transaction on the same storage.")


def append(unit: Unit, *drafts: Draft, snapshots: Sequence[Snapshot] = ()) -> Sequence[Record]:
    """Append *drafts* after what their streams hold."""
    streams = {draft.stream for draft in drafts}
    expected = {stream: snapshot.seq for stream, snapshot in unit.cases(streams).items()}
    return unit.append(drafts, expected=expected, snapshots=snapshots, recorded_at=NOON)


def claim(unit: Unit, *, at: dt.datetime = NOON, limit: int = 10, worker: str = "worker-1") -> Sequence[Claim]:
    """Claim for five minutes."""
    return unit.claim(now=at, limit=limit, lease=LEASE, worker=worker)


def write_everything(unit: Unit) -> str:
    """Leave one of everything that a unit can leave; return the digest of what it kept in the vault."""
    draft = a_draft(effects=(ContactLogged(contact=a_contact()),))
    snapshot = evolve(unit.cases([draft.stream])[draft.stream], seq=1)
    snapshot = evolve(snapshot, case=fold(snapshot.case, draft.effects))
    append(unit, draft, snapshots=[snapshot])
    unit.enqueue([an_entry()])
    unit.advance("teller", 1)
    return unit.vault.keep("P-1", b"what was said")


@frozen
class Seen:
    """Everything that one unit can see of what `write_everything` leaves."""

    records: int
    folded: int
    entries: int
    contacts: int
    told: int
    kept: bool


NOTHING = Seen(0, 0, 0, 0, 0, False)  # noqa: FBT003 - the columns of Seen
EVERYTHING = Seen(1, 1, 1, 1, 1, True)  # noqa: FBT003


def look_around(unit: Unit, digest: str) -> Seen:
    """Return what *unit* sees."""
    stream = a_stream()
    try:
        kept = unit.vault.look(digest) == b"what was said"
    except KeyError:
        kept = False
    return Seen(
        records=len(list(unit.read(stream))) + (unit.end().position != len(unit.since(0, limit=10))),
        folded=unit.cases([stream])[stream].seq,
        entries=len(unit.entries()),
        contacts=len(unit.history(["person:P-1"], since=NOON)),
        told=unit.cursor("teller"),
        kept=kept,
    )


def seen(storage: Storage, digest: str, lender: str = LENDER) -> Seen:
    """Return what a new unit sees."""
    with storage.begin(lender, read_only=True) as unit:
        return look_around(unit, digest)


def at_once(*jobs: Callable[[], Any]) -> list[BaseException]:
    """Run *jobs* in a thread each; return what they raised. AssertionError if one is stuck."""
    raised: list[BaseException] = []

    def run(job: Callable[[], Any]) -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - a thread would swallow it
            raised.append(error)

    threads = [threading.Thread(target=run, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "a unit waits for ever"
    return raised
