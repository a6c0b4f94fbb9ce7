"""The calendars that rules name: those that the lender states, and national ones for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve

from dunning.adapters.calendars.announced import is_national
from dunning.adapters.calendars.national import national_calendar
from dunning.adapters.calendars.stated import refuse_wider
from dunning.core.calendar import Calendar
from dunning.core.contact.rule import ContactRule
from dunning.core.overdue.convention import Convention
from dunning.errors import FactsError


def named_by(rule: ContactRule) -> tuple[str, ...]:
    """Return the calendars that *rule* names: one, or none."""
    name = getattr(rule.effect, "calendar", "")  # whatever kind of effect has one
    return (name,) if name else ()


def calendars_for(
    rules: Iterable[ContactRule], stated: Sequence[Calendar] = (), *, names: Iterable[str] = ()
) -> tuple[Calendar, ...]:
    """
    Return *stated* and, for every other calendar that an enabled one of *rules* names, or *names*, the national one.

    Where there is none the calendar is absent, and the rule that needs it refuses. A calendar that no rule names is
    not made: rules without holidays cost nothing.

    Raises:
        FactsError: Two of *stated* have one name, or one has the name of a national calendar and is wider than it.
    """
    found: dict[str, Calendar] = {}
    for calendar in stated:
        if calendar.name in found:
            raise FactsError(
                f"Two calendars are called {calendar.name!r}. Leave one: rules know them by name.", field="calendars"
            )
        refuse_wider(calendar)
        found[calendar.name] = calendar
    for name in sorted({*names, *(name for rule in rules if rule.enabled for name in named_by(rule))}):
        if name not in found and is_national(name):
            try:
                found[name] = national_calendar(name)
            except FactsError:  # no such part of the country: absent, as any name that nobody knows
                continue
    return tuple(found.values())


def with_workdays(convention: Convention, stated: Sequence[Calendar] = ()) -> Convention:
    """
    Return *convention* with the calendar that it shifts due dates by: one of *stated*, or the national one.

    Raises:
        FactsError: There is none of that name.
    """
    if convention.shift == "none":
        return convention
    known = {calendar.name: calendar for calendar in calendars_for((), stated, names=(convention.calendar,))}
    if convention.calendar not in known:
        raise FactsError(
            f"The convention {convention.name!r} moves due dates to business days of the calendar "
            f"{convention.calendar!r}, which nobody stated. State it: `dunning holidays list` names those we have.",
            field="calendar",
        )
    return evolve(convention, workdays=known[convention.calendar])
