"""
# The guarantor

A guarantor is liable and may know, so he hears of it: once, in writing, in that capacity alone, late enough not to
shame the borrower and early enough to act. He is not called and not dunned. The contact person named in the
application is not liable and may not know: nothing ever reaches P-3 (GB/T 45251-2025, collection from the debtor alone).
Look at 28 March, ten days into Firm, and at the words of the notice.
"""

from dunning.testing.builders import a_loan, a_party, a_person
from dunning.testing.journey import paid


def live(j):
    parties = (
        a_party("P-1"),
        a_party("P-2", role="guarantor"),
        a_party("P-3", role="contact_person", liable=False, may_know=False),
    )
    loan = a_loan(creditor="示例汽车金融", events=paid("2026-01-15"), parties=parties)
    j.lends(loan, to=[a_person("P-1"), a_person("P-2", name="Guarantor 2"), a_person("P-3", name="Contact 3")])
    j.night("2026-03-18")
    j.deliver("09:30")
    j.days("2026-03-28", report=lambda entry: "no_answer")
    words = j.words("guarantor_notice")
    j.days("2026-04-03", report=lambda entry: "no_answer")

    assert "保证人" in words
    assert ["guarantor_notice"] == [e.step for e in j.entries() if e.person_id == "P-2"]
    assert not [e for e in j.entries() if e.person_id == "P-3"]
