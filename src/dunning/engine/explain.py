"""Explain: the story of a loan from its own records, in sentences that a borrower, an auditor or a judge can follow."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from dunning.adapters.policy.document import Policy
from dunning.core.contact.effects import HoursRule
from dunning.core.journal.record import Record
from dunning.core.ladder.case import Case
from dunning.core.outbox.entry import Entry
from dunning.core.overdue.status import OverdueStatus, overdue_status
from dunning.engine.gather import Gathered, gather, streams_of
from dunning.engine.parts import Parts
from dunning.engine.sentences import Memory, sentences
from dunning.errors import FactsError


@frozen(kw_only=True)
class Line:
    """One thing that happened, the record that proves it, and the key of an entry that somebody may have to find."""

    at: dt.datetime
    record: str
    says: str
    entry: str = ""


@frozen(kw_only=True)
class Story:
    """
    What is known of a loan and what was done about it.

    Args:
        zone: The loan's business zone, on whose wall clock the lines tell times.
        labels: (table, label) by days past due.
        lines: In order of the journal: the loan's own, and those about its persons and their contact points.
        waiting: Entries not yet finished.
    """

    loan_id: str
    policy: str
    zone: str
    status: OverdueStatus
    case: Case
    labels: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    waiting: tuple[Entry, ...]
    holds: tuple[str, ...] = field(default=())


def explain(parts: Parts, loan_id: str, *, as_of: dt.date, now: dt.datetime) -> Story:
    """
    Tell the story of *loan_id* as of *as_of*. Reads, and changes nothing.

    Raises:
        FactsError: The book has no such loan. PolicyError: no policy is meant for it.
    """
    stated = parts.book.loans([loan_id]).get(loan_id)
    if stated is None:
        raise FactsError(f"The book has no loan {loan_id!r}.", field="loan_id")
    batch = gather(parts, [loan_id], as_of=as_of, now=now)
    if batch.unusable:
        raise FactsError(batch.unusable[0][1])
    found = batch.gathered[0]
    status = overdue_status(found.dossier.loan, as_of=as_of, convention=found.terms.convention)
    holds = [*found.dossier.case.holds, *(h for c in found.dossier.around for h in c.holds), *found.dossier.holds]
    return Story(
        loan_id=loan_id,
        policy=f"{found.policy.id} {found.policy.version}",
        zone=found.dossier.loan.business_zone,
        status=status,
        case=found.dossier.case,
        labels=tuple((t.name, t.label(status.days_past_due)) for t in found.policy.labels_on(as_of)),
        lines=_lines(_records(parts, found), _memory(parts, found)),
        waiting=tuple(e for e in found.dossier.entries if e.state in ("waiting", "claimed", "sending", "handed_over")),
        holds=tuple(
            f"{h.reason} ({h.id}) from {h.starts_on}" + (f" until {h.until}" if h.until else " until somebody lifts it")
            for h in holds
            if h.holds(as_of)
        ),
    )


def _records(parts: Parts, found: Gathered) -> list[Record]:
    """Return the records about the loan, its persons and their contact points, in the order of the journal."""
    persons = {person.id: person for person in found.dossier.persons}
    streams = streams_of(parts.lender, found.dossier.loan, persons)
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        records = [record for stream in streams for record in unit.read(stream)]
    return sorted(records, key=lambda record: record.position)


def _memory(parts: Parts, found: Gathered) -> Memory:
    """Return a memory that knows the titles of the rules and the ladders of every policy of this engine."""
    rules = {rule.id: rule for terms in parts.terms.values() for rule in terms.rules.rules}
    rules |= {rule.id: rule for rule in found.terms.rules.rules}
    return Memory(
        zone=found.dossier.loan.business_zone,
        currency=found.dossier.loan.currency,
        rules={id_: rule.title for id_, rule in rules.items()},
        hours=frozenset(id_ for id_, rule in rules.items() if isinstance(rule.effect, HoursRule)),
        ladders={hash_: terms.ladder for hash_, terms in parts.terms.items()},
        deciders=_deciders(found.policy),
    )


def _deciders(policy: Policy) -> dict[str, tuple[str, ...]]:
    return {approval.kind: approval.by for approval in policy.approvals}


def _lines(records: list[Record], memory: Memory) -> tuple[Line, ...]:
    return tuple(
        Line(at=record.draft.at, record=record.name, says=says, entry=key)
        for record in records
        for says, key in sentences(record, memory)
    )
