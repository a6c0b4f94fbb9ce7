"""
What a template may say: every variable, what it holds, and what it gives away.

A text of kind money, date or number cannot be printed by accident: money needs the filter `money`, a date the filter
`date`; a number may be printed as it is or with the filter `days`. A variable that gives away more than a template
declares is refused when the template is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import field, frozen

from dunning.core import values

DISCLOSURES = ("nothing", "lender", "debt")
"""What a text gives away to whoever reads or hears it, from least to most."""

KINDS = ("text", "money", "date", "number")


@frozen(kw_only=True)
class Variable:
    """
    One name that templates may use.

    Args:
        kind: text (one line), money (Decimal), date, number (int).
        discloses: The least that a text with this variable gives away.
        sentence: What it holds.
    """

    name: str = field(validator=values.text)
    kind: str = field(validator=values.one_of(*KINDS))
    discloses: str = field(validator=values.one_of(*DISCLOSURES))
    sentence: str = field(validator=values.text)


def _variables(kind: str, discloses: str, sentences: Mapping[str, str]) -> dict[str, Variable]:
    return {
        name: Variable(name=name, kind=kind, discloses=discloses, sentence=sentence)
        for name, sentence in sentences.items()
    }


_TABLE: Mapping[str, Variable] = MappingProxyType(
    {
        **_variables(
            "text",
            "nothing",
            {
                "person_name": "Name of the person addressed.",
                # 12 CFR 1006.2(j): a message that anybody may hear names a business, but not what the business does.
                "caller_name": "A business name that does not give away lending or collection.",
                "phone_back": "Telephone number at which the person reaches us.",
                "email_back": "E-mail address at which the person reaches us.",
                "stop_how": "Sentence that says how to get no more messages over this channel.",
                "enquiry_ref": "Our number of the person's enquiry, dispute or complaint.",
            },
        ),
        **_variables("date", "nothing", {"answer_by": "Day by which an enquiry is answered at the latest."}),
        **_variables(
            "text",
            "lender",
            {
                "lender": "Name by which the person knows the lender (the brand, where the loan has one).",
                "creditor": "Legal name of the creditor to whom the loan is owed.",
                "product": "What the loan is called, in the person's language (car loan).",
                "loan_ref": "Masked number of the loan (its last four characters).",
                "pay_link": "Address of the page on which to pay.",
                "hardship_line": "Number or address where help in hardship can be asked for.",
                "complaint_line": "Number or address where complaints and disputes are taken.",
                "vehicle": "The financed vehicle: make, model and masked plate.",
                "visit_time": "Hours of a visit.",
            },
        ),
        **_variables(
            "date",
            "lender",
            {
                "visit_on": "Day of a visit.",
                "starts_on": "First day of what a notice announces.",
            },
        ),
        **_variables(
            "text",
            "debt",
            {
                "currency": "ISO 4217 code of the loan's currency; needed wherever the filter money is used.",
                "agency": "Name of the agency that works the loan.",
                "agency_phone": "Telephone number of that agency.",
                "law_firm": "Name of the law firm that acts for the creditor.",
                "guaranteed_person": "Name of the borrower for whom a guarantor stands.",
                "legal_line": "Sentence that the law of the place demands in a collection text.",
                "reason": "Why a referral is made, in words (internal sheets).",
                "approved_by": "Who approved a referral, by role or staff number (internal sheets).",
                "visit_place": "Address of a visit (internal sheets).",
                "loan_refs": "Masked numbers of all the loans that a message is about.",
            },
        ),
        **_variables(
            "money",
            "debt",
            {
                "amount_due": "Overdue amount that brings the loan up to date, all charges included.",
                "amount_due_all": "Sum of `amount_due` over all the loans that a message is about.",
                "next_due_amount": "Amount of the next instalment.",
                "total_owed": "Everything still owed on the loan, due or not.",
                "offer_amount": "Amount that a settlement offer asks for.",
                "promise_amount": "Amount promised.",
                "paid_amount": "Amount of the payment received.",
            },
        ),
        **_variables(
            "date",
            "debt",
            {
                "oldest_due_on": "Due date of the oldest unpaid instalment.",
                "next_due_on": "Due date of the next instalment.",
                "pay_by": "Day by which to pay or answer, inclusive.",
                "promise_on": "Day promised.",
                "paid_on": "Day on which the payment counts.",
                "returned_on": "Day on which a debit was returned.",
                "due_back_on": "Day on which a referral ends (internal sheets).",
            },
        ),
        **_variables("number", "debt", {"days_past_due": "Days since the oldest unpaid due date."}),
    }
)

VARIABLES: Mapping[str, str] = MappingProxyType({name: variable.sentence for name, variable in _TABLE.items()})
"""Every name that a template may use, with a sentence saying what it holds."""


SEVERAL = "_several"
"""A text called so after another takes its place where one message is about several loans of a person."""

OF_ONE_LOAN = frozenset(
    {
        "loan_ref",
        "vehicle",
        "amount_due",
        "next_due_amount",
        "total_owed",
        "offer_amount",
        "promise_amount",
        "paid_amount",
        "oldest_due_on",
        "next_due_on",
        "promise_on",
        "paid_on",
        "returned_on",
        "days_past_due",
    }
)
"""What a text about several loans cannot say, because it differs from loan to loan."""


def variable(name: str) -> Variable | None:
    """Return the variable *name*, or None where no such name is documented."""
    return _TABLE.get(name)


def gives_away(names: frozenset[str]) -> str:
    """Return the least that a text using *names* discloses."""
    levels = (DISCLOSURES.index(_TABLE[name].discloses) for name in names if name in _TABLE)
    return DISCLOSURES[max(levels, default=0)]
