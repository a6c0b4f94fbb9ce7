"""A snapshot: the fold of one stream, kept as a cache that may be deleted."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from dunning.core import values
from dunning.core.journal.record import Stream
from dunning.core.ladder.case import Case


@frozen(kw_only=True)
class Snapshot:
    """
    The case of a stream as of record `seq`.

    Args:
        seq: The last record folded in; 0 for an empty stream.
        assessed_on: The last business date assessed; None if never. Assessing at or before it with the same
            knowledge changes nothing.
        wake_on: The first date on which something other than a new fact changes the case; None: nothing ever will.
    """

    stream: Stream
    case: Case
    seq: int = field(default=0, validator=values.at_least(0))
    assessed_on: dt.date | None = field(default=None, validator=values.maybe(values.day))
    wake_on: dt.date | None = field(default=None, validator=values.maybe(values.day))


def blank(stream: Stream) -> Snapshot:
    """Return the snapshot of a stream without records."""
    return Snapshot(stream=stream, case=Case(kind=stream.kind, id=stream.id))
