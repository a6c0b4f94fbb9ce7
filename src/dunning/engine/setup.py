"""A folder opened as an engine: settings, policies and adapters by their registered names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dunning.adapters.interfaces.channel import Channel
from dunning.adapters.interfaces.loan_book import LoanBook
from dunning.adapters.interfaces.storage import Storage
from dunning.adapters.policy.document import Policy
from dunning.adapters.policy.read import read_policy_file
from dunning.adapters.storage.memory import MemoryStorage
from dunning.adapters.templates import TemplateLibrary
from dunning.engine import Engine
from dunning.engine.settings import FILE, Settings, read_settings
from dunning.errors import BookError, Problem, SettingsError, StructureError
from dunning.plugins.builtin import BUILTIN
from dunning.plugins.hooks import Hooks, build_hooks
from dunning.plugins.loader import name_of
from dunning.plugins.runner import Runner


def open_folder(
    folder: Path,
    *,
    discover: bool | None = None,
    disabled: Sequence[str] = (),
    runner: Runner | None = None,
    dry: bool = False,
) -> Engine:
    """
    Return the engine that `dunning.toml` in *folder* describes.

    Args:
        discover: Whether installed plugins take part; None leaves it to the settings.
        disabled: Plugins to leave out, beside those that the settings leave out.
        runner: Where installed plugins run; inline by default.
        dry: Nothing will be written: no database is made where there is none, and no reject file.

    Raises:
        SettingsError: The settings cannot be used.
        PolicyError, RulePackError, TemplateError, PluginContractError: Something that they name cannot be used.
        BookError, StorageError: The book or the database cannot be opened.
    """
    settings = read_settings(folder)
    return open_settings(
        settings, hooks=hooks_of(settings, discover=discover, disabled=disabled, runner=runner), dry=dry
    )


def hooks_of(
    settings: Settings,
    *,
    discover: bool | None = None,
    disabled: Sequence[str] = (),
    runner: Runner | None = None,
) -> Hooks:
    """Return the plugins that *settings* ask for: see `open_folder`."""
    discovering = settings.discover if discover is None else discover
    left_out = (*settings.disabled, *disabled)
    if not discovering:
        # Without the installed plugins their names are unknown, and need no disabling.
        ours = {name_of(plugin) for plugin in BUILTIN}
        left_out = tuple(name for name in left_out if name in ours)
    return build_hooks(discover=discovering, disabled=left_out, runner=runner)


def open_settings(settings: Settings, *, hooks: Hooks, dry: bool = False, words: bool = True) -> Engine:
    """
    Return the engine that *settings* describe, with *hooks* as its plugins: see `open_folder`.

    Args:
        words: Whether to refuse settings that lack a word of the lender's which some text needs; whoever makes no text
            does without.
    """
    policies = policies_of(settings)
    unstated = words and unstated_words(settings, [policy for policy in policies if policy.signed], hooks.templates())
    if unstated:
        raise SettingsError(unstated)
    channels, queues = _channels(settings, policies, hooks)
    return Engine(
        lender=settings.lender,
        book=book_of(settings, hooks, dry=dry),
        storage=storage_of(settings, hooks, dry=dry),
        policies=policies,
        channels=channels,
        queues=queues,
        hooks=hooks,
        sender=settings.sender,
        calendars=settings.calendars,
        # A dry run keeps nothing, and a book in a memory of its own would not be looked at whole.
        memory=None if dry else settings.folder / "memory",
    )


def policies_of(settings: Settings) -> tuple[Policy, ...]:
    """Return the policies that *settings* name."""
    return tuple(read_policy_file(settings.folder / name) for name in settings.policies)


def unstated_words(settings: Settings, policies: Sequence[Policy], templates: TemplateLibrary) -> tuple[Problem, ...]:
    """
    Return a problem for each word of the lender's that texts of *policies* need and *settings* do not state.

    Such a text could never be made, and its contact would be dropped on the day on which it is due.
    """
    needed: dict[tuple[str, str], list[str]] = {}
    for policy in policies:
        for name in dict.fromkeys(step.template for step in policy.steps if step.template):
            for language in policy.languages:
                stated = settings.sender.get(language) or settings.sender.get(language.partition("-")[0]) or {}
                for word in sorted(templates.find(name, language).needs & _LENDERS_WORDS - stated.keys()):
                    needed.setdefault((language, word), []).append(name)
    return tuple(
        Problem(
            where=f"{FILE}, sender.{language}",
            field=word,
            what=f"it is missing, and texts of the policy need it: {', '.join(names[:_NAMED])}"
            + (f" and {len(names) - _NAMED} more." if len(names) > _NAMED else "."),
            advice="State it.",
        )
        for (language, word), names in sorted(needed.items())
    )


# What a text says of the lender; everything else in it comes from the loan, the person and the occasion.
_LENDERS_WORDS = frozenset(
    {
        *("agency", "agency_phone", "caller_name", "complaint_line", "email_back", "hardship_line", "law_firm"),
        *("legal_line", "lender", "pay_link", "phone_back", "product", "stop_how"),
    }
)
_NAMED = 3


def book_of(settings: Settings, hooks: Hooks, *, dry: bool = False) -> LoanBook:
    """Open the loan book that *settings* name."""
    options = dict(settings.book.options)
    if dry and settings.book.adapter in ("csv", "sql"):
        options["keep_rejects"] = False
    try:
        return hooks.catalogue.loan_book(settings.book.adapter, options, base=settings.folder)
    except BookError:
        raise
    except StructureError as error:
        raise _misconfigured(error) from error


def storage_of(settings: Settings, hooks: Hooks, *, dry: bool = False) -> Storage:
    """Return the storage that *settings* name; on a *dry* run one in memory where there is no database yet."""
    chosen = settings.storage
    if dry and chosen.adapter == "sqlite":
        path = settings.folder / str(chosen.options.get("path", "dunning.db"))
        if not path.exists():
            return MemoryStorage()
    try:
        return hooks.catalogue.storage(chosen.adapter, chosen.options, base=settings.folder)
    except StructureError as error:
        raise _misconfigured(error) from error


def _channels(
    settings: Settings, policies: Sequence[Policy], hooks: Hooks
) -> tuple[Mapping[str, Channel], Mapping[str, Channel]]:
    """Make each adapter once, and give it to every kind of channel and every work queue that a policy sends to it."""
    wanted = (
        _agreed("channels", [(c.kind, c.adapter, p.file) for p in policies for c in p.channels]),
        _agreed("queues", [(q.name, q.adapter, p.file) for p in policies for q in p.queues]),
    )
    named = sorted({adapter for names in wanted for adapter in names.values()})
    unused = [
        Problem(
            where=f"{FILE}, channels",
            field=name,
            what="no policy sends anything over this adapter.",
            advice=f"Remove it, or name it in the policy; the policies name {', '.join(named) or 'none'}.",
        )
        for name in settings.channels
        if name not in named
    ]
    if unused:
        raise SettingsError(unused)
    try:
        made = {
            name: hooks.catalogue.channel(name, settings.channels.get(name, {}), base=settings.folder) for name in named
        }
    except StructureError as error:
        raise _misconfigured(error) from error
    channels, queues = ({name: made[adapter] for name, adapter in names.items()} for names in wanted)
    return channels, queues


def _agreed(table: str, stated: Sequence[tuple[str, str, str]]) -> Mapping[str, str]:
    """Return the adapter of each name; policies side by side share their channels, so they must agree."""
    found: dict[str, tuple[str, str]] = {}
    problems = []
    for name, adapter, file in stated:
        first, where = found.setdefault(name, (adapter, file))
        if first != adapter:
            what = f"it is carried by {adapter!r} here and by {first!r} in {where}."
            advice = "Let policies that stand side by side name one adapter."
            problems.append(Problem(where=f"{file}, {table}.{name}", field="adapter", what=what, advice=advice))
    if problems:
        raise SettingsError(problems)
    return {name: adapter for name, (adapter, _) in found.items()}


def _misconfigured(error: StructureError) -> SettingsError:
    """Return *error*, raised by an adapter about its options, as one about the settings."""
    return SettingsError(
        [Problem(where=f"{FILE}, {p.where}", field=p.field, what=p.what, advice=p.advice) for p in error.problems]
    )
