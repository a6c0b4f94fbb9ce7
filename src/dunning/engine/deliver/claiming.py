"""Claim: lease what is due, look again on fresh facts, and reserve what still holds, in one transaction."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from attrs import define, evolve, field

from dunning.core.contact.ledger import ContactRecord, cap_keys
from dunning.core.facts.loan import Quote
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.core.outbox.entry import Claim, Entry
from dunning.core.outbox.transitions import Move, State
from dunning.core.recheck import Drop, Send, Wait, recheck
from dunning.engine import inputs
from dunning.engine.deliver.outgoing import contact_of, outgoing
from dunning.engine.deliver.ready import Ready
from dunning.engine.deliver.settling import settle_lost
from dunning.engine.deliver.turn import Seen, Turn
from dunning.engine.deliver.words import Words, told_money, words_for
from dunning.engine.gather import Asked, Gathered, ask, dossiers, keys_of
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.engine.reports import Delivered, Trouble
from dunning.errors import DunningError

LEASE = dt.timedelta(minutes=10)
# What lacks a value for its text, or facts of its loan, can be mended: the entry is not thrown away for it.
NO_TEXT = "its text cannot be made"
NOTHING_OWED = "the host's ledger shows nothing overdue"
UNSIGNED = "its policy is not signed, so it only simulates"
_AGAIN = dt.timedelta(hours=1)


@define(kw_only=True)
class Claimed:
    """What one `claim` leased, and what became of it so far."""

    leased: int = 0
    ready: list[Ready] = field(factory=list)


def claim(parts: Parts, report: Delivered, *, now: dt.datetime, limit: int) -> Claimed:
    """
    Lease up to *limit* entries and return those that may go out now.

    The rest are put off, dropped with a reason, or, where a worker died while sending, marked unknown.
    """
    with parts.storage.begin(parts.lender) as unit:
        claims = unit.claim(now=now, limit=limit, lease=LEASE, worker=parts.worker)
    claimed = Claimed(leased=len(claims))
    lost = [c for c in claims if c.entry.state is State.SENDING]
    if lost:
        settle_lost(parts, lost, report, now=now)
    rest = [c for c in claims if c.entry.state is not State.SENDING]
    if rest:
        _look_again(parts, rest, claimed, report, now=now)
    return claimed


def _look_again(
    parts: Parts, claims: Sequence[Claim], claimed: Claimed, report: Delivered, *, now: dt.datetime
) -> None:
    loan_ids = sorted({id_ for c in claims for id_ in c.entry.loan_ids})
    asked = ask(parts, loan_ids, as_of=None, now=now)
    report.troubles.extend(Trouble(what=f"plugin {f.plugin}", why=f"{f.hook}: {f.error}") for f in asked.failures)
    quotes = _quotes(parts, asked)
    with parts.storage.begin(parts.lender) as unit:
        unit.lock(_keys(claims, asked))
        journal = Journal(unit=unit, lender=parts.lender)
        turn = Turn(parts=parts, unit=unit, journal=journal, report=report, now=now, dates=asked.dates)
        gathered = {one.dossier.loan.id: one for one in dossiers(parts, asked, unit, now=now).gathered}
        unit.vault.expect(owner for one in gathered.values() for owner in inputs.owners(one.dossier))
        reserved: list[ContactRecord] = []
        for one in claims:
            found = gathered.get(one.entry.loan_ids[0])
            if found is None:
                _let_go(turn, one)
                continue
            ready = _decide(turn, _seen(turn, one, found, quotes[one.entry.loan_ids[0]], reserved))
            if ready is not None:
                claimed.ready.append(ready)
                if ready.contact is not None:
                    reserved.append(ready.contact)
        report.records += journal.write(recorded_at=now)


def _quotes(parts: Parts, asked: Asked) -> dict[str, Quote | DunningError]:
    """The host's quotes, asked before anything is locked; a loan that cannot be quoted is told, not guessed."""
    quotes: dict[str, Quote | DunningError] = {}
    for loan_id, on in asked.dates.items():
        try:
            quotes[loan_id] = parts.book.quote(loan_id, on)
        except DunningError as error:
            quotes[loan_id] = error
    return quotes


def _keys(claims: Sequence[Claim], asked: Asked) -> list[str]:
    keys: set[str] = set()
    for one in claims:
        entry = one.entry
        if not entry.person_id:
            continue
        person = asked.facts.persons.get(entry.person_id)
        point = next((p for p in person.points if p.id == entry.point_id), None) if person else None
        keys.update(
            cap_keys(
                person_id=entry.person_id,
                loan_ids=entry.loan_ids,
                point_id=entry.point_id,
                household=point.household if point else "",
                device=point.device if point else "",
            )
        )
    return sorted(keys)


def _seen(
    turn: Turn, claim: Claim, found: Gathered, quote: Quote | DunningError, reserved: Sequence[ContactRecord]
) -> Seen:
    """
    Add to the dossier what this very round has reserved and recorded already.

    An earlier try of the same entry is the same contact, and does not count against it.
    """
    keys = set(keys_of(found.dossier.loan, {person.id: person for person in found.dossier.persons}))
    mine = [line for line in reserved if keys.intersection(line.keys)]
    dossier = evolve(
        found.dossier,
        history=(*(line for line in found.dossier.history if line.entry_key != claim.entry.key), *mine),
        case=turn.journal.case(found.snapshot),
        entries=tuple(claim.entry if e.key == claim.entry.key else e for e in found.dossier.entries),
    )
    return Seen(
        claim=claim,
        found=evolve(found, dossier=dossier),
        as_of=found.as_of,
        quote=quote,
        kept=inputs.keep(turn.unit.vault, dossier, found.terms),
    )


def _decide(turn: Turn, seen: Seen) -> Ready | None:
    if not seen.found.policy.signed:
        _put_off(turn, seen, until=turn.now + _AGAIN, reason=UNSIGNED)
        return None
    answer = recheck(seen.entry, seen.found.dossier, seen.found.terms, as_of=seen.as_of, now=turn.now)
    match answer:
        case Send() if _nothing_owed(seen):
            _put_off(turn, seen, until=turn.now + _AGAIN, reason=NOTHING_OWED)
        case Send():
            try:
                words = _words(turn, seen, answer)
            except DunningError as error:
                what = f"{seen.entry.step} for loan {seen.entry.loan_ids[0]}"
                turn.report.troubles.append(Trouble(what=what, why=str(error)))
                _put_off(turn, seen, until=turn.now + _AGAIN, reason=NO_TEXT)
                return None
            return _reserve(turn, seen, answer, words)
        case Wait():
            _postpone(turn, seen, answer)
        case Drop():
            _drop(turn, seen, answer)
    return None


def _nothing_owed(seen: Seen) -> bool:
    """Whether the host's own ledger shows nothing overdue, less what we were told of: then nobody is asked to pay."""
    if seen.entry.purpose != "collection" or isinstance(seen.quote, DunningError):
        return False
    return seen.quote.overdue.total <= told_money(seen.found.dossier, on=seen.quote.on)


def _words(turn: Turn, seen: Seen, answer: Send) -> Words:
    if isinstance(seen.quote, DunningError):
        raise seen.quote
    entry = seen.entry
    return words_for(
        entry,
        seen.found.dossier,
        answer.status,
        seen.found.terms.step(entry.step, tier=entry.tier, track=entry.track),
        person=answer.person,
        quote=seen.quote,
        policy=seen.found.policy,
        templates=turn.parts.templates,
        sender=turn.parts.sender,
        as_of=seen.as_of,
    )


def _reserve(turn: Turn, seen: Seen, answer: Send, words: Words) -> Ready:
    moved = turn.unit.settle(seen.entry.key, Move.RESERVE, token=seen.claim.token, now=turn.now)
    contact = contact_of(moved, answer, now=turn.now)
    text = json.dumps([words.language, words.subject, words.body, words.script], ensure_ascii=False).encode()
    owner = moved.person_id or f"loan:{moved.loan_ids[0]}"
    effects: list[fx.Effect] = [_moved(moved, Move.RESERVE, now=turn.now)]
    if contact is not None:
        effects.append(fx.ContactLogged(contact=contact))
    _note(turn, seen, effects, text=turn.unit.vault.keep(owner, text))
    return Ready(
        claim=evolve(seen.claim, entry=moved),
        message=outgoing(turn, seen, moved, answer, words),
        contact=contact,
    )


def _moved(entry: Entry, move: Move, *, now: dt.datetime, reason: str = "") -> fx.EntryMoved:
    return fx.EntryMoved(
        key=entry.key,
        move=move.value,
        state=entry.state.value,
        at=now,
        reason=reason,
        not_before=entry.not_before if move is Move.POSTPONE else None,
    )


def _note(
    turn: Turn, seen: Seen, effects: Sequence[fx.Effect], *, text: str = "", wake_on: dt.date | None = None
) -> None:
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


def _postpone(turn: Turn, seen: Seen, wait: Wait) -> None:
    _put_off(turn, seen, until=wait.until, reason=wait.reason)


def _put_off(turn: Turn, seen: Seen, *, until: dt.datetime, reason: str) -> None:
    moved = turn.unit.settle(
        seen.entry.key, Move.POSTPONE, token=seen.claim.token, now=turn.now, not_before=until, reason=reason
    )
    turn.report.waiting[reason] += 1
    turn.report.next_permitted = min(turn.report.next_permitted or until, until)
    _note(turn, seen, [_moved(moved, Move.POSTPONE, now=turn.now, reason=reason)])


def _drop(turn: Turn, seen: Seen, drop: Drop) -> None:
    moved = turn.unit.settle(seen.entry.key, drop.move, token=seen.claim.token, now=turn.now, reason=drop.reason)
    turn.report.dropped[drop.reason] += 1
    # A point that can no longer be used ends one way of making the contact, not the touch: the next night plans on.
    ends = [] if drop.move is Move.REFUSE else _ends(moved, seen.as_of)
    wake_on = seen.as_of if drop.move is Move.REFUSE else None
    _note(turn, seen, [_moved(moved, drop.move, now=turn.now, reason=drop.reason), *ends], wake_on=wake_on)


def _let_go(turn: Turn, claim: Claim) -> None:
    """
    Put off an entry whose loan the book does not show at present, or that no policy fits.

    A book may be broken for an hour (a bad row rejects its loan): that is no reason to throw a notice away.
    """
    reason = "the book does not show the loan at present, or no policy fits it"
    if turn.now >= claim.entry.expires_at:
        move, until = Move.LAPSE, None
        turn.report.dropped[reason] += 1
    else:
        move, until = Move.POSTPONE, turn.now + _AGAIN
        turn.report.waiting[reason] += 1
    moved = turn.unit.settle(claim.entry.key, move, token=claim.token, now=turn.now, not_before=until, reason=reason)
    ends = _ends(moved, turn.now.date()) if move is Move.LAPSE else []
    turn.journal.add(
        Draft(
            stream=Stream(lender=claim.entry.lender, kind="loan", id=claim.entry.loan_ids[0]),
            kind="attempt",
            at=turn.now,
            effects=(_moved(moved, move, now=turn.now, reason=reason), *ends),
        )
    )


def _ends(entry: Entry, on: dt.date) -> list[fx.TouchClosed]:
    reason = "lapsed" if entry.state is State.LAPSED else "cancelled"
    return [
        fx.TouchClosed(touch=t.whole.key, step=t.step, occasion=t.occurrence, reason=reason, on=on)
        for t in entry.touches
    ]
