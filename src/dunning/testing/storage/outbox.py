"""Promises about the outbox: every touch once, every entry with one worker at a time, every move by the table."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import evolve

from dunning.adapters.interfaces.storage import Storage
from dunning.core.outbox.allowance import Allowance, Dial
from dunning.core.outbox.transitions import IllegalMoveError, Move, State
from dunning.errors import StaleStateError, StorageError
from dunning.testing.builders import LENDER, NOON, a_touch, an_entry
from dunning.testing.storage.shared import LEASE, MINUTE, Promises, at_once, claim


class OutboxPromises(Promises):
    """S25 to S37, and S45."""

    def test_s25_a_known_key_adds_nothing(self, storage: Storage) -> None:
        """`enqueue` returns what was new; a rerun, also one that would start later, changes nothing."""
        one, two = an_entry("L-1"), an_entry("L-2")
        with storage.begin(LENDER) as unit:
            assert unit.enqueue([one, one]) == [one]
        with storage.begin(LENDER) as unit:
            claim(unit)
            assert unit.enqueue([evolve(one, not_before=NOON + MINUTE), two]) == [two]

        with storage.begin(LENDER, read_only=True) as unit:
            found = {entry.key: entry for entry in unit.entries()}
        assert found == {one.key: evolve(one, state=State.CLAIMED), two.key: two}

    @pytest.mark.parametrize("change", [{"template": "other"}, {"point_id": "other"}, {"loan_ids": ("L-1", "L-2")}])
    def test_s26_a_key_means_one_content(self, storage: Storage, change: dict[str, Any]) -> None:
        """StorageError for a known key that says something else, in the outbox or in one call; nothing is added."""
        with storage.begin(LENDER) as unit:
            with pytest.raises(StorageError):
                unit.enqueue([an_entry(), an_entry(**change)])
            assert unit.entries() == []
            unit.enqueue([an_entry()])
            with pytest.raises(StorageError):
                unit.enqueue([an_entry("L-9"), an_entry(**change)])
            assert unit.entries() == [an_entry()]

    def test_s27_a_touch_is_in_one_unfinished_entry(self, storage: Storage) -> None:
        """StorageError for a second one, in the outbox or in the same call; a finished entry frees its touches."""
        first = an_entry(touches=(a_touch("L-1"), a_touch("L-2")), loan_ids=("L-1", "L-2"))
        second = an_entry(touches=(a_touch("L-2"),), loan_ids=("L-2",))
        with storage.begin(LENDER) as unit:
            with pytest.raises(StorageError):
                unit.enqueue([first, second])
            assert unit.enqueue([first]) == [first]
            with pytest.raises(StorageError):
                unit.enqueue([second])
            assert unit.entries() == [first]
            unit.settle(first.key, Move.CANCEL, token=None, now=NOON)
            assert unit.enqueue([second]) == [second]

    def test_s28_an_unknown_entry_tried_again_takes_its_touches_back(self, storage: Storage) -> None:
        """StorageError if another entry has one meanwhile, and then the entry stays unknown."""
        first = an_entry(touches=(a_touch("L-1"), a_touch("L-2")), loan_ids=("L-1", "L-2"))
        second = an_entry(touches=(a_touch("L-2"),), loan_ids=("L-2",))
        with storage.begin(LENDER) as unit:
            unit.enqueue([first])
            (held,) = claim(unit)
            unit.settle(first.key, Move.RESERVE, token=held.token, now=NOON)
            unit.settle(first.key, Move.NO_ANSWER, token=held.token, now=NOON)
            unit.enqueue([second])
            with pytest.raises(StorageError):
                unit.settle(first.key, Move.RETRY, token=None, now=NOON)
            assert unit.entries(keys=[first.key])[0].state is State.UNKNOWN
            unit.settle(second.key, Move.CANCEL, token=None, now=NOON)
            assert unit.settle(first.key, Move.RETRY, token=None, now=NOON).state is State.WAITING
            with pytest.raises(StorageError):
                unit.enqueue([an_entry(touches=(a_touch("L-1"),), template="other")])

    def test_s29_an_entry_begins_waiting(self, storage: Storage) -> None:
        """StorageError for one that claims to have lived already."""
        with storage.begin(LENDER) as unit, pytest.raises(StorageError):
            unit.enqueue([an_entry(state=State.DELIVERED)])

    def test_s30_entries_are_found(self, storage: Storage) -> None:
        """By any of the loans or any of the keys, in any of the states, sorted by key; without loans and keys, all."""
        one, two, three = an_entry("L-1"), an_entry("L-2"), an_entry("L-3", loan_ids=("L-3", "L-1"))
        with storage.begin(LENDER) as unit:
            unit.enqueue([one, two, three])
            cancelled = unit.settle(three.key, Move.CANCEL, token=None, now=NOON, reason="paid")

        def by_key(*entries: object) -> list[object]:
            return sorted(entries, key=lambda entry: entry.key)  # type: ignore[attr-defined]

        with storage.begin(LENDER, read_only=True) as unit:
            assert unit.entries() == by_key(one, two, cancelled)
            assert unit.entries(loan_ids=["L-1"]) == by_key(one, cancelled)
            assert unit.entries(loan_ids=["L-1"], keys=[two.key, "no such key"]) == by_key(one, two, cancelled)
            assert unit.entries(loan_ids=["L-1"], states=[State.WAITING]) == [one]
            assert unit.entries(states=[State.CANCELLED]) == [cancelled]
            assert unit.entries(loan_ids=["no such loan"]) == []

    def test_s31_what_is_due_is_claimed_in_order(self, storage: Storage) -> None:
        """Highest priority first, then earliest `not_before`, then key; at most `limit`; nothing before its time."""
        early, late = NOON - 2 * MINUTE, NOON - MINUTE
        entries = {
            "urgent": an_entry("L-1", priority=9),
            "early": an_entry("L-2", not_before=early),
            "late": an_entry("L-3", not_before=late),
            "future": an_entry("L-4", not_before=NOON + MINUTE, priority=9),
        }
        twins = sorted([an_entry("L-5"), an_entry("L-6")], key=lambda entry: entry.key)
        with storage.begin(LENDER) as unit:
            unit.enqueue([*twins, *reversed(entries.values())])
            first, rest = claim(unit, limit=2), claim(unit)

        wanted = [entries["urgent"], entries["early"], entries["late"], *twins]
        assert [held.entry.key for held in [*first, *rest]] == [entry.key for entry in wanted]
        assert len(first) == 2  # noqa: PLR2004 - the limit
        assert {(held.entry.state, held.token, held.worker, held.lease_until) for held in [*first, *rest]} == {
            (State.CLAIMED, 1, "worker-1", NOON + LEASE)
        }

    def test_s32_a_lease_excludes_others_until_it_ends(self, storage: Storage) -> None:
        """Nobody gets the entry before `lease_until`; from then on anybody, with a higher token."""
        with storage.begin(LENDER) as unit:
            unit.enqueue([an_entry()])
            (first,) = claim(unit)
        with storage.begin(LENDER) as unit:
            assert claim(unit, at=NOON + LEASE - dt.timedelta(microseconds=1)) == []
            (second,) = claim(unit, at=NOON + LEASE, worker="worker-2")

        assert (first.token, second.token, second.entry.state) == (1, 2, State.CLAIMED)

    def test_s33_a_lost_send_is_claimed_as_sending(self, storage: Storage) -> None:
        """Whether it went out is unknown, so it does not become a fresh entry; its try stays counted."""
        with storage.begin(LENDER) as unit:
            unit.enqueue([an_entry()])
            (first,) = claim(unit)
            unit.settle(first.entry.key, Move.RESERVE, token=first.token, now=NOON)
        with storage.begin(LENDER) as unit:
            assert claim(unit, at=NOON + LEASE - MINUTE) == []
            (second,) = claim(unit, at=NOON + LEASE)
            assert (second.entry.state, second.entry.tries, second.token) == (State.SENDING, 1, 2)
            with pytest.raises(StaleStateError):
                unit.settle(first.entry.key, Move.ACCEPT, token=first.token, now=NOON + LEASE)
            assert unit.settle(first.entry.key, Move.NO_ANSWER, token=2, now=NOON + LEASE).state is State.UNKNOWN

    def test_s34_two_workers_never_hold_one_entry(self, storage: Storage) -> None:
        """Claimed at the same time in several threads, every entry goes to exactly one of them."""
        entries = [an_entry(f"L-{number}") for number in range(20)]
        with storage.begin(LENDER) as unit:
            unit.enqueue(entries)
        held: list[str] = []

        def work(worker: str) -> None:
            while len(held) <= len(entries):  # a storage that claims twice would go on for ever
                with storage.begin(LENDER) as unit:
                    claims = claim(unit, limit=3, worker=worker)
                if not claims:
                    return
                held.extend(one.entry.key for one in claims)

        assert at_once(lambda: work("worker-1"), lambda: work("worker-2"), lambda: work("worker-3")) == []
        assert sorted(held) == sorted(entry.key for entry in entries)

    def test_s35_a_move_is_kept(self, storage: Storage) -> None:
        """`settle` returns what is then in the outbox: RESERVE counts a try, what is stated replaces what was there."""
        entry = an_entry()
        with storage.begin(LENDER) as unit:
            unit.enqueue([entry])
            (held,) = claim(unit)
            allowance = Allowance(dials=(Dial(point_id="P-1-mobile"),), quota=1)
            sending = unit.settle(entry.key, Move.RESERVE, token=1, now=NOON, allowance=allowance, lead="another")
            reserved = evolve(held.entry, state=State.SENDING, tries=1, tried_at=NOON, allowance=allowance)
            assert sending == evolve(reserved, lead="another")
            handed = unit.settle(
                entry.key,
                Move.HAND_OVER,
                token=1,
                now=NOON,
                result="handed_over",
                reference="row 7",
                until=NOON + LEASE,
                lead="",
            )
        sending = evolve(sending, lead="")
        worked = evolve(sending, state=State.WORKED, result="busy", reason="x", reference="row 7", until=NOON + LEASE)
        with storage.begin(LENDER) as unit:
            assert unit.entries() == [handed]
            assert claim(unit, at=NOON + 2 * LEASE) == []
            assert unit.settle(entry.key, Move.RESULT, token=None, now=NOON, result="busy", reason="x") == worked
            assert unit.entries() == [worked]

    def test_s36_only_the_last_holder_settles(self, storage: Storage) -> None:
        """StaleStateError for an old token, a token of nobody, or none at all for a held entry; nothing changes."""
        entry = an_entry()
        with storage.begin(LENDER) as unit:
            unit.enqueue([entry])
            claim(unit)
            claim(unit, at=NOON + LEASE)
            for token in (None, 1, 3):
                with pytest.raises(StaleStateError):
                    unit.settle(entry.key, Move.POSTPONE, token=token, now=NOON)
            assert unit.entries()[0].state is State.CLAIMED
            later = NOON + dt.timedelta(hours=1)
            assert unit.settle(entry.key, Move.POSTPONE, token=2, now=NOON, not_before=later).not_before == later
            # The lease went with the postponement, and so did the old due time.
            assert claim(unit, at=later - MINUTE) == []
            assert claim(unit, at=later)[0].token == 3  # noqa: PLR2004 - the third claim

    def test_s37_only_moves_of_the_table_are_made(self, storage: Storage) -> None:
        """IllegalMoveError for any other, also for CLAIM without a claim; StorageError for a key that nobody knows."""
        entry = an_entry()
        with storage.begin(LENDER) as unit:
            unit.enqueue([entry])
            for move in (Move.ACCEPT, Move.CLAIM, Move.RESERVE):
                with pytest.raises(IllegalMoveError):
                    unit.settle(entry.key, move, token=None, now=NOON)
            with pytest.raises(StorageError):
                unit.settle("no such key", Move.CANCEL, token=None, now=NOON)
            assert unit.entries() == [entry]

    def test_s45_named_entries_are_claimed_where_they_are_due(self, storage: Storage) -> None:
        """With `keys`, only those: by the same order and limit, and never what is not due or held by somebody."""
        due, other, held, future = (
            an_entry("L-1"),
            an_entry("L-2", priority=9),
            an_entry("L-3"),
            an_entry("L-4", not_before=NOON + MINUTE),
        )
        named = [future.key, held.key, due.key, "no such key"]
        with storage.begin(LENDER) as unit:
            unit.enqueue([held])
            claim(unit)
            unit.enqueue([due, other, future])
            found = unit.claim(now=NOON, limit=9, lease=LEASE, worker="worker-2", keys=named)
            assert [one.entry.key for one in found] == [due.key]
            late = unit.claim(now=NOON + LEASE, limit=1, lease=LEASE, worker="worker-2", keys=named)
            assert [one.entry.key for one in late] == [min(held.key, due.key)]
            assert [one.entry.key for one in claim(unit)] == [other.key]
