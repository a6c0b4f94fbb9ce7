"""Keyed digests of the vault: a digest names what was kept, and tells nothing once its owner's key is gone."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from attrs import field, frozen

from dunning.errors import TamperedError


@frozen
class OwnerKey:
    """The random key of one owner, and the random tag that its digests bear. Both die with `forget`."""

    tag: str
    key: bytes = field(repr=False)

    def digest(self, value: bytes) -> str:
        """Return the name of *value*: the tag and an HMAC-SHA-256 (RFC 2104) in hex."""
        return f"{self.tag}:{hmac.new(self.key, value, hashlib.sha256).hexdigest()}"


def genuine(value: bytes | None, digest: str, key: OwnerKey | None) -> bytes | None:
    """
    Return *value* if it is what was kept under *digest* (None: it was erased).

    Raises:
        TamperedError: It is not; or its owner's key is gone though the value is not.
    """
    if value is not None and (key is None or not hmac.compare_digest(key.digest(value), digest)):
        raise TamperedError(
            f"What the vault holds under {digest} is not what was kept there.", record=f"vault {digest}"
        )
    return value


def new_key() -> OwnerKey:
    """Return a fresh key; it is never derived from the owner, so a tag tells nothing about them."""
    return OwnerKey(secrets.token_hex(8), secrets.token_bytes(32))
