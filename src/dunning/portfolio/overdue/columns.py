"""
Loans as columns of whole numbers: one after another in flat arrays, and where each begins.

Days are int32, counted from 1970-01-01; money is int64, in minor units.
"""

from __future__ import annotations

from itertools import chain
from typing import Any, NamedTuple, Protocol

import numpy as np

from dunning.errors import FactsError
from dunning.portfolio.overdue.convention import AMOUNT_EQUIVALENT, LIMIT, WholeConvention
from dunning.portfolio.overdue.lists import gathered

NEVER = 2**31 - 1  # the day of what has not happened
FIRST_DAY, LAST_DAY = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31
NO_DAYS = np.empty(0, np.int32)
NO_MONEY = np.empty(0, np.int64)
NO_OFFSETS = np.empty(0, np.int64)
NO_BITS = np.empty(0, np.uint64)


class Columns(NamedTuple):
    """
    Loans, or a block of them; each row is a loan.

    `due_at`, `money_at`, `charged_at` and `paused_at` say where the lists of each loan begin, and the last number
    where those of the last loan end. What is not stated is an empty array.

    Args:
        due_on, due: Due date, ascending, and amount of each instalment.
        principal: Its principal.
        ages_from: The date from which its lateness counts, where it is not the due date. Neither may these come
            before those of an earlier instalment.
        money_on, money: Money that meets obligations, ascending by date; a refund is negative.
        money_until: The first day on which it no longer counts, where it was undone; what is there otherwise means
            nothing.
        undone, shift: Which of it was, a bit each, the lowest first, from the bit *shift* on, and a word more. Little
            is undone, so that what stands is passed over 64 at a time.
        paid: In place of these, the total that counts.
        charged_on, charged: Charges, ascending by date.
        paused_on, paused_until: Pauses, ascending by their first day; the end is exclusive, `NEVER` if they run.
        written_off_on: `NEVER` where it is not.
        grace: The contract's own days of grace; -1: the convention's.
    """

    due_at: Any
    due_on: Any
    due: Any
    principal: Any = NO_MONEY
    ages_from: Any = NO_DAYS
    money_at: Any = NO_OFFSETS
    money_on: Any = NO_DAYS
    money: Any = NO_MONEY
    money_until: Any = NO_DAYS
    undone: Any = NO_BITS
    shift: int = 0
    paid: Any = NO_MONEY
    charged_at: Any = NO_OFFSETS
    charged_on: Any = NO_DAYS
    charged: Any = NO_MONEY
    paused_at: Any = NO_OFFSETS
    paused_on: Any = NO_DAYS
    paused_until: Any = NO_DAYS
    written_off_on: Any = NO_DAYS
    grace: Any = NO_DAYS

    @property
    def rows(self) -> int:
        """How many loans."""
        return len(self.due_at) - 1

    def places_undone(self) -> Any:
        """Return the places in `money` of what was undone."""
        eights = self.undone.view(np.uint8)
        some = np.flatnonzero(eights != 0)
        bits = np.flatnonzero(np.unpackbits(eights[some], bitorder="little").view(bool))
        places = 8 * some[bits >> 3] + (bits & 7) - self.shift
        first, last = np.searchsorted(places, (0, len(self.money_until)))
        return places[first:last]

    def undone_among(self, places: Any) -> Any:
        """Return which of *places* in `money` are those of what was undone."""
        return np.flatnonzero(self._was_undone(places)) if len(self.undone) else places[:0]

    def _was_undone(self, places: Any) -> Any:
        bits = places + self.shift
        return self.undone.view(np.uint8)[bits >> 3] >> (bits & 7) & 1

    @property
    def items(self) -> int:
        """How many items their lists have, all columns together."""
        return sum(len(getattr(self, name)) for lists in LISTS.values() for name in lists)

    def block(self, start: int, stop: int) -> Columns:
        """Return the loans from *start* to before *stop*, whose lists begin at 0."""
        cut: dict[str, Any] = {}
        for offsets, lists in LISTS.items():
            at = getattr(self, offsets)
            if len(at):
                first, last = at[start], at[stop]
                cut[offsets] = at[start : stop + 1] - first
                for name in lists:
                    cut[name] = getattr(self, name)[first:last]
        if len(self.undone):
            first, last = self.money_at[start] + self.shift, self.money_at[stop] + self.shift
            cut["undone"], cut["shift"] = (
                words(self.undone.view(np.uint8)[first // 8 : (last + 7) // 8]),
                int(first % 8),
            )
        for name in SINGLE:
            cut[name] = getattr(self, name)[start:stop]
        return Columns(**cut)

    def take(self, rows: Any) -> Columns:
        """Return the loans at the places *rows*, as a copy."""
        taken: dict[str, Any] = {}
        for offsets, lists in LISTS.items():
            at = getattr(self, offsets)
            if not len(at):
                continue
            taken[offsets], places = gathered(at[rows], at[rows + 1] - at[rows])
            for name in lists:
                values = getattr(self, name)
                taken[name] = values[places] if len(values) else values
            if offsets == "money_at" and len(self.undone):
                taken["undone"] = words(np.packbits(self._was_undone(places), bitorder="little"))
        for name in SINGLE:
            values = getattr(self, name)
            taken[name] = values[rows] if len(values) else values
        return Columns(**taken)


def words(bits: Any) -> Any:
    """Return bytes of bits as words of 64, and one more."""
    found = np.zeros(len(bits) // 8 + 2, np.uint64)
    found.view(np.uint8)[: len(bits)] = bits
    return found


LISTS = {
    "due_at": ("due_on", "due", "principal", "ages_from"),
    "money_at": ("money_on", "money", "money_until"),
    "charged_at": ("charged_on", "charged"),
    "paused_at": ("paused_on", "paused_until"),
}
SINGLE = ("paid", "written_off_on", "grace")


class Source(Protocol):
    """Whatever columns come from, block by block."""

    @property
    def rows(self) -> int:
        """How many loans."""

    @property
    def items(self) -> int:
        """How many items their lists have, all columns together."""

    def block(self, start: int, stop: int) -> Columns:
        """Return the loans from *start* to before *stop*."""


_NEGATIVE = "is negative. State it as an amount from 0 up."


def check(block: Columns, whole: WholeConvention, *, first_row: int = 0) -> None:
    """
    Refuse what would be counted wrongly.

    Args:
        first_row: The place of the block's first loan in the table, for messages.

    Raises:
        FactsError: Names row and column.
    """
    check_columns(block, whole)
    for offsets, lists in LISTS.items():
        at = getattr(block, offsets)
        if len(at):
            _check_days(at, lists[0], getattr(block, lists[0]), first_row)
    if len(block.ages_from):
        _check_own_dates(block, first_row)
    largest = {name: _largest(getattr(block, name)) for name in ("due", "charged", "money", "paid")}
    for name, at in (("due", block.due_at), ("charged", block.charged_at)):
        if largest[name] > LIMIT:
            _refuse(at, getattr(block, name) < 0, first_row, name, _NEGATIVE)
    if whole.material and (block.principal.view(np.uint64) > block.due.view(np.uint64)[: len(block.principal)]).any():
        _refuse(block.due_at, block.principal < 0, first_row, "principal", _NEGATIVE)
        more = "is more than due. State the part of due that is principal."
        _refuse(block.due_at, block.principal > block.due, first_row, "principal", more)
    _refuse(None, block.grace < -1, first_row, "grace", "is negative. Leave it empty to take the convention's.")
    _check_sums(block, whole, largest, first_row)


def check_columns(block: Columns, whole: WholeConvention) -> None:
    """
    Refuse columns that cannot say what is asked.

    Raises:
        FactsError: Names the column.
    """
    if len(block.paid) and whole.needs_dates(written_off=len(block.written_off_on) > 0):
        raise FactsError("The convention asks when money came, and paid is only a total. State money.", field="paid")
    if whole.material_share and len(block.due) and not len(block.principal):
        raise FactsError("The convention compares arrears with principal, which is not stated.", field="principal")


def _check_days(at: Any, name: str, days: Any, first_row: int) -> None:
    if not len(days):
        return
    # Read without a sign, days before 1970 come after all others; where days ascend, the last of a list is its latest.
    read = days.view(np.uint32)
    if not _falls(at, read).any() and read.take(at[1:] - 1, mode="clip").max() <= LAST_DAY:
        return
    outside = (days < FIRST_DAY) | (days > LAST_DAY)
    _refuse(at, outside, first_row, name, "is outside of the years 1 to 9999.")
    _refuse(at, _falls(at, days), first_row, name, "does not ascend. Sort the lists of a loan by date.")


def _falls(at: Any, days: Any) -> Any:
    """Return where a list falls; there is one place more than *days*."""
    falls = np.empty(len(days) + 1, bool)
    falls[0] = falls[-1] = False
    np.less(days[1:], days[:-1], out=falls[1:-1])
    falls[at] = False  # from one loan to the next days may fall
    return falls


def _check_own_dates(block: Columns, first_row: int) -> None:
    days = block.ages_from
    _refuse(
        block.due_at,
        (days < FIRST_DAY) | (days > LAST_DAY),
        first_row,
        "ages_from",
        "is no day of the years 1 to 9999.",
    )
    _check_days(block.due_at, "ages_from", np.maximum(block.due_on, days), first_row)


def _refuse(at: Any, wrong: Any, first_row: int, name: str, what: str) -> None:
    """Raise for the first of the *wrong* values: of lists, where *at* says where each begins, or of single values."""
    if not wrong.any():
        return
    place = int(np.argmax(wrong))
    if at is None:
        raise FactsError(f"{name} {what}", field=name, where=f"row {first_row + place}")
    row = int(np.searchsorted(at, place, side="right")) - 1
    raise FactsError(f"{name} {what}", field=name, where=f"row {first_row + row}, item {place - int(at[row])}")


def _largest(amounts: Any) -> int:
    """Return the largest amount; one that is negative is more than any other once it is read without a sign."""
    return int(amounts.view(np.uint64).max(initial=0))


def _check_sums(block: Columns, whole: WholeConvention, largest: dict[str, int], first_row: int) -> None:
    """Refuse amounts whose sums or products would leave 64 bits; *largest* are those of `_largest`."""
    lists = {
        "due": (block.due_at, block.due),
        "charged": (block.charged_at, block.charged),
        "principal": (block.due_at, block.principal),
        "money": (block.money_at, block.money),
        "paid": (np.arange(len(block.paid) + 1), block.paid),
    }
    stated_lists = {name: both for name, both in lists.items() if len(both[1])}
    if not whole.material:
        stated_lists.pop("principal", None)
    largest = {
        name: most if most <= LIMIT else int(np.abs(getattr(block, name)).view(np.uint64).max())
        for name, most in largest.items()
    }
    if "principal" in stated_lists:
        largest["principal"] = largest["due"]  # of which it is a part
    for name, names in (
        ("due", ("due", "charged", "principal")),
        # What cures is what is owed, and what refunds gave back beyond all that had come.
        ("money", ("due", "charged", "money")),
        ("paid", ("due", "charged", "paid")),
    ):
        stated = {each: stated_lists[each] for each in names if each in stated_lists}
        limit = _limit(name, whole, block.due_on)
        if sum(largest[each] * len(values) for each, (_, values) in stated.items()) <= limit:
            continue  # not even all loans together
        if sum(largest[each] * int(np.diff(at).max()) for each, (at, _) in stated.items()) <= limit:
            continue
        for row in range(block.rows):
            limit = _limit(name, whole, block.due_on[block.due_at[row] : block.due_at[row + 1]])
            items = (values[at[row] : at[row + 1]].tolist() for at, values in stated.values())
            if sum(map(abs, chain.from_iterable(items))) > limit:
                raise FactsError(
                    f"The amounts of {name} are so large that their sums or shares leave 64 bits. State them in the "
                    "minor unit of the currency, or ask overdue_status for this loan.",
                    field=name,
                    where=f"row {first_row + row}",
                )


def _limit(name: str, whole: WholeConvention, due_on: Any) -> int:
    """Return what the amounts of loans may come to whose instalments fall due *due_on*: what is due is multiplied."""
    if name != "due":
        return LIMIT
    factor = max(whole.share_of if whole.share else 1, whole.material_share_of if whole.material else 1)
    if whole.counted == AMOUNT_EQUIVALENT and len(due_on):
        factor = max(factor, int(due_on.max()) - int(due_on.min()) + 1)
    return LIMIT // factor
