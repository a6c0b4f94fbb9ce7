"""
Every point at which a plugin can take part.

dunning_register_*   called once, when an engine is built; adds adapters, rules and texts. A taken name is an error.
dunning_holds        restricts: all plugins' answers apply together and can only narrow what is permitted, so their
                     order never matters. A plugin that fails here stops the contacts that it was asked about.
dunning_told         tells, after the fact; a plugin that fails here is told again.

A plugin is a module, or an object, whose functions carry `@hookimpl`. An implementation names only the arguments that
it uses, so a hook may gain arguments later. Everything that a hook is given is frozen. `docs/reference/hooks.md` has an
example of each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from pluggy import HookimplMarker, HookspecMarker

from dunning.adapters.interfaces.channel import Channel
from dunning.adapters.interfaces.loan_book import LoanBook
from dunning.adapters.interfaces.storage import Storage
from dunning.adapters.templates.template import Template
from dunning.core.contact.rule import RulePack
from dunning.core.hold import Hold
from dunning.core.journal.record import Record
from dunning.core.ladder.case import Case

PROJECT = "dunning"
"""The name of the markers, and of the entry-point group in which installed plugins are found."""

HOOK_API = 1
"""A plugin states the number it was written for as `DUNNING_HOOK_API`; this one and the one before are accepted."""

hookspec = HookspecMarker(PROJECT)
hookimpl = HookimplMarker(PROJECT)

Options = Mapping[str, str | int | bool]
"""What the host's settings say about one adapter: flat, by name."""


class ChannelFactory(Protocol):
    """Makes a channel from *options*; relative paths in them start at *base*."""

    def __call__(self, options: Options, *, base: Path) -> Channel: ...


class StorageFactory(Protocol):
    """Makes a storage from *options*; relative paths in them start at *base*."""

    def __call__(self, options: Options, *, base: Path) -> Storage: ...


class LoanBookFactory(Protocol):
    """Opens a loan book by *options*; relative paths in them start at *base*."""

    def __call__(self, options: Options, *, base: Path) -> LoanBook: ...


@hookspec
def dunning_register_channels(register: Callable[[str, ChannelFactory], None]) -> None:
    """Add channels: `register("sms", make_sms)`."""


@hookspec
def dunning_register_storage(register: Callable[[str, StorageFactory], None]) -> None:
    """Add storage: `register("oracle", make_oracle)`."""


@hookspec
def dunning_register_loan_books(register: Callable[[str, LoanBookFactory], None]) -> None:
    """Add loan books: `register("core_banking", open_core_banking)`."""


@hookspec
def dunning_register_rules(register: Callable[[RulePack], None]) -> None:
    """Add packs of contact rules: `register(pack)`; a policy names the packs that it applies."""


@hookspec
def dunning_register_templates(register: Callable[[Template], None]) -> None:
    """Add texts: `register(template)`, one for each name and language."""


@hookspec
def dunning_holds(cases: Sequence[Case], as_of: dt.date) -> Iterable[Hold]:  # type: ignore[empty-body]
    """Return every reason of yours to leave the loans of *cases*, their people or contact points alone on *as_of*."""


@hookspec
def dunning_told(records: Sequence[Record]) -> None:
    """Follow the journal: *records* are committed, in order, and come at least once."""
