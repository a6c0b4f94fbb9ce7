"""What an event needs and may have; a field that would be read and ignored is refused."""

import datetime as dt
from decimal import Decimal

import pytest

from dunning.core.facts.event import FIELDS, Event, EventKind
from dunning.errors import FactsError

TODAY = dt.date(2026, 3, 4)
FULL = {
    "amount": Decimal(5),
    "of": "other",
    "instalment": 1,
    "component": "fees",
    "months": 1,
    "until": TODAY + dt.timedelta(days=1),
    "reason": "said so",
}


def event(kind, **fields):
    return Event(id="E", kind=kind, effective_on=TODAY, **fields)


@pytest.mark.parametrize("kind", EventKind)
def test_what_a_kind_needs(kind):
    """Each needed field, when left out, is named; with all of them the event is one."""
    needed, _ = FIELDS[kind]
    whole = {name: FULL[name] for name in needed}
    assert kind is event(kind, **whole).kind
    for name in needed:
        with pytest.raises(FactsError, match=f"needs the field '{name}'") as error:
            event(kind, **{n: v for n, v in whole.items() if n != name})
        assert name == error.value.field


@pytest.mark.parametrize("kind", EventKind)
def test_what_a_kind_may_not_have(kind):
    needed, allowed = FIELDS[kind]
    whole = {name: FULL[name] for name in needed}
    for name in FULL.keys() - needed - allowed:
        with pytest.raises(FactsError, match=f"has no field '{name}'") as error:
            event(kind, **whole, **{name: FULL[name]})
        assert name == error.value.field
    assert event(kind, **whole, **{name: FULL[name] for name in allowed})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"amount": Decimal(-1)}, "amount", id="a negative amount"),
        pytest.param({"amount": Decimal("NaN")}, "amount", id="no number"),
        pytest.param({"amount": Decimal("Infinity")}, "amount", id="no end"),
        pytest.param({"amount": 5.0}, "amount", id="a float"),
        pytest.param({"id": " "}, "id", id="an empty id"),
        pytest.param({"effective_on": dt.datetime(2026, 3, 4)}, "effective_on", id="a date with a time"),
        pytest.param({"recorded_at": dt.datetime(2026, 3, 4)}, "recorded_at", id="an instant without an offset"),
    ],
)
def test_values_that_cannot_be(changes, field):
    fields = {"id": "E", "kind": "payment", "effective_on": TODAY, "amount": Decimal(5)}
    with pytest.raises(FactsError, match=f"Event.{field}") as error:
        Event(**fields | changes)
    assert field == error.value.field


@pytest.mark.parametrize("until", [TODAY, TODAY - dt.timedelta(days=1)])
def test_what_ends_before_it_begins(until):
    with pytest.raises(FactsError, match="must come after"):
        event("pause", until=until)


def test_an_unknown_kind():
    with pytest.raises(ValueError, match="gift"):
        event("gift")
