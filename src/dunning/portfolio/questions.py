"""Rows as questions: which kinds a table asks, who is asked about, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import evolve, fields, frozen

from dunning.core.contact.request import ContactRequest
from dunning.errors import FactsError
from dunning.portfolio.arrow import Libraries
from dunning.portfolio.columns import Coded, coded, combined

# Rows that differ in nothing else ask the same kind of question, and differ in what is counted.
WHOSE = ("person_id", "loan_ids", "point_id", "household", "device")
_ACTOR = {"actor": "kind", "actor_id": "id", "institution": "institution"}
_NO_COLUMNS = {"actor", "holds", "consents", "inconvenient", "milestones", "history"}
_FACTS = tuple(one.name for one in fields(ContactRequest) if one.name not in {*_NO_COLUMNS, *WHOSE, "at"})
COLUMNS = (*WHOSE, *_ACTOR, *_FACTS, "at")

_TUPLES = {"zones", "point_zones", "jurisdictions", "loan_ids"}
_SETS = {"flags", "evidence"}
# What a rule asks for, or binds unless it is stated otherwise: null is not stated, and permits nothing more.
_EMPTY = {
    "debt_status": "",
    "evidence": (),
    "institution": "",
    "jurisdictions": (),
    "lawful_basis": "",
    "origination_channel": "",
    "point_zones": (),
    "product": "",
    "reply_to": "",
    "zones": (),
}
# A cap that counts by one of these refuses where it is not stated.
_STATED = ("point_id", "household", "device")

# Instants further apart are prepared in stretches, so that one wrong date does not cost centuries.
_STRETCH = 1096 * 86_400 * 1_000_000


@frozen
class Moments:
    """
    The instants of a table.

    Args:
        micros: Of each row, in microseconds from 1970 UTC; 0 where it has none.
        stretch: Of each row, its place in `stretches`, or -1 where it has no instant. None: all rows have the first.
        stretches: The first and the last instant of each.
        refused: Why rows have no instant.
    """

    micros: Any
    stretch: Any
    stretches: tuple[tuple[int, int], ...]
    refused: str = ""


@frozen(kw_only=True)
class Kind:
    """
    A kind of question.

    Args:
        facts: Field and value of what its rows share.
        template: The place of the request that states the rest.
        refused: Why its rows cannot be judged, or empty.
    """

    facts: tuple[tuple[str, Any], ...]
    template: int
    stretch: int
    refused: str


def check_columns(of: Libraries, table: Any) -> None:
    """
    Refuse a table with a column that no rule looks at: a misspelt name would be passed over in silence.

    Raises:
        FactsError: Names the column.
    """
    unknown = sorted(set(table.column_names) - set(COLUMNS))
    if unknown:
        raise FactsError(
            f"The table has a column {unknown[0]!r}, at which no rule looks. Leave it out or correct its name; known "
            f"are {', '.join(sorted(COLUMNS))}.",
            field=unknown[0],
        )
    if len(set(table.column_names)) < len(table.column_names):
        raise FactsError("The table has two columns of one name. Leave one out.", field="table")
    if "at" in table.column_names and not of.pa.types.is_timestamp(table.schema.field("at").type):
        raise FactsError("The column 'at' must hold timestamps with a time zone.", field="at")


def moments_of(of: Libraries, table: Any) -> Moments | None:
    """Return the instants of *table*; None where it states none."""
    if "at" not in table.column_names:
        return None
    np, pa, rows = of.np, of.pa, table.num_rows
    column = table.column("at")
    if column.type.tz is None:
        return Moments(
            np.zeros(rows, np.int64),
            np.full(rows, -1, np.intp),
            (),
            "The column at has no time zone, so its times are no instants. Say whose clock they are of: cast it to a "
            "timestamp with a time zone.",
        )
    # Finer than a microsecond makes no difference: an instant belongs to its whole second.
    whole = column.cast(pa.timestamp("us", column.type.tz), safe=column.type.unit != "ns")
    there = ~whole.is_null().to_numpy()
    micros = whole.cast(pa.int64()).fill_null(0).to_numpy()
    stated = micros if there.all() else micros[there]
    if len(stated) == 0:
        return Moments(micros, np.full(rows, -1, np.intp), (), "at is null. State an instant.")
    first, last = int(stated.min()), int(stated.max())
    if there.all() and last - first < _STRETCH:
        return Moments(micros, None, ((first, last),))
    number, stretch = np.unique(micros[there] // _STRETCH, return_inverse=True)
    places = np.full(rows, -1, np.intp)
    places[there] = stretch
    ends = tuple((int(part.min()), int(part.max())) for part in (stated[stretch == one] for one in range(len(number))))
    return Moments(micros, places, ends, "at is null. State an instant.")


def kinds_of(of: Libraries, table: Any, persons: Sequence[str], moments: Moments | None) -> tuple[Any, list[Kind]]:
    """
    Return the kind of each row, as a place in the list of kinds that is returned too.

    Args:
        persons: Those of whom more is known; the template of the first is 1, and 0 is that of everybody else.
    """
    columns: dict[str, Coded] = {}
    for name in table.column_names:
        if name not in WHOSE and name != "at":
            columns[name] = coded(of, table.column(name))
        elif name in _STATED:
            columns[name] = _stated(of, table.column(name))
        elif name == "person_id":
            columns[name] = _template(of, table.column(name), persons)
    if moments is not None and moments.stretch is not None:
        columns["at"] = Coded(moments.stretch + 1, range(-1, len(moments.stretches)))
    found = combined(of, columns.values(), table.num_rows)
    refused = "" if moments is None else moments.refused
    return found.codes, [_kind(dict(zip(columns, key, strict=True)), refused) for key in found.values]


def request_of(kind: Kind, like: ContactRequest, **more: Any) -> ContactRequest:
    """
    Return what *kind* asks: its facts and *more*, and *like* for the rest.

    Raises:
        FactsError: A fact that no request can state.
    """
    facts = dict(kind.facts)
    actor = {field: facts.pop(name) for name, field in _ACTOR.items() if name in facts}
    if actor:
        facts["actor"] = evolve(like.actor, **actor)
    return evolve(like, **(facts | more))


def whose_of(table: Any) -> Iterator[dict[str, Any]]:
    """Yield, for each row of *table*, the cap keys that it states."""
    columns = {name: table.column(name).to_pylist() for name in WHOSE if name in table.column_names}
    for row in range(table.num_rows):
        found = {name: column[row] for name, column in columns.items()}
        yield {name: _loans(value) if name == "loan_ids" else value or "" for name, value in found.items()}


def _loans(value: Any) -> tuple[str, ...]:
    """Return the loans of a row. An empty text, alone or among others, is a loan that nobody states: it may be any."""
    stated = _whole("loan_ids", value, ())
    return stated if all(stated) else ()


def _stated(of: Libraries, column: Any) -> Coded:
    """Return whether each row states what *column* holds: the caps that count by it look at no more."""
    stated = of.pc.fill_null(of.pc.not_equal(column.cast(of.pa.string()), ""), fill_value=False)
    return Coded(stated.to_numpy().astype(of.np.intp), ("", "stated"))


def _template(of: Libraries, column: Any, persons: Sequence[str]) -> Coded:
    """Return the template of each row; None where it has no person."""
    if not persons and not column.null_count:
        return Coded(None, (0,))
    found = of.pc.index_in(column, value_set=of.pa.array(persons, of.pa.string()))
    codes = of.pc.fill_null(of.pc.add(found, 1), 0).to_numpy().astype(of.np.intp)
    codes[column.is_null().to_numpy()] = len(persons) + 1
    return Coded(codes, (*range(len(persons) + 1), None))


def _kind(stated: dict[str, Any], no_instant: str) -> Kind:
    template = stated.pop("person_id", 0)
    stretch = stated.pop("at", 0)
    refused = no_instant if stretch < 0 else "" if template is not None else "person_id is null. State a person."
    facts = []
    for name, value in stated.items():
        if value is None and name not in _EMPTY:
            refused = refused or f"{name} is null. State it."
        facts.append((name, _whole(name, value, _EMPTY.get(name))))
    return Kind(facts=tuple(facts), template=template or 0, stretch=stretch, refused=refused)


def _whole(name: str, value: Any, empty: Any) -> Any:
    """Return *value* as a request holds it: one text may stand for a list of one."""
    value = empty if value is None else value
    if name in _TUPLES:
        return (value,) if isinstance(value, str) else tuple(value)
    if name in _SETS:
        return frozenset((value,) if isinstance(value, str) else value)
    return value
