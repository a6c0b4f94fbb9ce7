"""The question: may this actor contact this person, about this debt, for this purpose, here, now?"""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from dunning.core import values
from dunning.core.contact.ledger import ContactRecord
from dunning.core.facts.person import Consent, Hours
from dunning.core.hold import CHANNELS, PURPOSES, Hold


@frozen(kw_only=True)
class Actor:
    """
    Who would make the contact.

    Args:
        kind: creditor (in its own name), third_party (an agency), debt_buyer.
        id: The lender's or agency's id.
        institution: A class of institution that some rules bind (bank, auto_finance, leasing), or empty.
    """

    kind: str = field(default="creditor", validator=values.one_of("creditor", "third_party", "debt_buyer"))
    id: str = field(default="lender", validator=values.text)
    institution: str = ""


@frozen(kw_only=True)
class ContactRequest:
    """
    Everything that a rule may look at. What is unknown is empty, and a rule that needs it refuses.

    Args:
        jurisdictions: Where the person may be (residence, and any other that the facts suggest), each judged by its
            own rules and those of its country. Empty is unknown, and refuses.
        zones: Every plausible zone of the person. Empty is unknown, and refuses.
        role: The person's part in the loan; `may_know` whether they may know of the debt.
        discloses: What the contact would disclose before identity is verified: nothing, lender or debt.
        evidence: Names of preconditions that are met (notice_given, two_visitors, recording, …).
        history: The ledger lines under any of the request's cap keys, in any order.
    """

    actor: Actor = Actor()
    person_id: str = field(validator=values.text)
    role: str = field(default="borrower", validator=values.text)
    may_know: bool = True
    loan_ids: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    purpose: str = field(validator=values.one_of(*PURPOSES))
    channel: str = field(validator=values.one_of(*CHANNELS))
    point_id: str = ""
    workplace: bool = False
    shared: bool = False
    lawful_basis: str = ""
    household: str = ""
    device: str = ""
    discloses: str = field(default="debt", validator=values.one_of("nothing", "lender", "debt"))
    jurisdictions: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    zones: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    product: str = ""
    origination_channel: str = ""
    days_past_due: int = field(default=0, validator=values.at_least(0))
    flags: frozenset[str] = frozenset()
    holds: tuple[Hold, ...] = field(default=(), validator=values.tuple_of(Hold))
    consents: tuple[Consent, ...] = field(default=(), validator=values.tuple_of(Consent))
    inconvenient: tuple[Hours, ...] = field(default=(), validator=values.tuple_of(Hours))
    evidence: frozenset[str] = frozenset()
    history: tuple[ContactRecord, ...] = field(default=(), validator=values.tuple_of(ContactRecord))
    at: dt.datetime = field(validator=values.instant)
