"""Asking and telling plugins, with whatever they do contained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pluggy import HookImpl, PluginManager

from dunning.core.hold import Hold
from dunning.core.journal.record import Record
from dunning.core.ladder.case import Case
from dunning.plugins.answers import checked_holds, checked_nothing, hold_back
from dunning.plugins.failure import Failure, kept
from dunning.plugins.plugin import Plugin
from dunning.plugins.runner import Runner
from dunning.plugins.wiring import implementation

__all__ = ["Dispatcher", "Failure"]


class Dispatcher:
    """
    Calls the hooks of one engine's plugins.

    A plugin that raises, exits or answers nonsense becomes a `Failure`; the others run as if it were not there. Only
    KeyboardInterrupt passes: it is the operator's.

    Args:
        plugins: All of them; those that take no part are passed over.
        failures: Of plugins that could not be taken in. One that might have restricted holds everything back.
    """

    def __init__(
        self, plugins: Iterable[Plugin], manager: PluginManager, *, runner: Runner, failures: Iterable[Failure] = ()
    ) -> None:
        self._runner = runner
        self._lost = tuple(failure for failure in failures if failure.restricting)
        taking_part = sorted((p for p in plugins if p.takes_part), key=lambda plugin: plugin.name)
        self._asked = _implementing("dunning_holds", taking_part, manager)
        self._told = {
            plugin.name: (plugin, found) for plugin, found in _implementing("dunning_told", taking_part, manager)
        }

    def holds(self, cases: Sequence[Case], as_of: dt.date) -> tuple[tuple[Hold, ...], tuple[Failure, ...]]:
        """
        Ask every plugin about *cases*, the batch of loans with work due; return their holds, by id, and what failed.

        Each case is held back on behalf of each plugin that failed: see `answers.hold_back`.
        """
        batch = tuple(cases)
        if not batch:
            return (), ()
        holds: list[Hold] = []
        failures = list(self._lost)
        for plugin, found in self._asked:
            answer, failure = self._call(
                plugin,
                "dunning_holds",
                found,
                {"cases": batch, "as_of": as_of},
                lambda answer, plugin=plugin: checked_holds(answer, batch, plugin.name),  # type: ignore[misc]
            )
            if failure is None:
                holds.extend(answer)
            else:
                failures.append(failure)
        for name in sorted({failure.plugin for failure in failures}):
            holds.extend(hold_back(batch, as_of, name))
        return tuple(sorted(holds, key=lambda hold: hold.id)), tuple(failures)

    @property
    def holders(self) -> tuple[str, ...]:
        """Names of the plugins that may hold a loan back, sorted: also of those that could not be taken in."""
        return tuple(sorted({plugin.name for plugin, _ in self._asked} | {failure.plugin for failure in self._lost}))

    @property
    def listeners(self) -> tuple[str, ...]:
        """Names of the plugins that follow the journal, sorted. Each has a cursor of its own."""
        return tuple(self._told)

    def tell(self, plugin: str, records: Sequence[Record]) -> Failure | None:
        """
        Tell *plugin* of *records*; None if it took them. After a failure its cursor stays, and it is told again.

        Raises:
            KeyError: The plugin does not follow the journal.
        """
        listener, found = self._told[plugin]
        _, failure = self._call(listener, "dunning_told", found, {"records": tuple(records)}, checked_nothing)
        return failure

    def close(self) -> None:
        """Let go of whatever plugins run in. Harmless when repeated."""
        self._runner.close()

    def _call(
        self,
        plugin: Plugin,
        hook: str,
        found: HookImpl,
        arguments: dict[str, object],
        check: Callable[[object], Any],
    ) -> tuple[Any, Failure | None]:
        try:
            # A lazy answer runs the plugin's code while it is checked, so both stand under one `try`.
            return check(self._runner.ask(plugin, hook, found, arguments)), None
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin may raise anything; it is contained here
            return None, Failure(plugin=plugin.name, hook=hook, error=kept(error))


def _implementing(hook: str, plugins: Iterable[Plugin], manager: PluginManager) -> list[tuple[Plugin, HookImpl]]:
    found = ((plugin, implementation(manager, plugin.name, hook)) for plugin in plugins)
    return [(plugin, implemented) for plugin, implemented in found if implemented is not None]
