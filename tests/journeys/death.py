"""
# Death

A relative answers and says that the borrower has died. From that minute nothing reaches the borrower's addresses, for
whatever purpose: no call, no message, no notice, no receipt. The call on the list is taken back, and an alarm calls the
care queue. What the law demands to be notified does not go out by itself either; it raises an alarm before its time, so
that a person decides to whom it is addressed (the estate); and whoever is asked about a placement or legal action is
told of the death, and that no notice went out. Look at 19 March, 21 April and 18 May.
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    j.lends(a_loan(events=paid("2026-01-15")), to=[a_person()])
    j.night("2026-03-17")
    j.deliver("09:30")
    j.night("2026-03-19")
    j.deliver("09:30")
    j.takes("10:30", by="staff-4")
    j.note("A relative answers the call and says that the borrower has died.", at="11:00")
    j.told("11:01", kind="death", person_id="P-1", evidence="call of 19 March", by="collectors")
    j.again("11:02")
    j.days("2026-05-20")

    assert not list(j.entries(State.WAITING, State.HANDED_OVER))
    assert {"2026-03-17", "2026-03-19"} == {e.tried_at.date().isoformat() for e in j.entries() if e.tried_at}
    assert len(j.said("ALARM: prelegal notice")) == 1
    assert len(j.said("ALARM: the hold for death")) == 1
    assert ["held: death; not sent: prelegal_notice"] == [r.reason for r in j.engine.requests()]
