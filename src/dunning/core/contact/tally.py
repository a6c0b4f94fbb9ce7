"""
Tally: what the caps of a prepared question have counted for one person, as sorted numbers.

Adding a contact costs what the contact changes. With each counted event the stretches grow in which a cap is spent, and
never shrink, so only those are looked at that hold the new event. What a contact can change in other ways is judged
anew: a cap that begins with a first conversation, a consent that a conversation uses up, a line that is corrected.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from attrs import evolve, field, fields, frozen

from dunning.core.calendar import Calendars
from dunning.core.contact.caps import (
    cool_until,
    counts,
    full_dates,
    full_seconds,
    groups,
    known_events,
    on_wall,
    once_each,
    uncountable,
)
from dunning.core.contact.effects import CapRule
from dunning.core.contact.instants import Edges, Instants, merged, passed, second_from, second_of
from dunning.core.contact.ledger import ContactRecord, dated_early
from dunning.core.contact.objectors import Question, judged
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import ContactRule
from dunning.core.contact.wall import Frame, local_date
from dunning.errors import FactsError

WHOSE = ("person_id", "loan_ids", "point_id", "household", "device")
# What a line says beside its kind: who, when, and where it is kept. Caps count kinds.
_NAMES = {*WHOSE, "id", "at", "recorded_at", "recording", "entry_key", "reply_to"}
_kind = attrgetter(*(one.name for one in fields(ContactRecord) if one.name not in _NAMES))
_KINDS = 4096  # so many kinds of lines are remembered: actors' ids may be many
_DATES = 65_536  # and so many stretches of dates


@frozen(eq=False)
class Bound:
    """
    A rule that binds, and whose answer depends on contacts.

    Args:
        cap: Its effect, if that is a cap.
        zones: Whose dates it counts.
        exempt: Edges of when it objects to nothing, however much was counted.
        grows: Whether each event only adds to when it objects.
        always: Where it does not only grow: whether any contact may change it, not only one that it counts.
    """

    rule: ContactRule
    cap: CapRule | None
    zones: tuple[str, ...]
    exempt: Edges
    grows: bool
    always: bool


@frozen(kw_only=True, eq=False)
class Counting:
    """
    What depends on contacts in a prepared question, and what its tallies share.

    Args:
        house_hours: When hours of the house bind.
        start, until: Seconds; `until` exclusive.
        anew: Those of `bound` who do not only grow.
    """

    request: ContactRequest
    bound: tuple[Bound, ...]
    calendars: Calendars
    house_hours: Instants
    frame: Frame
    start: int
    until: int
    anew: tuple[Bound, ...] = field(init=False)
    _kinds: dict[Any, tuple[Bound, ...]] = field(init=False, factory=dict, repr=False)
    _dates: dict[tuple[str, int, int], Sequence[tuple[int, int]]] = field(init=False, factory=dict, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "anew", tuple(one for one in self.bound if not one.grows))

    def caps_for(self, line: ContactRecord) -> tuple[Bound, ...]:
        """Return the caps that count *line*, if it is about whom they count."""
        kind = _kind(line)
        found = self._kinds.get(kind)
        if found is None:
            counting = (one for one in self.bound if one.cap and counts(one.cap, self.request, line))
            found = () if line.void else tuple(counting)
            if len(self._kinds) >= _KINDS:
                self._kinds.clear()
            self._kinds[kind] = found
        return found

    def dates(self, zone: str, first: int, last: int) -> Sequence[tuple[int, int]]:
        """Return when the wall of *zone* shows a date from *first* to before *last* (ordinals), inside the frame."""
        key = (zone, first, last)
        found = self._dates.get(key)
        if found is None:
            if len(self._dates) >= _DATES:
                self._dates.clear()
            found = self._dates[key] = tuple(on_wall([(first, last)], zone, self.frame))
        return found

    def objecting(self, rule: ContactRule, request: ContactRequest, lines: Sequence[ContactRecord]) -> Edges:
        """Return the edges of when *rule* objects to *request* after *lines*, as everybody else would be asked."""
        asked = evolve(request, history=tuple(lines))
        question = Question(asked, known_events(lines), self.calendars, self.frame)
        instants, _ = judged(rule, question, self.house_hours)
        return (Instants((self.start, self.until)) - Instants(instants.edges)).edges


class Tally:
    """
    The contacts of one person (or debt, point, household, device) as a prepared question counts them.

    `Prepared.tally` makes it. It is changed by `add`, so it is not to be shared by threads.

    Attributes:
        counting: What it counts for.
        request: The question, with the person whose contacts are counted.
        stops: When somebody objects because of contacts: start, end, start, end, … in seconds from 1970 UTC, ends
            exclusive.
    """

    __slots__ = ("_events", "_ids", "_last", "_lines", "_spent", "counting", "request", "stops")

    def __init__(self, counting: Counting, request: ContactRequest, history: Iterable[ContactRecord] = ()) -> None:
        self.counting = counting
        self.request = request
        self._lines = list(history)
        self._last: ContactRecord | None = None
        self._count_anew()

    def add(self, line: ContactRecord) -> None:
        """
        Count *line* too.

        A line whose id was added before corrects it, as on the ledger: of the versions the one recorded last holds,
        from the beginning.

        Raises:
            FactsError: A new line is earlier than the last one, or a line is dated after it was recorded and is not
                reserved: `may_contact` refuses for that with ``dunning:history``.
        """
        versions = [one for one in self._lines if one.id == line.id] if line.id in self._ids else []
        for event in known_events([*versions, line]):
            _refuse_early(event)
        if versions:
            self._lines.append(line)
            self._count_anew()
        else:
            last = self._last
            if last is not None and passed(line.at) < passed(last.at):
                raise FactsError(
                    f"A history out of order: the line {line.id!r} of {line.at} is earlier than {last.id!r} of "
                    f"{last.at}, which was added before. Add lines in order of `at`, or make a new tally of all.",
                    field="history",
                )
            self._lines.append(line)
            self._ids.add(line.id)
            self._last = line
            self._count(line)
            self._judge_anew(line)

    @property
    def lines(self) -> tuple[ContactRecord, ...]:
        """Every line that was added, corrections included."""
        return tuple(self._lines)

    @property
    def changes(self) -> Iterator[int]:
        """The seconds at which somebody begins or ceases to object because of contacts, in no order."""
        return (edge for edges in self._spent.values() for edge in edges)

    def objecting(self, second: int) -> list[str]:
        """Return the ids of the rules that object at *second* because of contacts."""
        return [one.rule.id for one, edges in self._spent.items() if bisect_right(edges, second) & 1]

    def _count_anew(self) -> None:
        self._ids = {line.id for line in self._lines}
        self._last = max(self._lines, key=lambda line: passed(line.at), default=None)
        self._spent: dict[Bound, list[int]] = {}
        self._events: dict[tuple[Bound, int, str], list[Any]] = {}
        self.stops: list[int] = []
        for one in self.counting.bound:
            if one.grows and self._unknown(one):
                self._stop(one, [(self.counting.start, self.counting.until)])
        events = known_events(self._lines)
        for event in events:
            _refuse_early(event)
        if len(events) == len({event.id for event in events}):
            for event in events:
                self._count(event)
        else:
            self._count_versions(events)
        self._judge_anew(None)

    def _count_versions(self, events: Sequence[ContactRecord]) -> None:
        """Count lines of which versions disagree: each once, if any of its versions counts."""
        for one in self.counting.bound:
            if one.grows and one.cap is not None:
                for group, members in enumerate(groups(one.cap, self.request, events)):
                    for event in once_each([event for event in members if counts(one.cap, self.request, event)]):
                        self._spend(one, one.cap, group, event)

    def _count(self, line: ContactRecord) -> None:
        touched: dict[str, list[int]] = {}
        for one in self.counting.caps_for(line):
            if one.grows and one.cap is not None:
                per = one.cap.per
                if per not in touched:
                    members = groups(one.cap, self.request, [line])
                    touched[per] = [group for group, found in enumerate(members) if found]
                for group in touched[per]:
                    self._spend(one, one.cap, group, line)

    def _judge_anew(self, line: ContactRecord | None) -> None:
        """Ask again those who do not only grow, and whose answer *line* may change; all of them, without a line."""
        if not self.counting.anew:
            return
        counting = () if line is None else self.counting.caps_for(line)
        changed = False
        for one in self.counting.anew:
            if line is None or one.always or one in counting:
                self._spent[one] = list(self.counting.objecting(one.rule, self.request, self._lines))
                changed = True
        if changed:
            self.stops = list(merged(pair for edges in self._spent.values() for pair in _pairs(edges)))

    def _spend(self, one: Bound, cap: CapRule, group: int, line: ContactRecord) -> None:
        if self._unknown(one):
            return
        if cap.period == "rolling_seconds":
            self._stop(one, self._seconds(one, cap, group, line))
            return
        for zone in one.zones:
            day = local_date(line.at, zone).toordinal()
            if cap.most == 0:
                began = second_of(line.at)
                spans = self.counting.dates(zone, day, cool_until(cap, day))
                self._stop(one, [(max(low, began), high) for low, high in spans if high > began])
                continue
            for early, late in self._windows((one, group, zone), day, cap.most):
                dates = full_dates(cap, early, late)
                if dates is not None:
                    self._stop(one, self.counting.dates(zone, *dates))

    def _seconds(self, one: Bound, cap: CapRule, group: int, line: ContactRecord) -> list[tuple[int, int]]:
        moment = (second_of(line.at), second_from(line.at))
        if cap.most == 0:
            return [(moment[0], moment[1] + cap.length)]
        windows = self._windows((one, group, ""), moment, cap.most)
        return [span for early, late in windows if (span := full_seconds(cap, early, late))]

    def _windows(self, key: tuple[Bound, int, str], moment: Any, most: int) -> Iterator[tuple[Any, Any]]:
        """Enter *moment*, and yield the first and the last of each run of *most* moments that holds it."""
        moments = self._events.setdefault(key, [])
        insort(moments, moment)
        place, last = bisect_right(moments, moment) - 1, most - 1
        for index in range(max(place - last, 0), min(place, len(moments) - 1 - last) + 1):
            yield moments[index], moments[index + last]

    def _stop(self, one: Bound, spans: Iterable[tuple[int, int]]) -> None:
        start, until = self.counting.start, self.counting.until
        clipped = [(max(low, start), min(high, until)) for low, high in spans if low < until and high > start]
        if one.exempt and clipped:
            clipped = list((Instants.of(clipped) - Instants(one.exempt)).spans)
        if clipped:
            edges = self._spent.setdefault(one, [])
            for low, high in clipped:
                _include(edges, low, high)
                _include(self.stops, low, high)

    def _unknown(self, one: Bound) -> bool:
        return one.cap is not None and uncountable(one.cap, self.request, one.zones)


def _refuse_early(line: ContactRecord) -> None:
    if dated_early(line):
        raise FactsError(
            f"The line {line.id!r} of {line.at} was recorded at {line.recorded_at}, before it happened. Correct "
            "when it happened, or mark it as reserved if it is yet to come.",
            field="history",
        )


def _include(edges: list[int], start: int, end: int) -> None:
    """Join a half-open span to *edges*, which stay in normal form."""
    low, high = bisect_left(edges, start), bisect_right(edges, end)
    edges[low:high] = ([] if low & 1 else [start]) + ([] if high & 1 else [end])


def _pairs(edges: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip(edges[::2], edges[1::2], strict=True)
