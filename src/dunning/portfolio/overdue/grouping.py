"""Which rows belong to which loan, and their order: by loan, then by date, however they came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.errors import FactsError
from dunning.portfolio.overdue.sheets import LOAN_ID, Sheet

_WIDEST = 2**62


def group(sheets: Sequence[Sheet]) -> Any:
    """
    Give each row of *sheets* the code of its loan, its place among all ids, ascending; return those, an Arrow array.

    Most tables hold the rows of a loan together, so it looks at one row of each run.

    Raises:
        FactsError: Ids are text in one table and numbers in another.
    """
    types = {sheet.table.column(LOAN_ID).type: sheet.name for sheet in sheets}
    types.pop(pa.null(), None)
    if len(types) > 1:
        found = ", ".join(f"{name}: {kind}" for kind, name in types.items())
        raise FactsError(f"Loan ids are of several types ({found}). Cast them to one.", field=LOAN_ID)
    id_type = next(iter(types), pa.string())
    runs = [_runs(sheet, id_type) for sheet in sheets]
    firsts = pa.chunked_array([ids for each in runs for ids, _ in each], type=id_type)
    coded = firsts.combine_chunks().dictionary_encode()
    coded = coded if isinstance(coded, pa.DictionaryArray) else coded.combine_chunks()
    order = pc.sort_indices(coded.dictionary)
    ranks = np.empty(len(order) + 1, np.int64)
    ranks[order.to_numpy()] = np.arange(len(order))
    ranks[-1] = -1
    places = coded.indices.fill_null(len(order)).to_numpy(zero_copy_only=False)
    codes, start = ranks[places], 0
    for sheet, each in zip(sheets, runs, strict=True):
        lengths = np.concatenate([np.zeros(0, np.int64), *(lengths for _, lengths in each)])
        sheet.codes = np.repeat(codes[start : start + len(lengths)], lengths)
        start += len(lengths)
    return coded.dictionary.take(order)


def _runs(sheet: Sheet, id_type: Any) -> list[tuple[Any, Any]]:
    """Return, for each piece of a table, the id of each run of rows and the run's length."""
    found = []
    for chunk in sheet.chunks(LOAN_ID):
        if len(chunk):
            encoded = pc.run_end_encode(chunk.cast(id_type))
            ends = encoded.run_ends.to_numpy(zero_copy_only=False).astype(np.int64)
            found.append((encoded.values, np.diff(ends, prepend=0)))
    return found


def ordered(*keys: Any) -> Any:
    """
    Return the places of rows in ascending order of *keys*, the first weighing most; None if they lie so already.

    Keys are whole numbers; the first two are packed into one number, which is quicker to sort than several, and the
    rest decides among equals.
    """
    first, second, *rest = keys
    if not len(first):
        return None
    low, high = int(second.min()), int(second.max())
    span = high - low + 1
    if (int(first.max()) + 1) * span >= _WIDEST:
        return np.lexsort(keys[::-1])
    packed = first * np.int64(span) + (second.astype(np.int64) - low)
    steps = packed[1:] - packed[:-1]
    order = None
    if (steps < 0).any():
        order = np.argsort(packed, kind="stable")
        packed = packed[order]
        steps = packed[1:] - packed[:-1]
    equal = steps == 0
    if not rest or not equal.any():
        return order
    tied = np.zeros(len(packed), bool)
    tied[1:] |= equal
    tied[:-1] |= equal
    places = np.flatnonzero(tied)
    rows = places if order is None else order[places]
    sorted_rows = rows[np.lexsort((*(key[rows] for key in reversed(rest)), packed[places]))]
    if order is None:
        if np.array_equal(sorted_rows, rows):
            return None
        order = np.arange(len(packed))
    order[places] = sorted_rows
    return order


def put(order: Any, *values: Any) -> tuple[Any, ...]:
    """Return *values* in *order*; None leaves them as they are."""
    return values if order is None else tuple(each[order] for each in values)


def offsets(codes: Any, loans: int) -> Any:
    """Return where the list of each of *loans* begins, and where the last one ends, of rows with ascending *codes*."""
    at = np.zeros(loans + 1, np.int64)
    np.cumsum(np.bincount(codes, minlength=loans), out=at[1:])
    return at
