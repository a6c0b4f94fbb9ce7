"""
# The third broken promise

A promise is believed, within limits: it holds reminders and calls until two days after its date. Three are believed in
an episode; a fourth is written down and confirmed, and no longer holds anything, because by then it is a plan that is
needed and not another promise. Look at how each broken promise makes the loan firmer earlier (Soft after one from day
6, Firm after two from day 21), at 14 April, where the fourth holds nothing and says why, and at the words of
16 March: no confirmation says more than was promised.
"""

from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid


def live(j):
    j.lends(a_loan(events=paid("2026-01-15", "2026-02-15")), to=[a_person()])

    def promises(at, due_on):
        j.told(at, kind="promise", person_id="P-1", amount="1000.00", due_on=due_on)

    j.night("2026-03-16")
    j.deliver("09:30")
    promises("10:00", "2026-03-23")
    j.again("10:01")
    j.deliver("10:02")
    j.words("promise_confirmation")
    j.days("2026-03-26")
    promises("16:00", "2026-04-02")
    j.days("2026-04-05")
    promises("16:00", "2026-04-10")
    j.days("2026-04-13")
    j.night("2026-04-14")
    promises("08:30", "2026-04-18")
    j.deliver("09:30")
    j.days("2026-04-21")

    case = j.case()
    assert ["broken"] * 4 == [promise.result for promise in case.promises]
    assert case.tier == "firm"
    assert j.said("it does not hold contacts, because 3 promises were made in this episode already")
    assert len(j.said("A hold for promise stops")) == 3
