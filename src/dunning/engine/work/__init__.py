"""
Work for people: the rows of a queue, who takes them, what is given back, and what was revoked meanwhile.

    work (the list) ─► take (look again on fresh facts, then it is somebody's) ─► results, or give_back
                          └─► revoked (what was taken and is no longer to be worked)

There is no list beside the outbox. A row is an entry that was handed over, with what rides with it.
"""

from dunning.engine.work.listing import work
from dunning.engine.work.results import results
from dunning.engine.work.returning import Given, give_back
from dunning.engine.work.revoked import Revocations, Revoked, revoked
from dunning.engine.work.row import Row, RowNumber
from dunning.engine.work.taking import Taken, take

__all__ = [
    "Given",
    "Revocations",
    "Revoked",
    "Row",
    "RowNumber",
    "Taken",
    "give_back",
    "results",
    "revoked",
    "take",
    "work",
]
