"""What goes on in the example book on its last days: money on its way, flags, and what people told the lender."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from attrs import evolve

from dunning.adapters.books import example_people
from dunning.adapters.books.example_people import Cast
from dunning.adapters.books.example_places import PLACES
from dunning.adapters.codec.scalars import instant_text
from dunning.core.facts.event import Event, EventKind
from dunning.core.facts.loan import Loan
from dunning.core.overdue.status import overdue_status

_FEE = {"USD": Decimal("25.00"), "CNY": Decimal("50.00")}


# What happens to one loan each: kind, days before the last day, and the event's own fields; an amount of "one" is one
# instalment, "fee" the late fee; `until` counts days from the last day.
_STORIES: tuple[tuple[EventKind, int, dict[str, Any]], ...] = (
    (EventKind.PENDING_PAYMENT, 0, {"amount": "one", "until": 2, "reason": "bank_transfer"}),
    (EventKind.PENDING_PAYMENT, 1, {"amount": "one", "until": 3, "reason": "bank_transfer"}),
    (EventKind.PENDING_PAYMENT, 2, {"amount": "one", "until": 4, "reason": "bank_transfer"}),
    (EventKind.DEBIT_PRESENTED, 1, {"amount": "one", "until": 4, "reason": "second_presentation"}),
    (EventKind.DEBIT_PRESENTED, 1, {"amount": "one", "until": 4, "reason": "second_presentation"}),
    (EventKind.DEBIT_PRESENTED, 1, {"amount": "one", "until": 4, "reason": "second_presentation"}),
    (EventKind.SUSPENSE_RECEIVED, 2, {"amount": "one", "until": 8, "reason": "no_reference"}),
    (EventKind.SUSPENSE_RECEIVED, 2, {"amount": "one", "until": 8, "reason": "no_reference"}),
    (EventKind.PAUSE, 12, {"until": 30, "reason": "payment_holiday"}),
    (EventKind.PAUSE, 12, {"until": 60, "reason": "payment_holiday"}),
    (EventKind.CHARGE, 6, {"amount": "fee", "component": "fees", "reason": "late_fee"}),
    (EventKind.CHARGE, 6, {"amount": "fee", "component": "fees", "reason": "late_fee"}),
)
_FLAGS = ("deceased", "represented", "represented", "military", "military", "vulnerable", "bankrupt")
_FLAGGED_FOR = dt.timedelta(days=20)

# How many loans `tell` takes: one a story, one with a waived fee, one with a reversal, one a flag.
_TAKEN = len(_STORIES) + 2 + len(_FLAGS)


def tell(loans: Sequence[Loan], cast: Cast, as_of: dt.date) -> list[Loan]:
    """Return *loans* with the stories of the last days, each on a late loan of its own."""
    told = {loan.id: loan for loan in loans}
    chosen = late_loans(loans, as_of)[:_TAKEN]
    plain, (waived, reversed_), flagged = chosen[: len(_STORIES)], chosen[len(_STORIES) :][:2], chosen[-len(_FLAGS) :]
    for loan, (kind, ago, stated) in zip(plain, _STORIES, strict=True):
        told[loan.id] = _with(loan, kind, as_of - dt.timedelta(days=ago), **_meant(loan, as_of, stated))
    told[waived.id] = _fee_waived(waived, as_of)
    told[reversed_.id] = _taken_back(reversed_, as_of)
    for loan, name in zip(flagged, _FLAGS, strict=True):
        example_people.flag(cast, loan.parties[0].person_id, name, as_of - _FLAGGED_FOR)
        if name == "represented":
            place = next(place for place in PLACES if place.name == loan.attributes[1].value)
            attorney = example_people.representative(cast, int(loan.id[-3:]), place, as_of - _FLAGGED_FOR)
            told[loan.id] = evolve(loan, parties=(*loan.parties, attorney))
    return list(told.values())


def _meant(loan: Loan, as_of: dt.date, stated: dict[str, Any]) -> dict[str, Any]:
    amounts = {"one": _instalment(loan), "fee": _FEE[loan.currency]}
    meant = dict(stated)
    if "amount" in meant:
        meant["amount"] = amounts[meant["amount"]]
    if "until" in meant:
        meant["until"] = as_of + dt.timedelta(days=meant["until"])
    return meant


def _fee_waived(loan: Loan, as_of: dt.date) -> Loan:
    fee: dict[str, Any] = {"amount": _FEE[loan.currency], "component": "fees"}
    charged = _with(loan, EventKind.CHARGE, as_of - dt.timedelta(days=6), **fee, reason="late_fee")
    return _with(charged, EventKind.WAIVER, as_of - dt.timedelta(days=2), **fee, reason="goodwill")


def _taken_back(loan: Loan, as_of: dt.date) -> Loan:
    """A payment that the bank took back after the fact: until the last day we rightly believed that it was paid."""
    on = as_of - dt.timedelta(days=9)
    paid = _with(loan, EventKind.PAYMENT, on, amount=_instalment(loan))
    return _with(paid, EventKind.REVERSAL, on, known_on=as_of, of=paid.events[-1].id, reason="back_dated_by_the_bank")


def messages(loans: Sequence[Loan], as_of: dt.date) -> Iterator[dict[str, Any]]:
    """
    Yield what people told the lender on *as_of*, one message each, about the late loans that no other story took.

    Kinds: promise (to pay an amount by a day), hold (leave alone, why, until when), payment (seen before the book shows
    it), outcome (a contact that somebody made).
    """
    free = iter(late_loans(loans, as_of)[_TAKEN:])
    for number, days in enumerate((2, 3, 5, 7), start=1):
        loan = next(free)
        yield {
            **_message("promise", number, loan, as_of, 8 + number),
            "person_id": loan.parties[0].person_id,
            "amount": str(_instalment(loan)),
            "due_on": (as_of + dt.timedelta(days=days)).isoformat(),
        }
    for number, (reason, days) in enumerate((("dispute", 30), ("hardship", 60)), start=1):
        loan = next(free)
        yield {
            **_message("hold", number, loan, as_of, 10),
            "subject": {"kind": "loan", "loan_id": loan.id},
            "reason": reason,
            "starts_on": as_of.isoformat(),
            "until": (as_of + dt.timedelta(days=days)).isoformat(),
            "purposes": ["collection"],
            "evidence": f"example/{reason}-{loan.id}",
            "reviewer": "care_team",
        }
    for number in (1, 2):
        loan = next(free)
        yield {
            **_message("payment", number, loan, as_of, 11),
            "event_id": f"{loan.id}-R{number}",
            "amount": str(_instalment(loan)),
            "effective_on": as_of.isoformat(),
        }
    for number, outcome in enumerate(("not_connected", "conversation", "connected"), start=1):
        loan = next(free)
        yield {
            **_message("outcome", number, loan, as_of, 9),
            "person_id": loan.parties[0].person_id,
            "point_id": f"{loan.parties[0].person_id}-M",
            "channel": "call",
            "purpose": "collection",
            "direction": "out",
            "actor": "collector",
            "outcome": outcome,
        }


def late_loans(loans: Sequence[Loan], as_of: dt.date) -> list[Loan]:
    """Return the running loans that are late on *as_of*, so that neighbours are late by different classes."""
    days = {loan.id: overdue_status(loan, as_of=as_of).days_past_due for loan in loans if loan.host_status == "open"}
    ranked = sorted((loan for loan in loans if days.get(loan.id)), key=lambda loan: (days[loan.id], loan.id))
    return [*ranked[::3], *ranked[1::3], *ranked[2::3]]


def _instalment(loan: Loan) -> Decimal:
    return loan.instalments[0].amount


def _with(loan: Loan, kind: EventKind, on: dt.date, *, known_on: dt.date | None = None, **more: Any) -> Loan:
    event = Event(
        id=f"{loan.id}-S{sum('-S' in event.id for event in loan.events) + 1}",
        kind=kind,
        effective_on=on,
        recorded_at=dt.datetime.combine(known_on or on, dt.time(9), tzinfo=dt.UTC),
        **more,
    )
    return evolve(loan, events=(*loan.events, event))


def _message(kind: str, number: int, loan: Loan, as_of: dt.date, hour: int) -> dict[str, Any]:
    # By the clock on the wall where the loan is: 18:00 UTC would be a call at two in the morning in Shanghai.
    at = dt.datetime.combine(as_of, dt.time(hour), tzinfo=ZoneInfo(loan.business_zone))
    return {"kind": kind, "id": f"{kind}-{number}", "at": instant_text(at), "loan_id": loan.id}
