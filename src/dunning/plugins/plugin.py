"""A plugin as it was found: what it is called, where it came from, what it takes part in, what is wrong with it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from attrs import field, frozen

from dunning.adapters.codec.nearest import nearest
from dunning.core import values
from dunning.plugins import hookspecs
from dunning.plugins.hookspecs import HOOK_API, PROJECT

HOOKS = tuple(sorted(name for name in vars(hookspecs) if name.startswith(f"{PROJECT}_")))
"""Every hook there is."""


@frozen(kw_only=True)
class Plugin:
    """
    A plugin as it was found.

    Args:
        name: What lists print, what switches it off, and under which its cursor is kept.
        origin: "built in", "given" by the host, or the distribution that installed it.
        target: Of an installed one, "package.module:attribute".
        api: The hook API that it says it was written for; 0 where it was not loaded.
        hooks: The hooks that it takes part in, sorted.
        seconds: What loading it took.
        error: Why it takes no part; empty where it does.
        broken_contract: Whether `error` is its author's mistake, with which no engine is built.
    """

    name: str = field(validator=values.text)
    version: str = ""
    origin: str = field(validator=values.text)
    target: str = ""
    api: int = 0
    hooks: tuple[str, ...] = ()
    seconds: float = 0.0
    enabled: bool = True
    error: str = ""
    broken_contract: bool = False
    thing: object = field(default=None, repr=False, eq=False)

    @property
    def takes_part(self) -> bool:
        """Whether its hooks are called."""
        return self.enabled and not self.error


def accepted(current: int = HOOK_API) -> tuple[int, ...]:
    """Return the hook API numbers that are accepted when *current* is the newest: it, and the one before."""
    return tuple(number for number in (current - 1, current) if number >= 1)


def implementations(thing: object) -> Iterator[tuple[str, str, Callable[..., object], dict[str, Any]]]:
    """Yield attribute, hook, function and options for everything on *thing* that carries `@hookimpl`."""
    for name in dir(thing):
        function = getattr(thing, name, None)
        options = getattr(function, f"{PROJECT}_impl", None)
        if inspect.isroutine(function) and isinstance(options, dict):
            yield name, options.get("specname") or name, function, options


def mistake(thing: object) -> str:
    """Return what the author of *thing* got wrong about hooks, and what to do; empty where nothing is."""
    if inspect.isclass(thing):
        return f"{thing.__name__} is a class, not a plugin. Were the () forgotten? Give an instance: {thing.__name__}()"
    marked = list(implementations(thing))
    taken: dict[str, str] = {}
    for name, hook, function, options in marked:
        if hook not in HOOKS:
            if options.get("optionalhook"):
                continue
            return f"there is no hook {hook}.{nearest(hook, HOOKS)} Known hooks: {', '.join(HOOKS)}"
        if hook in taken:
            return f"{taken[hook]} and {name} both implement {hook}. Keep one"
        taken[hook] = name
        if options.get("wrapper") or options.get("hookwrapper"):
            return f"{name} is a wrapper, which could change what other plugins say. Write it as a plain function"
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            return f"{name} is async, and hooks are called, not awaited. Write it as a plain function"
    return _unmarked(thing, {name for name, *_ in marked}) or (
        "" if taken else f"it implements no hook. Mark its functions with @hookimpl; known hooks: {', '.join(HOOKS)}"
    )


def _unmarked(thing: object, marked: set[str]) -> str:
    """Return a complaint about a function that looks like a hook but would never be called."""
    for name in dir(thing):
        if name in marked or not name.startswith(f"{PROJECT}_") or not inspect.isroutine(getattr(thing, name, None)):
            continue
        if name in HOOKS:
            return f"{name} does not carry @hookimpl, so it would never be called. Add it"
        near = nearest(name, HOOKS)
        if near:
            return f"there is no hook {name}, and it does not carry @hookimpl.{near}"
    return ""
