"""Answers as columns: each row holds a place in short lists, and the columns are taken from them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from attrs import define, field

from dunning.core.contact.instants import EPOCH
from dunning.portfolio.arrow import Libraries

_MICRO = dt.timedelta(microseconds=1)
_NONE = -(2**63)  # no instant
REFUSED = "dunning:row"


@define
class Answers:
    """What rows can be answered with; equal texts are kept once."""

    _permitted: list[bool] = field(init=False, factory=list)
    _following: list[int] = field(init=False, factory=list)
    _objecting: list[int] = field(init=False, factory=list)
    _reason: list[int] = field(init=False, factory=list)
    _ids: dict[tuple[str, ...], int] = field(init=False, factory=dict)
    _reasons: dict[str, int] = field(init=False, factory=lambda: {"": 0})

    def add(self, against: tuple[str, ...], following: dt.datetime | None, *, reason: str = "") -> int:
        """
        Add an answer, and return its place.

        Args:
            following: The next permitted instant; of a permitted answer it counts only where all rows have one instant.
        """
        self._permitted.append(not against)
        self._following.append(_NONE if following is None else (following - EPOCH) // _MICRO)
        self._objecting.append(self._ids.setdefault(against, len(self._ids)))
        self._reason.append(self._reasons.setdefault(reason, len(self._reasons)))
        return len(self._permitted) - 1

    def refuse(self, reason: str) -> int:
        """Add the answer to a row that cannot be judged, and return its place."""
        return self.add((REFUSED,), None, reason=reason)

    def table(self, of: Libraries, places: Any, at: Any, horizon: dt.timedelta) -> Any:
        """
        Return the columns of rows that hold *places*.

        Args:
            at: The rows' instants in microseconds; None where all have one.
        """
        np, pa = of.np, of.pa
        permitted = np.array(self._permitted, bool)[places]
        following = np.array(self._following, np.int64)[places]
        if at is not None:
            following = np.where(permitted, at, following)
            following[following >= at + horizon // _MICRO] = _NONE
        none = following == _NONE
        nexts = pa.array(following.view("datetime64[us]"), mask=none if none.any() else None)
        texts = ["; ".join(against) for against in self._ids]
        return pa.table(
            {
                "permitted": pa.array(permitted),
                "next_permitted": nexts.cast(pa.timestamp("us", "UTC")),
                "objecting": _dictionary(of, self._objecting, texts, places),
                "reason": _dictionary(of, self._reason, list(self._reasons), places),
            }
        )


def _dictionary(of: Libraries, codes: list[int], texts: list[str], places: Any) -> Any:
    one = len(texts) == 1  # nothing need be taken
    indices = of.np.zeros(len(places), of.np.int32) if one else of.np.array(codes, of.np.int32)[places]
    return of.pa.DictionaryArray.from_arrays(of.pa.array(indices), of.pa.array(texts, of.pa.string()))
