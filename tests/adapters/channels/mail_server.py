"""A mail server on loopback for tests: aiosmtpd, with an answer to each command that a test can choose."""

import asyncio
import contextlib
import socket
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = "dunning", "canary-password-41"


class Inbox:
    """
    What the server says, and what came out.

    Args:
        rcpt, mail, data: The answer to RCPT, to MAIL, to the end of a message; None accepts. A list is used up.
        before_data, after_data: Called inside the server; may wait on `release`, or drop the connection.
    """

    def __init__(self, *, rcpt=None, mail=None, data=None, after_data=None, after_rcpt=None):
        self.answers = {"rcpt": rcpt, "mail": mail, "data": data}
        self.after_data = after_data
        self.after_rcpt = after_rcpt
        self.mails, self.envelopes, self.connections = [], [], 0
        self.release = threading.Event()

    def _answer(self, name):
        answer = self.answers[name]
        if isinstance(answer, list):
            return answer.pop(0) if answer else None
        return answer

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        no = self._answer("mail")
        if no:
            return no
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        no = self._answer("rcpt")
        if self.after_rcpt:
            await self.after_rcpt(self, server)
        if no:
            return no
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.after_data:
            await self.after_data(self, server)
        no = self._answer("data")
        if no:
            return no
        self.mails.append(envelope.original_content)
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos), list(envelope.mail_options)))
        return "250 2.0.0 queued"


async def hang(inbox, server):
    """Say nothing until the test is over."""
    while not inbox.release.is_set():  # noqa: ASYNC110 - set from the test's own thread
        await asyncio.sleep(0.01)


async def drop(inbox, server):
    """Hang up."""
    server.transport.abort()


def _login(server, session, envelope, mechanism, data):
    right = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
    return AuthResult(success=right, handled=False)


class _Server(SMTP):
    inbox = None

    def connection_made(self, transport):
        self.inbox.connections += 1
        super().connection_made(transport)


@contextlib.contextmanager
def serving(inbox, *, tls=None, starttls=None, login=False, utf8=True):
    """Run a server with *inbox*; yield its port. *tls*, *starttls* are its SSL contexts."""

    class Here(Controller):
        def factory(self):
            server = _Server(
                self.handler,
                hostname="mail.test",
                enable_SMTPUTF8=utf8,
                tls_context=starttls,
                authenticator=_login if login else None,
                auth_required=login,
                auth_require_tls=not login,
            )
            server.inbox = inbox
            return server

    here = Here(inbox, hostname="127.0.0.1", port=0, ssl_context=tls)
    here.port = free_port()
    here.start()
    inbox.connections = 0  # the controller has tried the port itself
    try:
        yield here.port
    finally:
        inbox.release.set()
        here.stop()


def free_port():
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
