"""Days past due side by side: one loan under many conventions, and a book beside another system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dunning.adapters.codec.convert import unstructure
from dunning.adapters.results.cells import csv_text
from dunning.cli.output import count
from dunning.cli.table import table
from dunning.core.overdue.compare import Compared, Parting
from dunning.core.overdue.convention import Convention
from dunning.engine.beside import SAME, UNEXPLAINED, Beside, Group, groups

COLUMNS = (
    "loan_id",
    "as_of",
    "theirs",
    "ours",
    "reason",
    "also",
    "arrears",
    "currency",
    "oldest_unpaid_due_on",
)


def compared_data(found: Compared) -> dict[str, Any]:
    """Return *found* for machines."""
    data: dict[str, Any] = unstructure(found)
    return data


def compared_lines(found: Compared) -> Iterator[str]:
    """Yield the statuses of the last day side by side, and when each convention parted from the first."""
    first, *_ = found.statuses
    yield f"Loan {found.loan_id} from {found.since} to {found.until}, each set against {first.convention}:"
    yield ""
    partings: list[Parting | None] = [None, *found.partings]
    rows = [
        (
            status.convention,
            str(status.days_past_due),
            str(status.delinquent_days),
            str(status.oldest_unpaid_due_on or ""),
            str(status.instalments_missed),
            *_parted(parting),
        )
        for status, parting in zip(found.statuses, partings, strict=True)
    ]
    heads = ("convention", "days past due", "delinquent", "counts from", "missed", "parts on", "first", "this one")
    yield from table(heads, rows, right=(1, 2, 4, 6, 7))
    yield ""
    yield f"Arrears: {first.arrears.total:,} {first.currency}. Parts on: the first day with other days past due or"
    yield "delinquent days, and what the first gives on it beside this one (delinquent days in brackets)."


def _parted(parting: Parting | None) -> tuple[str, str, str]:
    if parting is None:
        return "", "", ""
    if parting.on is None:
        return "never", "", ""
    one, two = (
        f"{days} ({delinquent})"
        for days, delinquent in zip(parting.days_past_due, parting.delinquent_days, strict=True)
    )
    return str(parting.on), one, two


def beside_csv(rows: Sequence[Beside]) -> str:
    """Return a line for each of *rows*."""
    return csv_text(COLUMNS, ({name: _cell(row, name) for name in COLUMNS} for row in rows))


def _cell(row: Beside, name: str) -> str:
    value = getattr(row, name)
    if isinstance(value, tuple):
        return " ".join(value)
    return "" if value is None else str(value)


def beside_data(rows: Sequence[Beside], convention: Convention) -> dict[str, Any]:
    """Return the groups for machines; each row stands in the file."""
    return {
        "convention": convention.name,
        "loans": len(rows),
        "same": sum(row.reason == SAME for row in rows),
        "unexplained": sum(row.reason == UNEXPLAINED for row in rows),
        "groups": [_group_data(group) for group in groups(rows)],
    }


def _group_data(group: Group) -> dict[str, Any]:
    data: dict[str, Any] = unstructure(group)
    return data


def beside_lines(
    rows: Sequence[Beside], convention: Convention, *, rejected: int, files: Mapping[str, str | None]
) -> Iterator[str]:
    """Yield how many are the same and how many differ, a table of the reasons, and what was written."""
    found = groups(rows)
    by_reason = {group.reason: group.loans for group in found}
    same, unexplained = by_reason.get(SAME, 0), by_reason.get(UNEXPLAINED, 0)
    yield (
        f"{count(len(rows), 'loan')}, counted by {convention.name}: {same:,} the same, "
        f"{len(rows) - same - unexplained:,} differ for a known reason, {unexplained:,} unexplained."
    )
    if found:
        yield ""
        heads = ("reason", "loans", "they have", "arrears", "example", "theirs", "ours")
        yield from table(heads, [_group(group) for group in found], right=(1, 2, 3, 5, 6))
        yield ""
        yield from (f"{group.reason}: {group.title}." for group in found if group.reason != SAME)
        yield (
            "Each reading gives exactly their number; where several do, the one that explains most loans. The others "
            "are in the file."
        )
    if files["compared"] is not None:
        yield f"Wrote {files['compared']}, a line for each loan."
    if rejected:
        yield f"{count(rejected, 'line')} could not be used" + (f": {files['rejects']}." if files["rejects"] else ".")


def _group(group: Group) -> tuple[str, ...]:
    example = group.example
    return (
        group.reason,
        f"{group.loans:,}",
        "" if group.reason == SAME else _range(group.fewest, group.most),
        ", ".join(f"{total:,} {currency}" for currency, total in sorted(group.arrears.items())),
        "" if example is None else f"{example.loan_id} on {example.as_of}",
        "" if example is None else str(example.theirs),
        "" if example is None else str(example.ours),
    )


def _range(fewest: int, most: int) -> str:
    return f"{fewest:+d} days" if fewest == most else f"{fewest:+d} to {most:+d} days"
