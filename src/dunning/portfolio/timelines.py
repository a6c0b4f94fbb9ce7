"""Timelines: where in time each row stands on the timeline of its kind, for all rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, field

from dunning.portfolio.arrow import Libraries

_SHIFT = 12  # a shelf of 4,096 seconds: few windows open and close within an hour
_SHELVES = 4_000_000  # at most so many numbers; with more kinds, wider shelves
_EVER = 2**62


@define
class Timelines:
    """
    The timelines of kinds, one after another.

    A row's place is found without searching: time is cut into shelves of equal length, the place at which each shelf
    begins is kept, and from there it is a step or two.
    """

    _seconds: list[Sequence[int] | None] = field(init=False, factory=list)
    _untils: list[int] = field(init=False, factory=list)

    def add(self, seconds: Sequence[int] | None, until: int) -> None:
        """
        Add the timeline of a kind: the *seconds* at which its answer changes, rising, and the end of the last answer.

        None is a kind with one answer at all times.
        """
        self._seconds.append(seconds)
        self._untils.append(until)

    def places(self, of: Libraries, codes: Any, seconds: Any) -> Any:
        """
        Return the place of each row in all answers, in the order in which timelines were added.

        Args:
            codes: The kind of each row.
            seconds: The instant of each row; it lies on the timeline of its kind.
        """
        np = of.np
        timeless = np.array([one is None for one in self._seconds])
        if timeless.any():
            seconds = np.where(timeless[codes], 0, seconds)
        lines = [np.array([0] if one is None else one, np.int64) for one in self._seconds]
        shift = _SHIFT
        while sum((until - int(line[0])) >> shift for line, until in zip(lines, self._untils, strict=True)) > _SHELVES:
            shift += 1
        shelves, offsets, ends = [], [], []
        place = shelf = 0
        for line, until in zip(lines, self._untils, strict=True):
            first, last = int(line[0]) >> shift, max(until - 1, int(line[0])) >> shift
            begins = np.arange(first, last + 1, dtype=np.int64) << shift
            shelves.append(np.maximum(np.searchsorted(line, begins, side="right") - 1, 0) + place)
            offsets.append(shelf - first)
            ends.append(np.append(line[1:], _EVER))
            place += len(line)
            shelf += last - first + 1
        until_next = np.concatenate(ends)
        kept = np.concatenate(shelves)
        found = kept[(seconds >> shift) + np.array(offsets)[codes]]
        for _ in range(_most(np, kept, place)):
            found += seconds >= until_next[found]
        return found


def _most(np: Any, shelves: Any, places: int) -> int:
    """Return how many steps it takes at most to get from the beginning of a shelf to its end."""
    return int(np.diff(shelves, append=places - 1).max(initial=0))
