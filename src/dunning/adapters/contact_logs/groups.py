"""Who belongs together: persons whose contacts may add up under one cap, because they share a debt or a number."""

from __future__ import annotations

from array import array
from collections.abc import Iterator


class Groups:
    """Groups of persons, joined one by one (union-find)."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}  # of persons, in the order in which they came
        self._parents = array("l")

    def add(self, person: str) -> int:
        """Return the number of *person*, who is alone at first."""
        code = self._codes.setdefault(person, len(self._codes))
        if code == len(self._parents):
            self._parents.append(code)
        return code

    def join(self, one: int, other: int) -> None:
        """Let two persons, by their numbers, be in one group from now on."""
        first, second = sorted((self._root(one), self._root(other)))
        self._parents[second] = first

    def persons(self) -> list[str]:
        """Return the persons by their numbers."""
        return list(self._codes)

    def places(self) -> Iterator[tuple[int, int]]:
        """Yield each person's number and the place of their group; groups in the order of their first person."""
        place_of = array("l", [-1]) * len(self._codes)
        places = 0
        for person in sorted(self._codes):
            code = self._codes[person]
            root = self._root(code)
            if place_of[root] < 0:
                place_of[root] = places
                places += 1
            yield code, place_of[root]

    def _root(self, code: int) -> int:
        parents = self._parents
        while parents[code] != code:
            parents[code] = parents[parents[code]]
            code = parents[code]
        return code
