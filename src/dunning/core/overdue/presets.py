"""Conventions by name, each with its source: start from one, and `attrs.evolve` what the lender does otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from dunning.core.overdue.convention import OLDEST_UNPAID, Convention, Materiality
from dunning.core.overdue.order import Allocation
from dunning.errors import FactsError

_ONE_PERCENT = Decimal("0.01")


@frozen(kw_only=True)
class Preset:
    """A convention with what it is for, and where it comes from."""

    convention: Convention
    title: str
    source: str


def _preset(title: str, source: str, convention: Convention) -> tuple[str, Preset]:
    return convention.name, Preset(convention=convention, title=title, source=source)


PRESETS: Mapping[str, Preset] = dict(
    (
        _preset(
            "Calendar days since the oldest instalment not fully paid fell due; the due date is day 0",
            "12 CFR 1024.31 (Regulation X), 'delinquency', comment 2; Metro 2 and Regulation AB count alike",
            OLDEST_UNPAID,
        ),
        _preset(
            "Mortgage Bankers Association: thirty days for each month unpaid by the day before the next due date",
            "MBA method, as loan-level disclosures of RMBS define it",
            Convention(name="mba", count="mba"),
        ),
        _preset(
            "Office of Thrift Supervision: thirty days for each month unpaid by the same day of the next month",
            "OTS method, as loan-level disclosures of RMBS define it",
            Convention(name="ots", count="ots"),
        ),
        _preset(
            "Ninety days past due is ninety calendar days, and arrears worth ninety days of payments",
            "APRA Prudential Standard APS 220, attachment A, definition of 90 days past due",
            Convention(name="aps_220", count="amount_equivalent"),
        ),
        _preset(
            "Days since the last full payment, if that came after the oldest unmet due date; 90 % of a payment is full",
            "recency method of consumer lenders; the share: FFIEC Uniform Retail Credit Classification, 65 FR 36903",
            Convention(name="recency", count="recency", tolerance_share=Decimal("0.10")),
        ),
        _preset(
            "Thirty days for each whole calendar month, first day to last, since the month of the due date",
            "month-end ageing of ledgers",
            Convention(name="calendar_months", count="calendar_months"),
        ),
        _preset(
            "Reserve Bank of India: an amount unpaid at the day-end of its due date is overdue for a day",
            "RBI/2021-2022/125 of 12 November 2021, paragraphs 4 to 6",
            Convention(name="rbi", first_day=1),
        ),
        _preset(
            "Capital Requirements Regulation, retail: days while arrears exceed 100 and 1 % of the exposure",
            "Regulation (EU) No 575/2013, article 178(2); Delegated Regulation (EU) 2018/171, article 1",
            Convention(name="crr_retail", materiality=Materiality(amount=Decimal(100), share=_ONE_PERCENT)),
        ),
        _preset(
            "Capital Requirements Regulation, other exposures: days while arrears exceed 500 and 1 % of the exposure",
            "Regulation (EU) No 575/2013, article 178(2); Delegated Regulation (EU) 2018/171, article 2",
            Convention(name="crr_other", materiality=Materiality(amount=Decimal(500), share=_ONE_PERCENT)),
        ),
        _preset(
            "US retail credit: calendar days; 90 % of an instalment paid is all of it, and the rest stays owed",
            "FFIEC Uniform Retail Credit Classification and Account Management Policy, 65 FR 36903 (12 June 2000), the "
            "first of its two methods; the second, which adds partial payments up, is oldest_unpaid",
            Convention(
                name="us_retail",
                tolerance_share=Decimal("0.10"),
                allocation=Allocation(money="in_turn", shortfalls="last"),
            ),
        ),
        _preset(
            "Every day of every pause subtracted, before the due date too, and twice where two pauses overlap",
            "Apache Fineract before 2025; for comparing a migrated book, never for a new one",
            Convention(name="every_paused_day", pauses="every_day"),
        ),
    )
)


def preset(name: str) -> Convention:
    """
    Return the preset convention *name*.

    Raises:
        FactsError: There is none of that name; the error lists them.
    """
    if name not in PRESETS:
        raise FactsError(f"No convention is called {name!r}. There are {', '.join(PRESETS)}.", field="convention")
    return PRESETS[name].convention
