"""
What a reply of the gateway means for a borrower.

    connected to nobody                 not reached: nothing went out, it may be tried again
    2xx with an id                      accepted
    400, 413, 422                       refused for good: this message never goes
    401, 403, 404, 405, 429             refused for now: nothing went out; repair the settings, or wait
    anything else, or no whole reply    unknown: NoAnswerError. It may have gone out

Unknown is the default. Only what the gateway's own documentation says is certain stands above it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from dunning import Accepted, HandedOver, Outgoing, Refused
from dunning.errors import NoAnswerError
from dunning_webhook_sms.gateway import Gateway, NoReplyError, NotReachedError, Reply
from dunning_webhook_sms.secret import Secret, SecretError

TAKEN = (200, 201, 202)
NEVER = {400: "bad_request", 413: "too_long", 422: "not_accepted"}
NOT_NOW = {
    401: "the gateway does not know our token",
    403: "our token may not send",
    404: "the gateway has nothing at this URL",
    405: "the gateway takes no messages at this URL",
    429: "the gateway asked us to slow down",
}
LONGEST_REST = dt.timedelta(hours=1)
"""However long the gateway asks us to wait: a slip of its clock must not silence us for a year."""

# Reasons and references are kept in the journal: words, and never a number that could be somebody's telephone.
_WORD = re.compile(r"[a-z][a-z_]{0,39}")
_REFERENCE = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")


class WebhookSms:
    """
    A channel that posts each text message to *gateway*, under its key.

    Args:
        token: Where the token is that goes with each message.
    """

    batch: Final = 1  # one request, one message: what is unknown about one is then known about the others
    repeatable: Final = True  # the gateway sends once for each Idempotency-Key, however often it is asked

    def __init__(self, gateway: Gateway, *, token: Secret) -> None:
        self._gateway = gateway
        self._token = token
        self._rests_until: dt.datetime | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._gateway!r})"

    def send(self, messages: Sequence[Outgoing], *, now: dt.datetime) -> Sequence[Accepted | Refused | HandedOver]:
        """
        Send *messages* and return one answer for each, in order.

        Raises:
            NoAnswerError: It is unknown whether the message went out.
        """
        return [self._one(message, now) for message in messages]

    def _one(self, message: Outgoing, now: dt.datetime) -> Accepted | Refused:
        if now > message.not_after:
            return Refused(reason="it came past its not_after")
        if message.channel != "sms" or message.executor or not message.address:
            return Refused(reason="it is no text message to a borrower")
        if self._rests_until is not None and now < self._rests_until:
            return Refused(reason=NOT_NOW[429], final=False)
        try:
            token = self._token.read()
            reply = self._gateway.post(_body(message), _headers(message, token))
        except SecretError as error:
            return Refused(reason=str(error), final=False)
        except NotReachedError as error:
            return Refused(reason=f"the gateway was not reached ({error})", final=False)
        except NoReplyError as error:
            raise NoAnswerError(f"The gateway was asked and gave no whole reply ({error}).") from None
        return self._answer(reply, now)

    def _answer(self, reply: Reply, now: dt.datetime) -> Accepted | Refused:
        if reply.status in TAKEN and (reference := _matching(_REFERENCE, reply.said.get("id"))):
            return Accepted(reference=reference)
        if reply.status in NEVER:
            return Refused(reason=_matching(_WORD, reply.said.get("error")) or NEVER[reply.status])
        if reply.status in NOT_NOW:
            if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
                self._rests_until = now + _rest(reply.retry_after, now)
            return Refused(reason=NOT_NOW[reply.status], final=False)
        raise NoAnswerError(f"The gateway replied {reply.status}, which does not say whether the message went out.")


def _body(message: Outgoing) -> dict[str, str]:
    return {"to": message.address, "text": message.body, "valid_until": message.not_after.isoformat()}


def _headers(message: Outgoing, token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": message.key}


def _matching(form: re.Pattern[str], value: object) -> str:
    return value if isinstance(value, str) and form.fullmatch(value) else ""


def _rest(retry_after: str, now: dt.datetime) -> dt.timedelta:
    """Return how long to leave the gateway alone: seconds, or an HTTP date (RFC 9110, 10.2.3); nothing if neither."""
    if re.fullmatch(r"[0-9]{1,9}", retry_after):
        asked = dt.timedelta(seconds=int(retry_after))
    else:
        try:
            until = parsedate_to_datetime(retry_after)
        except ValueError:
            return dt.timedelta(0)
        asked = (until if until.tzinfo else until.replace(tzinfo=dt.UTC)) - now
    return min(max(asked, dt.timedelta(0)), LONGEST_REST)
