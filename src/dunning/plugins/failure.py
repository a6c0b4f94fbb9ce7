"""What went wrong in a plugin, in words that may be kept: no personal data."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import PurePath

from attrs import field, frozen

from dunning.core import values

RESTRICTING = ("load", "dunning_register_rules", "dunning_holds")
"""
Where a failure may have lost a restriction.

A plugin that did not load might have been one that restricts; nobody can tell without running it.
"""


@frozen(kw_only=True)
class Failure:
    """
    A plugin raised, exited, hung or answered nonsense, and was contained.

    Args:
        hook: The hook; "load" before any hook was reached.
        error: What happened, as a sentence part. Never the message of an exception that saw facts: it may quote them.
    """

    plugin: str = field(validator=values.text)
    hook: str = field(validator=values.text)
    error: str = field(validator=values.text)

    @property
    def restricting(self) -> bool:
        """Whether a restriction may be lost, so that the cases concerned must be left alone."""
        return self.hook in RESTRICTING

    def __str__(self) -> str:
        return f"Plugin {self.plugin!r} failed in {self.hook}: {self.error}."


class BrokenCallError(Exception):
    """A plugin did not answer as it must. The message may be kept: whoever raises it puts no facts into it."""


def kept(error: BaseException) -> str:
    """Return what may be kept of *error*: its class and where it was raised, but not its message."""
    if isinstance(error, BrokenCallError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    # The standard library's own line says nothing; the one that called it does.
    outside = [frame for frame in frames if not _standard(frame.filename)] or frames
    where = f" at {PurePath(outside[-1].filename).name}, line {outside[-1].lineno}" if outside else ""
    return f"{type(error).__name__}{where}"


def _standard(file: str) -> bool:
    return file.startswith(("<frozen", sysconfig.get_path("stdlib"))) and "site-packages" not in file


def told(error: BaseException, *, most: int = 300) -> str:
    """Return what *error* says, on one line: for errors raised before a plugin saw any fact."""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said[:most]}" if said else type(error).__name__
