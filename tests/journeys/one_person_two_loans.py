"""
# One person with two loans

Two contracts of one person are late together, and are spoken of together: one text message, one e-mail, one recorded
call, one call by people about both, and a report on the call counts for both loans. What protects the person counts
over both as well: after the conversation of 30 March neither loan leads to another call. Look at 16 March and its
words, and at 23 March: two late loans ring once.
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    before = paid("2026-01-15", "2026-02-15")
    j.lends(a_loan("L-1", events=before), a_loan("L-2", events=before), to=[a_person()])
    j.night("2026-03-16")
    j.deliver("09:30")
    words = j.words("reminder_first")
    j.days("2026-03-27")
    j.night("2026-03-30")
    j.deliver("09:30")
    j.takes("09:40", by="staff-4")
    j.called("conversation", at="09:50", actor_id="staff-4", recording="rec/2026/03/30/12")
    j.days("2026-04-08")

    assert "2,000.00" in words
    sent = {(e.row, e.tried_at.date()) for e in j.entries(State.DELIVERED) if e.channel in ("sms", "email")}
    assert len(sent) == len({on for _, on in sent}), "more than one message on one day"
    assert 1 == len({e.row for e in j.entries(step="reminder_call")})
    calls = j.entries(step="soft_call")
    assert [("L-1",), ("L-2",)] == sorted(e.loan_ids for e in calls)
    assert len({e.row for e in calls}) == 1
    assert {"conversation"} == {e.result for e in calls}
