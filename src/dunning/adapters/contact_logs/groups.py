"""Who belongs together: persons whose contacts may add up under one cap, because they share a debt or a number."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from dunning.adapters.contact_logs.lines import Logged


class Groups:
    """
    Groups of persons, joined as contacts come (union-find).

    Args:
        together: What joins persons: debt, point, household, device.
    """

    def __init__(self, together: frozenset[str]) -> None:
        self._together = together
        self._codes: dict[str, int] = {}  # of persons, in the order in which they came
        self._shared: dict[str, int] = {}  # who was first seen with a debt, a point, …
        self._parents = array("l")

    def add(self, contact: Logged) -> int:
        """Return the number of the contact's person; whoever shares something with them is in one group from now on."""
        code = self._codes.setdefault(contact.person, len(self._codes))
        if code == len(self._parents):
            self._parents.append(code)
        if self._together:
            for key in self._keys(contact):
                first = self._shared.setdefault(key, code)
                if first != code:
                    self._join(first, code)
        return code

    def persons(self) -> list[str]:
        """Return the persons' keys by their numbers."""
        return list(self._codes)

    def places(self) -> Iterator[tuple[int, int]]:
        """Yield each person's number and the place of their group; groups in the order of their first person's key."""
        place_of: dict[int, int] = {}
        for _, code in sorted(self._codes.items()):
            yield code, place_of.setdefault(self._root(code), len(place_of))

    def _keys(self, contact: Logged) -> Iterator[str]:
        if "debt" in self._together:
            for loan_id in contact.loan_ids:
                yield f"debt:{loan_id}"
        for kind, value in (("point", contact.point_id), ("household", contact.household), ("device", contact.device)):
            if value and kind in self._together:
                yield f"{kind}:{value}"

    def _join(self, one: int, other: int) -> None:
        first, second = sorted((self._root(one), self._root(other)))
        self._parents[second] = first

    def _root(self, code: int) -> int:
        parents = self._parents
        while parents[code] != code:
            parents[code] = parents[parents[code]]
            code = parents[code]
        return code
