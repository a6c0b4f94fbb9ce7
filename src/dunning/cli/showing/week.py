"""The permitted week in a terminal: days side by side, a row for each half-hour, nothing wider than 100 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from dunning.adapters.codec.convert import unstructure
from dunning.cli.clock import instant_text
from dunning.cli.table import width
from dunning.core.contact.instants import instant_of
from dunning.core.contact.wall import DAY
from dunning.engine.pictures.week import Against, Spans, State, Week, on_days
from dunning.engine.pictures.words import (
    FIRST_IN_LAST_OUT,
    about,
    clean,
    day_name,
    facts,
    length,
    short_day,
    span_text,
    time_text,
    title,
)
from dunning.engine.pictures.words import wrapped as broken

COLUMNS = 100
# Eight for a time to the second, one for the mark of a time shown again, then seven days of a space and twelve.
_TIME, _CELL = 9, 12
_PERMITTED = "█" * _CELL
_NO_SUCH_TIME = "- - - - - -"
_AGAIN, _MORE = "*", "…"
# Those who object, in turn. Signs tell them apart; colours only help.
_COLOURS = ("yellow", "cyan", "magenta", "red", "blue", "bright_yellow", "bright_cyan", "bright_magenta")


def week_lines(week: Week) -> Iterator[str]:
    """Yield the picture: the grid, who the signs are, and the exact spans."""
    first, last = week.days[0].date, week.days[-1].date
    yield from wrapped(f"{title(week.request)}: {day_name(first)} to {day_name(last)}")
    yield from wrapped(f"On the clock of {week.zone}. {facts(week.request)}")
    yield ""
    yield from _grid(week)
    yield ""
    yield from _signs(week)
    if week.against:
        yield ""
        yield "Who objects, and where it stands written:"
        for number, who in enumerate(week.against):
            yield from _entry(number, who)
    if week.silent:
        yield ""
        yield from wrapped(f"These bind as well, and object at no time drawn: {clean(', '.join(week.silent))}.")
    yield ""
    yield from wrapped(f"Permitted on the clock of {week.zone}; {FIRST_IN_LAST_OUT}:")
    yield from _spans(week, week.permitted, none="at no time")
    if week.unknown:
        yield ""
        yield "Nobody objects, and somebody cannot say, so it is refused:"
        yield from _spans(week, week.unknown)
    if week.assumptions or week.warnings:
        yield ""
    yield from (line for text in week.assumptions for line in wrapped(f"Assumed: {clean(text)}"))
    yield from (line for text in week.warnings for line in wrapped(f"Warning: {clean(text)}"))


def week_data(week: Week) -> dict[str, Any]:
    """Return the picture for machines: spans of instants, by objector."""
    strips = [strip for day in week.days for strip in day.strips]
    request = week.request
    return {
        "zone": week.zone,
        "channel": request.channel,
        "purpose": request.purpose,
        "days": [{"date": day.date.isoformat(), "seconds": day.seconds} for day in week.days],
        "from": instant_text(instant_of(min(strip.start for strip in strips))),
        "until": instant_text(instant_of(max(strip.until for strip in strips))),
        "permitted": _span_data(week.permitted),
        "unknown": _span_data(week.unknown),
        "objectors": [
            {
                "sign": who.sign,
                **{key: value for key, value in unstructure(who.objection).items() if key != "until"},
                "objects": _span_data(who.refuses),
                "cannot_say": _span_data(who.unknown),
            }
            for who in week.against
        ],
        "not_objecting": list(week.silent),
        "assumptions": list(week.assumptions),
        "warnings": list(week.warnings),
    }


def wrapped(text: str, columns: int = COLUMNS) -> list[str]:
    """Return *text* in lines of at most so many *columns* of a terminal."""
    return broken(text, columns, width)


def _span_data(spans: Spans) -> list[dict[str, str]]:
    return [{"from": instant_text(instant_of(low)), "until": instant_text(instant_of(high))} for low, high in spans]


def _grid(week: Week) -> Iterator[str]:
    rows = week.rows()
    exact = any(row.opens % 60 or row.closes % 60 for row, _ in rows)
    yield _row([short_day(day.date) for day in week.days])
    if any(day.seconds != DAY for day in week.days):
        yield _row(["" if day.seconds == DAY else length(day.seconds) for day in week.days])
    for row, states in rows:
        label = time_text(row.opens, exact=exact) + (_AGAIN if row.again else "")
        yield _row([_cell(week, state) for state in states], label)
    yield time_text(DAY, exact=exact)


def _row(cells: Iterable[str], label: str = "") -> str:
    padded = [cell + " " * (_CELL - len(click.unstyle(cell))) for cell in cells]
    return " ".join([label.ljust(_TIME), *padded]).rstrip()


def _cell(week: Week, state: State | None) -> str:
    if state is None:
        return _NO_SUCH_TIME
    if state.word == "permitted":
        return click.style(_PERMITTED, fg="green")
    marks = [_sign(number, week.against[number].sign) for number in state.refusing]
    if state.unknowing:
        marks += ["?", *(_sign(number, week.against[number].sign) for number in state.unknowing)]
    return "".join(marks if len(marks) <= _CELL else [*marks[: _CELL - 1], _MORE])


def _sign(number: int, sign: str) -> str:
    return click.style(sign, fg=_COLOURS[number % len(_COLOURS)], bold=True)


def _signs(week: Week) -> Iterator[str]:
    rows = week.rows()
    yield f"{_PERMITTED}  permitted"
    if any(who.refuses for who in week.against):
        yield f"{'AB'.ljust(_CELL)}  not permitted: A and B object"
    if any(who.unknown for who in week.against):
        yield f"{'?C'.ljust(_CELL)}  C cannot say whether it objects, so it is not permitted"
    if any(state is not None and _MORE in _cell(week, state) for _, states in rows for state in states):
        yield f"{_MORE.ljust(_CELL)}  and more: each stands below with its letter, and by instants with --json"
    if any(None in states for _, states in rows):
        yield f"{_NO_SUCH_TIME.ljust(_CELL)}  the clock does not show this time on that day"
    if any(row.again for row, _ in rows):
        yield f"{f'01:00{_AGAIN}'.ljust(_CELL)}  the clock was put back, and shows this time again"


def _entry(number: int, who: Against) -> Iterator[str]:
    first, *rest = wrapped(f"{clean(who.objection.says)} ({about(who.objection)})", COLUMNS - 3)
    yield f"{_sign(number, who.sign)}  {first}"
    yield from (f"   {line}" for line in rest)


def _spans(week: Week, spans: Spans, *, none: str = "") -> Iterator[str]:
    for day, found in on_days(week, spans):
        texts = [span_text(span, day) for span in found] or ([none] if none else [])
        if texts:
            label = f"  {day_name(day.date)}  "
            first, *rest = wrapped(", ".join(texts), COLUMNS - len(label))
            yield label + first
            yield from (" " * len(label) + line for line in rest)
