"""What becomes of what a plugin says."""

import datetime as dt

import pytest
from attrs import evolve

from dunning.core.hold import Hold, Subject
from dunning.core.ladder.case import Case
from dunning.plugins.answers import checked_holds, checked_nothing, hold_back
from dunning.plugins.failure import BrokenCallError, Failure, kept, told
from dunning.testing.builders import TODAY

CASES = (Case(id="L-1"), Case(id="L-2"))
HOLD = Hold(
    id="h", subject=Subject(kind="loan", loan_id="L-1"), reason="dispute", starts_on=TODAY, placed_by="the boss"
)


def unchecked(**changes):
    """Return a hold that was never validated, as a plugin can make one."""
    hold = evolve(HOLD)
    for name, value in changes.items():
        object.__setattr__(hold, name, value)
    return hold


async def wanted_to_be_awaited():
    """Return nothing."""


@pytest.mark.parametrize(
    ("answer", "ids"),
    [
        pytest.param((), [], id="none"),
        pytest.param([HOLD], ["p:h"], id="a list"),
        pytest.param((hold for hold in [HOLD]), ["p:h"], id="a generator"),
        pytest.param({HOLD}, ["p:h"], id="a set"),
        pytest.param([HOLD, evolve(HOLD)], ["p:h"], id="the same twice is one"),
        pytest.param([evolve(HOLD, id="b"), evolve(HOLD, id="a")], ["p:a", "p:b"], id="sorted by id"),
        pytest.param([evolve(HOLD, subject=Subject(kind="person", person_id="P-9"))], ["p:h"], id="a person, whoever"),
        pytest.param([evolve(HOLD, subject=Subject(kind="point", point_id="x"))], ["p:h"], id="a point, whosever"),
        pytest.param(
            [evolve(HOLD, purposes=("collection",), channels=("call", "visit"))],
            ["p:h"],
            id="some purposes and channels",
        ),
    ],
)
def test_holds_are_taken(answer, ids):
    """Each carries the name of the plugin, whatever it says itself."""
    holds = checked_holds(answer, CASES, "p")

    assert ids == [hold.id for hold in holds]
    assert all(hold.placed_by == "p" for hold in holds)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param(None, "returned NoneType, not holds; where there is none, return ()", id="nothing"),
        pytest.param(HOLD, "returned Hold, not holds", id="a hold outside a list"),
        pytest.param("L-1", "returned str, not holds", id="text"),
        pytest.param({"L-1": HOLD}, "returned dict, not holds", id="a mapping"),
        pytest.param(False, "returned bool, not holds", id="no"),
        pytest.param([None], "returned NoneType among its holds", id="nothing in a list"),
        pytest.param(
            [unchecked(subject="L-1")], "returned Hold among its holds, which is not a plain Hold", id="no subject"
        ),
        pytest.param([unchecked(starts_on="today")], "a hold that cannot be true", id="a date that is text"),
        pytest.param([unchecked(purposes="collection")], "a hold that cannot be true", id="purposes that are text"),
        pytest.param(
            [evolve(HOLD, subject=Subject(kind="loan", loan_id="1"))],
            "a loan that it was not asked about",
            id="another loan",
        ),
        pytest.param(
            [evolve(HOLD, subject=Subject(kind="person_on_loan", loan_id="1", person_id="P"))],
            "a loan that it was not asked about",
            id="a person on another loan",
        ),
        pytest.param([unchecked(purposes=("collections",))], "a hold that cannot be true", id="a misspelt purpose"),
        pytest.param([unchecked(channels=("phone",))], "a hold that cannot be true", id="a misspelt channel"),
        pytest.param(
            [HOLD, evolve(HOLD, until=dt.date(2026, 4, 1))], "two different holds with one id", id="one id, two holds"
        ),
        pytest.param(
            [evolve(HOLD, id=str(n)) for n in range(301)], "more than 300 holds about 2 cases", id="one too many"
        ),
        pytest.param(wanted_to_be_awaited(), "returned coroutine, not holds", id="a coroutine"),
    ],
)
def test_nonsense_is_refused(answer, says):
    """It never counts as no objection."""
    with pytest.raises(BrokenCallError) as raised:
        checked_holds(answer, CASES, "p")

    assert says in str(raised.value)


def test_as_many_as_are_allowed():
    """A hundred a case, and as many again."""
    assert 300 == len(checked_holds([evolve(HOLD, id=str(n)) for n in range(300)], CASES, "p"))


def test_a_told_hook_returns_nothing():
    """A coroutine was never run; a number says that something else was meant."""
    checked_nothing(None)
    for answer in (3, False, (), wanted_to_be_awaited()):
        with pytest.raises(BrokenCallError):
            checked_nothing(answer)


@pytest.mark.parametrize(
    ("on", "stopped"),
    [
        pytest.param(dt.date(2026, 3, 1), False, id="three days before"),
        pytest.param(dt.date(2026, 3, 2), True, id="two days before, in a batch of several dates"),
        pytest.param(TODAY, True, id="the day itself"),
        pytest.param(dt.date(2026, 3, 5), True, id="already tomorrow where the person is"),
        pytest.param(dt.date(2026, 3, 6), False, id="two days later it has been asked again"),
    ],
)
def test_who_is_held_back_and_when(on, stopped):
    """Whatever the date on the wall, collection and service stop at the instant in question; and it ends by itself."""
    (hold,) = hold_back([Case(id="L-1")], TODAY, "p")

    assert stopped is hold.stops(purpose="collection", channel="call", on=on)
    assert stopped is hold.stops(purpose="service", channel="email", on=on)
    for purpose in ("statutory_notice", "reply", "receipt"):
        assert not hold.stops(purpose=purpose, channel="letter", on=on)


def failing(number):
    """Raise with personal data in the message."""
    return int(number)


def test_what_is_kept_of_an_error():
    """Class, file and line, and not the message; before facts are seen, the message too, on one line."""
    try:
        failing("+86 138 0000 0001")
    except ValueError as error:
        seen = kept(error)
        said = told(error)

    assert "ValueError at test_answers.py, line " in seen
    assert "138 0000" not in seen
    assert "ValueError: invalid literal for int() with base 10: '+86 138 0000 0001'" == said
    assert "OSError: a b" == told(OSError("a\n b"))
    assert "KeyError" == told(KeyError())


@pytest.mark.parametrize(
    ("hook", "restricting"),
    [
        pytest.param("load", True, id="who knows what it would have said"),
        pytest.param("dunning_register_rules", True, id="rules"),
        pytest.param("dunning_holds", True, id="holds"),
        pytest.param("dunning_register_channels", False, id="channels"),
        pytest.param("dunning_register_templates", False, id="texts"),
        pytest.param("dunning_told", False, id="telling"),
    ],
)
def test_what_may_have_lost_a_restriction(hook, restricting):
    """Only that holds anybody back."""
    assert restricting is Failure(plugin="p", hook=hook, error="e").restricting
