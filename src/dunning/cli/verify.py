"""`dunning verify`: is the journal what was written?"""

from __future__ import annotations

import click

from dunning.cli.asked import Asked, common
from dunning.cli.exits import FINE, TAMPERED
from dunning.cli.output import complain, count, leave, say, tell


@click.command
@click.option(
    "--root",
    "roots",
    multiple=True,
    metavar="POSITION:HEX",
    help="A root that an earlier `verify` printed and somebody kept; may be given several times.",
)
@common
@click.pass_obj
def verify(asked: Asked, roots: tuple[str, ...]) -> None:
    """
    Check that the journal is what was written.

    If it is not, names the first record that was altered, removed, inserted or moved. Keep the root that it
    prints where whoever can write to the database cannot: with it, even a journal that was written anew from
    beginning to end is found out.
    """
    from dunning.core.journal.chain import Head, root_of
    from dunning.engine.verify import verify as verified

    witnessed = dict(_root(text) for text in roots)
    settings = asked.settings()
    with asked.storage(settings, dry=True) as storage:
        found = verified(storage, settings.lender, witnessed=witnessed)
        position, root = 0, ""
        if found.whole:
            with storage.begin(settings.lender, read_only=True) as unit:
                heads = [Head(stream=stream, seq=seq, hash=last) for stream, seq, last in unit.heads()]
                position, root = unit.end().position, root_of(heads)
    if asked.json:
        tell(
            {
                "whole": found.whole,
                "records": found.records,
                "streams": found.streams,
                "problems": [{"record": p.record, "what": p.what, "says": p.says} for p in found.problems],
                "position": position,
                "root": root,
            }
        )
    elif not found.whole:
        complain(problem.says for problem in found.problems)
        complain([f"The journal is not what was written: {count(len(found.problems), 'problem')}."])
    elif not found.records:
        say("The journal is empty.")
    else:
        said = f"{count(found.records, 'record')} in {count(found.streams, 'stream')}"
        say(f"The journal is what was written: {said}, each chained to the one before.")
        say(f"Root {position}:{root}")
    leave(FINE if found.whole else TAMPERED)


def _root(text: str) -> tuple[int, str]:
    position, _, root = text.partition(":")
    digest = root.lower()
    if position.isdecimal() and len(digest) == 64 and not set(digest) - set("0123456789abcdef"):  # noqa: PLR2004 - SHA-256
        return int(position), digest
    raise click.BadParameter(f"expected POSITION:HEX as `dunning verify` prints it, got {text!r}.", param_hint="--root")
