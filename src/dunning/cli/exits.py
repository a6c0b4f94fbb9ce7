"""What the command's exit code says. `docs/reference/cli.md` documents the same numbers."""

from __future__ import annotations

from dunning import errors

FINE = 0
LEFT_OUT = 1
"""Done, but something was refused or left out: bad lines, a loan that no policy fits, a plugin that failed."""
USAGE = 2
UNUSABLE = 3
"""Settings, a policy, a rule pack, a template or a plugin cannot be used. Nothing was done."""
TAMPERED = 4
"""The journal is not what was written, or a decision does not come out the same again."""
STORAGE = 5
"""The storage cannot be read or written."""
INPUT = 6
"""What was given cannot be used: no such loan or request, a book that cannot be opened. Nothing was done."""
DEFECT = 70
"""An error that nobody foresaw: a defect of dunning or of a plugin."""

# In this order: an error's own class stands before the classes that it derives from.
_BY_CLASS: tuple[tuple[type[errors.DunningError], int], ...] = (
    (errors.TamperedError, TAMPERED),
    (errors.StorageError, STORAGE),
    (errors.SettingsError, UNUSABLE),
    (errors.PolicyError, UNUSABLE),
    (errors.RulePackError, UNUSABLE),
    (errors.TemplateError, UNUSABLE),
    (errors.PluginContractError, UNUSABLE),
    (errors.MissingExtraError, UNUSABLE),
    (errors.DunningError, INPUT),
)


def code_of(error: errors.DunningError) -> int:
    """Return the exit code for *error*."""
    return next(code for kind, code in _BY_CLASS if isinstance(error, kind))
