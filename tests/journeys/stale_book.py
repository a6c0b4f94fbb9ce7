"""
# A stale book

The host's feed breaks, and the book stays where it was on 23 March. After a weekend a book may be three days old; from
the fourth day on nobody is asked for money, because what is owed is not known, and the run says so every night. When the
feed is back, what fell due meanwhile is not sent: people get what is due now. Look at 27 March and 30 March.
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    j.lends(a_loan(events=paid("2026-01-15", "2026-02-15")), to=[a_person()])
    j.night("2026-03-24")
    j.deliver("09:30")
    j.frozen = True
    j.note("The feed from the loan system breaks.", at="18:00")
    j.days("2026-03-29")
    assert ["2026-03-24"] == [e.tried_at.date().isoformat() for e in j.entries(State.DELIVERED)]

    j.frozen = False
    j.note("The feed works again.", at="18:00")
    j.days("2026-03-30")

    assert ["soft_call"] == [e.step for e in j.entries(State.HANDED_OVER)]
    assert not [e for e in j.entries() if e.step == "soft_message"]
