"""The vault in SQL."""

from __future__ import annotations

from collections.abc import Iterable

from dunning.adapters.storage.digests import OwnerKey, genuine, new_key
from dunning.adapters.storage.sql.statements import Statements
from dunning.adapters.storage.sql.wire import Wire


class SqlVault:
    """
    The vault of one lender, as one unit sees it.

    What is kept, and whose key is new, is written with the next look that needs it or at the end of the unit, many at
    once.
    """

    def __init__(self, wire: Wire, sql: Statements, lender: str) -> None:
        self._wire = wire
        self._sql = sql
        self._lender = lender
        self._keys: dict[str, OwnerKey] = {}
        self._tags: dict[str, OwnerKey] = {}
        self._new: dict[str, OwnerKey] = {}
        self._absent: set[str] = set()
        self._digests: dict[tuple[str, bytes], str] = {}
        self._waiting: dict[str, tuple[str, bytes]] = {}
        self.forgot = False

    def expect(self, owners: Iterable[str]) -> None:
        wanted = [owner for owner in dict.fromkeys(owners) if owner not in self._keys]
        known = {
            row.owner: OwnerKey(row.tag, row.key)
            for row in self._wire.among(self._sql.some_owners, "owners", wanted, lender=self._lender)
        }
        self._keys |= known
        self._absent |= set(wanted) - known.keys()

    def keep(self, owner: str, value: bytes) -> str:
        self._wire.writing()
        key = self._keys.get(owner)
        if key is None and owner not in self._absent:
            key = self._key(owner)
        if key is None:
            key = self._new[owner] = new_key()
            self._absent.discard(owner)
        self._keys[owner] = key
        digest = self._digests.get((owner, value))
        if digest is None:
            digest = self._digests[owner, value] = key.digest(value)
            self._waiting[digest] = (key.tag, value)
        return digest

    def look(self, digest: str) -> bytes | None:
        waiting = self._waiting.get(digest)
        if waiting is not None:
            return waiting[1]
        found = self._wire.rows(self._sql.look, lender=self._lender, digest=digest)
        if not found:
            raise KeyError(digest)
        return genuine(found[0].value, digest, self._tagged(digest.partition(":")[0]))

    def forget(self, owner: str) -> int:
        self._wire.writing()
        self.flush()
        key = self._key(owner)
        self._keys.pop(owner, None)
        self._absent.discard(owner)
        self._digests.clear()
        if key is None:
            return 0
        self.forgot = True
        self._tags.pop(key.tag, None)
        self._wire.write(self._sql.drop_owner, {"lender": self._lender, "named": owner})
        return self._wire.write(self._sql.forget, {"of_lender": self._lender, "of_tag": key.tag})

    def flush(self) -> None:
        """Write what waits."""
        new, self._new = self._new, {}
        self._wire.write(
            self._sql.add_owner,
            *({"lender": self._lender, "owner": owner, "tag": key.tag, "key": key.key} for owner, key in new.items()),
        )
        waiting, self._waiting = self._waiting, {}
        if waiting:
            self._wire.write(
                self._sql.keep,
                *(
                    {"lender": self._lender, "digest": digest, "tag": tag, "value": value}
                    for digest, (tag, value) in waiting.items()
                ),
            )

    def _tagged(self, tag: str) -> OwnerKey | None:
        if tag not in self._tags:
            found = self._wire.rows(self._sql.owner_tagged, lender=self._lender, named=tag)
            if not found:
                return None
            self._tags[tag] = OwnerKey(found[0].tag, found[0].key)
        return self._tags[tag]

    def _key(self, owner: str) -> OwnerKey | None:
        found = self._wire.rows(self._sql.owner, lender=self._lender, named=owner)
        return OwnerKey(found[0].tag, found[0].key) if found else None
