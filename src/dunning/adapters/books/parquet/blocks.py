"""Loans of a book as columns, without objects: regular ones as numbers, the others by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import field, frozen

from dunning.adapters.books import tables
from dunning.adapters.books.parquet import cells
from dunning.adapters.books.parquet.digest import digests, mix, summed
from dunning.adapters.books.parquet.doubt import doubted_loans, doubted_persons
from dunning.adapters.books.parquet.files import Files
from dunning.adapters.books.parquet.people import People
from dunning.adapters.books.shard import in_shard
from dunning.adapters.interfaces.loan_book import Block
from dunning.core.overdue.convention import Convention
from dunning.core.values import minor_digits
from dunning.portfolio.overdue.arrow import ArrowSource, columns_for
from dunning.portfolio.overdue.columns import NO_DAYS, NO_MONEY, Columns
from dunning.portfolio.overdue.loading import load_sheets
from dunning.portfolio.overdue.sheets import KNOWN, sheet_of

_AT_ONCE = 10_000
_AT_ONCE_UNSORTED = 250_000  # each time all files are read
_LOADED = ("instalments", "events", "loans")
_NOT_LOADED = {"due", "reason", "recorded_at"}

_NO_DIGITS = -1
_NOTHING = Columns(due_at=np.zeros(1, np.int64), due_on=NO_DAYS, due=NO_MONEY)

Known = Callable[[Sequence[str]], set[str]]


@frozen
class Reader:
    """
    What `blocks` reads.

    Args:
        files: Of each table that is there.
        defaults: Cells that `book.toml` states for loans.
        loans, persons: Return those of the ids asked about that can be made.
    """

    files: Mapping[str, Files]
    defaults: Mapping[str, str]
    loans: Known = field(repr=False)
    persons: Known = field(repr=False)

    def ids(self, name: str, shard: tuple[int, int] = (0, 1)) -> Iterator[Any]:
        """Yield the keys of the table *name*, ascending, in arrays that are neither small nor large."""
        in_shard("", shard)  # refuse a shard that cannot be before the first loan
        if name not in self.files:
            return
        of_kind = tables.LOAN_TABLES if name == "loans" else tables.PERSON_TABLES
        at_once = _AT_ONCE if self._sorted(of_kind) else _AT_ONCE_UNSORTED
        waiting: list[Any] = []
        for keys in self.files[name].keys():  # noqa: SIM118 - not a mapping
            waiting.append(keys if shard[1] == 1 else _of_shard(keys, shard))
            if sum(map(len, waiting)) >= at_once:
                yield from _cut(waiting, at_once)
                waiting = []
        yield from _cut(waiting, at_once)

    def people(self) -> People:
        """Return what the persons come to, whom nobody needs to make for it."""
        ids, found, good = [pa.array([], pa.string())], [np.empty((0, 2), np.uint64)], [np.empty(0, bool)]
        for each in self.ids("persons"):
            read, said = self._read(tables.PERSON_TABLES, each, {})
            true = ~doubted_persons(read, len(each))
            if not true.all():
                doubted = each.filter(pa.array(~true)).to_pylist()
                made = self.persons(doubted)
                true[~true] = [id_ in made for id_ in doubted]
            ids.append(each)
            found.append(said)
            good.append(true)
        return People.of(pa.concat_arrays(ids), np.concatenate(found), np.concatenate(good))

    def blocks(self, shard: tuple[int, int], people: People, convention: Convention) -> Iterator[Block]:
        """Yield every loan of *shard* once."""
        for ids in self.ids("loans", shard):
            read, said = self._read(tables.LOAN_TABLES, ids, self.defaults)
            doubted = doubted_loans(read, len(ids))
            if "parties" in read:
                parties = read["parties"]
                places = people.places(parties.values["person_id"])
                there = places >= 0
                there[there] = people.good[places[there]]
                doubted[parties.codes[~there]] = True
                joined = mix(people.digests[places[there]].copy())
                said += summed(parties.codes[there], joined, len(ids))
            yield from self._blocks(ids, read, _facts(said), doubted, convention)

    def _blocks(
        self, ids: Any, read: Mapping[str, cells.Cells], facts: Any, doubted: Any, convention: Convention
    ) -> Iterator[Block]:
        digits = np.where(doubted, _NO_DIGITS, _digits(read["loans"], len(ids)))
        others = np.ones(len(ids), bool)
        for each in np.unique(digits[~doubted]).tolist():
            loaded = _loaded(read, ids, digits == each, each, convention)
            rows = pc.index_in(loaded.column("loan"), ids).to_numpy()
            others[rows] = False
            if len(rows):
                yield _block(ids, rows, facts, columns=_columns(loaded, convention), digits=each)
        asked = ids.filter(pa.array(others)).to_pylist()
        made = self.loans(asked) if asked else set()
        names = [id_ for id_ in asked if id_ in made]
        if names:
            rows = pc.index_in(pa.array(names), ids).to_numpy()
            yield _block(ids, rows, facts, columns=_NOTHING, digits=2, irregular=tuple(names))

    def _read(
        self, which: Sequence[tables.Table], ids: Any, defaults: Mapping[str, str]
    ) -> tuple[dict[str, cells.Cells], Any]:
        """Return the cells of *ids* by table, and the digest of each of them."""
        found, said = {}, np.zeros((len(ids), 2), np.uint64)
        for table in which:
            if table.name in self.files:
                rows = self.files[table.name].rows(ids)
                codes = pc.index_in(rows.column(table.key), ids).to_numpy()
                own = defaults if table is tables.LOANS else {}
                found[table.name] = cells.read(table, rows, codes, own)
                names = [column.name for column in table.columns]
                said += summed(codes, digests(rows, names, f"{table.name} {sorted(own.items())}"), len(ids))
        return found, said

    def _sorted(self, which: Sequence[tables.Table]) -> bool:
        return all(self.files[table.name].sorted for table in which if table.name in self.files)


def _cut(waiting: Sequence[Any], at_once: int) -> Iterator[Any]:
    keys = pa.concat_arrays([pa.array([], pa.string()), *waiting])
    for start in range(0, len(keys), at_once):
        yield keys.slice(start, at_once)


def _of_shard(keys: Any, shard: tuple[int, int]) -> Any:
    return keys.filter(pa.array([in_shard(id_, shard) for id_ in keys.to_pylist()], pa.bool_()))


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


def _loaded(read: Mapping[str, cells.Cells], ids: Any, wanted: Any, digits: int, convention: Convention) -> Any:
    """Return the columns of the *wanted* loans, as far as columns can say what they state."""
    sheets = {}
    for name in _LOADED:
        if name in read:
            there = wanted[read[name].codes]
            names = [each for each in read[name].values if each in KNOWN[name] and each not in _NOT_LOADED]
            rows = pa.table({each: read[name].values[each] for each in names})
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
