"""What had happened before a contact: the ledger lines of one group, and the tallies that follow them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.prepared import Prepared
from dunning.core.contact.tally import Tally


class Past:
    """
    The lines of a group so far, in order of time.

    Only what shares a cap key with a contact bears on it: a group may hold many persons.
    """

    def __init__(self) -> None:
        self._lines: dict[str, list[ContactRecord]] = defaultdict(list)
        self._tallies: dict[tuple[object, ...], Tally] = {}
        self._following: dict[str, list[Tally]] = defaultdict(list)

    def add(self, line: ContactRecord) -> None:
        """Take one more line, not earlier than the last."""
        told: list[Tally] = []
        for key in line.keys:
            self._lines[key].append(line)
            told += (tally for tally in self._following[key] if tally not in told)
        for tally in told:
            tally.add(line)

    def bearing_on(self, line: ContactRecord) -> tuple[ContactRecord, ...]:
        """Return the lines that share a key with *line*, in order of time; its own other versions are none of them."""
        found = {id(other): other for other in self._under(line) if other.id != line.id}
        return tuple(sorted(found.values(), key=lambda other: (other.at, other.id)))

    def tally(self, prepared: Prepared, line: ContactRecord) -> Tally | None:
        """Return what *prepared* has counted for whoever *line* reached; None where nothing bears on it yet."""
        if not any(key in self._lines for key in line.keys):
            return None
        whose = (line.person_id, line.loan_ids, line.point_id, line.household, line.device)
        asked = (prepared, *whose)
        found = self._tallies.get(asked)
        if found is None:
            person, loans, point, household, device = whose
            found = self._tallies[asked] = prepared.tally(
                self.bearing_on(line),
                person_id=person,
                loan_ids=loans,
                point_id=point,
                household=household,
                device=device,
            )
            for key in line.keys:
                self._following[key].append(found)
        return found

    def _under(self, line: ContactRecord) -> Iterator[ContactRecord]:
        for key in line.keys:
            yield from self._lines.get(key, ())
