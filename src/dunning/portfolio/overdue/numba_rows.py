"""The compiled way from rows to lists: each row is put where the next one of its loan goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from dunning.portfolio.overdue.numba_arrays import compiled, read_only

_THREADS = 2  # more would only wait for memory


def collected(codes: Any, there: Any, loans: int, keys: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return what `grouping.collected` does."""
    codes = read_only(np.ascontiguousarray(codes).view(np.uint64))
    at = np.zeros(loans + 1, np.int64)
    _count(codes, read_only(there), at)
    np.cumsum(at, out=at)
    places = np.empty(len(codes), np.uint32 if len(codes) < np.iinfo(np.uint32).max else np.uint64)
    _place(codes, read_only(there), at[:-1].copy(), at[-1], places)
    with ThreadPoolExecutor(_THREADS) as pool:
        return at, tuple(pool.map(lambda key: _put(key, places, int(at[-1])), keys))


def _put(values: Any, places: Any, rows: int) -> Any:
    found = np.empty(rows + 1, values.dtype)
    _scatter(read_only(np.ascontiguousarray(values)), places, found)
    return found[:-1]


@compiled
def _count(codes: Any, there: Any, lengths: Any) -> None:
    """Count the rows of each loan, a place further on, so that sums are where lists begin."""
    for row in range(len(codes)):
        if there[row]:
            lengths[codes[row] + np.uint64(1)] += 1


@compiled
def _place(codes: Any, there: Any, following: Any, nowhere: Any, places: Any) -> None:
    """Say where each row goes; those that are not there go behind all others."""
    for row in range(len(codes)):
        if there[row]:
            code = codes[row]
            places[row] = following[code]
            following[code] += 1
        else:
            places[row] = nowhere


@compiled
def _scatter(values: Any, places: Any, out: Any) -> None:
    for row in range(len(values)):
        out[places[row]] = values[row]
