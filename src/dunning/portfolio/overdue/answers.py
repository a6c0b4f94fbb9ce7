"""What was counted, as columns of whole numbers: one row a loan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

NO_DAY = -(2**31)


class Answers(NamedTuple):
    """What was counted, one row a loan; `NO_DAY` is no date."""

    days_past_due: Any
    delinquent_days: Any
    oldest_unpaid_due_on: Any
    arrears: Any
    instalments_missed: Any
    next_due_on: Any
    next_due: Any
    cures: Any
    credit: Any

    def block(self, start: int, stop: int) -> Answers:
        """Return the rows from *start* to before *stop*, to be written to."""
        return Answers(*(values[start:stop] for values in self))


_KINDS = dict.fromkeys(Answers._fields, np.int32) | dict.fromkeys(("arrears", "next_due", "cures", "credit"), np.int64)


def empty_answers(rows: int) -> Answers:
    """Return *rows* rows to be written to."""
    return Answers(**empty_columns(_KINDS, rows))


def empty_columns(kinds: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """
    Return for each name an array of *rows* of its kind, to be written to.

    They lie side by side in one piece of memory, which a system hands out in large pages: to get it page by page, once
    for each column, can take as long as the count.
    """
    widths = {name: np.dtype(kind).itemsize * rows for name, kind in kinds.items()}
    memory = np.empty(sum(widths.values()), np.uint8)
    found, start = dict.fromkeys(kinds), 0
    for name in sorted(kinds, key=widths.__getitem__, reverse=True):  # so that each lies where its kind may lie
        found[name] = memory[start : start + widths[name]].view(kinds[name])
        start += widths[name]
    return found
