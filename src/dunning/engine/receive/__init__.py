"""Receive: what the world tells us. Each message is applied once, by its id, in its own transaction or the host's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from dunning.adapters.interfaces.storage import Unit
from dunning.engine.clock import check_now
from dunning.engine.gather import opened
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.engine.receive.applying import apply
from dunning.engine.receive.messages import KINDS, Message, Receipt, read_message
from dunning.engine.receive.place import Desk, home
from dunning.engine.receive.receipts import located
from dunning.engine.reports import Received, Trouble
from dunning.errors import FactsError, PolicyError, ProblemsError, StaleStateError

__all__ = ["KINDS", "Message", "read_message", "receive"]

_TRIES = 5


def receive(
    parts: Parts,
    messages: Iterable[Mapping[str, Any]],
    *,
    now: dt.datetime,
    simulate: bool = False,
    unit: Unit | None = None,
) -> Received:
    """
    Apply *messages* (JSON objects; `dunning.engine.receive.messages` describes them).

    A message that cannot be read or applied is rejected with a reason, and the others go on. One that is known already
    (by kind and id, in its stream) changes nothing.

    Args:
        simulate: Read and check, and write nothing.
        unit: The host's joined unit; None commits message by message.
    """
    check_now(now)
    report = Received()
    for number, raw in enumerate(messages, start=1):
        where = f"message {number}"
        try:
            message = read_message(raw, where=where)
            _take(parts, message, report, now=now, simulate=simulate, unit=unit)
        except (FactsError, PolicyError, ProblemsError) as error:
            report.rejected.append(Trouble(what=f"{where} ({raw.get('id', 'no id')})", why=str(error)))
    return report


def _take(
    parts: Parts, message: Message, report: Received, *, now: dt.datetime, simulate: bool, unit: Unit | None
) -> None:
    kind = next(name for name, cls in KINDS.items() if isinstance(message, cls))
    if isinstance(message, Receipt):
        message = located(parts, message, unit, now=now)
    place = home(parts, message, now=now)
    for left in reversed(range(_TRIES)):
        try:
            with opened(parts, unit, read_only=simulate) as own:
                stream = place.stream
                mark = f"message:{kind}:{message.id}"
                if any(mark in record.draft.refs for record in own.read(stream)):
                    report.known += 1
                    return
                journal = Journal(unit=own, lender=parts.lender)
                desk = Desk(parts=parts, unit=own, journal=journal, place=place, mark=mark, now=now, simulate=simulate)
                apply(message, desk)
                if not simulate:
                    report.records += journal.write(recorded_at=now)
        except StaleStateError:
            # Somebody else wrote to the stream between reading and writing: read it again. The host's unit is theirs.
            if unit is not None or not left:
                raise
        else:
            report.applied[kind] += 1
            return
