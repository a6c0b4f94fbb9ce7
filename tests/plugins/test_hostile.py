"""Whatever a plugin does, the host goes on, other plugins count, and nobody is contacted on a guess."""

import datetime as dt
import itertools
import time

import pytest

from dunning.core.hold import Hold, Subject
from dunning.core.ladder.case import Case
from dunning.errors import PluginContractError
from dunning.plugins import hookimpl
from dunning.plugins.hooks import build_hooks
from dunning.plugins.subprocess_runner import SubprocessRunner
from dunning.testing.builders import TODAY
from dunning.testing.hostile import HOSTILE
from dunning.testing.plugins import some_records

CASES = (Case(id="L-1"), Case(id="L-2"))
GIGABYTE = 2**30
BY_NAME = {hostile.entry_point: hostile for hostile in HOSTILE}


class Good:
    """Holds the first loan."""

    DUNNING_NAME = "good"

    def __init__(self):
        self.told = []

    @hookimpl
    def dunning_holds(self, cases, as_of):
        subject = Subject(kind="loan", loan_id="L-1")
        return [Hold(id="h", subject=subject, reason="dispute", starts_on=as_of) for case in cases if case.id == "L-1"]

    @hookimpl
    def dunning_told(self, records):
        self.told.extend(record.position for record in records)


GOOD_HOLD = Hold(
    id="good:h",
    subject=Subject(kind="loan", loan_id="L-1"),
    reason="dispute",
    starts_on=TODAY,
    placed_by="good",
)


def held_back(plugin, loan_id):
    """The hold that stands in for what *plugin* failed to say."""
    return Hold(
        id=f"{plugin}:plugin_failed:{loan_id}",
        subject=Subject(kind="loan", loan_id=loan_id),
        reason="plugin_failed",
        starts_on=dt.date(2026, 3, 2),
        until=dt.date(2026, 3, 6),
        purposes=("collection", "service"),
        reviewer="operator",
        placed_by=plugin,
    )


def contained(hostile, install, runner=None):
    """Install *hostile* beside a good plugin; return the holds and failures of one batch."""
    install(points={hostile.entry_point: hostile.target})
    hooks = build_hooks([Good()], discover=True, runner=runner)
    try:
        return hooks, *hooks.dispatcher.holds(CASES, TODAY)
    finally:
        hooks.close()


@pytest.mark.parametrize(
    "hostile",
    [hostile for hostile in HOSTILE if hostile.needs == "inline" and not hostile.fails_build],
    ids=lambda hostile: hostile.name,
)
def test_it_is_contained_inline(hostile, install):
    """The failure names plugin and hook; the good plugin's hold stands; the loans concerned are left alone."""
    name = hostile.entry_point
    hooks, holds, failures = contained(hostile, install)

    if hostile.when == "dunning_register_channels":
        # It adds a channel, and cannot have lost a restriction: nobody is held back for it.
        assert (GOOD_HOLD,) == holds
        failures = hooks.failures
    else:
        assert tuple(sorted([GOOD_HOLD, held_back(name, "L-1"), held_back(name, "L-2")], key=lambda h: h.id)) == holds
    (failure,) = failures
    assert (name, hostile.when) == (failure.plugin, failure.hook)
    assert hostile.says in failure.error
    assert "+86" not in str(failure)


@pytest.mark.parametrize(
    "hostile", [hostile for hostile in HOSTILE if hostile.fails_build], ids=lambda hostile: hostile.name
)
@pytest.mark.parametrize("discovered", [True, False], ids=["installed", "given"])
def test_a_broken_contract_builds_no_engine(hostile, discovered, install):
    """It would never be called as its author meant, and nobody would notice."""
    if discovered:
        install(points={hostile.entry_point: hostile.target})
    given = [] if discovered else [hostile.plugin()]

    with pytest.raises(PluginContractError) as raised:
        build_hooks(given, discover=discovered)

    assert hostile.says in str(raised.value)
    assert (hostile.entry_point if discovered else "dunning.testing.hostile.") in str(raised.value)


@pytest.mark.parametrize(
    "name",
    [
        "exits_hard",
        "hangs",
        "eats_memory",
        "raises",
        "exits",
        "never_ends",
        "wrong_type",
        "fails_on_import",
        "exits_on_import",
        "claims_api_99",
    ],
)
def test_it_is_contained_in_a_process(name, install):
    """What no inline runner survives is stopped; what one contains reads the same."""
    hostile = BY_NAME[name]
    _, holds, failures = contained(hostile, install, SubprocessRunner(limit=2, memory=GIGABYTE))

    assert tuple(sorted([GOOD_HOLD, held_back(name, "L-1"), held_back(name, "L-2")], key=lambda h: h.id)) == holds
    (failure,) = failures
    assert (name, hostile.when) == (failure.plugin, failure.hook)
    assert hostile.says in failure.error
    assert "+86" not in str(failure)


def test_every_hostile_that_needs_a_process_has_one():
    """The list above leaves none out."""
    assert {"exits_hard", "hangs", "eats_memory"} == {h.entry_point for h in HOSTILE if h.needs == "process"}


def test_a_hang_costs_its_limit_and_at_most_a_second(install):
    """A call that never returns is bounded; the next ones too, and after three the plugin stays out."""
    install(points={"hangs": "dunning.testing.hostile:hangs"})
    hooks = build_hooks(discover=True, runner=SubprocessRunner(limit=1))
    try:
        start = time.perf_counter()
        _, (failure,) = hooks.dispatcher.holds(CASES, TODAY)
        took = time.perf_counter() - start
        hooks.dispatcher.holds(CASES, TODAY)
        hooks.dispatcher.holds(CASES, TODAY)
        start = time.perf_counter()
        holds, (last,) = hooks.dispatcher.holds(CASES, TODAY)
        out = time.perf_counter() - start
    finally:
        hooks.close()

    assert 1 <= took < 2
    assert "did not answer within 1 seconds, and was stopped" == failure.error
    assert "was stopped 3 times and is not started again" == last.error
    assert out < 0.5
    assert (held_back("hangs", "L-1"), held_back("hangs", "L-2")) == holds


@pytest.mark.parametrize("when", ["module", "register"])
def test_a_hang_while_loading_is_bounded_too(when, install):
    """The host never runs what did not come through in a process of its own."""
    loop = "while True:\n    pass\n"
    register = "from dunning.plugins import hookimpl\n\n@hookimpl\ndef dunning_register_channels(register):\n    while True:\n        pass\n"
    install(points={"slow": "slow_plugin"}, modules={"slow_plugin": loop if when == "module" else register})

    hooks = build_hooks(discover=True, runner=SubprocessRunner(limit=1))

    (failure,) = hooks.failures
    assert ("slow", "load") == (failure.plugin, failure.hook)
    assert "could not be loaded: did not answer within 1 seconds, and was stopped" == failure.error


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_order_makes_no_difference(order):
    """Four plugins, two of them broken, in every order: the same holds and the same failures."""

    class Other(Good):
        DUNNING_NAME = "other"

    plugins = [Good(), Other(), BY_NAME["raises"].plugin(), BY_NAME["strays"].plugin()]
    names = ["dunning.testing.hostile.Raises", "dunning.testing.hostile.Strays"]

    holds, failures = build_hooks([plugins[index] for index in order]).dispatcher.holds(CASES, TODAY)

    assert [
        f"{names[0]}:plugin_failed:L-1",
        f"{names[0]}:plugin_failed:L-2",
        f"{names[1]}:plugin_failed:L-1",
        f"{names[1]}:plugin_failed:L-2",
        "good:h",
        "other:h",
    ] == [hold.id for hold in holds]
    assert names == [failure.plugin for failure in failures]


@pytest.mark.parametrize("name", ["raises", "wrong_type"])
def test_a_broken_listener_is_told_again_and_the_others_go_on(name):
    """Its failure is an answer to the caller, who leaves its cursor; the good one took the records."""
    good = Good()
    dispatcher = build_hooks([good, BY_NAME[name].plugin()]).dispatcher
    records = some_records()

    failures = {listener: dispatcher.tell(listener, records) for listener in dispatcher.listeners}

    broken = f"dunning.testing.hostile.{type(BY_NAME[name].plugin()).__name__}"
    assert {broken, "good"} == set(failures)
    assert failures["good"] is None
    assert ("dunning_told", broken) == (failures[broken].hook, failures[broken].plugin)
    assert "+86" not in failures[broken].error
    assert [1, 2, 3] == good.told


def test_the_operator_can_stop_the_loading(install):
    """Ctrl-C while a plugin is imported is not the plugin's failure."""
    install(points={"slow": "slow_plugin"}, modules={"slow_plugin": "raise KeyboardInterrupt"})

    with pytest.raises(KeyboardInterrupt):
        build_hooks(discover=True)


def test_the_operator_can_always_stop():
    """Nor is it while one is asked."""

    class Interrupted:
        @hookimpl
        def dunning_holds(self, cases):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_hooks([Interrupted()]).dispatcher.holds(CASES, TODAY)
