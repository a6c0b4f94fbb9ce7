"""A small policy that is sound, to be made wrong in one place at a time."""

import pytest

from dunning.adapters.codec.rule_pack import shipped_rule_pack
from dunning.adapters.templates import load_templates

SMALL = """\
[policy]
id = "small"
version = "1"
title = "A small policy"
effective_from = 2026-01-01
stale_after_days = 2
languages = ["en"]

[convention]

[[labels]]
name = "cn_m"
source = "usage"
rows = [{ label = "M0", from_days = 0, to_days = 0 }, { label = "M1+", from_days = 1 }]

[ladder]
order = ["current", "reminder", "soft"]
probation = 90

[tiers.current.steps.due_soon]
trigger = { before_due = 3 }
purpose = "service"
channels = ["sms"]
template = "due_soon"

[tiers.reminder]
entry = [{ delinquent_days = 1 }]

[tiers.reminder.steps.reminder_first]
trigger = { stay = 0 }
channels = ["sms"]
template = "reminder_first"

[tiers.soft]
entry = [{ delinquent_days = 11 }, { delinquent_days = 6, broken_promises = 1 }]
minimum_stay = 7

[tiers.soft.steps.soft_call]
trigger = { stay = 2 }
goal = "right_party"
channels = ["call"]
executor = "collectors"
template = "soft_call"
discloses = "nothing"

[tiers.soft.steps.soft_letter]
trigger = { exhausted = "soft_call" }
channels = ["letter"]
template = "soft_letter"

[tiers.soft.steps.prelegal_notice]
trigger = { stay = 9 }
purpose = "statutory_notice"
channels = ["letter"]
template = "prelegal_notice"
alarm_after = 4

[tiers.soft.steps.visit_request]
trigger = { stay = 8 }
kind = "request"
request = "visit"

[shared.promise_broken]
tiers = ["reminder", "soft"]
trigger = { event = "promise_broken" }
channels = ["sms"]
template = "promise_broken"

[tracks.visit.steps.visit_card]
trigger = { track = 1 }
kind = "visit"
channels = ["visit"]
executor = "collectors"
template = "visit_card"
discloses = "nothing"

[promises]
most_per_episode = 2
longest_days = 7
most_days = 14
grace_days = 1

[approvals.visit]
expires_after = 5
by = ["supervisor"]

[queues.collectors]
description = "collectors"
adapter = "folder"
allowance_hours = 8

[channels]
sms = { adapter = "folder" }
call = { adapter = "folder" }
letter = { adapter = "folder" }
visit = { adapter = "folder" }

[rules]
packs = ["cn"]

[house.hours.sms]
windows = ["mon-sun 09:00-20:00"]
why = "a choice"

[house.hours.call]
windows = ["mon-sun 09:00-20:00"]
why = "a choice"

[house.hours.letter]
windows = ["mon-sun 09:00-20:00"]
why = "a choice"

[house.hours.visit]
windows = ["mon-sun 09:00-18:00"]
why = "a choice"

[holds]
dispute = { subject = "loan", reviewer = "collectors" }
hardship = { subject = "person", reviewer = "collectors" }
promise = { subject = "loan", reviewer = "collectors" }
pending_money = { subject = "loan", days = 5, reviewer = "collectors" }
complaint = { subject = "loan", reviewer = "collectors" }
bankruptcy = { subject = "person", reviewer = "collectors" }
attorney = { subject = "person", reviewer = "collectors" }
death = { subject = "person", reviewer = "collectors" }
cease = { subject = "person", reviewer = "collectors" }
wrong_person = { subject = "point", reviewer = "collectors" }
manual = { subject = "loan", reviewer = "collectors" }

[lender]
evidence = ["two_visitors", "identity_shown", "recording"]
"""


@pytest.fixture
def small():
    """The text of a small sound policy."""
    return SMALL


@pytest.fixture
def edit():
    """Replace the one place where *old* stands in the small policy."""

    def edited(old, new):
        assert SMALL.count(old) == 1, f"{old!r} stands {SMALL.count(old)} times"
        return SMALL.replace(old, new)

    return edited


@pytest.fixture(scope="session")
def templates():
    """The texts that we ship."""
    return load_templates()


@pytest.fixture(scope="session")
def shipped_with(templates, packs):
    """All that a check can look at."""
    return {"templates": templates, "rules": packs, "adapters": {"folder"}}


@pytest.fixture(scope="session")
def packs():
    """The rule packs that the shipped policy uses."""
    return tuple(shipped_rule_pack(name) for name in ("us", "us_ma", "cn"))
