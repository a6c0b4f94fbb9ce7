"""
# A hold that outlasts two tiers

Illness: the borrower is left alone for sixty days. Days run on under a hold, so the loan passes from Soft through Firm
to Pre-legal meanwhile, and nothing of what it would have been told there is sent, then or later. Look at 15 May: the
notice of default goes out although the hold stands, because the policy's hold for hardship stops collection and not
notices; and at 25 May, the day after the hold, which goes on from where the loan is and not from where it was.
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    j.lends(a_loan(creditor="示例汽车金融", events=paid("2026-01-15", "2026-02-15")), to=[a_person()])
    j.night("2026-03-26")
    j.deliver("09:30")
    j.told("15:00", kind="hardship", person_id="P-1", evidence="certificate 12", by="care")
    j.days("2026-05-15")
    j.words("prelegal_notice")
    j.days("2026-05-25")
    j.takes("15:30", by="staff-4")
    j.called("conversation", at="16:00", actor_id="staff-4")
    j.days("2026-05-30")

    reached = [(e.step, e.tried_at.date().isoformat()) for e in j.entries(State.DELIVERED, State.WORKED)]
    assert reached == [
        ("soft_message", "2026-03-26"),
        ("prelegal_notice", "2026-05-15"),
        ("prelegal_call", "2026-05-25"),
    ]
