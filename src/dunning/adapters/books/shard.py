"""Which shard a loan belongs to: the same on every machine and in every version."""

from __future__ import annotations

import hashlib

from dunning.errors import FactsError


def in_shard(loan_id: str, shard: tuple[int, int]) -> bool:
    """
    Whether *loan_id* belongs to *shard* (index, count): the first 8 bytes of its SHA-256, modulo count.

    Raises:
        FactsError: The index is not from 0 to below count.
    """
    index, count = shard
    if not 0 <= index < count:
        raise FactsError(f"A shard is (index, count) with 0 <= index < count, not {shard}.", field="shard")
    return count == 1 or int.from_bytes(hashlib.sha256(loan_id.encode()).digest()[:8], "big") % count == index
