"""
Bounces: delivery status notifications (RFC 3464) as receipts, from a mail, a folder of mails, an mbox or a Maildir.

A notification is told apart by its form alone; anybody may have written it. So nothing of it is kept but a key of ours,
what became of the mail, and its status code; whoever applies the receipt knows whether there is such an entry.
"""

from __future__ import annotations

import datetime as dt
import mailbox
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from attrs import field, frozen

from dunning.errors import FactsError, NoBounceError

# A notification with a mail of ours inside is a few thousand bytes, and a mail of ours has no attachments. The
# library's parser takes time that grows with the square of a head, so what is larger never gets there.
LIMIT = 1 << 18  # bytes of one mail
BLOCK = 1 << 16  # bytes without an empty line between them: no head, nor anything that could be read as one, is larger
_MOST_PARTS = 50
_MOST_MARKS = 200  # lines that could be boundaries; a text may have some, too
_OURS = re.compile(r"<([0-9a-f]{8,128})@[^<>@\s]{1,255}>")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_STATES = {
    "failed": "bounced",
    "delayed": "deferred",
    # It left for somewhere that reports no more, or for a list: it went out, and more will never be known.
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}


@frozen(kw_only=True)
class Read:
    """
    A mail, and what it says.

    Args:
        where: Its file, and its number where the file holds several.
        receipt: The message for `receive`; None where it is no notification about a mail of ours.
        why: Why not.
    """

    where: str
    receipt: dict[str, Any] | None = field(default=None)
    why: str = ""


def read_bounces(path: Path, *, now: dt.datetime) -> Iterator[Read]:
    """
    Yield what each mail at *path* says: a mail, an mbox, a Maildir, or a folder of mails.

    Args:
        now: Stands for the date of a mail that has none, or one that lies ahead.

    Raises:
        FactsError: *path* cannot be read.
    """
    for where, data in _mails(path):
        try:
            yield Read(where=where, receipt=receipt_of(data, now=now))
        except NoBounceError as error:
            yield Read(where=where, why=str(error))


def receipt_of(data: bytes, *, now: dt.datetime) -> dict[str, Any]:
    """
    Return the receipt that the mail *data* is.

    The same notification gives the same id, so that a folder may be read again whole.

    Raises:
        NoBounceError: It is none.
    """
    _check_form(data)
    try:
        return _receipt(message_from_bytes(data), now)
    except NoBounceError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a hostile mail does to the library's parser, the next goes on
        raise NoBounceError(f"it cannot be read ({type(error).__name__})") from None


def _check_form(data: bytes) -> None:
    """Refuse what a parser is not to be given: by its size, and by the size and number of its parts."""
    if len(data) > LIMIT:
        raise NoBounceError(f"it is larger than {LIMIT:,} bytes, and was not looked into")
    block = marks = parts = 0
    for line in data.splitlines(keepends=True):
        block = block + len(line) if line.strip(b"\r\n") else 0
        if block > BLOCK:
            raise NoBounceError(f"a head or a text in it is larger than {BLOCK:,} bytes, and it was not looked into")
        marks += line.startswith(b"--")
        parts += line[:13].lower() == b"content-type:"
    if marks > _MOST_MARKS or parts > _MOST_PARTS:
        raise NoBounceError("it has too many parts, and was not looked into")


def _receipt(mail: Message, now: dt.datetime) -> dict[str, Any]:
    if mail.get_content_type() != "multipart/report" or _parameter(mail, "report-type") != "delivery-status":
        raise NoBounceError("it is no delivery status notification")
    parts: Any = mail.get_payload()
    if not isinstance(parts, list) or len(parts) > _MOST_PARTS:
        raise NoBounceError("it has no parts, or too many")
    key = _key(parts)
    state, status = _outcome(parts)
    said = _date(mail)
    at = said if said is not None and said <= now else now
    return {
        "kind": "receipt",
        "id": f"dsn:{key}:{state}:{status or 'none'}",
        "at": at.isoformat(),
        "entry": key,
        "state": state,
        "final": status.startswith("5"),
        "reason": status,
    }


def _key(parts: list[Message]) -> str:
    """Return the key in the Message-ID of the mail that came back."""
    for part in parts:
        kind = part.get_content_type()
        inside: Any = part.get_payload()
        original: Message | None = None
        if kind == "message/rfc822" and isinstance(inside, list) and inside:
            original = inside[0]
        elif kind == "text/rfc822-headers":
            decoded = part.get_payload(decode=True)
            original = message_from_bytes(decoded) if isinstance(decoded, bytes) else None
        if original is not None:
            found = _OURS.fullmatch(str(original.get("Message-ID", "")).strip())
            if found:
                return found[1]
            raise NoBounceError("the mail that came back has no Message-ID of ours")
    raise NoBounceError("it does not hold the headers of the mail that came back")


def _outcome(parts: list[Message]) -> tuple[str, str]:
    """Return what became of the mail, and the status code; several recipients stand for one: it arrived at any."""
    report = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    blocks: Any = report.get_payload() if report is not None else None
    found = []
    for block in blocks if isinstance(blocks, list) else []:
        action = str(block.get("Action", "")).partition(";")[0].strip().lower()
        if action in _STATES:
            status = _STATUS.match(str(block.get("Status", "")).strip())
            found.append((_STATES[action], status[0] if status else ""))
    for state in ("delivered", "deferred", "bounced"):
        statuses = [status for one, status in found if one == state]
        if statuses:
            return state, statuses[0]
    raise NoBounceError("it does not say what became of the mail")


def _parameter(mail: Message, name: str) -> str:
    found = mail.get_param(name)
    return found.lower() if isinstance(found, str) else ""


def _date(mail: Message) -> dt.datetime | None:
    try:
        found = parsedate_to_datetime(str(mail.get("Date", "")))
        # -0000 is UTC from a machine that does not know its zone (RFC 5322, 3.3).
        return (found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _mails(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        if path.is_dir():
            folders = [path / name for name in ("new", "cur") if (path / name).is_dir()] or [path]
            for file in sorted(file for folder in folders for file in folder.iterdir() if file.is_file()):
                yield file.relative_to(path).as_posix(), _start(file)
        elif _begins(path, b"From "):
            yield from _mbox(path)
        else:
            yield path.name, _start(path)
    except OSError as error:
        raise FactsError(f"{path} cannot be read ({error.strerror or type(error).__name__}).", field="path") from None


def _mbox(path: Path) -> Iterator[tuple[str, bytes]]:
    box = mailbox.mbox(path, create=False)
    try:
        for number, name in enumerate(box.keys(), start=1):
            with box.get_file(name) as file:
                yield f"{path.name}, mail {number}", file.read(LIMIT + 1)
    finally:
        box.close()


def _begins(path: Path, start: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(start)) == start


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LIMIT + 1)
