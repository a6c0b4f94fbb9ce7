"""The table of a policy that says how lateness is counted."""

from __future__ import annotations

from decimal import Decimal

from dunning.adapters.policy.table import Table
from dunning.core.overdue.convention import (
    AGES_FROM,
    CHARGE_OFFS,
    CHARGEBACKS,
    COUNTS,
    PAUSES,
    SHIFTS,
    Convention,
)
from dunning.core.overdue.order import Allocation
from dunning.core.overdue.presets import PRESETS

CONVENTION = Table(
    path="convention",
    says="How lateness is counted.",
    holds=Convention,
    withheld=("workdays",),
    required=True,
    presets={name: each.convention for name, each in PRESETS.items()},
    choices={
        "count": COUNTS,
        "ages_from": AGES_FROM,
        "pauses": PAUSES,
        "shift": SHIFTS,
        "charge_off": CHARGE_OFFS,
        "chargebacks": CHARGEBACKS,
    },
    keys={
        "preset": "The convention to start from; the other keys say what differs, in tables of their own, too.",
        "name": "How reports call it. Default `oldest_unpaid`, or the preset's name.",
        "count": "What is counted. Default `days`.",
        "ages_from": "From which date of an instalment lateness counts. Default `due_on`.",
        "first_day": "What the due date itself counts as: 0, or 1 for a day late already. Default 0.",
        "tolerance_amount": "An instalment is met while no more than this is missing (loan's currency). Default 0.",
        "tolerance_share": "The same as a share of the instalment; the larger of the two counts. Default 0.",
        "tolerance_arrears": "Nothing is late while all that is past due is no more than this. Default 0.",
        "materiality": "`{ amount, share, both }`: days count only while arrears exceed an amount and (or, where "
        "`both` is false) a share of the exposure, and from 0 again after. Default: whatever is late counts.",
        "grace": "Days after the due date that do not count as delinquent; a loan or instalment may state its own. "
        "Default 0.",
        "pauses": "Which paused days do not count as delinquent. Default `after_due`.",
        "shift": "Where a due date that is no business day moves. Default `none`.",
        "calendar": "The calendar whose business days those are.",
        "charge_off": "What days do from a write-off on. Default `continue`.",
        "chargebacks": "Whether a payment charged back reopens what it had met, or is an obligation of its own "
        "date. Default `reopen`.",
        "allocation": "`{ order = { by, components }, money, ahead, shortfalls, switches, kinds }`: which money meets "
        "which obligation. Default: pooled, by instalment, interest first.",
    },
)


def in_words(convention: Convention) -> str:
    """Return *convention* as one sentence: its name, and every part that is not the plain one."""
    parts = [_COUNTED[convention.count], *(says(convention) for says in _PARTS)]
    return f"{convention.name}: {'; '.join(part for part in parts if part)}."


_COUNTED = {
    "days": "calendar days since the oldest unmet instalment",
    "mba": "thirty days for each month ended the day before its own day",
    "ots": "thirty days for each month ended on its own day",
    "calendar_months": "thirty days for each whole calendar month",
    "amount_equivalent": "calendar days, and no more than the arrears are worth",
    "recency": "days since the last full payment",
}


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}"


def _from(convention: Convention) -> str:
    first = "the due date is day 1" if convention.first_day else ""
    since = {"invoiced_on": "counted from the invoice", "stated": "counted from a stated date"}
    moved = f"due dates move to the {convention.shift.replace('_', ' ')} business day of {convention.calendar}"
    return "; ".join(
        part
        for part in (first, since.get(convention.ages_from, ""), "" if convention.shift == "none" else moved)
        if part
    )


def _tolerated(convention: Convention) -> str:
    missing = [
        *([f"{_percent(convention.tolerance_share)} %"] if convention.tolerance_share else []),
        *([f"{convention.tolerance_amount:,}"] if convention.tolerance_amount else []),
    ]
    met = f"an instalment is met while no more than {' or '.join(missing)} of it is missing" if missing else ""
    least = convention.tolerance_arrears
    return "; ".join(part for part in (met, f"arrears up to {least:,} are tolerated" if least else "") if part)


def _material(convention: Convention) -> str:
    limits = convention.materiality
    if limits is None:
        return ""
    joined = "and" if limits.both else "or"
    return f"only while arrears exceed {limits.amount:,} {joined} {_percent(limits.share)} % of the exposure"


def _held_back(convention: Convention) -> str:
    grace = f"{convention.grace} day{'' if convention.grace == 1 else 's'} of grace" if convention.grace else ""
    every = "every paused day subtracted" if convention.pauses == "every_day" else ""
    after = {"freeze": "frozen at a write-off", "drop": "0 from a write-off on"}.get(convention.charge_off, "")
    return "; ".join(part for part in (grace, every, after) if part)


def _met_by(convention: Convention) -> str:
    allocation = convention.allocation
    if allocation == Allocation() and convention.chargebacks == "reopen":
        return ""
    turns = "money as it came" if allocation.money == "in_turn" else "money pooled"
    own = "; a chargeback is owed from its own date" if convention.chargebacks == "own_date" else ""
    return f"{turns}, by {allocation.order.by}, then {allocation.ahead}{own}"


_PARTS = (_from, _tolerated, _material, _held_back, _met_by)
