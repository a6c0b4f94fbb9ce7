"""The table of a policy that says how lateness is counted."""

from __future__ import annotations

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
        "preset": "The convention to start from; the other keys say what differs.",
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
        "allocation": "`{ order = { by, components }, money, ahead, switches, kinds }`: which money meets which "
        "obligation. Default: pooled, by instalment, interest first.",
    },
)
