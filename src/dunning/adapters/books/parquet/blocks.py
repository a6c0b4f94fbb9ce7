"""The loans and persons of a folder of Parquet files, some thousands at a time, as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from attrs import field, frozen

from dunning.adapters.books import tables
from dunning.adapters.books.columns.blocks import Known, blocks_of, judged, read
from dunning.adapters.books.columns.people import People
from dunning.adapters.books.parquet.files import Files
from dunning.adapters.books.shard import in_shard
from dunning.adapters.interfaces.loan_book import Block
from dunning.core.overdue.convention import Convention

_AT_ONCE = 10_000
_AT_ONCE_UNSORTED = 250_000  # each time all files are read


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
            persons = read(self.files, tables.PERSON_TABLES, each, {})
            ids.append(each)
            found.append(persons.digests)
            good.append(judged(persons, self.persons))
        return People.of(pa.concat_arrays(ids), np.concatenate(found), np.concatenate(good))

    def blocks(self, shard: tuple[int, int], people: People, convention: Convention) -> Iterator[Block]:
        """Yield every loan of *shard* once."""
        for ids in self.ids("loans", shard):
            loans = read(self.files, tables.LOAN_TABLES, ids, self.defaults)
            yield from blocks_of(loans, people, convention, self.loans)

    def _sorted(self, which: Sequence[tables.Table]) -> bool:
        return all(self.files[table.name].sorted for table in which if table.name in self.files)


def _cut(waiting: Sequence[Any], at_once: int) -> Iterator[Any]:
    keys = pa.concat_arrays([pa.array([], pa.string()), *waiting])
    for start in range(0, len(keys), at_once):
        yield keys.slice(start, at_once)


def _of_shard(keys: Any, shard: tuple[int, int]) -> Any:
    return keys.filter(pa.array([in_shard(id_, shard) for id_ in keys.to_pylist()], pa.bool_()))
