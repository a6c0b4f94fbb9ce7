"""Assign: who works a case. Only that actor may contact from then on, but for notices, replies and receipts."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.errors import FactsError


def assign(parts: Parts, loan_id: str, *, actor: str, by: str, now: dt.datetime) -> int:
    """
    State that *actor* works the case of *loan_id*, in the name of role *by*; return how many records that made.

    Args:
        actor: An agency's id; empty or the lender's own actor id gives the case back to the lender.

    Raises:
        FactsError: The book has no such loan.
    """
    loan = parts.book.loans([loan_id]).get(loan_id)
    if loan is None:
        raise FactsError(f"The book has no loan {loan_id!r}.", field="loan_id")
    on = now.astimezone(ZoneInfo(loan.business_zone)).date()
    stream = Stream(lender=parts.lender, kind="loan", id=loan_id)
    with parts.storage.begin(parts.lender) as unit:
        journal = Journal(unit=unit, lender=parts.lender)
        if journal.snapshot(stream).case.worked_by == actor:
            return 0
        effects = (fx.WorkedBy(actor=actor),)
        about = json.dumps({"by": by}, ensure_ascii=False)
        draft = Draft(stream=stream, kind="assignment", at=now, as_of=on, effects=effects, about=about)
        journal.add(draft, wake_on=on)
        return journal.write(recorded_at=now)
