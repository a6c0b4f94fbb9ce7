"""
# Money in suspense

A transfer arrives that nobody can yet assign. It moves no day, because it is not a payment on this loan until the host
says so; it holds reminders and calls meanwhile, because the borrower may well have paid. Look at 27 March (the loan
becomes firmer and nobody is contacted), at 28 March (an alarm: somebody is to find out whose money it is), and at
29 March: after five days, the policy's limit for money on its way, the hold is over although the money still lies there.
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    j.lends(a_loan(events=paid("2026-01-15", "2026-02-15")), to=[a_person()])
    j.night("2026-03-24")
    j.deliver("09:30")
    money = j.enters("suspense_received", "16:00", amount="1000.00", reason="no contract number on the transfer")
    j.days("2026-03-28")
    assert j.case().tier == "soft"
    assert len(j.entries(State.DELIVERED)) == 1
    assert len(j.case().alarms) == 1

    j.days("2026-03-30")
    j.enters("suspense_applied", "16:00", of=money, amount="1000.00")
    j.days("2026-04-02")

    assert j.case().tier == "current"
    assert not j.entries(State.HANDED_OVER, State.WAITING)
