"""What the far side of a channel said later of a message."""

from __future__ import annotations

import datetime as dt
import re

from attrs import field, frozen

from dunning.core import values
from dunning.errors import FactsError

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@frozen(kw_only=True)
class Receipt:
    """
    What the far side of a channel said later of a message that it took.

    Args:
        entry: The entry's key; or
        reference: the channel's own id for the message, together with loan_id.
        loan_id: A loan of the entry; found by its key where it is left out.
        state: delivered; bounced (it did not arrive); deferred (it has not arrived yet).
        final: Of a bounce: whether the address is at fault for good, as far as the far side knows.
        reason: Its status code (RFC 3463), such as 5.1.1. A code and no text, which might quote the address.
    """

    id: str = field(validator=values.text)
    at: dt.datetime = field(validator=values.instant)
    state: str = field(validator=values.one_of("delivered", "bounced", "deferred"))
    entry: str = ""
    reference: str = ""
    loan_id: str = ""
    final: bool = True
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.entry and not (self.reference and self.loan_id):
            raise FactsError("State the entry; or the reference, with the loan_id.", field="entry")
        if self.reason and not _CODE.fullmatch(self.reason):
            raise FactsError("A reason is a code of at most 40 letters, digits, dots and dashes.", field="reason")
