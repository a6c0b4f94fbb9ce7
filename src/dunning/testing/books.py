"""
For whoever connects a loan book: the kit of promises B1 to B9.

```python
class TestMyBook(LoanBookConformance):
    @pytest.fixture
    def book(self):
        return MyBook(...)

    unstated = (("L-1", "balance"),)
```

The numbers are those of `docs/reference/loan-book.md`. The book needs some loans, at best ten or more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import ClassVar

import pytest

from dunning.adapters.interfaces.loan_book import Block, Changes, ChangingBook, ColumnBook, LoanBook
from dunning.core.overdue.convention import OLDEST_UNPAID
from dunning.core.overdue.status import overdue_status
from dunning.errors import FactsError

NOBODY = "no-such-id-7f3a"
_SHARDS = 3


class LoanBookConformance:
    """
    What dunning relies on from any loan book: promises B1 to B7 of `docs/reference/loan-book.md`.

    `unstated` holds (loan id, field) of facts that the source does not state, at least one.
    """

    unstated: ClassVar[tuple[tuple[str, str], ...]] = ()

    @pytest.fixture
    def book(self) -> LoanBook:
        """Return the book, with at least one loan."""
        raise NotImplementedError("Provide a fixture `book`: your loan book, with at least one loan.")

    def test_b1_each_loan_once(self, book: LoanBook) -> None:
        """A loan that comes twice is assessed twice; one that does not come is forgotten."""
        ids = list(book.ids())

        assert ids, "the kit needs a book with loans"
        assert len(set(ids)) == len(ids), "an id came twice"
        assert all(isinstance(loan_id, str) and loan_id for loan_id in ids), "an id is text that is not empty"

    def test_b1_shards_are_disjoint_and_complete(self, book: LoanBook) -> None:
        """Machines that share a night neither skip a loan nor contact its borrower twice."""
        shards = [list(book.ids((index, _SHARDS))) for index in range(_SHARDS)]
        together = [loan_id for shard in shards for loan_id in shard]

        assert len(set(together)) == len(together), "a loan is in two shards"
        assert set(together) == set(book.ids()), "the shards together are not the book"

    def test_b2_unknown_loans_are_left_out(self, book: LoanBook) -> None:
        """What was asked for and is known comes, under its own id; nothing else does."""
        ids = list(book.ids())
        asked = [*ids[:2], NOBODY]
        found = book.loans(asked)

        assert set(found) == set(ids[:2]), f"asked for {asked}, got {sorted(found)}"
        assert all(loan.id == loan_id for loan_id, loan in found.items()), "a loan came under another's id"
        assert not book.loans([]), "nothing was asked for"

    def test_b2_unknown_persons_are_left_out(self, book: LoanBook) -> None:
        """The same of persons."""
        people = _people(book)
        found = book.persons([*people, NOBODY])

        assert set(found) <= set(people), "a person came who was not asked for"
        assert all(person.id == person_id for person_id, person in found.items()), "a person came under another's id"

    def test_b3_the_same_question_has_the_same_answer(self, book: LoanBook) -> None:
        """Otherwise a rerun decides differently."""
        ids, people = list(book.ids()), _people(book)

        assert list(book.ids()) == ids, "the ids came in another order, or others came"
        assert dict(book.loans(ids)) == dict(book.loans(ids)), "the same loans were stated differently"
        assert dict(book.persons(people)) == dict(book.persons(people)), "the same persons were stated differently"

    def test_b4_what_is_not_stated_is_left_out(self, book: LoanBook) -> None:
        """A guess, once it stands in a fact, cannot be told from the truth."""
        if not self.unstated:
            raise NotImplementedError(
                "Provide `unstated`: (loan id, field) of at least one fact that the source does not state."
            )
        for loan_id, name in self.unstated:
            value = getattr(book.loans([loan_id])[loan_id], name)
            assert value in (None, "", ()), f"the source does not state {name} of {loan_id}; the book made it {value!r}"

    def test_b5_loans_of_answers_for_each_person(self, book: LoanBook) -> None:
        """A cap counts over all loans of a person: one that is missing lets a contact through."""
        played: dict[str, set[str]] = {}
        for loan in book.loans(book.ids()).values():
            for party in loan.parties:
                played.setdefault(party.person_id, set()).add(loan.id)
        found = book.loans_of([*played, NOBODY])

        assert {person: set(loans) for person, loans in found.items()} == {**played, NOBODY: set()}

    def test_b6_a_quote_is_of_what_was_asked(self, book: LoanBook) -> None:
        """The amount in a message is the host's own, in the loan's currency."""
        on = book.current_through
        for loan_id in list(book.ids())[:3]:
            quote = book.quote(loan_id, on)
            assert (quote.loan_id, quote.on) == (loan_id, on), "the quote is of another loan or day"
            assert quote.currency == book.loans([loan_id])[loan_id].currency, "the quote is in another currency"
        with pytest.raises(FactsError):
            book.quote(NOBODY, on)

    def test_b7_current_through_is_a_date(self, book: LoanBook) -> None:
        """On it hangs whether anybody may be contacted at all."""
        first = book.current_through

        assert isinstance(first, dt.date), "a date"
        assert not isinstance(first, dt.datetime), "a date without a time"
        assert book.current_through == first, "it moved though the book did not"


class ChangingBookConformance(LoanBookConformance):
    """The same for a book that can also say what changed, and promise B8 beside them."""

    @pytest.fixture
    def change(self, book: LoanBook) -> Callable[[], str]:
        """Return a function that changes some fact in the source of *book*, another each time; it returns the loan."""
        raise NotImplementedError("Provide a fixture `change`: it changes a fact and returns the id of its loan.")

    def test_b8_what_changed_is_named(self, book: LoanBook, change: Callable[[], str]) -> None:
        """A loan that is not named is not looked at until its own day comes."""
        mark = self._ask(book, "").watermark
        first = change()
        once = self._ask(book, mark)
        second = change()

        assert first in once.ids, f"{first} changed and was not named"
        assert second in self._ask(book, once.watermark).ids, (
            f"{second} changed after it was asked once, and was missed"
        )
        assert {first, second} <= self._ask(book, mark).ids, "asked with the older mark again, it forgot something"

    def test_b8_a_strange_mark_is_refused(self, book: LoanBook) -> None:
        """A mark that the book did not give proves nothing: every loan must be looked at then."""
        with pytest.raises(FactsError):
            self._ask(book, "no mark of this book")

    def _ask(self, book: LoanBook, since: str) -> Changes:
        assert isinstance(book, ChangingBook), "the book has no method `changes`"
        found = book.changes(since)
        assert found is not None, "the book cannot tell what changed"
        return found


class ColumnBookConformance(LoanBookConformance):
    """The same for a book that can also state its loans as columns, and promise B9 beside them."""

    @pytest.fixture
    def restated(self, book: LoanBook) -> tuple[LoanBook, str]:
        """Return a book with the facts of *book*, but one of one loan or of a person in it; and the loan's id."""
        raise NotImplementedError("Provide a fixture `restated`: a book with another fact of one loan, and its id.")

    def test_b9_blocks_hold_each_loan_once(self, book: LoanBook) -> None:
        """A loan that no block holds sleeps for ever."""
        ids = [id_ for index in range(_SHARDS) for block in self._blocks(book, (index, _SHARDS)) for id_ in block.ids]

        assert len(set(ids)) == len(ids), "a loan came twice"
        assert set(ids) == set(book.loans(book.ids())), "the blocks of all shards together are not the book"

    def test_b9_columns_state_what_objects_state(self, book: LoanBook) -> None:
        """Counted as columns and as objects, a loan is equally late."""
        from dunning.portfolio.overdue.convention import whole_convention
        from dunning.portfolio.overdue.counting import count

        for block in self._blocks(book):
            regular = block.ids[: len(block.ids) - len(block.irregular)]
            loans = book.loans(block.ids)
            assert block.ids[len(regular) :] == block.irregular, "irregular loans come last"
            assert len(block.facts) == len(block.ids), "a loan has no digest"
            for days in (-45, 0, 45):
                on = book.current_through + dt.timedelta(days=days)
                whole = whole_convention(OLDEST_UNPAID, as_of=on, currency_digits=block.digits)
                found = count([block.columns], whole)
                for id_, late, arrears in zip(regular, found.days_past_due, found.arrears, strict=True):
                    status = overdue_status(loans[id_], as_of=on)
                    said = (int(late), Decimal(int(arrears)).scaleb(-block.digits))
                    assert said == (status.days_past_due, status.arrears.total), f"{id_} is another loan as columns"

    def test_b9_a_fact_restated_is_another_digest(self, book: LoanBook, restated: tuple[LoanBook, str]) -> None:
        """Otherwise nobody looks at the loan that it is of."""
        other, changed = restated
        before, again, after = self._facts(book), self._facts(book), self._facts(other)

        assert before == again, "the same facts have another digest when asked again"
        assert before[changed] != after[changed], f"a fact of {changed} is another one, and its digest is not"

    def _facts(self, book: LoanBook) -> dict[str, bytes]:
        return {id_: told for block in self._blocks(book) for id_, told in zip(block.ids, block.facts, strict=True)}

    def _blocks(self, book: LoanBook, shard: tuple[int, int] = (0, 1)) -> Iterator[Block]:
        assert isinstance(book, ColumnBook), "the book has no method `blocks`"
        return book.blocks(shard, convention=OLDEST_UNPAID)


def _people(book: LoanBook) -> list[str]:
    return sorted({party.person_id for loan in book.loans(book.ids()).values() for party in loan.parties})
