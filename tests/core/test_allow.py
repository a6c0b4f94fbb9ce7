"""What a row may hold: however much of it is dialled, no cap is passed."""

import datetime as dt

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dunning.core.allow import allow
from dunning.core.contact.effects import CapRule
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.rule import ContactRule, Source
from dunning.core.ladder.case import Case
from dunning.core.recheck import Send, recheck
from dunning.testing.builders import a_contact, a_loan, a_person, a_point
from dunning.testing.nights import Life, a_dossier, a_step, at, some_rules, some_terms

HOUR = dt.timedelta(hours=1)
TODAY = dt.date(2026, 1, 16)
NINE = at(TODAY, 9)
NUMBERS = tuple(a_point(name, rank=rank) for rank, name in enumerate("ABC"))


def cap(id_, counts, most, *, period="day", length=1):
    return ContactRule(
        id=f"house.{id_}",
        jurisdiction="house",
        title=id_,
        source=Source(instrument="House", read_as="primary text", confidence="high"),
        force="house_rule",
        channels=("call",),
        effect=CapRule(counts=counts, most=most, period=period, length=length),
    )


def a_call(**changes):
    stated = {
        "tier": "soft",
        "channels": ("call",),
        "goal": "right_party",
        "attempts": 9,
        "attempts_per_day": 9,
        "attempts_per_point": 3,
        "executor": "collectors",
        "stops_on": ("right_party", "conversation"),
    }
    return a_step("call", **stated | changes)


def allowed(step, *caps, history=(), numbers=3):
    rules = some_rules()
    terms = some_terms(step, rules=evolve(rules, rules=(*rules.rules, *caps)), row_numbers=(("collectors", numbers),))
    life = Life(
        terms=terms,
        dossier=a_dossier(
            loan=a_loan(), case=Case(id="L-1"), persons=(a_person(points=NUMBERS),), history=tuple(history)
        ),
    )
    life.night(TODAY)
    entry = life.dossier.entries[-1]
    answer = recheck(entry, life.dossier, terms, as_of=TODAY, now=NINE)
    assert isinstance(answer, Send)
    line = ContactRecord(
        id=entry.key,
        direction="out",
        purpose=entry.purpose,
        channel="call",
        person_id="P-1",
        loan_ids=("L-1",),
        point_id=entry.point_id,
        at=NINE,
        reserved=True,
        entry_key=entry.key,
        recorded_at=NINE,
    )
    return allow(entry, answer, life.dossier, terms, line, as_of=TODAY, now=NINE)


def dials(found):
    return "".join(dial.point_id for dial in found.allowance.dials)


def calls(number, outcome="attempted"):
    return [
        a_contact(f"C-{n}", channel="call", point_id="A", at=NINE - (n + 1) * HOUR, outcome=outcome)
        for n in range(number)
    ]


@pytest.mark.parametrize(
    ("caps", "history", "expected"),
    [
        pytest.param([], [], "ABCABCABC", id="no cap: as the step says"),
        pytest.param([cap("day", "attempt", 3)], [], "ABC", id="three a day"),
        pytest.param([cap("day", "attempt", 3)], calls(1), "AB", id="three a day, one made"),
        pytest.param([cap("day", "attempt", 3)], calls(2), "A", id="three a day, two made"),
        pytest.param([cap("day", "attempt", 1)], [], "A", id="one a day"),
        pytest.param(
            [cap("talk", "conversation", 1, period="rolling_days", length=7)],
            [],
            "ABCABCABC",
            id="a conversation ends the row, so the dial before cannot have been one",
        ),
        pytest.param([cap("one", "attempt", 2), cap("two", "attempt", 4)], [], "AB", id="the stricter holds"),
    ],
)
def test_caps(caps, history, expected):
    found = allowed(a_call(), *caps, history=history)

    assert expected == dials(found)
    assert len(expected) == len(found.lines)
    assert [line.point_id for line in found.lines] == list(expected)
    assert all(line.reserved and line.outcome is None for line in found.lines)
    assert found.allowance.quota <= len(expected)


def test_a_conversation_that_does_not_end_the_row_counts_before_the_next_dial():
    """Where the goal is a promise, the dial before may have been a conversation."""
    talk = cap("talk", "conversation", 1, period="rolling_days", length=7)

    assert "A" == dials(allowed(a_call(goal="promise", stops_on=("promise",)), talk))


def test_each_line_has_an_id_of_its_own():
    found = allowed(a_call(), cap("day", "attempt", 3))
    first = found.lines[0].id

    assert [first, f"{first}:1", f"{first}:2"] == [line.id for line in found.lines]
    assert {first} == {line.entry_key for line in found.lines}


@given(
    most=st.integers(1, 5),
    made=st.integers(0, 4),
    attempts=st.integers(1, 6),
    a_day=st.integers(1, 6),
    a_point_=st.integers(1, 3),
    numbers=st.integers(1, 3),
    spacing=st.sampled_from([0, 4]),
)
def test_all_of_a_row_fits_under_the_cap(most, made, attempts, a_day, a_point_, numbers, spacing):
    """Counted by hand: what was made today and every dial of the row together are at most the cap."""
    made = min(made, most - 1)
    step = a_call(attempts=attempts, attempts_per_day=a_day, attempts_per_point=a_point_, spacing_hours=spacing)

    found = allowed(step, cap("day", "attempt", most), history=calls(made), numbers=numbers)

    assert 1 <= len(found.lines) <= most - made
    assert 1 <= found.allowance.quota <= min(attempts, a_day, len(found.lines))
    assert max(dials(found).count(name) for name in "ABC") <= a_point_
    assert len(set(dials(found))) <= numbers
