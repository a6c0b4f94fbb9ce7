"""
S12: whatever raises inside a check, no contact gets through.

Every function that runs between a claim and the first message is found by watching one delivery, and made to raise in
its turn; so is every function between the facts and the outbox.
"""

import datetime as dt
import importlib
import inspect
import pkgutil
import sys
from functools import cache

import pytest

import dunning.core
from dunning.core.hold import Hold, Subject
from dunning.errors import FactsError
from dunning.plugins.hookspecs import hookimpl
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_party, a_person, a_point, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import an_engine

# Where the decision is made: pure code, the shell around it, and what it asks.
PLACES = (
    "dunning.core",
    "dunning.engine.gather",
    "dunning.engine.inputs",
    "dunning.engine.assess",
    "dunning.engine.deliver",
    "dunning.plugins.dispatch",
    "dunning.adapters.templates.render",
    "dunning.adapters.books.memory",
    "dunning.adapters.storage.memory",
)
# The checks: if one of these is not met between a claim and its message, delivery no longer asks it.
CHECKS = {
    "dunning.core.recheck:recheck",
    "dunning.core.decide.judge:judge",
    "dunning.core.decide.judge:holds_of",
    "dunning.core.decide.judge:request_for",
    "dunning.core.decide.standing:no_longer_due",
    "dunning.core.contact.permission:may_contact",
    "dunning.core.contact.objectors:rule_objectors",
    "dunning.core.contact.objectors:fact_objectors",
    "dunning.core.contact.hours:open_hours",
    "dunning.core.contact.caps:below_cap",
    "dunning.core.contact.bars:outside_bar",
    "dunning.core.contact.bars:outside_holds",
    "dunning.core.overdue.status:overdue_status",
    "dunning.engine.gather:ask",
    "dunning.engine.gather:dossiers",
    "dunning.plugins.dispatch:Dispatcher.holds",
    "dunning.adapters.books.memory:MemoryBook.loans",
    "dunning.adapters.books.memory:MemoryBook.persons",
    "dunning.adapters.books.memory:MemoryBook.quote",
    "dunning.adapters.storage.memory:MemoryUnit.history",
    "dunning.adapters.storage.memory:MemoryUnit.lock",
    "dunning.adapters.templates.render:render",
}
AT_DELIVERY = {
    "dunning.core.recheck:recheck",
    "dunning.core.decide.standing:no_longer_due",
    "dunning.adapters.books.memory:MemoryBook.quote",
    "dunning.adapters.storage.memory:MemoryUnit.lock",
    "dunning.adapters.templates.render:render",
}
AT_PLANNING = {
    "dunning.core.decide:decide",
    "dunning.core.ladder.advance:advance",
    "dunning.core.ladder.situation:situation",
    "dunning.core.steps.attempts:next_attempt",
    "dunning.core.steps.occasions:occasions",
}
HOUR = dt.timedelta(hours=1)
ERRORS = [
    pytest.param(RuntimeError("boom"), id="a defect"),
    pytest.param(FactsError("boom", field="boom"), id="an error of ours"),
]


class Restricting:
    """A host's list of people to leave alone."""

    @hookimpl
    def dunning_holds(self, cases, as_of):
        """From tomorrow on this loan is left alone: today its hold is heard, and does not object."""
        subject = Subject(kind="loan", loan_id="L-1")
        starts_on = as_of + dt.timedelta(days=1)
        return [Hold(id="h", subject=subject, reason="manual", starts_on=starts_on, purposes=("collection",))]


def late(loan_id, days, person_id):
    first = TODAY - dt.timedelta(days=days)
    instalments = tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(4))
    return a_loan(loan_id, instalments=instalments, parties=(a_party(person_id),))


# One loan with one message, a text message, so that whatever raises raises about that one.
LOAN = late("L-1", 1, "P-1")
PERSON = a_person("P-1", points=(a_point("P-1-m"),))


def engine_with(channel):
    return an_engine([LOAN], [PERSON], channel=channel, queue=channel, plugins=[Restricting()])


def unwrapped(function):
    return inspect.unwrap(function).__code__


@cache
def functions():
    """Return every function and method of PLACES: its path, by its code."""
    for found in pkgutil.walk_packages(dunning.core.__path__, "dunning.core."):
        importlib.import_module(found.name)
    modules = [name for name in sys.modules if any(name == place or name.startswith(f"{place}.") for place in PLACES)]
    return {code: path for name in modules for path, code in functions_of(sys.modules[name])}


def functions_of(module):
    """Yield path and code of each function and method that *module* defines."""
    for name, value in vars(module).items():
        if getattr(value, "__module__", "") != module.__name__:
            continue
        if inspect.isclass(value):
            methods = {inner: method for inner, method in vars(value).items() if inspect.isfunction(method)}
            for inner in [inner for inner in methods if not inner.startswith("__")]:
                yield f"{module.__name__}:{name}.{inner}", unwrapped(methods[inner])
        elif callable(value) and hasattr(inspect.unwrap(value), "__code__"):
            yield f"{module.__name__}:{name}", unwrapped(value)


def passed(act, until=None):
    """Return the paths of the functions that *act* runs, up to the moment when *until* says that it is over."""
    paths, seen = functions(), []

    def note(frame, event, _):
        if event == "call" and frame.f_code in paths and not (until and until()):
            seen.append(paths[frame.f_code])

    previous = sys.getprofile()
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(previous)
    return list(dict.fromkeys(seen))


def broken(monkeypatch, path, error):
    """Make the function at *path* raise *error*, by whatever name a module of ours calls it; return its calls."""
    calls = []

    def fails(*_, **__):
        calls.append(path)
        raise type(error)("boom")  # a new one each time: an exception remembers all its ways

    module, _, name = path.partition(":")
    owner, _, method = name.rpartition(".")
    if owner:
        monkeypatch.setattr(getattr(sys.modules[module], owner), method, fails)
        return calls
    function = getattr(sys.modules[module], name)
    for known, found in list(sys.modules.items()):
        if known.startswith("dunning"):
            for attribute, value in list(vars(found).items()):
                if value is function:
                    monkeypatch.setattr(found, attribute, fails)
    return calls


def run(act, error):
    """Run *act*, which may fail with *error* or report it."""
    try:
        act()
    except type(error) as raised:
        assert "boom" in str(raised)  # noqa: PT017 - it may as well have been reported


def assessed(channel):
    engine = engine_with(channel)
    assert engine.assess(as_of=TODAY, now=NOON).queued.total() == 1
    return engine


def entries(engine):
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return unit.entries()


@pytest.mark.parametrize("error", ERRORS)
def test_s12_nothing_is_sent_past_a_check_that_raises(error):
    """Each function before the first message (of our own errors: each check); mended, the message goes out once."""
    channel = RecordingChannel()
    engine = assessed(channel)
    path = passed(lambda: engine.deliver(now=NOON), until=lambda: channel.sent)

    let_through, lost, met = [], [], set()
    for name in path if isinstance(error, RuntimeError) else [name for name in path if name in CHECKS]:
        channel = RecordingChannel()
        engine = assessed(channel)
        with pytest.MonkeyPatch.context() as monkeypatch:
            calls = broken(monkeypatch, name, error)
            run(lambda: engine.deliver(now=NOON), error)
        met.update(calls)  # what was compiled before, or is known by a table, is not asked by this name
        if calls and channel.sent:
            let_through.append(name)
        for hours in (2, 4):  # after the lease; and after the wait before an unknown try is made again under its key
            engine.deliver(now=NOON + hours * HOUR)
        if len(channel.sent) != 1:
            lost.append(name)

    assert [] == let_through
    assert [] == lost
    assert set() == CHECKS - met
    assert len(met) > (100 if isinstance(error, RuntimeError) else 20)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", sorted(CHECKS - AT_DELIVERY | AT_PLANNING))
def test_s12_nothing_is_planned_past_a_check_that_raises(name, error):
    """Between the facts and the outbox; mended, the night comes out as if nothing had been."""
    engine = engine_with(RecordingChannel())
    functions()
    with pytest.MonkeyPatch.context() as monkeypatch:
        calls = broken(monkeypatch, name, error)
        run(lambda: engine.assess(as_of=TODAY, now=NOON), error)

    assert calls
    assert () == tuple(entries(engine))
    assert {"reminder_first": 1} == dict(engine.assess(as_of=TODAY, now=NOON).queued)
