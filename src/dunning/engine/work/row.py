"""A row: what one person is to be contacted about, as whoever works it sees it."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from attrs import field, frozen

from dunning.adapters.interfaces.storage import Unit
from dunning.core import values
from dunning.core.facts.person import Person
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Stream
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move, State
from dunning.engine.deliver.noting import lines_of

ERASED = "what is said was erased with the person"
MISSING = "what is said is not in the vault"


@frozen(kw_only=True)
class RowNumber:
    """
    A telephone number of a row. Its place among the row's numbers (from 1) never changes while the row stands.

    Args:
        address: Personal; empty where the book no longer shows it.
        left: How often it may still be dialled under this row; 0: not any more.
    """

    point_id: str = field(validator=values.text)
    address: str = field(default="", repr=False)
    left: int = field(default=0, validator=values.at_least(0))


@frozen(kw_only=True)
class Row:
    """
    One contact that people or a dialler may make.

    Args:
        key: How results name it.
        queue: Whose work it is.
        kind: contact, referral or visit.
        channel: call, visit, …; empty for a referral.
        loan_ids: What still stands of what it is about; the first leads.
        numbers: By telephone, in the order in which they are dialled: each with `point_id`, `address`, and `left`, how
            often it may still be dialled.
        address: For other channels, where.
        quota: How many dials may still reach the person; other numbers stand in for those that prove dead.
        until: When it is no longer permitted (exclusive).
        discloses: What may be said before identity is verified: nothing, lender or debt.
        opening: What is said first.
        script: What may be said after identity is verified: of each loan its own, and once what is the same of all.
        unsaid: Why there is no opening and no script, where they were erased or are missing.
        days_past_due: On fresh facts, by loan; None where the book does not show the loan at present.
        taken_by: Who has it in hand; empty while it is anybody's.
        objection: Why it cannot be taken at this moment, or the empty text. Where there is one, no number that could
            be dialled is shown, no address and no words.
    """

    key: str
    queue: str
    kind: str
    channel: str = ""
    purpose: str = ""
    loan_ids: tuple[str, ...] = ()
    person_id: str = ""
    name: str = field(default="", repr=False)
    role: str = ""
    language: str = ""
    numbers: tuple[RowNumber, ...] = field(default=(), validator=values.tuple_of(RowNumber), repr=False)
    address: str = field(default="", repr=False)
    quota: int = 0
    until: dt.datetime = field(validator=values.instant)
    discloses: str = "debt"
    subject: str = field(default="", repr=False)
    opening: str = field(default="", repr=False)
    script: str = field(default="", repr=False)
    unsaid: str = ""
    priority: int = 0
    step: str = ""
    tier: str = ""
    track: str = ""
    days_past_due: tuple[tuple[str, int | None], ...] = ()
    taken_by: str = ""
    objection: str = ""


@frozen(kw_only=True)
class Stack:
    """
    The entries of one row.

    Args:
        lead: The entry whose key the row has, in whatever state it is by now.
        standing: Those that are still handed over, the lead first where it is among them.
    """

    lead: Entry
    standing: tuple[Entry, ...] = field(validator=values.tuple_of(Entry))

    @property
    def leads(self) -> bool:
        """Whether the lead itself still stands; without it, one report ends the row."""
        return self.standing[:1] == (self.lead,)

    @property
    def taken_by(self) -> str:
        """Who has the row in hand."""
        return next((e.allowance.taken_by for e in self.standing if e.allowance and e.allowance.taken_by), "")

    @property
    def until(self) -> dt.datetime:
        """When the allowance ends (exclusive)."""
        return min((e.until or e.expires_at for e in self.standing), default=self.lead.expires_at)

    @property
    def order(self) -> tuple[int, dt.datetime, str]:
        """Where it stands on a list: priority, then what ends first, then key."""
        return (-max(e.priority for e in self.standing), self.until, self.lead.key)


def stacks(unit: Unit, handed: Iterable[Entry]) -> list[Stack]:
    """Return the rows that *handed* (entries that are handed over) make up, in the order of a list."""
    by_row: dict[str, list[Entry]] = {}
    for entry in handed:
        by_row.setdefault(entry.row, []).append(entry)
    there = {e.key: e for entries in by_row.values() for e in entries}
    gone = [key for key in by_row if key not in there]
    leads = there | ({e.key: e for e in unit.entries(keys=gone)} if gone else {})
    made = [
        Stack(lead=leads[key], standing=tuple(sorted(entries, key=lambda e: (e.key != key, e.loan_ids, e.key))))
        for key, entries in by_row.items()
        if key in leads
    ]
    return sorted(made, key=lambda stack: stack.order)


def quota_left(stack: Stack, retires_on: Sequence[str]) -> int:
    """Return how many more dials may reach the person."""
    allowance = stack.lead.allowance
    if allowance is None:
        return 0
    if not stack.leads:
        return 1
    made = sum(dial.counts and dial.result not in retires_on for dial in allowance.dials)
    return max(allowance.quota - made, 0)


def places(lead: Entry) -> tuple[str, ...]:
    """Return the contact points of a row in their places: number 1, number 2, and so on."""
    return tuple(dict.fromkeys(dial.point_id for dial in lead.dials)) or ((lead.point_id,) if lead.point_id else ())


def numbers_of(lead: Entry, person: Person | None, may: Collection[int]) -> tuple[RowNumber, ...]:
    """
    Return the numbers of a row in their places, with what is left of each and the address as the book has it.

    Args:
        may: The dials that may still be made, by their number from 0.
    """
    if not lead.dials:
        return ()
    addresses = {point.id: point.address for point in person.points} if person is not None else {}
    left = Counter(lead.dials[number].point_id for number in may)
    return tuple(
        RowNumber(
            point_id=point_id,
            # A number that may not be dialled any more is not shown: somebody would dial it.
            address=addresses.get(point_id, "") if left[point_id] else "",
            left=left[point_id],
        )
        for point_id in places(lead)
    )


@frozen(kw_only=True)
class Said:
    """The words of an entry as they were kept, or why there are none."""

    language: str = ""
    subject: str = field(default="", repr=False)
    body: str = field(default="", repr=False)
    script: str = field(default="", repr=False)
    unsaid: str = ""


def said(unit: Unit, entry: Entry) -> Said:
    """Return the words that were kept when *entry* was last made ready to go out."""
    stream = Stream(lender=entry.lender, kind="loan", id=entry.loan_ids[0])
    digest = ""
    for record in unit.read(stream):
        text = dict(record.draft.inputs).get("text", "")
        if text and any(_made_ready(effect, entry) for effect in record.draft.effects):
            digest = text
    if not digest:
        return Said(unsaid=MISSING)
    try:
        kept = unit.vault.look(digest)
    except KeyError:
        return Said(unsaid=MISSING)
    if kept is None:
        return Said(unsaid=ERASED)
    language, subject, body, script = json.loads(kept)
    return Said(language=language, subject=subject, body=body, script=script)


def _made_ready(effect: object, entry: Entry) -> bool:
    return isinstance(effect, fx.EntryMoved) and effect.key == entry.key and effect.move == Move.RESERVE


def handed_over(unit: Unit, queue: str, *, now: dt.datetime) -> list[Entry]:
    """Return the entries of *queue* that are handed over and whose time is not over at *now*."""
    return [
        entry
        for entry in unit.entries(states=[State.HANDED_OVER])
        if entry.executor == queue and entry.until is not None and entry.until > now
    ]


def stack_of(unit: Unit, key: str, *, now: dt.datetime) -> Stack | None:
    """Return the row that the entry *key* belongs to, with what of it still stands; None if there is no such entry."""
    named = next(iter(unit.entries(keys=[key])), None)
    lead = next(iter(unit.entries(keys=[named.row])), None) if named is not None else None
    if lead is None:
        return None
    # What rides with a row is about the loans that its ledger lines name.
    loans = {id_ for line in lines_of(unit, lead, now=now) for id_ in line.loan_ids} - set(lead.loan_ids)
    riders = unit.entries(loan_ids=sorted(loans), states=[State.HANDED_OVER]) if loans else ()
    mine = [entry for entry in (lead, *riders) if entry.row == lead.key and entry.state is State.HANDED_OVER]
    return next(iter(stacks(unit, mine)), Stack(lead=lead, standing=()))
