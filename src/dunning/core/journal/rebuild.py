"""A snapshot is a cache: this is how it is made again from the records of its stream."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from dunning.core.journal.fold import fold
from dunning.core.journal.record import Record
from dunning.core.journal.snapshot import Snapshot


def rebuild(snapshot: Snapshot, records: Iterable[Record]) -> Snapshot:
    """
    Return *snapshot* after the *records* of its stream that come after `snapshot.seq`, in order.

    When a case wakes is in no record, so it wakes on the first date of those records: the next assessment looks again,
    and repeats nothing.
    """
    case, seq, assessed_on, wake_on = snapshot.case, snapshot.seq, snapshot.assessed_on, snapshot.wake_on
    for record in records:
        draft = record.draft
        case = fold(case, draft.effects)
        seq = record.seq
        on = draft.as_of or draft.at.date()
        if draft.as_of is not None:
            assessed_on = max(assessed_on or draft.as_of, draft.as_of)
        wake_on = min(wake_on or on, on)
    if seq == snapshot.seq:
        return snapshot
    return evolve(snapshot, case=case, seq=seq, assessed_on=assessed_on, wake_on=wake_on)
