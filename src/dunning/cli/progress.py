"""How far long work has come: one line on stderr that is written over, and only for somebody who looks at it."""

from __future__ import annotations

import sys
from collections.abc import Callable

_EVERY = 50


def progress(what: str) -> Callable[[int, int], None] | None:
    """Return a function to call with (done, all); None where stderr is no terminal. *what* is plural: "loans"."""
    if not sys.stderr.isatty():
        return None
    wide = 0

    def show(done: int, of: int) -> None:
        nonlocal wide
        ended = done >= of
        if done % _EVERY and not ended:
            return
        line = "" if ended else f"{done} of {of} {what}"
        sys.stderr.write("\r" + line.ljust(wide) + ("\r" if ended else ""))
        sys.stderr.flush()
        wide = max(wide, len(line))

    return show
