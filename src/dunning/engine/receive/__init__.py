"""Receive: what the world tells us. Each message is applied once, by its id, in its own transaction or the host's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dunning.adapters.interfaces.storage import Unit
from dunning.core.journal.effects import AlarmRaised
from dunning.engine.clock import check_now
from dunning.engine.gather import opened
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.engine.receive.applying import apply
from dunning.engine.receive.kinds.receipts import Receipt
from dunning.engine.receive.messages import KINDS, Message, kind_of, read_message
from dunning.engine.receive.place import Desk, home
from dunning.engine.receive.receipts import located
from dunning.engine.receive.waits import waits_for
from dunning.engine.reports import Received, Trouble
from dunning.errors import DunningError, FactsError, PolicyError, ProblemsError, StaleStateError

__all__ = ["KINDS", "Message", "read_message", "receive"]

_TRIES = 5
# Without the exception's words, which may quote the message.
_UNFORESEEN = (
    "it could not be applied: {}, which is a fault of dunning or of the loan book, not of the message. "
    "Nothing of it was kept; report the fault, and send the message again."
)


def receive(
    parts: Parts,
    messages: Iterable[Mapping[str, Any]],
    *,
    now: dt.datetime,
    simulate: bool = False,
    unit: Unit | None = None,
    places: Sequence[str] = (),
) -> Received:
    """
    Apply *messages* (JSON objects; `dunning.engine.receive.messages` describes them).

    A message that cannot be read or applied is rejected with a reason, and the others go on. So is one that meets a
    fault that nobody foresaw, unless the host's unit is joined: then the exception goes to the host. A message that is
    known already (by kind and id, in its stream) changes nothing.

    Args:
        simulate: Read and check, and write nothing.
        unit: The host's joined unit; None commits message by message.
        places: Where each message stands (file and line), for reasons; without it they are counted from 1.
    """
    check_now(now)
    report = Received()
    for number, raw in enumerate(messages, start=1):
        where = places[number - 1] if len(places) >= number else f"message {number}"
        try:
            message = read_message(raw, where=where)
            awaited = _take(parts, message, report, now=now, simulate=simulate, unit=unit)
            if awaited:
                report.waiting.append(
                    Trouble(what=f"{where}{_named(raw)}", why=f"it waits for {awaited}, not told yet.")
                )
        except (FactsError, PolicyError, ProblemsError) as error:
            report.rejected.append(Trouble(what=f"{where}{_named(raw)}", why=_why(error)))
        except (DunningError, OSError, MemoryError):
            raise  # about no message: the next would meet it, too
        except Exception as error:
            if unit is not None:
                raise  # what this did in the host's transaction is the host's to undo
            report.rejected.append(Trouble(what=f"{where}{_named(raw)}", why=_UNFORESEEN.format(type(error).__name__)))
    return report


def _named(raw: object) -> str:
    """The kind and id of a message that cannot be taken, as far as they can be read."""
    if not isinstance(raw, Mapping):
        return ""
    words = [str(raw[name]) for name in ("kind", "id") if isinstance(raw.get(name), str) and raw[name]]
    return f" ({' '.join(words)})" if words else " (no id)"


def _why(error: DunningError) -> str:
    """Each field and what is wrong with it. Where it stands is said once, beside it."""
    if isinstance(error, ProblemsError) and not isinstance(error, PolicyError):
        found = [(p.field, f"{p.what} {p.advice}".strip()) for p in error.problems]
    elif isinstance(error, FactsError):
        found = [(error.field, error.message)]
    else:
        found = [("", str(error))]
    return "\n".join(f"{name}: {says}" if name else says for name, says in found)


def _take(
    parts: Parts, message: Message, report: Received, *, now: dt.datetime, simulate: bool, unit: Unit | None
) -> str:
    """Apply *message* if it is not known yet; return what it waits for, if for something."""
    kind = kind_of(message)
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
                    return ""
                journal = Journal(unit=own, lender=parts.lender)
                desk = Desk(parts=parts, unit=own, journal=journal, place=place, mark=mark, now=now, simulate=simulate)
                awaited = waits_for(message, journal.snapshot(stream).case, place)
                if not apply(message, desk):
                    report.known += 1
                    return ""
                if not simulate:
                    report.records += journal.write(recorded_at=now)
                rung = [
                    f"{d.stream.id}: {e.says}" for d in journal.drafts for e in d.effects if isinstance(e, AlarmRaised)
                ]
        except StaleStateError:
            # Somebody else wrote to the stream between reading and writing: read it again. The host's unit is theirs.
            if unit is not None or not left:
                raise
        else:
            report.applied[kind] += 1
            report.alarms += rung
            return awaited
    return ""
