"""
Finding plugins: the built-in ones, those the host gives, and, if it asks for them, the installed ones.

pluggy's own loader stops at the first installed plugin that cannot be imported, and takes the host with it. This one
tries each by itself, and keeps why it failed and how long it took.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Collection, Iterable, Iterator
from importlib import metadata

from attrs import evolve

from dunning.adapters.codec.nearest import nearest
from dunning.errors import PluginContractError
from dunning.plugins.builtin import BUILTIN
from dunning.plugins.failure import BrokenCallError, told
from dunning.plugins.hookspecs import PROJECT
from dunning.plugins.plugin import Plugin, accepted, implementations, mistake
from dunning.plugins.runner import InlineRunner, Runner


def load(
    given: Iterable[object] = (),
    *,
    discover: bool = False,
    disabled: Collection[str] = (),
    runner: Runner | None = None,
    builtin: Iterable[object] = BUILTIN,
) -> tuple[Plugin, ...]:
    """
    Return every plugin, sound or not: built in, given, installed; each group by name. Nothing a plugin does is raised.

    Args:
        given: Modules or objects of the host.
        discover: Whether to look for installed ones (entry points of the group "dunning").
        disabled: Names that are listed but not loaded.
        runner: Where installed ones are loaded; inline by default.
    """
    running = runner or InlineRunner()
    groups = (
        [_held(thing, "built in", disabled, version=_own_version()) for thing in builtin],
        [_held(thing, "given", disabled) for thing in given],
        [_installed(point, disabled, running) for point in (metadata.entry_points(group=PROJECT) if discover else ())],
    )
    return tuple(plugin for group in groups for plugin in sorted(group, key=lambda plugin: plugin.name))


def require_kept_contracts(plugins: Iterable[Plugin], disabled: Collection[str] = ()) -> None:
    """
    Raise for what no engine is built with.

    Raises:
        PluginContractError: A misspelt hook, a class in place of an instance, a name that two plugins have, a given
            plugin that states another hook API, a disabled name that no plugin has.
    """
    seen: dict[str, Plugin] = {}
    for plugin in plugins:
        if plugin.broken_contract:
            raise PluginContractError(
                f"Plugin {plugin.name!r} ({plugin.origin}): {plugin.error}. Correct it, or disable it by this name."
            )
        if plugin.name in seen:
            first = seen[plugin.name].origin
            raise PluginContractError(
                f"Two plugins are named {plugin.name!r}: one is {first}, the other {plugin.origin}. Give one of them "
                f"another name: DUNNING_NAME on what you give, the entry point's name on what is installed."
            )
        seen[plugin.name] = plugin
    for name in disabled:
        if name not in seen:
            raise PluginContractError(
                f"No plugin is named {name!r}, so it cannot be disabled.{nearest(name, seen)} "
                f"Known: {', '.join(sorted(seen))}."
            )


def name_of(thing: object) -> str:
    """Return the name of what a host gives: its `DUNNING_NAME`, else the module's name, or module and class."""
    stated = getattr(thing, "DUNNING_NAME", None)
    if isinstance(stated, str) and stated:
        return stated
    if inspect.ismodule(thing):
        return thing.__name__
    kind = thing if inspect.isclass(thing) else type(thing)
    return f"{kind.__module__}.{kind.__qualname__}"


def _held(thing: object, origin: str, disabled: Collection[str], *, version: str = "") -> Plugin:
    try:
        name = name_of(thing)
    except BaseException as error:  # noqa: BLE001 - contained
        _let_pass(error)
        kind = type(thing)
        name = f"{kind.__module__}.{kind.__qualname__}"
        return Plugin(name=name, origin=origin, error=told(error), broken_contract=True)
    plugin = Plugin(name=name, version=version, origin=origin, enabled=name not in disabled)
    if not plugin.enabled:
        return plugin
    taken = _taken(plugin, thing)
    return evolve(taken, broken_contract=bool(taken.error))  # the host's developer is there to correct it


def _installed(point: metadata.EntryPoint, disabled: Collection[str], runner: Runner) -> Plugin:
    plugin = Plugin(
        name=point.name,
        version=point.dist.version if point.dist else "",
        origin=f"{point.dist.name} {point.dist.version}" if point.dist else "installed",
        target=point.value,
        enabled=point.name not in disabled,
    )
    if not plugin.enabled:
        return plugin
    start = time.perf_counter()
    try:
        thing = runner.load(point)
    except BaseException as error:  # noqa: BLE001 - importing runs anything; it is contained here
        _let_pass(error)
        said = str(error) if isinstance(error, BrokenCallError) else told(error)
        return evolve(plugin, error=f"could not be loaded: {said}", seconds=time.perf_counter() - start)
    return _taken(evolve(plugin, seconds=time.perf_counter() - start), thing)


def _taken(plugin: Plugin, thing: object) -> Plugin:
    """Return *plugin* with what *thing* says of itself."""
    try:
        known = accepted()
        api = getattr(thing, "DUNNING_HOOK_API", known[-1])
        if not isinstance(api, int) or isinstance(api, bool) or api not in known:
            spoken = " and ".join(str(number) for number in known)
            error = f"it was written for hook API {api!r}, and this version of dunning speaks {spoken}. Install another"
            return evolve(plugin, error=error)
        wrong = mistake(thing)
        version = plugin.version or _version(thing)
        hooks = () if wrong else tuple(sorted({hook for _, hook, *_ in implementations(thing)}))
    except BaseException as error:  # noqa: BLE001 - contained
        _let_pass(error)
        return evolve(plugin, error=f"could not be looked at: {told(error)}")
    return evolve(plugin, api=api, version=version, hooks=hooks, error=wrong, broken_contract=bool(wrong), thing=thing)


def _own_version() -> str:
    try:
        return metadata.version(PROJECT)
    except metadata.PackageNotFoundError:  # run from a source tree that is not installed
        return ""


def _version(thing: object) -> str:
    stated = getattr(thing, "__version__", "")
    return stated if isinstance(stated, str) else ""


def _let_pass(error: BaseException) -> None:
    """Raise *error* again if it is the operator's: it is no doing of the plugin."""
    if isinstance(error, KeyboardInterrupt):
        raise error


def failures_of(plugins: Iterable[Plugin]) -> Iterator[tuple[str, str]]:
    """Yield name and reason of each enabled plugin that takes no part."""
    for plugin in plugins:
        if plugin.enabled and plugin.error:
            yield plugin.name, plugin.error
