"""A shipped table of labels, as a row of a list and as a page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from dunning.adapters.labels.shipped import ShippedLabels
from dunning.core.overdue.labels import LabelRow, LabelTable

_WIDTH = 100


def label_row(shipped: ShippedLabels) -> tuple[str, ...]:
    """Return a row of the list."""
    words = [row.label for row in shipped.labels[-1].rows]
    few = [*words[:3], "…", words[-1]] if len(words) > 5 else words  # noqa: PLR2004 - what fits on a line
    return (shipped.name, ", ".join(few), str(len(shipped.labels)), shipped.title)


def label_summary(shipped: ShippedLabels) -> dict[str, Any]:
    """Return the same for machines."""
    return {
        "name": shipped.name,
        "title": shipped.title,
        "counts": shipped.counts,
        "conventions": list(shipped.conventions),
        "editions": len(shipped.labels),
        "labels": [row.label for row in shipped.labels[-1].rows],
    }


def label_page(shipped: ShippedLabels) -> Iterator[str]:
    """Yield all of *shipped*."""
    yield shipped.name
    yield f"  {shipped.title}."
    yield from _folded(f"Counts {shipped.counts}.")
    yield f"  Conventions: {', '.join(shipped.conventions)}, and others that count such days."
    for table in shipped.labels:
        yield ""
        yield f"  {in_force(table)}"
        width = max(len(row.label) for row in table.rows)
        yield from (f"    {row.label:<{width}}  {days(row)}" for row in table.rows)
        yield from _folded(f"Source: {table.source}")


def in_force(table: LabelTable) -> str:
    """Say when an edition is in force."""
    match table.in_force_from, table.in_force_to:
        case None, None:
            return "No dates."
        case None, end:
            return f"Until {end} (exclusive)."
        case start, None:
            return f"From {start}."
        case start, end:
            return f"From {start} until {end} (exclusive)."


def days(row: LabelRow) -> str:
    """Say which days a row is for."""
    if row.to_days is None:
        return f"{row.from_days} days and more"
    if row.to_days == row.from_days:
        return "0 days" if row.from_days == 0 else f"day {row.from_days}"
    return f"{row.from_days} to {row.to_days} days"


def _folded(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
