"""A template as it was written, and a message as it goes out."""

from __future__ import annotations

import re
from typing import Any

from attrs import field, frozen

from dunning.adapters.templates.variables import DISCLOSURES
from dunning.core import values
from dunning.core.hold import CHANNELS, PURPOSES
from dunning.errors import FactsError

TEXT_PURPOSES = (*PURPOSES, "internal")
"""What a text is for; *internal* is a sheet for the lender's own people and agents, never for a borrower."""

CHANNEL_KINDS = (*CHANNELS, "referral")
"""For which channels a text was written; *referral* is handed to people or an agency, and is not a contact."""

NAME = re.compile(r"[a-z][a-z0-9_]*")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


def _matches(pattern: re.Pattern[str], example: str) -> Any:
    def checked(instance: object, attribute: Any, value: Any) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise FactsError(
                f"{type(instance).__name__}.{attribute.name} must look like {example}, not {value!r}",
                field=attribute.name,
            )

    return checked


def _level(instance: object, attribute: Any, value: Any) -> None:
    if value != "":
        values.one_of(*DISCLOSURES)(instance, attribute, value)


def _channels(instance: object, attribute: Any, value: Any) -> None:
    values.tuple_of(str)(instance, attribute, value)
    for kind in value:
        values.one_of(*CHANNEL_KINDS)(instance, attribute, kind)


@frozen(kw_only=True)
class Template:
    """
    A text with variables, in one language, that declares what it gives away.

    Args:
        body: What is written, or said to whoever answers.
        verified_body: What a script says once identity is verified; empty where the text has no such part.
        discloses: What `subject` and `body` give away: nothing, lender, debt.
        discloses_verified: The same for `verified_body`; empty where there is none.
        channel_kinds: Kinds of channel for which the text was written.
        uses: Every variable in it.
        needs: The variables without which it cannot be rendered (the rest stand behind an `if`).
        source: Where it was read, for error messages.
    """

    name: str = field(validator=_matches(NAME, "soft_message"))
    language: str = field(validator=_matches(LANGUAGE, "en or zh-CN"))
    subject: str = field(default="", repr=False)
    body: str = field(validator=values.text, repr=False)
    verified_body: str = field(default="", repr=False)
    discloses: str = field(validator=values.one_of(*DISCLOSURES))
    discloses_verified: str = field(default="", validator=_level)
    purpose: str = field(validator=values.one_of(*TEXT_PURPOSES))
    channel_kinds: tuple[str, ...] = field(validator=_channels)
    uses: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    source: str = "template"

    def __attrs_post_init__(self) -> None:
        if bool(self.verified_body) != bool(self.discloses_verified):
            raise FactsError(
                "Template.discloses_verified says what verified_body gives away: state both or neither.",
                field="discloses_verified",
            )


@frozen(kw_only=True)
class Message:
    """
    A rendered text. Its words are personal data and stay out of `repr`.

    `verified_body` is for the person alone, once identity is verified; `body` is for whoever reads or answers.
    """

    subject: str = field(repr=False)
    body: str = field(repr=False)
    verified_body: str = field(default="", repr=False)
    language: str
    template: str
    purpose: str
    discloses: str
    discloses_verified: str = ""
