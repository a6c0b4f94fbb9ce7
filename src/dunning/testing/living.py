"""A loan book whose facts change while a journey is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from dunning.adapters.books.memory import MemoryBook
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import Person


class LivingBook(MemoryBook):
    """A book that is closed anew every evening: `turn` puts other facts in the place of those it had."""

    def turn(self, *, loans: Iterable[Loan], persons: Iterable[Person], current_through: dt.date) -> None:
        """State *loans* and *persons* from now on, complete through *current_through*."""
        MemoryBook.__init__(self, loans=loans, persons=persons, current_through=current_through)
