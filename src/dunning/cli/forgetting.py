"""A person's part of the vault, destroyed; or, on a dry run, destroyed and put back before anybody sees it."""

from __future__ import annotations

from dunning.engine import Engine
from dunning.engine.inputs import ENGINE
from dunning.errors import FactsError


def forgotten(engine: Engine, person: str, *, dry: bool) -> int:
    """
    Return how many values went.

    Raises:
        FactsError: It is no person, but the engine's own part, without which nothing could be replayed.
    """
    if person == ENGINE:
        raise FactsError(f"{ENGINE!r} is not a person: it owns what every decision needs.", field="person")
    number = 0
    try:
        with engine.parts.storage.begin(engine.parts.lender) as unit:
            number = unit.vault.forget(person)
            if dry:
                raise _UndoneError
    except _UndoneError:
        pass
    return number


class _UndoneError(Exception):
    """A dry run is over; the unit takes everything back."""
