"""A hook cannot go undocumented, unused or untested."""

import importlib.util
import inspect
import re
from pathlib import Path

import pytest

from dunning.core.contact.rule import RulePack
from dunning.core.ladder.case import Case
from dunning.errors import DuplicateAdapterError, PluginContractError
from dunning.plugins import hookimpl, hookspecs
from dunning.plugins.builtin import BUILTIN
from dunning.plugins.hooks import build_hooks
from dunning.plugins.hookspecs import HOOK_API
from dunning.plugins.loader import load
from dunning.plugins.plugin import HOOKS
from dunning.testing.builders import TODAY
from dunning.testing.channels import RecordingChannel
from dunning.testing.plugins import PluginConformance, some_records

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "hooks.md").read_text(encoding="utf-8")


def example(file, name):
    """Return a class from a file in examples/."""
    spec = importlib.util.spec_from_file_location(file, ROOT / "examples" / f"{file}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


@pytest.mark.parametrize("hook", HOOKS)
def test_each_hook_has_its_heading(hook):
    """With exactly the arguments that it has today."""
    arguments = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)

    assert f"\n## {hook}({arguments})\n" in PAGE


def test_no_heading_is_of_a_hook_that_is_gone():
    """The page lists the hooks that there are."""
    assert list(HOOKS) == sorted(re.findall(r"^## (dunning_\w+)\(", PAGE, flags=re.MULTILINE))


@pytest.mark.parametrize("hook", HOOKS)
def test_each_hook_is_typed_and_has_one_sentence(hook):
    """The page of hooks is read by a type checker, and by a person in a minute."""
    function = getattr(hookspecs, hook)

    assert set(inspect.signature(function).parameters) | {"return"} == set(function.__annotations__)
    assert 1 == len(inspect.getdoc(function).splitlines())


def test_the_page_states_the_number():
    """A plugin's author reads it there."""
    assert f"The current number is {HOOK_API};" in PAGE


def test_the_example_on_the_page_is_a_plugin():
    """It can be built into an engine, and holds what it says."""
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    spec = importlib.util.spec_from_loader("pilot", loader=None)
    module = importlib.util.module_from_spec(spec)
    exec(source, module.__dict__)  # noqa: S102 - the page's own example

    holds, failures = build_hooks([module]).dispatcher.holds([Case(id="PILOT-1"), Case(id="L-1")], TODAY)

    assert ["pilot:pilot:PILOT-1"] == [hold.id for hold in holds]
    assert () == failures


def test_each_promise_stands_on_the_page():
    """The kit and the page have the same numbers."""
    tested = {name.split("_")[1].upper() for name in vars(PluginConformance) if name.startswith("test_h")}

    assert tested == set(re.findall(r"^\| (H\d) \|", PAGE, flags=re.MULTILINE))


def test_each_hook_has_a_user(tmp_path):
    """What we ship, or an example, needs it; a hook that nobody needs would be a guess."""
    examples = [example("leave_alone", "LeaveAlone")(tmp_path), example("follow_journal", "FollowJournal")(tmp_path)]

    assert set(HOOKS) == {hook for plugin in load(examples, builtin=BUILTIN) for hook in plugin.hooks}


class TestLeaveAlone(PluginConformance):
    """The example that restricts keeps the promises."""

    @pytest.fixture
    def plugin(self, tmp_path):
        path = tmp_path / "leave-alone.csv"
        lines = ["loan_id,reason,starts_on,until", "L-2,dispute,2026-03-01,", "L-9,manual,2026-03-01,2026-04-01", ""]
        path.write_text("\n".join(lines), encoding="utf-8")
        return example("leave_alone", "LeaveAlone")(path)

    def test_it_holds_what_is_listed(self, plugin, cases):
        """One of the five loans is in the list."""
        holds, _ = build_hooks([plugin]).dispatcher.holds(cases, TODAY)

        assert [("leave-alone:L-2:dispute:2026-03-01", ("collection",), None)] == [
            (hold.id, hold.purposes, hold.until) for hold in holds
        ]

    def test_without_its_list_nobody_is_contacted(self, tmp_path, cases):
        """A missing file is no empty list."""
        plugin = example("leave_alone", "LeaveAlone")(tmp_path / "gone.csv")

        holds, (failure,) = build_hooks([plugin]).dispatcher.holds(cases, TODAY)

        assert "FileNotFoundError at leave_alone.py" in failure.error
        assert ["L-1", "L-2", "L-3", "L-4", "L-5"] == [hold.subject.loan_id for hold in holds]


class TestFollowJournal(PluginConformance):
    """The example that follows keeps the promises."""

    @pytest.fixture
    def plugin(self, tmp_path):
        return example("follow_journal", "FollowJournal")(tmp_path / "journal.jsonl")

    def test_it_writes_no_record_twice(self, plugin, tmp_path):
        """Told again after a crash, it looks up where it was."""
        dispatcher = build_hooks([plugin]).dispatcher
        for batch in (some_records(2), some_records(3), some_records(3)):
            assert dispatcher.tell("follow-journal", batch) is None

        lines = (tmp_path / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        assert ['{"position": 1', '{"position": 2', '{"position": 3'] == [line.partition(",")[0] for line in lines]
        assert '"record": "loan:L-1#3", "kind": "decision", "at": "2026-03-04T04:00:00+00:00"}' in lines[2]

    def test_a_line_that_a_crash_cut_short_is_written_again(self, plugin, tmp_path):
        """Half a record is no record, and must not stop it for ever."""
        path, dispatcher = tmp_path / "journal.jsonl", build_hooks([plugin]).dispatcher
        assert dispatcher.tell("follow-journal", some_records(2)) is None
        whole = path.read_bytes()
        path.write_bytes(whole[:-20])

        assert dispatcher.tell("follow-journal", some_records(2)) is None
        assert whole == path.read_bytes()


class Nonsense:
    """Gives every hook something that it does not take."""

    @hookimpl
    def dunning_register_channels(self, register):
        register("Pigeon", RecordingChannel)

    @hookimpl
    def dunning_register_storage(self, register):
        register("ledger", 7)

    @hookimpl
    def dunning_register_loan_books(self, register):
        register("", 7)

    @hookimpl
    def dunning_register_rules(self, register):
        register({"id": "xx"})

    @hookimpl
    def dunning_register_templates(self, register):
        register("Dear borrower")

    @hookimpl
    def dunning_holds(self, cases):
        return True

    @hookimpl
    def dunning_told(self, records):
        return True


def only(hook):
    """Return a plugin with that one function of `Nonsense`."""
    return type("Only", (), {hook: getattr(Nonsense, hook)})()


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if hook.startswith("dunning_register")])
def test_each_register_hook_refuses_nonsense(hook):
    """The plugin and the hook are named."""
    with pytest.raises(PluginContractError) as raised:
        build_hooks([only(hook)])

    assert f"Only' (given) failed in {hook}: PluginContractError: " in str(raised.value)


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if not hook.startswith("dunning_register")])
def test_each_other_hook_reports_nonsense(hook):
    """It is a failure of that hook, and of no other."""
    dispatcher = build_hooks([only(hook)]).dispatcher
    _, failures = dispatcher.holds([Case(id="L-1")], TODAY)
    told = [dispatcher.tell(name, some_records()) for name in dispatcher.listeners]

    assert [hook] == [failure.hook for failure in (*failures, *told)]


def test_returning_in_place_of_registering_is_refused():
    """A plugin that returns its adapters would have none, and nobody would notice."""

    class Returns:
        @hookimpl
        def dunning_register_rules(self):
            return [RulePack(id="xx", version="1", owner="counsel")]

    with pytest.raises(PluginContractError, match="returned list, where nothing is asked for"):
        build_hooks([Returns()])


def test_registering_twice_is_refused():
    """The second is no update of the first."""

    class Twice:
        @hookimpl
        def dunning_register_rules(self, register):
            for version in ("1", "2"):
                register(RulePack(id="xx", version=version, owner="counsel"))

    with pytest.raises(DuplicateAdapterError):
        build_hooks([Twice()])
