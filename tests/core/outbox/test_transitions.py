"""The life of an outbox entry is one table."""

import datetime as dt

import pytest

from dunning.core.outbox.entry import Claim, entry_key
from dunning.core.outbox.move import HELD, moved
from dunning.core.outbox.transitions import TRANSITIONS, UNFINISHED, IllegalMoveError, Move, State, after, diagram
from dunning.errors import FactsError
from dunning.testing.builders import NOON, a_touch, an_entry

OVER = (State.WORKED, State.REFUSED, State.CANCELLED, State.LAPSED)
LATER = NOON + dt.timedelta(hours=1)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_a_move_is_a_row_or_refused(state, move):
    if move in TRANSITIONS[state]:
        assert TRANSITIONS[state][move] is after(state, move)
        return
    with pytest.raises(IllegalMoveError, match=f"An entry that is {state} cannot {move.replace('_', ' ')}"):
        after(state, move)


def test_every_state_has_a_row_and_can_be_reached():
    reached = {State.WAITING}
    for _ in State:
        reached |= {new for state in reached for new in TRANSITIONS[state].values()}
    assert set(State) == set(TRANSITIONS) == reached


def test_every_move_is_used():
    assert set(Move) == {move for moves in TRANSITIONS.values() for move in moves}


def test_what_is_over_stays_over():
    """Only a result that comes late may still be noted: of what was worked, or was out when it was revoked."""
    assert {move for state in OVER for move in TRANSITIONS[state]} == {Move.RESULT}
    assert {after(state, Move.RESULT) for state in OVER if TRANSITIONS[state]} == {State.WORKED}
    assert all(TRANSITIONS[state] for state in State if state not in OVER)


def test_what_may_be_on_its_way_is_never_cancelled():
    """A message that is being sent, or that may have gone out, cannot be called back."""
    for state in (State.SENDING, State.UNKNOWN, State.DELIVERED):
        assert Move.CANCEL not in TRANSITIONS[state]


def test_only_what_was_reserved_can_be_sent():
    """SENDING is entered by RESERVE alone, and only from a claim."""
    ways = {
        (s, m) for s, moves in TRANSITIONS.items() for m, new in moves.items() if new is State.SENDING and s is not new
    }
    assert {(State.CLAIMED, Move.RESERVE)} == ways


def test_a_touch_is_unfinished_until_somebody_knows():
    assert {State.WAITING, State.CLAIMED, State.SENDING, State.HANDED_OVER} == UNFINISHED
    assert {State.CLAIMED, State.SENDING} == HELD


def test_the_picture_shows_every_row():
    rows = [f"    {state} --> {new}: {move}" for state, moves in TRANSITIONS.items() for move, new in moves.items()]
    assert ["stateDiagram-v2", "    [*] --> waiting", *rows] == diagram().splitlines()


def test_a_move_changes_the_state_and_what_is_stated():
    """A reason belongs to the move that stated it."""
    claimed = an_entry(state=State.CLAIMED, reason="before")
    postponed = moved(claimed, Move.POSTPONE, now=NOON, not_before=LATER)
    assert (State.WAITING, LATER, "", 0, None) == (
        postponed.state, postponed.not_before, postponed.reason, postponed.tries, postponed.tried_at
    )  # fmt: skip


def test_reserving_counts_a_try():
    reserved = moved(an_entry(state=State.CLAIMED, tries=1), Move.RESERVE, now=LATER)
    assert (State.SENDING, 2, LATER) == (reserved.state, reserved.tries, reserved.tried_at)
    sent = moved(reserved, Move.ACCEPT, now=LATER + dt.timedelta(hours=1), result="delivered", reference="ref")
    assert (State.DELIVERED, 2, LATER, "delivered", "ref") == (
        sent.state, sent.tries, sent.tried_at, sent.result, sent.reference
    )  # fmt: skip


@pytest.mark.parametrize("move", [Move.CLAIM, Move.ACCEPT])
def test_a_waiting_entry_is_only_claimed_and_only_by_a_claim(move):
    with pytest.raises(IllegalMoveError):
        moved(an_entry(), move, now=NOON)


def test_the_key_of_an_entry_follows_from_its_touches():
    """Whatever their order; another attempt is another entry."""
    a, b = a_touch(), a_touch("L-2")
    assert entry_key((a, b)) == entry_key((b, a)) != entry_key((a,))
    assert entry_key((a,)) != entry_key((a_touch(attempt=2),))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"kind": "letter"}, id="an unknown kind"),
        pytest.param({"not_before": dt.datetime(2026, 3, 4)}, id="an instant without an offset"),
        pytest.param({"tries": -1}, id="fewer than no tries"),
        pytest.param({"key": ""}, id="no key"),
    ],
)
def test_an_entry_that_cannot_be(changes):
    with pytest.raises(FactsError):
        an_entry(**changes)


def test_a_claim_has_a_token():
    with pytest.raises(FactsError):
        Claim(entry=an_entry(), token=0, worker="w", lease_until=LATER)
