"""
Where secrets are looked up: the one place that turns a reference into a value.

Settings hold references, never values, so that they can be shown, copied and kept with the policy. A value is looked up
when it is needed, so that one that was changed holds from the next connection on, and it is kept nowhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from dunning.errors import DunningError, Problem, StructureError

_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:[^\x00-\x1f]+")
_LIMIT = 4096


class SecretError(DunningError):
    """A secret cannot be looked up. The message says where it should be, never what it is."""


def secret(adapter: str, name: str, reference: object, *, base: Path) -> Callable[[], str]:
    """
    Return a function that looks up the secret at *reference*: `env:NAME`, or `file:PATH` from *base*.

    The function raises SecretError where nothing is there.

    Raises:
        StructureError: *reference* is none. The message does not quote it: it may be the secret itself.
    """
    if not isinstance(reference, str) or not _REFERENCE.fullmatch(reference):
        what = "a secret is stated by reference, never itself."
        advice = 'Write "env:NAME" for a variable of the environment, or "file:PATH" for a file that holds it alone.'
        raise StructureError([Problem(where=adapter, field=name, what=what, advice=advice)])
    kind, _, place = reference.partition(":")
    if kind == "env":
        return lambda: _variable(name, place)
    return lambda: _content(name, base / place)


def _variable(name: str, variable: str) -> str:
    value = os.environ.get(variable)  # noqa: TID251 - a secret that the settings name is not an option of the engine
    if not value:
        raise SecretError(f"the {name} cannot be looked up: the variable {variable} is not set")
    return value


def _content(name: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
        value = data.decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise SecretError(f"the {name} cannot be looked up: {path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        value = ""
    if not value or len(data) > _LIMIT or "\n" in value:
        raise SecretError(f"the {name} cannot be looked up: {path} does not hold one line of text")
    return value
