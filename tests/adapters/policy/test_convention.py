"""A policy says how lateness is counted: from a preset, with what differs, or part by part."""

from decimal import Decimal

import pytest
from attrs import evolve

from dunning.adapters.calendars.needed import with_workdays
from dunning.adapters.policy.convention import in_words
from dunning.adapters.policy.read import read_policy
from dunning.core.overdue.convention import Convention, Materiality
from dunning.core.overdue.order import Allocation, ForKind, Order, Switch
from dunning.core.overdue.presets import PRESETS, preset
from dunning.errors import FactsError, PolicyError

PRINCIPAL_FIRST = Order(components=("principal", "interest", "fees", "penalties"))


def counting(small, keys):
    return read_policy(small.replace("[convention]\n", f"[convention]\n{keys}\n"), file="p.toml").convention


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_may_be_named(small, name):
    assert preset(name) == counting(small, f'preset = "{name}"')


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param("", Convention(), id="nothing stated"),
        pytest.param(
            'preset = "rbi"\nname = "ours"\ngrace = 3', evolve(preset("rbi"), name="ours", grace=3), id="what differs"
        ),
        pytest.param(
            'preset = "rbi"\ngrace = 3', evolve(preset("rbi"), name="rbi, changed", grace=3), id="not its name's"
        ),
        pytest.param('count = "ots"', Convention(name="ots", count="ots"), id="named for what it counts"),
        pytest.param(
            'name = "crr"\nmateriality = { amount = 100, share = 0.01 }',
            Convention(name="crr", materiality=Materiality(amount=Decimal(100), share=Decimal("0.01"))),
            id="materiality",
        ),
        pytest.param(
            """\
[convention.allocation]
money = "in_turn"
ahead = "last"
order = { by = "component" }
switches = [{ from_days = 91, order = { components = ["principal", "interest", "fees", "penalties"] } }]
kinds = [{ kind = "recovery", order = { components = ["principal", "interest", "fees", "penalties"] } }]
""",
            Convention(
                allocation=Allocation(
                    money="in_turn",
                    ahead="last",
                    order=Order(by="component"),
                    switches=(Switch(from_days=91, order=PRINCIPAL_FIRST),),
                    kinds=(ForKind(kind="recovery", order=PRINCIPAL_FIRST),),
                )
            ),
            id="allocation",
        ),
        pytest.param(
            'preset = "crr_retail"\nmateriality = { amount = 50 }',
            evolve(
                preset("crr_retail"),
                name="crr_retail, changed",
                materiality=Materiality(amount=Decimal(50), share=Decimal("0.01")),
            ),
            id="what differs in a table: the share of the preset stays",
        ),
        pytest.param(
            'preset = "us_retail"\nallocation = { order = { by = "component" } }',
            evolve(
                preset("us_retail"),
                name="us_retail, changed",
                allocation=Allocation(money="in_turn", shortfalls="last", order=Order(by="component")),
            ),
            id="and in a table of a table",
        ),
        pytest.param(
            'preset = "rbi"\nname = "ours"\nmateriality = { amount = 50 }\nfirst_day = 0',
            evolve(preset("rbi"), name="ours", first_day=0, materiality=Materiality(amount=Decimal(50))),
            id="a table that the preset does not have",
        ),
    ],
)
def test_conventions(small, keys, expected):
    assert expected == counting(small, keys)


@pytest.mark.parametrize(
    ("keys", "field", "says"),
    [
        pytest.param('preset = "rbl"', "preset", "Did you mean 'rbi'?", id="a misspelt preset"),
        pytest.param("preset = 3", "preset", "expected one of oldest_unpaid", id="no name"),
        pytest.param('preset = "mba"\nfirst_day = 1', "first_day", "months end on days of their own", id="against its preset"),
        pytest.param('count = "mba"\nfirst_day = 1', "first_day", "months end on days of their own", id="against itself"),
        pytest.param('count = "weeks"', "count", "got 'weeks'", id="no such count"),
        pytest.param("materiality = { amont = 3 }", "materiality.amont", "amont", id="a misspelt key inside"),
        pytest.param('workdays = "CN"', "workdays", "there is no such key", id="what is no key"),
        pytest.param(
            "[convention.allocation]\nswitches = [{ from_days = 9, order = {} }]", "allocation.money", "pooled money has none", id="inside"
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told(small, keys, field, says):
    with pytest.raises(PolicyError) as error:
        counting(small, keys)
    (problem,) = error.value.problems
    assert (field, "p.toml, convention") == (problem.field, problem.where)
    assert says in problem.what


def test_due_dates_move_by_the_calendar_that_is_named(small):
    """A national one is there by itself."""
    convention = counting(small, 'shift = "following"\ncalendar = "CN"')
    assert None is convention.workdays
    assert "CN" == with_workdays(convention).workdays.name
    with pytest.raises(FactsError, match="calendar 'house', which nobody stated"):
        with_workdays(evolve(convention, calendar="house"))


@pytest.mark.parametrize(
    ("convention", "says"),
    [
        pytest.param(Convention(), "oldest_unpaid: calendar days since the oldest unmet instalment.", id="plain"),
        pytest.param(
            Convention(tolerance_share=Decimal("0.02"), grace=1),
            "oldest_unpaid: calendar days since the oldest unmet instalment; an instalment is met while no more than 2 % of it is missing; 1 day of grace.",
            id="tolerance and grace",
        ),
        pytest.param(
            preset("crr_retail"),
            "crr_retail: calendar days since the oldest unmet instalment; only while arrears exceed 100 and 1 % of the exposure.",
            id="materiality",
        ),
        pytest.param(
            Convention(
                first_day=1, shift="following", calendar="CN", tolerance_amount=Decimal(5), tolerance_arrears=Decimal(1000), charge_off="drop",
                chargebacks="own_date", allocation=Allocation(money="in_turn", ahead="last"),
            ),
            "oldest_unpaid: calendar days since the oldest unmet instalment; the due date is day 1; due dates move to the following business day of CN; "
            "an instalment is met while no more than 5 of it is missing; arrears up to 1,000 are tolerated; 0 from a write-off on; "
            "money as it came, by instalment, then last; a chargeback is owed from its own date.",
            id="much",
        ),
    ],
)  # fmt: skip
def test_a_convention_in_words(convention, says):
    assert says == in_words(convention)
