"""What is left after a crash and a rerun, in a form that can be held beside the undisturbed run."""

import json
from collections import Counter
from collections.abc import Iterable

import attrs
from attrs import frozen
from story import DAY, PERSONS

from dunning.core.journal.record import Record
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import State
from dunning.engine import Engine
from dunning.testing.builders import LENDER, NOON

# What a rerun some minutes later may change: when, which try, until when it is leased or handed over, and the digests
# of what was looked at then, in which the ledger's instants stand.
TIMES = ("at", "recorded_at", "tried_at", "until", "not_before")
TRIES = ("tries", "reason")
FINAL = (State.DELIVERED, State.HANDED_OVER, State.WORKED, State.REFUSED, State.CANCELLED, State.LAPSED)


@frozen(kw_only=True)
class Left:
    """Everything that a run leaves: `records` by stream, in order, one text a record; `ledger` by id of the line."""

    entries: dict[str, Entry]
    records: dict[str, list[str]]
    ledger: dict[str, str]
    whole: bool


def look(engine: Engine, *, times: bool) -> Left:
    """Return what *engine*'s storage holds; *times* says whether instants are to be compared too."""
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        entries = {entry.key: entry for entry in unit.entries()}
        records = unit.since(0, limit=100_000)
        history = unit.history([f"person:{person.id}" for person in PERSONS], since=NOON - 30 * DAY)
    streams: dict[str, list[str]] = {}
    for record in records:
        if str(record.draft.stream) != "engine:runs":  # a run that died is not noted, and the next one counts the rest
            streams.setdefault(str(record.draft.stream), []).append(_text(record, times=times))
    return Left(
        entries=entries,
        records=streams,
        ledger={line.id: _plain(line, times=times) for line in history},
        whole=engine.verify().whole,
    )


def _text(record: Record, *, times: bool) -> str:
    draft = record.draft
    names = [type(effect).__name__ for effect in draft.effects]
    looked_at = [name for name, _ in draft.inputs]  # digests are under random keys
    return _plain(attrs.evolve(draft, inputs=()), times=times, effects=names, looked_at=looked_at)


def _plain(value: object, *, times: bool, **more: object) -> str:
    left_out = () if times else TIMES + TRIES
    fields = attrs.asdict(value, filter=lambda field, _: field.name not in left_out)
    return json.dumps(fields | {"and": more}, default=str, sort_keys=True)


def same(expected: Left, got: Left) -> Iterable[str]:
    """Yield how *got* differs from *expected*, where nothing at all may differ: after assess and receive."""
    if expected.entries != got.entries:
        yield "the entries differ"
    if expected.records != got.records:
        yield f"records differ: {_differences(expected, got)}"
    if expected.ledger != got.ledger:
        yield "the ledger differs"
    if not got.whole:
        yield "the journal is not whole"


def _differences(expected: Left, got: Left) -> list[str]:
    streams = expected.records.keys() | got.records.keys()
    return sorted(s for s in streams if expected.records.get(s) != got.records.get(s))


def delivered(expected: Left, got: Left, *, lost: set[str], repeatable: bool) -> Iterable[str]:
    """
    Yield how *got* differs from *expected* beyond what a death while sending may change.

    Args:
        lost: The entries that were being sent when the process died.

    Of a *repeatable* channel an entry of these has two records more, for the try of which nobody knows and for its
    repetition, and is reserved once more. Over another it ends unknown, in place of its answer, and counts as sent.
    """
    if expected.entries.keys() != got.entries.keys():
        yield "other entries"
        return
    for key, entry in got.entries.items():
        undisturbed = expected.entries[key]
        if key in lost and not repeatable:
            if (entry.state, entry.result, entry.tries) != (State.UNKNOWN, "unknown", undisturbed.tries):
                yield f"{entry.step} was being sent, and is {entry.state}"
        elif (entry.state, entry.result) != (undisturbed.state, undisturbed.result):
            yield f"{entry.step} is {entry.state} and not {undisturbed.state}"
        elif entry.tries != undisturbed.tries + (key in lost):
            yield f"{entry.step} was tried {entry.tries} times"
        if entry.state not in FINAL and not (entry.state is State.UNKNOWN and key in lost) and entry != undisturbed:
            yield f"{entry.step} is left {entry.state}"
    yield from _records(expected, got, lost=lost, repeatable=repeatable)
    yield from _ledger(expected, got, lost=lost, repeatable=repeatable)
    if not got.whole:
        yield "the journal is not whole"


def _records(expected: Left, got: Left, *, lost: set[str], repeatable: bool) -> Iterable[str]:
    if expected.records.keys() != got.records.keys():
        yield "other streams"
    before, after = (Counter(r for rs in left.records.values() for r in rs) for left in (expected, got))
    more, less = list((after - before).elements()), list((before - after).elements())
    if repeatable:
        wanted = sorted([*["no_answer", "reserve", "retry"] * len(lost)])
        gone = []
    else:
        wanted = ["no_answer"] * len(lost)
        gone = sorted("hand_over" if expected.entries[key].executor else "accept" for key in lost)
    if _moves(more) != wanted:
        yield f"{len(lost)} were being sent, and these records came to it: {_moves(more)}"
    if _moves(less) != gone:
        yield f"{len(lost)} were being sent, and these records are gone: {_moves(less)}"


def _moves(records: list[str]) -> list[str]:
    effects = [effect for record in records for effect in json.loads(record)["effects"]]
    moves = [effect["move"] for effect in effects if "move" in effect]
    return sorted(moves) if len(moves) == len(records) else [*sorted(moves), f"of {len(records)} records"]


def _ledger(expected: Left, got: Left, *, lost: set[str], repeatable: bool) -> Iterable[str]:
    if expected.ledger.keys() != got.ledger.keys():
        yield "other lines in the ledger"
    for key, line in got.ledger.items():
        if repeatable or key not in lost:
            if line != expected.ledger.get(key):
                yield "a line of the ledger differs"
        elif json.loads(line)["void"]:
            yield "what may have gone out does not count"
