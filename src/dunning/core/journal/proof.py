"""
A proof that one stream is in the journal, for somebody who holds a root and nothing else.

Who has the records of one stream, a proof and a root that was sealed needs neither our database nor our word: the
proof shows that the stream's head is under the root, and the head fixes every record before it.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from dunning.core import values
from dunning.core.journal import merkle
from dunning.core.journal.chain import Flaw, Head, Line, in_order, root_of, verify_stream
from dunning.core.journal.record import Stream
from dunning.errors import FactsError


@frozen(kw_only=True)
class Proof:
    """
    That `head` is leaf `index` (from 0) of the `size` heads that the journal had after `position`.

    Args:
        path: Hashes beside the way from the leaf to the root, from the leaf upwards.
        root: What the way leads to; worth something only if its holder knew it before.
    """

    head: Head
    index: int = field(validator=values.at_least(0))
    size: int = field(validator=values.at_least(1))
    path: tuple[str, ...] = field(validator=values.tuple_of(str))
    position: int = field(validator=values.at_least(1))
    root: str = field(validator=values.text)


def prove(heads: Iterable[Head], stream: Stream, *, position: int) -> Proof:
    """Return the proof that *stream* is among *heads*, the state after *position*. FactsError if it is not."""
    ordered = in_order(heads)
    for index, head in enumerate(ordered):
        if head.stream == stream:
            path = merkle.proof([each.leaf for each in ordered], index)
            return Proof(head=head, index=index, size=len(ordered), path=path, position=position, root=root_of(ordered))
    raise FactsError(f"{stream} has no record up to position {position}, so there is nothing to prove.", field="stream")


def disproved(proof: Proof, root: str, lines: Iterable[Line]) -> Flaw | None:
    """
    Return what is wrong with *lines*, all records of the stream of *proof*, against *root*; None if nothing is.

    *root* is the one that whoever checks has held on to, not the one in the proof.
    """
    if not merkle.check(proof.head.leaf, proof.index, proof.size, proof.path, root):
        name = f"{proof.head.stream}#{proof.head.seq}"
        return Flaw(
            record=name, what="unsealed", says=f"The proof does not lead from {name} to the root that you hold."
        )
    return verify_stream(proof.head, lines)
