"""The vault in memory."""

from __future__ import annotations

from collections.abc import Iterable

from dunning.adapters.storage.digests import OwnerKey, new_key
from dunning.adapters.storage.memory_state import Transaction


class MemoryVault:
    """The vault of a `MemoryUnit`."""

    def __init__(self, transaction: Transaction, lender: str) -> None:
        self._transaction = transaction
        self._lender = lender

    def keep(self, owner: str, value: bytes) -> str:
        self._transaction.lock()
        key: OwnerKey | None = self._transaction.get("owners", (self._lender, owner))
        if key is None:
            key = new_key()
            self._transaction.put("owners", (self._lender, owner), key)
        digest = key.digest(value)
        self._transaction.put("values", (self._lender, digest), (value,))
        return digest

    def expect(self, owners: Iterable[str]) -> None:
        """Nothing to look up."""

    def look(self, digest: str) -> bytes | None:
        found: tuple[bytes | None] | None = self._transaction.get("values", (self._lender, digest))
        if found is None:
            raise KeyError(digest)
        return found[0]

    def forget(self, owner: str) -> int:
        self._transaction.lock()
        key: OwnerKey | None = self._transaction.get("owners", (self._lender, owner))
        if key is None:
            return 0
        self._transaction.drop("owners", (self._lender, owner))
        kept = [
            name
            for name, _ in self._transaction.scan("values")
            if name[0] == self._lender and name[1].startswith(f"{key.tag}:")
        ]
        for name in kept:
            self._transaction.put("values", name, (None,))
        return len(kept)
