"""What goes to a plugin's own process, and what comes back."""

import datetime as dt
import json
import os
import select
import subprocess
import sys
from decimal import Decimal

import pytest
from attrs import evolve

from dunning.core.hold import Hold, Subject
from dunning.core.ladder.case import Case, Promise, Request, Track
from dunning.errors import PluginContractError
from dunning.plugins.failure import BrokenCallError
from dunning.plugins.hooks import build_hooks
from dunning.plugins.subprocess_runner import SubprocessRunner
from dunning.plugins.wire import arguments_text, holds_text, line, read_arguments, read_holds, read_line
from dunning.testing.builders import TODAY, a_payment
from dunning.testing.plugins import some_records

HOLD = Hold(
    id="h", subject=Subject(kind="loan", loan_id="L-1"), reason="争议\n", starts_on=TODAY, until=dt.date(2026, 4, 1)
)
CASE = Case(
    id="L-1",
    tier="firm",
    stay=2,
    entered_on=TODAY,
    stays=(("soft", 1, dt.date(2026, 2, 1)), ("firm", 2, TODAY)),
    episode=1,
    holds=(HOLD,),
    promises=(Promise(id="p", person_id="P-1", amount=Decimal("100.10"), made_on=TODAY, due_on=TODAY),),
    requests=(Request(id="r", kind="legal", loan_id="L-1", proposed_on=TODAY, expires_on=TODAY),),
    tracks=(Track(name="visit", started_on=TODAY),),
    told=(a_payment(),),
    refused=(("key", "why"),),
)
ECHO = """
import os
from dunning.core.hold import Hold, Subject
from dunning.plugins import hookimpl

print("printed while it was imported")

@hookimpl
def dunning_holds(cases, as_of):
    print("printed in a hook")
    return [
        Hold(
            id=case.id,
            subject=Subject(kind="loan", loan_id=case.id),
            reason=f"{case.tier} in {os.getpid()}",
            starts_on=as_of,
            evidence=str(case.promises[0].amount),
        )
        for case in cases
    ]

@hookimpl
def dunning_told(records):
    with open({path!r}, "a") as file:
        file.write("".join(f"{{record.name}} {{record.draft.effects}}" for record in records))
"""


@pytest.mark.parametrize(
    ("hook", "arguments"),
    [
        pytest.param("dunning_holds", {"cases": (CASE, Case(id="L-2")), "as_of": TODAY}, id="cases"),
        pytest.param("dunning_told", {"records": some_records()}, id="records"),
    ],
)
def test_arguments_come_through(hook, arguments):
    """What the plugin gets in its process equals what it would get in ours."""
    assert arguments == read_arguments(hook, json.loads(line(arguments_text(hook, arguments))))


def test_holds_come_back():
    """One line, whatever is in them."""
    text = line(holds_text([HOLD]))

    assert 1 == text.count(b"\n")
    assert (HOLD,) == read_holds(json.loads(text))


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"hello\n", id="something printed"),
        pytest.param(b"[1]\n", id="no object"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b"\xff\xfe\n", id="no text"),
    ],
)
def test_a_line_that_is_no_answer(said):
    """A plugin's process may write anything."""
    with pytest.raises(BrokenCallError):
        read_line(said)


@pytest.mark.parametrize(
    "plain",
    [
        pytest.param(None, id="nothing"),
        pytest.param({"id": "h"}, id="no list"),
        pytest.param([{"id": "h"}], id="half a hold"),
        pytest.param([{**holds_text([HOLD])[0], "subject": {"kind": "loan"}}], id="a hold on nothing"),
    ],
)
def test_holds_that_are_none(plain):
    """What comes from another process is checked as any input."""
    with pytest.raises(BrokenCallError):
        read_holds(plain)


def test_a_plugin_in_a_process_of_its_own(install, tmp_path):
    """It is asked and told there, prints what it likes, and keeps one process; closing ends it."""
    path = tmp_path / "told.txt"
    source = ECHO.replace("{path!r}", repr(str(path))).replace("{{", "{").replace("}}", "}")
    install(points={"echo": "echo_plugin"}, modules={"echo_plugin": source})
    hooks = build_hooks(discover=True, runner=SubprocessRunner(limit=20))
    try:
        (first,), _ = hooks.dispatcher.holds([CASE], TODAY)
        (second,), failures = hooks.dispatcher.holds([evolve(CASE, tier="soft")], TODAY)
        told = hooks.dispatcher.tell("echo", some_records(1))
    finally:
        hooks.close()
        hooks.close()

    assert ((), None) == (failures, told)
    assert ("echo:L-1", "echo", "100.10") == (first.id, first.placed_by, first.evidence)
    tier, _, process = first.reason.partition(" in ")
    assert "firm" == tier
    assert f"soft in {process}" == second.reason
    assert process != str(os.getpid())
    with pytest.raises(ProcessLookupError):
        os.kill(int(process), 0)
    assert path.read_text(encoding="utf-8").startswith("loan:L-1#1 (WorkedBy(")


def test_after_it_was_stopped_it_is_started_again(install):
    """One bad batch does not end the night."""
    source = """
import os
from dunning.plugins import hookimpl

@hookimpl
def dunning_holds(cases):
    if cases[0].id == "poison":
        os._exit(1)
    return ()
"""
    install(points={"frail": "frail_plugin"}, modules={"frail_plugin": source})
    hooks = build_hooks(discover=True, runner=SubprocessRunner(limit=20))
    try:
        _, poisoned = hooks.dispatcher.holds([Case(id="poison")], TODAY)
        after = hooks.dispatcher.holds([Case(id="L-1")], TODAY)
    finally:
        hooks.close()

    assert ["ended its process"] == [failure.error for failure in poisoned]
    assert ((), ()) == after


def test_a_process_that_fails_without_a_word(install):
    """What a plugin writes into our pipe by force is contained too."""
    source = """
import os
from dunning.plugins import hookimpl

@hookimpl
def dunning_holds(cases):
    for handle in range(3, 20):
        try:
            os.write(handle, b'{"broken": " "}' + bytes([10]))
        except OSError:
            pass
    return ()
"""
    install(points={"forger": "forger_plugin"}, modules={"forger_plugin": source})
    hooks = build_hooks(discover=True, runner=SubprocessRunner(limit=20))
    try:
        _, (failure,) = hooks.dispatcher.holds([Case(id="L-1")], TODAY)
    finally:
        hooks.close()

    assert "failed without a word" == failure.error


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups to end")
def test_what_a_plugin_started_ends_with_it(install, tmp_path):
    """A child of the plugin does not outlive it: the end of its pipe is seen."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    source = f"""
import subprocess, sys
from dunning.plugins import hookimpl

CHILD = "import sys\\npipe = open(sys.argv[1], 'wb', buffering=0)\\npipe.write(b'alive')\\nwhile True: pass"

@hookimpl
def dunning_holds(cases):
    subprocess.Popen([sys.executable, "-c", CHILD, {str(pipe)!r}]).wait()
    return ()
"""
    install(points={"parent": "parent_plugin"}, modules={"parent_plugin": source})
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    hooks = build_hooks(discover=True, runner=SubprocessRunner(limit=2))
    try:
        _, (failure,) = hooks.dispatcher.holds([Case(id="L-1")], TODAY)

        assert "did not answer within 2 seconds, and was stopped" == failure.error
        assert b"alive" == os.read(reader, 5)
        assert ([reader], [], []) == select.select([reader], [], [], 5)
        assert b"" == os.read(reader, 5)
    finally:
        hooks.close()
        os.close(reader)


@pytest.mark.skipif(os.name == "nt", reason="Windows does not fork")
def test_after_a_fork_each_has_its_own(install):
    """Two processes that wrote into one pipe would read each other's answers."""
    install(points={"echo": "echo_plugin"}, modules={"echo_plugin": ECHO.replace("{path!r}", "''")})
    hooks = build_hooks(discover=True, runner=SubprocessRunner(limit=20))
    reader, writer = os.pipe()
    try:
        (before,), _ = hooks.dispatcher.holds([CASE], TODAY)
        child = os.fork()
        if child == 0:
            try:
                (there,), _ = hooks.dispatcher.holds([CASE], TODAY)
                hooks.close()
                os.write(writer, there.reason.encode())
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        os.close(writer)
        in_child = os.read(reader, 100).decode()
        (after,), _ = hooks.dispatcher.holds([CASE], TODAY)
    finally:
        os.close(reader)
        hooks.close()

    assert before.reason == after.reason
    assert in_child.startswith("firm in ")
    assert in_child != before.reason


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_no_orphan_runs_on(tmp_path):
    """If the host is killed while a plugin hangs, the plugin's process ends by itself."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "orphan_plugin.py").write_text(
        f"pipe = open({str(pipe)!r}, 'wb', buffering=0)\npipe.write(b'alive')\nwhile True: pass\n", encoding="utf-8"
    )
    program = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from importlib.metadata import EntryPoint
from dunning.plugins.subprocess_runner import SubprocessRunner
SubprocessRunner(limit=2).load(EntryPoint("orphan", "orphan_plugin", "dunning"))
"""
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with subprocess.Popen([sys.executable, "-c", program]) as host:
            select.select([reader], [], [], 60)
            assert b"alive" == os.read(reader, 5)
            host.kill()
        assert ([reader], [], []) == select.select([reader], [], [], 30)
        assert b"" == os.read(reader, 5)
    finally:
        os.close(reader)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_above_zero(limit):
    """No time at all would fail everything."""
    with pytest.raises(PluginContractError):
        SubprocessRunner(limit=limit)
