"""Contagion: when one loan marks all loans of its borrower as non-performing, and when the mark is lifted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from attrs import field, frozen

from dunning.core import values
from dunning.core.overdue.dates import add_months
from dunning.core.overdue.money import ZERO
from dunning.errors import FactsError

_ONE_DAY = dt.timedelta(days=1)


@frozen(kw_only=True)
class Contagion:
    """
    When one loan marks all loans of its borrower as non-performing, and when the mark is lifted.

    Args:
        name, source: How reports call it, and where it comes from.
        from_days: A loan is non-performing from so many days past due on, inclusive: *more than 90* is 91.
        share: All are marked while the non-performing ones are more than this share of what is outstanding on all
            loans; 0 lets any one mark all.
        cured_when: A loan is clean while it is `below` `from_days`; `current` at 0 days past due; or `paid`, with no
            arrears of principal or interest, tolerated ones included.
        watch_days, watch_months: How long all loans must stay clean without a break before the mark is lifted; 0
            lifts it on the first clean day. One of the two.
    """

    name: str = field(validator=values.text)
    source: str = field(validator=values.text)
    from_days: int = field(default=91, validator=values.at_least(1))
    share: Decimal = field(default=ZERO, validator=values.money)
    cured_when: str = field(default="current", validator=values.one_of("below", "current", "paid"))
    watch_days: int = field(default=0, validator=values.at_least(0))
    watch_months: int = field(default=0, validator=values.at_least(0))

    def __attrs_post_init__(self) -> None:
        if self.share >= 1:
            raise FactsError(f"share must be from 0 to below 1, not {self.share}.", field="share")
        if self.watch_days and self.watch_months:
            raise FactsError("State watch_days or watch_months, not both.", field="watch_months")

    def lifted(self, clean_since: dt.date) -> dt.date:
        """Return the first day without a mark, if everything stays clean from *clean_since* on."""
        return add_months(clean_since, self.watch_months) + self.watch_days * _ONE_DAY


CONTAGIONS: Mapping[str, Contagion] = {
    each.name: each
    for each in (
        Contagion(
            name="rbi",
            source="Reserve Bank of India, Master Circular on IRACP norms, 4.2.7 (by borrower, not by facility), and "
            "RBI/2021-2022/158 of 15 February 2022, 2(iii) (upgraded when all arrears of all facilities are paid)",
            cured_when="paid",
        ),
        Contagion(
            name="crr_obligor",
            source="Regulation (EU) No 575/2013, article 178(1) (default of the obligor); EBA/GL/2016/07, paragraph 71 "
            "(three months since the conditions ceased to be met)",
            cured_when="below",
            watch_months=3,
        ),
        Contagion(
            name="eba_pulling",
            source="Implementing Regulation (EU) No 680/2014, annex V, paragraph 155 of 2015 (more than 20 % of what "
            "the debtor owes is past due by more than 90 days); EBA/GL/2016/07, paragraph 71",
            share=Decimal("0.20"),
            cured_when="below",
            watch_months=3,
        ),
    )
}


def contagion(name: str) -> Contagion:
    """
    Return the rule *name*: `rbi`, `crr_obligor` or `eba_pulling`, each with its source.

    Raises:
        FactsError: There is none of that name; the error lists them.
    """
    if name not in CONTAGIONS:
        raise FactsError(f"No contagion is called {name!r}. There are {', '.join(CONTAGIONS)}.", field="contagion")
    return CONTAGIONS[name]
