"""What had happened before a contact: the ledger lines of one group, and the tallies that follow them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from attrs import frozen

from dunning.core.contact.effects import CapRule
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.prepared import Prepared
from dunning.core.contact.tally import Tally

_BY_DEBT = frozenset(("debt", "person_and_debt"))
# A log may give thousands of contacts to one placeholder of a person: further back than so many lines nobody counts.
_LOOKED = 1000


@frozen
class Bearing:
    """By what the rules of a prepared question count: other contacts have no bearing on its answers."""

    person: bool
    debt: bool
    point: bool
    household: bool
    device: bool

    @classmethod
    def of(cls, prepared: Prepared) -> Bearing:
        """Return by what the rules of *prepared* count; a rule that is no cap may look at any contact of the person."""
        bound = prepared.counting.bound
        pers = {one.cap.per for one in bound if one.cap is not None}
        whole = any(one.cap is None or one.always for one in bound)
        return cls(
            person=whole or "person" in pers,
            debt=bool(pers & _BY_DEBT),
            point="point" in pers,
            household="household" in pers,
            device="device" in pers,
        )

    def keys(self, line: ContactRecord) -> Iterator[str]:
        """Yield the keys of the lines that bear on the person, debts, point, … of *line*."""
        if self.person or (self.debt and not line.loan_ids):
            yield f"person:{line.person_id}"
        elif self.debt:
            yield _undebted(line)
        if self.debt:
            for loan_id in line.loan_ids:
                yield f"debt:{loan_id}"
        for wanted, kind, value in (
            (self.point, "point", line.point_id),
            (self.household, "household", line.household),
            (self.device, "device", line.device),
        ):
            if wanted and value:
                yield f"{kind}:{value}"


class Past:
    """The lines of a group so far, in order of time. A group may hold many persons."""

    def __init__(self) -> None:
        self._lines: dict[str, list[ContactRecord]] = defaultdict(list)
        self._tallies: dict[tuple[object, ...], Tally] = {}
        self._following: dict[str, dict[int, Tally]] = {}

    def add(self, line: ContactRecord) -> None:
        """Take one more line, not earlier than the last."""
        told: dict[int, Tally] = {}
        for key in _keys(line):
            self._lines[key].append(line)
            if key in self._following:
                told.update(self._following[key])
        for tally in told.values():
            tally.add(line)

    def bearing_on(self, line: ContactRecord) -> tuple[ContactRecord, ...]:
        """Return the lines that share a key with *line*, in order of time; its own other versions are none of them."""
        return self._under(line.keys, line)

    def recent(self, cap: CapRule, line: ContactRecord) -> tuple[ContactRecord, ...]:
        """Return the last lines that *cap* may count for *line*, at most so far back as it looks."""
        by_debt = cap.per in _BY_DEBT
        keys = Bearing(cap.per == "person", by_debt, cap.per == "point", cap.per == "household", cap.per == "device")
        since = line.at - _reach(cap)
        found: dict[int, ContactRecord] = {}
        for key in keys.keys(line):
            for count, other in enumerate(reversed(self._lines.get(key, ()))):
                if count >= _LOOKED or (other.at < since and not cap.begins_after):
                    break
                found[id(other)] = other
        return tuple(other for other in found.values() if other.id != line.id)

    def tally(self, prepared: Prepared, bearing: Bearing, line: ContactRecord) -> Tally | None:
        """Return what *prepared* has counted for whoever *line* reached; None where nothing bears on it yet."""
        keys = tuple(bearing.keys(line))
        if not any(key in self._lines for key in keys):
            return None
        loans = line.loan_ids if bearing.debt or bearing.person else None
        point, household, device = (
            value if wanted else None
            for wanted, value in (
                (bearing.point, line.point_id),
                (bearing.household, line.household),
                (bearing.device, line.device),
            )
        )
        asked = (prepared, line.person_id, loans, point, household, device)
        found = self._tallies.get(asked)
        if found is None:
            found = self._tallies[asked] = prepared.tally(
                self._under(keys, line),
                person_id=line.person_id,
                loan_ids=loans,
                point_id=point,
                household=household,
                device=device,
            )
            for key in keys:
                self._following.setdefault(key, {})[id(found)] = found
        return found

    def _under(self, keys: tuple[str, ...], line: ContactRecord) -> tuple[ContactRecord, ...]:
        found = {id(other): other for key in keys for other in self._lines.get(key, ()) if other.id != line.id}
        return tuple(sorted(found.values(), key=lambda other: (other.at, other.id)))


def _keys(line: ContactRecord) -> tuple[str, ...]:
    return line.keys if line.loan_ids else (*line.keys, _undebted(line))


def _undebted(line: ContactRecord) -> str:
    """Return the key of a person's lines that name no debt, and may have been about any."""
    return f"no debt:{line.person_id}"


def _reach(cap: CapRule) -> dt.timedelta:
    """Return how far back *cap* looks, and a little more for zones."""
    if cap.period == "rolling_seconds":
        return dt.timedelta(seconds=cap.length, days=2)
    return dt.timedelta(days=cap.length * {"week": 7, "month": 31}.get(cap.period, 1) + 2)
