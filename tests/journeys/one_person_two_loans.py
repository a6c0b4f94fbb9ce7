"""
# One person with two loans

Two contracts of one person are late together. What protects the person counts over both: one message a day, two calls
a day, days of rest after a conversation. Look at 16 March, where the second loan's reminder waits for the next day, and
at 30 March: the person was spoken to about L-1, so L-2 leaves them alone, too.
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    j.lends(
        a_loan("L-1", events=paid("2026-01-15", "2026-02-15")),
        a_loan("L-2", events=paid("2026-01-15", "2026-02-15")),
        to=[a_person()],
    )
    j.night("2026-03-16")
    j.deliver("09:30")
    j.days("2026-03-27")
    j.night("2026-03-30")
    j.deliver("09:30")
    j.called("conversation", at="09:50", actor_id="staff-4", recording="rec/2026/03/30/12")
    j.days("2026-04-03")

    calls = list(j.entries(State.WORKED, State.HANDED_OVER, step="soft_call"))
    days = sorted(e.tried_at.date().isoformat() for e in calls)
    assert days[0] == "2026-03-30"
    assert all(day >= "2026-04-02" for day in days[1:])
    sent = [e.tried_at.date() for e in j.entries(State.DELIVERED) if e.channel in ("sms", "email")]
    assert len(sent) == len(set(sent)), "more than one message on one day"
