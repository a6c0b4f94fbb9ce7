"""The words of a message: data for its template, from the quote and the fresh facts, gathered at the last moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from attrs import frozen

from dunning.adapters.policy.document import Policy
from dunning.adapters.templates import TemplateLibrary, render
from dunning.adapters.templates.template import Message, Template
from dunning.core.facts.event import Event
from dunning.core.facts.known import attribute
from dunning.core.facts.loan import Quote
from dunning.core.facts.person import Person
from dunning.core.outbox.entry import Entry
from dunning.core.overdue.money import ZERO, effective, paid
from dunning.core.overdue.status import OverdueStatus
from dunning.core.steps.step import Step
from dunning.core.terms import Dossier
from dunning.errors import DunningError, FactsError

Value = str | Decimal | dt.date | int


@frozen(kw_only=True)
class Words:
    """A rendered text, ready to go out; `also` is the same in further languages: (language, subject, body) each."""

    language: str
    subject: str
    body: str
    script: str
    also: tuple[tuple[str, str, str], ...] = ()


def words_for(
    entry: Entry,
    dossier: Dossier,
    status: OverdueStatus,
    step: Step,
    *,
    person: Person | None,
    quote: Quote,
    policy: Policy,
    templates: TemplateLibrary,
    sender: Mapping[str, Mapping[str, str]],
    as_of: dt.date,
) -> Words:
    """
    Render the text of *entry* in the person's language, and in those that the policy adds for its channel.

    Raises:
        TemplateError: There is no such template, or something it needs is not known; the error names it.
    """
    own = person.language if person is not None else policy.languages[0]
    data = {
        **_loan(dossier, status, quote),
        **_person(dossier, person),
        **_occasion(entry, dossier, step, as_of=as_of),
    }
    found = [templates.find(entry.template, language) for language in (own, *added(entry, policy))]
    return _said(found, lambda template: data | _sender(sender, template.language))


def _said(found: Sequence[Template], data: Callable[[Template], Mapping[str, Value]]) -> Words:
    """Render each of *found*, the person's own first. One text may stand in for several languages; it is said once."""
    each = {template.language: template for template in found}.values()
    first, *others = [_rendered(template, data(template)) for template in each]
    return Words(
        language=first.language,
        subject=first.subject,
        body=first.body,
        script=first.verified_body,
        also=tuple((message.language, message.subject, message.body) for message in others),
    )


def added(entry: Entry, policy: Policy) -> tuple[str, ...]:
    """Return the languages that *policy* adds on the entry's channel; people are given one text to work with."""
    if entry.executor:
        return ()
    return next((setting.languages for setting in policy.channels if setting.kind == entry.channel), ())


def _rendered(template: Template, data: Mapping[str, Value]) -> Message:
    return render(template, {name: value for name, value in data.items() if name in template.uses and value != ""})


def words_about(
    loans: Sequence[tuple[Dossier, Quote | DunningError]],
    entry: Entry,
    *,
    templates: TemplateLibrary,
    sender: Mapping[str, Mapping[str, str]],
    as_of: dt.date,
    step: Step,
    languages: Sequence[str] = (),
) -> Words:
    """
    Render the one text of *entry* about all *loans*, of one creditor and in one currency, the first of them its own.

    *languages* are those that the policy adds for its channel.

    Raises:
        TemplateError: There is no text for several loans, or something it needs is not known.
    """
    first = loans[0][0]
    person = first.person(entry.person_id)
    own = person.language if person is not None else "en"
    found = [
        templates.several(entry.template, language) or templates.find(entry.template, language)
        for language in (own, *languages)
    ]
    due = Decimal(0)
    for dossier, quote in loans:
        if isinstance(quote, DunningError):
            raise quote
        due += max(quote.overdue.total - told_money(dossier, on=quote.on), Decimal(0))
    data: dict[str, Value] = {
        "creditor": first.loan.creditor,
        "currency": first.loan.currency,
        "amount_due_all": due,
        **({"lender": first.loan.brand} if first.loan.brand else {}),
        **_person(first, person),
        "pay_by": as_of + dt.timedelta(days=step.answer_within),
    }
    refs = [_ref(dossier.loan.id) for dossier, _ in loans]

    def about(template: Template) -> Mapping[str, Value]:
        comma = "、" if template.language.startswith("zh") else ", "
        return data | {"loan_refs": comma.join(refs)} | _sender(sender, template.language)

    return _said(found, about)


def _ref(loan_id: str) -> str:
    return f"…{loan_id[-4:]}"


def _sender(sender: Mapping[str, Mapping[str, str]], language: str) -> dict[str, Value]:
    stated = sender.get(language) or sender.get(language.partition("-")[0]) or {}
    return dict(stated)


def _loan(dossier: Dossier, status: OverdueStatus, quote: Quote) -> dict[str, Value]:
    loan = dossier.loan
    told = told_money(dossier, on=quote.on)
    found: dict[str, Value] = {
        "creditor": loan.creditor,
        "loan_ref": _ref(loan.id),
        "currency": loan.currency,
        "amount_due": max(quote.overdue.total - told, Decimal(0)),
        "days_past_due": status.days_past_due,
    }
    if loan.brand:
        found["lender"] = loan.brand
    total = quote.payoff if quote.payoff is not None else loan.balance
    if total is not None:
        found["total_owed"] = max(total - told, Decimal(0))
    offer = attribute(loan, "settlement_offer", on=quote.on)
    if offer:
        found["offer_amount"] = _amount("settlement_offer", offer)
    if status.oldest_unpaid_due_on is not None:
        found["oldest_due_on"] = status.oldest_unpaid_due_on
    if status.next_due_on is not None:
        found["next_due_on"] = status.next_due_on
        found["next_due_amount"] = status.next_due
    if loan.collateral:
        found["vehicle"] = loan.collateral[0].description
    return found


def _amount(name: str, value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise FactsError(
            f"The loan's attribute {name} is no amount. Write it as 5000.00, or leave it out.", field=name
        ) from None


def told_money(dossier: Dossier, *, on: dt.date) -> Decimal:
    """
    Return the money that we were told of and the host's ledger does not show yet: its quote cannot know of it.

    Never below 0: where we were told of a return that the ledger does not show, nobody is asked for more than it says.
    """
    told = {event.id for event in dossier.case.told}
    known = effective(dossier.loan.events, on)
    return max(
        paid(known) - paid([event for event in known if event.id not in told or event.id in dossier.shown]), ZERO
    )


def _person(dossier: Dossier, person: Person | None) -> dict[str, Value]:
    borrowers = [p.person_id for p in dossier.loan.parties if p.role == "borrower"]
    borrower = dossier.person(borrowers[0]) if borrowers else None
    return {
        "person_name": person.name if person else (borrower.name if borrower else ""),
        "guaranteed_person": borrower.name if borrower else "",
    }


def _occasion(entry: Entry, dossier: Dossier, step: Step, *, as_of: dt.date) -> dict[str, Value]:
    """What the touch is about: its promise, its payment, its returned debit, its track."""
    found: dict[str, Value] = {
        "pay_by": as_of + dt.timedelta(days=step.answer_within),
        "starts_on": as_of + dt.timedelta(days=step.answer_within),
        "due_back_on": as_of + dt.timedelta(days=step.answer_within),
        "visit_on": as_of,
        "reason": step.track or step.tier,
    }
    about = {touch.occurrence for touch in entry.touches}
    for promise in dossier.case.promises:
        if promise.id in about:
            found.update(promise_amount=promise.amount, promise_on=promise.due_on)
    for event in dossier.loan.events:
        if event.id in about:
            found.update(_event(event))
    for track in dossier.case.tracks:
        decided = next((r for r in dossier.case.requests if r.id == track.request_id), None)
        if track.name == step.track and decided is not None:
            found["approved_by"] = decided.decided_by
    return found


def _event(event: Event) -> dict[str, Value]:
    found: dict[str, Value] = {"paid_on": event.effective_on, "returned_on": event.effective_on}
    if event.amount is not None:
        found["paid_amount"] = event.amount
    return found
