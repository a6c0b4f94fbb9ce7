"""
# Night shift, in the United States

What the consumer says is inconvenient is inconvenient (12 CFR 1006.6(b)(1)), and where it is in doubt where they are, a
time must be convenient in every such place (comment 6(b)(1)(i)-2). Regulation F binds collectors; this lender is a
creditor and holds itself to the same. The borrower sleeps from 8:00 to 15:00 on weekdays, lives in New York and keeps a
number from Los Angeles: nothing before 15:00 on either clock, so not before 18:00 in New York, and nothing from 20:00
on, when the house closes there. Look at 26 March, and at Saturday, which begins when Los Angeles is awake as well.
"""

import datetime as dt

from dunning.core.facts.person import Hours
from dunning.testing.builders import a_loan, a_person, a_point
from dunning.testing.journey import paid

EAST, WEST = "America/New_York", "America/Los_Angeles"
SLEEPS = Hours(weekdays=(0, 1, 2, 3, 4), opens=dt.time(8), closes=dt.time(15))


def live(j):
    mobile = a_point("P-1-mobile", address="+12135550111", zones=(WEST,))
    home = {"residence": "US", "zones": (EAST,), "language": "en", "points": (mobile,), "inconvenient": (SLEEPS,)}
    place = {"jurisdiction": "US", "business_zone": EAST, "currency": "USD", "creditor": "Example Auto Finance"}
    j.lends(a_loan(events=paid("2026-01-15", "2026-02-15"), **place), to=[a_person(**home)])
    j.night("2026-03-26")
    j.deliver("09:30")
    j.deliver("15:00")
    j.deliver("18:00")
    j.words("soft_message")
    j.days("2026-04-03", deliver=("09:30", "15:00", "18:00"), report=lambda entry: "no_answer")

    tried = [e.tried_at.astimezone(j.zone) for e in j.entries() if e.tried_at]
    assert len(tried) >= 4
    assert not [at for at in tried if at.weekday() < 5 and not 18 <= at.hour < 20]
