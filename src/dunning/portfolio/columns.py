"""Columns as codes: which distinct values a table holds, and which row holds which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import frozen

from dunning.portfolio.arrow import Libraries

# Joins the members of a list while it is a key. Should a member hold it, it names nothing that is known, and refuses.
_JOINT = "\x1f"


@frozen
class Coded:
    """
    A column as codes.

    Args:
        codes: An array of whole numbers, one a row: a place in `values`. None: every row holds the only value.
        values: The values that occur, and perhaps others. None is null.
    """

    codes: Any
    values: Sequence[Any]


def coded(of: Libraries, column: Any) -> Coded:
    """Return *column*, an Arrow array or chunked array of text, numbers, booleans or lists of text, as codes."""
    array = column.combine_chunks() if isinstance(column, of.pa.ChunkedArray) else column
    if isinstance(array, of.pa.ChunkedArray):  # of no chunks or of several dictionaries
        array = of.pa.concat_arrays(array.unify_dictionaries().chunks or [of.pa.array([], array.type)])
    lists = of.pa.types.is_list(array.type) or of.pa.types.is_large_list(array.type)
    if lists:
        empty = of.pc.equal(of.pc.list_value_length(array), 0)
        joined = of.pc.binary_join(array.cast(of.pa.list_(of.pa.string())), _JOINT)
        # An empty list is joined to an empty text; a list with a null in it to null, which refuses.
        array = of.pc.if_else(empty, of.pa.scalar(_JOINT), joined)
    if not of.pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    values = array.dictionary.to_pylist()
    if lists:
        values = [() if value == _JOINT else tuple(value.split(_JOINT)) for value in values]
    indices = array.indices
    if indices.null_count:
        indices = of.pc.fill_null(indices.cast(of.pa.int32()), len(values))
        values.append(None)
    # numpy finds its way by numbers of this width, and would widen others each time.
    return Coded(indices.to_numpy(zero_copy_only=False).astype(of.np.intp), values)


def combined(of: Libraries, columns: Iterable[Coded], rows: int) -> Coded:
    """Return the combinations that occur in a table of *rows* rows, as tuples with a value of each of *columns*."""
    np = of.np
    codes = None
    tuples: list[tuple[Any, ...]] = [()]
    for column in columns:
        if column.codes is None or len(column.values) == 1:
            tuples = [(*head, column.values[0]) for head in tuples]
            continue
        size = len(column.values)
        wide = column.codes if codes is None else codes * size + column.codes
        if len(tuples) * size <= max(4 * rows, 1024):
            present = np.flatnonzero(np.bincount(wide, minlength=len(tuples) * size))
            if len(present) < len(tuples) * size:
                places = np.zeros(len(tuples) * size, np.intp)
                places[present] = np.arange(len(present))
                wide = places[wide]
        else:
            present, wide = np.unique(wide, return_inverse=True)
        tuples = [(*tuples[key // size], column.values[key % size]) for key in present.tolist()]
        codes = wide
    return Coded(np.zeros(rows, np.intp) if codes is None else codes, tuples)
