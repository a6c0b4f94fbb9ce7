"""
How late is each loan today, from what was answered yesterday.

Most loans are a day later than yesterday, or as late as they were. What else changes has a date or an event; only
those loans are counted anew.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen

from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.labels import LabelTable
from dunning.errors import FactsError
from dunning.portfolio.overdue.answers import NO_DAY, Answers, empty_answers, empty_columns
from dunning.portfolio.overdue.arrow import (
    LOAN,
    ArrowSource,
    answer_column,
    check_schema,
    check_table,
    labelled,
    sources_of,
)
from dunning.portfolio.overdue.columns import Source
from dunning.portfolio.overdue.convention import WholeConvention, whole_convention
from dunning.portfolio.overdue.counting import count, count_where, share_out, threads_of
from dunning.portfolio.overdue.moving import BOTH_GROW, STAYS, dated, moving

MOVES_ON, GROWS = "moves_on", "grows"
_STATE = b"dunning.overdue"
_EPOCH = dt.date(1970, 1, 1).toordinal()
_BLOCK = 2**14
_WORTH_TAKING = 5  # of as many loans, one
Facts = Any | Callable[[Any], Any]


@frozen
class Advanced:
    """
    The state of a day, and how many loans had to be counted for it.

    Args:
        state: As `overdue_state` gives it.
        counted: The others only grew by the days that passed, or stayed.
    """

    state: Any
    counted: int


def overdue_state(
    table: Any,
    *,
    as_of: dt.date,
    convention: Convention = OLDEST_UNPAID,
    labels: Sequence[LabelTable] = (),
    currency_digits: int = 2,
    engine: str = "auto",
    threads: int | None = None,
) -> Any:
    """
    Say for each loan of *table* how late it is, and until when that says itself: where `advance_day` goes on.

    Returns:
        A table with the answers of `overdue_table`, and `moves_on` (int32, days since 1970-01-01: the first day on
        which the loan must be counted anew, if nothing happens; 2147483647: never) and `grows` (int8: how many of
        days past due and delinquent days grow by one a day until then). Its metadata say date and convention, so that
        it may be kept as Parquet. Loan ids in a dictionary or a view are plain text in it.

    Raises:
        FactsError: As of `overdue_table`.
    """
    check_table("table", table)
    table = pa.Table.from_batches([table]) if isinstance(table, pa.RecordBatch) else table
    whole = whole_convention(convention, as_of=as_of, currency_digits=currency_digits)
    sources = sources_of(table, convention, whole)
    counted = _named(*_count(sources, whole, engine=engine, threads=threads))
    columns = {name: answer_column(values, name) for name, values in counted.items()}
    return _table(_one(_ids(table.column(LOAN))), columns, labels, _says(as_of, convention, currency_digits))


def _count(
    sources: Sequence[Source], whole: WholeConvention, *, engine: str, threads: int | None
) -> tuple[Answers, tuple[Any, Any]]:
    """Return the answers of *sources*, and until when they say themselves."""
    numbers = count(sources, whole, engine=engine, threads=threads)
    rows = len(numbers.arrears)
    moves, grows = np.empty(rows, np.int32), np.empty(rows, np.int8)
    first = 0
    for source in sources:
        for start in range(0, source.rows, _BLOCK):
            stop = min(start + _BLOCK, source.rows)
            here = slice(first + start, first + stop)
            block = source.block(start, stop)
            moves[here], grows[here] = moving(block, whole, numbers.block(here.start, here.stop), dated(block, whole))
        first += source.rows
    return numbers, (moves, grows)


def advance_day(
    previous: Any,
    facts: Facts,
    touched: Any = (),
    *,
    as_of: dt.date,
    convention: Convention = OLDEST_UNPAID,
    labels: Sequence[LabelTable] = (),
    currency_digits: int = 2,
    engine: str = "auto",
    threads: int | None = None,
) -> Advanced:
    """
    Say how late each loan is on *as_of*, from the state of an earlier day; the answers are those of a full run.

    Counted anew are the loans *touched*, and those of which something moves by itself: an instalment falls due, a
    pause or grace ends, a month is completed, a write-off takes effect. Under `amount_equivalent` loans that are late
    are counted every day, and so are late ones with pauses where lateness runs in months. Where these are many of a
    whole book, all are counted.

    Args:
        previous: What `overdue_state` or `advance_day` answered; days may have been left out since.
        facts: The book as of today, as `overdue_table` reads it: the loans of *previous* in their order, and after
            them those that are new; or a function that is given loan ids, an Arrow array, and returns those loans.
        touched: Ids of the loans of which any fact is new or changed since, whatever day it is effective on, and of
            loans that are new. If none is, an array of truth values, one a row of *previous*, spares looking for them.

    Raises:
        FactsError: *previous* is no state, or of another convention or a later day; *facts* do not hold a loan that
            is asked for. As of `overdue_table`.
    """
    whole = whole_convention(convention, as_of=as_of, currency_digits=currency_digits)
    elapsed = _elapsed(previous, as_of, convention, currency_digits)
    loans = _one(_ids(previous.column(LOAN)))
    moves = _one(previous.column(MOVES_ON)).to_numpy()
    grows = _one(previous.column(GROWS)).to_numpy()
    changed, new = _touched(loans, touched)
    rows = np.flatnonzero(changed | (moves <= as_of.toordinal() - _EPOCH))
    if not callable(facts) and len(rows) * _WORTH_TAKING > len(loans):
        rows = np.arange(len(loans))  # to count all of them in place is quicker than to take these out
    wanted = pa.concat_arrays([loans.take(pa.array(rows)), new])
    if callable(facts):
        table = facts(wanted)
        check_table("facts", table)
        check_schema(table.schema, convention, whole)
        sources = sources_of(_in_order(table, wanted), convention, whole)
        found, ahead = _count(sources, whole, engine=engine, threads=threads)
    else:
        check_table("facts", facts)
        sources = sources_of(facts, convention, whole)
        places = _places(facts, rows, wanted, len(loans))
        found, ahead = _count_at(sources, places, whole, engine=engine, threads=threads)
    rows = np.concatenate([rows, np.arange(len(loans), len(loans) + len(new))])
    size = len(loans) + len(new)
    counted = _named(found, ahead)
    numbers = empty_columns({name: values.dtype for name, values in counted.items()}, size)
    columns = dict.fromkeys(counted)  # in this order, whichever is ready first
    growing = {"days_past_due": grows > STAYS, "delinquent_days": grows == BOTH_GROW}

    def put(name: str) -> None:
        values = numbers[name]
        _copy(previous.column(name), values[: len(loans)])
        if name in growing:
            values[: len(loans)] += growing[name] * np.int32(elapsed)
        values[rows] = counted[name]
        columns[name] = answer_column(values, name)

    share_out(put, iter(counted), threads_of(threads))
    loans = pa.concat_arrays([loans, new]) if len(new) else loans
    return Advanced(_table(loans, columns, labels, _says(as_of, convention, currency_digits)), len(wanted))


def _touched(loans: Any, touched: Any) -> tuple[Any, Any]:
    """Return which of *loans* are touched, and the ids of those that are new."""
    ids = _listed(touched, loans.type)
    if pa.types.is_boolean(ids.type):
        if len(ids) != len(loans):
            raise FactsError(f"touched has {len(ids)} truth values for {len(loans)} loans.", field="touched")
        return ids.to_numpy(zero_copy_only=False), loans.slice(0, 0)
    ids = _as(loans.type, ids, "touched")
    if pa.types.is_integer(loans.type) and not loans.null_count + ids.null_count:
        known, asked = loans.to_numpy(), ids.to_numpy()
        if len(known) and (known[1:] > known[:-1]).all():  # numbers in order need no table to look them up in
            places = np.minimum(np.searchsorted(known, asked), len(known) - 1)
            there = known[places] == asked
            changed = np.zeros(len(known), bool)
            changed[places[there]] = True
            return changed, pa.array(asked[~there], loans.type).unique()
    ids = ids.unique()
    changed = pc.is_in(loans, value_set=ids).to_numpy(zero_copy_only=False)
    return changed, ids.filter(pc.invert(pc.is_in(ids, value_set=loans.filter(pa.array(changed)))))


def _listed(touched: Any, kind: Any) -> Any:
    """Return what *touched* lists as one array: ids, or truth values."""
    if isinstance(touched, pa.Array | pa.ChunkedArray):
        return _one(_ids(touched))
    kind = pa.bool_() if isinstance(touched, np.ndarray) and touched.dtype == bool else kind
    try:
        if not isinstance(touched, str | bytes):  # these would be read as a list of their letters
            return pa.array(touched, kind)
        reason = f"{touched!r} alone"
    except (pa.ArrowException, TypeError, OverflowError) as error:
        reason = str(error)
    raise FactsError(f"touched must list ids that are {kind}, as those of the state are: {reason}.", field="touched")


def _ids(column: Any) -> Any:
    """Return loan ids as Arrow can look them up and take them: in no dictionary, and no view."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    kind = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}.get(kind, kind)
    return column if kind == column.type else column.cast(kind)


def _loans(facts: Any, kind: Any, places: Any = None) -> Any:
    """Return the ids of the loans at *places* of *facts*, as those of the state are kept."""
    ids = _ids(facts.column(LOAN))
    return _as(kind, _one(ids if places is None else ids.take(pa.array(places))), LOAN)


def _as(kind: Any, ids: Any, where: str) -> Any:
    """Return *ids* as those of the loans are kept."""
    try:
        return ids if ids.type == kind else ids.cast(kind)
    except pa.ArrowException as error:
        raise FactsError(
            f"{where} holds {ids.type}, and the loans of the state are {kind}. State ids of that type.", field=where
        ) from error


def _in_order(table: Any, wanted: Any) -> Any:
    """Return the facts of the loans *wanted*, in their order."""
    there = _loans(table, wanted.type)
    if there.equals(wanted):
        return table
    places = pc.index_in(wanted, value_set=there)
    if places.null_count:
        missing = wanted.filter(places.is_null())[0].as_py()
        raise FactsError(f"The facts of loan {missing!r} were asked for and are not there.", field=LOAN)
    return table.set_column(table.schema.get_field_index(LOAN), LOAN, there).take(places)


def _places(facts: Any, rows: Any, wanted: Any, known: int) -> Any:
    """Return where the loans *wanted* lie in a whole book: those at *rows*, and what is new after the *known* ones."""
    places = np.concatenate([rows, np.arange(known, len(facts))])
    if len(facts) < known or not _loans(facts, wanted.type, places).equals(wanted):
        raise FactsError(
            "The book does not hold the loans of the previous state in their order, and after them those that are new "
            "and touched. Sort it alike, or give a function.",
            field=LOAN,
        )
    return places


def _count_at(
    sources: Sequence[ArrowSource], places: Any, whole: WholeConvention, *, engine: str, threads: int | None
) -> tuple[Answers, tuple[Any, Any]]:
    """Return the answers for the loans at *places* of a whole book, and until when they say themselves."""
    if len(places) == sum(source.rows for source in sources):
        return _count(sources, whole, engine=engine, threads=threads)
    parts = []
    for source in sources:
        first, last = np.searchsorted(places, (source.first_row, source.first_row + source.rows))
        rows = places[first:last] - source.first_row
        if len(rows):
            try:
                found = count_where(source, rows, whole, engine=engine, threads=threads)
                parts.append(found or _count([source.take(rows)], whole, engine=engine, threads=threads))
            except FactsError:
                _count(sources, whole, engine=engine, threads=threads)  # names the row of the book
                raise
    if not parts:
        return empty_answers(0), (np.empty(0, np.int32), np.empty(0, np.int8))
    answers, ahead = zip(*parts, strict=True)
    moves, grows = (np.concatenate(each) for each in zip(*ahead, strict=True))
    return Answers(*(np.concatenate(each) for each in zip(*answers, strict=True))), (moves, grows)


def _elapsed(previous: Any, as_of: dt.date, convention: Convention, digits: int) -> int:
    check_table("previous", previous)
    said = (previous.schema.metadata or {}).get(_STATE)
    if said is None:
        raise FactsError("The previous answers are no state. Begin with overdue_state.", field="previous")
    day = dt.date.fromisoformat(json.loads(said)["as_of"])
    if _says(day, convention, digits) != said:
        raise FactsError(
            "The previous state is of another convention or currency. Begin again with overdue_state.",
            field="convention",
        )
    if day > as_of:
        raise FactsError(f"The previous state is of {day}, which is after {as_of}.", field="as_of")
    return (as_of - day).days


def _says(as_of: dt.date, convention: Convention, digits: int) -> bytes:
    counts = {
        each.name: str(getattr(convention, each.name)) for each in attrs.fields(Convention) if each.name != "name"
    }
    said = {"as_of": as_of.isoformat(), "currency_digits": digits, "convention": counts}
    return json.dumps(said, sort_keys=True).encode()


def _copy(column: Any, values: Any) -> None:
    """Write the answers of a *column* into *values*."""
    column = _one(column)
    valid = column.buffers()[0] if column.null_count else None
    column = column.view(pa.int32()) if pa.types.is_date32(column.type) else column
    column = column.cast(pa.from_numpy_dtype(values.dtype))  # whoever kept the state may have widened it
    here = slice(column.offset, column.offset + len(column))
    values[:] = np.frombuffer(column.buffers()[1], values.dtype)[here]
    if valid is not None and np.count_nonzero(values == NO_DAY) < column.null_count:
        stated = np.unpackbits(np.frombuffer(valid, np.uint8), bitorder="little")[here]
        np.copyto(values, NO_DAY, where=stated == 0)


def _one(column: Any) -> Any:
    """Return a column as one array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    if column.num_chunks == 1:
        return column.chunk(0)
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _named(answers: Answers, ahead: tuple[Any, Any]) -> dict[str, Any]:
    """Return what was counted, by the names of the columns of a state."""
    return {**answers._asdict(), MOVES_ON: ahead[0], GROWS: ahead[1]}


def _table(loans: Any, columns: dict[str, Any], labels: Sequence[LabelTable], says: bytes) -> Any:
    return pa.table({LOAN: loans, **labelled(columns, labels)}).replace_schema_metadata({_STATE: says})
