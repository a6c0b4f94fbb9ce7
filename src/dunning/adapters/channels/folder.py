"""
A channel into a folder: one file a message, written whole or not at all.

    messages/sms/3f0c….txt            to a borrower
    messages/work/care/9a41….txt      for the people of a work queue
    messages/referral/…, visit/…      for whoever takes referrals and visits

Leave the files where they are: a file that is there is how the channel knows that its message went out. Whoever moves
or deletes them states `repeatable=False`, and what is unknown is then not sent again.
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from dunning.adapters.channels.sheet import identity, sheet
from dunning.adapters.codec.documents import write_atomically
from dunning.adapters.interfaces.channel import Accepted, Answer, HandedOver, Outgoing, Refused
from dunning.errors import FactsError, NoAnswerError

ANSWERS = ("accepted", "handed_over")
BATCH = 100

_KEY = re.compile(r"[0-9a-f]{8,128}")
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class FolderChannel:
    """
    A `Channel` that writes each message to a file named by its key.

    Work for people (an executor, a referral, a visit) is handed over until the message's `until`; everything else is
    accepted. The reference is the file's path below the folder.

    Args:
        path: The folder; made when the first message comes.
        answer: "handed_over" where people or a dialler work through the folder: then all of it is an allowance.
        repeatable: False where files do not stay.

    Raises:
        FactsError: *answer* is another word.
    """

    def __init__(self, path: Path, *, answer: str = "accepted", repeatable: bool = True) -> None:
        if answer not in ANSWERS:
            raise FactsError(f"A folder answers {' or '.join(ANSWERS)}, not {answer!r}.", field="answer")
        self._root = path
        self._answer = answer
        self._repeatable = repeatable

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._root)!r})"

    @property
    def repeatable(self) -> bool:
        """Whether sending the same key twice reaches the borrower once."""
        return self._repeatable

    @property
    def batch(self) -> int:
        """How many messages one `send` takes at most."""
        return BATCH

    def send(self, messages: Sequence[Outgoing], *, now: dt.datetime) -> Sequence[Answer]:
        """
        Write *messages* and return one answer for each, in order.

        A message past its `not_after` (exclusive), or under a key of another message, is refused for good. Where
        nothing could be written it is refused for now.

        Raises:
            NoAnswerError: The files are there, but whether they outlast a power failure is unknown.
        """
        answers = [self._one(message, now) for message in messages]
        folders = {
            PurePosixPath(answer.reference).parent for answer in answers if isinstance(answer, Accepted | HandedOver)
        }
        self._keep(folders)
        return tuple(answers)

    def _one(self, message: Outgoing, now: dt.datetime) -> Answer:
        if now > message.not_after:
            return Refused(reason="it came past its not_after")
        made = _made(message)
        if isinstance(made, Refused):
            return made
        place, text = made
        try:
            there = self._put(self._root / place, text)
        except OSError as error:
            if (self._root / place).exists():
                # A network folder may report failure of a rename that it carried out.
                raise NoAnswerError(f"{place} is there, though writing it failed ({_reason(error)}).") from error
            return Refused(reason=f"{place.parent} cannot be written ({_reason(error)})", final=False)
        if there is not None and identity(there) != identity(text):
            return Refused(reason=f"another message lies at {place} under the same key")
        if self._answer == "handed_over" or message.executor or message.kind in ("referral", "visit"):
            return HandedOver(until=message.until, reference=str(place))
        return Accepted(reference=str(place))

    def _put(self, path: Path, text: str) -> str | None:
        """Write *text* to *path* if nothing is there, and return None; otherwise return what is there."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.parent.resolve().is_relative_to(self._root.resolve()):
            raise OSError(errno.EXDEV, "a link leads out of the folder")
        if path.exists():
            return path.read_text(encoding="utf-8", errors="replace")
        write_atomically(path, text)
        return None

    def _keep(self, folders: Iterable[PurePosixPath]) -> None:
        """Make the names of new files last: a rename is on the disk only when its folder is."""
        if os.name == "nt":
            return  # Windows has no handle on a folder to flush
        above = {self._root / parent for folder in folders for parent in (folder, *folder.parents)}
        try:
            for folder in sorted(above):
                handle = os.open(folder, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
        except OSError as error:
            raise NoAnswerError(
                f"Messages were written below {self._root}, but the disk did not confirm it ({_reason(error)}). "
                f"Whether they are still there after a power failure is unknown; check the disk."
            ) from error


def _made(message: Outgoing) -> tuple[PurePosixPath, str] | Refused:
    """Return where *message* is to lie and what its file says; before that is known, nothing is unknown."""
    if not _KEY.fullmatch(message.key):
        return Refused(reason="its key is not written in hex digits, so it cannot name a file")
    try:
        text = sheet(message)
        text.encode()
        return PurePosixPath(*_folders(message), f"{message.key}.txt"), text
    except UnicodeEncodeError:
        return Refused(reason="its text holds half of a character (a lone surrogate), which no file can hold")
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing was written
        return Refused(reason=f"no sheet could be made of it ({type(error).__name__}, a fault of dunning)")


def _folders(message: Outgoing) -> tuple[str, ...]:
    if message.executor:
        return ("work", _plain(message.executor))
    if message.kind in ("referral", "visit"):
        return (message.kind,)
    return (_plain(message.channel or message.kind),)


def _plain(name: str) -> str:
    """Return *name* as the name of one folder; a digest keeps apart what cleaning would make equal."""
    if _PLAIN.fullmatch(name):
        return name
    cleaned = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-")[:40] or "queue"
    return f"{cleaned}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
