"""Reserve: an entry that is fit goes out, with its riders; its caps are taken and its words kept before it leaves."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from attrs import evolve, frozen

from dunning.core.allow import allow
from dunning.core.contact.ledger import ContactRecord
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft
from dunning.core.outbox.allowance import Allowance
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move, State
from dunning.core.recheck import Send
from dunning.engine.deliver.folding import words_together
from dunning.engine.deliver.outgoing import contact_of, outgoing
from dunning.engine.deliver.ready import Ready
from dunning.engine.deliver.turn import Seen, Turn
from dunning.engine.deliver.words import Words


@frozen(kw_only=True)
class Fit:
    """An entry that may go out now, and what it says."""

    seen: Seen
    answer: Send
    words: Words


def reserve(turn: Turn, lead: Fit, riders: Sequence[Fit]) -> Ready:
    """Reserve *lead* and its *riders* as one contact, and return the message that goes out for them."""
    every = (lead, *riders)
    words = words_together(turn, [(one.seen, one.words) for one in every])
    loan_ids = tuple(sorted({id_ for one in every for id_ in one.seen.entry.loan_ids}))
    line = contact_of(lead.seen.entry, lead.answer, loan_ids=loan_ids, now=turn.now)
    lines: tuple[ContactRecord, ...] = () if line is None else (line,)
    allowance = None
    if lead.seen.entry.executor and line is not None:
        allowed = allow(
            lead.seen.entry,
            lead.answer,
            lead.seen.found.dossier,
            lead.seen.found.terms,
            line,
            as_of=lead.seen.as_of,
            now=turn.now,
        )
        allowance, lines = allowed.allowance, allowed.lines
    elif lead.seen.entry.executor:
        allowance = Allowance(quota=1)
    moved = [_reserved(turn, one, lead=lead, allowance=allowance, words=words, lines=lines) for one in every]
    claims = [evolve(one.seen.claim, entry=entry) for one, entry in zip(every, moved, strict=True)]
    return Ready(
        claim=claims[0],
        message=outgoing(turn, lead.seen, moved[0], lead.answer, words, loan_ids=loan_ids),
        contacts=lines,
        riders=tuple(claims[1:]),
    )


def _reserved(
    turn: Turn, one: Fit, *, lead: Fit, allowance: Allowance | None, words: Words, lines: Sequence[ContactRecord]
) -> Entry:
    """Move one of them to sending. The ledger lines stand with the lead: it is one contact, whatever it is about."""
    leads = one is lead
    # A row is put together from the words of those of its entries that still stand; a message is one text.
    text = _kept(turn, one, one.words if allowance is not None else words)
    own = allowance if leads or allowance is None else Allowance()
    moved = turn.unit.settle(
        one.seen.entry.key,
        Move.RESERVE,
        token=one.seen.claim.token,
        now=turn.now,
        allowance=own,
        lead="" if leads else lead.seen.entry.key,
    )
    effects: list[fx.Effect] = [moved_effect(moved, Move.RESERVE, now=turn.now)]
    if leads:
        effects += [fx.ContactLogged(contact=line) for line in lines]
    note_attempt(turn, one.seen, effects, text=text)
    return moved


def _kept(turn: Turn, one: Fit, words: Words) -> str:
    entry = one.seen.entry
    said = json.dumps([words.language, words.subject, words.body, words.script, *words.also], ensure_ascii=False)
    return turn.unit.vault.keep(entry.person_id or f"loan:{entry.loan_ids[0]}", said.encode())


def moved_effect(entry: Entry, move: Move, *, now: dt.datetime, reason: str = "") -> fx.EntryMoved:
    """Return what the journal says of *move*, after which *entry* is as it is."""
    reserved = move is Move.RESERVE
    return fx.EntryMoved(
        key=entry.key,
        move=move.value,
        state=entry.state.value,
        at=now,
        reason=reason,
        not_before=entry.not_before if move is Move.POSTPONE else None,
        allowance=entry.allowance if reserved else None,
        lead=entry.lead if reserved else None,
    )


def note_attempt(
    turn: Turn, seen: Seen, effects: Sequence[fx.Effect], *, text: str = "", wake_on: dt.date | None = None
) -> None:
    """Add the record of a last look, with what it looked at, to the journal."""
    turn.journal.add(
        Draft(
            stream=seen.found.snapshot.stream,
            kind="attempt",
            at=turn.now,
            as_of=seen.as_of,
            effects=tuple(effects),
            inputs=(*seen.kept, ("text", text)) if text else seen.kept,
        ),
        seen.found.snapshot,
        wake_on=wake_on,
    )


def ends(entry: Entry, on: dt.date) -> list[fx.TouchClosed]:
    """Return the end of the touches of an entry that was dropped."""
    reason = "lapsed" if entry.state is State.LAPSED else "cancelled"
    return [
        fx.TouchClosed(touch=t.whole.key, step=t.step, occasion=t.occurrence, reason=reason, on=on)
        for t in entry.touches
    ]
