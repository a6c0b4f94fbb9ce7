"""The hooks of one engine: plugins found, checked and wired, and everything that they register collected."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from attrs import field, frozen
from pluggy import HookImpl, PluginManager

from dunning.adapters.templates.library import TemplateLibrary
from dunning.core.contact.rule import RulePack
from dunning.errors import PluginContractError
from dunning.plugins.answers import checked_nothing
from dunning.plugins.builtin import BUILTIN
from dunning.plugins.catalogue import ENTRY, KINDS, Catalogue, Registered, joined
from dunning.plugins.dispatch import Dispatcher
from dunning.plugins.failure import Failure, told
from dunning.plugins.loader import failures_of, load, require_kept_contracts
from dunning.plugins.plugin import Plugin
from dunning.plugins.runner import InlineRunner, Runner
from dunning.plugins.wiring import implementation, wire


@frozen(kw_only=True)
class Hooks:
    """
    The plugins of one engine, ready to be asked.

    Args:
        found: Every plugin, with what is wrong with it.
        catalogue: The adapters, rules and texts that they registered.
        dispatcher: Asks and tells them while the engine runs.
        failures: Installed plugins that could not be taken in, or only in part.
    """

    found: tuple[Plugin, ...]
    catalogue: Catalogue
    dispatcher: Dispatcher = field(repr=False)
    failures: tuple[Failure, ...] = ()

    def rule_packs(self) -> tuple[RulePack, ...]:
        """Return every pack of contact rules that was registered, by id."""
        return self.catalogue.rule_packs

    def templates(self) -> TemplateLibrary:
        """Return every text that was registered."""
        return self.catalogue.templates

    def close(self) -> None:
        """Let go of whatever plugins run in. Harmless when repeated."""
        self.dispatcher.close()


def build_hooks(
    given: Iterable[object] = (),
    *,
    discover: bool = False,
    disabled: Collection[str] = (),
    runner: Runner | None = None,
    builtin: Iterable[object] = BUILTIN,
) -> Hooks:
    """
    Return the plugins of a new engine. Nothing is shared with any other engine, and nothing was loaded before.

    An installed plugin that cannot be loaded or fails while it registers is contained: see `Hooks.failures`. If it
    might restrict contacts, collection and service contacts stop until it is repaired or disabled.

    Args:
        given: Modules or objects of the host.
        discover: Whether to take in the installed ones (entry points of the group "dunning").
        disabled: Names of plugins that take no part, built-in ones included.
        runner: Where installed ones run; inline by default.

    Raises:
        PluginContractError: A misspelt hook, a class in place of an instance, two plugins of one name; anything wrong
            with a plugin that the host gives; a disabled name that no plugin has.
        DuplicateAdapterError: Two plugins register one name.
    """
    running = runner or InlineRunner()
    found = load(given, discover=discover, disabled=disabled, runner=running, builtin=builtin)
    require_kept_contracts(found, disabled)
    manager = wire(found)
    failures = [Failure(plugin=name, hook="load", error=error) for name, error in failures_of(found)]
    catalogue = joined(_collect(manager, found, failures))
    return Hooks(
        found=found,
        catalogue=catalogue,
        dispatcher=Dispatcher(found, manager, runner=running, failures=failures),
        failures=tuple(failures),
    )


def _collect(manager: PluginManager, plugins: Iterable[Plugin], failures: list[Failure]) -> list[Registered]:
    """Return what every plugin registers; a hook that fails half-way adds nothing, and is noted in *failures*."""
    collected: list[Registered] = []
    for plugin in plugins:
        for hook, kind in KINDS.items():
            found = implementation(manager, plugin.name, hook) if plugin.takes_part else None
            if found is None:
                continue
            entries: list[Registered] = []
            try:
                _register(found, kind, plugin.name, entries)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                if not plugin.target:
                    raise PluginContractError(
                        f"Plugin {plugin.name!r} ({plugin.origin}) failed in {hook}: {told(error)}."
                    ) from error
                failures.append(Failure(plugin=plugin.name, hook=hook, error=told(error)))
                continue
            collected.extend(entries)
    return collected


def _register(found: HookImpl, kind: str, plugin: str, entries: list[Registered]) -> None:
    complaints: list[PluginContractError] = []

    def register(*what: Any) -> None:
        try:
            entries.append(ENTRY[kind](kind, plugin, *what))
        except PluginContractError as error:
            complaints.append(error)  # a plugin that swallows it is still half-registered
            raise

    checked_nothing(found.function(*(register for _ in found.argnames)))
    if complaints:
        raise complaints[0]
