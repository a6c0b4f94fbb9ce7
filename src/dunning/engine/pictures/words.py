"""What stands in words on a picture, the same in a terminal and as SVG."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable

from dunning.core.contact.instants import instant_of, second_of
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.verdict import Objection
from dunning.core.contact.wall import clock
from dunning.engine.pictures.timeline import CapLine, Timeline
from dunning.engine.pictures.wall import Day

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# Not `strftime`, which speaks the language that the host's process is set to.
MONTHS = tuple(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
# Beside every list of permitted spans, `09:00:00 to 20:00:00`.
FIRST_IN_LAST_OUT = "the first second is in, the last-named one out"
_FORCES = {"presumption": "presumed violation", "house_rule": "house rule"}
_INSTEAD = "\N{REPLACEMENT CHARACTER}"
# What turns the direction of text can make a line read otherwise than it is written.
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """
    Return *text* as it may stand on a picture, on one line.

    A pack's author is anybody. Control characters drive a terminal, and neither they nor half a surrogate pair may
    stand in XML.
    """
    one_line = " ".join(text.split())
    shown = "".join(_INSTEAD if unicodedata.category(sign) in ("Cc", "Cs", "Cn") else sign for sign in one_line)
    return _TURNING.sub(_INSTEAD, shown)


def wrapped(text: str, room: float, measure: Callable[[str], float]) -> list[str]:
    """Return *text* in lines of at most *room*, as *measure* has it; a word that is wider is cut, as Chinese is."""
    lines, line = [], ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if measure(joined) <= room:
            line = joined
            continue
        # What does not fit on a line of its own is cut where the line is full.
        rest = word
        if line and measure(word) <= room:
            lines.append(line)
        elif line:
            rest = joined
        while measure(rest) > room:
            end = next((n for n in range(1, len(rest)) if measure(rest[: n + 1]) > room), len(rest))
            lines.append(rest[:end])
            rest = rest[end:]
        line = rest
    return [*lines, line] if line or not lines else lines


def title(request: ContactRequest) -> str:
    """Return what a picture about *request* is about."""
    purpose = request.purpose.replace("_", " ")
    return f"When a contact by {request.channel} for {purpose} is permitted"


def facts(request: ContactRequest) -> str:
    """Return the facts that rules bind by, as one line. Nobody's id stands on a picture."""
    actor = request.actor
    stated = {
        "actor": actor.kind.replace("_", " ") + (f" ({actor.institution})" if actor.institution else ""),
        "role": request.role,
        "jurisdictions": ", ".join(request.jurisdictions),
        "zones": ", ".join(request.zones) if len(request.zones) > 1 else "",
        "product": request.product,
        "origination": request.origination_channel,
        "debt status": request.debt_status,
        "days past due": str(request.days_past_due),
        "place": "workplace" if request.workplace else "",
        "flags": ", ".join(sorted(request.flags)),
        "evidence": ", ".join(sorted(request.evidence)),
        "milestones": ", ".join(f"{milestone.kind} {milestone.on}" for milestone in request.milestones),
        "contacts on the ledger": str(len(request.history)),
    }
    return clean("; ".join(f"{name}: {fact}" for name, fact in stated.items() if fact))


def day_name(date: dt.date) -> str:
    """Return *date* with its weekday: ``Mon 2026-03-16``."""
    return f"{WEEKDAYS[date.weekday()]} {date.isoformat()}"


def spoken_day(date: dt.date) -> str:
    """Return *date* as it is read aloud, so that nobody takes the day for the month: ``4 March 2026``."""
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def short_day(date: dt.date) -> str:
    """Return *date* with its weekday and without its year: ``Mon 03-16``."""
    return f"{WEEKDAYS[date.weekday()]} {date:%m-%d}"


def time_text(second: int, *, exact: bool = True) -> str:
    """Return a second of the day as ``08:00:01``; without seconds if not *exact*. The end of the day is 24:00."""
    text = f"{second // 3600:02}:{second // 60 % 60:02}"
    return f"{text}:{second % 60:02}" if exact else text


def length(seconds: int) -> str:
    """Return a length of time: ``23 h``, ``24 h 30 min``."""
    units = ((seconds // 3600, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{number} {unit}" for number, unit in units if number) or "0 h"


def offset_text(offset: int) -> str:
    """Return how far a wall is ahead of UTC: ``-04:00``."""
    hours, rest = divmod(abs(offset), 3600)
    text = f"{'-' if offset < 0 else '+'}{hours:02}:{rest // 60:02}"
    return f"{text}:{rest % 60:02}" if rest % 60 else text


def span_text(span: tuple[int, int, int], day: Day) -> str:
    """
    Return a part of *day* (start, end, offset of the wall) as it stands on the wall: ``08:00:01 to 21:00:00``.

    Where the clock is put forward or back on that day, each time says its offset.
    """
    start, until, offset = span
    midnight = (day.date - dt.date(1970, 1, 1)).days * 86_400
    zone = f" ({offset_text(offset)})" if len({strip.offset for strip in day.strips}) > 1 else ""
    return f"{time_text(start + offset - midnight)} to {time_text(until + offset - midnight)}{zone}"


def about(objection: Objection) -> str:
    """Return an objection's rule, citation and force, as one line."""
    force = _FORCES.get(objection.force, objection.force)
    return clean("; ".join(part for part in (objection.rule, objection.citation, force) if part))


def clock_text(second: int, zone: str) -> str:
    """Return a UTC second as the wall of *zone* shows it: ``Mon 2026-03-16 08:00:01 (UTC-04:00)``."""
    here = instant_of(second).astimezone(clock(zone))
    shift = here.utcoffset() or dt.timedelta()
    return f"{day_name(here.date())} {here:%H:%M:%S} (UTC{offset_text(int(shift.total_seconds()))})"


def timeline_title(timeline: Timeline) -> str:
    """Return what *timeline* is about."""
    request = timeline.request
    at = clock_text(second_of(request.at), timeline.zone)
    return f"Caps on contacts by {request.channel} for {request.purpose.replace('_', ' ')}, at {at}"


def standing(cap: CapLine, timeline: Timeline) -> str:
    """Return how *cap* stands: how much of it is used, how many are left, and when one more is free."""
    zone = timeline.zone
    if cap.used is None:
        return "Cannot be known, so refused: the point, household or device that it counts by is missing, or a zone."
    if not cap.most:
        used = "It runs" if cap.used else "It does not run"
    else:
        used = f"{cap.used} of {cap.most} used, {cap.left} left"
    if cap.free:
        fewer = "" if cap.fewer is None else f"; the next stops counting at {clock_text(second_of(cap.fewer), zone)}"
        lifted = "; lifted, or not in force" if cap.left == 0 or (cap.used and not cap.most) else ""
        return f"{used}; free now{lifted}{fewer if cap.most else ''}."
    if cap.next_free is None:
        return f"{used}; not free before {clock_text(second_of(timeline.horizon), zone)}."
    return f"{used}; next free at {clock_text(second_of(cap.next_free), zone)}."
