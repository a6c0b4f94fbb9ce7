"""
# Wrong number

A stranger answers. He is told nothing of the debt: until identity is verified the call says only who is asked for. The
number is then used no more, for whatever purpose and for every loan, the wrong call is kept on record, and the
collector may dial the next number instead. Look at the words that the collector has on Saturday, and at what went to
that number before anybody knew better: a text message that names an amount.
"""

from dunning.testing.builders import a_loan, a_person, a_point
from dunning.testing.journey import paid


def live(j):
    points = (
        a_point("P-1-mobile"),
        a_point("P-1-second", address="+8613800000002", rank=1),
        a_point("P-1-post", kind="post", address="1 Example Road", zones=()),
    )
    j.lends(a_loan(events=paid("2026-01-15", "2026-02-15")), to=[a_person(points=points)])
    j.night("2026-03-26")
    j.deliver("09:30")
    j.words("soft_message")
    j.night("2026-03-28")
    j.deliver("10:30")
    (row,) = j.takes("10:35", by="staff-4")
    words = j.words("soft_call", row)
    j.called("wrong_number", at="10:40", actor_id="staff-4", point_id="P-1-mobile")
    j.called("right_party", at="10:45", actor_id="staff-4", point_id="P-1-second")
    j.days("2026-04-05")

    before, _, after = words.partition("--- after identity verified ---")
    assert "1,000.00" not in before
    assert "1,000.00" in after
    (call,) = j.entries(step="soft_call")
    assert [(d.point_id, d.result) for d in call.dials] == [
        ("P-1-mobile", "wrong_number"),
        ("P-1-second", "right_party"),
    ]
    assert not [e for e in j.entries() if e.point_id == "P-1-mobile" and e.planned_on.isoformat() > "2026-03-28"]
