"""A large book that cannot say what changed is remembered: a night looks at what moved, and decides as a full one."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

pytest.importorskip("numpy")

from dunning.adapters.books.memory import MemoryBook
from dunning.adapters.storage.memory import MemoryStorage
from dunning.core.facts.event import Event
from dunning.testing.builders import TODAY, a_loan, a_party, a_payment, a_person, an_instalment
from dunning.testing.given import an_engine
from dunning.testing.nights import at

DAY = dt.timedelta(days=1)


def ahead(number, **changes):
    """Return a loan of which nothing is due for months."""
    due = tuple(an_instalment(n, due_on=dt.date(2026, 8 + n, 15)) for n in range(1, 4))
    return a_loan(f"A-{number}", instalments=due, parties=(a_party(f"Q-{number}"),), **changes)


class Asked(MemoryBook):
    """A book that notes which loans were decided about: those whose borrowers' other loans were asked for."""

    def __init__(self, **given):
        super().__init__(**given)
        self.asked = set()

    def loans_of(self, person_ids):
        person_ids = list(person_ids)
        self.asked.update(person_ids)
        return super().loans_of(person_ids)


class House:
    """An engine over a book that may be exchanged, with a memory."""

    def __init__(self, tmp_path, loans, *, large=2):
        self.storage, self.folder = MemoryStorage(), tmp_path / "memory"
        self.large = large
        self.restate(loans)

    def restate(self, loans, **persons):
        people = [a_person(p.person_id, **persons) for loan in loans for p in loan.parties]
        self.book = Asked(loans=loans, persons=people, current_through=TODAY + 30 * DAY)
        engine = an_engine(loans, people, storage=self.storage)
        engine.parts = evolve(engine.parts, book=self.book, memory=self.folder, remember_from=self.large)
        self.engine = engine

    def night(self, days=0, **changes):
        self.book.asked.clear()
        on = TODAY + days * DAY
        return self.engine.assess(as_of=on, now=at(on, 2), **changes)

    def records(self):
        with self.storage.begin("lender", read_only=True) as unit:
            return list(unit.since(0, limit=10_000))


LOANS = [ahead(number) for number in range(6)]


def test_what_did_not_change_sleeps(tmp_path):
    house = House(tmp_path, LOANS)
    assert 6 == house.night().loans

    report = house.night(1)

    assert (0, 6) == (report.loans, report.asleep)
    assert set() == house.book.asked


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"events": (a_payment("10.00", TODAY - DAY),)}, id="money"),
        pytest.param({"host_status": "sold"}, id="a word of the host's"),
        pytest.param({"parties": (a_party("Q-3", may_know=False),)}, id="a party"),
        pytest.param(
            {"events": (Event(id="R", kind="re_age", effective_on=TODAY - DAY),)}, id="what columns cannot say"
        ),
    ],
)
def test_a_loan_whose_facts_changed_is_looked_at(tmp_path, changed):
    house = House(tmp_path, LOANS)
    house.night()
    house.restate([evolve(loan, **changed) if loan.id == "A-3" else loan for loan in LOANS])
    report = house.night(1)
    assert (1, 5) == (report.loans, report.asleep)


def test_a_new_loan_is_looked_at_and_one_that_left_is_not_missed(tmp_path):
    house = House(tmp_path, LOANS)
    house.night()
    house.restate([*LOANS[1:], ahead(9)])
    report = house.night(1)
    assert (1, 5) == (report.loans, report.asleep)


def test_a_change_of_a_person_is_a_change_of_their_loans(tmp_path):
    house = House(tmp_path, LOANS)
    house.night()
    house.restate(LOANS, language="en")
    assert 6 == house.night(1).loans


def test_it_decides_as_a_full_night_does(tmp_path):
    """Late loans among them, night by night, with payments and one that columns cannot say."""
    late = [a_loan(f"L-{n}", parties=(a_party(f"P-{n}"),)) for n in range(3)]
    odd = a_loan(
        "O-1", parties=(a_party("P-9"),), events=(Event(id="F", kind="deferral", effective_on=TODAY, instalment=3),)
    )
    loans = [*late, odd, *LOANS]
    kept, full = House(tmp_path / "kept", loans), House(tmp_path / "full", loans, large=99)
    for night in range(0, 16, 4):
        if night == 8:
            paid = a_payment("3000.00", TODAY + 7 * DAY)
            loans = [evolve(loan, events=(paid,)) if loan.id == "L-1" else loan for loan in loans]
            for house in (kept, full):
                house.restate(loans)
        for house in (kept, full):
            house.night(night)
    told = [
        [
            (r.draft.stream.id, r.draft.kind, r.draft.as_of, r.draft.effects)
            for r in house.records()
            if r.draft.kind != "run"
        ]
        for house in (kept, full)
    ]
    assert told[0] == told[1]


def test_a_deleted_memory_means_every_loan(tmp_path):
    house = House(tmp_path, LOANS)
    house.night()
    for path in house.folder.iterdir():
        path.unlink()
    assert 6 == house.night(1).loans
    assert 0 == house.night(2).loans


def test_a_small_book_is_not_remembered(tmp_path):
    house = House(tmp_path, LOANS, large=7)
    house.night()
    assert 6 == house.night(1).loans
    assert not house.folder.exists()


def test_a_simulation_keeps_nothing(tmp_path):
    house = House(tmp_path, LOANS)
    assert 6 == house.night(simulate=True).loans
    assert not house.folder.exists()


def test_the_labels_of_the_whole_book_are_told(tmp_path):
    """Asleep or not: three loans 48 days past due, and six of which nothing is due."""
    late = [a_loan(f"L-{n}", parties=(a_party(f"P-{n}"),)) for n in range(3)]
    report = House(tmp_path, [*late, *LOANS]).night()
    assert {"M0": 6, "M2": 3} == dict(report.labels["cn_m"])


def test_only_the_last_two_memories_are_kept(tmp_path):
    house = House(tmp_path, LOANS)
    for night in range(5):
        house.restate([*LOANS, ahead(10 + night, balance=Decimal(night))])
        house.night(night)
    assert 2 >= len(list(house.folder.iterdir()))


def test_one_loan_that_cannot_be_counted_wakes_no_other(tmp_path):
    """An extension to a year that there is not: told every night, while the others sleep."""
    wrong = ahead(9, events=(Event(id="X", kind="extension", effective_on=TODAY, instalment=1, months=120_000),))
    house = House(tmp_path, [*LOANS, wrong])
    for night, asleep in ((0, 0), (1, 6), (2, 6)):
        report = house.night(night)
        assert (asleep, ["loan A-9"]) == (report.asleep, [trouble.what for trouble in report.troubles])
        assert {"M0": 6} == dict(report.labels["cn_m"])


@pytest.mark.parametrize("kept", ["", "5\n", '["A-1", ["x"]]\n', '[["A-1"], "x"]\n', '["A-1"]\n', "\x00\x00", "[["])
def test_a_damaged_memory_means_every_loan(tmp_path, kept):
    house = House(tmp_path, LOANS)
    house.night()
    for path in house.folder.iterdir():
        path.write_text(kept, "utf-8")
    assert 6 == house.night(1).loans


def test_a_memory_that_cannot_be_written_is_told_and_stops_no_night(tmp_path):
    """A file stands where its folder should. The night decides; the next one looks at every loan."""
    house = House(tmp_path, LOANS)
    house.folder.write_text("")
    for night in (0, 1):
        report = house.night(night)
        assert (6, ["the memory of the book"]) == (report.loans, [trouble.what for trouble in report.troubles])
        assert "could not be written" in report.troubles[0].why
    house.folder.unlink()
    assert 6 == house.night(2).loans
    assert 6 == house.night(3).asleep


def test_a_memory_lost_on_the_way_keeps_what_changed_awake(tmp_path):
    """The second night sees the change and cannot keep it: the third looks at every loan."""
    house = House(tmp_path, LOANS)
    house.night()
    house.restate([evolve(loan, host_status="sold") if loan.id == "A-3" else loan for loan in LOANS])
    kept = {path: path.read_text("utf-8") for path in house.folder.iterdir()}
    for path in kept:
        path.unlink()
    house.folder.rmdir()
    house.folder.write_text("")
    assert 6 == house.night(1).loans
    house.folder.unlink()
    assert 6 == house.night(2).loans
