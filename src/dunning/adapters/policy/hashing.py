"""What a signature stands under: the content of a policy document, not its comments or its layout."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dunning.core.journal.canonical import canonical

SIGN_OFFS = "sign_offs"
_EXACT = 2**53 - 1


def content_hash(document: Mapping[str, Any]) -> str:
    """
    Return the SHA-256, in hex, of the parsed *document* without its sign-offs.

    It is taken over RFC 8785 JSON of what the author wrote, not of what the library makes of it, so that a new
    version of the library never voids a signature. Dates are ISO text; decimals are plain text without trailing
    zeros. Sign-offs are left out because each of them names the hash that it signs.
    """
    signed = {key: _plain(value) for key, value in document.items() if key != SIGN_OFFS}
    return hashlib.sha256(canonical(signed)).hexdigest()


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one return for each kind of TOML value
    match value:
        case Mapping():
            return {key: _plain(member) for key, member in value.items()}
        case list():
            return [_plain(member) for member in value]
        case Decimal() if value.is_finite():
            return format(value.normalize() if value else Decimal(0), "f")
        case dt.date() | dt.time():
            return value.isoformat()
        case bool() | str() | None:
            return value
        case int() if abs(value) <= _EXACT:
            return value
    return str(value)  # inf, nan and integers that JSON cannot hold: no key takes them, but a hash must exist
