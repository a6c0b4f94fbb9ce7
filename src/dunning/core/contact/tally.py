"""
Tally: what the caps of a prepared question have counted for one person, as sorted numbers.

Adding a contact to it costs what the contact changes. With each counted event the stretches grow in which a cap is
spent, and never shrink; only a correction makes the tally count anew.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from attrs import field, fields, frozen

from dunning.core.contact.caps import _civil, _counts, _groups, _on_wall, _once_each, known_events
from dunning.core.contact.effects import CapRule
from dunning.core.contact.instants import Edges, Instants, second_from, second_of
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.wall import Frame, local_date
from dunning.errors import FactsError

# What a line says of its kind: everything but who, when and where it is kept. Caps count kinds.
_NAMES = {
    "id",
    "person_id",
    "loan_ids",
    "point_id",
    "household",
    "device",
    "at",
    "recorded_at",
    "recording",
    "entry_key",
}
_kind = attrgetter(*(one.name for one in fields(ContactRecord) if one.name not in _NAMES))
_KINDS = 4096  # so many kinds of lines are remembered; actors' ids may be many
_KEYED = ("point", "household", "device")


@frozen
class Whose:
    """The cap keys of whoever would be contacted: the same words as in a request."""

    person_id: str
    loan_ids: tuple[str, ...] = ()
    point_id: str = ""
    household: str = ""
    device: str = ""


@frozen(eq=False)
class BoundCap:
    """
    A cap that binds.

    Args:
        zones: Whose dates it counts.
        exempt: Edges of when it objects to nothing, however much was counted.
    """

    id: str
    rule: CapRule
    zones: tuple[str, ...]
    exempt: Edges


@frozen(kw_only=True, eq=False)
class Counting:
    """The caps of a prepared question, and what its tallies share: who counts what, and when dates begin and end."""

    request: ContactRequest
    caps: tuple[BoundCap, ...]
    frame: Frame
    start: int
    until: int
    _kinds: dict[Any, tuple[BoundCap, ...]] = field(init=False, factory=dict, repr=False)
    _walls: dict[tuple[str, int, int], Sequence[tuple[int, int]]] = field(init=False, factory=dict, repr=False)

    def caps_for(self, line: ContactRecord) -> tuple[BoundCap, ...]:
        """Return the caps that count *line*, if it is about whom they count."""
        kind = _kind(line)
        found = self._kinds.get(kind)
        if found is None:
            found = () if line.void else tuple(cap for cap in self.caps if _counts(cap.rule, self.request, line))
            if len(self._kinds) >= _KINDS:
                self._kinds.clear()
            self._kinds[kind] = found
        return found

    def dates(self, zone: str, first: int, last: int) -> Sequence[tuple[int, int]]:
        """Return when the wall of *zone* shows a date from *first* to before *last* (ordinals), inside the frame."""
        key = (zone, first, last)
        found = self._walls.get(key)
        if found is None:
            found = self._walls[key] = tuple(_on_wall([(first, last)], zone, self.frame))
        return found


class Tally:
    """
    The contacts of one person (or debt, point, household, device) as a prepared question counts them.

    `Prepared.tally` makes it. It is changed by `add`, so give each thread its own.

    Attributes:
        stops: When some cap is spent: start, end, start, end, … in seconds from 1970 UTC, ends exclusive.
    """

    __slots__ = ("_caps", "_events", "_ids", "_last", "_lines", "counting", "stops", "whose")

    def __init__(self, counting: Counting, whose: Whose, history: Iterable[ContactRecord] = ()) -> None:
        self.counting = counting
        self.whose = whose
        self._last: ContactRecord | None = None
        self._lines = list(history)
        self._count_anew()

    def add(self, line: ContactRecord) -> None:
        """
        Count *line* too.

        A line whose id was added before corrects it, as on the ledger: of the versions the one recorded last holds,
        from the beginning.

        Raises:
            FactsError: A new line is earlier than the last one.
        """
        last = self._last
        if line.id in self._ids:
            self._lines.append(line)
            self._count_anew()
            return
        if last is not None and line.at < last.at:
            raise FactsError(
                f"A history out of order: the line {line.id!r} of {line.at} is earlier than {last.id!r} of {last.at}, "
                "which was added before. Add lines in order of `at`, or make a new tally of all of them.",
                field="history",
            )
        self._lines.append(line)
        self._ids.add(line.id)
        self._last = line
        self._count(line)

    @property
    def lines(self) -> tuple[ContactRecord, ...]:
        """Every line that was added, corrections included."""
        return tuple(self._lines)

    @property
    def edges(self) -> tuple[int, ...]:
        """The seconds at which some cap begins or ceases to be spent, in no order."""
        return tuple(edge for edges in self._caps.values() for edge in edges)

    def objecting(self, second: int) -> list[str]:
        """Return the ids of the caps that are spent at *second*."""
        return [cap.id for cap, edges in self._caps.items() if bisect_right(edges, second) & 1]

    def _count_anew(self) -> None:
        self._ids = {line.id for line in self._lines}
        self._last = max(self._lines, key=lambda line: line.at, default=None)
        self._caps: dict[BoundCap, list[int]] = {}
        self._events: dict[tuple[BoundCap, int, str], list[Any]] = {}
        self.stops: list[int] = []
        for cap in self.counting.caps:
            if _unknown(cap, self.whose):
                self._stop(cap, [(self.counting.start, self.counting.until)])
        events = known_events(self._lines)
        if len(events) == len({event.id for event in events}):
            for event in events:
                self._count(event)
            return
        # Versions of a line disagree: it counts once, if any of them does.
        for cap in self.counting.caps:
            counted = [event for event in events if _counts(cap.rule, self.counting.request, event)]
            for group, members in enumerate(_groups(cap.rule, self.whose, counted)):  # type: ignore[arg-type]
                for event in _once_each(members):
                    self._spend(cap, group, event)

    def _count(self, line: ContactRecord) -> None:
        groups: dict[str, list[int]] = {}
        for cap in self.counting.caps_for(line):
            per = cap.rule.per
            if per not in groups:
                groups[per] = [
                    group
                    for group, members in enumerate(_groups(cap.rule, self.whose, [line]))  # type: ignore[arg-type]
                    if members
                ]
            for group in groups[per]:
                self._spend(cap, group, line)

    def _spend(self, cap: BoundCap, group: int, line: ContactRecord) -> None:
        rule = cap.rule
        if _unknown(cap, self.whose):
            return
        if rule.period == "rolling_seconds":
            moment = (second_of(line.at), second_from(line.at))
            if rule.most == 0:
                self._stop(cap, [(moment[0], moment[1] + rule.length)])
                return
            windows = self._windows((cap, group, ""), moment, rule.most)
            self._stop(
                cap,
                [
                    (late[0] - rule.length + 1, early[1] + rule.length)
                    for early, late in windows
                    if late[0] - early[1] < rule.length
                ],
            )
            return
        for zone in cap.zones:
            day = local_date(line.at, zone).toordinal()
            if rule.most == 0:
                began = second_of(line.at)
                first, last = _cool(rule, day)
                spans = self.counting.dates(zone, first, last)
                self._stop(cap, [(max(low, began), high) for low, high in spans if high > began])
                continue
            for early, late in self._windows((cap, group, zone), day, rule.most):
                dates = _full(rule, early, late)
                if dates is not None:
                    self._stop(cap, self.counting.dates(zone, *dates))

    def _windows(self, key: tuple[BoundCap, int, str], moment: Any, most: int) -> Iterator[tuple[Any, Any]]:
        """Enter *moment*, and yield the first and the last of each run of *most* moments that holds it."""
        moments = self._events.setdefault(key, [])
        insort(moments, moment)
        place, last = bisect_right(moments, moment) - 1, most - 1
        for index in range(max(place - last, 0), min(place, len(moments) - 1 - last) + 1):
            yield moments[index], moments[index + last]

    def _stop(self, cap: BoundCap, spans: Iterable[tuple[int, int]]) -> None:
        start, until = self.counting.start, self.counting.until
        clipped = [(max(low, start), min(high, until)) for low, high in spans if low < until and high > start]
        if cap.exempt and clipped:
            clipped = list((Instants.of(clipped) - Instants(cap.exempt)).spans)
        if clipped:
            edges = self._caps.setdefault(cap, [])
            for low, high in clipped:
                _include(edges, low, high)
                _include(self.stops, low, high)


def _unknown(cap: BoundCap, whose: Whose) -> bool:
    """Whether nothing is known of *cap*: what it counts by is not stated, or no wall shows the dates that it counts."""
    rule = cap.rule
    if rule.per in _KEYED and not getattr(whose, "point_id" if rule.per == "point" else rule.per):
        return True
    return not cap.zones and rule.period != "rolling_seconds"


def _cool(rule: CapRule, day: int) -> tuple[int, int]:
    if rule.period == "rolling_days":
        return day, day + rule.length + (0 if rule.trigger_day_counts else 1)
    return day, _civil(rule, day)[1]


def _full(rule: CapRule, early: int, late: int) -> tuple[int, int] | None:
    """Return the dates on which a cap is spent by events on *early* and *late* and as many between as it allows."""
    if rule.period == "rolling_days":
        reach = rule.length - 1 if rule.trigger_day_counts else rule.length
        return (late - reach, early + reach + 1) if late - early <= reach else None
    period = _civil(rule, early)
    return period if period == _civil(rule, late) else None


def _include(edges: list[int], start: int, end: int) -> None:
    """Join the half-open span to *edges*, which stay in normal form."""
    low, high = bisect_left(edges, start), bisect_right(edges, end)
    edges[low:high] = ([] if low & 1 else [start]) + ([] if high & 1 else [end])
