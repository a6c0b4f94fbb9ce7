"""The points at which a process can die: around every statement, every commit, every call and file of a channel."""

import os
import signal
import sys
from collections.abc import Callable

from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool


class Points:
    """
    Counts the points that a process passes, and kills it, as the kernel would, at the one that is deadly.

    Args:
        deadly: The number of that point, from 1; 0 never dies.
    """

    def __init__(self, deadly: int = 0) -> None:
        self.passed: list[str] = []
        self._deadly = deadly

    def __call__(self, what: str) -> None:
        self.passed.append(what)
        if len(self.passed) == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(point: Callable[[str], None], folder: str) -> None:
    """
    Call *point* around every SQL statement and commit of this process, and before every file opened or renamed below
    *folder*. It cannot be taken back, so it is done in a child process only.
    """

    def said(*arguments: object) -> str:
        return str(arguments[2]).split(None, 2)[0]

    event.listen(Engine, "before_cursor_execute", lambda *a: point(f"before {said(*a)}"))
    event.listen(Engine, "after_cursor_execute", lambda *a: point(f"after {said(*a)}"))
    event.listen(Engine, "commit", lambda *_: point("before COMMIT"))
    event.listen(Pool, "reset", lambda *_: point("after the end of a transaction"))

    def file(name: str, arguments: tuple[object, ...]) -> None:
        if name == "os.rename" and str(arguments[1]).startswith(folder):
            point("before a message's file gets its name")
        elif name == "open" and str(arguments[0]).startswith(folder):
            point("before a file or folder of the channel is opened")

    sys.addaudithook(file)
