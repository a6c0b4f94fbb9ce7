"""How a command that took messages, results or mails closes: what was done, what was left out, and the exit code."""

from __future__ import annotations

from typing import Any

from dunning.cli.asked import Asked
from dunning.cli.clock import Clock
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import complain, count, leave, say, tell
from dunning.cli.showing import reports
from dunning.engine.reports import Received


def close(asked: Asked, clock: Clock, total: Received, *, dry: bool, read: str = "", **data: Any) -> None:
    """
    Say what became of everything, and leave.

    Args:
        read: A sentence on what was read.
        data: More for machines; `rejects`, where it is stated, is where the bad lines went.
    """
    if asked.json:
        tell({"clock": clock.data(), **reports.received_data(total), **data, "dry_run": dry})
    else:
        say(clock.now_sentences())
        say([read] if read else [])
        say(reports.received_lines(total, dry=dry))
        say("This was a dry run: nothing was written." if dry else f"Wrote {count(total.records, 'record')}.")
        complain(reports.trouble_lines(total.rejected))
        if data.get("rejects"):
            complain([f"{count(len(total.rejected), 'rejected line')}, with the reasons, in {data['rejects']}."])
    leave(LEFT_OUT if total.rejected else FINE)
