"""Signing a policy: two roles, one content hash."""

from __future__ import annotations

import datetime as dt

from dunning.adapters.policy.document import Policy
from dunning.adapters.policy.read import read_policy
from dunning.errors import PolicyError, Problem


def sign(text: str, *, business: str, legal: str, on: dt.date, file: str = "policy.toml") -> str:
    """
    Return *text* with the sign-offs of the roles *business* and *legal* behind it.

    Earlier sign-offs stay where they are: they sign what the document was. Anything that is edited afterwards, except
    comments and layout, makes the policy unsigned again.

    Raises:
        PolicyError: The document cannot be used, one role would sign for both sides, or `sign_offs` stand in it as an
            inline array, which cannot be continued.
    """
    if business.strip() == legal.strip():
        what = f"{business!r} cannot sign for both sides."
        raise PolicyError([Problem(where=file, field="sign_offs", what=what, advice="Let two different roles sign.")])
    policy = read_policy(text, file=file)
    signed = text.rstrip("\n") + "\n"
    for kind, role in (("business", business), ("legal", legal)):
        signed += f'\n[[sign_offs]]\nkind = "{kind}"\nrole = {_quoted(role)}\n'
        signed += f'on = {on.isoformat()}\nhash = "{policy.content_hash}"\n'
    if not _reads_as_signed(signed, file):
        what = "the sign-offs cannot be appended here."
        advice = "Write earlier ones as [[sign_offs]] tables, not as an inline array."
        raise PolicyError([Problem(where=file, field="sign_offs", what=what, advice=advice)])
    return signed


def _reads_as_signed(text: str, file: str) -> bool:
    try:
        policy: Policy = read_policy(text, file=file)
    except PolicyError:
        return False
    return policy.signed


def _quoted(role: str) -> str:
    escaped = "".join(
        f"\\u{ord(char):04X}" if ord(char) < ord(" ") or ord(char) == 0x7F else char  # noqa: PLR2004 - DEL
        for char in role.replace("\\", "\\\\").replace('"', '\\"')
    )
    return f'"{escaped}"'
