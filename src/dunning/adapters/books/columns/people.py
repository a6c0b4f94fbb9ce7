"""What the persons of a book come to: a digest of each, and whether they can be true."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen

from dunning.adapters.books.columns.digest import texts


@frozen
class People:
    """
    The persons of a book, all of them, in 50 bytes each.

    Args:
        ids: Text, ascending.
        digests: Shape (persons, 2).
        good: Whether each is a person; the others are rejected.
    """

    ids: Any
    digests: Any
    good: Any
    _keys: Any
    _order: Any

    @classmethod
    def of(cls, ids: Any, digests: Any, good: Any) -> People:
        """Return persons that can be looked up."""
        keys = texts(ids)
        order = np.argsort(keys, kind="stable")
        return cls(ids, digests, good, keys[order], order)

    def places(self, ids: Any) -> Any:
        """Return the place of each of *ids* among the persons, -1 for one who is not there."""
        if not len(self.ids) or not len(ids):
            return np.full(len(ids), -1)
        keys = texts(ids)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        found = self._order[at]
        there = pc.equal(self.ids.take(pa.array(found)), ids).fill_null(fill_value=False)
        found = np.where(there.to_numpy(zero_copy_only=False), found, -1)
        missed = np.flatnonzero((found < 0) & (self._keys[at] == keys))
        for row in missed.tolist():  # two ids of one key
            found[row] = pc.index(self.ids, ids[row]).as_py()
        return found
