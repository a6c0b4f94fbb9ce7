"""One person's contacts against their caps as SVG."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from dunning.core.contact.instants import second_of
from dunning.engine.pictures import paper
from dunning.engine.pictures.timeline import CapLine, Timeline
from dunning.engine.pictures.words import clean, clock_text, facts, short_day, standing, timeline_title

_LEFT, _WIDTH, _MARGIN = 16.0, 868.0, 16.0
_TRACK = 26.0
_SMALL = 11.0
_REFUSED, _PERIOD = paper.pattern_of(3), paper.HUES[4]
# Labels of dates need so much room.
_DATE = 62.0


def timeline_svg(timeline: Timeline) -> str:
    """Return *timeline* as the text of an SVG file: a row for each cap, with its citation and how it stands."""
    heading = timeline_title(timeline)
    description = " ".join(f"{cap.rule.title}: {standing(cap, timeline)}" for cap in timeline.caps)
    svg = paper.sheet(_WIDTH + 2 * _MARGIN, 0, title=heading, description=description or "No cap binds.")
    paper.patterns(svg, [3])  # of `_REFUSED`
    y = paper.paragraph(svg, _LEFT, 28, heading, room=_WIDTH, size=16)
    where = f"On the clock of {timeline.zone}. {facts(timeline.request)}"
    y = paper.paragraph(svg, _LEFT, y, where, room=_WIDTH, kind="faint") + 8
    for cap in timeline.caps:
        y = _cap(svg, timeline, cap, y)
    y = _signs(svg, y) if timeline.caps else paper.paragraph(svg, _LEFT, y, "No cap binds.", room=_WIDTH)
    svg.set("viewBox", f"0 0 {paper.number(_WIDTH + 2 * _MARGIN)} {paper.number(y)}")
    for element in (svg, svg.find("rect")):
        if element is not None:
            element.set("height", paper.number(y))
    return paper.printed(svg)


def _x(timeline: Timeline, second: int) -> float:
    return _LEFT + (second - timeline.start) / (timeline.until - timeline.start) * _WIDTH


def _cap(svg: ET.Element, timeline: Timeline, cap: CapLine, y: float) -> float:
    y = paper.paragraph(svg, _LEFT, y + 8, cap.rule.title, room=_WIDTH, size=13)
    y = paper.paragraph(svg, _LEFT, y, f"{cap.rule.id}; {cap.citation}", room=_WIDTH, size=_SMALL, kind="faint")
    y = paper.paragraph(svg, _LEFT, y, standing(cap, timeline), room=_WIDTH)
    top = y - 4
    paper.box(svg, (_LEFT, top, _WIDTH, _TRACK), "ground")
    if cap.period is not None:
        _stretch(svg, timeline, cap.period, (top + _TRACK - 5, 5), paint=_PERIOD, says="the period")
    for span in cap.refuses:
        low, high = (clock_text(second, timeline.zone) for second in span)
        says = f"one more is refused from {low} until {high}"
        _stretch(svg, timeline, span, (top, _TRACK - 5), paint=_REFUSED, says=says)
    for mark in cap.marks:
        where = clock_text(mark.second, timeline.zone)
        says = f"{mark.what}, {where}, {'takes up room' if mark.used else 'no longer takes up room'}"
        if timeline.start <= mark.second < timeline.until:
            _dot(svg, _x(timeline, mark.second), top + (_TRACK - 5) / 2, says, full=mark.used)
    now = _x(timeline, second_of(timeline.request.at))
    paper.line(svg, (now, top - 3, now, top + _TRACK + 3), "now")
    return _dates(svg, timeline, top + _TRACK) + 10


def _stretch(
    svg: ET.Element, timeline: Timeline, span: tuple[int, int], lies: tuple[float, float], *, paint: str, says: str
) -> None:
    """Draw *span*; it *lies* at so much from the top, and is so high."""
    low, high = max(span[0], timeline.start), min(span[1], timeline.until)
    if low < high:
        left, (top, height) = _x(timeline, low), lies
        paper.hint(paper.box(svg, (left, top, _x(timeline, high) - left, height), paint), says)


def _dot(parent: ET.Element, x: float, y: float, says: str, *, full: bool) -> None:
    place = {"cx": paper.number(x), "cy": paper.number(y), "r": "4.5", "stroke": "#1f2328", "stroke-width": "1.5"}
    paint = {"class": "full", "fill": "#1f2328"} if full else {"class": "hollow", "fill": "#ffffff"}
    paper.hint(ET.SubElement(parent, "circle", {**place, **paint}), clean(says))


def _dates(svg: ET.Element, timeline: Timeline, y: float) -> float:
    room = _WIDTH / max(len(timeline.midnights), 1)
    every = max(1, -(-int(_DATE) // max(int(room), 1)))
    for index, (date, second) in enumerate(timeline.midnights):
        x = _x(timeline, second)
        if index % every == 0:
            paper.line(svg, (x, y, x, y + 5))
            if x + _DATE <= _LEFT + _WIDTH:
                paper.write(svg, x + 2, y + 13, short_day(date), size=10, kind="faint")
    return y + 20


def _signs(svg: ET.Element, y: float) -> float:
    y += 12
    _dot(svg, _LEFT + 6, y - 4, "counted", full=True)
    paper.write(svg, _LEFT + 18, y, "counted, takes up room", size=_SMALL, kind="faint")
    _dot(svg, _LEFT + 186, y - 4, "counted before", full=False)
    paper.write(svg, _LEFT + 198, y, "counted, and no longer takes up room", size=_SMALL, kind="faint")
    paper.box(svg, (_LEFT + 450, y - 10, 22, 13), _REFUSED)
    paper.write(svg, _LEFT + 478, y, "one more is refused", size=_SMALL, kind="faint")
    paper.box(svg, (_LEFT + 630, y - 6, 22, 5), _PERIOD)
    paper.write(svg, _LEFT + 658, y, "the period", size=_SMALL, kind="faint")
    paper.line(svg, (_LEFT + 752, y - 11, _LEFT + 752, y + 3), "now")
    paper.write(svg, _LEFT + 760, y, "asked about", size=_SMALL, kind="faint")
    return y + 16
