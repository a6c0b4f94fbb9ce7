"""
# The debit that bounced

While a direct debit is on its way nobody is asked for money, although the days run: it would be wrong to press somebody
whose payment is under way. When the bank returns it, the borrower hears of that first, as a service and without a word
of pressure; the loan is then as late as if the debit had never been tried. Look at 16 March (the loan is late and the
reminder is held) and at 19 March (the notice of the return; the reminder of the 16th is not made up for).
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    j.lends(a_loan(events=paid("2026-01-15", "2026-02-15")), to=[a_person()])
    j.night("2026-03-14")
    debit = j.enters("debit_presented", "08:00", amount="1000.00", reason="presented for the due date")
    j.days("2026-03-18")
    assert not j.entries()

    j.enters("debit_returned", "17:00", of=debit, reason="insufficient funds")
    j.night("2026-03-19")
    j.deliver("09:30")
    j.words("debit_returned_notice")
    j.days("2026-03-21")

    assert ["debit_returned_notice", "reminder_second"] == [
        e.step.partition("@")[0] for e in j.entries(State.DELIVERED)
    ]
    assert j.case().entered_on.isoformat() == "2026-03-16"
