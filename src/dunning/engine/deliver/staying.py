"""Staying: an entry that was claimed and does not go out is put off, or dropped, with its reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from dunning.core.journal.record import Draft, Stream
from dunning.core.outbox.entry import Claim
from dunning.core.outbox.transitions import UNFINISHED, Move
from dunning.core.recheck import Drop
from dunning.engine.deliver.reserving import Fit, ends, moved_effect, note_attempt
from dunning.engine.deliver.turn import Seen, Turn
from dunning.engine.reports import Trouble
from dunning.errors import DunningError

# What lacks a value for its text, or facts of its loan, can be mended: the entry is not thrown away for it.
NO_TEXT = "its text cannot be made"
NOTHING_OWED = "the host's ledger shows nothing overdue"
NO_CHANNEL = "no channel is set up for"
NOT_KEPT = "what it rests on cannot be kept"
UNREPEATABLE = "it may have gone out, and cannot be repeated as it was"
NOT_JUDGED = "it could not be judged"
UNSIGNED = "its policy is not signed, so it only simulates"
AGAIN = dt.timedelta(hours=1)


def end_unrepeatable(turn: Turn, every: Sequence[Fit]) -> None:
    """End entries that may have gone out in one contact which can no longer be made as it was."""
    for one in every:
        drop(turn, one.seen, Drop(move=Move.CANCEL, reason=UNREPEATABLE))


def no_text(turn: Turn, seen: Seen, error: Exception) -> None:
    """Put off an entry whose words cannot be made, and say why."""
    what = f"{seen.entry.step} for loan {seen.entry.loan_ids[0]}"
    turn.report.troubles.append(Trouble(what=what, why=why(error)))
    put_off(turn, seen, until=turn.now + AGAIN, reason=NO_TEXT)


def why(error: Exception) -> str:
    """Return what is told of *error*: its class alone where its words were not foreseen, and may quote a borrower."""
    return str(error) if isinstance(error, DunningError) else f"{type(error).__name__}, which is a fault of dunning."


def no_channel(turn: Turn, seen: Seen) -> None:
    """
    Put off what this engine has no channel for, and say so.

    Nobody is unreachable for that, and nothing firmer follows from it: the engine can be built with the channel.
    """
    name = f"queue {seen.entry.executor}" if seen.entry.executor else seen.entry.channel
    trouble = Trouble(what=name, why="The policy uses it, and this engine was built without it.")
    if trouble not in turn.report.troubles:
        turn.report.troubles.append(trouble)
    put_off(turn, seen, until=turn.now + AGAIN, reason=f"{NO_CHANNEL} {name}")


def put_off(turn: Turn, seen: Seen, *, until: dt.datetime, reason: str) -> None:
    """Let an entry wait until *until*, for *reason*."""
    moved = turn.unit.settle(
        seen.entry.key, Move.POSTPONE, token=seen.claim.token, now=turn.now, not_before=until, reason=reason
    )
    turn.report.waiting[reason] += 1
    turn.report.next_permitted = min(turn.report.next_permitted or until, until)
    note_attempt(turn, seen, [moved_effect(moved, Move.POSTPONE, now=turn.now, reason=reason)])


def drop(turn: Turn, seen: Seen, drop: Drop) -> None:
    """End an entry for the reason that the last look gave."""
    moved = turn.unit.settle(seen.entry.key, drop.move, token=seen.claim.token, now=turn.now, reason=drop.reason)
    turn.report.dropped[drop.reason] += 1
    # A point that can no longer be used ends one way of making the contact, not the touch: the next night plans on.
    over = [] if drop.move is Move.REFUSE else ends(moved, seen.as_of)
    wake_on = seen.as_of if drop.move is Move.REFUSE else None
    effect = moved_effect(moved, drop.move, now=turn.now, reason=drop.reason)
    note_attempt(turn, seen, [effect, *over], wake_on=wake_on)


def keep_with_lead(turn: Turn, claim: Claim) -> None:
    """Put off what may have gone out with another entry and can be said again only with it; drop it once that ended."""
    lead = next(iter(turn.unit.entries(keys=[claim.entry.lead])), None)
    if lead is not None and lead.state in UNFINISHED:
        bare(turn, claim, Move.POSTPONE, "it goes out again only with the contact that it went out with")
    else:
        bare(turn, claim, Move.CANCEL, "it may have gone out with another contact, which ended")


def let_go(turn: Turn, claim: Claim) -> None:
    """
    Put off an entry whose loan the book does not show at present, or that no policy fits.

    A book may be broken for an hour (a bad row rejects its loan): that is no reason to throw a notice away.
    """
    bare(turn, claim, Move.POSTPONE, "the book does not show the loan at present, or no policy fits it")


def bare(turn: Turn, claim: Claim, move: Move, reason: str) -> None:
    """Move an entry that cannot be looked at; its time may be over all the same."""
    if turn.now >= claim.entry.expires_at:
        move = Move.LAPSE
    until = turn.now + AGAIN if move is Move.POSTPONE else None
    (turn.report.waiting if until else turn.report.dropped)[reason] += 1
    moved = turn.unit.settle(claim.entry.key, move, token=claim.token, now=turn.now, not_before=until, reason=reason)
    over = [] if move is Move.POSTPONE else ends(moved, turn.now.date())
    turn.journal.add(
        Draft(
            stream=Stream(lender=claim.entry.lender, kind="loan", id=claim.entry.loan_ids[0]),
            kind="attempt",
            at=turn.now,
            effects=(moved_effect(moved, move, now=turn.now, reason=reason), *over),
        )
    )
