"""Arrow tables as columns of whole numbers, without a copy where nothing is null, and answers as Arrow columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field

from dunning.core.overdue.convention import Convention
from dunning.core.overdue.labels import LabelTable
from dunning.errors import FactsError
from dunning.portfolio.overdue.answers import NO_DAY, Answers
from dunning.portfolio.overdue.columns import LISTS, NEVER, NO_DAYS, Columns, words
from dunning.portfolio.overdue.convention import WholeConvention
from dunning.portfolio.overdue.lists import gathered
from dunning.portfolio.overdue.spans import Spans

LOAN = "loan"
_DATES = {"due_on", "ages_from", "money_on", "money_until", "charged_on", "paused_on", "paused_until", "written_off_on"}
_NUMBERS = {"grace": pa.int32()}
_LISTED = {name: offsets for offsets, names in LISTS.items() for name in names}
_SINGLE = ("paid", "written_off_on", "grace")
COLUMNS = (LOAN, *_LISTED, *_SINGLE)
# What a null means. Anywhere else it is refused.
_WHERE_NULL = {"paused_until": NEVER, "written_off_on": NEVER, "grace": -1}
_TOGETHER = (("due_on", "due"), ("money_on", "money"), ("charged_on", "charged"), ("paused_on", "paused_until"))
_NEEDS = {"principal": "due", "ages_from": "due", "money_until": "money"}


def check_schema(schema: Any, convention: Convention, whole: WholeConvention) -> None:
    """
    Refuse columns that are unknown, of another type, or too few for the convention.

    Raises:
        FactsError: Names the column.
    """
    names = schema.names
    _refuse_names(names)
    for name in names:
        if name != LOAN:
            _refuse_type(name, schema.field(name).type)
    for name, because in _missing(names, convention, whole):
        raise FactsError(f"The column {name!r} is missing: {because}", field=name)


def _refuse_names(names: Sequence[str]) -> None:
    for name in names:
        if name not in COLUMNS:
            raise FactsError(
                f"The table has a column {name!r}, at which nothing looks. Leave it out or correct its name; known "
                f"are {', '.join(COLUMNS)}.",
                field=name,
            )
    if len(set(names)) < len(names):
        raise FactsError("The table has two columns of one name. Leave one out.", field="table")
    if "paid" in names and "money" in names:
        raise FactsError("The table states both paid and money. State one of them.", field="paid")


def _missing(names: Sequence[str], convention: Convention, whole: WholeConvention) -> list[tuple[str, str]]:
    needs = [(LOAN, "it names the loans."), *((name, "it is always needed.") for name in ("due_on", "due"))]
    for together in _TOGETHER:
        for one, other in (together, together[::-1]):
            if one in names:
                needs.append((other, f"{one} needs it."))
    needs += [(other, f"{one} needs it.") for one, other in _NEEDS.items() if one in names]
    if whole.material_share:
        needs.append(("principal", "the convention compares arrears with principal that is not due."))
    if convention.ages_from != "due_on":
        needs.append(("ages_from", f"the convention counts lateness from {convention.ages_from!r}."))
    asks_when = whole.needs_dates(written_off="written_off_on" in names)
    if "paid" in names and asks_when:
        needs.append(("money_on", "the convention asks when money came, and paid is only a total."))
    if "paid" not in names:
        # A column that was lost on the way would make everybody late.
        total = "" if asks_when else ", or paid as a total, 0 where nothing was"
        needs.append(
            ("money", f"nothing says what was paid. State money_on and money, as empty lists where nothing was{total}.")
        )
    return [(name, because) for name, because in needs if name not in names]


def _refuse_type(name: str, found: Any) -> None:
    item = pa.date32() if name in _DATES else _NUMBERS.get(name, pa.int64())
    if name in _LISTED:
        fits = (pa.types.is_list(found) or pa.types.is_large_list(found)) and found.value_type == item
        wanted = f"lists of {item}"
    else:
        fits, wanted = found == item, str(item)
    if not fits:
        unit = "days" if item == pa.date32() else "whole numbers" if name == "grace" else "minor units of the currency"
        raise FactsError(
            f"The column {name!r} holds {found}; it must hold {wanted}, {unit}. Cast it, so that nothing is rounded "
            "unseen.",
            field=name,
        )


def columns_for(names: Sequence[str], convention: Convention) -> list[str]:
    """Return those of the columns *names* at which *convention* looks: others need not even be read from a file."""
    unused = set()
    if convention.materiality is None or not convention.materiality.share:
        unused.add("principal")
    if convention.ages_from == "due_on":
        unused.add("ages_from")
    return [name for name in names if name not in unused]


def check_table(name: str, table: object) -> None:
    """
    Require a table or batch of Arrow.

    Raises:
        FactsError: Names what was given as *name*.
    """
    if not isinstance(table, pa.Table | pa.RecordBatch):
        raise FactsError(
            f"{name} must be a pyarrow Table or RecordBatch, not {type(table).__name__}. Of a frame that speaks Arrow, "
            "pyarrow.table(frame) makes one.",
            field=name,
        )


def sources_of(table: Any, convention: Convention, whole: WholeConvention) -> list[ArrowSource]:
    """
    Return the batches of *table* as sources of the columns at which *convention* looks.

    Raises:
        FactsError: As `check_schema`; a list is null.
    """
    check_schema(table.schema, convention, whole)
    table = table.select(columns_for(table.schema.names, convention))
    sources, first = [], 0
    for batch in table.to_batches() if isinstance(table, pa.Table) else [table]:
        sources.append(ArrowSource(batch, first, stated=convention.ages_from == "invoiced_on"))
        first += batch.num_rows
    return sources


@define
class ArrowSource:
    """
    A record batch as a source of columns.

    Args:
        first_row: The place of its first row in the table, for messages.
        stated: Whether each instalment must state `ages_from`.
    """

    batch: Any
    first_row: int
    stated: bool
    _offsets: dict[str, Any] = field(init=False, factory=dict)
    _values: dict[str, Any] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        stated = set(self.batch.schema.names)
        for name in (*_LISTED, *_SINGLE):  # in this order, whatever that of the table: one may need what is before it
            if name not in stated:
                continue
            column = self.batch.column(name)
            if name in _LISTED:
                self._refuse_null(name, column, "State an empty list where there is nothing.")
                self._offsets[name] = column.offsets.to_numpy()
                column = column.values
            self._values[name] = column.view(pa.int32()) if name in _DATES else column

    @property
    def rows(self) -> int:
        """How many loans."""
        return int(self.batch.num_rows)

    @property
    def items(self) -> int:
        """How many items its lists have."""
        return sum(int(offsets[-1] - offsets[0]) for offsets in self._offsets.values())

    def block(self, start: int, stop: int) -> Columns:
        """Return the loans from *start* to before *stop*."""
        cut: dict[str, Any] = {}
        beside_of: dict[str, Any] = {}
        for name, values in self._values.items():
            first, last = start, stop
            if name in _LISTED:
                at = self._offsets[name][start : stop + 1]
                first, last = int(at[0]), int(at[-1])
                beside = beside_of.setdefault(_LISTED[name], at)
                if beside is at:
                    cut[_LISTED[name]] = np.subtract(at, first, dtype=np.int64)
                elif first != beside[0] or not np.array_equal(at, beside):
                    self._refuse_lengths(name, at - first, cut[_LISTED[name]], start)
            part = values.slice(first, last - first)
            if name == "money_until":
                cut["money_until"], cut["undone"], cut["shift"] = _undone(part)
            else:
                cut[name] = self._numbers(name, part, cut, start)
        if len(cut.get("paused_until", ())):
            self._refuse_backwards(cut, start)
        return Columns(**cut)

    def where(self, rows: Any) -> Spans | None:
        """
        Return the loans at the places *rows* where they lie; None if they must be taken out to be read.

        Errors count rows among these.
        """
        found: dict[str, Any] = {}
        for name, values in self._values.items():
            if name not in _LISTED:
                found[name] = self._numbers(name, values.take(pa.array(rows)), {}, 0)
                continue
            group = _LISTED[name].removesuffix("_at")
            at = self._offsets[name]
            begin, end = (edges.take(rows).astype(np.int64) for edges in (at[:-1], at[1:]))
            lies_alike = np.array_equal(found.setdefault(f"{group}_begin", begin), begin)
            lies_alike &= np.array_equal(found.setdefault(f"{group}_end", end), end)
            if name == "money_until":
                found["money_until"], found["undone"], found["shift"] = _undone(values)
            elif name in {"ages_from", "paused_on", "paused_until"} or values.null_count:
                return None
            else:
                found[name] = values.to_numpy()
            if not lies_alike:
                return None
        return Spans(**found)

    def take(self, rows: Any) -> Columns:
        """Return the loans at the places *rows*, as a copy; errors count rows among these."""
        columns = {}
        edges: Any = None
        for name in self._values:
            column = self.batch.column(name)
            if name in _LISTED:
                begin, end = self._offsets[name][rows], self._offsets[name][rows + 1]
                if edges is None or not np.array_equal(edges, (begin, end)):  # lists side by side lie alike
                    edges, (at, places) = (begin, end), gathered(begin.astype(np.int64), end - begin)
                values = pc.take(column.values, pa.array(places), boundscheck=False)
                columns[name] = pa.LargeListArray.from_arrays(pa.array(at), values)
            else:
                columns[name] = column.take(pa.array(rows))
        taken = ArrowSource(pa.RecordBatch.from_pydict(columns), 0, self.stated)
        return taken.block(0, len(rows))

    def _numbers(self, name: str, values: Any, cut: Mapping[str, Any], start: int) -> Any:
        if name == "grace" and (pc.min(values).as_py() or 0) < 0:
            place = int(pc.index(pc.less(values, 0), value=True).as_py())
            raise FactsError(
                "grace is negative. Leave it empty to take the convention's.",
                field=name,
                where=f"row {self.first_row + start + place}",
            )
        if values.null_count:
            if name == "ages_from" and not self.stated:
                due_on = cut["due_on"]
                return np.where(values.is_null().to_numpy(zero_copy_only=False), due_on, values.fill_null(0))
            if name not in _WHERE_NULL:
                place = int(pc.index(values.is_null(), value=True).as_py())
                row = start + place
                if name in _LISTED:
                    row = start + int(np.searchsorted(cut[_LISTED[name]], place, side="right")) - 1
                raise FactsError(f"{name} is null. State it.", field=name, where=f"row {self.first_row + row}")
            return values.fill_null(_WHERE_NULL[name]).to_numpy()
        return values.to_numpy()

    def _refuse_backwards(self, cut: Mapping[str, Any], start: int) -> None:
        backwards = cut["paused_until"] <= cut["paused_on"]
        if backwards.any():
            row = start + int(np.searchsorted(cut["paused_at"], int(np.argmax(backwards)), side="right")) - 1
            raise FactsError(
                "paused_until does not come after paused_on. State the first day that is not paused any more.",
                field="paused_until",
                where=f"row {self.first_row + row}",
            )

    def _refuse_null(self, name: str, column: Any, advice: str) -> None:
        if column.null_count:
            place = int(pc.index(column.is_null(), value=True).as_py())
            raise FactsError(f"{name} is null. {advice}", field=name, where=f"row {self.first_row + place}")

    def _refuse_lengths(self, name: str, at: Any, other: Any, start: int) -> None:
        if not np.array_equal(at, other):
            row = int(np.argmax(at != other)) - 1
            beside = next(one for one in LISTS[_LISTED[name]] if one in self._values)
            raise FactsError(
                f"{name} has {at[row + 1] - at[row]} items, and {beside} has {other[row + 1] - other[row]}. State one "
                "for each.",
                field=name,
                where=f"row {self.first_row + start + row}",
            )


def _undone(until: Any) -> tuple[Any, Any, int]:
    """Return until when money counts, and as bits what it is stated of: a null stands."""
    valid, days = until.buffers()
    first, last = until.offset, until.offset + len(until)
    days = np.frombuffer(days, np.int32)[first:last] if len(until) else NO_DAYS  # nothing may lie in no memory
    if valid is None:
        return days, words(np.packbits(days != NEVER, bitorder="little")), 0
    return days, words(np.frombuffer(valid, np.uint8)[first // 8 : (last + 7) // 8]), first % 8


def answer_columns(answers: Answers, labels: Sequence[LabelTable]) -> dict[str, Any]:
    """Return *answers* as Arrow columns, and beside them the label of each row from each of *labels*."""
    return labelled({name: answer_column(values, name) for name, values in answers._asdict().items()}, labels)


def answer_column(values: Any, name: str) -> Any:
    """Return *values* as an Arrow column; those of a date are dates, or null where there is none."""
    if not name.endswith("_due_on"):
        return pa.array(values)
    there = values != NO_DAY
    bits = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    return pa.Array.from_buffers(pa.date32(), len(values), [bits, pa.py_buffer(values)])


def labelled(columns: dict[str, Any], labels: Sequence[LabelTable]) -> dict[str, Any]:
    """Return *columns* of answers, and beside them the label of each row from each of *labels*."""
    found, days = dict(columns), columns["days_past_due"].to_numpy()
    for table in labels:
        if not isinstance(table, LabelTable):
            raise FactsError(f"labels must be tables of labels, not {type(table).__name__} {table!r}.", field="labels")
        if table.name in {LOAN, *found}:
            raise FactsError(f"The table of labels {table.name!r} has the name of another column.", field="labels")
        found[table.name] = _labels(days, table)
    return found


def _labels(days: Any, table: LabelTable) -> Any:
    """Return the label of each of *days*: looked up once for each number of days that occurs or may."""
    if len(table.rows) > np.iinfo(np.int8).max:
        raise FactsError(f"The table of labels {table.name!r} has more than 127 rows.", field="labels")
    last = min(table.rows[-1].from_days, int(days.max(initial=0)))
    starts = np.array([row.from_days for row in table.rows])
    codes = (np.searchsorted(starts, np.arange(last + 1), side="right") - 1).astype(np.int8)
    indices = codes[np.minimum(days, last)]
    return pa.DictionaryArray.from_arrays(pa.array(indices), pa.array([row.label for row in table.rows], pa.string()))
