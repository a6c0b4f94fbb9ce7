"""Which rows belong to which loan, and their order: by loan, then by date, however they came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.errors import FactsError
from dunning.portfolio.overdue.coding import ranked
from dunning.portfolio.overdue.sheets import LOAN_ID, Sheet, is_text

_WIDEST = 2**62
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
    start = 0
    for sheet, each in zip(sheets, runs, strict=True):
        stop = start + sum(len(firsts) for firsts, _ in each)
        sheet.loans = codes[start:stop]
        lengths = [np.ones(len(firsts), np.int64) if of is None else of for firsts, of in each]
        sheet.lengths = np.concatenate(lengths) if any(of is not None for _, of in each) else None
        if len(each) > 1 and sheet.lengths is not None:  # runs that go on in the next piece
            at = _changes(sheet.loans)
            sheet.loans, sheet.lengths = sheet.loans[at], np.add.reduceat(sheet.lengths, at)
        start = stop
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
    at = _changes(ids.to_numpy(zero_copy_only=False))
    if len(at) * _SHORTEST > len(ids):
        return chunk, None
    return chunk.take(pa.array(at)), np.diff(at, append=len(ids))


def _changes(values: Any) -> Any:
    """Return the places at which another value begins."""
    changes = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return np.flatnonzero(changes)


def rising(sheet: Sheet) -> bool:
    """Whether the rows of *sheet* lie by loan, those of each in one run."""
    return sheet.lengths is not None and bool((sheet.loans[1:] > sheet.loans[:-1]).all())


def listed(codes: Any, loans: int, days: Any, *ties: Any) -> tuple[Any, Any]:
    """
    Return where the list of each of *loans* begins and the last one ends, and the order of the rows in them.

    Args:
        codes: The loan of each row; rows of a loan from *loans* on are in no list.
        days: By which each list is sorted, and then by *ties*, whole numbers.

    Returns:
        The offsets, and the places of the rows in order; None where they lie so already.
    """
    at = _ends(np.bincount(codes, minlength=loans)[:loans])
    order = None
    if not (codes[1:] >= codes[:-1]).all():
        order = _by_code(codes)
    if at[-1] < len(codes):
        order = np.arange(at[-1]) if order is None else order[: at[-1]]
    return at, inside(at, order, days, *ties)


def inside(at: Any, order: Any, days: Any, *ties: Any) -> Any:
    """Return the *order* of rows, by loan already, in which each list, by its offsets *at*, is sorted as well."""
    in_order = days if order is None else days[order]
    heads = at[(at > 0) & (at < len(in_order))] - 1  # what comes after these is another list
    falls = in_order[1:] < in_order[:-1]
    falls[heads] = False
    if falls.any():
        lists = np.repeat(np.arange(len(at) - 1), np.diff(at))
        again = _by_both(lists, in_order)
        order, in_order = again if order is None else order[again], in_order[again]
    equal = in_order[1:] == in_order[:-1]
    equal[heads] = False
    return _with_ties(order, equal, ties) if ties and equal.any() else order


def _by_both(lists: Any, days: Any) -> Any:
    """Return the places of rows by list, then by day: both in one number, which is quicker to sort than two."""
    low, high = int(days.min()), int(days.max())
    span = high - low + 1
    if (int(lists.max()) + 1) * span >= _WIDEST:
        return np.lexsort((days, lists))
    return np.argsort(lists * np.int64(span) + (days.astype(np.int64) - low), kind="stable")


def _with_ties(order: Any, equal: Any, ties: Any) -> Any:
    """Return *order* with those rows sorted by *ties* that are *equal* to the one before."""
    tied = np.zeros(len(equal) + 1, bool)
    tied[1:] |= equal
    tied[:-1] |= equal
    places = np.flatnonzero(tied)
    rows = places if order is None else order[places]
    first = np.append(True, ~equal[places[1:] - 1])
    sorted_rows = rows[np.lexsort((*(key[rows] for key in reversed(ties)), np.cumsum(first)))]
    if np.array_equal(sorted_rows, rows):
        return order
    order = np.arange(len(tied)) if order is None else order
    order[places] = sorted_rows
    return order


def _by_code(codes: Any) -> Any:
    """
    Return the places of rows in ascending order of *codes*, those of one code as they come.

    First in piles of codes that are near each other, then each pile, which is small enough to stay at hand.
    """
    bits = int(codes.max()).bit_length()
    low = max(_DIGIT, bits - _DIGIT)
    if bits <= _DIGIT:
        return _sorted(codes.astype(np.uint16)).copy()
    if low > np.iinfo(np.uint16).bits:
        return np.argsort(codes, kind="stable")
    piles = (codes >> low).astype(np.uint16)
    order = _sorted(piles)
    rest = (codes & ((1 << low) - 1)).astype(np.uint16)[order]
    found = np.empty(len(codes), np.int64)
    ends = np.cumsum(np.bincount(piles)).tolist()
    for start, stop in zip([0, *ends], ends, strict=False):
        if start < stop:
            np.take(order[start:stop], _sorted(rest[start:stop]), out=found[start:stop])
    return found


def _sorted(digits: Any) -> Any:
    return pc.array_sort_indices(pa.array(digits)).to_numpy(zero_copy_only=False).view(np.int64)


def ordered(codes: Any, *keys: Any) -> Any:
    """Return the places of rows by loan, then by *keys*, whole numbers; None if they lie so already."""
    return listed(codes, int(codes.max(initial=-1)) + 1, *keys)[1]


def put(order: Any, *values: Any) -> tuple[Any, ...]:
    """Return *values* in *order*; None leaves them as they are."""
    return values if order is None else tuple(each[order] for each in values)


def offsets(sheet: Sheet, loans: int) -> Any:
    """Return where the list of each of *loans* begins, and where the last one ends, in a *sheet* that is `rising`."""
    lengths = np.zeros(loans, np.int64)
    lengths[sheet.loans] = sheet.lengths
    return _ends(lengths)


def _ends(lengths: Any) -> Any:
    at = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=at[1:])
    return at
