"""
# Cure and re-entry within probation

The borrower pays everything at the end of March, is cured, and misses the next instalment in April. Within 90 days of
a cure that is no fresh start: the episode, its broken promises and its re-entries go on, and a third time would be Soft
from the sixth day. But another instalment is late, and it is told like the first. Look at 16 April: a borrower who is
late anew and hears nothing for a month, because everything was said about the last instalment, would be wronged.
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    j.lends(a_loan(events=paid("2026-01-15", "2026-02-15")), to=[a_person()])
    j.night("2026-03-16")
    j.deliver("09:30")
    j.days("2026-03-30", report=lambda entry: "no_answer")
    j.enters("payment", "18:00", amount="1000.00")
    j.days("2026-05-01", report=lambda entry: "no_answer")

    case = j.case()
    assert (case.episode, case.re_entries, case.tier) == (1, 1, "soft")
    reminders = [e.tried_at.date().isoformat() for e in j.entries(State.DELIVERED, step="reminder_first")]
    assert reminders == ["2026-03-16", "2026-04-16"]
