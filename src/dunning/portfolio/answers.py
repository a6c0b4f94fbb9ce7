"""Answers as columns: each row holds a place in short lists, and the columns are taken from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from attrs import define, field

from dunning.core.contact.instants import EPOCH
from dunning.portfolio.arrow import Libraries

REFUSED = "dunning:row"
_MICRO = dt.timedelta(microseconds=1)
_NONE = -(2**63)  # no instant
_SECOND = 1_000_000


@define
class Answers:
    """What rows can be answered with; equal texts are kept once."""

    of: Libraries
    _following: list[int] = field(init=False, factory=list)
    _objecting: list[int] = field(init=False, factory=list)
    _reason: list[int] = field(init=False, factory=list)
    _ids: dict[tuple[str, ...], int] = field(init=False, factory=lambda: {(): 0})
    _reasons: dict[str, int] = field(init=False, factory=lambda: {"": 0})

    def add(self, against: tuple[str, ...], following: dt.datetime | None, *, reason: str = "") -> int:
        """
        Add an answer, and return its place.

        Args:
            following: The next permitted instant; of a permitted answer it counts only where all rows have one instant.
        """
        self._following.append(_NONE if following is None else (following - EPOCH) // _MICRO)
        self._objecting.append(self._ids.setdefault(against, len(self._ids)))
        self._reason.append(self._reasons.setdefault(reason, len(self._reasons)))
        return len(self._following) - 1

    def refuse(self, reason: str) -> int:
        """Add the answer to a row that cannot be judged, and return its place."""
        return self.add((REFUSED,), None, reason=reason)

    def add_all(self, seconds: Sequence[int], against: Sequence[tuple[str, ...]], *, reason: str) -> int:
        """
        Add the answers that hold from each of *seconds* to the next, and return the place of the first.

        Args:
            seconds: Rising.
            against: Who objects from each on.
        """
        np, place = self.of.np, len(self._following)
        codes = [self._ids.setdefault(one, len(self._ids)) for one in against]
        far = 2**62
        permitted = np.where(np.array(codes) == 0, np.array(seconds, np.int64), far)
        following = np.minimum.accumulate(permitted[::-1])[::-1]
        self._following += np.where(following == far, _NONE, following * _SECOND).tolist()
        self._objecting += codes
        self._reason += [self._reasons.setdefault(reason, len(self._reasons))] * len(codes)
        return place

    def table(self, places: Any, at: Any, horizon: dt.timedelta) -> Any:
        """
        Return the columns of rows that hold *places*.

        Args:
            at: The rows' instants in microseconds; None where all have one.
        """
        np, pa = self.of.np, self.of.pa
        objecting = np.array(self._objecting, np.int32)
        following = np.array(self._following, np.int64)
        permitted = (objecting == 0)[places]
        nexts = following[places]
        if at is not None:
            nexts = np.where(permitted, at, nexts)
            # The end of the horizon is exclusive.
            nexts[nexts >= at + horizon // _MICRO] = _NONE
        nowhere = nexts == _NONE if at is not None or (following == _NONE).any() else None
        validity = None
        if nowhere is not None and nowhere.any():
            validity = pa.py_buffer(np.packbits(~nowhere, bitorder="little"))
        bits = pa.py_buffer(np.packbits(permitted, bitorder="little"))
        rows = len(places)
        return pa.table(
            {
                "permitted": pa.Array.from_buffers(pa.bool_(), rows, [None, bits]),
                "next_permitted": pa.Array.from_buffers(
                    pa.timestamp("us", "UTC"), rows, [validity, pa.py_buffer(nexts)]
                ),
                "objecting": self._texts(objecting, ["; ".join(against) for against in self._ids], places),
                "reason": self._texts(np.array(self._reason, np.int32), list(self._reasons), places),
            }
        )

    def _texts(self, codes: Any, texts: list[str], places: Any) -> Any:
        np, pa = self.of.np, self.of.pa
        indices = np.zeros(len(places), np.int32) if len(texts) == 1 else codes[places]
        return pa.DictionaryArray.from_arrays(pa.array(indices), pa.array(texts, pa.string()), safe=False)
