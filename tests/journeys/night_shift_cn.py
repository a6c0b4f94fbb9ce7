"""
# Night shift, in China

The borrower works at night, and asked not to be disturbed from 8:00 to 15:00 on weekdays. The national standard shuts
22:00 to 8:00 (GB/T 45251-2025, 5.3), the house allows calls until 20:00; what is left on a weekday are the hours from
15:00 to 20:00. Look at 26 March, where the message waits for 15:00 and says for whom, and at Saturday, which the borrower
did not ask to be spared.
"""

import datetime as dt

from dunning.core.facts.person import Hours
from dunning.testing.builders import a_loan, a_person
from dunning.testing.journey import paid

SLEEPS = Hours(weekdays=(0, 1, 2, 3, 4), opens=dt.time(8), closes=dt.time(15))


def live(j):
    j.lends(a_loan(events=paid("2026-01-15", "2026-02-15")), to=[a_person(inconvenient=(SLEEPS,))])
    j.night("2026-03-26")
    j.deliver("09:30")
    j.deliver("15:00")
    j.days("2026-04-03", deliver=("09:30", "15:00"), report=lambda entry: "no_answer")

    tried = [e.tried_at.astimezone(j.zone) for e in j.entries() if e.tried_at]
    assert len(tried) >= 4
    assert not [at for at in tried if at.weekday() < 5 and at.hour < 15]
