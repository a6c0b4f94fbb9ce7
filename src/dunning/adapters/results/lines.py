"""A whole file of results: each line with the result that it states, or why it states none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen

from dunning.adapters.codec.documents import decode_escaped, read_bytes
from dunning.adapters.results.form import Form, Result, check_columns, read_result
from dunning.adapters.results.records import Record, read_records
from dunning.errors import StructureError

_TWICE = "Another line about this row has the same call id and says something else. Correct one of them."


@frozen(kw_only=True)
class ResultLine:
    """
    One line of a dialler's file.

    Args:
        number: On which line of the file it begins, from 1. where: The same with the file's name.
        text: As it stands in the file. Personal.
        result: For `Engine.results`; None where the line cannot be used.
        why: Why it cannot, or the empty text.
    """

    number: int
    where: str
    text: str = field(repr=False)
    result: Result | None = None
    why: str = ""


def read_results(file: Path, form: Form | None = None) -> list[ResultLine]:
    """
    Return what each line of a dialler's *file* says, CSV with a head or JSON Lines; a bad line spoils no other.

    Args:
        form: The dialler's own codes, columns and spelling of time; None: it writes as we do.

    Raises:
        StructureError: The file as a whole cannot be used: there is none, or it lacks a column that every line needs.
    """
    return results_in(read_bytes(file), form or Form(), file.name)


def results_in(data: bytes, form: Form, name: str) -> list[ResultLine]:
    """Return what each line of *data* says: see `read_results`. *name* is how reasons call the file."""
    columns, records = read_records(decode_escaped(data, name), name)
    check_columns(columns, form, name)
    return list(_lines(records, form, name))


def _lines(records: list[Record], form: Form, name: str) -> Iterator[ResultLine]:
    calls: dict[tuple[str, str], Result] = {}
    for record in records:
        where = f"{name}, line {record.line}"
        result, why = None, record.problem
        if not why:
            try:
                result = read_result(record.cells, form, where)
            except StructureError as error:
                why = str(error)
        said = (
            calls.setdefault((result.entry, result.call_id), result)
            if result is not None and result.call_id
            else result
        )
        if said != result:  # the second would be taken for the first, and be lost without a word
            result, why = None, _TWICE
        yield ResultLine(number=record.line, where=where, text=record.text, result=result, why=_without(where, why))


def _without(where: str, why: str) -> str:
    """Return *why* without the place that stands beside it."""
    return why.replace(f"{where}: ", "").replace(f"{where}, ", "")
