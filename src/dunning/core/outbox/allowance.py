"""An allowance: what people may do with work that was handed to them, and what they reported of it."""

from __future__ import annotations

import datetime as dt

from attrs import evolve, field, frozen

from dunning.core import values

UNREPORTED = "unreported"
NOT_DIALLED = "not_dialled"


@frozen(kw_only=True)
class Dial:
    """
    One permitted dial of one number.

    Args:
        point_id: The number, by the id of its contact point.
        at: When it was dialled, as reported.
        result: One of `dunning.core.steps.step.RESULTS`; "unreported" where the allowance ended in silence;
            "not_dialled" where the row was finished without it; empty while it is open.
    """

    point_id: str = field(validator=values.text)
    at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))
    result: str = ""

    @property
    def counts(self) -> bool:
        """Whether it was made, or may have been."""
        return self.result not in ("", NOT_DIALLED)


@frozen(kw_only=True)
class Allowance:
    """
    What people or a dialler may do with an entry, until its `until`.

    Args:
        dials: By telephone, every dial that may be made, in order; none for a visit or a referral.
        quota: How many of `dials` may reach the person. The others stand in for numbers that prove dead.
        taken_by: Who has it in hand, or the list that carries it; empty while nobody but us has seen it.
    """

    dials: tuple[Dial, ...] = field(default=(), validator=values.tuple_of(Dial))
    quota: int = field(default=0, validator=values.at_least(0))
    taken_by: str = ""


def line_id(key: str, number: int) -> str:
    """Return the id of the ledger line of dial *number* (from 0) of the row *key*."""
    return key if number == 0 else f"{key}:{number}"


def reported(dials: tuple[Dial, ...], point_id: str, *, at: dt.datetime, result: str) -> tuple[int, tuple[Dial, ...]]:
    """
    Return the number of the dial that a report is about, and *dials* with it filled in.

    It is the first open dial of that number; else one that had been given up as unreported or not dialled. Where the
    allowance has none left, the number is `len(dials)`: a dial beyond what was permitted.

    Args:
        point_id: Empty for the first dial still open, whatever its number.
    """
    mine = [n for n, dial in enumerate(dials) if not point_id or dial.point_id == point_id]
    for open_as in ("", UNREPORTED, NOT_DIALLED):
        number = next((n for n in mine if dials[n].result == open_as), None)
        if number is not None:
            filled = evolve(dials[number], at=at, result=result)
            return number, (*dials[:number], filled, *dials[number + 1 :])
    return len(dials), dials


def given_up(dials: tuple[Dial, ...], result: str) -> tuple[Dial, ...]:
    """Return *dials* with those still open closed as *result*."""
    return tuple(dial if dial.result else evolve(dial, result=result) for dial in dials)
