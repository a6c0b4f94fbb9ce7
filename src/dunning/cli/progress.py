"""How far long work has come: one line on stderr that is written over, and only for somebody who looks at it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Show = Callable[[int, int], None]


@contextmanager
def progress(what: str) -> Iterator[Show | None]:
    """
    Yield a function to call with (done, all); None where stderr is no terminal. The line is gone afterwards.

    Args:
        what: What is counted, in the plural: "loans".
    """
    if not sys.stderr.isatty():
        yield None
        return
    wide = 0

    def write(line: str) -> None:
        nonlocal wide
        sys.stderr.write(f"\r{line.ljust(wide)}")
        sys.stderr.flush()
        wide = max(wide, len(line))

    def show(done: int, of: int) -> None:
        # Work of which nobody knows how much there is counts only what is done.
        write(f"{done:,} of {of:,} {what}" if of > done else f"{done:,} {what}")

    try:
        yield show
    finally:
        write("")
        sys.stderr.write("\r")
        sys.stderr.flush()
