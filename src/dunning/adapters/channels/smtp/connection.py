"""A connection to the server, good for one message after another; and what went wrong where there is none."""

from __future__ import annotations

import contextlib
import os
import smtplib
import ssl
import time
from collections.abc import Callable
from typing import Any

from dunning.adapters.channels.smtp.answers import codes
from dunning.adapters.channels.smtp.setting import SmtpSetting
from dunning.errors import DunningError

_IDLE = 30.0  # seconds after which a kept connection may be dead without anybody having said so
_END = b"\r\n.\r\n"


class NoConnectionError(Exception):
    """No connection came about, so nothing went out. The message names no address and no secret."""


class _Client:
    """
    What both clients of smtplib have in common.

    `handed_over` turns true when the last byte of a message was given to the system: from there on silence means that
    nobody knows. Before it the server holds half a message, which it must not deliver (RFC 5321, 4.1.1.4).
    """

    handed_over = False
    answer_timeout = 0.0
    pid = 0
    used_at = 0.0

    def send(self, s: Any) -> None:
        """Send, and note the end of a message."""
        super().send(s)  # type: ignore[misc]
        if isinstance(s, bytes) and s.endswith(_END):
            self.handed_over = True
            self.sock.settimeout(self.answer_timeout)  # type: ignore[attr-defined]


class Plain(_Client, smtplib.SMTP):
    """A connection that begins unencrypted."""


class Encrypted(_Client, smtplib.SMTP_SSL):
    """A connection that is encrypted from its first byte."""


Connection = Plain | Encrypted


def connect(setting: SmtpSetting, password: Callable[[], str] | None) -> Connection:
    """
    Return a connection that is ready for messages: encrypted and logged in, as *setting* says.

    Raises:
        NoConnectionError: With the reason. Nothing went out.
    """
    client: Connection | None = None
    try:
        client = _reach(setting)
        client.answer_timeout = float(setting.answer_timeout)
        client.pid = os.getpid()
        _prepare(client, setting, password)
    except BaseException as error:
        if client is not None:
            client.close()
        if isinstance(error, Exception):
            # Not `from error`: a library's message may quote a password that cannot be encoded, or an answer.
            raise NoConnectionError(_why(error)) from None
        raise
    return client


def _reach(setting: SmtpSetting) -> Connection:
    more: dict[str, Any] = {"local_hostname": setting.id_domain, "timeout": float(setting.timeout)}
    if setting.security == "tls":
        return Encrypted(setting.host, setting.connects_to, context=_trust(setting), **more)
    return Plain(setting.host, setting.connects_to, **more)


def _trust(setting: SmtpSetting) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(setting.ca_file) if setting.ca_file is not None else None)


def _prepare(client: Connection, setting: SmtpSetting, password: Callable[[], str] | None) -> None:
    if setting.security == "starttls":
        client.ehlo_or_helo_if_needed()
        if not client.has_extn("starttls"):
            raise NoConnectionError("the server offers no STARTTLS, and without encryption nothing is sent")
        code, text = client.starttls(context=_trust(setting))
        if code != 220:  # noqa: PLR2004 - RFC 3207, 4
            raise NoConnectionError(f"the server refuses encryption ({codes(code, text)})")
    client.ehlo_or_helo_if_needed()
    if setting.user:
        client.login(setting.user, _asked(password))


def _asked(password: Callable[[], str] | None) -> str:
    """Return the password, from whatever the host keeps it in; its errors are about no server."""
    if password is None:
        raise NoConnectionError("a user is stated, and no password")
    try:
        found = password()
    except DunningError:
        raise
    except Exception as error:  # noqa: BLE001 - a host's own code; its message may quote what it found
        raise NoConnectionError(f"the password cannot be looked up ({type(error).__name__})") from None
    if not isinstance(found, str):
        raise NoConnectionError(f"the password is no text ({type(found).__name__})")
    return found


def _why(error: Exception) -> str:  # noqa: PLR0911 - one line a reason
    match error:
        case NoConnectionError():
            return str(error)
        case DunningError():
            return str(error)  # the password cannot be looked up, and why
        case smtplib.SMTPAuthenticationError():
            return f"the server refuses user or password ({codes(error.smtp_code, error.smtp_error)})"
        case smtplib.SMTPNotSupportedError():
            return "the server offers no login that is understood here"
        case smtplib.SMTPResponseException():
            return f"the server refuses the connection ({codes(error.smtp_code, error.smtp_error)})"
        case ssl.SSLCertVerificationError():
            return f"the server's certificate is not trusted ({error.verify_message})"
        case ssl.SSLError():
            return f"encryption failed ({error.reason or 'no reason given'})"
        case UnicodeError():
            return "user or password holds characters that a login cannot carry"
        case TimeoutError():
            return "the server did not answer in time"
        case _:
            return f"the server cannot be reached, hung up or was too slow ({type(error).__name__})"


def idle(client: Connection) -> None:
    """Note that *client* is ready for another message."""
    client.handed_over = False
    client.used_at = time.monotonic()


def usable(client: Connection) -> bool:
    """Whether *client* is this process's own, and was used a moment ago; a fork inherits its parent's."""
    return client.pid == os.getpid() and client.sock is not None and time.monotonic() - client.used_at < _IDLE


def hang_up(client: Connection) -> None:
    """Close *client*, politely if it is our own; harmless when repeated."""
    if client.pid == os.getpid() and client.sock is not None:
        with contextlib.suppress(OSError, smtplib.SMTPException, ValueError):
            client.sock.settimeout(1.0)
            client.quit()
    client.close()
