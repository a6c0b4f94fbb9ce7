"""
The life of an outbox entry.

Rule: every change of an entry's state is a row of TRANSITIONS, and nothing else changes a state. The docs draw their
picture from this table.

A SENDING entry has reserved its caps: if its worker dies, whether the message went out can never be known here, so the
entry becomes UNKNOWN, counts, and is tried again only over a channel that declares itself repeatable under one key.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where an entry is in its life."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENDING = "sending"
    DELIVERED = "delivered"
    HANDED_OVER = "handed_over"
    WORKED = "worked"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


class Move(StrEnum):
    """What can happen to an entry."""

    CLAIM = "claim"
    POSTPONE = "postpone"
    RESERVE = "reserve"
    ACCEPT = "accept"
    REFUSE = "refuse"
    RETRY = "retry"
    HAND_OVER = "hand_over"
    TAKE = "take"
    DIAL = "dial"
    NO_ANSWER = "no_answer"
    RESULT = "result"
    UNREPORTED = "unreported"
    CANCEL = "cancel"
    LAPSE = "lapse"


TRANSITIONS: dict[State, dict[Move, State]] = {
    State.WAITING: {Move.CLAIM: State.CLAIMED, Move.CANCEL: State.CANCELLED, Move.LAPSE: State.LAPSED},
    State.CLAIMED: {
        Move.CLAIM: State.CLAIMED,  # the lease ran out before anything was reserved: somebody else may take it
        Move.POSTPONE: State.WAITING,
        Move.RESERVE: State.SENDING,
        Move.REFUSE: State.REFUSED,  # its point can no longer be used; another may be
        Move.CANCEL: State.CANCELLED,
        Move.LAPSE: State.LAPSED,
    },
    State.SENDING: {
        Move.CLAIM: State.SENDING,  # the lease ran out while sending: only to find out that nobody knows
        Move.ACCEPT: State.DELIVERED,
        Move.HAND_OVER: State.HANDED_OVER,
        Move.REFUSE: State.REFUSED,
        Move.RETRY: State.WAITING,  # the channel said "not now", so nothing went out
        Move.LAPSE: State.LAPSED,  # past its not_after before it was handed to the channel
        Move.NO_ANSWER: State.UNKNOWN,
    },
    State.UNKNOWN: {
        Move.ACCEPT: State.DELIVERED,  # a late receipt
        Move.REFUSE: State.REFUSED,  # a late bounce
        Move.RETRY: State.WAITING,  # only over a repeatable channel
        Move.RESULT: State.WORKED,
    },
    State.HANDED_OVER: {
        Move.TAKE: State.HANDED_OVER,  # somebody takes the work from the list, or gives it back
        Move.DIAL: State.HANDED_OVER,  # one dial of several was reported
        Move.RESULT: State.WORKED,
        Move.UNREPORTED: State.WORKED,  # the allowance ended and nobody reported: it counts in full
        Move.CANCEL: State.CANCELLED,  # paid or held meanwhile
    },
    State.DELIVERED: {
        Move.RESULT: State.WORKED,
        Move.REFUSE: State.REFUSED,  # it was taken, and came back: it did not arrive
    },
    State.WORKED: {Move.RESULT: State.WORKED},  # a result that came late, or was corrected
    State.REFUSED: {},
    State.CANCELLED: {Move.RESULT: State.WORKED},  # it was worked before word came that it is revoked
    State.LAPSED: {},
}

# A touch may be in at most one entry in these states.
UNFINISHED = frozenset({State.WAITING, State.CLAIMED, State.SENDING, State.HANDED_OVER})


class IllegalMoveError(ValueError):
    """A move that the table does not have."""


def after(state: State, move: Move) -> State:
    """Return the state that *move* leads to; raises IllegalMoveError where the table has no such row."""
    try:
        return TRANSITIONS[state][move]
    except KeyError:
        raise IllegalMoveError(f"An entry that is {state} cannot {move.replace('_', ' ')}.") from None


def diagram() -> str:
    """Return TRANSITIONS as a Mermaid state diagram, for the docs."""
    arrows = [f"    {state} --> {new}: {move}" for state, moves in TRANSITIONS.items() for move, new in moves.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> waiting", *arrows])
