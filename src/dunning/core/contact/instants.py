"""
Sets of instants: what a contact rule answers with.

One normal form: whole UTC seconds, half-open spans, sorted and merged, so equal sets are ``==``. The algebra is closed.

A set also knows its *domain*, the seconds about which it can speak at all. A holiday table that ends in 2026 says
nothing about 2027; that is neither open nor closed, and whoever asks must be refused. So the domain of a combination is
the intersection of the domains: where one side cannot speak, neither can the combination.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from operator import lt

from attrs import frozen

Edges = tuple[int, ...]

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_SECOND = dt.timedelta(seconds=1)

FIRST = (dt.datetime(1, 1, 1, tzinfo=dt.UTC) - EPOCH) // _SECOND
LAST = (dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC) - EPOCH) // _SECOND + 1

_EVER: Edges = (FIRST, LAST)

# Where the combination holds, for: in neither, in the right one only, in the left one only, in both.
_OR = (False, True, True, True)
_AND = (False, False, False, True)
_MINUS = (False, False, True, False)


def second_of(instant: dt.datetime) -> int:
    """Return the whole UTC second in which *instant* lies, counted from 1970. It must know its offset."""
    return (instant - EPOCH) // _SECOND


def second_from(instant: dt.datetime) -> int:
    """Return the first whole UTC second that does not begin before *instant*."""
    return -((EPOCH - instant) // _SECOND)


def passed(instant: dt.datetime) -> dt.timedelta:
    """
    Return the time from 1970 UTC to *instant*: what to order instants by.

    Python compares two datetimes of one time zone object by what the wall shows, so that of the hour that a clock
    shows twice the second showing is not later than the first.
    """
    return instant - EPOCH


def later(instant: dt.datetime, length: dt.timedelta) -> dt.datetime:
    """Return the instant *length* after another: Python alone would add to what the wall shows."""
    return (instant.astimezone(dt.UTC) + length).astimezone(instant.tzinfo)


def instant_of(second: int) -> dt.datetime:
    """Return the instant, in UTC, at which *second* begins."""
    return EPOCH + dt.timedelta(seconds=second)


def merged(spans: Iterable[tuple[int, int]]) -> Edges:
    """Return half-open *spans*, in any order and overlapping as they like, as edges in normal form."""
    edges: list[int] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if edges and start <= edges[-1]:
            edges[-1] = max(edges[-1], end)
        else:
            edges += (start, end)
    return tuple(edges)


@frozen(order=False)
class Instants:
    """
    A set of moments, and the domain in which it is known.

    Args:
        edges: Start, end, start, end, … in seconds from 1970 UTC: starts inclusive, ends exclusive, strictly rising.
            Use `between`, `of` or the operators rather than writing edges.
        known: The domain, in the same form. Members lie inside it.
    """

    edges: Edges
    known: Edges = _EVER

    def __attrs_post_init__(self) -> None:
        for edges in (self.edges, self.known):
            if len(edges) % 2 or not all(map(lt, edges, edges[1:])):
                raise ValueError(f"The edges of a set of instants must rise in pairs, not {edges[:6]!r}…")

    @classmethod
    def of(cls, spans: Iterable[tuple[int, int]], *, known: Edges = _EVER) -> Instants:
        """Return the union of half-open *spans* of seconds, as far as it is *known*."""
        edges = merged(spans)
        return cls(edges if known == _EVER else _sweep(edges, known, _AND), known)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The members as half-open spans of seconds from 1970 UTC."""
        return tuple(zip(self.edges[::2], self.edges[1::2], strict=True))

    @property
    def domain(self) -> Instants:
        """The set of all seconds about which this set can speak."""
        return Instants(self.known)

    def at(self, instant: dt.datetime) -> bool | None:
        """Whether *instant* is a member; None is unknown, which refuses. An instant belongs to its whole second."""
        return self.at_second(second_of(instant))

    def at_second(self, second: int) -> bool | None:
        """Whether *second* is a member; None is unknown."""
        if bisect_right(self.edges, second) & 1:
            return True
        return False if bisect_right(self.known, second) & 1 else None

    def __contains__(self, instant: object) -> bool:
        """Whether *instant* is known to be a member."""
        return isinstance(instant, dt.datetime) and self.at(instant) is True

    def next_from(self, instant: dt.datetime, until: dt.datetime) -> dt.datetime | None:
        """
        Return the first known member at or after *instant* and before *until*, in UTC; None if there is none.

        A member that lies inside its second is its own answer, so that asking again with the answer changes nothing.
        """
        found = self.next_second(second_of(instant), second_from(until))
        if found is None:
            return None
        return max(instant_of(found), instant.astimezone(dt.UTC))

    def next_second(self, second: int, until: int) -> int | None:
        """Return the first known member from *second* on and before *until*, both in seconds; None if there is none."""
        index = bisect_right(self.edges, second)
        if index & 1:
            return second if second < until else None
        if index < len(self.edges) and self.edges[index] < until:
            return self.edges[index]
        return None

    def within(self, other: Instants) -> Instants:
        """Return this set, known only where it is known and *other* has members."""
        known = _sweep(self.known, other.edges, _AND)
        return Instants(_sweep(self.edges, known, _AND), known)

    def allowing(self, other: Instants) -> Instants:
        """
        Return this set with the members of *other* let in, even where this set cannot speak.

        For what switches a question off: a rule that is not in force, or that a consent lifts, needs no facts.
        """
        return Instants(_sweep(self.edges, other.edges, _OR), _sweep(self.known, other.edges, _OR))

    def clipped(self, start: int, end: int) -> Instants:
        """Return this set, known only from second *start* to *end* (exclusive)."""
        return Instants(_slice(self.edges, start, end), _slice(self.known, start, end))

    def __or__(self, other: Instants) -> Instants:
        return self._with(other, _OR)

    def __and__(self, other: Instants) -> Instants:
        return self._with(other, _AND)

    def __sub__(self, other: Instants) -> Instants:
        return self._with(other, _MINUS)

    def __invert__(self) -> Instants:
        """Everything else that is known."""
        return Instants(_sweep(self.known, self.edges, _MINUS), self.known)

    def _with(self, other: Instants, table: tuple[bool, bool, bool, bool]) -> Instants:
        if self.known == other.known:
            return Instants(_sweep(self.edges, other.edges, table), self.known)
        known = _sweep(self.known, other.known, _AND)
        return Instants(_sweep(_sweep(self.edges, other.edges, table), known, _AND), known)

    def __bool__(self) -> bool:
        raise TypeError("Whether a set of instants is true is ambiguous: ask `.edges`, or `.at(instant)`.")


def between(start: dt.datetime, end: dt.datetime) -> Instants:
    """Return the whole seconds from *start* (inclusive) to *end* (exclusive), known everywhere."""
    return Instants.of([(second_from(start), second_from(end))])


def _slice(edges: Edges, start: int, end: int) -> Edges:
    """The part of *edges* between two seconds; cheaper than a sweep where little is left."""
    if start >= end:
        return ()
    first, last = bisect_right(edges, start), bisect_left(edges, end)
    head = (start,) if first & 1 else ()
    tail = (end,) if last & 1 else ()
    return head + edges[first:last] + tail


def _sweep(left: Edges, right: Edges, table: tuple[bool, bool, bool, bool]) -> Edges:
    """Walk both sorted edge lists once and keep the edges at which *table* changes its mind."""
    edges: list[int] = []
    i = j = state = 0
    inside = False
    while i < len(left) or j < len(right):
        edge = min(left[i : i + 1] + right[j : j + 1])
        if i < len(left) and left[i] == edge:
            state ^= 2
            i += 1
        if j < len(right) and right[j] == edge:
            state ^= 1
            j += 1
        if table[state] != inside:
            inside = table[state]
            edges.append(edge)
    return tuple(edges)


EVER = Instants(_EVER)
NEVER = Instants(())
UNKNOWN = Instants((), ())
