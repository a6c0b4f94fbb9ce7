"""A small lender to test with: the shipped policy, signed; a book in memory; channels that note what they are given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from dunning.adapters.books.memory import MemoryBook
from dunning.adapters.interfaces.channel import Channel, HandedOver
from dunning.adapters.interfaces.loan_book import LoanBook
from dunning.adapters.interfaces.storage import Storage
from dunning.adapters.policy.document import Policy
from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.adapters.storage.memory import MemoryStorage
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import Person
from dunning.engine import Engine
from dunning.plugins.hooks import Hooks, build_hooks
from dunning.testing.builders import LENDER, NOON, TODAY
from dunning.testing.channels import RecordingChannel

SENDER: Mapping[str, Mapping[str, str]] = {
    "en": {
        "lender": "Example Auto Finance",
        "caller_name": "Example",
        "product": "car loan",
        "phone_back": "+1 617 555 0100",
        "hardship_line": "+1 617 555 0101",
        "complaint_line": "+1 617 555 0102",
        "stop_how": "Reply STOP to get no more of these.",
        "agency": "the agency",
    },
    "zh-CN": {
        "lender": "示例汽车金融",
        "caller_name": "示例",
        "product": "汽车贷款",
        "phone_back": "+86 100 0000 0000",
        "hardship_line": "+86 100 0000 0001",
        "complaint_line": "+86 100 0000 0002",
        "stop_how": "回复TD退订。",
        "agency": "受托机构",
    },
}


@lru_cache
def signed_policy(name: str = "auto") -> Policy:
    """Return the shipped policy *name*, signed by two roles."""
    return read_policy(sign(shipped(name), business="head of collections", legal="general counsel", on=TODAY))


def work_queue() -> RecordingChannel:
    """Return a queue for people: it takes everything as an allowance of two days from `NOON`."""
    return RecordingChannel(HandedOver(until=NOON + dt.timedelta(days=2)))


@lru_cache
def plain_hooks() -> Hooks:
    """Return the built-in plugins alone, loaded once: nothing about them changes from engine to engine."""
    return build_hooks()


def an_engine(
    loans: Sequence[Loan] = (),
    persons: Sequence[Person] = (),
    *,
    book: LoanBook | None = None,
    current_through: dt.date = TODAY,
    storage: Storage | None = None,
    channel: Channel | None = None,
    queue: Channel | None = None,
    policy: Policy | None = None,
    **more: Any,
) -> Engine:
    """
    Return an engine over *loans* and *persons*, on the shipped policy.

    Args:
        book: Instead of *loans* and *persons* in memory.
        channel: Carries every kind of channel; a recording one by default.
        queue: Carries every work queue.
        more: Passed on to `Engine`.
    """
    stated = policy or signed_policy()
    carrier = channel or RecordingChannel()
    people = queue or work_queue()
    if not more.keys() & {"plugins", "hooks", "discover", "disabled"}:
        more["hooks"] = plain_hooks()
    return Engine(
        lender=LENDER,
        book=book or MemoryBook(loans=loans, persons=persons, current_through=current_through),
        storage=storage or MemoryStorage(),
        policies=stated,
        channels={setting.kind: carrier for setting in stated.channels},
        queues={setting.name: people for setting in stated.queues},
        **{"sender": SENDER, **more},
    )
