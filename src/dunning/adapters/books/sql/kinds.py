"""Types of the host's columns: what they can hold of ours, and how a value of ours is bound to them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import types

from dunning.adapters.books import tables
from dunning.adapters.books.sql.cells import EPOCHS
from dunning.adapters.books.sql.mapping import Cell
from dunning.adapters.codec import scalars

Kind = types.TypeEngine[Any]


def host_value(text: str, kind: Kind) -> Any:
    """Return *text* as a value of *kind*; None where it spells none in exactly one way."""
    try:
        if isinstance(kind, types.Boolean):
            return scalars.boolean(text)
        if isinstance(kind, types.Integer):
            number = scalars.whole(text)
            return number if str(number) == text and abs(number) < 1 << 63 else None
        if isinstance(kind, types.Numeric):
            return Decimal(text)
        if isinstance(kind, types.Uuid):
            return UUID(text)
    except (ValueError, InvalidOperation):
        return None
    return text


def unreadable(kind: Kind, read: tables.Read, cell: Cell, *, loose: bool) -> str:
    """
    Return why a column of *kind* cannot hold what *read* reads, or nothing.

    Args:
        loose: The database's types bind nobody, so only the values can tell.
    """
    if isinstance(kind, types.LargeBinary):
        return "bytes state no fact."
    if loose or cell.map:
        return ""
    number = isinstance(kind, types.Integer | types.Numeric)
    time = isinstance(kind, types.DateTime | types.Date)
    naive = isinstance(kind, types.DateTime) and not getattr(kind, "timezone", False)
    truth = isinstance(kind, types.Boolean)
    refused: dict[Any, tuple[tuple[bool, str], ...]] = {
        scalars.instant: (
            (naive and not cell.zone, "it has no offset, so state whose clock it shows as zone."),
            (isinstance(kind, types.Date), "a date is no instant."),
            (number and cell.format not in EPOCHS, "a number is no instant; if it counts, state format = epoch."),
        ),
        scalars.date: (
            (number and not cell.format, "a number is no date; if it spells one, state how as format: %Y%m%d."),
        ),
        scalars.boolean: (
            (number, 'a number is neither true nor false; state a map: { "1" = "true", "0" = "false" }.'),
            (time, "a time is neither true nor false."),
        ),
        scalars.whole: ((time or truth, "it is no number."),),
        tables.money: ((time or truth, "it is no amount."),),
    }
    return next((why for wrong, why in refused.get(read, ()) if wrong), "")
