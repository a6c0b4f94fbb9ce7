"""How much is reserved at a time: as much as may be unknown after a crash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dunning.core.outbox.entry import Claim
from dunning.core.outbox.transitions import State
from dunning.engine.deliver.folding import kin
from dunning.engine.parts import Parts


def portions(parts: Parts, claims: Sequence[Claim]) -> Iterator[list[Claim]]:
    """
    Yield *claims* in the portions in which they are reserved, sent and settled.

    Whatever is reserved when a process dies is unknown afterwards. Over a channel that is repeatable under one key that
    does no harm, so all of it goes at once. Over one that is not, no more is reserved than the channel takes with one
    `send`. What may go out together stays together.
    """
    harmless: list[Claim] = []
    single: dict[str, list[list[Claim]]] = {}
    sizes: dict[str, int] = {}
    groups: dict[tuple[str, ...], list[Claim]] = {}
    for claim in claims:
        lost = claim.entry.state is State.SENDING
        groups.setdefault((claim.entry.key,) if lost else kin(claim.entry), []).append(claim)
    for group in groups.values():
        entry = group[0].entry
        channel = parts.carrier(entry)
        if channel is None or channel.repeatable or entry.state is State.SENDING:
            harmless += group
        else:
            carrier = entry.executor or entry.channel
            single.setdefault(carrier, []).append(group)
            sizes[carrier] = max(channel.batch, 1)
    if harmless:
        yield harmless
    for carrier, waiting in single.items():
        for start in range(0, len(waiting), sizes[carrier]):
            yield [claim for group in waiting[start : start + sizes[carrier]] for claim in group]
