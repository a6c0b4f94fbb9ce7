"""Ids as places from 0 up: equal ids have one place. What is not stated has none, -1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NOWHERE = -1
# How many places are spent on whole numbers at most: where those are further apart, they are sorted.
_FEW = 2**10  # on any
_MANY = 2**24  # that is 64 MB, if there is a number for one place in 32


def ranked(column: Sequence[Any], kind: Any) -> tuple[Any, list[Any]]:
    """
    Return the ids of *column*, each once and ascending, and the place of each cell among them, piece by piece.

    Args:
        column: Pieces of ids of type *kind*; texts may be in dictionaries.
    """
    pieces, ids = coded(column, kind)
    if isinstance(ids, int):
        width = max((int(places.max(initial=-1)) for places in pieces), default=-1) + 1
        there = np.zeros(width + 1, bool)
        for places in pieces:
            there[places] = True
        found = np.flatnonzero(there[:-1])  # the last one is that of what is not stated
        values, ranks = pa.array(found + ids), np.full(width + 1, NOWHERE)
        if len(found) == width:
            return values, pieces
        ranks[found] = np.arange(len(found))
        return values, [ranks[places] for places in pieces]
    if pc.all(pc.less(ids[:-1], ids[1:])).as_py():
        return ids, pieces
    order = pc.sort_indices(ids)
    ranks = np.full(len(ids) + 1, NOWHERE)
    ranks[order.to_numpy()] = np.arange(len(ids))
    return ids.take(order), [ranks[places] for places in pieces]


def coded(column: Sequence[Any], kind: Any) -> tuple[list[Any], Any]:
    """
    Return a place for each cell of *column*, piece by piece, and the ids by place, each once.

    Numbers that lie near each other are their own places, less the smallest, which is returned in place of ids.
    """
    if not pa.types.is_integer(kind):
        return _looked_up(column, kind)
    stated = [(chunk.drop_null() if chunk.null_count else chunk).to_numpy(zero_copy_only=False) for chunk in column]
    low = min((int(values.min()) for values in stated if len(values)), default=0)
    high = max((int(values.max()) for values in stated if len(values)), default=0)
    numbers = sum(map(len, stated))
    room = min(32 * numbers, max(4 * numbers, _MANY)) + _FEW
    if high - low >= room:
        ids, places = np.unique(np.concatenate(stated), return_inverse=True)
        stated = np.split(places, np.cumsum([len(values) for values in stated])[:-1])
        return [_less(chunk, values, 0) for chunk, values in zip(column, stated, strict=True)], pa.array(ids)
    low = 0 if 0 <= low and high < room else low
    return [_less(chunk, values, low) for chunk, values in zip(column, stated, strict=True)], low


def _less(chunk: Any, stated: Any, low: int) -> Any:
    stated = stated - low if low else stated
    if not chunk.null_count:
        return stated
    places = np.full(len(chunk), NOWHERE)
    places[chunk.is_valid().to_numpy(zero_copy_only=False)] = stated
    return places


def _looked_up(column: Sequence[Any], kind: Any) -> tuple[list[Any], Any]:
    if not any(isinstance(chunk, pa.DictionaryArray) for chunk in column):
        coded_all = _encoded(pa.chunked_array(column, kind).combine_chunks())
        places, ends = _indices(coded_all), np.cumsum([len(chunk) for chunk in column])
        return np.split(places, ends[:-1]), coded_all.dictionary
    parts = [chunk if isinstance(chunk, pa.DictionaryArray) else _encoded(chunk) for chunk in column]
    own = [part.dictionary.cast(kind) for part in parts]
    shared = _encoded(pa.concat_arrays(own))  # a dictionary may have an id twice, and others have it, too
    ends = np.cumsum([len(each) for each in own])
    of_parts = np.split(_indices(shared), ends[:-1])
    return [
        np.append(of_part, NOWHERE)[_indices(part)] for of_part, part in zip(of_parts, parts, strict=True)
    ], shared.dictionary


def _encoded(chunk: Any) -> Any:
    found = chunk.dictionary_encode()
    return found if isinstance(found, pa.DictionaryArray) else found.combine_chunks()


def _indices(coded_chunk: Any) -> Any:
    indices = coded_chunk.indices
    indices = indices.fill_null(NOWHERE) if indices.null_count else indices
    return indices.to_numpy(zero_copy_only=False).astype(np.int64)
