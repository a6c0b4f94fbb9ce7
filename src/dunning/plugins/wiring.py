"""Plugins tied to the hooks that they implement: the manager of one engine."""

from __future__ import annotations

from collections.abc import Iterable

from pluggy import HookImpl, PluginManager, PluginValidationError

from dunning.errors import PluginContractError
from dunning.plugins import hookspecs
from dunning.plugins.plugin import Plugin


def wire(plugins: Iterable[Plugin]) -> PluginManager:
    """
    Return a new manager of those of *plugins* that take part.

    Raises:
        PluginContractError: An implementation has arguments that its hook does not give, or there is no such hook.
    """
    manager = PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for plugin in plugins:
        if plugin.takes_part:
            try:
                manager.register(plugin.thing, name=plugin.name)
            except PluginValidationError as error:
                said = str(error).splitlines()
                raise PluginContractError(
                    f"Plugin {plugin.name!r} ({plugin.origin}) does not fit a hook: {' '.join(said[1:] or said)}. "
                    f"See docs/reference/hooks.md for the arguments of each hook."
                ) from error
    manager.check_pending()
    return manager


def implementation(manager: PluginManager, plugin: str, hook: str) -> HookImpl | None:
    """Return how *plugin* implements *hook*; None if it does not."""
    caller = getattr(manager.hook, hook)
    return next((found for found in caller.get_hookimpls() if found.plugin_name == plugin), None)
