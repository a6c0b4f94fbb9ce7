"""A convention says how lateness is counted. Days past due is not one number, so the convention is a value."""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen

from dunning.core import values
from dunning.errors import FactsError


def _share(instance: object, attribute: object, value: Decimal) -> None:
    if not isinstance(value, Decimal) or not 0 <= value < 1:
        raise FactsError(f"tolerance_share must be from 0 to below 1, not {value!r}.", field="tolerance_share")


@frozen(kw_only=True)
class Convention:
    """
    Oldest unpaid instalment: money meets instalments in due order, and the earliest unmet one sets the age.

    Args:
        name: How reports call it.
        tolerance_amount, tolerance_share: An instalment counts as met while no more than the larger of the two (an
            amount in the loan's currency, a share of the instalment) is missing. The rest stays owed.
        grace: Days after the due date that do not count as delinquent. They shift delinquent days, never days past
            due or the amount.
    """

    name: str = field(default="oldest_unpaid", validator=values.text)
    tolerance_amount: Decimal = field(default=values.ZERO, validator=values.money)
    tolerance_share: Decimal = field(default=values.ZERO, validator=_share)
    grace: int = field(default=0, validator=values.at_least(0))

    def met(self, *, amount: Decimal, unpaid: Decimal) -> bool:
        """Whether an instalment of *amount* of which *unpaid* is missing counts as met."""
        return unpaid <= max(self.tolerance_amount, self.tolerance_share * amount)


OLDEST_UNPAID = Convention()
