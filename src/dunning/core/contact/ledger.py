"""The contact record: the one ledger line of a contact that happened or may have happened, by anybody."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

from attrs import field, frozen

from dunning.core import values
from dunning.core.hold import CHANNELS, PURPOSES

# The ladder of what was reached. A later rung includes the earlier ones.
OUTCOMES = ("not_connected", "attempted", "connected", "identity_verified", "conversation")
ACTORS = ("lender", "collector", "robot", "agency", "borrower")


@frozen(kw_only=True)
class ContactRecord:
    """
    One line of the ledger that caps count.

    A line with the same `id` and a later `recorded_at` corrects the earlier one, also retroactively: a number found to
    be wrong no longer counts.

    Args:
        direction: out (we to them) or in (they to us).
        at: When it happened; for electronic messages when it was sent (12 CFR 1006 comment 6(b)(1)(i)-1).
        outcome: One of `OUTCOMES`; None is unknown, and counts as far as it may have gone.
        reserved: It may yet happen, or may have happened: it counts until an answer is known.
        void: Nothing went out after all (the channel refused it); no cap counts it.
        workplace: It was made to where the person works.
        message_left: It left a message, on a machine or with somebody.
        wrong_number: It reached somebody else; caps that except misdirected contacts do not count it.
        reply_to: The id of the inbound line that it answers.
    """

    id: str = field(validator=values.text)
    direction: str = field(validator=values.one_of("out", "in"))
    purpose: str = field(validator=values.one_of(*PURPOSES))
    channel: str = field(validator=values.one_of(*CHANNELS))
    person_id: str = field(validator=values.text)
    role: str = "borrower"
    loan_ids: tuple[str, ...] = field(default=(), validator=values.names)
    point_id: str = ""
    household: str = ""
    device: str = ""
    actor: str = field(default="lender", validator=values.one_of(*ACTORS))
    actor_id: str = ""
    at: dt.datetime = field(validator=values.told_instant)
    outcome: str | None = field(default=None, validator=values.maybe(values.one_of(*OUTCOMES)))
    reserved: bool = False
    workplace: bool = False
    message_left: bool = False
    wrong_number: bool = False
    requested_call_back: bool = False
    reply_to: str = ""
    void: bool = False
    recording: str = ""
    entry_key: str = ""
    recorded_at: dt.datetime = field(validator=values.instant)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The cap keys under which this line counts: person, debts, point, household, device."""
        return cap_keys(
            person_id=self.person_id,
            loan_ids=self.loan_ids,
            point_id=self.point_id,
            household=self.household,
            device=self.device,
        )


def dated_early(line: ContactRecord) -> bool:
    """Whether *line* tells of what had not happened when it was recorded; what is reserved or void does not."""
    return line.at > line.recorded_at and not line.reserved and not line.void


def cap_keys(
    *, person_id: str, loan_ids: tuple[str, ...] = (), point_id: str = "", household: str = "", device: str = ""
) -> tuple[str, ...]:
    """Return the sorted keys that a contact counts under, and that a reservation locks."""
    keys = [f"person:{person_id}", *(f"debt:{loan_id}" for loan_id in loan_ids)]
    for kind, value in (("point", point_id), ("household", household), ("device", device)):
        if value:
            keys.append(f"{kind}:{value}")
    return tuple(sorted(keys))
