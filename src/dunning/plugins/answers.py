"""Is what a plugin returned what its hook asks for? Nonsense never becomes "no objection"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice

from attrs import evolve

from dunning.core.hold import Hold, Subject
from dunning.core.ladder.case import Case
from dunning.errors import FactsError
from dunning.plugins.failure import BrokenCallError

# So many holds for one case are a loop without an end, not an answer.
_MOST_A_CASE = 100

# At one instant the walls of the world show up to three dates, and a batch may mix business dates.
_MARGIN = dt.timedelta(days=2)


def checked_holds(answer: object, cases: Sequence[Case], plugin: str) -> tuple[Hold, ...]:
    """
    Return *answer* as holds of *plugin*: each states who placed it, and an id that no other plugin can have.

    Raises:
        BrokenCallError: It is nonsense. One wrong hold spoils the answer: what the others would have said is not known.
    """
    loan_ids = frozenset(case.id for case in cases)
    found: dict[str, Hold] = {}
    for member in members(answer, cases):
        hold = _checked(member, loan_ids, plugin)
        if found.setdefault(hold.id, hold) != hold:
            raise BrokenCallError("returned two different holds with one id")
    return tuple(found[hold_id] for hold_id in sorted(found))


def members(answer: object, cases: Sequence[Case]) -> list[object]:
    """Return what is in *answer*; BrokenCallError if it cannot be holds, or has no end."""
    if isinstance(answer, str | bytes | Mapping) or not isinstance(answer, Iterable):
        drop(answer)
        raise BrokenCallError(f"returned {type(answer).__name__}, not holds; where there is none, return ()")
    most = _MOST_A_CASE * (len(cases) + 1)
    found = list(islice(answer, most + 1))
    if len(found) > most:
        raise BrokenCallError(f"returned more than {most} holds about {len(cases)} cases")
    return found


def checked_nothing(answer: object) -> None:
    """Raise BrokenCallError unless *answer* is None: whoever returns something did not do what was asked."""
    if answer is not None:
        drop(answer)
        raise BrokenCallError(f"returned {type(answer).__name__}, where nothing is asked for")


def hold_back(cases: Iterable[Case], as_of: dt.date, plugin: str) -> tuple[Hold, ...]:
    """
    Return a hold on each of *cases* in place of what *plugin* failed to say: nobody is contacted on a guess.

    It leaves statutory notices, replies and receipts alone, and ends by itself two days after *as_of*: by then the
    plugin has been asked again.
    """
    return tuple(
        Hold(
            id=f"{plugin}:plugin_failed:{case.id}",
            subject=Subject(kind="loan", loan_id=case.id),
            reason="plugin_failed",
            starts_on=as_of - _MARGIN,
            until=as_of + _MARGIN,
            purposes=("collection", "service"),
            reviewer="operator",
            placed_by=plugin,
        )
        for case in cases
    )


def drop(answer: object) -> None:
    """Close a coroutine or generator that nobody will run, so that it does not complain later."""
    close = getattr(answer, "close", None)
    if callable(close) and hasattr(answer, "send"):
        close()


def _checked(member: object, loan_ids: Collection[str], plugin: str) -> Hold:
    # A subclass could answer `stops` and `covers` as it likes; only the plain nouns are taken.
    if type(member) is not Hold or type(member.subject) is not Subject:
        raise BrokenCallError(f"returned {type(member).__name__} among its holds, which is not a plain Hold")
    try:
        # Made anew, so that what was made around the noun's own checks (a purpose that does not exist) is met here.
        hold = evolve(member, id=f"{plugin}:{member.id}", subject=evolve(member.subject), placed_by=plugin)
    except (FactsError, AttributeError, TypeError) as error:
        raise BrokenCallError("returned a hold that cannot be true") from error
    if hold.subject.loan_id and hold.subject.loan_id not in loan_ids:
        raise BrokenCallError("returned a hold on a loan that it was not asked about")
    return hold
