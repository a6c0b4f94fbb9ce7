"""
The example book: an auto lender with borrowers in eight places of two countries, the same on every machine.

Nobody in it exists. Its months follow the roll rates of a real book (`example_history.REAL_MOVES`); its people, numbers
and stories are made so that every path of the library has somebody on it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import ROUND_UP, Decimal
from pathlib import Path
from random import Random
from typing import Any

from attrs import evolve, frozen

from dunning.adapters.books import example_people, example_stories
from dunning.adapters.books.csv_write import write_csv_book
from dunning.adapters.books.example_history import Life, Quotas, extend, live_through
from dunning.adapters.books.example_people import Cast
from dunning.adapters.books.example_places import PLACES, Place
from dunning.adapters.books.memory import MemoryBook
from dunning.adapters.codec.documents import json_text
from dunning.adapters.codec.moments import months_after
from dunning.core.facts.loan import Attribute, Collateral, DebitMandate, Instalment, Loan, Party
from dunning.core.facts.person import Person
from dunning.core.overdue.convention import OLDEST_UNPAID
from dunning.core.overdue.money import effective
from dunning.core.overdue.settling import settle

AS_OF = dt.date(2026, 3, 18)  # a Wednesday in the middle of a month: some instalments are just due, others soon
SEED = 20190831
_OLDEST, _YOUNGEST = 33, 5  # months since the first instalment fell due
_HOLIDAY = 6  # months since some loans were extended by a month


@frozen(kw_only=True)
class ExampleBook:
    """
    The facts, and messages that arrived on the day: each is one object for `dunning receive`.

    `paths` is, by loan, the bucket at each month's end that the simulation meant; tests hold the facts to it.
    """

    loans: tuple[Loan, ...]
    persons: tuple[Person, ...]
    current_through: dt.date
    messages: tuple[dict[str, Any], ...]
    paths: dict[str, tuple[str, ...]]

    def book(self) -> MemoryBook:
        """Return the facts as a `LoanBook`."""
        return MemoryBook(loans=self.loans, persons=self.persons, current_through=self.current_through)


def example_auto(as_of: dt.date = AS_OF) -> ExampleBook:
    """
    Return the example book with everything known by the close of *as_of*.

    Its shape is the same for every *as_of*; dates move with it.
    """
    rng = Random(SEED)  # noqa: S311 - a fixed seed for data that must be the same everywhere, nothing secret
    settings = list(_settings(as_of, rng))
    lives = [life for life, _, _ in settings]
    _simulate(lives, as_of, rng)
    cast = Cast()
    told = example_stories.tell([_known(loan, as_of) for loan in _loans(settings, cast)], cast, as_of)
    loans = [evolve(loan, balance=_balance(loan, as_of)) for loan in told]
    return ExampleBook(
        loans=tuple(loans),
        persons=tuple(example_people.everybody(cast)),
        current_through=as_of,
        messages=tuple(example_stories.messages(loans, as_of)),
        paths={life.id: tuple(life.path) for life in lives},
    )


def write_example_auto(folder: Path, as_of: dt.date = AS_OF) -> ExampleBook:
    """
    Write the example book to *folder* as CSV files, with `messages.jsonl` beside them, and return it.

    Raises:
        FactsError: *folder* holds something already.
    """
    example = example_auto(as_of)
    write_csv_book(
        folder,
        loans=example.loans,
        persons=example.persons,
        current_through=example.current_through,
        files={"messages.jsonl": "".join(f"{json_text(message)}\n" for message in example.messages)},
    )
    return example


def _settings(as_of: dt.date, rng: Random) -> Iterator[tuple[Life, Place, Decimal]]:
    """Yield each loan's terms, its place and its monthly rate; ages and due days are spread evenly, not by chance."""
    places = [place for place in PLACES for _ in range(place.loans)]
    this_month = as_of.replace(day=1)
    for index, place in enumerate(places, start=1):
        age = _YOUNGEST + (index * 7) % (_OLDEST - _YOUNGEST + 1)
        term = (36, 48)[index % 2]
        # Due days 5 to 25: then one, two and three missed months end 1-30, 31-60 and 61-90 days past due in any month.
        due_day = 5 + (index * 11) % 21
        amount, rate = (Decimal(9000) + 500 * int(rng.random() * 50), Decimal("0.0089"))
        if place.chinese:
            amount, rate = (Decimal(60000) + 5000 * int(rng.random() * 28), Decimal("0.0065"))
        yield (
            Life(
                id=f"EX-{index:03d}",
                instalment=_annuity(amount, rate, term),
                term=term,
                first_due=months_after(this_month, -age).replace(day=due_day),
                debited=index % 3 == 0,
            ),
            place,
            amount,
        )


def _annuity(amount: Decimal, rate: Decimal, term: int) -> Decimal:
    return (amount * rate / (1 - (1 + rate) ** -term)).quantize(Decimal("0.01"), rounding=ROUND_UP)


def _simulate(lives: Sequence[Life], as_of: dt.date, rng: Random) -> None:
    quotas = Quotas()
    month = months_after(as_of.replace(day=1), -_OLDEST)
    while month <= as_of:
        running = [life for life in lives if life.status == "open" and life.first_due.replace(day=1) <= month]
        # By a drawn key, not by shuffle(): only random() gives the same numbers in every version of Python.
        for _, life in sorted(((rng.random(), life) for life in running), key=lambda drawn: drawn[0]):
            _one_month(life, month, as_of, quotas, rng)
        month = months_after(month, 1)


def _one_month(life: Life, month: dt.date, as_of: dt.date, quotas: Quotas, rng: Random) -> None:
    holiday = months_after(as_of.replace(day=1), -_HOLIDAY)
    if int(life.id[-3:]) % 40 == 17 and life.bucket == "current" and month == holiday:  # noqa: PLR2004
        extend(life, month)
    elif life.due_count == 0:
        live_through(life, month, "current", rng)  # nobody rolls from a month before the first
    else:
        live_through(life, month, quotas.next(life.bucket), rng)
    life.path.append(life.bucket)


def _loans(settings: Sequence[tuple[Life, Place, Decimal]], cast: Cast) -> list[Loan]:
    loans: list[Loan] = []
    previous: tuple[str, Place] | None = None
    for index, (life, place, amount) in enumerate(settings, start=1):
        since = months_after(life.first_due, -1)
        # Every sixteenth loan is a second or third one of the borrower before.
        if index % 16 in {3, 4} and index % 32 < 16 and previous is not None and previous[1] is place:  # noqa: PLR2004
            borrower = previous[0]
        else:
            borrower = example_people.borrower(cast, index, place, since)
        previous = (borrower, place)
        parties = [
            example_people.borrowing(borrower, since),
            *example_people.others(cast, index, place, since, borrower),
        ]
        loans.append(_loan(life, place, amount, parties))
    return loans


def _loan(life: Life, place: Place, amount: Decimal, parties: Sequence[Party]) -> Loan:
    index, since = int(life.id[-3:]), months_after(life.first_due, -1)
    recorded = dt.datetime.combine(since, dt.time(12), tzinfo=dt.UTC)
    schedule = tuple(_schedule(life, amount, Decimal("0.0065") if place.chinese else Decimal("0.0089"), recorded))
    used = index % 3 != 1
    return Loan(
        id=life.id,
        creditor=place.creditor,
        currency=place.currency,
        jurisdiction=place.jurisdiction,
        business_zone=place.zone,
        product="auto",
        brand="Example Auto",
        origination_channel=("dealer", "online")[index % 2],
        instalments=schedule,
        events=tuple(life.events),
        parties=tuple(parties),
        attributes=(
            Attribute(name="vehicle", value="used" if used else "new", effective_on=since, recorded_at=recorded),
            Attribute(name="region", value=place.name, effective_on=since, recorded_at=recorded),
        ),
        collateral=(Collateral(id=f"{life.id}-V", description=f"{'used' if used else 'new'} passenger car"),),
        mandates=(DebitMandate(id=f"{life.id}-M", person_id=parties[0].person_id, since=since),)
        if life.debited
        else (),
    )


def _schedule(life: Life, amount: Decimal, rate: Decimal, recorded: dt.datetime) -> Iterator[Instalment]:
    left = amount
    for number in range(1, life.term + 1):
        interest = (left * rate).quantize(Decimal("0.01"))
        principal = life.instalment - interest if number < life.term else left
        yield Instalment(
            number=number,
            due_on=months_after(life.first_due, number - 1),
            principal=principal,
            interest=life.instalment - principal,
            recorded_at=recorded,
        )
        left -= principal


def _known(loan: Loan, as_of: dt.date) -> Loan:
    """Return *loan* without what happened after *as_of* or came to be known later."""
    events = tuple(
        event
        for event in loan.events
        if event.effective_on <= as_of and event.recorded_at is not None and event.recorded_at.date() <= as_of
    )
    ended = {"uncollectable": "written_off", "early_settlement": "settled"}
    status = next((ended[event.reason] for event in events if event.reason in ended), "open")
    return evolve(loan, events=events, host_status=status)


def _balance(loan: Loan, as_of: dt.date) -> Decimal:
    """Return the principal still owed on *as_of*, due or not."""
    settled = settle(loan, effective(loan.events, as_of), on=as_of, convention=OLDEST_UNPAID)
    return sum((obligation.open["principal"] for obligation in settled.owed), Decimal(0))
