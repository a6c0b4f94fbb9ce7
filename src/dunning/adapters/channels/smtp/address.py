"""An e-mail address, ready for an envelope: its domain in ASCII, its left side as it is."""

from __future__ import annotations

import re

from attrs import frozen

# RFC 5322, 3.2.3: a dot-atom, and whatever is not ASCII (RFC 6531, 3.3). Quoted left sides are left out on purpose:
# they can hold what means something to a server or a header.
_ATOM = r"[^\x00-\x20\x7f\"(),:;<>@\[\\\].]+"
_LEFT = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_LEFT_LIMIT, _LIMIT = 64, 254  # RFC 5321, 4.5.3.1, in octets


class NotAnAddressError(ValueError):
    """A text is no e-mail address. The message never quotes it."""


@frozen
class Addressed:
    """An address for an envelope. `utf8`: only a server with SMTPUTF8 can take it."""

    spec: str
    utf8: bool

    def __repr__(self) -> str:
        return f"{type(self).__name__}(utf8={self.utf8})"


def addressed(text: str) -> Addressed:
    """
    Return *text* as an address for an envelope.

    Raises:
        NotAnAddressError: It is none, or is one that no mail server takes.
    """
    left, at, domain = text.rpartition("@")
    # "=?" begins an encoded word (RFC 2047), which some readers of To decode to another address than the envelope's.
    if not at or not text.isprintable() or not _LEFT.fullmatch(left) or "=?" in left:
        raise NotAnAddressError("it is no e-mail address")
    try:
        ascii_domain = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        raise NotAnAddressError("its domain cannot be written in ASCII") from None
    spec = f"{left}@{ascii_domain}"
    if not _DOMAIN.fullmatch(ascii_domain) or len(left.encode()) > _LEFT_LIMIT or len(spec.encode()) > _LIMIT:
        raise NotAnAddressError("it is no e-mail address")
    return Addressed(spec=spec, utf8=not left.isascii())
