"""One CSV file as rows: every row keeps its place, its cells and what is wrong with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from dunning.adapters.books.tables import Table
from dunning.adapters.codec.documents import read_text
from dunning.adapters.codec.nearest import nearest
from dunning.adapters.codec.problems import refusals, sentence
from dunning.errors import BookError, FactsError, Problem, StructureError


@frozen(kw_only=True)
class Trouble:
    """What is wrong with a row, and what to do about it. `follows`: only because another row is bad."""

    what: str
    column: str = ""
    advice: str = ""
    follows: bool = False


@define(kw_only=True)
class Row:
    """
    A row on its way to a noun. Mutable, and never leaves this package.

    Args:
        at: Where it stands, if not on a line of a file.
    """

    file: str
    line: int = 0
    at: str = ""
    key: str
    cells: dict[str, str]
    values: dict[str, Any] = field(factory=dict)
    troubles: list[Trouble] = field(factory=list)

    @property
    def place(self) -> str:
        """File and line, or table and keys, for messages."""
        return self.at or f"{self.file}, line {self.line}"

    @property
    def spot(self) -> str:
        """Where it stands among rows of one file or table, for messages."""
        return f"as {self.at}" if self.at else f"on line {self.line}"

    def wrong(self, what: str, *, column: str = "", advice: str = "", follows: bool = False) -> None:
        """Note one more thing wrong with the row."""
        self.troubles.append(Trouble(what=what, column=column, advice=advice, follows=follows))


@frozen(kw_only=True)
class Sheet:
    """
    The rows of one file, or of the tables that stand for it.

    `problem` is what is wrong with the file as a whole; then every row of it is bad, and no row is looked at further.
    `source` names what the rows come from, for messages.
    """

    table: Table
    rows: tuple[Row, ...] = ()
    problem: Problem | None = None
    source: str = ""


def read_sheet(path: Path, table: Table, defaults: Mapping[str, str]) -> Sheet:
    """
    Read the file of *table* at *path*.

    Args:
        defaults: Cells for columns that the file lacks or leaves empty.

    Raises:
        BookError: It cannot be told which loans or persons the rows belong to: not UTF-8, no key column, a quote that
            is never closed.
    """
    lines = _lines(path)
    try:
        _, header = next(lines)
    except StopIteration:
        raise _refused(path.name, "", "the file is empty.", "State at least the header.") from None
    twice = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    if table.key not in header or table.key in twice:
        what = f"the column {table.key!r} {'stands twice' if table.key in twice else 'is missing'}"
        raise _refused(
            f"{path.name}, line 1",
            table.key,
            f"{what}.",
            f"Without it nobody can tell whose the rows are.{nearest(table.key, header)}",
        )
    problem = _header_problem(path.name, header, twice, table, defaults)
    rows = tuple(_row(table, line, cells, header, None if problem else defaults) for line, cells in lines)
    if problem:
        for row in rows:
            row.troubles[:] = [Trouble(what=problem.what, column=problem.field, advice=problem.advice)]
    return Sheet(table=table, rows=rows, problem=problem)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        text = read_text(path)
    except StructureError as error:
        raise BookError(error.problems) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _refused(
                f"{path.name}, line {line}", "", f"the line is not CSV ({error}).", "Close every quote that opens."
            ) from error
        if cells is None:
            return
        if cells:
            yield line, cells
        line = reader.line_num + 1


def _header_problem(
    file: str, header: Sequence[str], twice: Sequence[str], table: Table, defaults: Mapping[str, str]
) -> Problem | None:
    known = [column.name for column in table.columns]
    whole = "No row of this file was taken, nor any loan or person that has a row in it."
    for name in header:
        if name not in known:
            return Problem(
                where=f"{file}, line 1",
                field=name,
                what=f"{file} has no column {name!r}.{nearest(name, known)} {whole}",
                advice="Correct the name or remove the column; facts are never silently ignored.",
            )
    for name in twice:
        return Problem(
            where=f"{file}, line 1", field=name, what=f"the column {name!r} stands twice. {whole}", advice="Keep one."
        )
    for column in table.columns:
        if column.required and column.name not in header and column.name not in defaults:
            return Problem(
                where=f"{file}, line 1",
                field=column.name,
                what=f"the column {column.name!r} is missing. {whole}",
                advice="Add it.",
            )
    return None


def _row(table: Table, line: int, cells: list[str], header: list[str], defaults: Mapping[str, str] | None) -> Row:
    """Return one row; with no *defaults* the file as a whole is bad, and the cells are kept but not read."""
    at = header.index(table.key)
    raw = dict(zip(header, cells, strict=False))
    if len(cells) > len(header):
        raw[""] = ",".join(cells[len(header) :])
    row = Row(file=table.file, line=line, key=cells[at] if at < len(cells) else "", cells=raw)
    if len(cells) != len(header):
        row.wrong(
            f"the line has {len(cells)} cells, and the header {len(header)}.",
            advice="Put cells that hold a comma in quotes.",
        )
    elif defaults is not None:
        fill(row, table, defaults)
    return row


def fill(row: Row, table: Table, defaults: Mapping[str, str]) -> None:
    """Read the cells of *row* into its values; a cell that somebody found wrong already is passed over."""
    spoilt = {trouble.column for trouble in row.troubles}
    for column in table.columns:
        if column.name in spoilt:
            continue
        text = row.cells.get(column.name, "") or (defaults.get(column.name, "") if column.default else "")
        if text:
            try:
                value = column.read(text)
            except ValueError as error:
                row.wrong(str(error), column=column.name, advice="Correct the cell.")
            else:
                row.values[column.field or f"({column.name})"] = value
        elif column.required:
            row.wrong("the cell is empty.", column=column.name, advice="State it.")


def check(table: Table, row: Row, values: Mapping[str, Any]) -> None:
    """Ask every validator of the table's noun what it says of *values*, and note it in *row*."""
    for error in refusals(table.noun, values):
        row.wrong(sentence(error.message), column=table.column_of(error.field), advice="Correct the cell.")


def born(table: Table, row: Row, values: Mapping[str, Any]) -> Any:
    """Return the noun of *row* with *values*; None, and troubles in the row, where it cannot be true."""
    check(table, row, values)
    if not row.troubles:
        try:
            return table.noun(**values)
        except FactsError as error:
            row.wrong(sentence(error.message), column=table.column_of(error.field), advice="Correct the row.")
    return None


def _refused(where: str, column: str, what: str, advice: str) -> BookError:
    return BookError([Problem(where=where, field=column, what=what, advice=advice)])
