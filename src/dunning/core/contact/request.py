"""The question: may this actor contact this person, about this debt, for this purpose, here, now?"""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from dunning.core import values
from dunning.core.contact.ledger import ContactRecord
from dunning.core.facts.person import FLAGS, Consent, Hours
from dunning.core.hold import CHANNELS, PURPOSES, Hold
from dunning.core.sentence import Sentence
from dunning.errors import FactsError


def _known_flags(instance: object, attribute: object, flags: frozenset[str]) -> None:
    """Refuse a flag that no rule can look at: misspelt, it would stop nothing."""
    for flag in sorted(flags - set(FLAGS)):
        raise FactsError(
            Sentence("There is no flag {flag}; there are {flags}.", flag=repr(flag), flags=FLAGS), field="flags"
        )


@frozen(kw_only=True)
class Actor:
    """
    Who would make the contact.

    Args:
        kind: creditor (in its own name), third_party (an agency; also a creditor under a name that suggests one: 15
            U.S.C. 1692a(6)), debt_buyer. Empty is not stated: every rule that binds some kind of actor binds.
        id: The lender's or agency's id.
        institution: A class of institution that some rules bind (bank, auto_finance, leasing), or empty.
    """

    kind: str = field(default="creditor", validator=values.one_of("creditor", "third_party", "debt_buyer", ""))
    id: str = field(default="lender", validator=values.text)
    institution: str = ""


@frozen(kw_only=True)
class Milestone:
    """
    A dated fact of a loan that is no contact, and that silences or allows one.

    Args:
        kind: ``due`` (a claim fell due), ``promise`` (a date was named to pay, or to talk), ``start_notice``,
            ``outsourcing_notice``, ``visit_notice``, or another word that a rule names.
        on: Its date, on the person's wall.
        until: For what lasts, the date on which it no longer does (exclusive): of a promise, the date that was named.
        loan_id: The loan that it is about; empty: every one of the person.
    """

    kind: str = field(validator=values.text)
    on: dt.date = field(validator=values.told_day)
    until: dt.date | None = field(default=None, validator=values.maybe(values.told_day))
    loan_id: str = ""

    def __attrs_post_init__(self) -> None:
        if self.until is not None and self.until < self.on:
            raise FactsError(
                f"The milestone {self.kind} of {self.on} lasts until {self.until}, which is before it. "
                "Correct the one that is wrong.",
                field="until",
            )


@frozen(kw_only=True)
class ContactRequest:
    """
    Everything that a rule may look at. What is unknown is empty, and a rule that needs it refuses.

    Args:
        jurisdictions: Where the person may be (residence, and any other that the facts suggest), each judged by its
            own rules and those of its country. Empty is unknown, and refuses.
        zones: Every plausible zone of the person, the residence first. Empty is unknown, and refuses.
        point_zones: Those of them that the number or address itself suggests.
        debt_status: As the host names it (charged_off, accelerated, judgment, …); empty is not stated.
        milestones: Dated facts of the loans that some rules count from.
        reply_to: For a reply, the id of the inbound line in the history that it answers.
        role: The person's part in the loan; `may_know` whether they may know of the debt.
        discloses: What the contact would disclose before identity is verified: nothing, lender or debt.
        evidence: Names of preconditions that are met (notice_given, two_visitors, recording, …).
        history: The ledger lines under any of the request's cap keys, in any order.
    """

    actor: Actor = Actor()
    person_id: str = field(validator=values.text)
    role: str = field(default="borrower", validator=values.text)
    may_know: bool = True
    loan_ids: tuple[str, ...] = field(default=(), validator=values.names)
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
    point_zones: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    product: str = ""
    debt_status: str = ""
    origination_channel: str = ""
    days_past_due: int = field(default=0, validator=values.at_least(0))
    flags: frozenset[str] = field(default=frozenset(), validator=_known_flags)
    holds: tuple[Hold, ...] = field(default=(), validator=values.tuple_of(Hold))
    consents: tuple[Consent, ...] = field(default=(), validator=values.tuple_of(Consent))
    inconvenient: tuple[Hours, ...] = field(default=(), validator=values.tuple_of(Hours))
    evidence: frozenset[str] = frozenset()
    milestones: tuple[Milestone, ...] = field(default=(), validator=values.tuple_of(Milestone))
    reply_to: str = ""
    history: tuple[ContactRecord, ...] = field(default=(), validator=values.tuple_of(ContactRecord))
    at: dt.datetime = field(validator=values.instant)
