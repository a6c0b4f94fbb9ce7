"""Forget: what the vault keeps of a person is destroyed, and the journal says that it was."""

from __future__ import annotations

import datetime as dt

from dunning.adapters.interfaces.storage import Storage
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.engine.inputs import ENGINE
from dunning.engine.journaling import Journal
from dunning.errors import FactsError


def forget(
    storage: Storage, lender: str, person_id: str, *, now: dt.datetime, by: str = "", simulate: bool = False
) -> int:
    """
    Destroy what is kept of *person_id* (facts that decisions looked at, texts that were sent); return how many values.

    It cannot be taken back. Decisions about the person can no longer be replayed; the chains still verify. Where
    nothing is kept, nothing is recorded.

    Raises:
        FactsError: It is no person, but the engine's own part, without which nothing could be replayed.
    """
    if person_id == ENGINE:
        raise FactsError(f"{ENGINE!r} is not a person: it owns what every decision needs.", field="person_id")
    try:
        return _forget(storage, lender, person_id, now=now, by=by, simulate=simulate)
    except _UndoneError as undone:
        return undone.number


def _forget(storage: Storage, lender: str, person_id: str, *, now: dt.datetime, by: str, simulate: bool) -> int:
    with storage.begin(lender) as unit:
        number = unit.vault.forget(person_id)
        if simulate:
            raise _UndoneError(number)
        if number:
            journal = Journal(unit=unit, lender=lender)
            erased = fx.Erased(person_id=person_id, values=number, by=by)
            stream = Stream(lender=lender, kind="person", id=person_id)
            journal.add(Draft(stream=stream, kind="erasure", at=now, effects=(erased,)))
            journal.write(recorded_at=now)
    return number


class _UndoneError(Exception):
    """A dry run is over; the unit takes everything back."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__()
