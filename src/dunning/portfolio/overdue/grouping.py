"""Which rows belong to which loan, and their order: by loan, then by date, however they came."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.errors import FactsError
from dunning.portfolio.overdue.coding import ranked
from dunning.portfolio.overdue.lists import running
from dunning.portfolio.overdue.sheets import LOAN_ID, Sheet, is_text

_NONE = np.empty(0, np.int64)
_WIDEST = 2**62
_LONG = 2**20  # rows from which on compiled code is worth what it takes to load
_DIGIT = 10  # bits by which rows are sorted at once: so few piles that the ends of all stay at hand
_SHORTEST = 2  # rows of a run, on average, from which on runs are worth while


def group(sheets: Sequence[Sheet]) -> Any:
    """
    Give each row of *sheets* the code of its loan, its place among all ids, ascending; return those, an Arrow array.

    Most tables hold the rows of a loan together, so it looks at one row of each run.

    Raises:
        FactsError: Ids are text in one table and numbers in another.
    """
    types = {_plain(sheet.table.column(LOAN_ID).type): sheet.name for sheet in sheets}
    types.pop(pa.null(), None)
    if len(types) > 1:
        found = ", ".join(f"{name}: {kind}" for kind, name in types.items())
        raise FactsError(f"Loan ids are of several types ({found}). Cast them to one.", field=LOAN_ID)
    id_type = next(iter(types), pa.string())
    runs = [[_runs(chunk, id_type) for chunk in sheet.chunks(LOAN_ID)] for sheet in sheets]
    ids, codes = ranked([firsts for each in runs for firsts, _ in each], id_type)
    coming = iter(codes)
    for sheet, each in zip(sheets, runs, strict=True):
        pieces = [(next(coming), lengths) for _, lengths in each]
        if len(pieces) == 1:
            sheet.loans, sheet.lengths = pieces[0]
            continue
        sheet.loans = np.concatenate([_NONE, *(loans for loans, _ in pieces)])
        if any(lengths is not None for _, lengths in pieces):
            lengths = [np.ones(len(loans), np.int64) if of is None else of for loans, of in pieces]
            at = np.flatnonzero(_changes(sheet.loans))  # some runs go on in the next piece
            sheet.loans, sheet.lengths = sheet.loans[at], np.add.reduceat(np.concatenate(lengths), at)
    return ids


def _plain(kind: Any) -> Any:
    return pa.string() if is_text(kind) else kind


def _runs(chunk: Any, id_type: Any) -> tuple[Any, Any]:
    """Return the id of each run of rows, and its length; None where most are of one row."""
    chunk = chunk.cast(id_type) if pa.types.is_null(chunk.type) else chunk
    if pa.types.is_string(chunk.type):
        encoded = pc.run_end_encode(chunk)
        return encoded.values, np.diff(encoded.run_ends.to_numpy(zero_copy_only=False).astype(np.int64), prepend=0)
    ids = chunk.indices if isinstance(chunk, pa.DictionaryArray) else chunk
    if ids.null_count:
        return chunk, None
    changes = _changes(ids.to_numpy(zero_copy_only=False))
    if np.count_nonzero(changes) * _SHORTEST > len(ids):
        return chunk, None
    at = np.flatnonzero(changes)
    return chunk.take(pa.array(at)), np.diff(at, append=len(ids))


def _changes(values: Any) -> Any:
    """Return whether another value begins at each place."""
    changes = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return changes


def rising(sheet: Sheet) -> bool:
    """Whether the rows of *sheet* lie by loan, those of each in one run."""
    return sheet.lengths is not None and bool((sheet.loans[1:] > sheet.loans[:-1]).all())


def listed(rows: Sheet | Any, there: Any, kept: Any, *keys: Any, engine: str = "auto") -> tuple[Any, tuple[Any, ...]]:
    """
    Return where the list of each loan begins and the last one ends, and *keys* of the rows in sorted lists.

    Args:
        rows: A table, or the loan of each row.
        there: Which rows are wanted, a mask; None: all.
        kept: Of which loans, a mask.
        keys: Whole numbers, by which each list is sorted, the first weighing most.
        engine: `numpy`: nothing is compiled. The lists are the same.
    """
    at, keys = _in_lists(rows, there, kept, keys, engine)
    at = np.append(at[:-1][kept], at[-1])  # nothing is left of the others
    return at, _in_order(at, *keys)


def _in_lists(rows: Sheet | Any, there: Any, kept: Any, keys: Any, engine: str) -> tuple[Any, tuple[Any, ...]]:
    if there is None and isinstance(rows, Sheet) and rising(rows):
        lengths = np.zeros(len(kept), np.int64)
        lengths[rows.loans] = rows.lengths
        if not kept.all():
            of_kept = np.repeat(kept, lengths)
            keys = tuple(key[of_kept] for key in keys)
            lengths[~kept] = 0
        return running(lengths), keys
    codes = rows.codes if isinstance(rows, Sheet) else rows
    if not kept.all():
        there = kept[codes] if there is None else there & kept[codes]
    if engine == "numpy" or len(codes) < _LONG or find_spec("numba") is None:
        return collected(codes, there, len(kept), keys)
    from dunning.portfolio.overdue import numba_rows

    return numba_rows.collected(codes, np.ones(len(codes), bool) if there is None else there, len(kept), keys)


def collected(codes: Any, there: Any, loans: int, keys: Any) -> tuple[Any, tuple[Any, ...]]:
    """
    Return where the list of each of *loans* begins and the last one ends, and *keys* of rows in lists, as they came.

    Args:
        codes: The loan of each row.
        there: Which rows are wanted, a mask; None: all.
    """
    if there is not None and not there.all():
        codes = np.where(there, codes, loans)  # behind all others
    at = running(np.bincount(codes, minlength=loans)[:loans])
    order = None if (codes[1:] >= codes[:-1]).all() else _sorted(codes)
    return at, tuple(key[: at[-1]] for key in keys) if order is None else put(order[: at[-1]], *keys)


def _in_order(at: Any, days: Any, *ties: Any) -> tuple[Any, ...]:
    """Return *days* and *ties* with each list, by its offsets *at*, sorted by them."""
    heads = at[(at > 0) & (at < len(days))] - 1  # what comes after these is another list
    falls = days[1:] < days[:-1]
    falls[heads] = False
    if falls.any():
        order = _by_both(np.repeat(np.arange(len(at) - 1), np.diff(at)), days)
        days, ties = days[order], put(order, *ties)
    equal = days[1:] == days[:-1]
    equal[heads] = False
    if not equal.any():
        return days, *ties
    places, rows = _tied(equal, ties)
    moved = put(rows, *ties)  # before any is written to: two may be one
    return days, *(_with(key, places, values) for key, values in zip(ties, moved, strict=True))


def _with(key: Any, places: Any, values: Any) -> Any:
    """Return *key*, which nobody else needs any more, with *values* at *places*."""
    if np.array_equal(key[places], values):
        return key
    key = key if key.flags.writeable else key.copy()
    key[places] = values
    return key


def _by_both(lists: Any, days: Any) -> Any:
    """Return the places of rows by list, then by day: both in one number, which is quicker to sort than two."""
    low, high = int(days.min()), int(days.max())
    span = high - low + 1
    if (int(lists.max()) + 1) * span >= _WIDEST:
        return np.lexsort((days, lists))
    return np.argsort(lists * np.int64(span) + (days.astype(np.int64) - low), kind="stable")


def _tied(equal: Any, ties: Any) -> tuple[Any, Any]:
    """Return the places of rows that are *equal* to the one before or after, and the rows that *ties* put there."""
    tied = np.zeros(len(equal) + 1, bool)
    tied[1:] |= equal
    tied[:-1] |= equal
    places = np.flatnonzero(tied)
    first = np.append(True, ~equal[places[1:] - 1])
    return places, places[np.lexsort((*(key[places] for key in reversed(ties)), np.cumsum(first)))]


def _sorted(codes: Any) -> Any:
    """
    Return the places of rows in ascending order of *codes*, those of one code as they come.

    First in piles of codes that are near each other, then each pile, which is small enough to stay at hand.
    """
    bits = int(codes.max()).bit_length()
    low = max(_DIGIT, bits - _DIGIT)
    if bits <= _DIGIT:
        return _by_digits(codes.astype(np.uint16)).copy()
    if low > np.iinfo(np.uint16).bits:
        return np.argsort(codes, kind="stable")
    piles = (codes >> low).astype(np.uint16)
    order = _by_digits(piles)
    rest = (codes & ((1 << low) - 1)).astype(np.uint16)[order]
    found = np.empty(len(codes), np.int64)
    ends = np.cumsum(np.bincount(piles)).tolist()
    for start, stop in zip([0, *ends], ends, strict=False):
        if start < stop:
            np.take(order[start:stop], _by_digits(rest[start:stop]), out=found[start:stop])
    return found


def _by_digits(digits: Any) -> Any:
    return pc.array_sort_indices(pa.array(digits)).to_numpy(zero_copy_only=False).view(np.int64)


def ordered(codes: Any, *keys: Any) -> Any:
    """Return the places of rows by loan, then by *keys*, whole numbers, two at most."""
    if not len(codes):
        return np.arange(0)
    order = _by_both(codes, keys[0])
    codes, days = codes[order], keys[0][order]
    equal = (codes[1:] == codes[:-1]) & (days[1:] == days[:-1])
    if keys[1:] and equal.any():
        places, rows = _tied(equal, put(order, *keys[1:]))
        order[places] = order[rows]
    return order


def put(order: Any, *values: Any) -> tuple[Any, ...]:
    """Return *values* in *order*."""
    return tuple(each[order] for each in values)
