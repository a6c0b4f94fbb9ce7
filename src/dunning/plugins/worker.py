"""
The process that one plugin runs in: it reads calls from standard input and writes answers, one line of JSON each.

The plugin gets another standard input and output, so that it can neither read calls nor write answers by printing. A
watch that needs neither Python nor the plugin's cooperation ends the process when a call takes too long, so that no
orphan runs on if the parent is gone.
"""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from typing import IO, Any

from pluggy import PluginManager

from dunning.plugins.answers import checked_holds, checked_nothing, members
from dunning.plugins.catalogue import KINDS
from dunning.plugins.failure import BrokenCallError, kept, told
from dunning.plugins.hookspecs import PROJECT
from dunning.plugins.plugin import Plugin, mistake
from dunning.plugins.wire import holds_text, line, read_arguments, read_line
from dunning.plugins.wiring import implementation, wire

# The parent kills at the limit; this is for a parent that is gone.
_GRACE = 2.0


def main(name: str, target: str, *, limit: float, memory: int) -> None:
    """Serve calls to the plugin *target* until the parent closes the pipe."""
    calls, answers = _pipes()
    nowhere = open(os.devnull, "w")  # noqa: PTH123, SIM115 - held open for the watch, which writes without Python
    if memory:
        _bound_memory(memory)
    answers.write(line({"ready": True}))
    manager: PluginManager | None = None
    for call in calls:
        faulthandler.dump_traceback_later(limit + _GRACE, exit=True, file=nowhere)
        try:
            asked = read_line(call)
            if asked["do"] == "load":
                manager = _load(name, target)
                answer: Any = None
            else:
                answer = _ask(manager, name, asked["do"], asked)
            said = line({"answer": answer})
        except BaseException as error:  # noqa: BLE001 - SystemExit and whatever else: it is the plugin's failure
            loading = manager is None and not isinstance(error, BrokenCallError)
            said = line({"broken": told(error) if loading else kept(error)})
        faulthandler.cancel_dump_traceback_later()
        answers.write(said)


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    calls = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.dup2(2, 1)  # what a plugin prints goes to standard error
    os.close(empty)
    return calls, answers


def _bound_memory(most: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _load(name: str, target: str) -> PluginManager:
    """Load the plugin, and try its register hooks once, here where they can do no harm."""
    thing = EntryPoint(name=name, value=target, group=PROJECT).load()
    plugin = Plugin(name=name, origin="installed", target=target, thing=thing)
    if mistake(thing):
        return wire(())  # the parent loads it too, and says so
    manager = wire((plugin,))
    for hook in KINDS:
        found = implementation(manager, name, hook)
        if found is not None:
            try:
                found.function(*((lambda *_: None) for _ in found.argnames))
            except Exception:  # noqa: BLE001, S112 - the parent meets it too, and says which hook it was
                continue
    return manager


def _ask(manager: PluginManager | None, name: str, hook: str, plain: Mapping[str, Any]) -> Any:
    found = implementation(manager, name, hook) if manager is not None else None
    if found is None:
        raise BrokenCallError(f"has no {hook} in its own process")
    arguments = read_arguments(hook, plain)
    answer = found.function(*(arguments[argument] for argument in found.argnames))
    if hook == "dunning_holds":
        cases: Any = arguments["cases"]
        given = members(answer, cases)
        checked_holds(given, cases, name)  # nonsense is met here, before it is written down
        return holds_text(given)
    checked_nothing(answer)
    return None
