"""
What we ship, registered through the same hooks as anybody's.

Each module is a plugin of plain functions. What is heavy is imported when it is made, not when it is registered.
"""

from __future__ import annotations

from dunning.plugins.builtin import books, channels, rules, storage, templates

BUILTIN = (books, channels, rules, storage, templates)
"""The plugins that every engine starts with; each can be disabled by its name."""
