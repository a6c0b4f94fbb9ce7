"""
Loans as columns whose lists lie anywhere: each from where it begins to before its end.

So a few loans of a large book are counted where they lie, and nothing is copied.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from dunning.portfolio.overdue.columns import LISTS, NO_BITS, NO_DAYS, NO_MONEY, NO_OFFSETS, Columns


class Spans(NamedTuple):
    """Loans, as `Columns`; the place where each list begins, and where it ends, in place of offsets."""

    due_begin: Any
    due_end: Any
    due_on: Any
    due: Any
    principal: Any = NO_MONEY
    ages_from: Any = NO_DAYS
    money_begin: Any = NO_OFFSETS
    money_end: Any = NO_OFFSETS
    money_on: Any = NO_DAYS
    money: Any = NO_MONEY
    money_until: Any = NO_DAYS
    undone: Any = NO_BITS
    shift: int = 0
    paid: Any = NO_MONEY
    charged_begin: Any = NO_OFFSETS
    charged_end: Any = NO_OFFSETS
    charged_on: Any = NO_DAYS
    charged: Any = NO_MONEY
    paused_begin: Any = NO_OFFSETS
    paused_end: Any = NO_OFFSETS
    paused_on: Any = NO_DAYS
    paused_until: Any = NO_DAYS
    written_off_on: Any = NO_DAYS
    grace: Any = NO_DAYS


_GROUPS = [offsets.removesuffix("_at") for offsets in LISTS]


def spans(block: Columns) -> Spans:
    """Return *block* as spans that lie one after another."""
    found = block._asdict()
    for name in _GROUPS:
        at = found.pop(f"{name}_at")
        found[f"{name}_begin"], found[f"{name}_end"] = at[:-1], at[1:]
    return Spans(**found)
