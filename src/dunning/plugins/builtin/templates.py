"""The texts that we ship."""

from __future__ import annotations

from collections.abc import Callable

from dunning.adapters.templates.template import Template
from dunning.plugins.hookspecs import hookimpl

DUNNING_NAME = "builtin-templates"


@hookimpl
def dunning_register_templates(register: Callable[[Template], None]) -> None:
    """Add every text of ours; one that is broken stops the build."""
    from dunning.adapters.templates import load_templates

    library = load_templates().require_sound()
    for template in library.templates.values():
        register(template)
