"""Where a plugin's code runs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint
from typing import Protocol

from pluggy import HookImpl

from dunning.plugins.plugin import Plugin


class Runner(Protocol):
    """
    Protocol of a runner: it runs a plugin's code, and whatever that code does, comes back.

    It raises whatever the plugin raised, or BrokenCallError in words that may be kept.
    """

    def load(self, point: EntryPoint) -> object:
        """Return what *point* names."""
        ...

    def ask(self, plugin: Plugin, hook: str, implementation: HookImpl, arguments: Mapping[str, object]) -> object:
        """Call *implementation* with those of *arguments* that it names, and return its answer."""
        ...

    def close(self) -> None:
        """Let go of everything. Harmless when repeated."""
        ...


class InlineRunner:
    """
    Runs plugins in this process, in the caller's thread.

    It cannot stop a plugin that hangs, uses up the memory, or ends the process without raising (`os._exit`): no library
    can, from within. Where plugins are not trusted that far, give the engine a `SubprocessRunner`.
    """

    def load(self, point: EntryPoint) -> object:
        """Return what *point* names."""
        loaded: object = point.load()
        return loaded

    def ask(self, plugin: Plugin, hook: str, implementation: HookImpl, arguments: Mapping[str, object]) -> object:
        """Call *implementation* here."""
        answer: object = implementation.function(*(arguments[name] for name in implementation.argnames))
        return answer

    def close(self) -> None:
        """Nothing is held."""
