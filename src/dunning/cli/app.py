"""The command itself: its subcommands in the order of the flow, and what becomes of an error."""

from __future__ import annotations

import traceback
from typing import Any

import click

from dunning.cli.approve import approve
from dunning.cli.asked import Asked, common
from dunning.cli.assess import assess
from dunning.cli.audit import audit
from dunning.cli.bounces import bounces
from dunning.cli.calendar import calendar
from dunning.cli.compare import compare
from dunning.cli.deliver import deliver
from dunning.cli.exits import DEFECT, code_of
from dunning.cli.explain import explain
from dunning.cli.forget import forget
from dunning.cli.holidays import holidays
from dunning.cli.init import init
from dunning.cli.labels import labels
from dunning.cli.may_contact import may_contact
from dunning.cli.output import complain, seen
from dunning.cli.overdue import overdue
from dunning.cli.plugins import plugins
from dunning.cli.policy import policy
from dunning.cli.receive import receive
from dunning.cli.replay import replay
from dunning.cli.results import results
from dunning.cli.rules import rules
from dunning.cli.run import run
from dunning.cli.timeline import timeline
from dunning.cli.verify import verify
from dunning.cli.work import work
from dunning.errors import DunningError


class Flow(click.Group):
    """A group that lists its commands in the order of the flow, and turns errors into sentences and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they were added."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except DunningError as error:
            if not _traced(ctx, error):
                # A list of problems stands as it is; each of them is a sentence of its own.
                click.echo("\n".join(map(seen, str(error).split("\n"))), err=True)
            ctx.exit(code_of(error))
        except (click.exceptions.Exit, click.ClickException, click.Abort, KeyboardInterrupt, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - the last line of defence: a sentence, never half a page of code
            complain([f"dunning met an error that nobody foresaw: {type(error).__name__}."])
            if not _traced(ctx, error):
                complain(["This is a defect. Run again with --debug to see where, and report that."])
            ctx.exit(DEFECT)


def _traced(ctx: click.Context, error: Exception) -> bool:
    """Print the traceback of *error* if the operator asked for it, and return whether that was so."""
    asked = ctx.find_root().obj
    if not (isinstance(asked, Asked) and asked.debug):
        return False
    click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    return True


def _version(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click calls it so
    if value and not context.resilient_parsing:
        import dunning

        click.echo(f"dunning {dunning.__version__}")
        context.exit()


@click.group(cls=Flow, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, callback=_version, expose_value=False, is_eager=True, help="Say which one.")
@common
def main() -> None:
    """
    Loan collections: how late, how firm, whom to contact, and when it is permitted.

    Start with `dunning init --example auto FOLDER`, then `dunning run -C FOLDER`.
    """


for _command in (
    init,
    run,
    assess,
    deliver,
    work,
    results,
    receive,
    bounces,
    approve,
    explain,
    overdue,
    labels,
    compare,
    may_contact,
    audit,
    calendar,
    timeline,
    rules,
    holidays,
    policy,
    plugins,
    verify,
    replay,
    forget,
):
    main.add_command(_command)
