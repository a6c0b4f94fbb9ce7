"""
# Dispute while placed with an agency

A placement is approved by a person, and the borrower hears of it from the lender before the agency calls (for Chinese
banks: Order 9 of 2022, Art. 41). From the assignment on only the agency may contact. A dispute stops what the lender
sends; what the agency does it stops only when somebody tells the agency, so calling it back is proposed the same
minute, and approving it gives the case back to the lender, where the dispute holds it. Look at 3 June, and at what is
asked for while the dispute is open: whoever decides about legal action is told that the loan is held.
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    j.lends(a_loan(creditor="示例汽车金融", events=paid("2026-01-15")), to=[a_person()])
    j.night("2026-05-18")
    j.deliver("09:30")
    j.days("2026-05-28", report=lambda entry: "no_answer")
    j.decides("collections_manager", "placement", "11:00")
    j.again("11:01")
    j.deliver("11:02")
    j.words("placement_notice")
    j.days("2026-06-02")
    j.assigns("agency-1", "10:00", by="placement_desk")
    j.days("2026-06-03")
    j.note("The borrower calls the lender: the car was returned in May, nothing is owed.", at="14:00")
    j.told("14:05", kind="dispute", evidence="call of 3 June", by="care")
    j.again("14:06")
    j.decides("collections_manager", "recall", "15:00")
    j.days("2026-06-30")

    assert j.said("stops contact for collection about loan L-1")
    after = [e for e in j.entries() if e.planned_on.isoformat() > "2026-06-03"]
    assert not [e for e in after if e.purpose == "collection" and e.state is not State.CANCELLED]
    assert {"legal": "held: dispute", "placement": "held: dispute"} == {r.kind: r.reason for r in j.engine.requests()}
    assert not j.case().worked_by
    assert not j.case().tracks
