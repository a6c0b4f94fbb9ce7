"""A secret by reference: settings say where it is, and never what it is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


class SecretError(Exception):
    """The secret is not where the settings say it is."""


@dataclass(frozen=True, kw_only=True)
class Secret:
    """
    Where a secret is: `env:NAME`, an environment variable, or `file:PATH`, the first line of a file.

    It is read each time it is needed, so that it can be changed while the program runs, and so that whoever only reads
    the journal needs none.
    """

    reference: str
    base: Path = Path()

    def __post_init__(self) -> None:
        kind, _, name = self.reference.partition(":")
        if kind not in ("env", "file") or not name:
            # What was given may be the secret itself, so it is not repeated.
            raise ValueError("expected env:NAME or file:PATH: where the secret is, not the secret.")

    def read(self) -> str:
        """Return the secret; SecretError, which names the reference, if there is none or it is no header's value."""
        kind, _, name = self.reference.partition(":")
        try:
            text = os.environ[name] if kind == "env" else (self.base / name).read_text(encoding="utf-8")
        except (KeyError, OSError, UnicodeDecodeError) as error:
            raise SecretError(f"{self.reference} cannot be read ({type(error).__name__})") from None
        secret = text.partition("\n")[0].strip()
        if not secret or not secret.isascii() or not secret.isprintable():
            raise SecretError(f"{self.reference} holds no token")
        return secret
