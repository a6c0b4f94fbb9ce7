"""
Wall clocks: from local dates and times of day to instants, exactly.

A zone's time line is cut into segments of one UTC offset each. Inside a segment local time and UTC differ by a
constant, so a span of local time is shifted and clipped, and nothing is guessed: a wall time that does not exist lies
in no segment and yields no instant; one that exists twice lies in two and yields both; an instant whose wall clock
stands outside the span is never yielded.

Local time is counted like UTC: seconds from 1970-01-01 00:00 on that wall.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

from attrs import frozen

from dunning.core.contact.instants import EPOCH, FIRST, LAST, UNKNOWN, Edges, Instants, instant_of, merged, second_of

DAY = 86_400
EPOCH_DAY = dt.date(1970, 1, 1).toordinal()

# No zone of the tz database changes its offset twice in twelve hours.
_PROBE = DAY // 2
# Offsets stay below a day: so far from the ends of time every wall time can be written.
_MARGIN = 2 * DAY

Segment = tuple[int, int, int]
Spans = Sequence[tuple[int, int]]


def wall_midnight(day: dt.date) -> int:
    """Return 00:00 of *day* on the wall, in local seconds."""
    return (day.toordinal() - EPOCH_DAY) * DAY


def local_date(instant: dt.datetime, zone: str) -> dt.date:
    """Return the date on the wall of *zone* at *instant*."""
    return instant.astimezone(clock(zone)).date()


@lru_cache(maxsize=1024)
def clock(zone: str) -> ZoneInfo:
    """Return the wall clock of *zone*. Kept here, because `ZoneInfo` itself keeps eight and reads the others again."""
    return ZoneInfo(zone)


@lru_cache(maxsize=1024)
def segments(zone: str, start: int, until: int) -> tuple[Segment, ...]:
    """Return (start, end, offset) in seconds for each stretch of one UTC offset of *zone*, from *start* to *until*."""
    tz = clock(zone)

    def offset(second: int) -> int:
        shift = instant_of(second).astimezone(tz).utcoffset()
        return 0 if shift is None else int(shift.total_seconds())

    found: list[Segment] = []
    opened, here, at = start, offset(start), start
    while at < until - 1:
        ahead = min(at + _PROBE, until - 1)
        if offset(ahead) != here:
            low = at
            while ahead - low > 1:
                middle = (low + ahead) // 2
                if offset(middle) == here:
                    low = middle
                else:
                    ahead = middle
            found.append((opened, ahead, here))
            opened, here = ahead, offset(ahead)
        at = ahead
    found.append((opened, until, here))
    return tuple(found)


def from_wall(zone: str, spans: Spans, start: int, until: int) -> list[tuple[int, int]]:
    """
    Return the UTC spans between *start* and *until* during which the wall clock of *zone* stands in *spans*.

    Args:
        spans: Half-open spans of local seconds, sorted and apart.
    """
    found: list[tuple[int, int]] = []
    starts = [span[0] for span in spans]
    for opened, closed, offset in segments(zone, start, until):
        low, high = opened + offset, closed + offset
        for index in range(max(bisect_right(starts, low) - 1, 0), len(spans)):
            begin, end = spans[index]
            if begin >= high:
                break
            if end > low:
                found.append((max(begin, low) - offset, min(end, high) - offset))
    return found


@frozen
class Frame:
    """
    The stretch of time, and the zones, that one decision looks at.

    Whole UTC months, so that decisions of one month share what is compiled for it.

    Args:
        start, until: Seconds; `until` exclusive.
        zones: Every plausible zone of the person, each known to the tz database, the residence first. May be empty:
            then nothing that depends on a wall clock is known.
        point_zones: Those that the number or address itself suggests.
    """

    start: int
    until: int
    zones: tuple[str, ...]
    point_zones: tuple[str, ...] = ()

    @property
    def known(self) -> Edges:
        """The frame's own domain: nothing is known outside it."""
        return (self.start, self.until)

    @property
    def all(self) -> Instants:
        """Every instant of the frame."""
        return _all(self.start, self.until)

    @property
    def none(self) -> Instants:
        """No instant, known for the whole frame."""
        return Instants((), self.known)

    def zones_for(self, basis: str) -> tuple[str, ...]:
        """Return the zones of *basis*: ``every`` plausible one, the ``residence``, the ``point``'s, or that named."""
        if basis == "every":
            return self.zones
        if basis == "point" and self.point_zones:
            return self.point_zones
        return self.zones[:1] if basis in ("residence", "point") else (basis,)

    def on_dates(self, dates: Sequence[tuple[dt.date | None, dt.date | None]], basis: str = "every") -> Instants:
        """
        Return when the wall in *any* of the zones shows one of *dates*.

        Args:
            dates: Inclusive first and exclusive last date; None is open.
        """
        zones = self.zones_for(basis)
        if not zones:
            return UNKNOWN
        walls = [
            (
                self.start - DAY if first is None else wall_midnight(first),
                self.until + DAY if last is None else wall_midnight(last),
            )
            for first, last in dates
        ]
        edges = merged(walls)
        spans = list(zip(edges[::2], edges[1::2], strict=True))
        return Instants(
            merged(span for zone in zones for span in from_wall(zone, spans, self.start, self.until)), self.known
        )


@lru_cache(maxsize=512)
def _all(start: int, until: int) -> Instants:
    return Instants((start, until), (start, until))


def months(start: dt.datetime, until: dt.datetime) -> tuple[int, int]:
    """Return the seconds at which the UTC month of *start* begins and the UTC month of *until* ends."""
    first = start.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last = until.astimezone(dt.UTC)
    end = LAST if (last.year, last.month) == (9999, 12) else second_of(_next_month(last))
    return max(second_of(first), FIRST + _MARGIN), min(end, LAST - _MARGIN)


def _next_month(day: dt.datetime) -> dt.datetime:
    return dt.datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=EPOCH.tzinfo)
