"""Ids as places from 0 up: equal ids have one place. What is not stated has none, -1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_SPREAD = 4  # places for each number at most: where ids are further apart, they are looked up
_FEW = 1024  # places that are always spent


def ranked(column: Sequence[Any], kind: Any) -> tuple[Any, Any]:
    """
    Return the ids of *column*, pieces of ids of type *kind*, each once and ascending; and the place of each among them.

    Args:
        column: Texts may be in dictionaries.
    """
    places, ids = coded(column, kind)
    if isinstance(ids, int):  # all numbers from that one on
        width = int(places.max(initial=-1)) + 1
        seen = np.zeros(width + 1, bool)
        seen[places] = True  # the last one: of none
        there = seen[:width]
        if there.all():
            return pa.array(np.arange(ids, ids + width)), places
        ranks = np.cumsum(seen) - 1
        ranks[-1] = -1
        return pa.array(np.flatnonzero(there) + ids), ranks[places]
    if len(ids) < 2 or pc.all(pc.less(ids.slice(0, len(ids) - 1), ids.slice(1))).as_py():  # noqa: PLR2004
        return ids, places
    order = pc.sort_indices(ids)
    ranks = np.empty(len(ids) + 1, np.int64)
    ranks[order.to_numpy()] = np.arange(len(ids))
    ranks[-1] = -1
    return ids.take(order), ranks[places]


def coded(column: Sequence[Any], kind: Any) -> tuple[Any, Any]:
    """
    Return a place for each id of *column*, and the ids by place; a whole number stands for all from it on.

    Numbers that lie near each other are their own places, less the smallest.
    """
    if pa.types.is_integer(kind):
        return _numbers(column)
    if not any(isinstance(chunk, pa.DictionaryArray) for chunk in column):
        return _looked_up(pa.chunked_array(column, kind))
    parts = [chunk if isinstance(chunk, pa.DictionaryArray) else chunk.dictionary_encode() for chunk in column]
    of_parts, ids = _looked_up(pa.chunked_array([part.dictionary for part in parts], kind))
    places, start = [], 0
    for part in parts:
        stop = start + len(part.dictionary)
        of_part = np.append(of_parts[start:stop], -1)
        places.append(of_part[part.indices.fill_null(stop - start).to_numpy(zero_copy_only=False)])
        start = stop
    return places[0] if len(places) == 1 else np.concatenate(places), ids


def _looked_up(column: Any) -> tuple[Any, Any]:
    found = column.combine_chunks().dictionary_encode()
    found = found if isinstance(found, pa.DictionaryArray) else found.combine_chunks()
    indices = found.indices.fill_null(-1) if found.indices.null_count else found.indices
    return indices.to_numpy(zero_copy_only=False).astype(np.int64), found.dictionary


def _numbers(column: Sequence[Any]) -> tuple[Any, Any]:
    nulls = sum(chunk.null_count for chunk in column)
    stated = [(chunk.drop_null() if chunk.null_count else chunk).to_numpy(zero_copy_only=False) for chunk in column]
    values = stated[0] if len(stated) == 1 else np.concatenate([np.zeros(0, np.int64), *stated])
    if not len(values):
        return np.full(nulls, -1), 0
    low, high = int(values.min()), int(values.max())
    if high - low >= _SPREAD * len(values) + _FEW:
        return _looked_up(pa.chunked_array(column, pa.int64()))
    values = values if low == 0 else values - low
    if not nulls:
        return values, low
    places = np.full(len(values) + nulls, -1)
    places[np.concatenate([chunk.is_valid().to_numpy(zero_copy_only=False) for chunk in column])] = values
    return places, low
