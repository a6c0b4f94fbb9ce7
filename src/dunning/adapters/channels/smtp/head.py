"""
The head of a mail: each value is what a reader sees, and nothing in a value is a header, an address or an encoded word.

Values come from facts (the name of a creditor or a brand) and from settings. A text that holds an encoded word
(RFC 2047) is encoded once more as a whole, so that it arrives as the text it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from email.header import Header
from email.headerregistry import Address

_PLAIN = re.compile(r"[\x20-\x7e]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")  # RFC 5322, 3.2.3
_SHORT = 60  # characters that fit on a line beside the name of any header of ours
_LINE = 998  # octets: RFC 5322, 2.1.1
_NAMED = re.compile(rb"([!-9;-~]+): ?[^ ]")  # RFC 5322, 3.6.8


class BadHeadError(ValueError):
    """A mail's head is not the one that was meant. The message quotes nothing of it."""


def literal(text: str, name: str) -> str:
    """Return *text* (one line, without control characters) as the value of the unstructured header *name*."""
    if _PLAIN.fullmatch(text) and "=?" not in text and len(text) <= _SHORT:
        return text
    return _encoded(text, name)


def named(who: Address, name: str) -> str:
    """Return the mailbox *who* as the value of the header *name*: its display name as it is, and its address."""
    said = who.display_name
    if not said:
        return who.addr_spec
    if not _PLAIN.fullmatch(said) or "=?" in said or len(said) > _SHORT:
        said = _encoded(said, name)
    elif not _ATOMS.fullmatch(said):
        said = '"' + re.sub(r'(["\\])', r"\\\1", said) + '"'
    between = " " if len(said) + len(who.addr_spec) <= _SHORT else "\r\n "
    return f"{said}{between}<{who.addr_spec}>"


def head(headers: Mapping[str, str]) -> bytes:
    """Return *headers* as they are written, without the empty line that ends a head."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()


def check_head(data: bytes, names: Sequence[str]) -> None:
    """
    Require that the head of the mail *data* has the headers *names* and no others, once each and in this order.

    Raises:
        BadHeadError: It has not.
    """
    lines = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
    found: list[str] = []
    for line in lines:
        if b"\r" in line or b"\n" in line or b"\0" in line or len(line) > _LINE or not line.strip():
            raise BadHeadError(_WHY)
        if line[:1] in b" \t" and found:
            continue
        begins = _NAMED.match(line)
        if begins is None:
            raise BadHeadError(_WHY)
        found.append(begins[1].decode("ascii"))
    if found != list(names) or len({name.lower() for name in found}) < len(found):
        raise BadHeadError(_WHY)


def _encoded(text: str, name: str) -> str:
    return Header(text, "utf-8", header_name=name).encode(linesep="\r\n")


_WHY = "its head would not hold exactly the headers that are meant; nothing was sent"
