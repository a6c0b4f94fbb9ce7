"""Everything that plugins registered, by kind and name, and who registered it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from attrs import field, frozen

from dunning.adapters.interfaces.channel import Channel
from dunning.adapters.interfaces.loan_book import LoanBook
from dunning.adapters.interfaces.storage import Storage
from dunning.adapters.templates.library import TemplateLibrary
from dunning.adapters.templates.template import Template
from dunning.core.contact.rule import RulePack
from dunning.errors import DunningError, DuplicateAdapterError, PluginContractError, UnknownAdapterError
from dunning.plugins.failure import told
from dunning.plugins.hookspecs import Options

KINDS = {
    "dunning_register_channels": "channel",
    "dunning_register_storage": "storage",
    "dunning_register_loan_books": "loan book",
    "dunning_register_rules": "rule pack",
    "dunning_register_templates": "template",
}
"""What each register hook adds."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
Made = TypeVar("Made")


@frozen(kw_only=True)
class Registered:
    """One thing, the name under which it is asked for, and the plugin that brought it."""

    kind: str
    name: str
    plugin: str
    thing: Any = field(repr=False)


@frozen(kw_only=True)
class Catalogue:
    """
    What there is to choose from.

    Args:
        entries: By kind and name.
    """

    entries: Mapping[tuple[str, str], Registered] = field(factory=dict, repr=False)

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the names of everything of *kind*, sorted."""
        return tuple(sorted(name for known, name in self.entries if known == kind))

    def find(self, kind: str, name: str) -> Registered:
        """Return what is registered; UnknownAdapterError, with the names that are, if nothing is."""
        found = self.entries.get((kind, name))
        if found is None:
            raise UnknownAdapterError(kind, name, self.names(kind))
        return found

    def channel(self, name: str, options: Options | None = None, *, base: Path) -> Channel:
        """
        Make the channel *name*.

        Args:
            base: Where relative paths in *options* start.

        Raises:
            UnknownAdapterError: Nobody registered one.
            StructureError: The options are not what the adapter takes.
            PluginContractError: The plugin's factory failed, or made something else.
        """
        return self._make("channel", name, Channel, options, base)

    def storage(self, name: str, options: Options | None = None, *, base: Path) -> Storage:
        """Make the storage *name*: see `channel`."""
        return self._make("storage", name, Storage, options, base)

    def loan_book(self, name: str, options: Options | None = None, *, base: Path) -> LoanBook:
        """Open the loan book *name*: see `channel`."""
        return self._make("loan book", name, LoanBook, options, base)

    @property
    def rule_packs(self) -> tuple[RulePack, ...]:
        """Every pack of contact rules, by id."""
        return tuple(self.entries["rule pack", name].thing for name in self.names("rule pack"))

    @property
    def templates(self) -> TemplateLibrary:
        """Every text."""
        found = [self.entries["template", name].thing for name in self.names("template")]
        return TemplateLibrary(templates={(template.name, template.language): template for template in found})

    def _make(self, kind: str, name: str, protocol: Callable[..., Made], options: Options | None, base: Path) -> Made:
        registered = self.find(kind, name)
        try:
            made = registered.thing(dict(options or {}), base=base)
        except (DunningError, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise PluginContractError(
                f"Plugin {registered.plugin!r} could not make its {kind} {name!r}: {told(error)}."
            ) from error
        if not isinstance(made, protocol):  # type: ignore[arg-type]  # a runtime protocol is a class
            raise PluginContractError(
                f"Plugin {registered.plugin!r} made a {type(made).__name__} as its {kind} {name!r}, which lacks "
                f"something that the interface has. Its conformance kit in dunning.testing says what."
            )
        return cast(Made, made)


def adapter_entry(kind: str, plugin: str, name: object, factory: object) -> Registered:
    """Return what `register(name, factory)` adds; PluginContractError if it is no name, or cannot be called."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PluginContractError(
            f"Plugin {plugin!r} registers a {kind} under {name!r}. A name has lower-case letters, digits, - and _."
        )
    if not callable(factory):
        raise PluginContractError(
            f"Plugin {plugin!r} registers the {kind} {name!r} as a {type(factory).__name__}. Register a function that "
            f"makes it: factory(options, *, base)."
        )
    return Registered(kind=kind, name=name, plugin=plugin, thing=factory)


def pack_entry(kind: str, plugin: str, pack: object) -> Registered:
    """Return what `register(pack)` adds."""
    if type(pack) is not RulePack:
        raise PluginContractError(f"Plugin {plugin!r} registers a {type(pack).__name__} as a {kind}, not a RulePack.")
    return Registered(kind=kind, name=pack.id, plugin=plugin, thing=pack)


def template_entry(kind: str, plugin: str, template: object) -> Registered:
    """Return what `register(template)` adds; its name is that of its file: name.language."""
    if type(template) is not Template:
        raise PluginContractError(
            f"Plugin {plugin!r} registers a {type(template).__name__} as a {kind}, not a Template."
        )
    return Registered(kind=kind, name=f"{template.name}.{template.language}", plugin=plugin, thing=template)


ENTRY: Mapping[str, Callable[..., Registered]] = {
    "channel": adapter_entry,
    "storage": adapter_entry,
    "loan book": adapter_entry,
    "rule pack": pack_entry,
    "template": template_entry,
}
"""How what a plugin registers becomes an entry, by kind."""


def joined(registered: list[Registered]) -> Catalogue:
    """Return *registered* as a catalogue; DuplicateAdapterError, naming both plugins, where a name is taken."""
    entries: dict[tuple[str, str], Registered] = {}
    for entry in registered:
        key = (entry.kind, entry.name)
        if key in entries:
            raise DuplicateAdapterError(entry.kind, entry.name, entries[key].plugin, entry.plugin)
        entries[key] = entry
    return Catalogue(entries=entries)
