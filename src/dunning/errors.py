"""
Everything dunning raises, by who has to act.

DunningError
├── FactsError                 the host: these facts cannot be true, or a file holds lines that cannot be read
│   └── KnowledgeError         the host: `known_at` was asked of facts that do not say when they were recorded
├── StructureError             whoever wrote the file or message: each problem names file, line and field
│   ├── BookError              the host: a loan book whose files cannot be told apart into good and bad records
│   └── SettingsError          the operator: the settings of a folder, dunning.toml
├── PolicyError                the policy's author: file, table, key and what was expected
├── RulePackError              the rule pack's author
├── TemplateError              the template's author
├── PluginContractError        the plugin's author
│   ├── UnknownAdapterError
│   └── DuplicateAdapterError
├── StorageError               the operator: the database cannot be read or written
│   ├── StaleStateError        nobody: somebody else wrote first; reload and decide again
│   └── TamperedError          the auditor: the journal is not what was written
├── MissingExtraError          the operator: install the named extra
├── NoAnswerError              nobody: whether the message went out is unknown until an answer is known
└── NoBounceError              whoever fetches the mailbox: this mail is left for people to read

A "no" is an answer. Refused, not permitted now, lapsed: these are values, not exceptions.
"""

from __future__ import annotations

from collections.abc import Sequence


class DunningError(Exception):
    """Never raised itself; catch it to catch everything dunning raises."""


class FactsError(DunningError, ValueError):
    """
    The host states something that cannot be true.

    *field* names what is wrong, *where* the file and line if there is one.
    """

    def __init__(self, message: str, *, field: str = "", where: str = "") -> None:
        self.message = message
        self.field = field
        self.where = where
        super().__init__(f"{where}: {message}" if where else message)


class KnowledgeError(FactsError):
    """`known_at` was asked of facts that do not say when they were recorded."""


class Problem:
    """One thing wrong with an input: where it is, what it is, what to do."""

    __slots__ = ("advice", "field", "what", "where")

    def __init__(self, *, where: str, what: str, field: str = "", advice: str = "") -> None:
        self.where = where
        self.field = field
        self.what = what
        self.advice = advice

    def __str__(self) -> str:
        place = f"{self.where}, {self.field}" if self.field else self.where
        return f"{place}: {self.what}" + (f" {self.advice}" if self.advice else "")

    def __repr__(self) -> str:
        return f"Problem({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


class ProblemsError(DunningError, ValueError):
    """Base of the errors that report every problem of a document at once, as `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class StructureError(ProblemsError):
    """A file or value that is not what was expected; each problem names where, and the path of the field."""


class BookError(StructureError):
    """A loan book that cannot be opened: nothing of it was read."""


class SettingsError(StructureError):
    """The settings of a folder that cannot be used; each problem names file, table and key."""


class PolicyError(ProblemsError):
    """A policy document that cannot be used; each problem names file, table and key."""


class RulePackError(ProblemsError):
    """A pack of contact rules that cannot be used."""


class TemplateError(ProblemsError):
    """A template that cannot be used; each problem names file and line."""


class PluginContractError(DunningError):
    """A plugin does not keep its side of a hook or an interface."""


class UnknownAdapterError(PluginContractError, LookupError):
    """No plugin registered an adapter under this name."""

    def __init__(self, kind: str, name: str, known: Sequence[str]) -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(sorted(known))
        super().__init__(
            f"There is no {kind} named {name!r}. Known: {', '.join(self.known) or 'none'}. "
            f"Install the plugin that registers it, or correct the name."
        )


class DuplicateAdapterError(PluginContractError):
    """Two plugins registered the same name."""

    def __init__(self, kind: str, name: str, first: str, second: str) -> None:
        self.kind = kind
        self.name = name
        self.plugins = (first, second)
        super().__init__(
            f"The {kind} {name!r} is registered by plugin {first!r} and again by plugin {second!r}. "
            f"Disable one of them."
        )


class StorageError(DunningError):
    """The database cannot be read or written; the message says why and what to do."""


class StaleStateError(StorageError):
    """Somebody else wrote to the same stream, or holds the lease; reload and decide again."""


class TamperedError(StorageError):
    """A stream is not what was written; *record* names the first altered, missing, inserted or reordered one."""

    def __init__(self, message: str, *, record: str) -> None:
        self.record = record
        super().__init__(message)


class MissingExtraError(DunningError, ImportError):
    """A library that belongs to an extra is not installed."""

    def __init__(self, extra: str, library: str) -> None:
        self.extra = extra
        super().__init__(f'{library} is not installed. Run: pip install "dunning[{extra}]"')


class NoAnswerError(DunningError):
    """It is unknown whether the message went out: it counts as sent, and is not sent again blindly."""


class NoBounceError(DunningError, ValueError):
    """A mail is no notification about a mail of ours. The message quotes nothing of it."""
