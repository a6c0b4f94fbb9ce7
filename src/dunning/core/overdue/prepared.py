"""A schedule prepared for being asked often: how late, and how much, for a sum of money on a day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

from attrs import field, frozen

from dunning.core.facts.loan import Instalment
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention, check_convention
from dunning.core.values import minor_digits
from dunning.errors import FactsError


@frozen(kw_only=True)
class PreparedSchedule:
    """
    Instalments by due date, with the running sum of what fell due.

    Args:
        days: Ordinals (`datetime.date.toordinal`) of the due dates, ascending.
        due: Minor units that fell due up to and with each of them.
        first_day: What the due date itself counts as: see `Convention`.
    """

    days: tuple[int, ...]
    due: tuple[int, ...]
    first_day: int = field(default=0)

    def ask(self, paid: int, on: int) -> tuple[int, int]:
        """
        Return days past due and arrears.

        Args:
            paid: Minor units that met the schedule by then, over all payments.
            on: The day, as an ordinal.
        """
        behind = bisect_left(self.days, on + self.first_day)
        if not behind or self.due[behind - 1] <= paid:
            return 0, 0
        oldest = bisect_right(self.due, paid, 0, behind)
        return on - self.days[oldest] + self.first_day, self.due[behind - 1] - paid


def prepare_schedule(
    instalments: Sequence[Instalment], *, currency: str, convention: Convention = OLDEST_UNPAID
) -> PreparedSchedule:
    """
    Prepare the known *instalments* of a loan: one version of each, in any order.

    Answers as `overdue_status` does for a loan whose events are payments, and nothing else.

    Raises:
        FactsError: The convention asks for more than the oldest unpaid instalment, or an amount is no whole number of
            minor units of *currency*.
    """
    check_convention(convention)
    plain = Convention(name=convention.name, first_day=convention.first_day, charge_off=convention.charge_off)
    if convention != plain:
        raise FactsError(
            f"The convention {convention.name!r} asks for more than a prepared schedule knows: only the oldest unpaid "
            "instalment can be asked for, without tolerance, grace or shift. Use overdue_status.",
            field="convention",
        )
    ordered = sorted((each.due_on.toordinal(), _minor(each.amount, currency)) for each in instalments if each.amount)
    return PreparedSchedule(
        days=tuple(day for day, _ in ordered),
        due=tuple(accumulate(amount for _, amount in ordered)),
        first_day=convention.first_day,
    )


def _minor(amount: Decimal, currency: str) -> int:
    units = amount.scaleb(minor_digits(currency))
    if units != int(units):
        raise FactsError(f"{amount} {currency} is no whole number of minor units.", field="amount")
    return int(units)
