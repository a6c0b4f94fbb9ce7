"""One person's contacts against their caps in a terminal: three lines of words a cap, and a line of time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from dunning.cli.clock import instant_text
from dunning.cli.showing.week import wrapped
from dunning.core.contact.instants import instant_of, second_of
from dunning.engine.pictures.timeline import CapLine, Timeline
from dunning.engine.pictures.words import clean, facts, length, short_day, standing, timeline_title

_TRACK = 96
# How much time one column may stand for, in seconds: the first that fits.
_STEPS = tuple(hours * 3600 for hours in (1, 2, 3, 4, 6, 8, 12, 16, 24, 36, 48, 60, 72, 84, 96, 120))
_MANY = 9


def timeline_lines(timeline: Timeline) -> Iterator[str]:
    """Yield the picture: how each cap stands, and its line of time."""
    yield from wrapped(clean(timeline_title(timeline)))
    yield from wrapped(f"On the clock of {timeline.zone}. {facts(timeline.request)}")
    if not timeline.caps:
        yield ""
        yield "No cap binds."
        return
    stretch = timeline.until - timeline.start
    step = next((one for one in _STEPS if stretch <= one * _TRACK), -(-stretch // _TRACK))
    for cap in timeline.caps:
        yield ""
        yield from wrapped(clean(cap.rule.title))
        yield from (f"  {line}" for line in wrapped(clean(f"{cap.rule.id}; {cap.citation}"), _TRACK))
        yield from (f"  {line}" for line in wrapped(standing(cap, timeline), _TRACK))
        yield from (f"  {line}".rstrip() for line in _track(timeline, cap, step))
    yield ""
    yield f"A column is {length(step)}."
    yield f"1 to {_MANY}, +: so many contacts or dates that take up room; o: one that no longer does"
    yield "x: one more is refused, all this time or a part of it; =: the period; .: outside it; |: asked about"


def timeline_data(timeline: Timeline) -> dict[str, Any]:
    """Return the picture for machines."""
    return {
        "zone": timeline.zone,
        "at": instant_text(timeline.request.at),
        "channel": timeline.request.channel,
        "purpose": timeline.request.purpose,
        "from": instant_text(instant_of(timeline.start)),
        "until": instant_text(instant_of(timeline.until)),
        "horizon": instant_text(timeline.horizon),
        "caps": [_cap_data(cap) for cap in timeline.caps],
    }


def _cap_data(cap: CapLine) -> dict[str, Any]:
    return {
        "rule": cap.rule.id,
        "title": cap.rule.title,
        "citation": cap.citation,
        "most": cap.most,
        "used": cap.used,
        "left": cap.left,
        "free": cap.free,
        "next_free": None if cap.next_free is None else instant_text(cap.next_free),
        "fewer_at": None if cap.fewer is None else instant_text(cap.fewer),
        "period": None if cap.period is None else _span(cap.period),
        "counted": [
            {"at": instant_text(instant_of(mark.second)), "what": mark.what, "used": mark.used} for mark in cap.marks
        ],
        "refuses": [_span(span) for span in cap.refuses],
    }


def _span(span: tuple[int, int]) -> dict[str, str]:
    return {"from": instant_text(instant_of(span[0])), "until": instant_text(instant_of(span[1]))}


def _track(timeline: Timeline, cap: CapLine, step: int) -> Iterator[str]:
    columns = -(-(timeline.until - timeline.start) // step)
    spans = [(timeline.start + n * step, min(timeline.start + (n + 1) * step, timeline.until)) for n in range(columns)]
    yield "".join(_contacts(cap, low, high) for low, high in spans)
    yield "".join(_state(timeline, cap, low, high) for low, high in spans)
    yield _dates(timeline, step, columns)


def _contacts(cap: CapLine, low: int, high: int) -> str:
    marks = [mark for mark in cap.marks if low <= mark.second < high]
    if not marks:
        return " "
    used = sum(mark.used for mark in marks)
    return (str(used) if used <= _MANY else "+") if used else "o"


def _state(timeline: Timeline, cap: CapLine, low: int, high: int) -> str:
    if low <= second_of(timeline.request.at) < high:
        return "|"
    if any(start < high and low < end for start, end in cap.refuses):
        return click.style("x", fg="red")
    return "=" if cap.period is not None and cap.period[0] < high and low < cap.period[1] else "."


def _dates(timeline: Timeline, step: int, columns: int) -> str:
    """Write as many dates as there is room for, each beginning in the column in which it begins."""
    text = ""
    for date, second in timeline.midnights:
        column, label = (second - timeline.start) // step, short_day(date)
        if column >= len(text) + (1 if text else 0) and column + len(label) <= max(columns, len(label)):
            text = text.ljust(column) + label
    return text
