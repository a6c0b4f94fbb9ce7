"""`dunning plugins`: what takes part, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dunning.cli.asked import Asked, common
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import leave, say, tell

if TYPE_CHECKING:
    from dunning.engine.settings import Settings
    from dunning.plugins.listing import Listed


@click.command
@click.option("--all", "everything", is_flag=True, help="Also the built-in ones.")
@click.option("--hook", default="", metavar="NAME", help="Only those that take part in this hook.")
@common
@click.pass_obj
def plugins(asked: Asked, hook: str, *, everything: bool) -> None:
    """
    List plugins, and what is wrong with them.

    With name, origin, hooks, how long loading took, and why one takes no part. The name in the list is what
    `disabled` in [plugins] of dunning.toml takes.
    """
    from dunning.cli.table import table
    from dunning.plugins.listing import listing
    from dunning.plugins.plugin import HOOKS
    from dunning.plugins.subprocess_runner import SubprocessRunner

    if hook and hook not in HOOKS:
        raise click.UsageError(f"There is no hook {hook!r}. Known: {', '.join(HOOKS)}.")
    settings = asked.settings_if_any()
    stated = settings.discover if settings is not None else True
    discover = asked.discover() is None and stated
    runner = SubprocessRunner()
    try:
        found = listing(
            discover=discover, disabled=settings.disabled if settings is not None else (), hook=hook, runner=runner
        )
    finally:
        runner.close()
    found = _with_failures(found, asked, settings)
    shown = [plugin for plugin in found if everything or hook or plugin.error or plugin.origin != "built in"]
    if asked.json:
        tell(
            {
                "discovered": discover,
                "plugins": [
                    {
                        "name": plugin.name,
                        "version": plugin.version,
                        "origin": plugin.origin,
                        "enabled": plugin.enabled,
                        "api": plugin.api,
                        "hooks": list(plugin.hooks),
                        "load_ms": plugin.load_ms,
                        "error": plugin.error,
                    }
                    for plugin in shown
                ],
            }
        )
    elif shown:
        rows = [
            (
                plugin.name,
                plugin.version,
                plugin.origin,
                "disabled" if not plugin.enabled else "has failed" if plugin.error else "takes part",
                f"{plugin.load_ms:,.1f}",
                ", ".join(name.removeprefix("dunning_") for name in plugin.hooks),
            )
            for plugin in shown
        ]
        say(table(("plugin", "version", "origin", "state", "load ms", "hooks"), rows, right=(4,)))
        say(f"{plugin.name}: {plugin.error}." for plugin in shown if plugin.error)
    elif hook:
        say(f"No plugin takes part in {hook}.")
    else:
        say("No plugin is installed; --all lists the built-in ones.")
    if not discover and not asked.json:
        say("Installed plugins were not looked for: they are switched off.")
    leave(LEFT_OUT if any(plugin.error for plugin in shown) else FINE)


def _with_failures(found: tuple[Listed, ...], asked: Asked, settings: Settings | None) -> tuple[Listed, ...]:
    """Return *found* with what went wrong when each registered: that is seen only where all are built."""
    from attrs import evolve

    with asked.hooks(settings) as hooks:
        failed = {failure.plugin: f"{failure.hook}: {failure.error}" for failure in hooks.failures}
    return tuple(evolve(one, error=one.error or failed.get(one.name, "")) for one in found)
