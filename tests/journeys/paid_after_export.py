"""
# Paid after the call list was exported

A payment that comes in while a call is already on the collectors' list has to take that call off the list: whoever paid
at eleven and is called at noon has a complaint, and is right. Look at Saturday from 10:40 on: a dialler takes the list;
the engine is told of the money before the book shows it, the next look takes the call back, and the dialler asks what
it must no longer dial. Between being told and looking again the call still stands, so a host assesses at once when
money is reported. When the book brings the same payment it is not counted twice, and the borrower gets one receipt.
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    j.lends(a_loan(events=paid("2026-01-15", "2026-02-15")), to=[a_person()])
    j.night("2026-03-26")
    j.deliver("09:30")
    j.night("2026-03-28")
    j.deliver("10:30")
    (call,) = j.takes("10:40", by="dialler-1")

    j.told("11:05", kind="payment", event_id="counter-77", amount="1000.00", effective_on="2026-03-28")
    j.again("11:06")
    j.revoked(by="dialler-1")

    assert [call.key] == [e.key for e in j.entries(State.CANCELLED, step="soft_call")]
    assert j.case().tier == "current"

    j.deliver("11:10")
    j.words("payment_receipt")
    j.enters("payment", "20:00", event="counter-77", amount="1000.00")
    j.days("2026-04-10")

    assert not j.entries(State.HANDED_OVER, State.WAITING)
    assert len(j.entries(step="payment_receipt")) == 1
