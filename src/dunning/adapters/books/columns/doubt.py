"""Which loans and persons may be bad: the checks of `assemble`, over columns. Who is in doubt is made as an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.adapters.books import tables
from dunning.adapters.books.columns.cells import Cells
from dunning.adapters.books.columns.digest import cells, mix
from dunning.core.facts.person import Hours
from dunning.errors import FactsError

Read = Mapping[str, Cells]


def doubted_loans(read: Read, size: int) -> Any:
    """
    Return which of *size* loans may be bad, of the cells of their tables.

    That their instalments and events agree with each other is what `load_sheets` looks at.
    """
    found = _doubted(read, size)
    found |= np.bincount(read["loans"].codes, minlength=size) != 1
    currencies = _of_loan(read["loans"], "currency", size)
    for name in ("instalments", "events"):
        if name in read and (stated := read[name].stated("currency")).any():
            own = read[name].values["currency"]
            other = pc.not_equal(own, currencies.take(pa.array(read[name].codes))).fill_null(fill_value=True)
            found[read[name].codes[stated & other.to_numpy(zero_copy_only=False)]] = True
    return found


def doubted_persons(read: Read, size: int) -> Any:
    """Return which of *size* persons may be bad, of the cells of their tables."""
    found = _doubted(read, size)
    found |= np.bincount(read["persons"].codes, minlength=size) != 1
    if "points" in read:
        points = read["points"]
        found[points.codes[_twice(_pairs(points.codes, points.values["point_id"], points.values["recorded_at"]))]] = (
            True
        )
    if "hours" in read:
        found[read["hours"].codes[_odd_hours(read["hours"])]] = True
    if "consents" in read:
        found[read["consents"].codes[_odd_consents(read["consents"], read.get("points"))]] = True
    return found


def _doubted(read: Read, size: int) -> Any:
    found = np.zeros(size, bool)
    for each in read.values():
        found[each.codes[~each.good]] = True
    return found


def _of_loan(loans: Cells, name: str, size: int) -> Any:
    rows = np.zeros(size, np.int64)
    rows[loans.codes] = np.arange(len(loans.codes))
    return loans.values[name].take(pa.array(rows))


def _odd_hours(hours: Cells) -> Any:
    """Return bands that are none, of which few differ."""
    names = ("kind", "weekdays", "opens", "closes")
    band = pa.table({name: hours.values[name] for name in names}).group_by(names).aggregate([])
    odd = [each for each in band.to_pylist() if _is_odd(*each.values())]
    found = np.zeros(len(hours.codes), bool)
    for each in odd:
        same = [pc.equal(hours.values[name], each[name]).fill_null(fill_value=True) for name in names]
        found |= np.logical_and.reduce([one.to_numpy(zero_copy_only=False) for one in same])
    return found


def _is_odd(kind: str, weekdays: str, opens: Any, closes: Any) -> bool:
    if kind not in tables.HOURS_KINDS or opens is None or closes is None:
        return True
    try:
        Hours(weekdays=_column("weekdays").read(weekdays), opens=opens, closes=closes)
    except (FactsError, ValueError, TypeError):
        return True
    return False


def _column(name: str) -> tables.Column:
    return next(column for column in tables.HOURS.columns if column.name == name)


def _odd_consents(consents: Cells, points: Cells | None) -> Any:
    found = np.zeros(len(consents.codes), bool)
    given = consents.values["given_at"]
    for name in ("expires_at", "revoked_at"):
        before = pc.less(consents.values[name], given).fill_null(fill_value=False)
        found |= before.to_numpy(zero_copy_only=False)
    named = consents.stated("point_id")
    if named.any():
        known = _pairs(points.codes, points.values["point_id"]) if points is not None else np.empty(0, np.uint64)
        found |= named & ~np.isin(_pairs(consents.codes, consents.values["point_id"]), known)
    return found


def _pairs(codes: Any, *columns: Any) -> Any:
    """Return 64 bits for each row, of its loan or person and what *columns* state."""
    found = mix(codes.astype(np.uint64))
    for column in columns:
        found = mix(found ^ cells(column))
    return found


def _twice(keys: Any) -> Any:
    found, counts = np.unique(keys, return_counts=True)
    return np.isin(keys, found[counts > 1]) if (counts > 1).any() else np.zeros(len(keys), bool)
