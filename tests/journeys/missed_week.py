"""
# A missed week of runs

Nothing runs from 21 March to 27 March. The e-mail planned on the 20th, the recorded call of the 23rd and the message of
the 26th were due in that week. When the runs begin again the borrower gets what is due on that day and nothing of what
was: three messages at once would be an assault, and most of them wrong. Look at 28 March.
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    j.lends(a_loan(events=paid("2026-01-15", "2026-02-15")), to=[a_person()])
    j.night("2026-03-16")
    j.deliver("09:30")
    j.night("2026-03-20")
    j.note("The machine is down for a week.", at="03:00")
    j.night("2026-03-28")
    j.deliver("10:30")

    sent = [(e.step, e.tried_at.date().isoformat()) for e in j.entries(State.DELIVERED)]
    assert sent == [("reminder_first", "2026-03-16"), ("soft_message", "2026-03-28")]

    j.days("2026-03-30")
    assert ["soft_call"] == [e.step for e in j.entries(State.HANDED_OVER)]
