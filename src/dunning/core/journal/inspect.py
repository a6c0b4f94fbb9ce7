"""The journal of one lender against itself: every chain, every head, every seal, in one pass over its lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from attrs import define, field, frozen

from dunning.core.journal.chain import GENESIS, End, Flaw, Head, Line, broken_link, entwine, misplaced, root_of
from dunning.core.journal.record import STREAM_KINDS, Stream

_Key = tuple[str, str]
_NAMED = 1000  # so many missing records of a stream are named one by one; a forged head may claim any number


@frozen(kw_only=True)
class Findings:
    """What an inspection found: how many records in how many streams, and every flaw, by position where it has one."""

    records: int
    streams: int
    flaws: tuple[Flaw, ...] = ()


@define
class _Pass:
    """How far the pass has come."""

    lender: str
    end: End
    expected: int = 1
    chain: str = GENESIS
    before: str = "the beginning"
    last: dict[_Key, tuple[int, str]] = field(factory=dict)
    # Places in streams, and positions, that nothing was found at: [first, after the last).
    absent: dict[tuple[str, str, int], int] = field(factory=dict)
    gaps: list[tuple[int, int]] = field(factory=list)
    inserted: set[tuple[str, str, int]] = field(factory=set)
    flaws: list[tuple[int, Flaw]] = field(factory=list)

    def note(self, flaw: Flaw, position: int) -> None:
        self.flaws.append((position, flaw))


def inspect(
    lender: str,
    lines: Iterable[Line],
    heads: Iterable[Head],
    end: End,
    *,
    witnessed: Mapping[int, str] | None = None,
) -> Findings:
    """
    Compare the *lines* of *lender*'s journal, by position, with each other, with the *heads* and with the *end*.

    Args:
        witnessed: Roots that somebody holds outside the journal, by the position up to which each was taken.
    """
    state = _Pass(lender=lender, end=end)
    witnessed = dict(witnessed or {})
    count = 0
    for count, line in enumerate(lines, 1):
        if count == 1 and end == End():
            says = "The end of the journal is missing: nothing says how many records there should be."
            state.note(Flaw(record="end of the journal", what="missing", says=says), 0)
            state.end = End(position=2**62, chain="")
        _line(state, line)
        if line.position in witnessed:
            _compare_root(state, witnessed.pop(line.position), line.name, line.position)
    _end(state, count)
    _heads(state, heads)
    for position in sorted(witnessed):
        says = f"A root was given for position {position}, which the journal does not have."
        state.note(Flaw(record=f"position {position}", what="unsealed", says=says), position)
    _name_the_missing(state)
    state.flaws.sort(key=lambda noted: noted[0])
    return Findings(records=count, streams=len(state.last), flaws=tuple(flaw for _, flaw in state.flaws))


def _line(state: _Pass, line: Line) -> None:
    if not state.expected <= line.position <= state.end.position:
        says = f"{line.name} was inserted: the journal has no position {line.position} there."
        state.note(Flaw(record=line.name, what="inserted", says=says), line.position)
        state.inserted.add((line.kind, line.id, line.seq))
        return
    whole = line.position == state.expected
    if not whole:
        state.gaps.append((state.expected, line.position))
    key = (line.kind, line.id)
    seq, previous = state.last.get(key, (0, GENESIS))
    flaw = misplaced(line, state.lender) or broken_link(line, previous if line.seq == seq + 1 else line.previous)
    if line.seq <= seq:
        state.absent.pop((*key, line.seq), None)
        says = f"{line.name} was moved: in the journal it comes after {line.kind}:{line.id}#{seq}."
        flaw = flaw or Flaw(record=line.name, what="reordered", says=says)
    elif line.seq > seq + 1 and flaw is None:
        for place in range(seq + 1, min(line.seq, seq + 1 + _NAMED)):
            state.absent[(*key, place)] = line.position
    if flaw is None and whole and entwine(state.chain, line.hash) != line.chain:
        says = (
            f"{line.name} does not follow {state.before} in the journal: one of the two was altered or moved, "
            f"or a record between them is missing."
        )
        flaw = Flaw(record=line.name, what="altered", says=says)
    if flaw is not None:
        state.note(flaw, line.position)
    state.expected, state.chain, state.before = line.position + 1, _hex(line.chain), line.name
    if '"effect":"Sealed"' in line.body and not state.flaws and not state.gaps:
        _seals(state, line)
    state.last[key] = (max(seq, line.seq), line.hash if line.seq > seq else previous)


def _seals(state: _Pass, line: Line) -> None:
    """Compare the root in *line* with the one that the heads before it give."""
    for effect in json.loads(line.body)["effects"]:
        if effect.get("effect") != "Sealed":
            continue
        if effect["position"] != line.position - 1 or effect["streams"] != len(state.last):
            says = f"{line.name} seals {effect['streams']} streams at position {effect['position']}, which is not here."
            state.note(Flaw(record=line.name, what="unsealed", says=says), line.position)
        else:
            _compare_root(state, effect["root"], line.name, line.position)


def _compare_root(state: _Pass, root: str, name: str, position: int) -> None:
    heads = [
        Head(stream=Stream(lender=state.lender, kind=kind, id=stream_id), seq=seq, hash=last)
        for (kind, stream_id), (seq, last) in state.last.items()
        if kind in STREAM_KINDS and stream_id.strip()
    ]
    if root_of(heads) != root:
        says = f"The root over all streams at {name} is not the one that was sealed: a record up to there was changed."
        state.note(Flaw(record=name, what="unsealed", says=says), position)


def _end(state: _Pass, count: int) -> None:
    if not state.end.chain:
        return
    if state.expected <= state.end.position:
        state.gaps.append((state.expected, state.end.position + 1))
    elif state.chain != state.end.chain:
        says = f"The end of the journal does not follow {state.before}: one of the two was altered."
        state.note(Flaw(record=state.before if count else "end of the journal", what="altered", says=says), 2**62)


def _heads(state: _Pass, heads: Iterable[Head]) -> None:
    unknown = dict(state.last)
    for head in heads:
        key = (head.stream.kind, head.stream.id)
        seq, last = unknown.pop(key, (0, GENESIS))
        for place in range(seq + 1, min(head.seq, seq + _NAMED) + 1):
            if (*key, place) not in state.inserted:
                state.absent[(*key, place)] = state.end.position
        if head.seq < seq:
            name = f"{head.stream}#{head.seq + 1}"
            says = f"{name} was inserted: the head of its stream does not know it."
            state.note(Flaw(record=name, what="inserted", says=says), state.end.position)
        elif head.seq == seq and head.hash != last:
            name = f"{head.stream}#{seq}"
            says = f"{name} is not the last record that the head of its stream names: one of the two was altered."
            state.note(Flaw(record=name, what="altered", says=says), state.end.position)
    for (kind, stream_id), (seq, _) in unknown.items():
        name = f"{kind}:{stream_id}#{seq}"
        says = f"{name} is in no stream that has a head: it was inserted, or the head was removed."
        state.note(Flaw(record=name, what="inserted", says=says), state.end.position)


def _name_the_missing(state: _Pass) -> None:
    # A gap in the positions says that something is missing, but only its stream says what.
    gap = state.gaps[0][0] if state.gaps else state.end.position
    for (kind, stream_id, seq), position in state.absent.items():
        name = f"{kind}:{stream_id}#{seq}"
        state.note(Flaw(record=name, what="missing", says=f"{name} is missing."), min(position, gap))
    if sum(after - first for first, after in state.gaps) > len(state.absent):
        for first, after in state.gaps:
            says = (
                f"The record at position {first} is missing, and nothing tells what it was."
                if after == first + 1
                else f"The records at positions {first} to {after - 1} are missing."
            )
            state.note(Flaw(record=f"position {first}", what="missing", says=says), first)


def _hex(text: str) -> str:
    """Return *text* if it is a hash, else one that nothing follows."""
    return text if len(text) == len(GENESIS) and not set(text) - set("0123456789abcdef") else "f" * 64
