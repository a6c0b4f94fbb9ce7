"""A ledger as a table: its lines as contact records, found by the cap keys of whoever is asked about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from attrs import NOTHING, fields, frozen

from dunning.core.contact.ledger import ContactRecord, dated_early
from dunning.core.contact.request import ContactRequest
from dunning.errors import FactsError
from dunning.portfolio.arrow import Libraries

COLUMNS = tuple(one.name for one in fields(ContactRecord))
_KEYED = {"person": "person_id", "debt": "loan_ids", "point": "point_id", "household": "household", "device": "device"}
_REQUIRED = tuple(one.name for one in fields(ContactRecord) if one.default is NOTHING)


@frozen
class Ledger:
    """Contact records, and which of them stand under which cap key."""

    records: tuple[ContactRecord, ...]
    by_key: dict[str, list[int]]

    def touched(self, of: Libraries, table: Any, templates: Iterable[ContactRequest]) -> Any:
        """
        Return, for each row of *table*, whether a line may stand under one of its cap keys.

        Args:
            templates: What may state what no column does.
        """
        found = of.np.zeros(table.num_rows, bool)
        known: dict[str, list[str]] = {key.partition(":")[0]: [] for key in self.by_key}
        for key in self.by_key:
            kind, _, name = key.partition(":")
            known[kind].append(name)
        for kind, names in known.items():
            column = _KEYED[kind]
            if column not in table.column_names:
                stated = {one for like in templates for one in _each(getattr(like, column))}
                found |= not stated.isdisjoint(names)
                continue
            found |= _any_in(of, table.column(column), of.pa.array(names, of.pa.string()))
        return found

    def under(self, keys: Iterable[str]) -> tuple[ContactRecord, ...]:
        """Return the lines under any of *keys*, in the order of the table."""
        places: set[int] = set()
        for key in keys:
            places.update(self.by_key.get(key, ()))
        return tuple(self.records[place] for place in sorted(places))


def read_ledger(table: Any) -> Ledger:
    """
    Return the lines of *table*, whose columns are named as the fields of `ContactRecord`. A null is not stated.

    Raises:
        FactsError: An unknown column, or a line that cannot be read. A contact that is not counted would permit others,
            so none is left out.
    """
    unknown = sorted(set(table.column_names) - set(COLUMNS))
    if unknown:
        raise FactsError(
            f"The ledger has a column {unknown[0]!r}, which is no field of a contact record. Leave it out "
            "or correct its name.",
            field=unknown[0],
        )
    records = []
    by_key: dict[str, list[int]] = {}
    for place, row in enumerate(table.to_pylist()):
        stated = {name: value for name, value in row.items() if value is not None}
        if "loan_ids" in stated:
            stated["loan_ids"] = _loans(stated["loan_ids"])
        for name in ("at", "recorded_at"):
            if isinstance(stated.get(name), dt.datetime) and stated[name].tzinfo is not None:
                stated[name] = stated[name].astimezone(dt.UTC)
        try:
            record = ContactRecord(**(dict.fromkeys(_REQUIRED) | stated))
        except FactsError as error:
            raise FactsError(
                f"{error} Correct it: a contact that is left out would permit others.",
                field=error.field,
                where=f"ledger, line {place + 1}",
            ) from error
        if dated_early(record):
            raise FactsError(
                "at lies after recorded_at. Correct when it happened, or mark it as reserved if it is yet to come.",
                field="at",
                where=f"ledger, line {place + 1}",
            )
        records.append(record)
        for key in record.keys:
            by_key.setdefault(key, []).append(place)
    return Ledger(tuple(records), by_key)


def _loans(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return the loans of a line. An empty text alone states none; one among others is refused with the line."""
    stated = tuple(_each(value))
    return stated if any(stated) else ()


def _each(value: str | Iterable[str]) -> Iterable[str]:
    return (value,) if isinstance(value, str) else value


def _any_in(of: Libraries, column: Any, names: Any) -> Any:
    """Return, for each row of a column of text or lists of text, whether it holds one of *names*."""
    pa, pc = of.pa, of.pc
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        return pc.is_in(column.cast(pa.string()), value_set=names).to_numpy()
    found = of.np.zeros(len(column), bool)
    rows = pc.list_parent_indices(column).to_numpy()
    found[rows[pc.is_in(pc.list_flatten(column).cast(pa.string()), value_set=names).to_numpy()]] = True
    return found
