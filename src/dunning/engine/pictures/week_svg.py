"""The permitted week as SVG, for documents and reports."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from dunning.core.contact.wall import DAY
from dunning.engine.pictures import paper
from dunning.engine.pictures.wall import Day, Section, sections_of
from dunning.engine.pictures.week import State, Week, on_days, stretches
from dunning.engine.pictures.words import (
    FIRST_IN_LAST_OUT,
    about,
    clean,
    day_name,
    facts,
    offset_text,
    short_day,
    span_text,
    time_text,
    title,
)

_LEFT, _COLUMN, _GAP, _MARGIN = 64.0, 126.0, 6.0, 16.0
_HOUR = 22.0
_SMALL, _SMALLEST = 11.0, 8.0
_TWO_HOURS = 7200
# Lower than this, a block has no room for words; they are said when a pointer rests on it, and below in any case.
_FOR_A_SIGN, _FOR_TIMES = 11.0, 30.0


def week_svg(week: Week) -> str:
    """Return *week* as the text of an SVG file: the grid, the exact spans, and who objects with citations."""
    width = _LEFT + len(week.days) * _COLUMN + _MARGIN
    first, last = week.days[0].date, week.days[-1].date
    heading = f"{title(week.request)}: {day_name(first)} to {day_name(last)}"
    svg = paper.sheet(width, 0, title=heading, description=_description(week))
    paper.patterns(svg, range(len(week.against)))
    y = paper.paragraph(svg, _MARGIN, 28, heading, room=width - 2 * _MARGIN, size=16)
    where = f"On the clock of {week.zone}. {facts(week.request)}"
    y = paper.paragraph(svg, _MARGIN, y, where, room=width - 2 * _MARGIN, kind="faint")
    y = _grid(svg, week, y + 8)
    y = _spans(svg, week, y + 8)
    y = _key(svg, week, y + 14, width)
    svg.set("viewBox", f"0 0 {paper.number(width)} {paper.number(y)}")
    for element in (svg, svg.find("rect")):
        if element is not None:
            element.set("height", paper.number(y))
    return paper.printed(svg)


def _description(week: Week) -> str:
    spans = (
        f"{day_name(day.date)}: {', '.join(span_text(span, day) for span in found) or 'at no time'}"
        for day, found in on_days(week, week.permitted)
    )
    who = "; ".join(f"{one.sign} is {about(one.objection)}" for one in week.against)
    against = f" Who objects at other times: {who}." if who else ""
    return f"Permitted on the clock of {week.zone}; {FIRST_IN_LAST_OUT}. {'. '.join(spans)}.{against}"


def _tops(week: Week, y: float) -> tuple[dict[Section, float], float]:
    """Return where each section of the axis begins, and where the last one ends."""
    tops: dict[Section, float] = {}
    for section in sections_of(week.days):
        tops[section] = y
        y += (section.closes - section.opens) / 3600 * _HOUR
    return tops, y


def _grid(svg: ET.Element, week: Week, y: float) -> float:
    for index, day in enumerate(week.days):
        middle = _LEFT + index * _COLUMN + (_COLUMN - _GAP) / 2
        paper.write(svg, middle, y + 12, short_day(day.date), text_anchor="middle", font_weight="600")
        paper.write(svg, middle, y + 26, _offsets(day), size=_SMALL, kind="faint", text_anchor="middle")
    tops, bottom = _tops(week, y + 34)
    for section, top in tops.items():
        _axis(svg, section, top, len(week.days))
    paper.write(svg, _LEFT - 8, bottom + 4, time_text(DAY, exact=False), size=_SMALL, kind="faint", text_anchor="end")
    for index, day in enumerate(week.days):
        _day(svg, week, day, _LEFT + index * _COLUMN, tops)
    return bottom + 8


def _offsets(day: Day) -> str:
    if not day.strips:
        return "no such day"
    last = max(day.strips, key=lambda strip: strip.start)
    changed = "" if day.seconds == DAY else f"{day.seconds / 3600:.4g} h, to "
    return f"{changed}UTC{offset_text(last.offset)}"


def _axis(svg: ET.Element, section: Section, top: float, days: int) -> None:
    first = section.opens if section.again else -(-section.opens // _TWO_HOURS) * _TWO_HOURS
    ticks = range(first, section.closes, _TWO_HOURS)
    for tick in ticks:
        y = top + (tick - section.opens) / 3600 * _HOUR
        label = time_text(tick, exact=bool(tick % 60)) + ("*" if section.again else "")
        paper.write(svg, _LEFT - 8, y + 4, label, size=_SMALL, kind="faint", text_anchor="end")
        paper.line(svg, (_LEFT - 4, y, _LEFT + days * _COLUMN - _GAP, y))


def _day(svg: ET.Element, week: Week, day: Day, x: float, tops: dict[Section, float]) -> None:
    for section, top in tops.items():
        height = (section.closes - section.opens) / 3600 * _HOUR
        absent = paper.box(svg, (x, top, _COLUMN - _GAP, height), "ground")
        paper.hint(absent, f"{day_name(day.date)}: the clock does not show this time")
    for stretch, state in stretches(week, day):
        for section, top in tops.items():
            opens, closes = max(stretch.opens, section.opens), min(stretch.closes, section.closes)
            if section.again == stretch.again and opens < closes:
                place = (x, top + (opens - section.opens) / 3600 * _HOUR, (closes - opens) / 3600 * _HOUR)
                _block(svg, week, state, place, (day_name(day.date), opens, closes))


def _block(
    svg: ET.Element, week: Week, state: State, place: tuple[float, float, float], when: tuple[str, int, int]
) -> None:
    (x, y, height), width = place, _COLUMN - _GAP
    group = ET.SubElement(svg, "g")
    name, opens, closes = when
    paper.hint(group, f"{name}, {time_text(opens)} to {time_text(closes)}: {_says(week, state)}")
    if state.word == "permitted":
        paper.box(group, (x, y, width, height), paper.PERMITTED)
        if height >= _FOR_TIMES:
            _chip(group, x + width / 2, y + 13, _brief(opens))
            _chip(group, x + width / 2, y + height - 6, _brief(closes))
        return
    marks = [(number, week.against[number].sign) for number in state.refusing]
    marks += [(-1, f"?{week.against[number].sign}") for number in state.unknowing]
    each = width / len(marks)
    for index, (number, sign) in enumerate(marks):
        left = x + index * each
        paper.box(group, (left, y, each, height), paper.UNKNOWN if number < 0 else paper.pattern_of(number))
        size = next((size for size in (_SMALL, _SMALLEST) if each >= _room(sign, size)), None)
        if height >= _FOR_A_SIGN and size is not None:
            _chip(group, left + each / 2, y + height / 2 + 4, sign, size=size)


def _brief(second: int) -> str:
    return time_text(second, exact=bool(second % 60))


def _chip(group: ET.Element, x: float, y: float, text: str, *, size: float = _SMALL) -> None:
    """Write a few signs on a patch of paper: on a pattern alone they could not be read."""
    width = _room(text, size)
    patch = paper.box(group, (x - width / 2, y - 10, width, 13), "chip")
    patch.set("rx", "3")
    paper.write(group, x, y, text, size=size, text_anchor="middle", font_weight="600")


def _room(text: str, size: float) -> float:
    return len(text) * size * 0.62 + size * 0.4


def _says(week: Week, state: State) -> str:
    if state.word == "permitted":
        return "permitted"
    words = []
    if state.refusing:
        words.append(f"not permitted; {', '.join(week.against[number].objection.rule for number in state.refusing)}")
    if state.unknowing:
        words.append(f"cannot say: {', '.join(week.against[number].objection.rule for number in state.unknowing)}")
    return clean("; ".join(words))


def _spans(svg: ET.Element, week: Week, y: float) -> float:
    """Write the permitted spans of each day below it, to the second."""
    lowest = y
    for index, (day, found) in enumerate(on_days(week, week.permitted)):
        middle = _LEFT + index * _COLUMN + (_COLUMN - _GAP) / 2
        below = y + _SMALL
        for text in [span_text(span, day) for span in found] or ["at no time"]:
            for part in _halves(text):
                paper.write(svg, middle, below, part, size=10, text_anchor="middle")
                below += 13
        lowest = max(lowest, below)
    paper.write(svg, _MARGIN, y + _SMALL, "permitted", size=10, kind="faint")
    return lowest


def _halves(text: str) -> tuple[str, ...]:
    """A span with its offset is wider than a column."""
    span, _, offset = text.partition(" (")
    return (span, f"({offset}") if offset else (span,)


def _key(svg: ET.Element, week: Week, y: float, width: float) -> float:
    room = width - 2 * _MARGIN
    y = _sign(svg, y, paper.PERMITTED, "", f"permitted; {FIRST_IN_LAST_OUT}", room=room)
    for number, who in enumerate(week.against):
        paint = paper.pattern_of(number) if who.refuses else paper.UNKNOWN
        y = _sign(svg, y, paint, who.sign, f"{who.objection.says} ({about(who.objection)})", room=room)
    if any(who.unknown for who in week.against):
        y = _sign(svg, y, paper.UNKNOWN, "?", "cannot say whether it objects, so it is not permitted", room=room)
    if len({tuple((s.opens, s.closes, s.again) for s in day.strips) for day in week.days}) > 1:
        y = _sign(svg, y, "ground", "", "the clock does not show this time on that day", room=room)
    if any(section.again for section in sections_of(week.days)):
        y = _sign(svg, y, "ground", "*", "the clock was put back, and shows this time again", room=room)
    y += 4
    notes = [f"Assumed: {text}" for text in week.assumptions] + [f"Warning: {text}" for text in week.warnings]
    for note in notes:
        y = paper.paragraph(svg, _MARGIN, y, note, room=room, size=_SMALL, kind="faint")
    return y + 4


def _sign(svg: ET.Element, y: float, paint: str, sign: str, text: str, *, room: float) -> float:
    paper.box(svg, (_MARGIN, y - 10, 22, 13), paint)
    if sign:
        _chip(svg, _MARGIN + 11, y, sign)
    return paper.paragraph(svg, _MARGIN + 30, y, text, room=room - 30) + 3
