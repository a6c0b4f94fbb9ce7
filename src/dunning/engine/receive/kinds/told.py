"""What every message has."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from dunning.core import values


@frozen(kw_only=True)
class Told:
    """
    Something that we were told.

    Args:
        id: The sender's id of the message.
        at: The instant at which it happened.
        loan_id: The loan that it is about; it decides on the policy and the business date.
    """

    id: str = field(validator=values.text)
    at: dt.datetime = field(validator=values.instant)
    loan_id: str = field(validator=values.text)
