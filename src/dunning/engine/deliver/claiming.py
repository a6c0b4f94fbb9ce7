"""Claim: lease what is due, look again on fresh facts, and reserve what still holds, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import define, evolve, field

from dunning.core.contact.ledger import ContactRecord, cap_keys
from dunning.core.facts.loan import Quote
from dunning.core.outbox.entry import Claim, Entry
from dunning.core.outbox.transitions import Move, State
from dunning.core.recheck import Drop, Send, Wait, recheck
from dunning.core.terms import Dossier
from dunning.engine import inputs
from dunning.engine.deliver.folding import companions, may_ride, tied
from dunning.engine.deliver.noting import lines_of
from dunning.engine.deliver.ready import Ready
from dunning.engine.deliver.reserving import Fit, Prepared, prepare, reserve
from dunning.engine.deliver.settling import settle_lost
from dunning.engine.deliver.staying import (
    AGAIN,
    NOT_JUDGED,
    NOT_KEPT,
    NOTHING_OWED,
    UNSIGNED,
    bare,
    drop,
    end_unrepeatable,
    keep_with_lead,
    let_go,
    no_channel,
    no_text,
    put_off,
    why,
)
from dunning.engine.deliver.turn import Seen, Turn
from dunning.engine.deliver.words import Words, told_money, words_for
from dunning.engine.gather import Asked, Gathered, ask, dossiers, keys_of
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.engine.reports import Delivered, Trouble
from dunning.errors import DunningError

LEASE = dt.timedelta(minutes=10)
# A lease this near to its end leaves no time to reserve and send under it.
_MARGIN = dt.timedelta(minutes=1)


@define(kw_only=True)
class Claimed:
    """What one `claim` leased, and what became of it so far."""

    leased: int = 0
    ready: list[Ready] = field(factory=list)


def claim(parts: Parts, report: Delivered, *, now: dt.datetime, limit: int) -> Claimed:
    """
    Lease up to *limit* entries, with what may go out together with them, and return those that may go out now.

    The rest are put off, dropped with a reason, or, where a worker died while sending, marked unknown. What is returned
    is reserved: if this process dies before `settle`, all of it is unknown, so *limit* is how much that may be.
    """
    claims = lease(parts, now=now, limit=limit)
    return Claimed(leased=len(claims), ready=look_again(parts, claims, report, now=now))


def lease(parts: Parts, *, now: dt.datetime, limit: int) -> list[Claim]:
    """Lease up to *limit* entries that are due, and what may go out together with them."""
    with parts.storage.begin(parts.lender) as unit:
        claims = list(unit.claim(now=now, limit=limit, lease=LEASE, worker=parts.worker))
    return [*claims, *companions(parts, claims, now=now, lease=LEASE)]


def look_again(parts: Parts, claims: Sequence[Claim], report: Delivered, *, now: dt.datetime) -> list[Ready]:
    """
    Look at *claims* on fresh facts and reserve those that may go out now; put off, drop or mark the rest.

    What a slow channel left no time for is passed over: its lease is over or nearly so, and it is claimed again.
    """
    lost = [c for c in claims if c.entry.state is State.SENDING]
    if lost:
        settle_lost(parts, lost, report, now=now)
    held = [c for c in claims if c.entry.state is not State.SENDING and now < c.lease_until - _MARGIN]
    return _reserve_fit(parts, held, report, now=now) if held else []


def _reserve_fit(parts: Parts, claims: Sequence[Claim], report: Delivered, *, now: dt.datetime) -> list[Ready]:
    loan_ids = sorted({id_ for c in claims for id_ in c.entry.loan_ids})
    asked = ask(parts, loan_ids, as_of=None, now=now)
    report.troubles.extend(Trouble(what=f"plugin {f.plugin}", why=f"{f.hook}: {f.error}") for f in asked.failures)
    quotes = quotes_of(parts, asked)
    with parts.storage.begin(parts.lender) as unit:
        unit.lock(keys_to_lock([c.entry for c in claims], asked))
        journal = Journal(unit=unit, lender=parts.lender)
        turn = Turn(parts=parts, unit=unit, journal=journal, report=report, now=now, dates=asked.dates)
        gathered = {one.dossier.loan.id: one for one in dossiers(parts, asked, unit, now=now).gathered}
        unit.vault.expect(owner for one in gathered.values() for owner in inputs.owners(one.dossier))
        ready = _decide_all(turn, claims, gathered, quotes)
        report.records += journal.write(recorded_at=now)
    return ready


def _decide_all(
    turn: Turn,
    claims: Sequence[Claim],
    gathered: dict[str, Gathered],
    quotes: dict[str, Quote | DunningError],
) -> list[Ready]:
    """Decide about *claims* one after the other; what may ride with one is decided about together with it."""
    ready: list[Ready] = []
    reserved: list[ContactRecord] = []

    def fit(one: Claim) -> Fit | None:
        loan_id = one.entry.loan_ids[0]
        if loan_id not in gathered:
            let_go(turn, one)
            return None
        try:
            seen = _seen(turn, one, gathered[loan_id], quotes[loan_id], reserved)
        except DunningError as error:
            turn.report.troubles.append(Trouble(what=f"loan {loan_id}", why=str(error)))
            bare(turn, one, Move.POSTPONE, NOT_KEPT)
            return None
        return _fit(turn, seen)

    left = sorted(claims, key=lambda one: bool(one.entry.lead))  # a lead before what rode with it
    while left:
        one = left.pop(0)
        if tied(one.entry):
            keep_with_lead(turn, one)
            continue
        lead = fit(one)
        if lead is None:
            continue
        with_it = [other for other in left if may_ride(other.entry, one.entry, gathered, turn.parts.templates)]
        left = [other for other in left if other not in with_it]
        riders = [found for other in with_it if (found := fit(other)) is not None]
        if not _as_it_was(turn, lead, riders):
            end_unrepeatable(turn, [lead, *riders])
            continue
        contact = _prepared(turn, lead, riders)
        if contact is not None:
            ready.append(reserve(turn, contact))
            reserved.extend(ready[-1].contacts)
    return ready


def _as_it_was(turn: Turn, lead: Fit, riders: Sequence[Fit]) -> bool:
    """Whether what may have gone out would be repeated about the very loans that it was about."""
    if lead.seen.entry.result != "unknown":
        return True
    lines = lines_of(turn.unit, lead.seen.entry, now=turn.now)
    before = {id_ for line in lines for id_ in line.loan_ids}
    return before <= {id_ for one in (lead, *riders) for id_ in one.seen.entry.loan_ids}


def _prepared(turn: Turn, lead: Fit, riders: Sequence[Fit]) -> Prepared | None:
    """Put one contact together. What has no words for several loans speaks of the first, and the others wait."""
    try:
        return prepare(turn, lead, riders)
    except Exception as error:  # noqa: BLE001 - one text that cannot be made holds up no other contact
        for one in riders or [lead]:
            no_text(turn, one.seen, error)
        return _prepared(turn, lead, ()) if riders else None


def quotes_of(parts: Parts, asked: Asked) -> dict[str, Quote | DunningError]:
    """The host's quotes, asked before anything is locked; a loan that cannot be quoted is told, not guessed."""
    quotes: dict[str, Quote | DunningError] = {}
    for loan_id, on in asked.dates.items():
        try:
            quotes[loan_id] = parts.book.quote(loan_id, on)
        except DunningError as error:
            quotes[loan_id] = error
    return quotes


def keys_to_lock(entries: Sequence[Entry], asked: Asked) -> list[str]:
    """Return every cap key under which *entries* may count: a row may carry any number of the person."""
    keys: set[str] = set()
    for entry in entries:
        if not entry.person_id:
            continue
        keys.update(cap_keys(person_id=entry.person_id, loan_ids=entry.loan_ids))
        person = asked.facts.persons.get(entry.person_id)
        for point in person.points if person else ():
            if point.id == entry.point_id or entry.executor:
                keys.update(
                    cap_keys(
                        person_id=entry.person_id, point_id=point.id, household=point.household, device=point.device
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
    # What went out with another entry, or may have, is its own contact only where it is repeated with that one.
    own = claim.entry.row if tied(claim.entry) else claim.entry.key
    keys = set(keys_of(found.dossier.loan, {person.id: person for person in found.dossier.persons}))
    mine = [line for line in reserved if keys.intersection(line.keys)]
    dossier = evolve(
        found.dossier,
        history=(*(line for line in found.dossier.history if line.entry_key != own), *mine),
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


def _fit(turn: Turn, seen: Seen) -> Fit | None:
    """Return what goes out, or None where the entry was put off or dropped."""
    if not seen.found.policy.signed:
        put_off(turn, seen, until=turn.now + AGAIN, reason=UNSIGNED)
        return None
    carrier = turn.parts.carrier(seen.entry)
    if carrier is None:
        no_channel(turn, seen)
        return None
    answer = _judged(turn, seen)
    match answer:
        case Send() if nothing_owed(seen.entry, seen.found.dossier, seen.quote):
            put_off(turn, seen, until=turn.now + AGAIN, reason=NOTHING_OWED)
        case Send():
            try:
                return Fit(seen=seen, answer=answer, words=_words(turn, seen, answer))
            except Exception as error:  # noqa: BLE001 - one text that cannot be made holds up no other contact
                no_text(turn, seen, error)
        case Wait(until=until, reason=reason):
            put_off(turn, seen, until=until, reason=reason)
        case Drop():
            drop(turn, seen, answer)
    return None


def _judged(turn: Turn, seen: Seen) -> Send | Wait | Drop:
    """Ask the core. A fault of ours in judging one entry lets it wait, is told of, and holds up no other."""
    try:
        return recheck(seen.entry, seen.found.dossier, seen.found.terms, as_of=seen.as_of, now=turn.now)
    except Exception as error:  # noqa: BLE001 - whatever it is, this entry must not go out, and the others must
        what = f"{seen.entry.step} for loan {seen.entry.loan_ids[0]}"
        turn.report.troubles.append(Trouble(what=what, why=f"It could not be judged: {why(error)}"))
        return Wait(until=turn.now + AGAIN, reason=NOT_JUDGED)


def nothing_owed(entry: Entry, dossier: Dossier, quote: Quote | DunningError) -> bool:
    """Whether the host's own ledger shows nothing overdue, less what we were told of: then nobody is asked to pay."""
    if entry.purpose != "collection" or isinstance(quote, DunningError):
        return False
    return quote.overdue.total <= told_money(dossier, on=quote.on)


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
