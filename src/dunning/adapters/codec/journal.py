"""
The journal, the outbox and the ledger as JSON text.

What a record's hash covers is `body_text`: RFC 8785 JSON of its format number, stream, place, times, effects, inputs,
references and explanation. Position is not in it. An effect is `{"effect": "TierEntered", …its fields}`; one that a
later version wrote is kept as it is, so that its hash still holds.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from attrs import evolve, frozen

from dunning.adapters.codec.convert import structure, unstructure
from dunning.core.contact.ledger import ContactRecord
from dunning.core.journal.canonical import canonical
from dunning.core.journal.effects import EFFECTS, Effect, UnknownEffect
from dunning.core.journal.record import FORMAT, Draft, Stream
from dunning.core.journal.snapshot import Snapshot
from dunning.core.outbox.allowance import Allowance
from dunning.core.outbox.entry import Entry
from dunning.errors import FactsError, StructureError

TAG = "effect"


@frozen(kw_only=True)
class Body:
    """What the text of a record says: the draft, its place in its stream, and when it was written."""

    draft: Draft
    seq: int
    recorded_at: dt.datetime


def body(draft: Draft, *, seq: int, recorded_at: dt.datetime) -> dict[str, Any]:
    """Return the JSON value that the hash of record *seq* covers. FactsError if `about` is no JSON object."""
    return {
        "format": FORMAT,
        "lender": draft.stream.lender,
        "stream_kind": draft.stream.kind,
        "stream_id": draft.stream.id,
        "seq": seq,
        "kind": draft.kind,
        "at": unstructure(draft.at),
        "as_of": unstructure(draft.as_of),
        "recorded_at": unstructure(recorded_at),
        "effects": [write_effect(effect) for effect in draft.effects],
        "inputs": [[name, digest] for name, digest in draft.inputs],
        "refs": list(draft.refs),
        "about": _about(draft.about),
    }


def body_text(draft: Draft, *, seq: int, recorded_at: dt.datetime) -> str:
    """Return `body` as RFC 8785 text: what is stored, and what is hashed."""
    return canonical(body(draft, seq=seq, recorded_at=recorded_at)).decode()


def read_body(text: str) -> Body:
    """
    Return what `body_text` wrote.

    Raises:
        StructureError: The text is not the body of a record, or is of a format that this version cannot read.
    """
    value = _loads(text, "A record of the journal")
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        found = value.get("format") if isinstance(value, dict) else None
        raise FactsError(
            f"A record of the journal has format {found!r}, and this version reads format {FORMAT}. "
            f"Read it with the version that wrote it, or a later one."
        )
    fields = {name: member for name, member in value.items() if name not in _PLACE}
    try:
        stream = Stream(lender=value["lender"], kind=value["stream_kind"], id=value["stream_id"])
        draft = Draft(
            stream=stream,
            kind=fields.pop("kind"),
            at=structure(fields.pop("at"), dt.datetime),
            as_of=None if value["as_of"] is None else structure(value["as_of"], dt.date),
            effects=tuple(read_effect(effect) for effect in fields.pop("effects")),
            inputs=tuple((name, digest) for name, digest in fields.pop("inputs")),
            refs=tuple(fields.pop("refs")),
            about=canonical(fields.pop("about")).decode(),
        )
        recorded_at = structure(value["recorded_at"], dt.datetime)
    except KeyError as error:
        raise FactsError(f"A record of the journal has no {error.args[0]!r}.") from None
    except (AttributeError, TypeError, ValueError) as error:
        raise FactsError(f"A record of the journal cannot be read: {error}") from error
    return Body(draft=draft, seq=value["seq"], recorded_at=recorded_at)


_PLACE = frozenset({"format", "lender", "stream_kind", "stream_id", "seq", "as_of", "recorded_at"})


def normal(draft: Draft) -> Draft:
    """Return *draft* as it will be read back: its explanation in canonical spelling."""
    about = canonical(_about(draft.about)).decode()
    return draft if about == draft.about else evolve(draft, about=about)


def write_effect(effect: Effect | UnknownEffect) -> dict[str, Any]:
    """Return *effect* as a JSON object with its name under `effect`."""
    if isinstance(effect, UnknownEffect):
        return {TAG: effect.name, **json.loads(effect.fields)}
    return {TAG: type(effect).__name__, **unstructure(effect)}


def read_effect(value: dict[str, Any]) -> Effect | UnknownEffect:
    """Return the effect that *value* describes; UnknownEffect where this version does not know it or what it says."""
    fields = dict(value)
    name = fields.pop(TAG)
    kind = EFFECTS.get(name)
    if kind is not None:
        try:
            effect: Effect = structure(fields, kind)
        except StructureError:
            # A later version gave it fields, or words, that this one does not know.
            return UnknownEffect(name=name, fields=canonical(fields).decode())
        return effect
    return UnknownEffect(name=name, fields=canonical(fields).decode())


def snapshot_text(snapshot: Snapshot) -> str:
    """Return *snapshot* as JSON text."""
    return _dumps(unstructure(snapshot))


def read_snapshot(text: str) -> Snapshot:
    """Return what `snapshot_text` wrote. StructureError if another version of the library wrote it."""
    return structure(_loads(text, "A snapshot"), Snapshot)


def contact_text(contact: ContactRecord) -> str:
    """Return *contact* as JSON text."""
    return _dumps(unstructure(contact))


def read_contact(text: str) -> ContactRecord:
    """Return what `contact_text` wrote."""
    return structure(_loads(text, "A line of the contact ledger"), ContactRecord)


def entry_text(entry: Entry) -> str:
    """Return what is fixed at the birth of *entry*, as JSON text: two entries that say the same have the same text."""
    fixed = unstructure(entry)
    for name in MUTABLE:
        del fixed[name]
    return _dumps(fixed)


def read_entry(text: str, **changed: Any) -> Entry:
    """Return the entry that `entry_text` wrote, with the *changed* fields (all of `MUTABLE`) as Python values."""
    return structure({**_loads(text, "An outbox entry"), **unstructure(changed)}, Entry)


MUTABLE = ("not_before", "state", "tries", "tried_at", "result", "reason", "reference", "until", "allowance", "lead")


def allowance_text(allowance: Allowance | None) -> str:
    """Return *allowance* as JSON text; the empty text for none."""
    return "" if allowance is None else _dumps(unstructure(allowance))


def read_allowance(text: str) -> Allowance | None:
    """Return what `allowance_text` wrote."""
    return structure(_loads(text, "An allowance"), Allowance) if text else None


def _about(text: str) -> Any:
    value = _loads(text, "A draft's `about`")
    if not isinstance(value, dict):
        raise FactsError("A draft's `about` must be a JSON object.", field="about")
    return value


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _loads(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError) as error:
        raise FactsError(f"{what} is not JSON: {error}.") from None
