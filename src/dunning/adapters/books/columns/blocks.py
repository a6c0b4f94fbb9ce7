"""Loans of a book as columns, without objects: regular ones as numbers, the others by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen

from dunning.adapters.books import tables
from dunning.adapters.books.columns import cells
from dunning.adapters.books.columns.digest import digests, mix, summed
from dunning.adapters.books.columns.doubt import doubted_loans, doubted_persons
from dunning.adapters.books.columns.people import People
from dunning.adapters.interfaces.loan_book import Block
from dunning.core.overdue.convention import Convention
from dunning.core.values import minor_digits
from dunning.portfolio.overdue.arrow import ArrowSource, columns_for
from dunning.portfolio.overdue.columns import NO_DAYS, NO_MONEY, Columns
from dunning.portfolio.overdue.loading import load_sheets
from dunning.portfolio.overdue.sheets import KNOWN, sheet_of

_LOADED = ("instalments", "events", "loans")
_NOT_LOADED = {"due", "reason", "recorded_at"}

_NO_DIGITS = -1
_NOTHING = Columns(due_at=np.zeros(1, np.int64), due_on=NO_DAYS, due=NO_MONEY)

Known = Callable[[Sequence[str]], set[str]]  # those of the ids asked about that can be made as objects


class Rows(Protocol):
    """Where the rows of one table lie."""

    def rows(self, ids: Any) -> Any:
        """Return the rows whose key is among *ids*, as an Arrow table; a column that nobody states may be missing."""
        ...


@frozen
class Read:
    """
    What was read of some loans or persons.

    Args:
        ids: Theirs, each once, as an Arrow array.
        cells: By the name of the table.
        digests: Of all that is stated of each, shape (ids, 2).
    """

    ids: Any
    cells: Mapping[str, cells.Cells]
    digests: Any


def read(rows: Mapping[str, Rows], which: Sequence[tables.Table], ids: Any, defaults: Mapping[str, str]) -> Read:
    """
    Return what the tables *which* state of *ids*.

    Args:
        rows: By the name of a table; one that is not there states nothing.
        defaults: Cells that are stated for loans that leave them empty.
    """
    found, said = {}, np.zeros((len(ids), 2), np.uint64)
    for table in which:
        if table.name in rows:
            lie = rows[table.name].rows(ids)
            codes = pc.index_in(lie.column(table.key), ids).to_numpy()
            own = defaults if table is tables.LOANS else {}
            found[table.name] = cells.read(table, lie, codes, own)
            names = [column.name for column in table.columns]
            said += summed(codes, digests(lie, names, f"{table.name} {sorted(own.items())}"), len(ids))
    return Read(ids, found, said)


def judged(persons: Read, known: Known) -> Any:
    """Return which of *persons* are good; those in doubt are made as objects. Without a table of them nobody is."""
    if "persons" not in persons.cells:
        return np.zeros(len(persons.ids), bool)
    good = ~doubted_persons(persons.cells, len(persons.ids))
    if not good.all():
        doubted = persons.ids.filter(pa.array(~good)).to_pylist()
        made = known(doubted)
        good[~good] = [id_ in made for id_ in doubted]
    return good


def blocks_of(loans: Read, people: People, convention: Convention, known: Known) -> Iterator[Block]:
    """
    Yield the *loans* that are not rejected, as columns for *convention*, in blocks of one number of decimals each.

    Objects are made only of loans in doubt, and of those that columns cannot say, which are named.
    """
    ids, said = loans.ids, loans.digests.copy()
    doubted = doubted_loans(loans.cells, len(ids))
    if "parties" in loans.cells:
        parties = loans.cells["parties"]
        places = people.places(parties.values["person_id"])
        there = places >= 0
        there[there] = people.good[places[there]]
        doubted[parties.codes[~there]] = True
        said += summed(parties.codes[there], mix(people.digests[places[there]].copy()), len(ids))
    facts = _facts(said)
    digits = np.where(doubted, _NO_DIGITS, _digits(loans.cells["loans"], len(ids)))
    others = np.ones(len(ids), bool)
    for each in np.unique(digits[~doubted]).tolist():
        loaded = _loaded(loans.cells, digits == each, each, convention)
        rows = pc.index_in(loaded.column("loan"), ids).to_numpy()
        others[rows] = False
        if len(rows):
            yield _block(ids, rows, facts, columns=_columns(loaded, convention), digits=each)
    asked = ids.filter(pa.array(others)).to_pylist()
    made = known(asked) if asked else set()
    names = [id_ for id_ in asked if id_ in made]
    if names:
        rows = pc.index_in(pa.array(names), ids).to_numpy()
        yield _block(ids, rows, facts, columns=_NOTHING, digits=2, irregular=tuple(names))


def _facts(said: Any) -> Any:
    """Return 16 bytes for each loan."""
    return mix(np.ascontiguousarray(said)).view("V16").reshape(-1)


def _digits(loans: cells.Cells, size: int) -> Any:
    """Return the decimals of each loan's currency."""
    coded = loans.values["currency"].dictionary_encode()
    digits = np.array([*map(minor_digits, coded.dictionary.to_pylist()), _NO_DIGITS])
    found = np.full(size, _NO_DIGITS)
    found[loans.codes] = digits[coded.indices.fill_null(len(digits) - 1).to_numpy(zero_copy_only=False)]
    return found


def _loaded(found: Mapping[str, cells.Cells], wanted: Any, digits: int, convention: Convention) -> Any:
    """Return the columns of the *wanted* loans, as far as columns can say what they state."""
    sheets = {}
    for name in _LOADED:
        if name in found:
            there = wanted[found[name].codes]
            names = [each for each in found[name].values if each in KNOWN[name] and each not in _NOT_LOADED]
            rows = pa.table({each: found[name].values[each] for each in names})
            sheets[name] = sheet_of(rows if there.all() else rows.filter(pa.array(there)), name)
    # Years that a calendar does not know yet move no lateness of today.
    return load_sheets(sheets, currency_digits=digits, convention=convention, as_of=dt.date.min).columns


def _columns(loaded: Any, convention: Convention) -> Columns:
    (batch,) = loaded.select(columns_for(loaded.schema.names, convention)).combine_chunks().to_batches()
    source = ArrowSource(batch, 0, stated=convention.ages_from == "invoiced_on")
    return source.block(0, source.rows)


def _block(ids: Any, rows: Any, facts: Any, *, columns: Columns, digits: int, irregular: tuple[str, ...] = ()) -> Block:
    return Block(
        ids=tuple(ids.take(pa.array(rows)).to_pylist()),
        facts=tuple(facts[rows].tolist()),
        columns=columns,
        digits=digits,
        irregular=irregular,
    )
