"""The kit catches, for each promise, a book that breaks it; and passes those that we ship."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from dunning.adapters.books.blocks import blocks
from dunning.adapters.books.csv_folder import CsvBook
from dunning.adapters.books.csv_write import write_csv_book
from dunning.adapters.books.memory import MemoryBook
from dunning.adapters.interfaces.loan_book import Changes
from dunning.core.facts.loan import Amounts, Quote
from dunning.errors import FactsError
from dunning.testing.books import ChangingBookConformance, ColumnBookConformance, LoanBookConformance
from dunning.testing.builders import TODAY, a_loan, a_party, a_person

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "loan-book.md").read_text(encoding="utf-8")
LOANS = tuple(
    a_loan(f"L-{number}", parties=(a_party(f"P-{number % 4}"), a_party("P-9", role="guarantor")))
    for number in range(12)
)
PERSONS = tuple(a_person(f"P-{number}") for number in (0, 1, 2, 3, 9))


class Kit(LoanBookConformance):
    """The kit, called by hand."""

    unstated = (("L-1", "balance"), ("L-1", "brand"))


class TestMemoryBook(Kit):
    """The book in memory keeps the promises."""

    @pytest.fixture
    def book(self):
        return MemoryBook(loans=LOANS, persons=PERSONS, current_through=TODAY)


class TestCsvBook(Kit):
    """The CSV folder keeps them."""

    @pytest.fixture
    def book(self, tmp_path):
        write_csv_book(tmp_path / "book", loans=LOANS, persons=PERSONS, current_through=TODAY)
        return CsvBook(tmp_path / "book")


class TestParquetBook(ColumnBookConformance, Kit):
    """The folder of Parquet files keeps them, and states columns."""

    @pytest.fixture
    def book(self, tmp_path):
        return parquet_book(tmp_path / "book", PERSONS)

    @pytest.fixture
    def restated(self, tmp_path):
        people = (evolve(PERSONS[0], language="en"), *PERSONS[1:])
        return parquet_book(tmp_path / "other", people), "L-4"


def parquet_book(folder, persons):
    pytest.importorskip("pyarrow")
    from dunning.adapters.books.parquet import ParquetBook, write_parquet_book

    write_parquet_book(folder, loans=LOANS, persons=persons, current_through=TODAY)
    return ParquetBook(folder)


class Book(MemoryBook):
    """A good book to break."""

    def __init__(self):
        super().__init__(loans=LOANS, persons=PERSONS, current_through=TODAY)


class Twice(Book):
    def ids(self, shard=(0, 1)):
        return (*super().ids(shard), "L-1")


class Empty(Book):
    def ids(self, shard=(0, 1)):
        return ()


class EveryShardIsAll(Book):
    def ids(self, shard=(0, 1)):
        return super().ids()


class AShardIsLost(Book):
    def ids(self, shard=(0, 1)):
        return () if shard[0] == 2 else super().ids(shard)


class AllLoans(Book):
    def loans(self, ids):
        return super().loans(self.ids())


class SwappedLoans(Book):
    def loans(self, ids):
        found = list(super().loans(ids).items())
        return {name: loan for (name, _), (_, loan) in zip(found, reversed(found), strict=True)}


class AllPersons(Book):
    def persons(self, ids):
        return super().persons(["P-1", "P-9", *ids]) | {"stranger": a_person("stranger")}


class SwappedPersons(Book):
    def persons(self, ids):
        return {name: a_person("P-1") for name in super().persons(ids)}


class Moving(Book):
    def __init__(self):
        super().__init__()
        self._asked = 0

    @property
    def tick(self):
        self._asked += 1
        return self._asked


class IdsMove(Moving):
    def ids(self, shard=(0, 1)):
        ids, first = super().ids(shard), self.tick
        return (*ids[first:], *ids[:first])


class LoansMove(Moving):
    def loans(self, ids):
        return {name: evolve(loan, brand=str(self.tick)) for name, loan in super().loans(ids).items()}


class PersonsMove(Moving):
    def persons(self, ids):
        return {name: evolve(person, name=f"Borrower {self.tick}") for name, person in super().persons(ids).items()}


class DateMoves(Moving):
    @property
    def current_through(self):
        return TODAY + dt.timedelta(days=self.tick)


class DateIsAnInstant(Book):
    current_through = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)


class Guesses(Book):
    def loans(self, ids):
        return {name: evolve(loan, balance=Decimal(12000)) for name, loan in super().loans(ids).items()}


class OnlyBorrowersLoans(Book):
    def loans_of(self, person_ids):
        return {person: loans if person != "P-9" else () for person, loans in super().loans_of(person_ids).items()}


class LeavesPersonsOut(Book):
    def loans_of(self, person_ids):
        return {person: loans for person, loans in super().loans_of(person_ids).items() if loans}


class QuotesAnotherDay(Book):
    def quote(self, loan_id, on):
        return evolve(super().quote(loan_id, on), on=on - dt.timedelta(days=1))


class QuotesDollars(Book):
    def quote(self, loan_id, on):
        return evolve(super().quote(loan_id, on), currency="USD")


class QuotesAnything(Book):
    def quote(self, loan_id, on):
        return Quote(loan_id=loan_id, on=on, currency="CNY", overdue=Amounts())


@pytest.mark.parametrize(
    ("promise", "broken"),
    [
        pytest.param("b1_each_loan_once", Twice, id="B1, an id twice"),
        pytest.param("b1_each_loan_once", Empty, id="B1, a book without loans shows nothing"),
        pytest.param("b1_shards_are_disjoint_and_complete", EveryShardIsAll, id="B1, every shard is the book"),
        pytest.param("b1_shards_are_disjoint_and_complete", AShardIsLost, id="B1, a shard is lost"),
        pytest.param("b2_unknown_loans_are_left_out", AllLoans, id="B2, all loans whatever is asked"),
        pytest.param("b2_unknown_loans_are_left_out", SwappedLoans, id="B2, a loan under another id"),
        pytest.param("b2_unknown_persons_are_left_out", AllPersons, id="B2, a person nobody asked about"),
        pytest.param("b2_unknown_persons_are_left_out", SwappedPersons, id="B2, a person under another id"),
        pytest.param("b3_the_same_question_has_the_same_answer", IdsMove, id="B3, another order"),
        pytest.param("b3_the_same_question_has_the_same_answer", LoansMove, id="B3, other loans"),
        pytest.param("b3_the_same_question_has_the_same_answer", PersonsMove, id="B3, other persons"),
        pytest.param("b4_what_is_not_stated_is_left_out", Guesses, id="B4, a guess"),
        pytest.param("b5_loans_of_answers_for_each_person", OnlyBorrowersLoans, id="B5, guarantors are forgotten"),
        pytest.param("b5_loans_of_answers_for_each_person", LeavesPersonsOut, id="B5, no answer for a stranger"),
        pytest.param("b6_a_quote_is_of_what_was_asked", QuotesAnotherDay, id="B6, another day"),
        pytest.param("b6_a_quote_is_of_what_was_asked", QuotesDollars, id="B6, another currency"),
        pytest.param("b6_a_quote_is_of_what_was_asked", QuotesAnything, id="B6, a loan that is not there"),
        pytest.param("b7_current_through_is_a_date", DateMoves, id="B7, it moves"),
        pytest.param("b7_current_through_is_a_date", DateIsAnInstant, id="B7, it has a time"),
    ],
)
def test_a_broken_promise_is_caught(promise, broken):
    """By its number."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(Kit(), f"test_{promise}")(broken())


class Changing(Book):
    """A book that counts its changes, and can be broken."""

    def __init__(self, *, forgets=False, obeys=False):
        super().__init__()
        self.log, self.forgets, self.obeys = [], forgets, obeys

    def change(self):
        self.log.append(f"L-{len(self.log) + 1}")
        return self.log[-1]

    def changes(self, since):
        if not since.isdecimal() and since and not self.obeys:
            raise FactsError("no mark")
        start = int(since) if since.isdecimal() else 0
        return Changes(ids=frozenset(self.log[start + self.forgets :]), watermark=str(len(self.log)))


def test_a_book_that_tells_changes_keeps_b8():
    """And each way of breaking it is caught."""
    kit, good = ChangingBookConformance(), Changing()
    kit.test_b8_what_changed_is_named(good, good.change)
    kit.test_b8_a_strange_mark_is_refused(good)

    forgetful, obedient = Changing(forgets=True), Changing(obeys=True)
    with pytest.raises(AssertionError, match="L-1 changed and was not named"):
        kit.test_b8_what_changed_is_named(forgetful, forgetful.change)
    with pytest.raises(pytest.fail.Exception):
        kit.test_b8_a_strange_mark_is_refused(obedient)
    with pytest.raises(AssertionError, match="no method"):
        kit.test_b8_a_strange_mark_is_refused(Book())


class AsColumns(Book):
    """A book that states columns, and can be broken."""

    def __init__(self, loans=LOANS, *, breaks=""):
        MemoryBook.__init__(self, loans=loans, persons=PERSONS, current_through=TODAY)
        self.breaks = breaks

    def blocks(self, shard, *, convention):
        plain = MemoryBook(loans=self.loans(self.ids()).values(), persons=PERSONS, current_through=TODAY)
        for block in blocks(plain, shard, convention=convention):
            match self.breaks:
                case "forgets":
                    yield evolve(block, ids=block.ids[1:], facts=block.facts[1:])
                case "repeats":
                    yield from (block, block)
                case "pays":
                    yield evolve(block, columns=block.columns._replace(due=block.columns.due * 0))
                case "sleeps":
                    yield evolve(block, facts=tuple(id_.encode() for id_ in block.ids))
                case _:
                    yield block


def test_a_book_that_states_columns_keeps_b9():
    """And each way of breaking it is caught."""
    pytest.importorskip("numpy")
    kit = ColumnBookConformance()
    other = tuple(evolve(loan, brand="x") if loan.id == "L-3" else loan for loan in LOANS)

    def check(breaks=""):
        kit.test_b9_blocks_hold_each_loan_once(AsColumns(breaks=breaks))
        kit.test_b9_columns_state_what_objects_state(AsColumns(breaks=breaks))
        kit.test_b9_a_fact_restated_is_another_digest(
            AsColumns(breaks=breaks), (AsColumns(other, breaks=breaks), "L-3")
        )

    check()
    for breaks, said in (
        ("forgets", "are not the book"),
        ("repeats", "a loan came twice"),
        ("pays", "is another loan as columns"),
        ("sleeps", "a fact of L-3 is another one"),
    ):
        with pytest.raises(AssertionError, match=said):
            check(breaks)
    with pytest.raises(AssertionError, match="no method"):
        kit.test_b9_blocks_hold_each_loan_once(Book())


def test_what_is_not_provided_fails_loudly():
    """A check that cannot be made is no check that passed."""
    with pytest.raises(NotImplementedError, match="Provide `unstated`"):
        LoanBookConformance().test_b4_what_is_not_stated_is_left_out(Book())


def test_the_page_and_the_kit_have_the_same_numbers():
    """Who reads the page knows what is checked."""
    kits = (ChangingBookConformance, ColumnBookConformance)
    tested = {name.split("_")[1].upper() for kit in kits for name in dir(kit) if name.startswith("test_b")}

    assert {"B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9"} == tested
    assert tested == set(re.findall(r"^\| (B\d) \|", PAGE, flags=re.MULTILINE))
