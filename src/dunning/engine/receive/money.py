"""Money told: laid over the book until the book shows it, and never added to it."""

from __future__ import annotations

from attrs import evolve

from dunning.core.journal import effects as fx
from dunning.core.ladder.case import Case
from dunning.engine.receive.kinds.money import Money, event_of
from dunning.errors import FactsError


def told(message: Money, case: Case) -> list[fx.Effect]:
    """
    Return what the message about money does; nothing where the same was told already.

    Raises:
        FactsError: There can be no such event, or another one was told under its id.
    """
    event = event_of(message)
    known = next((other for other in case.told if other.id == event.id), None)
    if known is None:
        return [fx.MoneyTold(event=event)]
    if evolve(known, recorded_at=None) != evolve(event, recorded_at=None):
        raise FactsError(
            f"{event.id!r} was told already, as a {known.kind.value} with other terms. State a reversal of it, or the "
            f"id under which the book will show this one.",
            field="event_id",
        )
    earlier = min(known.recorded_at or message.at, message.at)
    return [fx.MoneyTold(event=evolve(event, recorded_at=earlier))]
