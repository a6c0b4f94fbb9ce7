"""
The hash chains of the journal, and how to tell that somebody touched it.

Each record's hash covers the hash before it in its stream and its own text. A second chain runs over the journal as a
whole in the order of positions, and its end is kept apart: so the last record of a stream cannot vanish unseen either.
Whoever rewrites everything consistently is caught by a root that somebody holds elsewhere (`seal`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, frozen

from dunning.core.journal import merkle
from dunning.core.journal.canonical import canonical
from dunning.core.journal.record import Stream

GENESIS = "0" * 64


def link(previous: str, body: Mapping[str, Any]) -> str:
    """Return the hash of a record: SHA-256 over the hash before it and the RFC 8785 form of its *body*, in hex."""
    return link_text(previous, canonical(dict(body)).decode())


def link_text(previous: str, text: str) -> str:
    """Return `link` for a body that is already RFC 8785 text."""
    return hashlib.sha256(bytes.fromhex(previous) + text.encode()).hexdigest()


def entwine(chain: str, record_hash: str) -> str:
    """Return the next hash of the journal-wide chain after *chain*, for a record with *record_hash*."""
    return hashlib.sha256(bytes.fromhex(chain) + bytes.fromhex(record_hash)).hexdigest()


@frozen(kw_only=True)
class Line:
    """A record as it lies in storage, unread: whatever somebody made of it."""

    kind: str
    id: str
    seq: int
    position: int
    previous: str
    hash: str
    chain: str
    body: str

    @property
    def name(self) -> str:
        """The name of the record that should be here."""
        return f"{self.kind}:{self.id}#{self.seq}"


@frozen(kw_only=True)
class Head:
    """The last record of a stream, kept apart from the records."""

    stream: Stream
    seq: int
    hash: str

    @property
    def leaf(self) -> bytes:
        """What the tree over all heads is made of."""
        return canonical([self.stream.lender, self.stream.kind, self.stream.id, self.seq, self.hash])


@frozen(kw_only=True)
class End:
    """The end of the journal of one lender: its last position, and the journal-wide chain up to it."""

    position: int = 0
    chain: str = GENESIS


@frozen(kw_only=True)
class Flaw:
    """
    Something in the journal that is not as it was written.

    Args:
        record: Its name, as "loan:L-1#3"; "position 7" where nothing tells which record stood there.
        what: altered, missing, inserted, reordered, or unsealed (a root that the journal does not give).
        says: The whole finding, in a sentence.
    """

    record: str
    what: str
    says: str

    def __str__(self) -> str:
        return self.says


def root_of(heads: Iterable[Head]) -> str:
    """Return the Merkle root over *heads*, sorted by stream."""
    return merkle.root([head.leaf for head in in_order(heads)])


def in_order(heads: Iterable[Head]) -> list[Head]:
    """Return *heads* in the order in which they are leaves."""
    return sorted(heads, key=lambda head: head.stream)


def verify_stream(head: Head, lines: Iterable[Line]) -> Flaw | None:
    """
    Return the first flaw of one stream, all of whose *lines* are given in order; None if there is none.

    *head* comes from the journal, or from a proof that somebody checked against a root.
    """
    previous, seq = GENESIS, 0
    for line in lines:
        seq += 1
        expected = evolve(line, kind=head.stream.kind, id=head.stream.id, seq=seq)
        flaw = (_inserted(expected.name) if seq > head.seq else misplaced(expected, head.stream.lender)) or broken_link(
            expected, previous
        )
        if flaw is not None:
            return flaw
        previous = line.hash
    if seq < head.seq:
        name = f"{head.stream}#{seq + 1}"
        return Flaw(record=name, what="missing", says=f"{name} is missing.")
    if previous != head.hash:
        name = f"{head.stream}#{seq}"
        return Flaw(record=name, what="altered", says=f"{name} is not the record that the head of its stream names.")
    return None


def misplaced(line: Line, lender: str) -> Flaw | None:
    """Return the flaw of a line whose text is not that of the record that should be here."""
    try:
        body = json.loads(line.body)
        found = (body["lender"], body["stream_kind"], body["stream_id"], body["seq"])
    except (ValueError, TypeError, KeyError):
        says = f"{line.name} was altered: its text is not that of a record."
        return Flaw(record=line.name, what="altered", says=says)
    if found == (lender, line.kind, line.id, line.seq):
        return None
    other = f"{found[1]}:{found[2]}#{found[3]}"
    says = f"{line.name} was replaced: the text in its place is that of {other}."
    return Flaw(record=line.name, what="reordered", says=says)


def broken_link(line: Line, previous: str) -> Flaw | None:
    """Return the flaw of a line whose hash is not that of its text, or that does not follow *previous*."""
    try:
        whole = link_text(line.previous, line.body) == line.hash
    except (ValueError, UnicodeEncodeError):  # what should be a hash is not even hexadecimal
        whole = False
    if not whole:
        says = f"{line.name} was altered: its text does not give its hash."
        return Flaw(record=line.name, what="altered", says=says)
    if line.previous != previous:
        before = f"{line.kind}:{line.id}#{line.seq - 1}" if line.seq > 1 else "the beginning of its stream"
        says = f"{line.name} does not follow {before}: one of the two was altered."
        return Flaw(record=line.name, what="altered", says=says)
    return None


def _inserted(name: str) -> Flaw:
    return Flaw(record=name, what="inserted", says=f"{name} was inserted: the head of its stream does not know it.")
