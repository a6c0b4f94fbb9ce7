"""Promises about units of work: all or nothing, alone or in a host's transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from dunning.adapters.interfaces.storage import Storage, Unit
from dunning.core.outbox.transitions import Move
from dunning.errors import StorageError
from dunning.testing.builders import LENDER, NOON, a_draft, a_stream, an_entry
from dunning.testing.storage.shared import (
    EVERYTHING,
    NOTHING,
    PATIENCE,
    Handle,
    Promises,
    append,
    at_once,
    claim,
    look_around,
    seen,
    write_everything,
)

_WRITES: dict[str, Callable[[Unit], Any]] = {
    "append": lambda unit: unit.append([a_draft()], expected={a_stream(): 0}, recorded_at=NOON),
    "enqueue": lambda unit: unit.enqueue([an_entry()]),
    "claim": claim,
    "settle": lambda unit: unit.settle(an_entry().key, Move.CANCEL, token=None, now=NOON),
    "advance": lambda unit: unit.advance("teller", 0),
    "lock": lambda unit: unit.lock(["person:P-1"]),
    "keep": lambda unit: unit.vault.keep("P-1", b"value"),
    "forget": lambda unit: unit.vault.forget("P-1"),
}


class _HostStopsError(Exception):
    """What a host's own code raises."""


def _write_and_raise(unit: Unit, digests: list[str]) -> None:
    digests.append(write_everything(unit))
    raise _HostStopsError


class UnitPromises(Promises):
    """S1 to S14."""

    def test_s1_a_unit_that_ends_well_stays(self, storage: Storage) -> None:
        """Records, snapshots, entries, ledger lines, cursors and kept values are there afterwards, all of them."""
        with storage.begin(LENDER) as unit:
            digest = write_everything(unit)

        assert seen(storage, digest) == EVERYTHING

    def test_s2_a_unit_that_raises_leaves_nothing(self, storage: Storage) -> None:
        """Whatever it wrote is gone, and the exception comes out as it was."""
        digests: list[str] = []
        with pytest.raises(_HostStopsError), storage.begin(LENDER) as unit:
            _write_and_raise(unit, digests)

        assert seen(storage, digests[0]) == NOTHING
        with storage.begin(LENDER) as unit:
            assert [record.position for record in append(unit, a_draft())] == [1]

    def test_s3_only_the_unit_itself_sees_what_it_writes(self, storage: Storage) -> None:
        """It sees its own writes at once; nobody else does before it ends."""
        with storage.begin(LENDER) as unit:
            digest = write_everything(unit)

            assert look_around(unit, digest) == EVERYTHING
            assert seen(storage, digest) == NOTHING

    def test_s4_a_read_only_unit_sees_one_state(self, storage: Storage) -> None:
        """What others commit meanwhile does not reach it, and it does not stop them."""
        with storage.begin(LENDER, read_only=True) as reader:
            assert reader.end().position == 0
            with storage.begin(LENDER) as unit:
                digest = write_everything(unit)

            assert look_around(reader, digest) == NOTHING
        assert seen(storage, digest) == EVERYTHING

    @pytest.mark.parametrize("write", _WRITES)
    def test_s5_a_read_only_unit_writes_nothing(self, storage: Storage, write: str) -> None:
        """StorageError from each method that writes, locks or claims."""
        with storage.begin(LENDER, read_only=True) as reader, pytest.raises(StorageError):
            _WRITES[write](reader)

    @pytest.mark.parametrize("write", _WRITES)
    def test_s6_a_unit_that_ended_does_nothing(self, storage: Storage, write: str) -> None:
        """StorageError from a unit that somebody kept beyond its block."""
        with storage.begin(LENDER) as unit:
            pass

        with pytest.raises(StorageError):
            _WRITES[write](unit)
        with pytest.raises(StorageError):
            unit.cases([a_stream()])

    def test_s7_lenders_do_not_meet(self, storage: Storage) -> None:
        """What one lender wrote, under whatever key, another lender does not see, and cannot write."""
        with storage.begin(LENDER) as unit:
            digest = write_everything(unit)

        with storage.begin("other") as unit:
            assert unit.entries(keys=[an_entry().key], loan_ids=["L-1"]) == []
            assert claim(unit) == []
            assert unit.history(["person:P-1"], since=NOON) == []
            assert (list(unit.heads()), list(unit.lines()), unit.since(0, limit=10)) == ([], [], [])
            assert (unit.end().position, unit.cursor("teller"), unit.vault.forget("P-1")) == (0, 0, 0)
            with pytest.raises(KeyError):
                unit.vault.look(digest)
            with pytest.raises(StorageError):
                unit.cases([a_stream()])
            with pytest.raises(StorageError):
                list(unit.read(a_stream()))
            with pytest.raises(StorageError):
                unit.append([a_draft()], expected={a_stream(): 1}, recorded_at=NOON)
            with pytest.raises(StorageError):
                unit.enqueue([an_entry()])
        assert seen(storage, digest) == EVERYTHING

    def test_s8_a_joined_unit_stays_when_the_host_commits(self, storage: Storage, handle: Handle) -> None:
        """Nothing is there before the host commits, and all of it afterwards."""
        with storage.join(handle, LENDER) as unit:
            digest = write_everything(unit)

        assert seen(storage, digest) == NOTHING
        handle.commit()
        assert seen(storage, digest) == EVERYTHING

    def test_s9_a_joined_unit_goes_when_the_host_rolls_back(self, storage: Storage, handle: Handle) -> None:
        """Nothing of ours is left."""
        with storage.join(handle, LENDER) as unit:
            digest = write_everything(unit)
        with storage.join(handle, LENDER) as unit:
            assert look_around(unit, digest) == EVERYTHING
        handle.rollback()

        assert seen(storage, digest) == NOTHING

    def test_s10_a_joined_unit_that_raises_takes_back_its_own_work(self, storage: Storage, handle: Handle) -> None:
        """A host that catches the exception and commits keeps what came before, and no half of what raised."""
        with storage.join(handle, LENDER) as unit:
            append(unit, a_draft("L-2"))
        digests: list[str] = []
        with pytest.raises(_HostStopsError), storage.join(handle, LENDER) as unit:
            _write_and_raise(unit, digests)
        handle.commit()

        with storage.begin(LENDER, read_only=True) as unit:
            assert [record.name for record in unit.since(0, limit=10)] == ["loan:L-2#1"]
            assert unit.entries() == []
            with pytest.raises(KeyError):
                unit.vault.look(digests[0])

    def test_s11_only_a_transaction_can_be_joined(self, storage: Storage) -> None:
        """StorageError, not a unit that would commit by itself."""
        with pytest.raises(StorageError), storage.join(object(), LENDER):
            pass

    def test_s12_a_locked_key_is_waited_for(self, storage: Storage) -> None:
        """A unit that locks a key which another unit holds goes on when that unit has ended, and not before."""
        locked = threading.Event()

        def second() -> None:
            with storage.begin(LENDER) as unit:
                unit.lock(["point:X", "person:P-1"])
                locked.set()

        waiting = threading.Thread(target=second, daemon=True)
        with storage.begin(LENDER) as unit:
            unit.lock(["person:P-1", "debt:L-1"])
            waiting.start()
            assert not locked.wait(0.2)
        assert locked.wait(PATIENCE)
        waiting.join(PATIENCE)

    def test_s13_locks_neither_tangle_nor_lie(self, storage: Storage) -> None:
        """Units that lock the same keys in any order all end, and what one reads after it locked stays true."""

        def count(keys: list[str]) -> None:
            for _ in range(10):
                with storage.begin(LENDER) as unit:
                    unit.lock(keys)
                    append(unit, a_draft())

        raised = at_once(lambda: count(["debt:L-1", "person:P-1"]), lambda: count(["person:P-1", "debt:L-1"]))

        assert raised == []
        with storage.begin(LENDER, read_only=True) as unit:
            assert unit.end().position == 20  # noqa: PLR2004 - twice ten

    def test_s14_prepare_and_close_may_be_repeated(self, storage: Storage) -> None:
        """Preparing again loses nothing; after closing, twice, a unit begins as before."""
        with storage.begin(LENDER) as unit:
            digest = write_everything(unit)
        storage.prepare()
        storage.close()
        storage.close()

        assert seen(storage, digest) == EVERYTHING
