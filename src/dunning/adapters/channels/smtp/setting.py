"""What an SMTP channel is told: server, security, who speaks, where replies and bounces go."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.utils import getaddresses
from pathlib import Path

from attrs import field, frozen

from dunning.adapters.channels.smtp.address import NotAnAddressError, addressed
from dunning.errors import FactsError

SECURITIES = ("starttls", "tls", "none")
PORTS = {"starttls": 587, "tls": 465, "none": 25}  # RFC 8314, 3.3 and 7.3; RFC 5321
_URL = re.compile(r"https://[!-;=?-~]+")  # printable ASCII without < and >, which delimit it in the header
_LONGEST = 800  # RFC 5322, 2.1.1: a line has at most 998 characters


@frozen(kw_only=True)
class SmtpSetting:
    """
    How an SMTP channel reaches its server, and who speaks.

    Args:
        host, port: The server; port 0 takes the usual one of the security.
        security: starttls (demanded: without it nothing is sent), tls (from the first byte), none.
        ca_file: Certificates to trust in place of the system's.
        user: Whom to log in as; empty: nobody. The password is no setting: the channel asks for it when it connects.
        allow_plain_login: With security none, log in all the same: whoever listens can read the password.
        timeout: Seconds that each answer of the server may take.
        answer_timeout: The same for the answer to a message that was handed over whole. The shorter, the more often
            nobody knows (RFC 5321, 4.5.3.2.6, suggests ten minutes; an entry is leased for ten).
        sender: From, as `Name <address>`.
        reply_to, on_behalf: Reply-To and Sender, in the same form; empty: left out.
        bounces_to: The envelope's sender, to which bounces go; empty: the address in `sender`.
        domain: Right side of each Message-ID, and our name in greetings; empty: that of `sender`.
        unsubscribe_url: Where somebody says that they want no more of these, with one click (RFC 8058); an https
            address in which `{key}` stands for the entry's key.
        unsubscribe_mail: The same by mail (RFC 2369).

    Raises:
        FactsError: Something cannot be so; `field` names it.
    """

    host: str
    port: int = 0
    security: str = "starttls"
    ca_file: Path | None = None
    user: str = field(default="", repr=False)
    allow_plain_login: bool = False
    timeout: int = 30
    answer_timeout: int = 120
    sender: str
    reply_to: str = ""
    on_behalf: str = ""
    bounces_to: str = ""
    domain: str = ""
    unsubscribe_url: str = ""
    unsubscribe_mail: str = ""

    def __attrs_post_init__(self) -> None:
        _check(self.host.isascii() and self.host.isprintable() and " " not in self.host, "host", "Name a host.")
        _check(bool(self.host), "host", "Name the server.")
        _check(0 <= self.port < 1 << 16, "port", "A port is a number up to 65535.")
        _check(self.security in SECURITIES, "security", f"Security is one of {', '.join(SECURITIES)}.")
        _check(1 <= self.timeout <= _MOST, "timeout", f"State 1 to {_MOST} seconds.")
        _check(1 <= self.answer_timeout <= _MOST, "answer_timeout", f"State 1 to {_MOST} seconds.")
        _check(self.ca_file is None or self.ca_file.is_file(), "ca_file", "There is no such file of certificates.")
        unencrypted = self.security == "none" and bool(self.user) and not self.allow_plain_login
        _check(not unencrypted, "security", "Without encryption anybody on the way can read the password. Choose "
               "starttls or tls; or state allow_plain_login = true for a server on the same machine.")  # fmt: skip
        _check(bool(self.sender), "from", "State who speaks, such as Example Auto Finance <service@lender.example>.")
        for name in ("sender", "reply_to", "on_behalf"):
            mailbox(getattr(self, name), _OPTION.get(name, name))
        for name in ("bounces_to", "unsubscribe_mail"):
            mailbox(getattr(self, name), name, bare=True)
        _check(not self.domain or _HOST.fullmatch(self.domain) is not None, "domain", "It is no domain name.")
        url = self.unsubscribe_url
        good = not url or (_URL.fullmatch(url) is not None and "{key}" in url and len(url) < _LONGEST)
        _check(
            good, "unsubscribe_url", "Write an https address with {key} in it, such as https://lender.example/{key}."
        )
        # RFC 2047, 2: a reader that takes it for an encoded word would see another address.
        _check("=?" not in url, "unsubscribe_url", 'Write "=?" as "=%3F": in a header it begins an encoded word.')

    @property
    def connects_to(self) -> int:
        """The port."""
        return self.port or PORTS[self.security]

    @property
    def envelope(self) -> str:
        """The envelope's sender."""
        return self.bounces_to or _spec(self.sender, "from")

    @property
    def id_domain(self) -> str:
        """Right side of each Message-ID, in ASCII."""
        return self.domain or _spec(self.sender, "from").rpartition("@")[2]


def mailbox(text: str, name: str, *, bare: bool = False) -> Address | None:
    """
    Return the one mailbox in *text*, None where it is empty; `Name <address>`, or only the address if *bare*.

    Raises:
        FactsError: It is none, or several. *name* is the field that it names.
    """
    if not text:
        return None
    advice = "Write one address, as in " + ("bounces@lender.example." if bare else "Name <service@lender.example>.")
    found = getaddresses([text]) if text.isprintable() else []
    _check(len(found) == 1 and bool(found[0][1]), name, advice)
    display, spec = found[0][0].strip(), found[0][1]  # quotes may hold a name of blanks, which is none
    _check(not (bare and display), name, advice)
    try:
        ready = addressed(spec)
    except NotAnAddressError:
        raise FactsError(advice, field=name) from None
    _check(ready.spec.isascii(), name, "The lender's own address is written in ASCII.")
    return Address(display_name=display, addr_spec=ready.spec)


def _spec(text: str, name: str) -> str:
    found = mailbox(text, name)
    return found.addr_spec if found is not None else ""


def _check(holds: object, name: str, advice: str) -> None:
    if not holds:
        raise FactsError(advice, field=name)


_MOST = 600
_OPTION = {"sender": "from", "on_behalf": "sender"}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
