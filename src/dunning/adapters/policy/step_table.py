"""The keys of a step, the same in tiers, tracks and shared steps."""

from __future__ import annotations

from collections.abc import Mapping

from dunning.core.facts.loan import ROLES
from dunning.core.hold import CHANNELS, PURPOSES
from dunning.core.ladder.case import REQUEST_KINDS
from dunning.core.steps.step import GOALS, RESULTS

STEP_CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": ("contact", "referral", "visit", "request"),
    "request": REQUEST_KINDS,
    "purpose": PURPOSES,
    "parties": ROLES,
    "goal": GOALS,
    "channels": CHANNELS,
    "stops_on": RESULTS,
    "retires_on": RESULTS,
    "discloses": ("nothing", "lender", "debt"),
}
STEP_KEYS: Mapping[str, str] = {
    "trigger": "When it falls due: exactly one of `{ before_first_due = n }` (days before the loan's first due date),"
    " `{ before_due = n }` (days before the next due date),"
    " `{ past_due = n }` (the day on which delinquent days reach n), `{ stay = n }` (days after entering the tier),"
    " `{ track = n }` (days after the track started), `{ promise = n }` (days after the promised date, or before"
    " it if negative, where that lies after the day on which it was made),"
    ' `{ event = "…", days = n }`, `{ exhausted = "step", days = n }`.',
    "when": "Lower bounds on the situation that must hold as well, all of them: `{ returned_debits = 2 }`.",
    "kind": "`contact` (default), `referral` (a work item), `visit`, or `request` (asks for approval).",
    "request": "For kind `request`: what is asked for. Approval starts the track of that name.",
    "purpose": "Why we speak; rules, holds and caps bind by it. Default `collection`.",
    "parties": "Roles in order; a role is addressed when those before it cannot be reached. Default the borrower.",
    "goal": "What ends the step well. Default `delivered`.",
    "channels": "In order; the next is tried when the points of the one before are used up.",
    "attempts": "Attempts altogether, at most (inclusive). Default 1.",
    "attempts_per_day": "Attempts a day, at most (inclusive). Default 1.",
    "attempts_per_point": "Attempts at one contact point, at most (inclusive). Default 1.",
    "spacing_hours": "Hours between two attempts, at least. Default 0.",
    "stops_on": "Results that end the step.",
    "retires_on": "Results that retire the contact point. Default `wrong_number`, `not_in_service`.",
    "executor": "The work queue of the people who do it; empty: the channel itself.",
    "template": "The text; needed for everything but a request.",
    "discloses": "What is said before identity is verified: nothing, lender or debt (default). It must be"
    " what the template declares.",
    "priority": "Higher goes first. Default 0.",
    "expires_after": "Days from falling due; on that day it has lapsed (exclusive). Default 3. A statutory notice never"
    " lapses while its tier or track stands.",
    "answer_within": "Days from sending that the text gives to pay or answer (inclusive). Default 7. A deadline that a"
    " law prescribes is stated here.",
    "alarm_after": "For statutory notices: days after falling due at which an unsent one raises an alarm.",
}
