"""
How authors write triggers, bounds and hours, and what they stand for.

``trigger = { past_due = 1 }``, ``{ event = "promise_made", days = 0 }``, ``{ exhausted = "soft_call" }``;
``entry = [{ delinquent_days = 11 }, { delinquent_days = 6, broken_promises = 2 }]``: any of the tables, all of its
bounds; ``windows = ["mon-fri 09:00-20:00", "sat 10:00-18:00"]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from dunning.core.ladder.tier import MEASURES, STATED
from dunning.core.steps.step import EVENTS, TRIGGERS

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS = "|".join(WEEKDAYS)
WINDOW = rf"({_DAYS})(-({_DAYS}))?(,({_DAYS})(-({_DAYS}))?)* [0-9]{{2}}:[0-9]{{2}}-[0-9]{{2}}:[0-9]{{2}}"
NAMED_TRIGGERS = ("event", "exhausted")
DAY_TRIGGERS = tuple(name for name in TRIGGERS if name not in NAMED_TRIGGERS)
_TRIGGER_EXAMPLES = '{ stay = 3 }, { past_due = 1 } or { event = "promise_made" }'


class ShorthandError(ValueError):
    """A value that is not what the shorthand allows; the message says what was expected."""


def trigger(value: Any) -> Any:
    """Return the fields of a Trigger for ``{ stay = 3 }`` and the like."""
    if not isinstance(value, Mapping):
        raise ShorthandError(f"expected a table such as {_TRIGGER_EXAMPLES}.")
    kinds = [name for name in value if name in TRIGGERS]
    if len(kinds) != 1:
        raise ShorthandError(
            f"expected exactly one of {', '.join(TRIGGERS)}, as in {_TRIGGER_EXAMPLES}; found "
            f"{', '.join(kinds) or ', '.join(map(str, value)) or 'none'}."
        )
    kind = kinds[0]
    others = sorted(set(value) - {kind} - ({"days"} if kind in NAMED_TRIGGERS else set()))
    if others:
        raise ShorthandError(f"a trigger on {kind!r} has no key {others[0]!r}.")
    if kind in NAMED_TRIGGERS:
        if kind == "event" and value[kind] not in EVENTS:
            raise ShorthandError(f"expected an event among {', '.join(EVENTS)}, got {value[kind]!r}.")
        return {"on": kind, "event": value[kind], "days": value.get("days", 0)}
    return {"on": kind, "days": value[kind]}


def bounds(value: Any) -> Any:
    """Return the fields of Bounds for ``{ delinquent_days = 11, broken_promises = 2 }``: all of them hold."""
    if not isinstance(value, Mapping):
        raise ShorthandError("expected a table of lower bounds such as { delinquent_days = 11 }.")
    for measure, least in value.items():
        if measure not in MEASURES and not measure.startswith(STATED):
            raise ShorthandError(
                f"there is no measure {measure!r}; there are {', '.join(MEASURES)} score:<name> and stated:<name>."
            )
        if not isinstance(least, int | Decimal) or isinstance(least, bool) or least < 0:
            raise ShorthandError(f"expected {measure} to be a number of at least 0, got {least!r}.")
    return [{"measure": measure, "at_least": least} for measure, least in value.items()]


def entry(value: Any) -> Any:
    """Return the fields of Conditions for a list of tables of bounds: any of them holds."""
    if not isinstance(value, list):
        raise ShorthandError("expected a list of tables such as [{ delinquent_days = 11 }].")
    return [{"bounds": bounds(condition)} for condition in value]


def windows(value: Any) -> Any:
    """Return the fields of Hours for a list of texts such as ``mon-fri 09:00-20:00``."""
    if not isinstance(value, list):
        raise ShorthandError('expected a list of windows such as ["mon-fri 09:00-20:00"].')
    return [_window(text) for text in value]


def _window(text: Any) -> dict[str, Any]:
    if not isinstance(text, str) or not re.fullmatch(WINDOW, text):
        raise ShorthandError(f'expected a window such as "mon-fri 09:00-20:00" or "sat,sun 10:00-18:00", got {text!r}.')
    days, _, hours = text.partition(" ")
    opens, _, closes = hours.partition("-")
    found: list[int] = []
    for part in days.split(","):
        first, _, last = part.partition("-")
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        if end < start:
            raise ShorthandError(f"the days of {text!r} run backwards; list them, as in fri,sat,sun,mon.")
        found.extend(range(start, end + 1))
    return {"weekdays": sorted(set(found)), "opens": opens, "closes": closes}


SHORTHANDS: Mapping[str, Callable[[Any], Any]] = {
    "trigger": trigger,
    "when": bounds,
    "entry": entry,
    "windows": windows,
    "reply_windows": windows,
    "holiday_windows": windows,
}
"""By key: no key means two things in different tables."""
