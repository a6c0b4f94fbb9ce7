"""The kit catches, for each promise, a plugin that breaks it; HOSTILE is what it says it is."""

import pytest

from dunning.core.hold import Hold, Subject
from dunning.core.ladder.case import Case
from dunning.errors import PluginContractError
from dunning.plugins import hookimpl
from dunning.plugins.hooks import build_hooks
from dunning.testing.builders import TODAY
from dunning.testing.channels import RecordingChannel
from dunning.testing.hostile import HOSTILE, a_hold_on
from dunning.testing.plugins import PluginConformance

CASES = tuple(Case(id=f"L-{number}") for number in range(1, 4))


class Changing:
    """Registers another channel for each engine."""

    def __init__(self):
        self._engines = 0

    @hookimpl
    def dunning_register_channels(self, register):
        self._engines += 1
        register(f"pigeon-{self._engines}", lambda options, *, base: RecordingChannel())


class OnlyTheFirst:
    """Holds the first case of a batch, whichever it is."""

    @hookimpl
    def dunning_holds(self, cases, as_of):
        return [a_hold_on(cases[0], as_of)]


class OnlyOnce:
    """Answers about a loan once."""

    def __init__(self):
        self._seen = set()

    @hookimpl
    def dunning_holds(self, cases, as_of):
        new = [case for case in cases if case.id not in self._seen]
        self._seen.update(case.id for case in cases)
        return [a_hold_on(case, as_of) for case in new]


class CountsTheBatch:
    """Says how many were asked about."""

    @hookimpl
    def dunning_holds(self, cases, as_of):
        subject = Subject(kind="loan", loan_id="L-1")
        reason = f"one of {len(cases)}"
        return [Hold(id="h", subject=subject, reason=reason, starts_on=as_of) for case in cases if case.id == "L-1"]


class ToldOnce:
    """Refuses a record that it knows."""

    def __init__(self):
        self._last = 0

    @hookimpl
    def dunning_told(self, records):
        if records[0].position <= self._last:
            raise ValueError("known")
        self._last = records[-1].position


def check(promise, plugin):
    """Run one test of the kit on *plugin*."""
    kit, hooks = PluginConformance(), build_hooks([plugin])
    match promise:
        case "h1":
            kit.test_h1_an_engine_can_be_built_with_it_again_and_again(plugin, hooks)
        case "h2":
            kit.test_h2_its_holds_are_about_what_it_was_asked(hooks, CASES)
        case "h3":
            kit.test_h3_its_holds_depend_on_the_loan_alone(hooks, CASES)
        case "h4":
            kit.test_h4_it_can_be_told_twice(hooks)


@pytest.mark.parametrize(
    ("promise", "plugin"),
    [
        pytest.param("h1", Changing(), id="H1, another engine gets something else"),
        *(
            pytest.param("h2", hostile.plugin(), id=f"H2, {hostile.name}")
            for hostile in HOSTILE
            if hostile.when == "dunning_holds" and hostile.needs == "inline"
        ),
        pytest.param("h3", OnlyTheFirst(), id="H3, the order makes a difference"),
        pytest.param("h3", OnlyOnce(), id="H3, the second time is different"),
        pytest.param("h3", CountsTheBatch(), id="H3, the batch makes a difference"),
        pytest.param("h4", ToldOnce(), id="H4, told twice"),
    ],
)
def test_a_broken_promise_is_caught(promise, plugin):
    """By its number."""
    with pytest.raises(AssertionError):
        check(promise, plugin)


@pytest.mark.parametrize("hostile", [h for h in HOSTILE if h.fails_build], ids=lambda hostile: hostile.name)
def test_h1_needs_an_engine(hostile):
    """What builds no engine does not come to the first promise."""
    with pytest.raises(PluginContractError):
        check("h1", hostile.plugin())


def test_the_hostile_have_names_of_their_own():
    """Each can be installed beside the others."""
    assert len(HOSTILE) == len({hostile.entry_point for hostile in HOSTILE}) == len({h.name for h in HOSTILE})


@pytest.mark.parametrize(
    ("target", "error"),
    [
        pytest.param("fails_on_import", ModuleNotFoundError, id="import"),
        pytest.param("exits_on_import", SystemExit, id="exit"),
    ],
)
def test_some_cannot_be_loaded(target, error):
    """As a broken module, they raise when they are asked for."""
    (hostile,) = (hostile for hostile in HOSTILE if hostile.entry_point == target)

    with pytest.raises(error):
        hostile.plugin()


def test_the_plain_hold_is_good():
    """What the hostile spoil would be taken otherwise."""
    assert a_hold_on(Case(id="L-1"), TODAY).holds(TODAY)
