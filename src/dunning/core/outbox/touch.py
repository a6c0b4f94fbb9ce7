"""A touch: a step falling due for one person. Its key is what makes a rerun add nothing."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property

from attrs import evolve, field, frozen

from dunning.core import values


@frozen(kw_only=True)
class Touch:
    """
    A step falling due for one person.

    Args:
        occurrence: The trigger's date or id.
        attempt: Number of the attempt, from 1; 0 stands for the touch as a whole.
        episode: 0 before lateness.
    """

    lender: str = field(validator=values.text)
    purpose: str = field(validator=values.text)
    person_id: str
    loan_id: str = field(validator=values.text)
    episode: int = field(validator=values.at_least(0))
    stay: int = field(validator=values.at_least(0))
    step: str = field(validator=values.text)
    occurrence: str = field(validator=values.text)
    attempt: int = field(default=0, validator=values.at_least(0))

    @cached_property
    def key(self) -> str:
        """Return 32 hex digits that name this touch, the same on every machine and in every run."""
        return digest(
            self.lender,
            self.purpose,
            self.person_id,
            self.loan_id,
            self.episode,
            self.stay,
            self.step,
            self.occurrence,
            self.attempt,
        )

    @cached_property
    def whole(self) -> Touch:
        """The touch as a whole, whatever the attempt."""
        return evolve(self, attempt=0) if self.attempt else self


def digest(*parts: str | int) -> str:
    """Return 32 hex digits that stand for *parts*; JSON keeps ("a", "b") and ("ab",) apart."""
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
