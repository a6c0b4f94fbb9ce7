"""A large book in Parquet is remembered: nights decide as over objects, and make none of loans that sleep."""

import datetime as dt

import pytest
from attrs import evolve

pytest.importorskip("pyarrow")

from dunning.adapters.books.memory import MemoryBook
from dunning.adapters.books.parquet import ParquetBook, write_parquet_book
from dunning.adapters.storage.memory import MemoryStorage
from dunning.core.facts.event import Event
from dunning.testing.builders import TODAY, a_loan, a_party, a_payment, a_person, an_instalment
from dunning.testing.given import an_engine
from dunning.testing.nights import at

DAY = dt.timedelta(days=1)
AHEAD = [
    a_loan(
        f"A-{number}",
        instalments=tuple(an_instalment(n, due_on=dt.date(2026, 8 + n, 15)) for n in range(1, 4)),
        parties=(a_party(f"Q-{number}"),),
    )
    for number in range(6)
]
LATE = [a_loan(f"L-{n}", parties=(a_party(f"P-{n}"),)) for n in range(3)]
ODD = a_loan(
    "O-1", parties=(a_party("P-9"),), events=(Event(id="F", kind="deferral", effective_on=TODAY, instalment=3),)
)


class Counted(ParquetBook):
    """A book that notes of which loans objects were asked for."""

    def __init__(self, folder):
        super().__init__(folder)
        self.made = set()

    def loans(self, ids):
        found = super().loans(ids)
        self.made.update(found)
        return found


class House:
    """An engine over a book that may be exchanged: in Parquet with a memory, or in memory without one."""

    def __init__(self, folder, *, parquet):
        self.storage, self.folder, self.parquet, self.stated = MemoryStorage(), folder, parquet, 0

    def restate(self, loans):
        people = [a_person(party.person_id) for loan in loans for party in loan.parties]
        self.stated += 1
        given = {"loans": loans, "persons": people, "current_through": TODAY + 30 * DAY}
        if self.parquet:
            folder = self.folder / f"book-{self.stated}"
            write_parquet_book(folder, **given)
            self.book = Counted(folder)
        else:
            self.book = MemoryBook(**given)
        engine = an_engine(storage=self.storage, book=self.book)
        memory = self.folder / "memory" if self.parquet else None
        engine.parts = evolve(engine.parts, memory=memory, remember_from=2)
        self.engine = engine

    def night(self, days):
        on = TODAY + days * DAY
        return self.engine.assess(as_of=on, now=at(on, 2))

    def decisions(self):
        with self.storage.begin("lender", read_only=True) as unit:
            return [
                (r.draft.stream.id, r.draft.kind, r.draft.as_of, r.draft.effects)
                for r in unit.since(0, limit=10_000)
                if r.draft.kind != "run"
            ]


def test_it_decides_as_over_the_same_facts_in_memory(tmp_path):
    """Night by night, with a payment, and with a loan that columns cannot say."""
    loans = [*LATE, ODD, *AHEAD]
    houses = [House(tmp_path / name, parquet=name == "parquet") for name in ("parquet", "memory")]
    for night in range(0, 16, 4):
        if night == 8:
            loans = [
                evolve(loan, events=(a_payment("3000.00", TODAY + 7 * DAY),)) if loan.id == "L-1" else loan
                for loan in loans
            ]
        for house in houses:
            house.restate(loans)
            house.night(night)
    one, other = (house.decisions() for house in houses)
    assert one == other
    assert len(one) > len(loans)


def test_no_object_is_made_of_a_loan_that_sleeps(tmp_path):
    """On the second night; of one that columns cannot say there is one."""
    house = House(tmp_path, parquet=True)
    house.restate([*AHEAD, ODD])
    assert 7 == house.night(0).loans
    house.restate([*(evolve(loan, host_status="sold") if loan.id == "A-3" else loan for loan in AHEAD), ODD])

    report = house.night(1)

    assert {"A-3", "O-1"} == house.book.made
    assert report.asleep >= 5
