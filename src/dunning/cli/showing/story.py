"""The story of a loan. Ids only: no name and no address is ever shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dunning.adapters.codec.convert import unstructure
from dunning.cli.clock import at, instant_text
from dunning.cli.table import table
from dunning.core.overdue.status import OverdueStatus
from dunning.engine.explain import Line, Story
from dunning.engine.sentences import clock


def story_lines(story: Story, *, zone: str) -> Iterator[str]:
    """Yield the story in sentences."""
    case = story.case
    yield f"Loan {story.loan_id}, under policy {story.policy}."
    yield from _status(story.status)
    for name, label in story.labels:
        yield f"Label {name}: {label}."
    since = f" since {case.entered_on}" if case.entered_on else ""
    yield f"Tier: {case.tier}{since}, episode {case.episode}." if case.tier else "It was not assessed yet."
    for track in case.tracks:
        yield f"Track {track.name} runs since {track.started_on}."
    for hold in story.holds:
        yield f"Hold: {hold}."
    for request in case.requests:
        if request.state == "proposed":
            yield f"A request for {request.kind} ({request.id}) waits for approval until {request.expires_on}."
    if story.lines:
        yield ""
        yield f"What happened, on the clock of {story.zone}:"
        yield from table(
            ("when", "what", "record"), [(clock(line.at, story.zone), _says(line), line.record) for line in story.lines]
        )
    if story.waiting:
        yield ""
        yield "What waits:"
        rows = [
            (e.step, e.person_id, e.channel or e.executor, e.state.replace("_", " "), at(e.not_before, zone))
            for e in story.waiting
        ]
        yield from table(("step", "person", "over", "state", "not before"), rows)


def story_data(story: Story) -> dict[str, Any]:
    """Return the story for machines."""
    case = story.case
    return {
        "loan_id": story.loan_id,
        "policy": story.policy,
        "status": unstructure(story.status),
        "labels": dict(story.labels),
        "tier": case.tier,
        "entered_on": case.entered_on.isoformat() if case.entered_on else None,
        "episode": case.episode,
        "tracks": [track.name for track in case.tracks],
        "holds": list(story.holds),
        "requests": [
            {"request": r.id, "kind": r.kind, "state": r.state, "expires_on": r.expires_on.isoformat()}
            for r in case.requests
        ],
        "story": [
            {"at": instant_text(line.at), "record": line.record, "says": line.says, "entry": line.entry or None}
            for line in story.lines
        ],
        "waiting": [
            {
                "entry": entry.key,
                "step": entry.step,
                "person_id": entry.person_id,
                "channel": entry.channel,
                "executor": entry.executor,
                "state": str(entry.state),
                "not_before": instant_text(entry.not_before),
                "expires_at": instant_text(entry.expires_at),
            }
            for entry in story.waiting
        ],
    }


def _says(line: Line) -> str:
    # Who looks for a message, or reports on work that was handed over, needs the whole key.
    return f"{line.says} (entry {line.entry})" if line.entry else line.says


def _status(status: OverdueStatus) -> Iterator[str]:
    if status.late:
        yield (
            f"On {status.as_of} it is {status.days_past_due} days past due: {status.arrears.total} {status.currency} "
            f"in arrears, {status.instalments_missed} instalments missed, the oldest due on "
            f"{status.oldest_unpaid_due_on}. Paying {status.cures} {status.currency} cures it."
        )
    else:
        yield f"On {status.as_of} nothing is past due."
    if status.next_due_on is not None:
        yield f"Next due: {status.next_due} {status.currency} on {status.next_due_on}."
    if status.waiting:
        yield f"{status.waiting} {status.currency} are on their way or in suspense."
    if status.written_off_on is not None:
        yield f"It was written off on {status.written_off_on}."
