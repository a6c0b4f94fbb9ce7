"""Any loan book as columns, a block at a time: the book's own, or made of its objects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from dunning.adapters.codec.write import plain_text
from dunning.adapters.interfaces.loan_book import Block, ColumnBook, LoanBook
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import Person
from dunning.core.overdue.convention import Convention
from dunning.core.values import minor_digits

_AT_ONCE = 2_000
_DIGEST = 16  # bytes: among a billion loans two would share one once in 10^20


def blocks(book: LoanBook, shard: tuple[int, int], *, convention: Convention) -> Iterator[Block]:
    """
    Return every loan of *shard* of *book* once, in blocks of one number of decimals each.

    Raises:
        MissingExtraError: The extra `portfolio` is not installed.
    """
    if isinstance(book, ColumnBook):
        yield from book.blocks(shard, convention=convention)
        return
    rest = iter(book.ids(shard))
    while ids := list(islice(rest, _AT_ONCE)):
        loans = book.loans(ids)
        persons = book.persons(sorted({party.person_id for loan in loans.values() for party in loan.parties}))
        by_digits: dict[int, list[Loan]] = {}
        for id_ in ids:
            if id_ in loans:
                by_digits.setdefault(minor_digits(loans[id_].currency), []).append(loans[id_])
        for digits, same in by_digits.items():
            yield _block(same, persons, digits, convention)


def _block(loans: Sequence[Loan], persons: Mapping[str, Person], digits: int, convention: Convention) -> Block:
    from dunning.portfolio.overdue.loans import columns_of

    book = columns_of(loans, convention=convention, currency_digits=digits)
    irregular = tuple(loan for loan, _ in book.irregular)
    every = (*book.regular, *irregular)
    return Block(
        ids=tuple(loan.id for loan in every),
        facts=tuple(_digest(loan, persons) for loan in every),
        columns=book.columns,
        digits=digits,
        irregular=tuple(loan.id for loan in irregular),
    )


def _digest(loan: Loan, persons: Mapping[str, Person]) -> bytes:
    stated = hashlib.blake2b(plain_text(loan).encode(), digest_size=_DIGEST)
    for id_ in dict.fromkeys(party.person_id for party in loan.parties):
        if id_ in persons:
            stated.update(plain_text(persons[id_]).encode())
    return stated.digest()
