"""A made-up book for `night.py`: car loans of China, most of them current, the same on every machine."""

import datetime as dt
import random
from decimal import Decimal
from functools import cache

from dunning.core.facts.event import Event, EventKind
from dunning.core.facts.loan import Instalment, Loan, Party
from dunning.core.facts.person import ContactPoint, Person

AS_OF = dt.date(2026, 3, 4)
TERM = 24
RECORDED = dt.datetime(2024, 1, 1, 2, tzinfo=dt.UTC)
# How many instalments a delinquent loan is behind, and how often: all tiers, most of them the early ones.
BEHIND = ((1, 55), (2, 18), (3, 12), (4, 7), (6, 5), (9, 3))
TWO_LOANS = 10  # one borrower in so many has two loans


def months(day: dt.date, number: int) -> dt.date:
    """Return *day* moved by *number* months; days up to 28 only."""
    at = day.year * 12 + day.month - 1 + number
    return dt.date(at // 12, at % 12 + 1, day.day)


@cache
def schedule(day: int, age: int) -> tuple[Instalment, ...]:
    """Return 24 instalments due on *day* of each month, *age* of which fell due before `AS_OF`."""
    last = AS_OF.replace(day=day)
    last = last if last < AS_OF else months(last, -1)
    return tuple(
        Instalment(
            number=number,
            due_on=months(last, number - age),
            principal=Decimal("3100.00"),
            interest=Decimal("142.50"),
            recorded_at=RECORDED,
        )
        for number in range(1, TERM + 1)
    )


@cache
def payments(day: int, age: int, behind: int) -> tuple[Event, ...]:
    """Return one payment on the due date of each instalment that was paid."""
    return tuple(payment(f"payment-{i.number}", i.due_on) for i in schedule(day, age)[: max(age - behind, 0)])


def payment(id_: str, on: dt.date) -> Event:
    """Return the payment of one instalment on *on*."""
    return Event(
        id=id_,
        kind=EventKind.PAYMENT,
        effective_on=on,
        recorded_at=dt.datetime.combine(on, dt.time(10), tzinfo=dt.UTC),
        amount=Decimal("3242.50"),
    )


def point(id_: str, kind: str, address: str, owner: str, rank: int) -> ContactPoint:
    """Return a contact point that the lender has by contract."""
    return ContactPoint(
        id=id_,
        kind=kind,
        address=address,
        owner=owner,
        zones=("Asia/Shanghai",) if kind == "mobile" else (),
        source="application",
        lawful_basis="contract",
        rank=rank,
        recorded_at=RECORDED,
    )


def person(number: int) -> Person:
    """Return a borrower with a mobile number and an e-mail address."""
    id_ = f"P-{number:07}"
    return Person(
        id=id_,
        name=f"Borrower {number}",
        residence="CN",
        zones=("Asia/Shanghai",),
        language="zh-CN",
        points=(
            point(f"{id_}-m", "mobile", f"+86138{number:08}", id_, 0),
            point(f"{id_}-e", "email", f"borrower-{number}@example.com", id_, 1),
        ),
        recorded_at=RECORDED,
    )


def book(size: int, delinquent: float) -> tuple[list[Loan], list[Person]]:
    """
    Return *size* loans and their borrowers; the share *delinquent* of the loans is behind.

    Loans of one due day and age share the objects of their schedule, so that a big book fits in memory beside what is
    measured; nothing in dunning looks at which object a fact is.
    """
    draw = random.Random(20260304)  # noqa: S311 - the same book each time
    counts, weights = zip(*BEHIND, strict=True)
    loans, persons = [], []
    for number in range(size):
        if not persons or number % TWO_LOANS:
            persons.append(person(len(persons)))
        behind = draw.choices(counts, weights)[0] if draw.random() < delinquent else 0
        day, age = draw.randint(1, 28), draw.randint(max(behind, 2), TERM - 2)
        loans.append(
            Loan(
                id=f"L-{number:07}",
                creditor="lender",
                currency="CNY",
                jurisdiction="CN",
                business_zone="Asia/Shanghai",
                instalments=schedule(day, age),
                events=payments(day, age, behind),
                parties=(
                    Party(person_id=persons[-1].id, role="borrower", liable=True, may_know=True, recorded_at=RECORDED),
                ),
            )
        )
    return loans, persons
