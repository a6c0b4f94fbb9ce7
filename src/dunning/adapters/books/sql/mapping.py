"""
The mapping: which table and column of the host's holds which of our facts, as data. `docs/reference/loan-book.md`.

It names tables and views, never a query: a name can be checked against the database before the first night, quoted,
and read by whoever answers for the mapping. What needs a join or arithmetic is a view, in the host's own hands.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from attrs import field, frozen

from dunning.adapters.books import tables
from dunning.adapters.codec import scalars
from dunning.adapters.codec.convert import structure
from dunning.adapters.codec.documents import read_toml
from dunning.adapters.codec.nearest import nearest
from dunning.core import values
from dunning.core.facts.loan import Quote
from dunning.errors import BookError, FactsError, Problem, StructureError

QUOTES = tables.Table(
    name="quotes",
    noun=Quote,
    key="loan_id",
    columns=(
        tables.Column(name="loan_id", read=str, field="loan_id", required=True),
        tables.Column(name="on", read=scalars.date, field="on", required=True),
        tables.Column(name="currency", read=str, field="currency"),
        *(
            tables.Column(name=name, read=tables.money, field=f"({name})")
            for name in ("principal", "interest", "fees", "penalties")
        ),
        tables.Column(name="payoff", read=tables.money, field="payoff"),
    ),
)
TABLES = (*tables.TABLES, QUOTES)
ONE_SOURCE = (tables.LOANS, tables.PERSONS, QUOTES)
"""Tables that come from one source: their rows say which loans and persons there are."""


@frozen(kw_only=True)
class Cell:
    """
    Where a value comes from, and how it is read.

    Args:
        column: The host's column; empty for a constant.
        value: A constant.
        map: The host's word to ours; "" stands for NULL and for nothing. A word that is not in it is an error.
        unit: What one of the host's numbers is worth: 0.01 where amounts are in cents.
        format: How a date or time is spelt in text, in the letters of `strptime`: %Y%m%d; or `epoch`, `epoch_ms`.
        zone: Whose clock times without an offset show.
        prefix, suffix: What is put around a text, so that one row can give several ids.
    """

    column: str = ""
    value: str | None = None
    map: Mapping[str, str] = field(factory=dict)
    unit: Decimal | None = None
    format: str = ""
    zone: str = ""
    prefix: str = ""
    suffix: str = ""

    def __attrs_post_init__(self) -> None:
        if bool(self.column) == (self.value is not None):
            raise FactsError("State a column, or a constant as value, and not both.", field="column")
        if self.zone:
            values.zone(self, _Named("zone"), self.zone)


@frozen
class _Named:
    name: str


@frozen(kw_only=True)
class Source:
    """
    One table or view of the host's, and what its rows state.

    Args:
        table: Its name, maybe with its schema: `finance.t_contract`.
        where: Only rows whose column holds this value, or one of these.
        present: Only rows in which these columns hold something.
        changed: The column that says when a row was written last, or its number in the order of writing.
        columns: Our column to the host's.
    """

    table: str = field(validator=values.text)
    where: Mapping[str, tuple[str, ...]] = field(factory=dict)
    present: tuple[str, ...] = ()
    changed: Cell | None = None
    columns: Mapping[str, Cell]


@frozen(kw_only=True)
class Day:
    """Where the last complete business date stands: the latest date in *column*, of the rows that *where* names."""

    table: str = field(validator=values.text)
    column: str = field(validator=values.text)
    where: Mapping[str, tuple[str, ...]] = field(factory=dict)
    format: str = ""
    zone: str = ""


@frozen(kw_only=True)
class Lag:
    """
    How late a row may be committed after it was stamped.

    Args:
        seconds: For columns that hold an instant.
        steps: For columns that hold a number.
    """

    seconds: int = field(default=3600, validator=values.at_least(0))
    steps: int = field(default=100, validator=values.at_least(0))


@frozen(kw_only=True)
class BookMapping:
    """A whole mapping. `where` is its name, for messages; `sources` are by the name of our table."""

    where: str
    current_through: Day
    sources: Mapping[str, tuple[Source, ...]]
    lag: Lag = Lag()

    @property
    def tells_changes(self) -> bool:
        """Whether every source says when its rows were written last."""
        return all(source.changed for of_table in self.sources.values() for source in of_table)

    def __iter__(self) -> Iterator[tuple[tables.Table, int, Source]]:
        """Yield each source with our table, and its number there."""
        for table in TABLES:
            for number, source in enumerate(self.sources.get(table.name, ())):
                yield table, number, source

    def place(self, table: tables.Table, number: int) -> str:
        """Return where a source stands in the mapping, for messages."""
        several = len(self.sources[table.name]) > 1
        return f"{self.where}, {table.name}{f'[{number}]' if several else ''}"


def read_mapping_file(path: Path) -> BookMapping:
    """
    Return the mapping in the TOML file at *path*.

    Raises:
        BookError: Everything that is wrong with it, one problem each.
    """
    try:
        document = read_toml(path)
    except StructureError as error:
        raise BookError(error.problems) from error
    return read_mapping(document, where=path.name)


def read_mapping(document: Mapping[str, Any], *, where: str = "the mapping") -> BookMapping:
    """
    Return the mapping that *document* states: the tables of the TOML form, as Python values.

    Raises:
        BookError: Everything that is wrong with it, one problem each.
    """
    problems: list[Problem] = []
    known = [table.name for table in TABLES]
    extra = ("current_through", "lag")
    problems.extend(
        Problem(where=where, field=name, what=f"there is no such table of facts.{nearest(name, [*known, *extra])}")
        for name in document
        if name not in (*known, *extra)
    )
    problems.extend(
        Problem(where=where, field=name, what="the table is missing.", advice="A book cannot do without it.")
        for name in ("current_through", *(table.name for table in tables.REQUIRED))
        if name not in document
    )
    day = _read(document, "current_through", Day, where, problems)
    lag = _read(document, "lag", Lag, where, problems)
    if day is not None and not sorts(day.format):
        problems.append(Problem(where=f"{where}, current_through", field="format", what=_UNSORTED, advice=_A_VIEW))
    sources = {table.name: _sources(table, document, where, problems) for table in TABLES if table.name in document}
    stamped = {bool(s.changed) for of_table in sources.values() for s in of_table}
    if stamped == {True, False}:
        missing = [name for name, of_table in sources.items() if not all(s.changed for s in of_table)]
        what = f"some tables say when their rows changed, and these do not: {', '.join(missing)}."
        problems.append(
            Problem(where=where, field="changed", what=what, advice="State it for all of them or for none.")
        )
    if problems or day is None:
        raise BookError(problems)
    return BookMapping(where=where, current_through=day, sources=sources, lag=lag or Lag())


def _read(document: Mapping[str, Any], name: str, kind: type[Any], where: str, problems: list[Problem]) -> Any:
    if name not in document:
        return None
    try:
        return structure(_tupled(document[name]), kind, f"{where}, {name}")
    except StructureError as error:
        problems.extend(error.problems)
        return None


def _sources(
    table: tables.Table, document: Mapping[str, Any], where: str, problems: list[Problem]
) -> tuple[Source, ...]:
    stated = document[table.name]
    listed = stated if isinstance(stated, list | tuple) else [stated]
    if len(listed) != 1 and table in ONE_SOURCE:
        what = f"they come from one table or view, and not from {len(listed)}."
        problems.append(Problem(where=f"{where}, {table.name}", what=what, advice="Make a view of them."))
    found = []
    for number, one in enumerate(listed):
        place = f"{where}, {table.name}{f'[{number}]' if len(listed) > 1 else ''}"
        try:
            source = structure(_source(one), Source, place)
        except StructureError as error:
            problems.extend(error.problems)
            continue
        problems.extend(_flaws(table, source, place))
        found.append(source)
    return tuple(found)


def _source(stated: Any) -> Any:
    """Return *stated* with each column that is only named written out."""
    if not isinstance(stated, dict):
        return stated
    made = dict(_tupled(stated))
    if isinstance(made.get("columns"), dict):
        made["columns"] = {name: _cell(cell) for name, cell in made["columns"].items()}
    if "changed" in made:
        made["changed"] = _cell(made["changed"])
    return made


def _cell(stated: Any) -> Any:
    if isinstance(stated, str):
        return {"column": stated}
    if isinstance(stated, dict) and "value" in stated:
        return {**stated, "value": _text(stated["value"])}
    return stated


def _tupled(stated: Any) -> Any:
    """Return *stated* with each value of `where` as a list of texts; what cannot be one stays as it is."""
    if isinstance(stated, dict) and isinstance(stated.get("where"), dict):
        listed = {name: one if isinstance(one, list | tuple) else [one] for name, one in stated["where"].items()}
        return {**stated, "where": {name: [_text(member) for member in members] for name, members in listed.items()}}
    return stated


def _text(stated: Any) -> Any:
    """Return a constant of the document as text; what cannot be one stays, and is refused by its type."""
    if isinstance(stated, bool):
        return "true" if stated else "false"
    if isinstance(stated, dt.date) and not isinstance(stated, dt.datetime):
        return stated.isoformat()
    return str(stated) if isinstance(stated, int | Decimal) else stated


def _flaws(table: tables.Table, source: Source, place: str) -> Iterator[Problem]:
    known = {column.name: column for column in table.columns}
    for name in source.columns:
        if name not in known:
            what = f"{table.name} has no column {name!r}.{nearest(name, known)}"
            yield Problem(where=f"{place}, columns", field=name, what=what, advice="Correct the name or remove it.")
    for column in table.columns:
        cell = source.columns.get(column.name)
        if column.required and cell is None:
            what = f"{table.name} cannot do without it."
            yield Problem(where=f"{place}, columns", field=column.name, what=what, advice="Name the host's column.")
        elif cell is not None:
            yield from _cell_flaws(table, column, cell, f"{place}, columns")
    if source.changed and not sorts(source.changed.format):
        yield Problem(where=place, field="changed", what=_UNSORTED, advice=_A_VIEW)
    if source.changed and not source.changed.column:
        yield Problem(where=place, field="changed", what="a constant never changes.", advice="Name a column.")


def _cell_flaws(table: tables.Table, column: tables.Column, cell: Cell, place: str) -> Iterator[Problem]:
    def wrong(what: str, advice: str) -> Problem:
        return Problem(where=place, field=column.name, what=what, advice=advice)

    if column.name in ("loan_id", "person_id") and (not cell.column or cell.map):
        yield wrong("rows are found by it, so it is a column without a map.", "Make a view.")
    if cell.unit is not None and column.read is not tables.money:
        yield wrong("only money has a unit.", "Remove it.")
    if cell.format and column.read not in TIMES:
        yield wrong("only dates and times have a format.", "Remove it.")
    if cell.zone and column.read not in (scalars.date, scalars.instant):
        yield wrong("only dates and instants have a zone.", "Remove it.")
    if cell.value is not None:
        try:
            column.read(cell.value)
        except ValueError as error:
            yield wrong(str(error), "Correct the constant.")


_UNSORTED = "the latest cannot be found where texts do not begin with the year, then month, day and time."
_A_VIEW = "Make a view that spells it so."
TIMES = (scalars.date, scalars.instant, scalars.time)


def sorts(spelling: str) -> bool:
    """Whether values spelt so stand in the order of time: year, month, day, hour, minute, second, in this order."""
    letters = [letter for letter in re.findall(r"%(.)", spelling) if letter != "f"]
    return not spelling or spelling in ("epoch", "epoch_ms") or letters == list("YmdHMS"[: len(letters)])


def zone_of(name: str) -> ZoneInfo | None:
    """Return the zone called *name*; None where none is stated."""
    return ZoneInfo(name) if name else None
