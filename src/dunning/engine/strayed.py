"""
What storage keeps beside the journal (snapshots, outbox, ledger) follows from it: does it still?

A hold that was taken out of a snapshot lets a contact leave, and no chain would show it. So everything that decisions
read is made again from the records and compared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from attrs import define, evolve, field

from dunning.adapters.interfaces.storage import Unit
from dunning.core.contact.ledger import ContactRecord
from dunning.core.journal import effects as fx
from dunning.core.journal.chain import Flaw
from dunning.core.journal.fold import fold
from dunning.core.journal.record import Stream
from dunning.core.ladder.case import Case
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import State
from dunning.errors import TamperedError

_PAGE = 1000
_EVER = dt.datetime.min.replace(tzinfo=dt.UTC)


@define(kw_only=True)
class Made:
    """What the records make: cases, entries, the last version of each ledger line, and what the vault must hold."""

    cases: dict[Stream, Case] = field(factory=dict)
    entries: dict[str, Entry] = field(factory=dict)
    lines: dict[str, ContactRecord] = field(factory=dict)
    inputs: dict[str, str] = field(factory=dict)


def strayed(unit: Unit) -> Iterator[Flaw]:
    """Yield a flaw for each case, entry and ledger line that is not what the journal makes it."""
    made = _made(unit)
    for stream, snapshot in unit.cases(list(made.cases)).items():
        if snapshot.case != made.cases[stream]:
            yield _flaw(f"the snapshot of {stream}")
    kept = {entry.key: entry for entry in unit.entries()}
    for key in sorted(kept.keys() | made.entries.keys()):
        if key not in kept or key not in made.entries or _bare(kept[key]) != _bare(made.entries[key]):
            yield _flaw(f"the outbox entry {key}")
    keys = sorted({key for line in made.lines.values() for key in line.keys})
    found = {line.id: line for line in unit.history(keys, since=_EVER)} if keys else {}
    for id_ in sorted(found.keys() | made.lines.keys()):
        if found.get(id_) != made.lines.get(id_):
            yield _flaw(f"the ledger line {id_}")
    yield from _vault(unit, made)


def _vault(unit: Unit, made: Made) -> Iterator[Flaw]:
    for digest, record in made.inputs.items():
        try:
            unit.vault.look(digest)
        except (KeyError, TamperedError):
            says = f"What {record} looked at ({digest}) is no longer in the vault as it was kept."
            yield Flaw(record=f"vault {digest}", what="altered", says=says)


def _made(unit: Unit) -> Made:
    made, position = Made(), 0
    while records := unit.since(position, limit=_PAGE):
        for record in records:
            stream = record.draft.stream
            before = made.cases.get(stream, Case(kind=stream.kind, id=stream.id))
            made.cases[stream] = fold(before, record.draft.effects)
            made.inputs.update({digest: record.name for _, digest in record.draft.inputs})
            for effect in record.draft.effects:
                _apply(effect, made)
        position = records[-1].position
    return made


def _apply(effect: object, made: Made) -> None:
    match effect:
        case fx.EntryQueued(entry=entry):
            made.entries[entry.key] = entry
        case fx.EntryMoved() if effect.key in made.entries:
            before = made.entries[effect.key]
            made.entries[effect.key] = evolve(
                before,
                state=State(effect.state),
                allowance=before.allowance if effect.allowance is None else effect.allowance,
                lead=before.lead if effect.lead is None else effect.lead,
            )
        case fx.ContactLogged(contact=line):
            last = made.lines.get(line.id)
            if last is None or line.recorded_at >= last.recorded_at:
                made.lines[line.id] = line
        case _:
            pass


def _bare(entry: Entry) -> Entry:
    """The entry without what a claim changes: a lease is no record, and leaves none."""
    state = State.WAITING if entry.state is State.CLAIMED else entry.state
    return evolve(
        entry,
        state=state,
        not_before=entry.expires_at,
        tries=0,
        tried_at=None,
        result="",
        reason="",
        reference="",
        until=None,
    )


def _flaw(what: str) -> Flaw:
    return Flaw(record=what, what="altered", says=f"{what[0].upper()}{what[1:]} is not what the journal makes it.")
