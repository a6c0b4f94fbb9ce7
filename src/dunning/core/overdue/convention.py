"""A convention says how lateness is counted. Days past due is not one number, so the convention is a value."""

from __future__ import annotations

from decimal import Decimal

from attrs import Factory, field, frozen

from dunning.core import values
from dunning.core.calendar import Calendar
from dunning.core.overdue.order import Allocation
from dunning.errors import FactsError

COUNTS = ("days", "mba", "ots", "calendar_months", "amount_equivalent", "recency")
AGES_FROM = ("due_on", "invoiced_on", "stated")
PAUSES = ("after_due", "every_day")
SHIFTS = ("none", "following", "preceding", "modified_following")
CHARGE_OFFS = ("continue", "freeze", "drop")
CHARGEBACKS = ("reopen", "own_date")
IN_MONTHS = ("mba", "ots", "calendar_months")


def _share(instance: object, attribute: object, value: Decimal) -> None:
    if not isinstance(value, Decimal) or not 0 <= value < 1:
        name = getattr(attribute, "name", "share")
        raise FactsError(f"{name} must be a Decimal from 0 to below 1, as Decimal('0.1'), not {value!r}.", field=name)


@frozen(kw_only=True)
class Materiality:
    """
    From which size on arrears matter: the days are those for which arrears were material without a break.

    Source: Regulation (EU) No 575/2013, article 178, and Delegated Regulation (EU) 2018/171, articles 1 and 2: days
    are counted while *both* thresholds are exceeded, and from 0 again once one of them is not. The exposure is the
    principal that is not yet due, and the arrears.

    Args:
        amount: Arrears above this, in the loan's currency, are material (equal is not).
        share: Arrears above this share of the exposure are material (equal is not).
        both: Whether both thresholds must be exceeded, or one of them is enough.

    Raises:
        FactsError: A share outside of its range, or one threshold is enough and one of them is 0.
    """

    amount: Decimal = field(default=values.ZERO, validator=values.money)
    share: Decimal = field(default=values.ZERO, validator=_share)
    both: bool = True

    def __attrs_post_init__(self) -> None:
        if not self.both and not (self.amount and self.share):
            raise FactsError(
                "Where one threshold is enough, one of 0 makes all arrears material. State amount and share, or leave "
                "both = false out.",
                field="both",
            )

    def exceeded(self, *, arrears: Decimal, exposure: Decimal) -> bool:
        """Whether *arrears* of an *exposure* are material; no arrears never are."""
        above = arrears > self.amount, arrears > self.share * exposure
        return arrears > 0 and (all(above) if self.both else any(above))


@frozen(kw_only=True, cache_hash=True)
class Convention:
    """
    How late a loan is: what counts as met, from when lateness counts, and in which unit.

    Money meets obligations as `allocation` says; the earliest instalment past due and not met sets the age.

    Args:
        name: How reports call it; by default what it counts.
        count: `days`: calendar days. `mba`: thirty for each month completed by the end of the day before the same day
            of a later month. `ots`: thirty for each month completed on that day itself. `calendar_months`: thirty for
            each whole calendar month, first day to last, after the due date. `amount_equivalent`: the calendar days,
            but no more than the days that the arrears are worth in payments. `recency`: days since the last full
            payment, if that came after the oldest unmet due date.
        ages_from: `due_on`; `invoiced_on` (every instalment must state it); `stated`: the instalment's own
            `ages_from`, or its due date where it states none. An instalment is late only once it was due.
        first_day: What the due date itself counts as: day 0, or day 1 (then what is unpaid today is a day late).
        tolerance_amount, tolerance_share: An instalment counts as met while no more than the larger of the two (an
            amount in the loan's currency, a share of the instalment) is missing. The rest stays owed. A payment of
            an instalment less this counts as full.
        tolerance_arrears: No instalment counts as late while all that is past due comes to no more than this.
        materiality: The days count while arrears are material, and from 0 again once they are not.
        grace: Days after the due date that do not count as delinquent; a loan or an instalment may state its own.
            They shift delinquent days and the date of delinquency, never days past due or the amount.
        pauses: `after_due`: paused days after the due date do not count as delinquent, once however many pauses hold
            them. `every_day`: every paused day of every pause is subtracted, before the due date and twice where
            pauses overlap, as older systems do; for migrations.
        shift: Where a due date that is no business day of `calendar` moves: `none`, `following`, `preceding`, or
            `modified_following` (the preceding one where the following one lies in another month).
        calendar: The name of that calendar.
        workdays: The calendar itself; None refuses to count where dates shift.
        charge_off: From a write-off on, days `continue`, `freeze` at what they were on that day, or `drop` to 0.
        chargebacks: A payment charged back `reopen`s the instalments that it had met, at their own dates, or is an
            obligation of its `own_date`.
        allocation: Which money meets which obligation.

    Raises:
        FactsError: Two of these contradict each other; the error names both.
    """

    count: str = field(default="days", validator=values.one_of(*COUNTS))
    name: str = field(
        default=Factory(lambda self: "oldest_unpaid" if self.count == "days" else self.count, takes_self=True),
        validator=values.text,
    )
    ages_from: str = field(default="due_on", validator=values.one_of(*AGES_FROM))
    first_day: int = field(default=0, validator=values.at_least(0))
    tolerance_amount: Decimal = field(default=values.ZERO, validator=values.money)
    tolerance_share: Decimal = field(default=values.ZERO, validator=_share)
    tolerance_arrears: Decimal = field(default=values.ZERO, validator=values.money)
    materiality: Materiality | None = None
    grace: int = field(default=0, validator=values.at_least(0))
    pauses: str = field(default="after_due", validator=values.one_of(*PAUSES))
    shift: str = field(default="none", validator=values.one_of(*SHIFTS))
    calendar: str = ""
    workdays: Calendar | None = field(default=None, repr=False)
    charge_off: str = field(default="continue", validator=values.one_of(*CHARGE_OFFS))
    chargebacks: str = field(default="reopen", validator=values.one_of(*CHARGEBACKS))
    allocation: Allocation = field(factory=Allocation)

    def __attrs_post_init__(self) -> None:
        if self.first_day > 1:
            raise FactsError(f"first_day is 0 or 1, not {self.first_day}.", field="first_day")
        for one, other, contradicts, why in (
            ("count", "first_day", self.in_months and self.first_day, "months end on days of their own"),
            ("count", "materiality", self.count != "days" and self.materiality, "material days are calendar days"),
            ("first_day", "materiality", self.first_day and self.materiality, "material days count from the first"),
            (
                "ages_from",
                "materiality",
                self.ages_from != "due_on" and self.materiality,
                "materiality has its own date",
            ),
            ("tolerance_arrears", "materiality", self.tolerance_arrears and self.materiality, "both bound the arrears"),
            ("count", "ages_from", self.count == "recency" and self.ages_from != "due_on", "payments set the date"),
            ("shift", "calendar", self.shift == "none" and self.calendar, "nothing moves by it"),
        ):
            if contradicts:
                raise FactsError(
                    f"The convention {self.name!r} contradicts itself: {one} is {getattr(self, one)!r} and {other} is "
                    f"{getattr(self, other)!r}, but {why}. Leave one of them out.",
                    field=other,
                )
        if self.shift != "none" and not self.calendar:
            raise FactsError(
                f"The convention {self.name!r} moves due dates to a business day ({self.shift}), and does not say of "
                "which calendar. State calendar, and workdays where you make it yourself.",
                field="calendar",
            )
        if self.workdays is not None and self.workdays.name != self.calendar:
            raise FactsError(
                f"The convention {self.name!r} shifts by the calendar {self.calendar!r}, and was given "
                f"{self.workdays.name!r}.",
                field="workdays",
            )

    @property
    def in_months(self) -> bool:
        """Whether lateness runs in months of thirty days instead of days."""
        return self.count in IN_MONTHS

    @property
    def steady(self) -> bool:
        """Whether lateness, once begun, grows by one a day until a fact changes."""
        return self.count == "days" and self.materiality is None

    def missing(self, amount: Decimal) -> Decimal:
        """How much of an instalment of *amount* may be missing while it counts as met."""
        return max(self.tolerance_amount, self.tolerance_share * amount)

    def met(self, *, amount: Decimal, unpaid: Decimal) -> bool:
        """Whether an instalment of *amount* of which *unpaid* is missing counts as met."""
        return unpaid <= self.missing(amount)


OLDEST_UNPAID = Convention()


def check_convention(given: object) -> None:
    """
    Require a convention: the name of a preset is none.

    Raises:
        FactsError: It is something else; the error says how to get one.
    """
    if not isinstance(given, Convention):
        name, found = (given, repr(given)) if isinstance(given, str) else ("mba", type(given).__name__)
        raise FactsError(
            f"convention must be a Convention, not {found}. Get that of a preset by its name, as in "
            f"dunning.preset({name!r}), or make one.",
            field="convention",
        )
