"""Rows to nouns: what belongs to one loan or person becomes one, or is rejected whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from dunning.adapters.books import tables
from dunning.adapters.books.sheet import Row, Sheet, born, check
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import Person
from dunning.errors import Problem

Rows = dict[str, list[Row]]


def _grouped(sheets: Mapping[str, Sheet], which: Sequence[tables.Table], head: tables.Table) -> dict[str, Rows]:
    """Return the rows of each key by table; a row whose key the *head* table does not have is bad."""
    grouped: dict[str, Rows] = {}
    for row in _rows(sheets, head):
        grouped.setdefault(row.key, defaultdict(list))[head.name].append(row)
    for table in which:
        for row in _rows(sheets, table) if table is not head else ():
            if row.key in grouped:
                grouped[row.key][table.name].append(row)
            elif not row.troubles:
                row.wrong(
                    f"there is no {head.noun.__name__.lower()} {row.key!r} in {_source(sheets, head)}.",
                    column=table.key,
                    advice=f"Correct the {table.key}, or add the row to {_source(sheets, head)}.",
                )
    for key, rows in grouped.items():
        for row in rows[head.name][1:]:
            row.wrong(
                f"{key!r} stands {rows[head.name][0].spot} already.",
                column=head.key,
                advice="Keep one of them.",
            )
    return grouped


def _rows(sheets: Mapping[str, Sheet], table: tables.Table) -> tuple[Row, ...]:
    return sheets[table.name].rows if table.name in sheets else ()


def _source(sheets: Mapping[str, Sheet], table: tables.Table) -> str:
    return (sheets[table.name].source if table.name in sheets else "") or table.file


def _members(rows: Rows, table: tables.Table) -> list[tuple[Row, Any]]:
    """Return the nouns of *table*'s rows; a row that bears none gets troubles."""
    made = []
    _once(rows, table)
    for row in rows[table.name]:
        noun = born(table, row, _own(row)) if not row.troubles else None
        if noun is not None:
            made.append((row, noun))
    return made


def _once(rows: Rows, table: tables.Table) -> None:
    seen: dict[tuple[Any, ...], Row] = {}
    for row in rows[table.name] if table.unique else ():
        identity = tuple(row.values.get(name) for name in table.unique)
        first = seen.setdefault(identity, row)
        if first is not row and None not in identity[:1]:
            row.wrong(
                f"{table.noun.__name__.lower()} {identity[0]!r} stands {first.spot} already.",
                column=table.column_of(table.unique[0]),
                advice="Keep one, or state another recorded_at if it is a new version."
                if "recorded_at" in table.unique
                else "Keep one.",
            )


def _own(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.values.items() if not name.startswith("(")}


def _whole(what: str, key: str, rows: Rows) -> bool:
    """Whether no row is bad; otherwise mark the good ones as rejected with the bad ones."""
    every = [row for of_table in rows.values() for row in of_table]
    bad = next((row for row in every if row.troubles), None)
    if bad is None:
        return True
    for row in every:
        if not row.troubles:
            row.wrong(
                f"{what} {key!r} is rejected whole, because {bad.place} is bad: half of it would be wrong.",
                advice="Correct that one; nothing is wrong with this.",
                follows=True,
            )
    return False


def persons_of(sheets: Mapping[str, Sheet]) -> dict[str, Person | None]:
    """Return every person stated, None where rejected."""
    found: dict[str, Person | None] = {}
    for key, rows in _grouped(sheets, tables.PERSON_TABLES, tables.PERSONS).items():
        stated: dict[str, Any] = {
            "flags": tuple(flag for _, flag in _members(rows, tables.FLAGS)),
            **dict.fromkeys(tables.HOURS_KINDS.values(), ()),
        }
        for row, hours in _members(rows, tables.HOURS):
            kind = row.values["(kind)"]
            if kind not in tables.HOURS_KINDS:
                row.wrong(
                    f"expected preferred or inconvenient, got {kind!r}.", column="kind", advice="Correct the cell."
                )
            else:
                stated[tables.HOURS_KINDS[kind]] += (hours,)
        consents = _members(rows, tables.CONSENTS)
        stated["consents"] = tuple(consent for row, consent in consents if "(point_id)" not in row.values)
        points = []
        _once(rows, tables.POINTS)
        for row in rows["points"]:
            if row.troubles:
                continue
            own = {"owner": key, **_own(row)}
            own["consents"] = tuple(
                consent for of_row, consent in consents if of_row.values.get("(point_id)") == own["id"]
            )
            point = born(tables.POINTS, row, own)
            if point is not None:
                points.append(point)
        stated["points"] = tuple(points)
        known = {row.cells.get("point_id") for row in rows["points"]}
        for row, _ in consents:
            named = row.values.get("(point_id)")
            if named and named not in known:
                row.wrong(f"person {key!r} has no contact point {named!r}.", column="point_id", advice="Correct it.")
        found[key] = _head(tables.PERSONS, key, rows, stated)
    return found


def loans_of(sheets: Mapping[str, Sheet], persons: Mapping[str, Person | None]) -> dict[str, Loan | None]:
    """Return every loan stated, None where rejected."""
    found: dict[str, Loan | None] = {}
    for key, rows in _grouped(sheets, tables.LOAN_TABLES, tables.LOANS).items():
        head = rows["loans"][0]
        currency = head.values.get("currency", "")
        for row in (*rows["instalments"], *rows["events"]):
            own = row.values.get("(currency)", currency)
            if currency and own != currency:
                row.wrong(
                    f"the amount is in {own}, and loan {key!r} in {currency}.",
                    column="currency",
                    advice="State it in the loan's currency; nothing is converted.",
                )
        stated_events = {row.values.get("id") for row in rows["events"]}
        for row in rows["events"]:
            if row.values.get("of", "") and row.values["of"] not in stated_events:
                row.wrong(
                    f"loan {key!r} has no event {row.values['of']!r}.",
                    column="of",
                    advice="State that event, or correct it.",
                )
        for row in rows["parties"]:
            person_id = row.values.get("person_id", "")
            if person_id and persons.get(person_id) is None:
                rejected = person_id in persons
                row.wrong(
                    f"person {person_id!r} was rejected."
                    if rejected
                    else f"there is no person {person_id!r} in {_source(sheets, tables.PERSONS)}.",
                    column="person_id",
                    advice="Correct the rows of that person." if rejected else "Add the person, or correct the id.",
                )
        stated = {
            table.name: tuple(noun for _, noun in _members(rows, table))
            for table in tables.LOAN_TABLES
            if table is not tables.LOANS
        }
        found[key] = _head(tables.LOANS, key, rows, stated)
    return found


def _head(table: tables.Table, key: str, rows: Rows, stated: Mapping[str, Any]) -> Any:
    head = rows[table.name][0]
    if any(row.troubles for of_table in rows.values() for row in of_table):
        check(table, head, _own(head))  # without the bad rows the noun as a whole would be refused for nothing
        noun = None
    else:
        noun = born(table, head, {**_own(head), **stated})
    return noun if _whole(table.noun.__name__, key, rows) else None


def problems_of(sheets: Mapping[str, Sheet]) -> tuple[Problem, ...]:
    """Return what is wrong, once: not again for each row that was only rejected with others."""
    found: list[Problem] = []
    for sheet in sheets.values():
        if sheet.problem:
            found.append(sheet.problem)
            continue
        for row in sheet.rows:
            found.extend(
                Problem(where=row.place, field=trouble.column, what=trouble.what, advice=trouble.advice)
                for trouble in row.troubles
                if not trouble.follows
            )
    return tuple(found)
