"""Reserve: an entry that is fit goes out, with its riders; its caps are taken and its words kept before it leaves."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from attrs import evolve, frozen

from dunning.core.allow import allow, standing
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


@frozen(kw_only=True)
class Prepared:
    """One contact, ready to be reserved: its entries, the lead first, its words, and the ledger lines it takes."""

    every: tuple[Fit, ...]
    words: Words
    loan_ids: tuple[str, ...]
    lines: tuple[ContactRecord, ...]
    allowance: Allowance | None


def prepare(turn: Turn, lead: Fit, riders: Sequence[Fit]) -> Prepared:
    """
    Put the contact of *lead* and its *riders* together. Nothing is written yet.

    Raises:
        DunningError: Its words cannot be made.
    """
    every = (lead, *riders)
    loan_ids = tuple(sorted({id_ for one in every for id_ in one.seen.entry.loan_ids}))
    line = contact_of(lead.seen.entry, lead.answer, loan_ids=loan_ids, now=turn.now)
    allowance, lines = _allowance(turn, lead, riders, line)
    return Prepared(
        every=every,
        words=words_together(turn, [(one.seen, one.words) for one in every]),
        loan_ids=loan_ids,
        lines=lines,
        allowance=allowance,
    )


def _allowance(
    turn: Turn, lead: Fit, riders: Sequence[Fit], line: ContactRecord | None
) -> tuple[Allowance | None, tuple[ContactRecord, ...]]:
    """A row holds the dials that every one of its loans permits: a cap of one debt is not spent for another."""
    if not lead.seen.entry.executor:
        return None, (() if line is None else (line,))
    if line is None:
        return Allowance(quota=1), ()
    seen, now = lead.seen, turn.now
    found = allow(seen.entry, lead.answer, seen.found.dossier, seen.found.terms, line, as_of=seen.as_of, now=now)
    stand, quota = len(found.lines), found.allowance.quota
    for one in riders:
        dossier, terms = one.seen.found.dossier, one.seen.found.terms
        own = allow(one.seen.entry, one.answer, dossier, terms, line, as_of=one.seen.as_of, now=now)
        quota = min(quota, own.allowance.quota)
        stand = min(
            stand, standing(one.seen.entry, one.answer, dossier, terms, found.lines, as_of=one.seen.as_of, now=now)
        )
    dials = found.allowance.dials[:stand]
    return evolve(found.allowance, dials=dials, quota=min(quota, stand)), found.lines[:stand]


def reserve(turn: Turn, contact: Prepared) -> Ready:
    """Reserve every entry of *contact*, and return the message that goes out for them."""
    lead = contact.every[0]
    moved = [
        _reserved(turn, one, lead=lead, allowance=contact.allowance, words=contact.words, lines=contact.lines)
        for one in contact.every
    ]
    claims = [evolve(one.seen.claim, entry=entry) for one, entry in zip(contact.every, moved, strict=True)]
    return Ready(
        claim=claims[0],
        message=outgoing(turn, [(one.seen, one.answer) for one in contact.every], moved[0], contact.words),
        contacts=contact.lines,
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
