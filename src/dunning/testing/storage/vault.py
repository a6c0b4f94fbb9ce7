"""Promises about the vault: kept once, and gone for good when its owner asks."""

from __future__ import annotations

import hashlib

import pytest

from dunning.adapters.interfaces.storage import Storage
from dunning.testing.builders import LENDER
from dunning.testing.storage.shared import Promises


class VaultPromises(Promises):
    """S41 to S43, and S46."""

    def test_s41_what_is_kept_is_kept_once(self, storage: Storage) -> None:
        """The same value of the same owner has one digest, also in another unit, and comes back byte by byte."""
        value = bytes(range(256))
        with storage.begin(LENDER) as unit:
            first = unit.vault.keep("P-1", value)
            assert unit.vault.keep("P-1", value) == first
        with storage.begin(LENDER) as unit:
            assert unit.vault.keep("P-1", value) == first
            empty = unit.vault.keep("P-1", b"")
            assert (unit.vault.look(first), unit.vault.look(empty)) == (value, b"")
            assert unit.vault.forget("P-1") == 2  # noqa: PLR2004 - two values, one of them kept three times
        with storage.begin(LENDER, read_only=True) as unit, pytest.raises(KeyError):
            unit.vault.look("never:kept")

    def test_s42_a_digest_tells_nothing_without_its_key(self, storage: Storage) -> None:
        """It is `tag:hex` under a random key of the owner: two owners of one value share neither part."""
        with storage.begin(LENDER) as unit:
            one, other = unit.vault.keep("P-1", b"same"), unit.vault.keep("P-2", b"same")

        (tag, digest), (other_tag, other_digest) = one.split(":"), other.split(":")
        plain = hashlib.sha256(b"same").hexdigest()
        assert len({digest, other_digest, plain}) == 3  # noqa: PLR2004 - all differ
        assert tag != other_tag
        assert "P-1" not in tag

    def test_s43_forgetting_is_for_good(self, storage: Storage) -> None:
        """None for each digest of the owner, other owners untouched; the same value kept again has a new digest."""
        with storage.begin(LENDER) as unit:
            mine = [unit.vault.keep("P-1", value) for value in (b"a", b"b")]
            theirs = unit.vault.keep("P-2", b"a")
        with storage.begin(LENDER) as unit:
            assert unit.vault.forget("P-1") == 2  # noqa: PLR2004 - both values
            assert unit.vault.forget("P-1") == 0
        with storage.begin(LENDER) as unit:
            assert [unit.vault.look(digest) for digest in mine] == [None, None]
            assert unit.vault.look(theirs) == b"a"
            again = unit.vault.keep("P-1", b"a")
            assert again not in mine
            assert unit.vault.look(mine[0]) is None

    def test_s46_to_expect_owners_changes_nothing(self, storage: Storage) -> None:
        """Known, new, forgotten or never kept for: what is kept, and under which digest, is as if nobody had asked."""
        with storage.begin(LENDER) as unit:
            mine = unit.vault.keep("P-1", b"a")
        with storage.begin(LENDER) as unit:
            unit.vault.expect(["P-1", "P-2", "P-1", "P-3"])
            assert unit.vault.keep("P-1", b"a") == mine
            theirs = unit.vault.keep("P-2", b"a")
        with storage.begin(LENDER, read_only=True) as unit:
            unit.vault.expect(["P-1", "P-3"])
            assert (unit.vault.look(mine), unit.vault.look(theirs)) == (b"a", b"a")
        with storage.begin(LENDER) as unit:
            unit.vault.expect(["P-1", "P-2", "P-3"])
            assert (unit.vault.forget("P-1"), unit.vault.forget("P-3")) == (1, 0)
            assert unit.vault.keep("P-1", b"a") != mine
            assert unit.vault.keep("P-2", b"a") == theirs
            assert unit.vault.look(mine) is None
