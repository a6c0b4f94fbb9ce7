"""What a server's reply means. Only its codes are kept: its text may quote the address, or us."""

from __future__ import annotations

import re

from dunning.adapters.interfaces.channel import Refused

_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")  # RFC 3463; RFC 2034 puts it first
# Syntax, sequence, login: these say something about us. So does class 5.7 (policy): a server that will not relay for us
# refuses everybody, and must not use up every borrower's address.
_ABOUT_US = frozenset({500, 501, 502, 503, 504, 530, 534, 535, 538})

GOOD = frozenset({250, 251, 252})
CLOSING = 421


def codes(code: int, text: object) -> str:
    """Return the reply's code, with its enhanced status code where it gives one: `550 5.1.1`."""
    found = _ENHANCED.match(text if isinstance(text, bytes) else str(text).encode("utf-8", "replace"))
    return f"{code} {found[1].decode()}" if found else str(code)


def refused(what: str, code: int, text: object, *, ours: bool = False) -> Refused:
    """
    Return the refusal of *what* by a reply.

    Final where the reply is a lasting no to this recipient or message; a passing one, and one about us (*ours*, or by
    its code), may be another after the policy's pause. A no about one recipient, such as greylisting, says nothing
    against the channel.
    """
    said = codes(code, text)
    ours = ours or code in _ABOUT_US or " 5.7." in said
    lasting = 500 <= code < 600 and not ours  # noqa: PLR2004 - RFC 5321, 4.2.1
    return Refused(reason=f"{what} refused ({said})", final=lasting, channel_works=not ours)
