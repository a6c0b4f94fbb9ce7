"""
A hash tree over the heads of all streams (RFC 9162, §2.1): who holds its root can be shown that one stream is in it.

Leaves and nodes are hashed with different prefixes, so that no node can pass for a leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def root(leaves: Sequence[bytes]) -> str:
    """Return the root over *leaves*, 64 hex digits. Without leaves it is the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    level = [_leaf(data) for data in leaves]
    while len(level) > 1:
        level = _above(level)
    return level[0].hex()


def proof(leaves: Sequence[bytes], index: int) -> tuple[str, ...]:
    """Return what, beside leaf *index* (from 0), is needed to compute the root: siblings from the leaf upwards."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"There is no leaf {index}; there are {len(leaves)}, counted from 0.")
    level = [_leaf(data) for data in leaves]
    path = []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):  # the last of an odd number goes up alone
            path.append(level[sibling].hex())
        level = _above(level)
        index //= 2
    return tuple(path)


def check(leaf: bytes, index: int, size: int, path: Sequence[str], expected: str) -> bool:
    """Whether *leaf* stands at *index* of a tree of *size* leaves whose root is *expected* (RFC 9162, §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, value = index, size - 1, _leaf(leaf)
    for text in path:
        try:
            sibling = bytes.fromhex(text)
        except ValueError:
            return False
        if last == 0:
            return False
        if node % 2 or node == last:
            value = _node(sibling, value)
            while node and node % 2 == 0:
                node, last = node // 2, last // 2
        else:
            value = _node(value, sibling)
        node, last = node // 2, last // 2
    return last == 0 and value.hex() == expected


def _above(level: list[bytes]) -> list[bytes]:
    pairs = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
    return pairs if len(level) % 2 == 0 else [*pairs, level[-1]]


def _leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
