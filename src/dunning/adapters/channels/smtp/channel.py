"""The SMTP channel: one message after another over a kept connection, and one answer for each."""

from __future__ import annotations

import datetime as dt
import smtplib
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence

from dunning.adapters.channels.smtp.address import NotAnAddressError
from dunning.adapters.channels.smtp.answers import CLOSING, GOOD, codes, refused
from dunning.adapters.channels.smtp.connection import (
    Connection,
    NoConnectionError,
    connect,
    hang_up,
    idle,
    usable,
)
from dunning.adapters.channels.smtp.head import BadHeadError
from dunning.adapters.channels.smtp.mail import BadKeyError, BadTextError, Mail, mail
from dunning.adapters.channels.smtp.setting import SmtpSetting
from dunning.adapters.interfaces.channel import Accepted, Answer, Outgoing, Refused
from dunning.errors import NoAnswerError

_NO_UTF8 = "the address needs SMTPUTF8, which the server does not offer"


class SmtpChannel:
    """
    A `Channel` that hands each message to a mail server.

    Accepted means that the server took responsibility for it (2xx after its end); the reference is its Message-ID,
    which follows from the key. Whether it arrives is told later, if at all, by a receipt. Refused is final for a
    lasting no to recipient or message; everything that happened before the end of the message, and every passing no,
    is refused for now: nothing went out. Reasons hold codes, never addresses.

    It may be used by several threads; each has a connection of its own while it sends.

    Args:
        password: Asked whenever a connection is made; never kept.
    """

    def __init__(self, setting: SmtpSetting, *, password: Callable[[], str] | None = None) -> None:
        self._setting = setting
        self._password = password
        self._kept: deque[Connection] = deque()
        self._end = weakref.finalize(self, _hang_up_all, self._kept)

    def __repr__(self) -> str:
        setting = self._setting
        return f"{type(self).__name__}({setting.host!r}, port={setting.connects_to}, security={setting.security!r})"

    @property
    def repeatable(self) -> bool:
        """False: no mail server knows a message again."""
        return False

    @property
    def batch(self) -> int:
        """One: what raises is then unknown about one message alone."""
        return 1

    def close(self) -> None:
        """Hang up. Harmless when repeated; the next message connects anew."""
        _hang_up_all(self._kept)

    def send(self, messages: Sequence[Outgoing], *, now: dt.datetime) -> Sequence[Answer]:
        """
        Send *messages* and return one answer for each, in order.

        A message past its `not_after` (exclusive), work for people, and what has no e-mail address are refused for
        good.

        Raises:
            NoAnswerError: The last byte of a message was handed over, and no answer came.
        """
        return tuple(self._one(message, now) for message in messages)

    def _one(self, message: Outgoing, now: dt.datetime) -> Answer:
        started = time.monotonic()
        if now > message.not_after:
            return Refused(reason="it came past its not_after")
        if message.executor or message.kind != "contact":
            return Refused(reason="it is work for people, and this channel carries mail to borrowers")
        letter = self._made(message, now)
        if isinstance(letter, Refused):
            return letter

        def late() -> bool:
            return now + dt.timedelta(seconds=time.monotonic() - started) > message.not_after

        while self._kept:
            client = self._kept.pop()
            if not usable(client):
                hang_up(client)
                continue
            try:
                return self._over(client, letter, late)
            except NoConnectionError:
                break  # it broke while it was idle, and nothing of this message went out: once more, over a new one
        try:
            return self._over(connect(self._setting, self._password), letter, late)
        except NoConnectionError as error:
            return Refused(reason=str(error), final=False)

    def _made(self, message: Outgoing, now: dt.datetime) -> Mail | Refused:
        try:
            return mail(message, self._setting, now=now)
        except (NotAnAddressError, BadKeyError, BadTextError, BadHeadError) as error:
            return Refused(reason=str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing went out: that is never unknown
            return Refused(reason=f"no mail could be made of it ({type(error).__name__}, a fault of dunning)")

    def _over(self, client: Connection, letter: Mail, late: Callable[[], bool]) -> Answer:
        try:
            client.sock.settimeout(float(self._setting.timeout))  # type: ignore[union-attr]  # it is connected
            answer = _hand_over(client, letter, late)
        except NoConnectionError:
            client.close()
            raise
        except (OSError, smtplib.SMTPException, ValueError) as error:
            client.close()
            if client.handed_over:
                raise NoAnswerError("The message was handed over whole, and the server did not answer.") from None
            what = f"the connection broke before the message was handed over ({type(error).__name__})"
            raise NoConnectionError(what) from None
        except BaseException:
            client.close()
            raise
        if client.sock is not None:
            idle(client)
            self._kept.append(client)
        return answer


def _hand_over(client: Connection, letter: Mail, late: Callable[[], bool]) -> Answer:
    """Say the whole of one message to the server, and return what it answered."""
    no = _envelope(client, letter)
    if no is None and late():
        no = Refused(reason="its window closed while the server was talked to", final=False)
    if no is not None:
        return _given_up(client, no)
    try:
        code, text = client.data(letter.data)
    except smtplib.SMTPDataError as error:  # a no to DATA itself: nothing of the message went out
        return _given_up(client, refused("the message is", error.smtp_code, error.smtp_error))
    if 200 <= code < 300:  # noqa: PLR2004 - RFC 5321, 4.2.1
        return Accepted(reference=letter.message_id)
    if 400 <= code < 600:  # noqa: PLR2004
        return refused("the message is", code, text)
    raise NoAnswerError(f"The message was handed over whole, and the server's answer ({code}) means nothing.")


def _envelope(client: Connection, letter: Mail) -> Refused | None:
    """Say from whom and to whom, and return the server's no if it has one."""
    if letter.utf8 and not (client.has_extn("smtputf8") and client.has_extn("8bitmime")):
        return Refused(reason=_NO_UTF8)
    options = ["SMTPUTF8", "BODY=8BITMIME"] if letter.utf8 else []
    code, text = client.mail(letter.sender, options)
    if code == CLOSING:
        raise NoConnectionError(f"the server hangs up ({codes(code, text)})")
    if code not in GOOD:
        return refused("the sender is", code, text, ours=True)
    code, text = client.rcpt(letter.recipient)
    if code == CLOSING:
        raise NoConnectionError(f"the server hangs up ({codes(code, text)})")
    return None if code in GOOD else refused("the recipient is", code, text)


def _given_up(client: Connection, answer: Refused) -> Refused:
    """Let the server forget what was said so far (RFC 5321, 4.1.1.5), so that the connection is good for more."""
    try:
        code, _ = client.rset()
    except (OSError, smtplib.SMTPException):
        code = CLOSING
    if code not in GOOD:
        client.close()
    return answer


def _hang_up_all(kept: deque[Connection]) -> None:
    while kept:
        hang_up(kept.pop())
