"""What the operator asked of every command: where, in which form, with which plugins, at what time."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:  # the engine is heavy, and `dunning --help` does without it
    from dunning.adapters.interfaces.storage import Storage
    from dunning.engine import Engine
    from dunning.engine.settings import Settings
    from dunning.plugins.hooks import Hooks

PLUGINS_VARIABLE = "DUNNING_PLUGINS"

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Asked:
    """The options that every command takes, before or after its name."""

    folder: Path = Path()
    json: bool = False
    no_plugins: bool = False
    debug: bool = False

    def discover(self) -> bool | None:
        """Return False where installed plugins are switched off; None leaves it to the settings."""
        stated = os.environ.get(PLUGINS_VARIABLE)
        if stated:
            raise click.UsageError(
                f"{PLUGINS_VARIABLE} is {stated!r}. Set it to nothing to load no installed plugin, or unset it."
            )
        return False if self.no_plugins or stated == "" else None

    def settings(self) -> Settings:
        """Return the settings of the folder."""
        from dunning.engine.settings import read_settings

        return read_settings(self.folder)

    def settings_if_any(self) -> Settings | None:
        """Return the settings of the folder; None where it has none, for commands that do without."""
        from dunning.engine.settings import FILE

        return self.settings() if (self.folder / FILE).is_file() else None

    def policy_files(self) -> list[Path]:
        """Return the policy files that the folder's settings name."""
        return [self.folder / name for name in self.settings().policies]

    @contextlib.contextmanager
    def hooks(self, settings: Settings | None) -> Iterator[Hooks]:
        """Build the plugins; installed ones run in processes of their own, so that one that hangs is stopped."""
        from dunning.engine.setup import hooks_of
        from dunning.plugins.hooks import build_hooks
        from dunning.plugins.subprocess_runner import SubprocessRunner

        discover = self.discover()
        if settings is None:
            hooks = build_hooks(discover=discover is None, runner=SubprocessRunner())
        else:
            hooks = hooks_of(settings, discover=discover, runner=SubprocessRunner())
        with contextlib.closing(hooks):
            yield hooks

    @contextlib.contextmanager
    def engine(self, settings: Settings, *, dry: bool = False, words: bool = True) -> Iterator[Engine]:
        """Open the engine of the folder; *dry* leaves no trace in it, and without *words* it makes no text."""
        from dunning.engine.setup import open_settings

        with self.hooks(settings) as hooks, open_settings(settings, hooks=hooks, dry=dry, words=words) as engine:
            yield engine

    @contextlib.contextmanager
    def storage(self, settings: Settings, *, dry: bool = False) -> Iterator[Storage]:
        """Open the storage alone: whoever looks at the journal needs neither the book nor the policies."""
        from dunning.engine.setup import storage_of

        with self.hooks(settings) as hooks, contextlib.closing(storage_of(settings, hooks, dry=dry)) as storage:
            storage.prepare()
            yield storage


def _note(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(context: click.Context, _: click.Parameter, value: Any) -> None:
        asked = context.ensure_object(Asked)
        if value:  # what is not given here may have been given before the command's name
            setattr(asked, name, value)

    return callback


COMMON = (
    click.option(
        "-C",
        "--folder",
        "common_folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        callback=_note("folder"),
        expose_value=False,
        help="Folder with dunning.toml. Default: this one.",
    ),
    click.option(
        "--json",
        "common_json",
        is_flag=True,
        callback=_note("json"),
        expose_value=False,
        help="Answer in JSON, for machines.",
    ),
    click.option(
        "--no-plugins",
        "common_no_plugins",
        is_flag=True,
        callback=_note("no_plugins"),
        expose_value=False,
        help=f"Load no installed plugin. The variable {PLUGINS_VARIABLE} set to nothing does the same.",
    ),
    click.option(
        "--debug",
        "common_debug",
        is_flag=True,
        callback=_note("debug"),
        expose_value=False,
        help="Show the traceback of an error.",
    ),
)


def common(command: Command) -> Command:
    """Give *command* the options that every command takes."""
    for option in reversed(COMMON):
        command = option(command)
    return command


def dry_run(says: str) -> Callable[[Command], Command]:
    """Give a command the option `--dry-run`."""
    return click.option("--dry-run", "dry", is_flag=True, help=says)


full_option = click.option(
    "--full", is_flag=True, help="Look at every loan, also where the book can say which ones changed."
)


def read_day(context: click.Context, parameter: click.Parameter, value: str | None) -> dt.date | None:
    """Read an option that is a date; for `callback`."""
    from dunning.adapters.codec import scalars

    try:
        return None if value is None else scalars.date(value)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error


def read_instant(context: click.Context, parameter: click.Parameter, value: str | None) -> dt.datetime | None:
    """Read an option that is an instant with its offset; for `callback`."""
    from dunning.adapters.codec import scalars

    try:
        return None if value is None else scalars.instant(value)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error


def read_names(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Read an option that is a list of names, ``us,us_ma``; for `callback`."""
    return tuple(name.strip() for name in (value or "").split(",") if name.strip())


def read_decimal(context: click.Context, parameter: click.Parameter, value: str | None) -> Decimal | None:
    """Read an option that is an exact number; for `callback`."""
    from dunning.adapters.codec import scalars

    try:
        return None if value is None else scalars.decimal(value)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error


calendars_option = click.option(
    "--calendars",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML file with calendars, beside those of the folder.",
)
horizon_option = click.option(
    "--horizon-days", type=click.IntRange(min=1, max=3660), default=90, show_default=True, help="How far to search."
)
JUDGES = (
    click.option("--packs", "--rules", callback=read_names, metavar="ID,ID", help="Judge by these rule packs."),
    click.option(
        "--policy",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Judge by this policy's packs and house rules. Default: the folder's, unless --packs is given.",
    ),
    calendars_option,
)


def judged_by(command: Command) -> Command:
    """Give *command* the options that say what judges, for `dunning.cli.judging.court`."""
    for option in reversed(JUDGES):
        command = option(command)
    return command
