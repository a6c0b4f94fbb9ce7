"""Replay: a recorded decision is decided again from the vault alone, and must agree to the byte."""

from __future__ import annotations

import datetime as dt
import json
import re

from attrs import frozen

from dunning.adapters.codec.journal import body
from dunning.adapters.interfaces.storage import Unit
from dunning.core.allow import Still, allow, still_allowed
from dunning.core.decide import decide
from dunning.core.journal import effects as fx
from dunning.core.journal.canonical import canonical
from dunning.core.journal.record import Draft, Record, Stream
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move
from dunning.core.recheck import Drop, Send, Wait, recheck
from dunning.engine.deliver.staying import NO_CHANNEL, NO_TEXT, NOT_JUDGED, NOTHING_OWED, UNREPEATABLE, UNSIGNED
from dunning.engine.inputs import ErasedError, Inputs, restore
from dunning.engine.parts import Parts
from dunning.engine.work.looking import ending
from dunning.errors import FactsError, TamperedError

_NAME = re.compile(r"(?P<kind>[a-z]+):(?P<id>.+)#(?P<seq>[0-9]+)")


@frozen(kw_only=True)
class Replayed:
    """
    What came of a replay.

    Args:
        result: agrees, differs, erased, or no_decision (a record that decides nothing).
        difference: For *differs*, the first place at which the two part; for *erased*, what is gone.
    """

    record: str
    result: str
    difference: str = ""


def replay(parts: Parts, record: str | Record) -> Replayed:
    """
    Decide *record* again, reading the vault and never plugins or the book.

    Args:
        record: The record, or its name as ``loan:ID#SEQ``.

    Raises:
        FactsError: There is no such record.
    """
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        found = record if isinstance(record, Record) else _find(unit, parts.lender, record)
        if found.draft.kind not in ("decision", "attempt", "take") or not found.draft.inputs:
            return Replayed(record=found.name, result="no_decision")
        try:
            inputs = restore(unit.vault, tuple(pair for pair in found.draft.inputs if pair[0] != "text"))
        except ErasedError as error:
            return Replayed(record=found.name, result="erased", difference=str(error))
        except TamperedError as error:
            return Replayed(record=found.name, result="differs", difference=str(error))
    if found.draft.kind == "decision":
        return _compare(found, _decided(found.draft, inputs))
    return _looked(found, inputs) if found.draft.kind == "take" else _rechecked(found, inputs)


def _find(unit: Unit, lender: str, name: str) -> Record:
    match = _NAME.fullmatch(name)
    if match is None:
        raise FactsError(f"{name!r} does not name a record; write it as loan:ID#SEQ.", field="record")
    stream = Stream(lender=lender, kind=match["kind"], id=match["id"])
    record = next(iter(unit.read(stream, after=int(match["seq"]) - 1)), None)
    if record is not None and record.seq == int(match["seq"]):
        return record
    raise FactsError(f"The journal has no record {name}.", field="record")


def _decided(draft: Draft, inputs: Inputs) -> Draft:
    as_of = draft.as_of or dt.date.min
    decision = decide(inputs.dossier, inputs.terms, as_of=as_of, now=draft.at)
    return Draft(
        stream=draft.stream,
        kind=draft.kind,
        at=draft.at,
        as_of=draft.as_of,
        effects=decision.effects,
        inputs=draft.inputs,
        refs=draft.refs,
        about=decision.about,
    )


def _compare(record: Record, again: Draft) -> Replayed:
    at = record.draft.at
    was = canonical(body(record.draft, seq=record.seq, recorded_at=at))
    now = canonical(body(again, seq=record.seq, recorded_at=at))
    if was == now:
        return Replayed(record=record.name, result="agrees")
    return Replayed(
        record=record.name, result="differs", difference=_first_difference(json.loads(was), json.loads(now), "")
    )


def _first_difference(was: object, now: object, path: str) -> str:
    """Return the first place at which two JSON values part, with both values."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted(was.keys() | now.keys()):
            if was.get(key) != now.get(key):
                return _first_difference(was.get(key), now.get(key), f"{path}.{key}" if path else key)
    if isinstance(was, list) and isinstance(now, list):
        for index, pair in enumerate(zip(was, now, strict=False)):
            if pair[0] != pair[1]:
                return _first_difference(*pair, f"{path}[{index}]")
        return f"{path}: {len(was)} recorded, {len(now)} on replay"
    return f"{path}: recorded {was!r}, on replay {now!r}"


def _rechecked(record: Record, inputs: Inputs) -> Replayed:
    """A try was looked at again before it went out: the same look must come to the same move."""
    moved = next((e for e in record.draft.effects if isinstance(e, fx.EntryMoved)), None)
    if moved is None or record.draft.as_of is None or moved.reason == NOT_JUDGED:
        return Replayed(record=record.name, result="no_decision")
    entry = next((e for e in inputs.dossier.entries if e.key == moved.key), None)
    if entry is None:
        return Replayed(record=record.name, result="differs", difference="the entry is not among its inputs")
    answer = recheck(entry, inputs.dossier, inputs.terms, as_of=record.draft.as_of, now=record.draft.at)
    again: tuple[str, str, dt.datetime | None]
    match answer:
        case Send():
            again = (Move.RESERVE.value, "", None)
        case Wait(until=until, reason=reason):
            again = (Move.POSTPONE.value, reason, until)
        case Drop(move=move, reason=reason):
            again = (move.value, reason, None)
    if isinstance(answer, Send) and moved.move == Move.RESERVE.value:
        difference = _allowed_otherwise(record, moved, entry, answer, inputs)
        if difference:
            return Replayed(record=record.name, result="differs", difference=difference)
    was = (moved.move, moved.reason, moved.not_before)
    before_it_was_asked = moved.reason == UNSIGNED or moved.reason.startswith(NO_CHANNEL)
    after_it_was = isinstance(answer, Send) and moved.reason in (NO_TEXT, NOTHING_OWED, UNREPEATABLE)
    if was == again or before_it_was_asked or after_it_was:
        return Replayed(record=record.name, result="agrees")
    return Replayed(record=record.name, result="differs", difference=f"recorded {was!r}, on replay {again!r}")


def _allowed_otherwise(record: Record, moved: fx.EntryMoved, entry: Entry, answer: Send, inputs: Inputs) -> str:
    """Return how the allowance that was reserved differs from what the same look allows again; empty if it does not."""
    lines = tuple(e.contact for e in record.draft.effects if isinstance(e, fx.ContactLogged))
    if moved.allowance is None or not lines:
        return ""
    again = allow(
        entry,
        answer,
        inputs.dossier,
        inputs.terms,
        lines[0],
        as_of=record.draft.as_of or dt.date.min,
        now=record.draft.at,
    )
    if (moved.allowance, lines) == (again.allowance, again.lines):
        return ""
    # A row about several loans holds what each of them permits, and this replays one: its dials are the first of these.
    folded = set(lines[0].loan_ids) > set(entry.loan_ids)
    if folded and lines == again.lines[: len(lines)] and moved.allowance.quota <= again.allowance.quota:
        return ""
    return f"allowance: recorded {len(lines)} dials, on replay {len(again.lines)}, or of other numbers"


def _looked(record: Record, inputs: Inputs) -> Replayed:
    """A row was looked at again when somebody took it: the same look must leave the same dials, or end it likewise."""
    moved = next((e for e in record.draft.effects if isinstance(e, fx.EntryMoved)), None)
    entry = next((e for e in inputs.dossier.entries if moved is not None and e.key == moved.key), None)
    if moved is None or entry is None or record.draft.as_of is None:
        return Replayed(record=record.name, result="differs", difference="the entry is not among its inputs")
    now = record.draft.at
    answer = still_allowed(entry, inputs.dossier, inputs.terms, as_of=record.draft.as_of, now=now)
    dials = moved.allowance.dials if moved.allowance is not None else ()
    left = tuple(number for number, dial in enumerate(dials) if not dial.result)
    was = (moved.move, moved.reason, left if moved.move == Move.TAKE else ())
    match answer:
        case Still(dials=may):
            # The dials of a row stand with the entry that leads it; what rides with it was asked about them as well.
            again = (Move.TAKE.value, "", () if entry.lead else may)
        case Wait(reason=reason):
            again = ("wait", reason, ())
        case Drop(reason=reason):
            again = (ending(answer).value, reason, ())
    if was == again:
        return Replayed(record=record.name, result="agrees")
    return Replayed(record=record.name, result="differs", difference=f"recorded {was!r}, on replay {again!r}")
