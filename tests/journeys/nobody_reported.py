"""
# The list that nobody reported back

A call that a collector took from the list is not yet a call. If nobody says what came of it, it counts in full, as if
it had been made and the borrower had talked: the doubt is not the borrower's. So the house's three days of rest after a
conversation hold, and the next call comes on the fourth day. Look at 29 March and 31 March, and at 5 April: attempts of
which nobody reports lead to no letter, because nobody knows that the person cannot be reached.
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    j.lends(a_loan(events=paid("2026-01-15", "2026-02-15")), to=[a_person()])
    j.night("2026-03-26")
    j.deliver("09:30")
    j.days("2026-04-06", takes="staff-4")

    calls = [(e.tried_at.date().isoformat(), e.result) for e in j.entries(State.WORKED)]
    assert calls == [(day, "unreported") for day in ("2026-03-28", "2026-03-31", "2026-04-03")]
