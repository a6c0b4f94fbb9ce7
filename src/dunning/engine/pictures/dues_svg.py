"""What fell due of a loan and what was paid, over time, as SVG."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree as ET

from dunning.core.facts.event import EventKind
from dunning.core.facts.loan import Loan
from dunning.core.overdue.curves import Curves, Steps, Unpaid, curves
from dunning.core.overdue.explanation import Explanation
from dunning.engine.pictures import paper
from dunning.engine.pictures.dues_frame import HEIGHT, LEFT, RIGHT, Frame, frame_of, step, stretch
from dunning.engine.pictures.words import MONTHS, spoken_day

_DAY = dt.timedelta(days=1)
_MARGIN, _WIDTH = 16.0, 900.0
_SMALL = 11.0
_MONTH_ROOM = 66.0  # a month with its year needs so much
_SIGN_ROOM = 17.0  # so does a sign
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DUE, _PAID, _PAUSED = paper.HUES[3], paper.HUES[4], paper.pattern_of(2)
_LESS = {"fill": _DUE, "fill_opacity": "0.2", "stroke": "none"}
_UNPAID = {"fill": _DUE, "fill_opacity": "0.4", "stroke": _DUE, "stroke_width": "1"}


def dues_svg(loan: Loan, explained: Explanation) -> str:
    """
    Return the two sums of *loan* as the text of an SVG file, with what is past due and unpaid where it fell due.

    Its height is the arrears, and its length the days past due. The distance between the sums is the same only where
    all money met what fell due first.

    Nobody's id stands on it. The same loan gives the same file, to the byte.
    """
    status = explained.status
    start, end = stretch(loan, explained)
    drawn = curves(loan, as_of=status.as_of, until=end, convention=explained.convention, known_at=status.known_at)
    heading = (
        f"{_days(status.days_past_due)} past due on {spoken_day(status.as_of)}, "
        f"{status.arrears.total:,} {status.currency} in arrears"
    )
    svg = paper.sheet(_WIDTH, 0, title=heading, description=_description(explained, drawn))
    paper.patterns(svg, [2])  # of `_PAUSED`
    y = paper.paragraph(svg, _MARGIN, 28, heading, room=_WIDTH - 2 * _MARGIN, size=16)
    y = paper.paragraph(svg, _MARGIN, y, _below(explained, drawn), room=_WIDTH - 2 * _MARGIN, kind="faint")
    frame = frame_of(drawn, start, end, y + 6)
    _money_axis(svg, frame)
    y = _time_axis(svg, frame)
    _pauses(svg, drawn, frame)
    _shade(svg, drawn, frame)
    _open(svg, drawn, frame)
    y = _signs(svg, drawn, frame, y)
    at = frame.x(drawn.as_of)
    paper.line(svg, (at, frame.top - 4, at, frame.top + HEIGHT + 4), "now")
    _gap(svg, explained, drawn, frame)
    _curve(svg, frame, drawn.due, drawn.as_of, _DUE, dashed=False)
    _curve(svg, frame, drawn.due, end, _DUE, dashed=True, since=drawn.as_of)
    _curve(svg, frame, drawn.paid, drawn.as_of, _PAID, dashed=False)
    _labels(svg, explained, drawn, frame)
    y = _key(svg, drawn, frame, y + 14)
    svg.set("viewBox", f"0 0 {paper.number(_WIDTH)} {paper.number(y)}")
    for element in (svg, svg.find("rect")):
        if element is not None:
            element.set("height", paper.number(y))
    return paper.printed(svg)


def _money_axis(svg: ET.Element, frame: Frame) -> None:
    each = step(frame.high - frame.low)
    amount = frame.low
    while amount <= frame.high:
        y = frame.y(amount)
        paper.line(svg, (LEFT, y, RIGHT, y))
        paper.write(svg, LEFT - 8, y + 4, f"{amount:,f}", size=_SMALL, kind="faint", text_anchor="end")
        amount += each


def _time_axis(svg: ET.Element, frame: Frame) -> float:
    bottom = frame.top + HEIGHT
    months = list(_months(frame))
    a_month = (RIGHT - LEFT) / ((frame.end - frame.start).days / 30.44)
    every = next(n for n in (1, 2, 3, 6, 12, 24, 60, 120, 600) if a_month * n >= _MONTH_ROOM or n > 120)  # noqa: PLR2004
    for day in months:
        x = frame.x(day)
        if (day.year * 12 + day.month - 1) % every:
            continue
        paper.line(svg, (x, bottom, x, bottom + 5))
        name = f"{MONTHS[day.month - 1][:3]} {day.year}"
        paper.write(svg, x, bottom + 18, name, size=_SMALL, kind="faint", text_anchor="middle")
    return bottom + 24


def _months(frame: Frame) -> Iterator[dt.date]:
    """Yield the first days of months that are drawn."""
    day = (frame.start.replace(day=1) + 31 * _DAY).replace(day=1) if frame.start.day > 1 else frame.start
    while day <= frame.end:
        yield day
        day = (day + 31 * _DAY).replace(day=1)


def _pauses(svg: ET.Element, drawn: Curves, frame: Frame) -> None:
    for start, end in drawn.pauses:
        low, high = frame.x(start), frame.x(end or frame.end)
        if low < high:
            until = "is running" if end is None else f"to {spoken_day(end - _DAY)}"
            stripe = paper.box(svg, (low, frame.top + HEIGHT - 7, high - low, 7), _PAUSED)
            paper.hint(stripe, f"paused from {spoken_day(start)}, {until}")


def _path(svg: ET.Element, points: Sequence[tuple[float, float]], **more: str) -> None:
    moves = " ".join(
        f"{'L' if index else 'M'}{paper.number(x)} {paper.number(y)}" for index, (x, y) in enumerate(points)
    )
    ET.SubElement(svg, "path", {"d": moves, **{name.replace("_", "-"): value for name, value in more.items()}})


def _stairs(frame: Frame, steps: Steps, since: dt.date, until: dt.date) -> list[tuple[float, float]]:
    """Return the corners of *steps* from *since* to *until*, both inclusive."""
    level = next((total for day, total in reversed(steps) if day <= since), Decimal(0))
    points = [(frame.x(since), frame.y(level))]
    for day, total in steps:
        if since < day <= until:
            points += [(frame.x(day), points[-1][1]), (frame.x(day), frame.y(total))]
    return [*points, (frame.x(until), points[-1][1])]


def _curve(
    svg: ET.Element,
    frame: Frame,
    steps: Steps,
    until: dt.date,
    paint: str,
    *,
    dashed: bool,
    since: dt.date | None = None,
) -> None:
    points = _stairs(frame, steps, max(since or frame.start, frame.start), until)
    more = {"stroke_dasharray": "4 3"} if dashed else {}
    _path(svg, points, fill="none", stroke=paint, stroke_width="2.5", stroke_linejoin="round", **more)


def _shade(svg: ET.Element, drawn: Curves, frame: Frame) -> None:
    """Shade where less was paid than had fallen due, a shape for each stretch without a break."""
    days = sorted({frame.start, drawn.as_of, *(day for day, _ in (*drawn.due, *drawn.paid))})
    days = [day for day in days if frame.start <= day <= drawn.as_of]
    begun: dt.date | None = None
    for day, after in (*pairwise(days), (drawn.as_of, drawn.as_of)):
        behind = day < after and drawn.due_on(day) > drawn.paid_on(day)
        if behind and begun is None:
            begun = day
        elif not behind and begun is not None:
            upper, lower = (_between(frame, steps, begun, day) for steps in (drawn.due, drawn.paid))
            _path(svg, [*upper, *reversed(lower)], **_LESS)
            begun = None


def _between(frame: Frame, steps: Steps, since: dt.date, until: dt.date) -> list[tuple[float, float]]:
    """Return the corners of *steps* from *since* to before *until*."""
    points = _stairs(frame, steps, since, until - _DAY)
    return [*points[:-1], (frame.x(until), points[-1][1])]


def _open(svg: ET.Element, drawn: Curves, frame: Frame) -> None:
    """Fill what is past due and unpaid on the day asked about, from the day on which it fell due."""
    x = frame.x(drawn.as_of)
    for run in _together(drawn):
        points = [(x, frame.y(run[0].low))]
        for each in run:
            points += [(frame.x(each.since), frame.y(each.low)), (frame.x(each.since), frame.y(each.high))]
        _path(svg, [*points, (x, points[-1][1])], **_UNPAID)


def _level(explained: Explanation, drawn: Curves) -> Decimal:
    """Return the sum at which the days are drawn: where the oldest begins that is not met."""
    oldest = explained.oldest
    of = (oldest.number, oldest.id) if oldest is not None else None
    return next((each.low for each in drawn.unpaid if (each.number, each.id) == of), drawn.paid_on(drawn.as_of))


def _gap(svg: ET.Element, explained: Explanation, drawn: Curves, frame: Frame) -> None:
    """Draw the days past due as the length of what is unpaid, and the arrears as its height."""
    x, y = frame.x(drawn.as_of), frame.y(_level(explained, drawn))
    if explained.anchor is not None and explained.counted_on is not None:
        _span(svg, (frame.x(explained.anchor), y, frame.x(explained.counted_on), y))
    paid = frame.y(drawn.paid_on(drawn.as_of))
    for run in _together(drawn):
        low, high = run[0].low, run[-1].high
        bottom, top = frame.y(low), frame.y(high)
        if bottom - top >= _SIGN_ROOM:
            _span(svg, (x + 6, bottom, x + 6, top))
            middle = (bottom + top) / 2 + 4
            if -_SIGN_ROOM < middle - paid - 15 < _SIGN_ROOM:  # there "paid" is written
                middle = paid - 2
            paper.write(svg, x + 14, middle, f"{high - low:,}", size=12, font_weight="600")


def _together(drawn: Curves) -> Sequence[Sequence[Unpaid]]:
    """Return what is unpaid from below, in runs without a gap."""
    runs: list[list[Unpaid]] = []
    for each in drawn.unpaid:
        if not runs or runs[-1][-1].high != each.low:
            runs.append([])
        runs[-1].append(each)
    return runs


def _labels(svg: ET.Element, explained: Explanation, drawn: Curves, frame: Frame) -> None:
    y = frame.y(_level(explained, drawn))
    if explained.anchor is not None and explained.counted_on is not None:
        middle = (frame.x(explained.anchor) + frame.x(explained.counted_on)) / 2
        _chip(svg, middle, y - 8, _days(explained.status.days_past_due), low=LEFT)
    paper.write(svg, RIGHT + 6, frame.y(drawn.due_on(frame.end)) + 4, "due", size=12, font_weight="600")
    y = frame.y(drawn.paid_on(drawn.as_of))
    low = y > frame.top + HEIGHT - _SIGN_ROOM  # below stand the months
    paid = paper.write(svg, frame.x(drawn.as_of) + 14, y - 6 if low else y + 15, "paid", size=12, font_weight="600")
    paper.hint(paid, f"paid by {spoken_day(drawn.as_of)}: {drawn.paid_on(drawn.as_of):,}")


def _span(svg: ET.Element, ends: paper.Area) -> None:
    """Draw a length: a line with a bar at each end."""
    x1, y1, x2, y2 = ends
    paper.line(svg, ends, "now")
    dx, dy = (0.0, 5.0) if y1 == y2 else (4.0, 0.0)
    for x, y in ((x1, y1), (x2, y2)):
        paper.line(svg, (x - dx, y - dy, x + dx, y + dy), "now")


def _chip(svg: ET.Element, middle: float, y: float, text: str, *, low: float) -> None:
    """Write *text* on a patch of paper around *middle*, but not left of *low*."""
    width = len(text) * 12 * 0.56 + 10
    middle = max(middle, low + width / 2 + 2)
    paper.box(svg, (middle - width / 2, y - 11, width, 15), "chip").set("rx", "3")
    paper.write(svg, middle, y, text, size=12, text_anchor="middle", font_weight="600")


def _signs(svg: ET.Element, drawn: Curves, frame: Frame, y: float) -> float:
    """Write a sign below the axis for each of the marks, in as many rows as they need."""
    rows: list[float] = []
    for sign, (day, _) in _marked(drawn, frame):
        x = frame.x(day)
        row = next((number for number, last in enumerate(rows) if x - last >= _SIGN_ROOM), len(rows))
        rows[row:] = [x, *rows[row + 1 :]]
        paper.line(svg, (x, frame.top, x, frame.top + HEIGHT + 6))
        patch = paper.box(svg, (x - 7, y + row * 16 + 1, 14, 14), "chip")
        patch.set("rx", "3")
        paper.write(svg, x, y + row * 16 + 12, sign, size=_SMALL, text_anchor="middle", font_weight="600")
    return y + len(rows) * 16


def _marked(drawn: Curves, frame: Frame) -> list[tuple[str, tuple[dt.date, str]]]:
    found = [(day, _called(kind)) for day, kind in drawn.marks if frame.drawn(day)]
    return list(zip(_SIGNS, found[-len(_SIGNS) :], strict=False))


def _called(kind: EventKind) -> str:
    return "re-age" if kind is EventKind.RE_AGE else kind.value.replace("_", " ")


def _key(svg: ET.Element, drawn: Curves, frame: Frame, y: float) -> float:
    x = _MARGIN
    waived = any(kind is EventKind.WAIVER for _, kind in drawn.marks)
    for paint, text in ((_DUE, "fell due; dashed: to come"), (_PAID, "paid and waived" if waived else "paid")):
        _path(svg, [(x, y - 4), (x + 22, y - 4)], fill="none", stroke=paint, stroke_width="2.5")
        paper.write(svg, x + 30, y, text, size=_SMALL, kind="faint")
        x += 58 + len(text) * _SMALL * 0.56
    for look, text in ((_LESS, "less paid than due"), (_UNPAID, "past due and unpaid")):
        _path(svg, [(x, y - 10), (x + 22, y - 10), (x + 22, y + 3), (x, y + 3), (x, y - 10)], **look)
        paper.write(svg, x + 30, y, text, size=_SMALL, kind="faint")
        x += 48 + len(text) * _SMALL * 0.56
    paper.line(svg, (x + 4, y - 11, x + 4, y + 3), "now")
    paper.write(svg, x + 14, y, "asked about", size=_SMALL, kind="faint")
    if drawn.pauses:
        x += 110
        paper.box(svg, (x, y - 8, 22, 7), _PAUSED)
        paper.write(svg, x + 30, y, "paused", size=_SMALL, kind="faint")
    marks = "; ".join(f"{sign} {kind}, {spoken_day(day)}" for sign, (day, kind) in _marked(drawn, frame))
    if marks:
        y = paper.paragraph(svg, _MARGIN, y + 20, marks, room=_WIDTH - 2 * _MARGIN, size=_SMALL, kind="faint") - 12
    return y + 16


def _below(explained: Explanation, drawn: Curves) -> str:
    status = explained.status
    said = [f"Counted by {status.convention}."]
    if explained.anchor is not None:
        said.append(f"{spoken_day(explained.anchor)} is day {explained.convention.first_day}.")
    if status.delinquent_days != status.days_past_due:
        said.append(f"{_days(status.delinquent_days)} delinquent, after grace and pauses.")
    if explained.cures:
        said.append(f"{explained.cures[0].amount:,} {status.currency}, paid that day, cures it.")
    if drawn.ahead and drawn.unpaid:
        said.append(f"{drawn.ahead:,} of what was paid met nothing that is past due.")
    return " ".join(said)


def _description(explained: Explanation, drawn: Curves) -> str:
    status = explained.status
    marks = "; ".join(f"{_called(kind)} on {spoken_day(day)}" for day, kind in drawn.marks)
    return (
        f"{_below(explained, drawn)} By {spoken_day(status.as_of)} {drawn.due_on(status.as_of):,} had fallen due and "
        f"{drawn.paid_on(status.as_of):,} was paid." + (f" Marked: {marks}." if marks else "")
    )


def _days(number: int) -> str:
    return f"{number:,} {'day' if number == 1 else 'days'}"
