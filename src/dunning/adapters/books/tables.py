"""
The CSV form of facts, as data: which file has which columns, and how a cell is read and written.

`docs/reference/facts.md` describes the same tables for people; a test holds the two together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from attrs import frozen

from dunning.adapters.codec import scalars
from dunning.adapters.codec.nearest import nearest
from dunning.core.facts.event import Event, EventKind
from dunning.core.facts.loan import Attribute, Collateral, DebitMandate, Instalment, Loan, Party
from dunning.core.facts.person import Consent, ContactPoint, Flag, Hours, Person
from dunning.errors import FactsError

SEPARATOR = "|"  # between the members of a list in one cell

Read = Callable[[str], Any]


@frozen(kw_only=True)
class Column:
    """
    One column.

    Args:
        field: The noun's field that it fills; empty where it only says where the row belongs.
        required: A cell must hold something.
        default: book.toml may state it, for the rows that leave it empty.
    """

    name: str
    read: Read
    field: str = ""
    required: bool = False
    default: bool = False


@frozen(kw_only=True)
class Table:
    """
    One file.

    Args:
        key: The column of the loan or person that a row belongs to.
        unique: Fields that together tell the rows of one loan or person apart.
    """

    name: str
    noun: type
    key: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The file's name in the folder."""
        return f"{self.name}.csv"

    def column_of(self, field: str) -> str:
        """Return the column that fills the noun's *field*."""
        return next((column.name for column in self.columns if column.field == field), field)


def _text(cell: str) -> str:
    return cell


def _kind(cell: str) -> EventKind:
    names = [kind.value for kind in EventKind]
    if cell not in names:
        raise ValueError(f"expected one of {', '.join(names)}, got {cell!r}.{nearest(cell, names)}")
    return EventKind(cell)


def money(cell: str) -> Decimal:
    """Read an amount; a number with thousands separators gets a message of its own."""
    if "," in cell:
        raise ValueError(f"expected a number such as 1234.50, without thousands separators, got {cell!r}.")
    return scalars.decimal(cell)


def _texts(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(SEPARATOR))


def _wholes(cell: str) -> tuple[int, ...]:
    return tuple(scalars.whole(part) for part in cell.split(SEPARATOR))


def _may(
    name: str, read: Read = _text, field: str | None = None, *, default: bool = False, required: bool = False
) -> Column:
    return Column(name=name, read=read, field=name if field is None else field, default=default, required=required)


def _must(name: str, read: Read = _text, field: str | None = None, *, default: bool = False) -> Column:
    return _may(name, read, field, default=default, required=True)


_RECORDED = _may("recorded_at", scalars.instant)
_OF_LOAN = _must("loan_id", field="")
_OF_PERSON = _must("person_id", field="")

LOANS = Table(
    name="loans",
    noun=Loan,
    key="loan_id",
    columns=(
        _must("loan_id", field="id"),
        _must("creditor", default=True),
        _must("currency", default=True),
        _must("jurisdiction", default=True),
        _must("business_zone", default=True),
        _may("brand", default=True),
        _may("product", default=True),
        _may("origination_channel", default=True),
        _may("host_status"),
        _may("balance", money),
        _may("accelerated_on", scalars.date),
        _may("grace", scalars.whole),
    ),
)
INSTALMENTS = Table(
    name="instalments",
    unique=("number", "recorded_at"),
    noun=Instalment,
    key="loan_id",
    columns=(
        _OF_LOAN,
        _must("number", scalars.whole),
        _must("due_on", scalars.date),
        *(_may(name, money) for name in ("principal", "interest", "fees", "penalties")),
        *(_may(name, scalars.date) for name in ("invoiced_on", "ages_from")),
        _may("grace", scalars.whole),
        _may("currency", field=""),
        _RECORDED,
    ),
)
EVENTS = Table(
    name="events",
    unique=("id",),
    noun=Event,
    key="loan_id",
    columns=(
        _OF_LOAN,
        _must("event_id", field="id"),
        _must("kind", _kind),
        _must("effective_on", scalars.date),
        _may("amount", money),
        _may("currency", field=""),
        _may("of"),
        _may("instalment", scalars.whole),
        _may("component"),
        _may("months", scalars.whole),
        _may("until", scalars.date),
        _may("reason"),
        _RECORDED,
    ),
)
PARTIES = Table(
    name="parties",
    noun=Party,
    key="loan_id",
    columns=(
        _OF_LOAN,
        _must("person_id"),
        _must("role"),
        _must("liable", scalars.boolean),
        _must("may_know", scalars.boolean),
        _may("since", scalars.date),
        _may("until", scalars.date),
        _RECORDED,
    ),
)
ATTRIBUTES = Table(
    name="attributes",
    noun=Attribute,
    key="loan_id",
    columns=(_OF_LOAN, _must("name"), _may("value"), _must("effective_on", scalars.date), _RECORDED),
)
COLLATERAL = Table(
    name="collateral",
    noun=Collateral,
    key="loan_id",
    columns=(_OF_LOAN, _must("collateral_id", field="id"), _may("kind"), _may("description"), _may("status")),
)
MANDATES = Table(
    name="mandates",
    noun=DebitMandate,
    key="loan_id",
    columns=(
        _OF_LOAN,
        _must("mandate_id", field="id"),
        _must("person_id"),
        _must("since", scalars.date),
        _may("until", scalars.date),
    ),
)
PERSONS = Table(
    name="persons",
    noun=Person,
    key="person_id",
    columns=(
        _must("person_id", field="id"),
        _may("name"),
        _may("residence"),
        _may("zones", _texts),
        _may("language"),
        _may("preferred_channels", _texts),
        _RECORDED,
    ),
)
HOURS = Table(
    name="hours",
    noun=Hours,
    key="person_id",
    columns=(
        _OF_PERSON,
        _must("kind", field=""),
        _must("weekdays", _wholes),
        _must("opens", scalars.time),
        _must("closes", scalars.time),
    ),
)
FLAGS = Table(
    name="flags",
    noun=Flag,
    key="person_id",
    columns=(
        _OF_PERSON,
        _must("name"),
        _must("since", scalars.date),
        _may("until", scalars.date),
        _may("note"),
        _RECORDED,
    ),
)
POINTS = Table(
    name="points",
    unique=("id", "recorded_at"),
    noun=ContactPoint,
    key="person_id",
    columns=(
        _OF_PERSON,
        _must("point_id", field="id"),
        _must("kind"),
        _must("address"),
        _may("owner"),
        _may("sharers", _texts),
        _may("workplace", scalars.boolean),
        _may("household"),
        _may("device"),
        _may("zones", _texts),
        _may("source"),
        _may("lawful_basis"),
        _may("valid_from", scalars.date),
        _may("valid_until", scalars.date),
        _may("confirmed_on", scalars.date),
        _may("rank", scalars.whole),
        _RECORDED,
    ),
)
CONSENTS = Table(
    name="consents",
    noun=Consent,
    key="person_id",
    columns=(
        _OF_PERSON,
        _may("point_id", field=""),
        _must("lifts"),
        _must("given_to"),
        _must("given_at", scalars.instant),
        _must("evidence"),
        _may("expires_at", scalars.instant),
        _may("revoked_at", scalars.instant),
        _may("given_by"),
        _may("form"),
        _may("channels", _texts),
        _may("loan_ids", _texts),
        _may("point_ids", _texts),
        _may("ends_with"),
    ),
)

LOAN_TABLES = (LOANS, INSTALMENTS, EVENTS, PARTIES, ATTRIBUTES, COLLATERAL, MANDATES)
PERSON_TABLES = (PERSONS, HOURS, FLAGS, POINTS, CONSENTS)
TABLES = (*LOAN_TABLES, *PERSON_TABLES)
REQUIRED = (LOANS, INSTALMENTS)
HOURS_KINDS = {"preferred": "preferred_hours", "inconvenient": "inconvenient"}


def cell(value: object) -> str:
    """
    Return *value* as the text of a cell, which the column reads back to the same value.

    Raises:
        FactsError: A member of a list is empty or holds the separator.
    """
    match value:
        case None:
            text = ""
        case bool():
            text = "true" if value else "false"
        case dt.datetime():
            text = scalars.instant_text(value)
        case dt.date() | dt.time():
            text = value.isoformat()
        case tuple():
            members = [cell(member) for member in value]
            if any(not member or SEPARATOR in member for member in members):
                raise FactsError(f"{members} cannot stand in one cell: a member is empty or holds {SEPARATOR!r}.")
            text = SEPARATOR.join(members)
        case _:
            text = str(value)  # also an EventKind, whose text is its value
    return text
