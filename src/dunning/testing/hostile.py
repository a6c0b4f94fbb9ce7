"""
Plugins that misbehave, each in one way, for whoever runs other people's code.

Each has a target as an entry point has ("dunning.testing.hostile:raises"), so that any loader and any runner can be
tried on it. `HOSTILE` lists them with what must be seen; those that `needs` a process of its own would take an inline
runner down, and are documented to.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

from attrs import evolve, field, frozen

from dunning.core import values
from dunning.core.hold import Hold, Subject
from dunning.core.journal.record import Record
from dunning.core.ladder.case import Case
from dunning.plugins import hookimpl


@frozen(kw_only=True)
class Hostile:
    """
    A plugin that misbehaves.

    Args:
        name: What it does, in words.
        target: Where it is: "module:attribute".
        when: What it spoils: "load", or a hook.
        needs: "inline" where any runner contains it; "process" where only one with processes of its own does.
        fails_build: Whether no engine must be built with it.
        says: Part of the error that must be seen.
    """

    name: str = field(validator=values.text)
    target: str = field(validator=values.text)
    when: str = field(validator=values.text)
    needs: str = field(default="inline", validator=values.one_of("inline", "process"))
    fails_build: bool = False
    says: str = ""

    @property
    def entry_point(self) -> str:
        """A name for it that is one word."""
        return self.target.partition(":")[2]

    def plugin(self) -> Any:
        """Return the plugin itself; raises for those that cannot be loaded."""
        module, _, attribute = self.target.partition(":")
        return getattr(importlib.import_module(module), attribute)


class Raises:
    """Raises, with an address in the message, which must not be kept."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Iterable[Hold]:
        """Raise."""
        raise ValueError("+8613800000001 could not be looked up")

    @hookimpl
    def dunning_told(self, records: Sequence[Record]) -> None:
        """Raise."""
        raise ValueError("+8613800000001 could not be written")


class RaisesLate:
    """Answers with a generator that raises when somebody looks."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Iterator[Hold]:
        """Yield one good hold, then raise."""
        yield a_hold_on(cases[0], as_of)
        raise RuntimeError("and no more")


class Exits:
    """Ends the program, as a script would."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Iterable[Hold]:
        """Exit."""
        raise SystemExit(0)


class ExitsHard:
    """Ends the process without a word to Python."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Iterable[Hold]:
        """Exit."""
        os._exit(0)


class Hangs:
    """Never comes back."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Iterable[Hold]:
        """Turn in a circle."""
        while True:
            pass


class EatsMemory:
    """Asks for a gigabyte at a time until it gets no more."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Iterable[Hold]:
        """Keep everything."""
        kept = []
        while True:
            kept.append(bytearray(2**30))


class NeverEnds:
    """Answers with a generator that has no end."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Iterator[Hold]:
        """Yield for ever."""
        number = 0
        while True:
            number += 1
            yield evolve(a_hold_on(cases[0], as_of), id=f"hold-{number}")


class WrongType:
    """Returns the loans' ids in place of holds, and something from a hook that returns nothing."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Any:
        """Return text."""
        return [case.id for case in cases]

    @hookimpl
    def dunning_told(self, records: Sequence[Record]) -> Any:
        """Return a number."""
        return len(records)


class ReturnsNone:
    """Forgets to return."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Any:
        """Return nothing at all, which is not the same as no holds."""
        [a_hold_on(case, as_of) for case in cases]


class Mutates:
    """Changes what it was given."""

    @hookimpl
    def dunning_holds(self, cases: Any, as_of: dt.date) -> Iterable[Hold]:
        """Empty the batch, or soften a case."""
        cases[0].tier = ""
        cases.clear()
        return ()


class AnswersTwice:
    """Says two different things under one id."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Iterable[Hold]:
        """Return two holds with one id."""
        hold = a_hold_on(cases[0], as_of)
        return (hold, evolve(hold, reason="hardship"))


class Strays:
    """Answers about a loan that it was not asked about."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Iterable[Hold]:
        """Return a hold on another loan."""
        return [a_hold_on(evolve(cases[0], id="another-loan"), as_of)]


class StopsNothing:
    """Misspells the purpose; a hold that stops nothing cannot be made."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Iterable[Hold]:
        """Return a hold on "collections"."""
        return [evolve(a_hold_on(case, as_of), purposes=("collections",)) for case in cases]


class LyingHold(Hold):
    """A hold that says it stops nothing."""

    def stops(self, *, purpose: str, channel: str, on: dt.date) -> bool:
        """Say no."""
        return False


class Lies:
    """Returns holds of its own making."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Iterable[Hold]:
        """Return holds that stop nothing."""
        return [
            LyingHold(id="h", subject=Subject(kind="loan", loan_id=case.id), reason="manual", starts_on=as_of)
            for case in cases
        ]


class ClaimsApi99:
    """Was written for another world."""

    DUNNING_HOOK_API = 99

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Iterable[Hold]:
        """Return nothing."""
        return ()


class Misspelt:
    """Would never be called."""

    @hookimpl
    def dunning_hold(self, cases: Sequence[Case], as_of: dt.date) -> Iterable[Hold]:
        """Return nothing."""
        return ()


class Unmarked:
    """Forgets the mark, and would never be called."""

    def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> Iterable[Hold]:
        """Return nothing."""
        return ()


class WrongArguments:
    """Asks for something that the hook does not give."""

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case], person: str) -> Iterable[Hold]:
        """Return nothing."""
        return ()


class Async:
    """Wants to be awaited."""

    @hookimpl
    async def dunning_holds(self, cases: Sequence[Case], as_of: dt.date) -> AsyncIterator[Hold]:
        """Yield nothing."""
        for case in cases:
            yield a_hold_on(case, as_of)


class RegistersNonsense:
    """Registers a number as a channel, and swallows the complaint."""

    @hookimpl
    def dunning_register_channels(self, register: Any) -> None:
        """Register."""
        with contextlib.suppress(Exception):
            register("pigeon", 7)


def a_hold_on(case: Case, as_of: dt.date) -> Hold:
    """Return a good hold on *case*."""
    return Hold(id=f"hold-{case.id}", subject=Subject(kind="loan", loan_id=case.id), reason="dispute", starts_on=as_of)


raises, raises_late, exits, exits_hard, hangs = Raises(), RaisesLate(), Exits(), ExitsHard(), Hangs()
eats_memory, never_ends, wrong_type, returns_none = EatsMemory(), NeverEnds(), WrongType(), ReturnsNone()
mutates, answers_twice, strays, stops_nothing, lies = Mutates(), AnswersTwice(), Strays(), StopsNothing(), Lies()
claims_api_99, misspelt, unmarked, wrong_arguments = ClaimsApi99(), Misspelt(), Unmarked(), WrongArguments()
is_async, registers_nonsense = Async(), RegistersNonsense()


def __getattr__(name: str) -> Any:
    """Fail as a plugin does that cannot be imported: a loader asks for the attribute and gets an exception."""
    if name == "fails_on_import":
        raise ModuleNotFoundError("No module named 'a_library_that_is_not_there'")
    if name == "exits_on_import":
        raise SystemExit(3)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _hostile(name: str, attribute: str, when: str, says: str, **more: Any) -> Hostile:
    return Hostile(name=name, target=f"{__name__}:{attribute}", when=when, says=says, **more)


_HOLDS = "dunning_holds"

HOSTILE = (
    _hostile("raises", "raises", _HOLDS, "ValueError at hostile.py"),
    _hostile("raises when its answer is read", "raises_late", _HOLDS, "RuntimeError at hostile.py"),
    _hostile("exits", "exits", _HOLDS, "SystemExit at hostile.py"),
    _hostile("ends the process", "exits_hard", _HOLDS, "ended its process", needs="process"),
    _hostile("hangs", "hangs", _HOLDS, "did not answer within", needs="process"),
    _hostile("uses up the memory", "eats_memory", _HOLDS, "MemoryError", needs="process"),
    _hostile("answers without end", "never_ends", _HOLDS, "returned more than"),
    _hostile("returns the wrong type", "wrong_type", _HOLDS, "is not a plain Hold"),
    _hostile("forgets to return", "returns_none", _HOLDS, "returned NoneType"),
    _hostile("changes its arguments", "mutates", _HOLDS, "FrozenInstanceError"),
    _hostile("answers twice", "answers_twice", _HOLDS, "two different holds with one id"),
    _hostile("answers about another loan", "strays", _HOLDS, "not asked about"),
    _hostile("holds a purpose that does not exist", "stops_nothing", _HOLDS, "FactsError"),
    _hostile("answers with a hold of its own making", "lies", _HOLDS, "not a plain Hold"),
    _hostile("fails on import", "fails_on_import", "load", "a_library_that_is_not_there"),
    _hostile("exits on import", "exits_on_import", "load", "SystemExit"),
    _hostile("claims API 99", "claims_api_99", "load", "hook API 99"),
    _hostile("misspells a hook", "misspelt", "load", "Did you mean 'dunning_holds'", fails_build=True),
    _hostile("forgets the mark", "unmarked", "load", "does not carry @hookimpl", fails_build=True),
    _hostile("asks for an unknown argument", "wrong_arguments", "load", "person", fails_build=True),
    _hostile("is async", "is_async", "load", "is async", fails_build=True),
    _hostile("is a class", "Raises", "load", "Were the () forgotten", fails_build=True),
    _hostile("registers nonsense", "registers_nonsense", "dunning_register_channels", "pigeon"),
)
