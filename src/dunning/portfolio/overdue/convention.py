"""A convention as whole numbers, in minor units: what a kernel is told. What cannot be said exactly is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from dunning.core import values
from dunning.core.overdue.convention import COUNTS, Convention, check_convention
from dunning.errors import FactsError

DAYS, MBA, OTS, CALENDAR_MONTHS, AMOUNT_EQUIVALENT, RECENCY = range(len(COUNTS))
CONTINUE, FREEZE, DROP = range(3)

LIMIT = 2**63 - 1
_MOST_DAYS = 2**31 - 1
_MOST_DIGITS = 18
_SHARE_DECIMALS = 6  # a share of an amount stays a whole number of millionths
_EPOCH = dt.date(1970, 1, 1).toordinal()


class WholeConvention(NamedTuple):
    """
    A convention and a date as whole numbers.

    Amounts are in minor units, days run from 1970-01-01, and a share is `share` out of `share_of`.
    """

    as_of: int
    counted: int
    first_day: int
    tolerance: int
    share: int
    share_of: int
    tolerance_arrears: int
    material: bool
    material_amount: int
    material_share: int
    material_share_of: int
    material_both: bool
    grace: int
    every_day: bool
    charge_off: int
    held: bool

    def needs_dates(self, *, written_off: bool) -> bool:
        """Whether it matters when money came, so that a total does not do; *written_off*: if loans may be."""
        return self.counted == RECENCY or self.material or (self.charge_off == FREEZE and written_off)


def whole_convention(convention: Convention, *, as_of: dt.date, currency_digits: int) -> WholeConvention:
    """
    Return *convention* as whole numbers.

    A limit finer than the minor unit is cut to it, which moves no answer: what is compared with it is a whole number
    of units. `shift` is not looked at: due dates in columns are those to which it moved them.

    Args:
        currency_digits: Decimals of the minor unit: 2 for cents.

    Raises:
        FactsError: The columns cannot say what the convention asks for, or what is given is no date, convention or
            number of decimals; the error names the field.
    """
    values.as_of_day("as_of", as_of)
    check_convention(convention)
    check_digits(currency_digits)
    _refuse_unsupported(convention)
    if convention.grace > _MOST_DAYS:
        raise FactsError(
            f"grace is {convention.grace} days, and columns hold at most {_MOST_DAYS}, which never end. Lower it.",
            field="grace",
        )
    share, share_of = _share(convention.tolerance_share, "tolerance_share")
    material = convention.materiality
    material_share, material_share_of = _share(material.share if material else Decimal(0), "materiality.share")
    return WholeConvention(
        as_of=as_of.toordinal() - _EPOCH,
        counted=COUNTS.index(convention.count),
        first_day=convention.first_day,
        tolerance=_units(convention.tolerance_amount, currency_digits, "tolerance_amount"),
        share=share,
        share_of=share_of,
        tolerance_arrears=_units(convention.tolerance_arrears, currency_digits, "tolerance_arrears"),
        material=material is not None,
        material_amount=_units(material.amount, currency_digits, "materiality.amount") if material else 0,
        material_share=material_share,
        material_share_of=material_share_of,
        material_both=material is None or material.both,
        grace=convention.grace,
        every_day=convention.pauses == "every_day",
        charge_off=("continue", "freeze", "drop").index(convention.charge_off),
        held=convention.allocation.ahead == "held",
    )


def check_digits(digits: object) -> None:
    """
    Require a number of decimals of a minor unit, from 0 to 18: of more, no unit of the currency has 64 bits.

    Raises:
        FactsError: It is something else.
    """
    if type(digits) is not int or not 0 <= digits <= _MOST_DIGITS:
        raise FactsError(
            f"currency_digits must be a whole number from 0 to {_MOST_DIGITS}, the decimals of the minor unit, not "
            f"{digits!r}.",
            field="currency_digits",
        )


def _refuse_unsupported(convention: Convention) -> None:
    if convention.shift != "none" and convention.count in {"mba", "ots"}:
        raise FactsError(
            f"Columns cannot be counted under the convention {convention.name!r}: they hold the due dates to which "
            f"its shift {convention.shift!r} moved them, and its months are those of the schedule as it is stated. Ask "
            "overdue_status, loan by loan.",
            field="shift",
        )
    allocation = convention.allocation
    for field, value, supported in (
        ("allocation.money", allocation.money, ("pooled",)),
        ("allocation.order.by", allocation.order.by, ("instalment",)),
        ("allocation.shortfalls", allocation.shortfalls, ("first",)),
        ("allocation.ahead", allocation.ahead, ("next", "held")),
        ("chargebacks", convention.chargebacks, ("reopen",)),
    ):
        if value not in supported:
            raise FactsError(
                f"Columns cannot be counted under the convention {convention.name!r}: its {field} is {value!r}, and "
                f"they hold totals, for which it must be {' or '.join(map(repr, supported))}. Ask overdue_status, loan "
                "by loan.",
                field=field,
            )


def _share(share: Decimal, field: str) -> tuple[int, int]:
    """Return *share* as a whole number of the smallest power of ten."""
    exponent = share.normalize().as_tuple().exponent
    decimals = max(-exponent, 0) if isinstance(exponent, int) else 0
    if decimals > _SHARE_DECIMALS:
        raise FactsError(
            f"{field} is {share}, and columns are counted with at most {_SHARE_DECIMALS} decimals of a share. Round it "
            "as your contract says, or ask overdue_status, loan by loan.",
            field=field,
        )
    return int(share.scaleb(decimals)), 10**decimals


def _units(amount: Decimal, digits: int, field: str) -> int:
    units = int(amount.scaleb(digits))
    if units > LIMIT:
        raise FactsError(f"{field} is {amount}, which is more minor units than 64 bits hold. Lower it.", field=field)
    return units
