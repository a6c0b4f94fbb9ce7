"""The ladder of firmness: tiers in order, entered by structured lower bounds."""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen

from dunning.core import values
from dunning.errors import FactsError

# What a bound can measure. Each is a number that more payment never raises, so a ladder of lower bounds can never
# become firmer by paying.
MEASURES = (
    "days_past_due",
    "delinquent_days",
    "instalments_missed",
    "arrears",
    "person_days_past_due",
    "exposure",
    "broken_promises",
    "returned_debits",
    "re_entries",
    "lost_contact",
    "written_off",
    "accelerated",
)


# Counts of the episode, which only its end clears: alone they would hold a loan that has paid everything.
COUNTS = ("broken_promises", "returned_debits", "re_entries")

# Numbers that the host states as dated attributes of the loan: a score from a model, or anything else it knows.
STATED = ("score:", "stated:")


def _measure(instance: object, attribute: object, value: str) -> None:
    if value not in MEASURES and not value.startswith(STATED):
        raise FactsError(
            f"measure must be one of {', '.join(MEASURES)}, score:<name> or stated:<name>; not {value!r}",
            field="measure",
        )


@frozen(kw_only=True)
class Bound:
    """`measure` is at least `at_least` (inclusive). A measure that is not stated is below every bound."""

    measure: str = field(validator=_measure)
    at_least: Decimal = field(validator=values.money)


@frozen(kw_only=True)
class Condition:
    """All `bounds` hold."""

    bounds: tuple[Bound, ...] = field(validator=values.tuple_of(Bound))

    def __attrs_post_init__(self) -> None:
        if not self.bounds:
            raise FactsError("A condition without bounds would always hold.", field="bounds")


@frozen(kw_only=True)
class Tier:
    """
    One step of firmness.

    Args:
        entry: Any of these conditions puts a loan here; empty only for the mildest tier.
        minimum_stay: Days to stay before a firmer tier may be entered; it never delays softening or cure.
    """

    name: str = field(validator=values.text)
    entry: tuple[Condition, ...] = field(default=(), validator=values.tuple_of(Condition))
    minimum_stay: int = field(default=0, validator=values.at_least(0))
    label: str = ""


@frozen(kw_only=True)
class Ladder:
    """
    The ordered tiers, the mildest first.

    Args:
        probation: Days after a cure within which a re-entry keeps the episode, its cadence and its counts. A re-entry
            on day `probation` still does (inclusive).
    """

    tiers: tuple[Tier, ...] = field(validator=values.tuple_of(Tier))
    probation: int = field(default=0, validator=values.at_least(0))

    def __attrs_post_init__(self) -> None:
        names = [tier.name for tier in self.tiers]
        if len(names) <= 1 or len(set(names)) != len(names):
            raise FactsError("A ladder needs at least two tiers with different names.", field="tiers")
        if self.mildest.entry or any(not tier.entry for tier in self.tiers[1:]):
            raise FactsError("Exactly the mildest tier has no entry condition.", field="tiers")
        for tier in self.tiers:
            for condition in tier.entry:
                if all(bound.measure in COUNTS or bound.at_least == 0 for bound in condition.bounds):
                    raise FactsError(
                        f"Tier {tier.name!r} could never be left: no bound of one of its conditions falls below itself "
                        f"by paying. Add one above 0 that is not {', '.join(COUNTS)}.",
                        field="entry",
                    )

    @property
    def mildest(self) -> Tier:
        """The tier of a loan on which nothing is late."""
        return self.tiers[0]

    def tier(self, name: str) -> Tier:
        """Return the tier called *name*; raises FactsError if there is none."""
        for tier in self.tiers:
            if tier.name == name:
                return tier
        raise FactsError(f"The ladder has no tier {name!r}; it has {', '.join(t.name for t in self.tiers)}.")

    def rank(self, name: str) -> int:
        """Return the place of tier *name*: 0 is the mildest."""
        return self.tiers.index(self.tier(name))
