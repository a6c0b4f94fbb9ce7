"""Sentences about what goes out and what came of it. Each ends without its full stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dunning.core.journal import effects as fx
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move
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
    what = what_of(entry) if entry is not None else f"entry {effect.key[:8]}"
    says = _MOVES.get(Move(effect.move))
    return f"{what} {says(effect, entry, told)}" if says is not None else ""


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
    return (
        f"is dialled{_number(effect, entry)}: {_RESULTS.get(effect.result, words(effect.result))}; it stays on the list"
    )


def _number(effect: fx.EntryMoved, entry: Entry | None) -> str:
    """Name the number that was dialled last, where it is not the one that was planned."""
    made = [d for d in effect.allowance.dials if d.at is not None] if effect.allowance is not None else []
    last = max(made, key=lambda dial: str(dial.at), default=None)
    return f" at {last.point_id}" if last is not None and entry is not None and last.point_id != entry.point_id else ""


def _taken(effect: fx.EntryMoved, entry: Entry | None, told: Told) -> str:
    by = effect.allowance.taken_by if effect.allowance is not None else ""
    return f"is taken in hand by {by}" if by else "is given back to the list"


def _unreported(effect: fx.EntryMoved, entry: Entry | None, told: Told) -> str:
    if effect.allowance is not None and not effect.allowance.taken_by:
        return "was taken by nobody: it counts for nothing"
    counts = "as if it had been made" if entry is None or entry.channel else "as done"
    return f"was not reported on: it counts {counts}"


def _result(effect: fx.EntryMoved, entry: Entry | None, told: Told) -> str:
    return f"is reported{_number(effect, entry)}: {_RESULTS.get(effect.result, words(effect.result))}{_reported(told)}"


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


def _reported(told: Told) -> str:
    line = next((e.contact for e in told.record.draft.effects if isinstance(e, fx.ContactLogged)), None)
    if line is None or line.at == told.record.draft.at:
        return ""
    return f" ({told.memory.clock(line.at)})"


def logged(effect: fx.ContactLogged, told: Told) -> str:
    """A contact of which no entry tells: somebody made it by themselves, or it came in."""
    line = effect.contact
    if line.entry_key:
        return ""
    who = "came in from" if line.direction == "in" else f"was made by the {words(line.actor)} to"
    return (
        f"a {channel(line.channel)} {who} {line.person_id}{f' at {line.point_id}' if line.point_id else ''} "
        f"({told.memory.clock(line.at)}): {_REACHED[line.outcome]}"
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
