"""
How others take part: every hook on one page (`hookspecs`), and what an engine does with plugins.

The only door to pluggy. Nothing is loaded with this package; `hooks.build_hooks` makes the plugins of one engine.
"""

from __future__ import annotations

from dunning.plugins.hookspecs import HOOK_API, hookimpl

__all__ = ["HOOK_API", "hookimpl"]
