"""A mapping held against the database: every name known, every type readable, every statement built once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import count
from typing import Any

from attrs import evolve, field, frozen
from sqlalchemy import (
    ColumnElement,
    Connection,
    Inspector,
    Select,
    TableClause,
    and_,
    bindparam,
    cast,
    column,
    func,
    inspect,
    select,
    table,
    types,
)
from sqlalchemy.exc import NoSuchTableError

from dunning.adapters.books import tables
from dunning.adapters.books.sql.kinds import Kind, host_value, unreadable
from dunning.adapters.books.sql.mapping import BookMapping, Cell, Day, Source
from dunning.adapters.codec import scalars
from dunning.adapters.codec.nearest import nearest
from dunning.errors import BookError, Problem

ROWS = 5000  # so many ids are read at once where a book is gone through


@frozen(kw_only=True, eq=False)
class Bound:
    """
    A source with its statements; ids are bound, names quoted.

    Args:
        cells: Our column, its cell, and its place in a row of `rows`; constants have none.
        rows: Every column for the parameter `ids`.
        keys: The keys, in order, after the parameter `after`; and the first ones.
        host_key: An id of ours as the host's value; None where it cannot be one.
        stamp: The column that says when a row was written last; `counts` whether it holds a number and not a time.
    """

    ours: tables.Table
    source: Source
    place: str
    cells: tuple[tuple[tables.Column, Cell, int | None], ...]
    host: TableClause
    only: ColumnElement[bool]
    stamp: ColumnElement[Any] | None
    counts: bool
    key: ColumnElement[Any] = field(factory=lambda: column("key"))
    rows: Select[Any] = field(factory=select)
    host_key: Callable[[str], Any] = str

    def page(self, after: Any) -> Select[Any]:
        """Return the statement of the next `ROWS` keys above *after*; from the first for None. NULL is no key."""
        found = select(self.key).distinct().where(self.only, self.key.is_not(None)).order_by(self.key).limit(ROWS)
        return found if after is None else found.where(self.key > bindparam("after", after, type_=self.key.type))


@frozen(kw_only=True, eq=False)
class Schema:
    """
    All that was bound, by the name of our table.

    Args:
        parts: The parties once more, found by person.
        day: Gives the last complete business date.
    """

    bound: Mapping[str, tuple[Bound, ...]]
    parts: tuple[Bound, ...]
    day: Select[Any]


def bind(mapping: BookMapping, connection: Connection) -> Schema:
    """
    Hold *mapping* against the database of *connection*.

    Raises:
        BookError: Every table and column that is not there, and every column that cannot hold its fact.
    """
    look = _Look(inspect(connection), connection.dialect.name)
    problems: list[Problem] = []
    bound: dict[str, tuple[Bound, ...]] = {}
    parts: list[Bound] = []
    for ours, number, source in mapping:
        place = mapping.place(ours, number)
        found = look.table(source.table, place, problems)
        if found is not None:
            made = _bound(ours, source, place, found, look)
            if isinstance(made, list):
                problems.extend(made)
            else:
                bound[ours.name] = (*bound.get(ours.name, ()), made)
                if ours is tables.PARTIES:
                    parts.append(_keyed(made, "person_id", found))
    day = _day(mapping.current_through, f"{mapping.where}, current_through", look, problems)
    if problems or day is None:
        raise BookError(problems)
    return Schema(bound=bound, parts=tuple(parts), day=day)


@frozen
class _Found:
    """A table of the host's: its clause, and the type of each of its columns."""

    name: str
    clause: TableClause
    types: Mapping[str, Kind]
    loose: bool

    def typed(self, name: str) -> ColumnElement[Any]:
        return column(name, self.types[name], _selectable=self.clause)

    def raw(self, name: str) -> ColumnElement[Any]:
        """Return the column without its type, so that one value that cannot be read spoils one row only."""
        return column(name, _selectable=self.clause)


class _Look:
    """What the database says of itself."""

    def __init__(self, inspector: Inspector, dialect: str) -> None:
        self._inspector = inspector
        self.loose = dialect == "sqlite"  # a column's type binds nobody there

    def table(self, name: str, place: str, problems: list[Problem]) -> _Found | None:
        schema, _, bare = name.rpartition(".")
        try:
            columns = self._inspector.get_columns(bare, schema=schema or None)
        except NoSuchTableError:
            columns = []
        if not columns:
            known = self._known(schema)
            what = f"the database has no table or view {name!r}.{nearest(name, known)}"
            problems.append(Problem(where=place, field="table", what=what, advice="Correct the name."))
            return None
        clause = table(bare, schema=schema or None)
        return _Found(name, clause, {one["name"]: one["type"] for one in columns}, self.loose)

    def _known(self, schema: str) -> list[str]:
        if schema and schema not in self._inspector.get_schema_names():
            return [f"{known}." for known in self._inspector.get_schema_names()]
        names = (*self._inspector.get_table_names(schema or None), *self._inspector.get_view_names(schema or None))
        return [f"{schema}.{name}" if schema else name for name in names]


def _bound(ours: tables.Table, source: Source, place: str, found: _Found, look: _Look) -> Bound | list[Problem]:
    """Return *source* with its statements, or everything that is wrong with it."""
    stated = [(f"columns.{name}", cell.column) for name, cell in source.columns.items() if cell.column]
    stated += [("where", name) for name in source.where] + [("present", name) for name in source.present]
    if source.changed:
        stated.append(("changed", source.changed.column))
    problems = [*_names(stated, found, place)] or [*_misfits(ours, source, place, found, look)]
    if problems:
        return problems
    cells: list[tuple[tables.Column, Cell, int | None]] = []
    place_of = count()
    for one in ours.columns:
        cell = source.columns.get(one.name)
        if cell is not None:
            cells.append((one, cell, next(place_of) if cell.column else None))
    changed = source.changed.column if source.changed else ""
    return _keyed(
        Bound(
            ours=ours,
            source=source,
            place=place,
            cells=tuple(cells),
            host=found.clause,
            only=_only(source, found, look),
            stamp=(found.raw if look.loose else found.typed)(changed) if changed else None,
            counts=bool(changed) and isinstance(found.types[changed], types.Integer | types.Numeric),
        ),
        ours.key,
        found,
    )


def _misfits(ours: tables.Table, source: Source, place: str, found: _Found, look: _Look) -> Iterator[Problem]:
    """Yield each column that cannot hold what it is mapped to, and each value that a column cannot hold."""
    wanted = [(one.name, one.read, source.columns[one.name]) for one in ours.columns if one.name in source.columns]
    if source.changed and not isinstance(found.types[source.changed.column], types.Integer | types.Numeric):
        wanted.append(("changed", scalars.instant, source.changed))
    for name, read, cell in wanted:
        if cell.column:
            problem = unreadable(found.types[cell.column], read, cell, loose=look.loose)
            if problem:
                what = f"{found.name}.{cell.column} is {found.types[cell.column]}: {problem}"
                yield Problem(where=place, field=name, what=what)
    for name, members in source.where.items():
        for member in members:
            if host_value(member, _comparable(found, name, look).type) is None:
                what = f"{found.name}.{name} is {found.types[name]}, and cannot hold {member!r}."
                yield Problem(where=place, field="where", what=what, advice="Correct the value.")


def _keyed(bound: Bound, name: str, found: _Found) -> Bound:
    """Return *bound* with its rows found by our column *name*."""
    cell = bound.source.columns[name]
    key = _key(found, cell.column)
    ids: Any = bindparam("ids", expanding=True, type_=key.type)
    names = [found.raw(one.column).label(f"c{place}") for _, one, place in bound.cells if place is not None]
    rows = select(*names).select_from(found.clause).where(bound.only, key.in_(ids))
    return evolve(bound, key=key, rows=rows, host_key=partial(_host_key, cell=cell, kind=key.type))


def _day(day: Day, place: str, look: _Look, problems: list[Problem]) -> Select[Any] | None:
    found = look.table(day.table, place, problems)
    if found is None:
        return None
    flaws = [*_names([("column", day.column), *(("where", name) for name in day.where)], found, place)]
    problems.extend(flaws)
    if flaws:
        return None
    source = Source(table=day.table, where=day.where, columns={})
    return select(func.max(found.raw(day.column))).select_from(found.clause).where(_only(source, found, look))


def _names(stated: Iterable[tuple[str, str]], found: _Found, place: str) -> Iterator[Problem]:
    for what_for, name in stated:
        if name not in found.types:
            what = f"{found.name} has no column {name!r}.{nearest(name, found.types)}"
            yield Problem(where=place, field=what_for, what=what, advice="Correct the name.")


def _only(source: Source, found: _Found, look: _Look) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    for name, members in source.where.items():
        one = _comparable(found, name, look)
        typed = [host_value(member, one.type) for member in members]
        parts.append(one.in_([member for member in typed if member is not None]))
    for name in source.present:
        parts.append(found.typed(name).is_not(None))
        if isinstance(found.types[name], types.String):
            parts.append(found.raw(name) != "")
    return and_(*parts) if parts else and_(True)  # noqa: FBT003 - SQLAlchemy's own spelling of no condition


def _comparable(found: _Found, name: str, look: _Look) -> ColumnElement[Any]:
    """Return the column so that texts, numbers and truths can be compared with it, whatever it is."""
    kind = found.types[name]
    if isinstance(kind, types.Boolean | types.Integer | types.Uuid):
        return found.typed(name)
    if isinstance(kind, types.Numeric) and not look.loose:
        return found.typed(name)
    if look.loose or type(kind) in (types.String, types.Text, types.VARCHAR, types.TEXT, types.CHAR):
        return column(name, types.String(), _selectable=found.clause)
    return cast(found.raw(name), types.Text())  # an enumeration of the host's, say


def _key(found: _Found, name: str) -> ColumnElement[Any]:
    kind = found.types[name]
    if isinstance(kind, types.Integer):
        return column(name, types.BigInteger(), _selectable=found.clause)
    if isinstance(kind, types.Uuid) or (isinstance(kind, types.Numeric) and not found.loose):
        return found.typed(name)
    return column(name, types.String(), _selectable=found.clause)


def _host_key(our_id: str, *, cell: Cell, kind: Kind) -> Any:
    """Return the host's value of *our_id*; None where no row of the host's can bear it."""
    if not our_id.startswith(cell.prefix) or not our_id.endswith(cell.suffix):
        return None
    return host_value(our_id[len(cell.prefix) : len(our_id) - len(cell.suffix)], kind)
