"""The order of the numbers on a row, and how often each may be dialled."""

import datetime as dt

import pytest
from attrs import evolve

from dunning.core.outbox.allowance import Allowance, Dial, given_up, line_id, reported
from dunning.core.outbox.transitions import State
from dunning.core.steps.dialling import row
from dunning.core.steps.step import Step, Trigger
from dunning.errors import FactsError
from dunning.testing.builders import NOON, TODAY, a_person, a_point, an_entry

HOUR = dt.timedelta(hours=1)
A, B, C = (a_point(f"{name}", rank=rank) for rank, name in enumerate("ABC"))
WORK = a_point("W", rank=0, workplace=True)


def a_step(**changes):
    stated = {
        "name": "call",
        "tier": "soft",
        "trigger": Trigger(on="stay"),
        "goal": "right_party",
        "channels": ("call",),
        "attempts": 6,
        "attempts_per_day": 6,
        "attempts_per_point": 3,
        "executor": "collectors",
        "template": "soft_call",
        "stops_on": ("right_party", "conversation"),
    }
    return Step(**stated | changes)


def planned(step, *earlier, points=(A, B, C), entry=None, retired=frozenset(), most=3):
    return row(
        step,
        a_person(points=points),
        entry or an_entry(channel="call", point_id="A", executor="collectors"),
        earlier,
        retired=retired,
        zone="Asia/Shanghai",
        most=most,
        as_of=TODAY,
        now=NOON,
    )


def worked(*dials, at=NOON - HOUR):
    made = tuple(Dial(point_id=point, at=at, result=result) for point, result in dials)
    return an_entry(
        "L-1", channel="call", point_id="A", executor="collectors", state=State.WORKED, allowance=Allowance(dials=made)
    )


@pytest.mark.parametrize(
    ("changes", "earlier", "dials", "quota"),
    [
        pytest.param({"attempts": 1}, (), "ABC", 1, id="one attempt: the others stand in"),
        pytest.param({"spacing_hours": 4}, (), "ABC", 1, id="spaced attempts: one at a time"),
        pytest.param({"attempts_per_day": 2}, (), "ABC", 2, id="two a day"),
        pytest.param({"attempts_per_day": 4}, (), "ABCA", 4, id="round and round"),
        pytest.param({}, (), "ABCABC", 6, id="as many as the step has"),
        pytest.param({"attempts_per_point": 1}, (), "ABC", 3, id="one of each number"),
        pytest.param({"attempts_per_day": 3}, (worked(("A", "no_answer")),), "ABC", 2, id="one was made today"),
        pytest.param(
            {"attempts_per_day": 3}, (worked(("A", "no_answer"), at=NOON - 25 * HOUR),), "ABC", 3, id="one yesterday"
        ),
        pytest.param(
            {"attempts_per_day": 2, "attempts_per_point": 2},
            (worked(("A", "no_answer"), ("A", "no_answer"), at=NOON - 25 * HOUR),),
            "BC",
            2,
            id="a number that is used up is left out",
        ),
        pytest.param(
            {"attempts_per_day": 1}, (worked(("A", "wrong_number")),), "ABC", 1, id="a dead number was no attempt"
        ),
        pytest.param(
            {"attempts_per_day": 9}, (worked(("A", "unreported")),), "ABCAB", 5, id="what nobody reported was"
        ),
        pytest.param(
            {"attempts_per_day": 9}, (worked(("A", "not_dialled")),), "ABCABC", 6, id="what was not dialled was not"
        ),
    ],
)
def test_the_row(changes, earlier, dials, quota):
    found = planned(a_step(**changes), *earlier)

    assert (dials, quota) == ("".join(point.id for point in found.dials), found.quota)


@pytest.mark.parametrize(
    ("given", "dials"),
    [
        pytest.param({"most": 1}, "A", id="one number a row"),
        pytest.param({"most": 2}, "AB", id="two numbers a row"),
        pytest.param({"retired": frozenset({"B"})}, "AC", id="a retired number"),
        pytest.param({"points": (A, WORK, B)}, "AB", id="a workplace is never dialled"),
        pytest.param(
            {"entry": an_entry(channel="call", point_id="B", executor="collectors")}, "BAC", id="the planned one first"
        ),
    ],
)
def test_which_numbers(given, dials):
    assert dials == "".join(point.id for point in planned(a_step(attempts=1), **given).dials)


def test_reports_fill_dials_in_any_order():
    dials = tuple(Dial(point_id=point) for point in "ABA")

    first, dials = reported(dials, "A", at=NOON, result="no_answer")
    second, dials = reported(dials, "A", at=NOON + HOUR, result="busy")
    third, dials = reported(dials, "", at=NOON, result="connected")
    beyond, same = reported(dials, "B", at=NOON, result="no_answer")

    assert (0, 2, 1, 3) == (first, second, third, beyond)
    assert same == dials
    assert ["no_answer", "connected", "busy"] == [dial.result for dial in dials]


def test_what_was_given_up_is_filled_by_a_late_report():
    dials = given_up((Dial(point_id="A"), Dial(point_id="B", result="busy")), "unreported")
    assert ["unreported", "busy"] == [dial.result for dial in dials]

    number, late = reported(dials, "A", at=NOON, result="conversation")

    assert (0, "conversation") == (number, late[0].result)


def test_each_dial_has_its_own_line():
    assert ["k", "k:1", "k:2"] == [line_id("k", number) for number in range(3)]


def test_a_dial_names_its_number():
    with pytest.raises(FactsError, match="point_id"):
        Dial(point_id="")


def test_an_allowance_without_dials_is_for_work_without_numbers():
    assert () == evolve(an_entry(), allowance=Allowance()).dials
