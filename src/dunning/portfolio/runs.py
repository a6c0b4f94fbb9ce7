"""Rows of several kinds, in any order but together by loan, as one row a loan with lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from attrs import frozen

from dunning.errors import FactsError
from dunning.portfolio.arrow import Libraries, libraries

# Rows that are gathered before loans are cut from them: about 10 MB, and enough for the cost of a call not to matter.
GATHERED = 1 << 18
_ROW = re.compile(r"row (\d+)")


@frozen
class Kind:
    """
    A kind of rows.

    Args:
        columns: Its columns beside ``loan``, with the type of each in Spark's words.
        required: Those that must be there.
        carriers: The column of the common table that carries each.
    """

    columns: Mapping[str, str]
    required: frozenset[str]
    carriers: Mapping[str, str]


# What is said of a loan once comes last, and is no list.
KINDS: Mapping[str, Kind] = {
    "instalments": Kind(
        {"due_on": "date", "due": "bigint", "principal": "bigint", "ages_from": "date"},
        frozenset({"due_on", "due"}),
        {"due_on": "day", "due": "amount", "principal": "part", "ages_from": "until"},
    ),
    "money": Kind(
        {"money_on": "date", "money": "bigint", "money_until": "date"},
        frozenset({"money_on", "money"}),
        {"money_on": "day", "money": "amount", "money_until": "until"},
    ),
    "charges": Kind(
        {"charged_on": "date", "charged": "bigint"},
        frozenset({"charged_on", "charged"}),
        {"charged_on": "day", "charged": "amount"},
    ),
    "pauses": Kind(
        {"paused_on": "date", "paused_until": "date"},
        frozenset({"paused_on", "paused_until"}),
        {"paused_on": "day", "paused_until": "until"},
    ),
    "loans": Kind(
        {"written_off_on": "date", "grace": "int", "paid": "bigint"},
        frozenset(),
        {"written_off_on": "day", "grace": "amount", "paid": "part"},
    ),
}
CARRIERS: Mapping[str, str] = {"day": "date", "until": "date", "amount": "bigint", "part": "bigint"}


def whole_loans(of: Libraries, batches: Iterable[Any], *, gathered: int = GATHERED) -> Iterator[Any]:
    """
    Yield record batches that hold all rows of their loans.

    Args:
        batches: Record batches sorted by ``key``, a number that the rows of a loan share.
        gathered: Rows that are waited for, before loans are cut from them. Only of a loan that has more, more are held.

    Raises:
        FactsError: A row states no loan.
    """
    held: list[Any] = []
    rows, enough = 0, gathered
    for batch in batches:
        missing = batch.column("loan").null_count
        if missing:
            raise FactsError(f"{missing} rows or more state no loan. State it, or leave them out.", field="loan")
        held.append(batch)
        rows += batch.num_rows
        if rows < enough:
            continue
        joined = _joined(of, held)
        keys = joined.column("key")
        last = of.pc.index(keys, keys[-1]).as_py()
        if last:
            yield joined.slice(0, last)
        held, rows = [joined.slice(last)], rows - last
        # What is held of one loan is copied when it has doubled, not each time that some came.
        enough = max(gathered, 2 * rows)
    if rows:
        yield _joined(of, held)


def _joined(of: Libraries, batches: list[Any]) -> Any:
    return of.pa.Table.from_batches(batches).combine_chunks().to_batches()[0]


def listed(of: Libraries, batch: Any, stated: Mapping[str, tuple[str, ...]]) -> Any:
    """
    Return a record batch with a row a loan, whose lists are in order of their dates.

    Args:
        batch: All rows of its loans, in any order: ``loan``, ``kind`` (a place in `KINDS`) and columns of `CARRIERS`.
        stated: The columns to make, by the name of their kind.

    Raises:
        FactsError: A loan has two rows of the kind ``loans``.
    """
    np, pa = of.np, of.pa
    coded = batch.column("loan").dictionary_encode()
    loans, codes, kinds = coded.dictionary, coded.indices.to_numpy(), batch.column("kind").to_numpy()
    order = _order(of, batch, codes)
    columns = {"loan": loans}
    for place, (name, kind) in enumerate(KINDS.items()):
        if name not in stated:
            continue
        rows = order[kinds[order] == place]
        counts = np.bincount(codes[rows], minlength=len(loans))
        carried = {column: batch.column(kind.carriers[column]) for column in stated[name]}
        if name == "loans":
            places = _places(of, rows, counts, loans)
            for column, values in carried.items():
                taken = values.take(places)
                columns[column] = taken.cast(pa.int32()) if kind.columns[column] == "int" else taken
        else:
            offsets = pa.array(np.concatenate(([0], np.cumsum(counts))), pa.int32())
            for column, values in carried.items():
                columns[column] = pa.ListArray.from_arrays(offsets, values.take(pa.array(rows)))
    return pa.record_batch(columns)


def _order(of: Libraries, batch: Any, codes: Any) -> Any:
    """Return the places of the rows of *batch*, ordered by loan, then by day, then by the other day."""
    days = [
        batch.column(name).cast(of.pa.int32()).fill_null(0).to_numpy()
        for name in ("until", "day")
        if name in batch.schema.names
    ]
    return of.np.lexsort((*days, codes))


def _places(of: Libraries, rows: Any, counts: Any, loans: Any) -> Any:
    """Return for each of *loans* which of *rows* is its own, where there are *counts* of them; null where none is."""
    twice = of.np.flatnonzero(counts > 1)
    if len(twice):
        first = loans[int(twice[0])].as_py()
        raise FactsError(f"Loan {first} has {counts[twice[0]]} rows in loans. State each loan once.", field="loan")
    places = of.np.zeros(len(counts), of.np.int64)
    places[counts == 1] = rows
    return of.pa.array(places, mask=counts == 0)


def answers_of_rows(
    batches: Iterable[Any], *, stated: Mapping[str, tuple[str, ...]], ask: Callable[..., Any], engine: str
) -> Iterator[Any]:
    """Yield what *ask* answers about the loans of *batches*, which share a ``key``; what a worker does."""
    of = libraries()
    return answers_of_loans((listed(of, batch, stated) for batch in whole_loans(of, batches)), ask=ask, engine=engine)


def answers_of_loans(batches: Iterable[Any], *, ask: Callable[..., Any], engine: str) -> Iterator[Any]:
    """
    Yield what *ask* answers about each of *batches*; what a worker does.

    Args:
        engine: With which. `auto` is numba where it is installed: a worker sees many batches, each of them small.

    Raises:
        FactsError: As *ask* raises it, with the loan instead of its place in the batch.
    """
    if engine == "auto":
        engine = "numba" if find_spec("numba") else "numpy"
    of = libraries()
    for batch in batches:
        try:
            answered = ask(batch, engine=engine)
        except FactsError as error:
            row = _ROW.match(error.where)
            if row is None:
                raise
            # Where a row lies in a batch, nobody can find it again.
            loan = batch.column("loan")[int(row[1])].as_py()
            raise FactsError(
                error.message, field=error.field, where=f"loan {loan}{error.where[row.end() :]}"
            ) from error
        yield plain(of, answered)


def plain(of: Libraries, batch: Any) -> Any:
    """Return *batch* without dictionaries, which Spark does not take back."""
    columns = [
        column.dictionary_decode() if of.pa.types.is_dictionary(column.type) else column for column in batch.columns
    ]
    return of.pa.record_batch(columns, names=batch.schema.names)
