"""
# A second default

A notice of default went out, the borrower cured it in time, and the notice said what that means: the loan continues as
if he had not been late. When he defaults again, still within probation, the old notice is spent. The second default
gets a notice of its own, and legal action is proposed only when the thirty days of this notice are over. Look at the
two notices, at their last days to cure, and at 19 August.
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    j.lends(a_loan(creditor="示例汽车金融", events=paid("2026-01-15")), to=[a_person()])
    j.night("2026-04-17")
    j.deliver("09:30")
    j.words("prelegal_notice")
    j.enters("payment", "18:00", amount="3000.00")
    j.days("2026-07-16")
    j.words("prelegal_notice")
    j.days("2026-08-20")

    notices = [e.tried_at.date().isoformat() for e in j.entries(State.DELIVERED, step="prelegal_notice")]
    assert notices == ["2026-04-17", "2026-07-15"]
    assert j.case().episode == 1
    assert [r.proposed_on.isoformat() for r in j.engine.requests() if r.kind == "legal"] == ["2026-08-19"]
