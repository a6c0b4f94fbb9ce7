"""
A digest of rows: two numbers of 64 bits a row, and sums of them, so that the order of rows does not count.

Each cell becomes 64 bits, and each bit of it moves about half of the bits of its row's digest (the mixer is the
finalizer of SplitMix64: Steele, Lea, Flood, OOPSLA 2014). It tells changes apart, and keeps no secret.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from dunning.adapters.books.columns.kinds import one

_WORD, _LONGEST = 8, 512  # bytes of a word; words of a text that are taken one after another
_BITS = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15
_NULL = np.uint64(0x6A09E667F3BCC909)
_LANES = (0x243F6A8885A308D3, 0x13198A2E03707344)


def digests(table: Any, names: Iterable[str], seed: str) -> Any:
    """
    Return a digest of each row of the Arrow *table*, shape (rows, 2), uint64.

    Args:
        names: The columns, in the order in which they count; one that is missing is all null.
        seed: What the rows are: equal rows of two tables differ.
    """
    start = number(seed)
    lanes = np.empty((2, table.num_rows), np.uint64)
    for lane, base in zip(lanes, _LANES, strict=True):
        lane[:] = start ^ base
    for place, name in enumerate(names, start=1):
        salt = np.uint64((_GOLDEN * place) & _BITS)
        found = cells(one(table.column(name))) if name in table.column_names else _NULL
        lanes ^= found + salt if isinstance(found, np.ndarray) else np.uint64((int(found) + int(salt)) & _BITS)
        mix(lanes)
    return lanes.T


def summed(codes: Any, values: Any, size: int) -> Any:
    """Return the sums, modulo 2^64, of the rows of *values* that have each of the codes from 0 to below *size*."""
    sums = np.zeros((size, values.shape[1]), np.uint64)
    if not len(codes):
        return sums
    if (codes[1:] < codes[:-1]).any():
        order = np.argsort(codes, kind="stable")
        codes, values = codes[order], values[order]
    starts = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))
    sums[codes[starts]] = np.add.reduceat(values, starts, axis=0)
    return sums


def number(text: str) -> int:
    """Return 64 bits of *text*, however long."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=_WORD).digest(), "little")


def mix(values: Any) -> Any:
    """Mix the bits of each of *values*, uint64, in place; no two become one."""
    scratch = values >> np.uint64(30)
    values ^= scratch
    values *= np.uint64(0xBF58476D1CE4E5B9)
    np.right_shift(values, np.uint64(27), out=scratch)
    values ^= scratch
    values *= np.uint64(0x94D049BB133111EB)
    np.right_shift(values, np.uint64(31), out=scratch)
    values ^= scratch
    return values


def cells(array: Any) -> Any:
    """Return 64 bits for each cell of an Arrow array; one number where all are null."""
    if array.null_count == len(array):
        return _NULL
    found = texts(array) if pa.types.is_string(array.type) else _numbers(array)
    if array.null_count:
        found[array.is_null().to_numpy(zero_copy_only=False)] = _NULL
    return found


def _numbers(array: Any) -> Any:
    kind = array.type
    if pa.types.is_boolean(kind):
        found = array.cast(pa.int8()).fill_null(0).to_numpy().astype(np.uint64)
    elif pa.types.is_decimal128(kind):
        words = np.frombuffer(array.buffers()[1], "<u8").reshape(-1, 2)[array.offset : array.offset + len(array)]
        found = mix(words[:, 1] ^ np.uint64(number(str(kind)))) ^ words[:, 0]
    else:
        whole = np.int32 if kind.bit_width == np.iinfo(np.int32).bits else np.int64
        start = array.offset
        found = np.frombuffer(array.buffers()[1], whole)[start : start + len(array)].astype(np.int64).view(np.uint64)
    return mix(found ^ np.uint64(number(str(kind))))


def texts(array: Any) -> Any:
    """Return 64 bits for each text of an Arrow array of text; what a null gives is nothing to go by."""
    rows = len(array)
    _, at, data = array.buffers()
    if not rows or data is None:
        return mix(np.full(rows, number("text"), np.uint64))
    offsets = np.frombuffer(at, np.int32)[array.offset : array.offset + rows + 1].astype(np.int64)
    first, last = int(offsets[0]), int(offsets[-1])
    padded = np.zeros(last - first + _WORD, np.uint8)
    padded[: last - first] = np.frombuffer(data, np.uint8)[first:last]
    windows = np.ndarray((last - first + 1,), "<u8", padded, strides=(1,))
    lengths, starts = np.diff(offsets), offsets[:-1] - first
    found = mix(lengths.astype(np.uint64) ^ np.uint64(number("text")))
    words = (lengths + _WORD - 1) // _WORD
    for row in np.flatnonzero(words > _LONGEST).tolist():
        whole = padded[starts[row] : starts[row] + lengths[row]].tobytes()
        found[row] = int.from_bytes(hashlib.blake2b(whole, digest_size=_WORD).digest(), "little")
        words[row] = 0
    for place in range(int(words.max())):
        there = slice(None) if words.min() > place else np.flatnonzero(words > place)
        word = windows[starts[there] + place * _WORD]
        left = lengths[there] - place * _WORD
        short = left < _WORD
        if short.any():
            bits = np.where(short, left * _WORD, 0).astype(np.uint64)
            word &= np.where(short, (np.uint64(1) << bits) - np.uint64(1), np.uint64(_BITS))
        found[there] = mix(found[there] ^ word)
    return found
