"""`dunning replay`: recorded decisions are decided again."""

from __future__ import annotations

import click

from dunning.cli.asked import Asked, common
from dunning.cli.exits import FINE, TAMPERED
from dunning.cli.output import complain, leave, say, tell
from dunning.cli.progress import progress


@click.command
@click.argument("records", nargs=-1, metavar="[RECORD]...")
@click.option("--all", "everything", is_flag=True, help="Every record of the journal.")
@common
@click.pass_obj
def replay(asked: Asked, records: tuple[str, ...], *, everything: bool) -> None:
    """
    Decide again, and compare to the byte.

    RECORD is written loan:ID#SEQ. It is decided from what it looked at then, and must come out the same.
    Neither the book nor plugins are asked.
    """
    from collections import Counter

    from dunning.cli.replaying import every_record

    if everything == bool(records):
        raise click.UsageError("Name records as loan:ID#SEQ, or say --all.")
    results: Counter[str] = Counter()
    with asked.engine(asked.settings(), dry=True, words=False) as engine, progress("records") as show:
        for done, of, record in every_record(engine) if everything else enumerated(records):
            replayed = engine.replay(record)
            results[replayed.result] += 1
            if asked.json:
                tell({"record": replayed.record, "result": replayed.result, "difference": replayed.difference})
            elif replayed.result == "differs":
                complain([f"{replayed.record} differs: {replayed.difference}"])
            elif not everything:
                say(SAYS[replayed.result].format(record=replayed.record, difference=replayed.difference))
            if show is not None:
                show(done, of)
    if everything and not asked.json:
        said = ", ".join(f"{number:,} {result.replace('_', ' ')}" for result, number in sorted(results.items()))
        say(f"Replayed {results.total():,} records: {said or 'none'}.")
    leave(TAMPERED if results["differs"] else FINE)


SAYS = {
    "agrees": "{record} agrees to the byte.",
    "erased": "{record}: {difference}",
    "no_decision": "{record} is no decision; there is nothing to replay.",
}


def enumerated(records: tuple[str, ...]) -> list[tuple[int, int, str]]:
    """Return *records* with how many there are."""
    return [(done, len(records), record) for done, record in enumerate(records, start=1)]
