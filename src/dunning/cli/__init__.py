"""
The command line: parse, call, render. The only door to click.

Nothing heavy is imported with this package. A command imports what it needs when it runs, so that `dunning --help`
answers at once.
"""

from __future__ import annotations

from dunning.cli.app import main

__all__ = ["main"]
