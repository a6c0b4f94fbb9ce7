"""
# A notice that the law demands, under a request to be left alone

Both borrowers have asked in writing to be left alone. Collection and service stop for good. A notice that the law
demands may still go out where the rules exempt it: Regulation F does for collectors (12 CFR 1006.6(c)), and this
lender's own hold for cease does not name notices. P-1 has a postal address and gets the letter, once. P-2 has none: the
notice cannot go out, and raises an alarm four days on, long before the month to cure that it should have opened would
end. Look at 20 April and 24 April.
"""

from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_party, a_person, a_point
from dunning.testing.journey import paid

ZONE = "America/New_York"


def borrower(number, *points):
    mobile = a_point(f"P-{number}-mobile", owner=f"P-{number}", address=f"+1617555011{number}", zones=(ZONE,))
    home = {"residence": "US", "zones": (ZONE,), "language": "en", "points": (mobile, *points)}
    return a_person(f"P-{number}", name=f"Borrower {number}", **home)


def loan(number):
    place = {"jurisdiction": "US", "business_zone": ZONE, "currency": "USD", "creditor": "Example Auto Finance"}
    return a_loan(f"L-{number}", parties=(a_party(f"P-{number}"),), events=paid("2026-01-15"), **place)


def live(j):
    post = a_point("P-1-post", kind="post", owner="P-1", address="1 Example Road", zones=())
    j.lends(loan(1), loan(2), to=[borrower(1, post), borrower(2)])
    j.night("2026-04-06")
    j.deliver("09:30")
    for number in (1, 2):
        who = {"person_id": f"P-{number}", "loan_id": f"L-{number}"}
        j.told("10:00", kind="cease", evidence="letter of 3 April", by="care", **who)
    j.days("2026-04-20")
    j.words("prelegal_notice")
    j.days("2026-05-10")

    sent = [(e.step, e.person_id) for e in j.entries(State.DELIVERED) if e.tried_at.date().isoformat() > "2026-04-06"]
    assert sent == [("prelegal_notice", "P-1")]
    assert len(j.said("L-2: ALARM: prelegal notice")) == 1
    assert not j.said("L-1: ALARM")
