"""Who stands against a prepared question whatever was counted, and when."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from attrs import frozen

from dunning.core.contact.instants import FIRST, Edges


@frozen(eq=False)
class Standing:
    """
    Who objects whatever was counted, as a timeline; made when it is first looked at.

    Kept apart from `Prepared`, whose attributes are read for each decision: a class that finds some of its attributes
    lazily finds all of them slowly.

    Args:
        fixed: As in `Prepared`.
    """

    fixed: tuple[tuple[str, Edges], ...]

    @cached_property
    def changes(self) -> Edges:
        """The seconds at which somebody begins or ceases to object."""
        return tuple(sorted({edge for _, edges in self.fixed for edge in edges}))

    @cached_property
    def against(self) -> tuple[tuple[str, ...], ...]:
        """Who objects before the first change, and from each change on; equal ones are one object."""
        known: dict[tuple[str, ...], tuple[str, ...]] = {}
        found = []
        for second in (FIRST - 1, *self.changes):
            against = tuple([name for name, edges in self.fixed if not bisect_right(edges, second) & 1])
            found.append(known.setdefault(against, against))
        return tuple(found)
