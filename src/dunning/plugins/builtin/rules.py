"""The packs of contact rules that we ship."""

from __future__ import annotations

from collections.abc import Callable

from dunning.core.contact.rule import RulePack
from dunning.plugins.hookspecs import hookimpl

DUNNING_NAME = "builtin-rules"


@hookimpl
def dunning_register_rules(register: Callable[[RulePack], None]) -> None:
    """Add every pack in `dunning.rules`."""
    from dunning.adapters.codec.rule_pack import shipped_rule_pack
    from dunning.rules import pack_names

    for name in pack_names():
        register(shipped_rule_pack(name))
