"""
Valid values with one thing changed: `a_loan(currency="USD")` is a loan that differs from the plain one in that only.

The plain loan is one of China's: 12 instalments of 1,000 CNY, due on the 15th from January 2026, nothing paid, one
liable borrower with a mobile number and an e-mail address. `NOON` is noon there on `TODAY`, Wednesday 4 March 2026:
48 days past due.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from dunning.core.contact.ledger import ContactRecord
from dunning.core.facts.event import Event, EventKind
from dunning.core.facts.loan import Instalment, Loan, Party
from dunning.core.facts.person import ContactPoint, Person
from dunning.core.journal.effects import WorkedBy
from dunning.core.journal.record import Draft, Stream
from dunning.core.outbox.entry import Entry, entry_key
from dunning.core.outbox.touch import Touch

LENDER = "lender"
TODAY = dt.date(2026, 3, 4)
NOON = dt.datetime(2026, 3, 4, 4, 0, tzinfo=dt.UTC)
ORIGINATED = dt.datetime(2025, 12, 15, 2, 0, tzinfo=dt.UTC)


def an_instalment(number: int = 1, **changes: Any) -> Instalment:
    """Return instalment *number*: 1,000 of which 100 are interest, due on the 15th of the month of that number."""
    stated: dict[str, Any] = {
        "number": number,
        "due_on": dt.date(2026 + (number - 1) // 12, (number - 1) % 12 + 1, 15),
        "principal": Decimal("900.00"),
        "interest": Decimal("100.00"),
        "recorded_at": ORIGINATED,
    }
    return Instalment(**stated | changes)


def a_payment(amount: str | Decimal = "1000.00", on: dt.date = TODAY, **changes: Any) -> Event:
    """Return a payment of *amount* on *on*, recorded at ten in the morning (UTC) of that day."""
    stated: dict[str, Any] = {
        "id": f"payment-{on.isoformat()}-{amount}",
        "kind": EventKind.PAYMENT,
        "effective_on": on,
        "recorded_at": dt.datetime.combine(on, dt.time(10), tzinfo=dt.UTC),
        "amount": Decimal(amount),
    }
    return Event(**stated | changes)


def a_party(person_id: str = "P-1", **changes: Any) -> Party:
    """Return the borrower's part in a loan."""
    stated: dict[str, Any] = {
        "person_id": person_id,
        "role": "borrower",
        "liable": True,
        "may_know": True,
        "recorded_at": ORIGINATED,
    }
    return Party(**stated | changes)


def a_loan(loan_id: str = "L-1", **changes: Any) -> Loan:
    """Return a loan of twelve instalments, nothing paid."""
    stated: dict[str, Any] = {
        "id": loan_id,
        "creditor": LENDER,
        "currency": "CNY",
        "jurisdiction": "CN",
        "business_zone": "Asia/Shanghai",
        "instalments": tuple(an_instalment(number) for number in range(1, 13)),
        "parties": (a_party(),),
    }
    return Loan(**stated | changes)


def a_point(point_id: str = "P-1-mobile", **changes: Any) -> ContactPoint:
    """Return a mobile number that the lender has by contract."""
    stated: dict[str, Any] = {
        "id": point_id,
        "kind": "mobile",
        "address": "+8613800000001",
        "owner": "P-1",
        "zones": ("Asia/Shanghai",),
        "source": "application",
        "lawful_basis": "contract",
        "confirmed_on": dt.date(2025, 12, 15),
        "recorded_at": ORIGINATED,
    }
    return ContactPoint(**stated | changes)


def a_person(person_id: str = "P-1", **changes: Any) -> Person:
    """Return a person who lives in China and has a mobile number and an e-mail address."""
    stated: dict[str, Any] = {
        "id": person_id,
        "name": "Borrower 1",
        "residence": "CN",
        "zones": ("Asia/Shanghai",),
        "language": "zh-CN",
        "points": (
            a_point(f"{person_id}-mobile", owner=person_id),
            a_point(
                f"{person_id}-email", owner=person_id, kind="email", address="borrower-1@example.com", zones=(), rank=1
            ),
        ),
        "recorded_at": ORIGINATED,
    }
    return Person(**stated | changes)


def a_touch(loan_id: str = "L-1", **changes: Any) -> Touch:
    """Return the first attempt of a reminder that fell due today."""
    stated: dict[str, Any] = {
        "lender": LENDER,
        "purpose": "collection",
        "person_id": "P-1",
        "loan_id": loan_id,
        "episode": 1,
        "stay": 1,
        "step": "soft-sms",
        "occurrence": TODAY.isoformat(),
        "attempt": 1,
    }
    return Touch(**stated | changes)


def an_entry(loan_id: str = "L-1", **changes: Any) -> Entry:
    """
    Return a waiting entry: a text message about *loan_id*, due at `NOON`, good for two days.

    Its key follows from its touches unless *changes* give one; other `touches` give another key.
    """
    touches: tuple[Touch, ...] = changes.get("touches", (a_touch(loan_id),))
    stated: dict[str, Any] = {
        "key": entry_key(touches),
        "lender": LENDER,
        "kind": "contact",
        "touches": touches,
        "person_id": "P-1",
        "role": "borrower",
        "loan_ids": (loan_id,),
        "purpose": "collection",
        "channel": "sms",
        "point_id": "P-1-mobile",
        "step": "soft-sms",
        "template": "soft_sms",
        "tier": "soft",
        "planned_on": TODAY,
        "not_before": NOON,
        "expires_at": NOON + dt.timedelta(days=2),
    }
    return Entry(**stated | changes)


def a_contact(contact_id: str = "C-1", **changes: Any) -> ContactRecord:
    """Return the ledger line of a text message that went out at `NOON`."""
    stated: dict[str, Any] = {
        "id": contact_id,
        "direction": "out",
        "purpose": "collection",
        "channel": "sms",
        "person_id": "P-1",
        "loan_ids": ("L-1",),
        "point_id": "P-1-mobile",
        "at": NOON,
        "outcome": "attempted",
        "recorded_at": NOON,
    }
    return ContactRecord(**stated | changes)


def a_stream(stream_id: str = "L-1", **changes: Any) -> Stream:
    """Return the stream of a loan."""
    stated: dict[str, Any] = {"lender": LENDER, "kind": "loan", "id": stream_id}
    return Stream(**stated | changes)


def a_draft(stream_id: str = "L-1", **changes: Any) -> Draft:
    """Return an unwritten record on the stream of loan *stream_id*, with one harmless effect."""
    stated: dict[str, Any] = {
        "stream": a_stream(stream_id),
        "kind": "decision",
        "at": NOON,
        "as_of": TODAY,
        "effects": (WorkedBy(actor="agency-1"),),
    }
    return Draft(**stated | changes)
