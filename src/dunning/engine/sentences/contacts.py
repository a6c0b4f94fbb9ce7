"""Sentences about what goes out and what came of it. Each ends without its full stop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dunning.core.contact.ledger import ContactRecord
from dunning.core.journal import effects as fx
from dunning.core.outbox.allowance import NOT_DIALLED, UNREPORTED, Dial
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move
from dunning.engine.deliver.settling import NOBODY_TOOK_IT
from dunning.engine.sentences.memory import Told, because, channel, day, step, words

_RESULTS = {
    "delivered": "it was delivered",
    "no_answer": "nobody answered",
    "busy": "the line was busy",
    "not_in_service": "the number is not in service",
    "connected": "somebody answered, who it was is not known",
    "right_party": "the right person was reached",
    "conversation": "a conversation",
    "promise": "a promise to pay",
    "refusal_to_pay": "the person refuses to pay",
    "wrong_number": "wrong number",
    "call_back": "the person asks to be called back",
    "refused": "it was refused",
    "unknown": "whether it arrived is unknown",
}
_REACHED = {
    "not_connected": "no connection",
    "attempted": "nobody was reached",
    "connected": "somebody answered",
    "identity_verified": "the right person was reached",
    "conversation": "a conversation",
    None: "how far it went is unknown",
}
_ENDS = {
    "exhausted": "{step} has used up its attempts",
    "unreachable": "{step} finds no number or address left to use",
    "lapsed": "{step} ({occasion}) has lapsed, and is not made up for later",
    "no_party": "{step} concerns nobody in this loan",
    "stopped": "{step} is over with that",
    "reached": "{step} has reached its goal",
    "pending": "{step} is not proposed again: such a request waits already",
    "running": "{step} is not proposed: it runs already",
    "refused": "{step} was refused, and is over",
}


def queued(effect: fx.EntryQueued, told: Told) -> str:
    entry = effect.entry
    told.memory.entries[entry.key] = entry
    who = f" for the {words(entry.executor)}" if entry.executor else ""
    late = entry.not_before > told.record.draft.at
    when = f" for {told.memory.clock(entry.not_before)} or later{_until_then(entry, told)}" if late else ""
    return f"{what_of(entry)} is planned{who}{when}{_passed_over(entry, told)}"


def _until_then(entry: Entry, told: Told) -> str:
    weighed = [w for w in _weighed(entry, told) if w["channel"] == entry.channel and w["point"] == entry.point_id]
    why = told.memory.objections(rule for w in weighed for rule in (*w["objections"], *w.get("until_then", ())))
    return f" (until then: {why})" if why else ""


def _passed_over(entry: Entry, told: Told) -> str:
    """Say which ways stood before the one that was chosen, and who objects to them."""
    over = [
        f"not by {channel(w['channel'])} to {w['point']}: "
        + (told.memory.objections(w["objections"]) or "it would come too late")
        for w in _weighed(entry, told)
        if (w["channel"], w["point"]) != (entry.channel, entry.point_id)
    ]
    return f"; {'; '.join(over)}" if over else ""


def moved(effect: fx.EntryMoved, told: Told) -> str:
    entry = told.memory.entries.get(effect.key)
    if effect.lead is not None:
        told.memory.leads[effect.key] = effect.lead
    if effect.until is not None:
        told.memory.allowed[effect.key] = (effect.at, effect.until)
    what = what_of(entry) if entry is not None else f"entry {effect.key}"
    says = _MOVES.get(Move(effect.move))
    sentence = f"{what} {says(effect, entry, told)}" if says is not None else ""
    if effect.allowance is not None:
        told.memory.dials[effect.key] = effect.allowance.dials
    return sentence


def _put_off(effect: fx.EntryMoved, entry: Entry | None, told: Told) -> str:
    until = told.memory.clock(effect.not_before) if effect.not_before else "later"
    return f"is put off until {until}{_why(effect, told)}"


def _taken_back(effect: fx.EntryMoved, entry: Entry | None, told: Told) -> str:
    listed = entry is not None and entry.executor and told.record.draft.kind == "decision"
    return f"is taken {'off the list' if listed else 'back'}{_why(effect, told)}"


def _on_the_list(effect: fx.EntryMoved, entry: Entry | None, told: Told) -> str:
    until = f", good until {told.memory.clock(effect.until)}" if effect.until is not None else ""
    queue = f"list of the {words(entry.executor)}" if entry is not None and entry.executor else "list of the dialler"
    return f"is on the {queue}{until}{_numbers(effect)}{_together(effect, told)}"


def _numbers(effect: fx.EntryMoved) -> str:
    """Say which numbers a row carries, where it carries more than one."""
    allowance = effect.allowance
    points = list(dict.fromkeys(dial.point_id for dial in allowance.dials)) if allowance is not None else []
    if allowance is None or len(points) < 2:  # noqa: PLR2004 - one number is the one that the sentence names
        return ""
    dials = "one dial" if allowance.quota == 1 else f"{allowance.quota} dials"
    return f"; {dials} of {points[0]}, or where that proves dead of {', '.join(points[1:])}"


def _goes_out(effect: fx.EntryMoved, entry: Entry | None, told: Told) -> str:
    return f"goes out{_together(effect, told)}"


def _together(effect: fx.EntryMoved, told: Told) -> str:
    return ", in one with another loan of the same person" if told.memory.leads.get(effect.key) else ""


def _dialled(effect: fx.EntryMoved, entry: Entry | None, told: Told) -> str:
    return f"is dialled{_number(effect, entry, told)}: {_came_of(effect, told)}; it stays on the list"


def _number(effect: fx.EntryMoved, entry: Entry | None, told: Told) -> str:
    """Name the number that was dialled, where it is not the one that was planned."""
    line = _line(effect, told)
    made = next((dial.point_id for dial in _changed(effect, told) if dial.at is not None), "")
    point = line.point_id if line is not None else made
    return f" at {point}" if point and (entry is None or point != entry.point_id) else ""


def _came_of(effect: fx.EntryMoved, told: Told) -> str:
    """Say what came of it, with who made it when, and whether that was allowed."""
    line = _line(effect, told)
    result = _RESULTS.get(effect.result, words(effect.result))
    if line is None:
        return result
    # The line of a report whose clock is wrong stands within its days; the dial has the time as it was told.
    at = next((dial.at for dial in _changed(effect, told) if dial.at is not None), line.at)
    return f"{result}{_made(line, at, told)}{_beyond(line, at, told)}"


def _line(effect: fx.EntryMoved, told: Told) -> ContactRecord | None:
    """Return the ledger line of what was reported; the others of its record only free what was not dialled."""
    lines = (e.contact for e in told.record.draft.effects if isinstance(e, fx.ContactLogged))
    rows = {effect.key, told.memory.leads.get(effect.key) or effect.key}
    return next((line for line in lines if line.entry_key in rows and not line.void and not line.reserved), None)


def _made(line: ContactRecord, at: dt.datetime, told: Told) -> str:
    said = (
        told.memory.clock(at) if at != told.record.draft.at else "",
        f"by {line.actor_id}" if line.actor_id else "",
        f"recording {line.recording}" if line.recording else "",
    )
    return f" ({', '.join(part for part in said if part)})" if any(said) else ""


def _beyond(line: ContactRecord, at: dt.datetime, told: Told) -> str:
    begins, ends = told.memory.allowed.get(line.entry_key, (at, None))
    found = (
        "beyond the dials that were allowed" if line.id.startswith("message:") else "",
        "outside the time that was allowed" if ends is not None and not begins <= at < ends else "",
    )
    return "".join(f", {what}" for what in found if what)


def _given_up(effect: fx.EntryMoved, told: Told) -> str:
    """Say which numbers were closed by this without having been dialled."""
    new = [dial.point_id for dial in _changed(effect, told) if dial.result == NOT_DIALLED]
    dials = effect.allowance.dials if effect.allowance is not None else ()
    before = {dial.point_id for dial in dials if dial.counts}
    never = list(dict.fromkeys(point for point in new if point not in before))
    again = list(dict.fromkeys(point for point in new if point in before))
    return (f"; not dialled: {_and(never)}" if never else "") + (f"; not dialled again: {_and(again)}" if again else "")


def _changed(effect: fx.EntryMoved, told: Told) -> list[Dial]:
    """Return the dials that are otherwise than after the record before."""
    before = told.memory.dials.get(effect.key, ())
    dials = effect.allowance.dials if effect.allowance is not None else ()
    return [dial for n, dial in enumerate(dials) if before[n : n + 1] != (dial,)]


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _taken(effect: fx.EntryMoved, entry: Entry | None, told: Told) -> str:
    by = effect.allowance.taken_by if effect.allowance is not None else ""
    return f"is taken in hand by {by}{_given_up(effect, told)}" if by else "is given back to the list"


def _unreported(effect: fx.EntryMoved, entry: Entry | None, told: Told) -> str:
    if effect.allowance is not None and not effect.allowance.taken_by:
        why = "" if effect.reason in ("", NOBODY_TOOK_IT) else f", and is over{_why(effect, told)}"
        return f"was taken by nobody{why or ': it counts for nothing'}"
    if effect.allowance is not None and len(effect.allowance.dials) > 1:
        dials = effect.allowance.dials
        points = list(dict.fromkeys(dial.point_id for dial in dials if dial.result == UNREPORTED))
        whole = "" if all(dial.result == UNREPORTED for dial in dials) else " in full"
        return f"was not reported on{whole}: {_and(points)} {'counts' if len(points) == 1 else 'count'} as dialled"
    counts = "as if it had been made" if entry is None or entry.channel else "as done"
    return f"was not reported on: it counts {counts}"


def _result(effect: fx.EntryMoved, entry: Entry | None, told: Told) -> str:
    together = ""
    if entry is not None and entry.executor and entry.channel and told.record.draft.kind == "outcome":
        # The record of the loan that was named has the line.
        together = ", in one with another loan of the same person" if _line(effect, told) is None else ""
    return f"is reported{_number(effect, entry, told)}{together}: {_came_of(effect, told)}{_given_up(effect, told)}"


def _why(effect: fx.EntryMoved, told: Told) -> str:
    return because(told.memory.reasons(effect.reason))


_MOVES: Mapping[Move, Callable[[fx.EntryMoved, Entry | None, Told], str]] = {
    Move.POSTPONE: _put_off,
    Move.RETRY: _put_off,
    Move.CANCEL: _taken_back,
    Move.LAPSE: lambda effect, entry, told: "does not go out: its time is over",
    Move.REFUSE: lambda effect, entry, told: f"does not go out{_why(effect, told)}",
    Move.ACCEPT: _goes_out,
    Move.TAKE: _taken,
    Move.DIAL: _dialled,
    Move.HAND_OVER: _on_the_list,
    Move.NO_ANSWER: lambda effect, entry, told: (
        f"may or may not have gone out{_why(effect, told)}; it counts as if it had"
    ),
    Move.UNREPORTED: _unreported,
    Move.RESULT: _result,
}


def logged(effect: fx.ContactLogged, told: Told) -> str:
    """A contact of which no entry tells: somebody made it by themselves, or it came in."""
    line = effect.contact
    if line.entry_key:
        return ""
    who = "came in from" if line.direction == "in" else f"was made by the {words(line.actor)} to"
    recorded = f", recording {line.recording}" if line.recording else ""
    return (
        f"a {channel(line.channel)} {who} {line.person_id}{f' at {line.point_id}' if line.point_id else ''} "
        f"({told.memory.clock(line.at)}{recorded}): {_REACHED[line.outcome]}"
    )


def closed(effect: fx.TouchClosed, told: Told) -> str:
    moves = {e.move for e in told.record.draft.effects if isinstance(e, fx.EntryMoved)}
    # The sentence about the entry says it already.
    if moves & {Move.ACCEPT, Move.NO_ANSWER} or effect.reason in ("cancelled", "proposed", "unknown"):
        return ""
    if effect.reason == "lapsed" and Move.LAPSE in moves:
        return ""
    says = _ENDS.get(effect.reason, "{step} ended: " + words(effect.reason))
    return says.format(step=step(effect.step), occasion=f"due from {effect.occasion}")


def reopened(effect: fx.TouchReopened, told: Told) -> str:
    return f"{step(effect.step)} goes on: {words(effect.reason)}"


def refused(effect: fx.TouchRefused, told: Told) -> str:
    ways = []
    for way in effect.says.split("; ") if effect.says else ():
        where, _, rules = way.partition(": ")
        kind, _, point = where.partition(" at ")
        ways.append(f"by {channel(kind)} to {point} ({told.memory.reasons(rules)})")
    return f"{step(effect.step)} is not permitted before it lapses, {' nor '.join(ways) or 'nobody can be reached'}"


def alarm(effect: fx.AlarmRaised, told: Told) -> str:
    if effect.says:
        return f"ALARM: {effect.says.rstrip('.')}"
    what, _, why = effect.step.partition(": ")
    if why:
        return f"ALARM: {step(what)} was {why}. Somebody has to look at it"
    return f"ALARM: {step(what)} should have gone out by {day(effect.on)} and has not. Somebody has to act"


def what_of(entry: Entry) -> str:
    """Return what *entry* is, to whom, and why."""
    if not entry.channel:
        return f"the work item {step(entry.step)}"
    article = "an" if entry.channel == "email" else "a"
    return f"{article} {channel(entry.channel)} to {_whom(entry)} ({step(entry.step)})"


def _weighed(entry: Entry, told: Told) -> Iterable[Mapping[str, Any]]:
    return (w for w in told.about.get("weighed", ()) if (w["step"], w["person"]) == (entry.step, entry.person_id))


def _whom(entry: Entry) -> str:
    role = f"{words(entry.role)} " if entry.role not in ("", "borrower") else ""
    return f"{role}{entry.person_id}" + (f" at {entry.point_id}" if entry.point_id else "")
