"""One turn of a deliver verb, and a claimed entry as it is seen in that turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import frozen

from dunning.adapters.interfaces.storage import Unit
from dunning.core.facts.loan import Quote
from dunning.core.outbox.entry import Claim, Entry
from dunning.engine.gather import Gathered
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.engine.reports import Delivered
from dunning.errors import DunningError


@frozen(kw_only=True)
class Turn:
    """
    The open unit of a verb, what it writes to the journal, and what it reports.

    `dates` holds the business date of `now` by loan, asked of the book before the unit began.
    """

    parts: Parts
    unit: Unit
    journal: Journal
    report: Delivered
    now: dt.datetime
    dates: Mapping[str, dt.date]


@frozen(kw_only=True)
class Seen:
    """
    A claimed entry on fresh facts.

    Args:
        quote: What the host's ledger says is owed, or why it cannot say.
        kept: Its inputs in the vault.
    """

    claim: Claim
    found: Gathered
    as_of: dt.date
    quote: Quote | DunningError
    kept: tuple[tuple[str, str], ...]

    @property
    def entry(self) -> Entry:
        """The entry as it was claimed."""
        return self.claim.entry
