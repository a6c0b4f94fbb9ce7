"""Plugins in processes of their own, so that one that hangs, or ends its process, is stopped and the host goes on."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from typing import IO, Any

from pluggy import HookImpl

from dunning.errors import PluginContractError
from dunning.plugins.failure import BrokenCallError
from dunning.plugins.plugin import Plugin
from dunning.plugins.runner import InlineRunner
from dunning.plugins.wire import arguments_text, line, read_holds, read_line

STRIKES = 3
"""A plugin that had to be stopped so often is not started again: each time costs the whole limit."""

_START = 60.0  # seconds in which a process of our own code must be ready, on a busy machine too
_PATIENCE = 0.5  # seconds for a killed process to be gone
_LONGEST = 64 * 1024 * 1024  # bytes of one answer

_PROGRAM = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from dunning.plugins.worker import main
main(sys.argv[2], sys.argv[3], limit=float(sys.argv[4]), memory=int(sys.argv[5]))
"""


class SubprocessRunner:
    """
    Runs each installed plugin in a process of its own, which is killed when a call takes longer than *limit*.

    Loading is tried there first; only a plugin that came through is loaded here too, because the adapters that it
    registers work in this process. Built-in plugins, and those that a host gives as objects, run inline. A call that is
    stopped has failed; the next one starts a new process, at most `STRIKES` times.

    A plugin's process has the rights and the environment of this one: it contains accidents, not attacks. What a
    plugin's *adapters* do is not bounded by it. One thread a call watches the clock, and ends with the call.

    Args:
        limit: Seconds that a call may take. A hang costs at most one more.
        memory: Bytes of address space that a plugin's process may use; 0 leaves it unbounded. Has no effect on Windows.
    """

    def __init__(self, *, limit: float = 30.0, memory: int = 0) -> None:
        if limit <= 0:
            raise PluginContractError(f"A plugin's time limit must be above 0 seconds, not {limit}.")
        self._limit = limit
        self._memory = memory
        self._inline = InlineRunner()
        self._processes: dict[str, _Process] = {}
        self._strikes: dict[str, int] = {}
        self._owner = os.getpid()

    def load(self, point: EntryPoint) -> object:
        """Load what *point* names: in a process of its own first, then here."""
        self._exchange(point.name, point.value, {"do": "load"}, started=True)
        return self._inline.load(point)

    def ask(self, plugin: Plugin, hook: str, implementation: HookImpl, arguments: Mapping[str, object]) -> object:
        """Call *hook* in the plugin's process."""
        if not plugin.target:
            return self._inline.ask(plugin, hook, implementation, arguments)
        answer = self._exchange(plugin.name, plugin.target, {"do": hook, **arguments_text(hook, arguments)})
        return read_holds(answer) if hook == "dunning_holds" else answer

    def close(self) -> None:
        """End every process. Harmless when repeated."""
        processes, self._processes = self._processes, {}
        for process in processes.values():
            if self._owner == os.getpid():
                process.end()

    def _exchange(self, name: str, target: str, call: dict[str, Any], *, started: bool = False) -> Any:
        if self._owner != os.getpid():  # after a fork the pipes are the parent's
            self._owner, self._processes = os.getpid(), {}
        if self._strikes.get(name, 0) >= STRIKES:
            raise BrokenCallError(f"was stopped {STRIKES} times and is not started again")
        try:
            process = self._processes.get(name)
            if process is None:
                process = _Process(name, target, limit=self._limit, memory=self._memory)
                self._processes[name] = process
                process.start()
                if not started:
                    _answer(process.exchange(line({"do": "load"}), limit=self._limit))
            reply = process.exchange(line(call), limit=self._limit)
        except _StoppedError:
            self._strikes[name] = self._strikes.get(name, 0) + 1
            self._processes.pop(name).end()
            raise
        except BaseException:
            # Whether the process is still in step with us is not known: a Ctrl-C may have come between call and answer.
            stray = self._processes.pop(name, None)
            if stray is not None:
                stray.end()
            raise
        return _answer(reply)


class _StoppedError(BrokenCallError):
    """The process had to be stopped, or ended by itself."""


class _Process:
    """One plugin's process and its two pipes."""

    def __init__(self, name: str, target: str, *, limit: float, memory: int) -> None:
        self._popen = subprocess.Popen(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-c", _PROGRAM, json.dumps(sys.path), name, target, str(limit), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A session of its own: Ctrl-C is for us to answer, and what the plugin started can be ended with it.
            start_new_session=os.name != "nt",
        )
        self._talking: threading.Thread | None = None

    def start(self) -> None:
        """Wait until the process is ready for calls."""
        self.exchange(b"", limit=_START)

    def exchange(self, call: bytes, *, limit: float) -> dict[str, Any]:
        """Send *call* and return the reply; whatever happens, within *limit* seconds."""
        calls, answers = self._popen.stdin, self._popen.stdout
        assert calls is not None  # noqa: S101 - both are pipes
        assert answers is not None  # noqa: S101
        came: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        # A thread, because no platform-independent call waits for a pipe with a time limit.
        self._talking = threading.Thread(target=_talk, args=(calls, answers, call, came), daemon=True)
        self._talking.start()
        try:
            said = came.get(timeout=limit)
        except queue.Empty:
            raise _StoppedError(f"did not answer within {limit:g} seconds, and was stopped") from None
        self._talking.join(_PATIENCE)
        if not said:
            raise _StoppedError("ended its process")
        if not said.endswith(b"\n"):
            raise _StoppedError(f"answered with more than {_LONGEST} bytes, or broke off, and was stopped")
        return read_line(said)

    def end(self) -> None:
        """Kill the process, and what it started."""
        if os.name == "nt":
            self._popen.kill()
        else:
            try:
                os.killpg(self._popen.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self._popen.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(_PATIENCE)
        if self._talking is not None:
            self._talking.join(_PATIENCE)
            if self._talking.is_alive():
                return  # something that the plugin started holds the pipe, and closing it would wait for that
        for pipe in (self._popen.stdin, self._popen.stdout):
            _close(pipe)


def _talk(calls: IO[bytes], answers: IO[bytes], call: bytes, came: queue.SimpleQueue[bytes]) -> None:
    try:
        if call:
            calls.write(call)
            calls.flush()
        came.put(answers.readline(_LONGEST))
    except (OSError, ValueError):  # a pipe that broke, or was closed on us
        came.put(b"")


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with contextlib.suppress(OSError):  # what was not yet written has no reader any more
            pipe.close()


def _answer(reply: dict[str, Any]) -> Any:
    if "broken" in reply:
        said = " ".join(str(reply["broken"]).split())
        raise BrokenCallError(said[:300] or "failed without a word")
    return reply.get("answer")
