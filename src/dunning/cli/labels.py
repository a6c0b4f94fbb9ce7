"""`dunning labels`: which tables of labels for days are shipped, what they say, and where that stands written."""

from __future__ import annotations

import click

from dunning.cli.asked import Asked, common
from dunning.cli.output import count, say, tell


@click.group
def labels() -> None:
    """Look at the tables of labels for days that are shipped. A policy names them: labels = ["cn_m"]."""


@labels.command("list")
@common
@click.pass_obj
def list_(asked: Asked) -> None:
    """List the tables: name, labels of the edition in force last, how many editions, and what each is."""
    from dunning.adapters.labels.shipped import label_names, shipped_labels
    from dunning.cli.showing.label_page import label_row, label_summary
    from dunning.cli.table import table

    found = [shipped_labels(name) for name in label_names()]
    if asked.json:
        tell({"labels": [label_summary(one) for one in found]})
        return
    say(table(("table", "labels", "editions", "what it is"), [label_row(one) for one in found], right=(2,)))
    say(f"{count(len(found), 'table')}. `dunning labels show TABLE` says all of one.")


@labels.command
@click.argument("names", nargs=-1, required=True, metavar="TABLE...")
@common
@click.pass_obj
def show(asked: Asked, names: tuple[str, ...]) -> None:
    """Show all of a table: which days it counts, and its editions with their source and when each is in force."""
    from dunning.adapters.codec.convert import unstructure
    from dunning.adapters.codec.nearest import nearest
    from dunning.adapters.labels.shipped import label_names, shipped_labels
    from dunning.cli.showing.label_page import label_page

    for name in names:
        if name not in label_names():
            raise click.UsageError(
                f"No table of labels is called {name!r}.{nearest(name, label_names())} See `dunning labels list`."
            )
    for name in names:
        found = shipped_labels(name)
        if asked.json:
            tell({"name": found.name, **unstructure(found)})
        else:
            say(label_page(found))
