"""Assess: facts in, decisions out. Gather, ask the core, act; a batch at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from attrs import evolve, frozen

from dunning.adapters.interfaces.storage import Unit
from dunning.core.decide import Decision, decide
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.core.journal.snapshot import blank
from dunning.core.outbox.transitions import IllegalMoveError, Move
from dunning.engine import inputs
from dunning.engine.clock import check_clock
from dunning.engine.gather import Gathered, gather, opened
from dunning.engine.looking import VERB, awake, look, mark_after
from dunning.engine.parts import Parts
from dunning.engine.reports import Assessed, Progress, Trouble
from dunning.engine.runs import note_run
from dunning.errors import DunningError, FactsError, StaleStateError, StorageError
from dunning.plugins.dispatch import Failure

BATCH = 100


@frozen(kw_only=True)
class Decided:
    """A loan with the decision about it."""

    gathered: Gathered
    decision: Decision


def assess(
    parts: Parts,
    *,
    as_of: dt.date,
    now: dt.datetime,
    known_at: dt.datetime | None = None,
    loans: Iterable[str] | None = None,
    changed: Iterable[str] | None = None,
    full: bool = False,
    shard: tuple[int, int] = (0, 1),
    simulate: bool = False,
    unit: Unit | None = None,
    progress: Progress | None = None,
) -> Assessed:
    """
    Assess the book, or some of it, for business date *as_of*.

    Args:
        loans: Only these; None takes the whole book (of *shard*).
        changed: The host says that only these loans' facts changed since the last assessment: they, new loans, and
            those whose `wake_on` has come are assessed, and no others. None asks a book that can tell
            (`ChangingBook`), and takes all of them where there is any doubt.
        full: Take all of them, whatever the book says.
        simulate: Decide and count, and write nothing.
        unit: The host's joined unit, whose commit we never call; None commits each batch.

    A loan that was assessed for *as_of* or later already changes only by later knowledge, and never for an earlier
    *as_of*: nights may be rerun in any order.
    """
    check_clock(as_of, now)
    report = Assessed(as_of=as_of, simulated=simulate)
    report.stale = any(
        (as_of - parts.book.current_through).days > policy.stale_after_days
        for policy in parts.policies
        if policy.holds_on(as_of)
    )
    looked = None
    if loans is None and changed is None and known_at is None:
        looked = look(parts, report, as_of=as_of, shard=shard, full=full, unit=unit)
        changed = looked.changed if looked is not None else None
    ids = list(loans) if loans is not None else list(parts.book.ids(shard))
    if changed is not None:
        chosen = awake(parts, ids, frozenset(changed), as_of=as_of, unit=unit)
        report.asleep, ids = len(ids) - len(chosen), chosen
    for done, batch in _batches(ids):
        _batch(parts, batch, report, as_of=as_of, now=now, known_at=known_at, simulate=simulate, unit=unit)
        if progress is not None:
            progress(done, len(ids))
    mark = mark_after(parts, looked, report)
    if (report.records or mark is not None) and not simulate:
        counts = {"loans": report.loans, "records": report.records, "queued": report.queued.total()}
        report.records += note_run(parts, VERB, counts, as_of=as_of, now=now, shard=shard, mark=mark, unit=unit)
    return report


def _batches(ids: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    rest = iter(ids)
    done = 0
    while batch := list(islice(rest, BATCH)):
        done += len(batch)
        yield done, batch


def _batch(
    parts: Parts,
    ids: Sequence[str],
    report: Assessed,
    *,
    as_of: dt.date,
    now: dt.datetime,
    known_at: dt.datetime | None,
    simulate: bool,
    unit: Unit | None,
) -> None:
    gathered = gather(parts, ids, as_of=as_of, now=now, known_at=known_at, unit=unit)
    for id_, why in gathered.unusable:
        _leave_out(report, id_, why)
    for id_ in gathered.unknown:
        _leave_out(report, id_, "The book does not have it.")
    failures = [f for f in gathered.failures if _failure(f) not in report.troubles]
    report.troubles.extend(_failure(f) for f in failures)
    decided = []
    for one in gathered.gathered:
        if one.snapshot.assessed_on is not None and as_of < one.snapshot.assessed_on:
            report.skipped_earlier += 1
            report.left_out.append(one.dossier.loan.id)
            report.by_tier[one.snapshot.case.tier] += 1
            continue
        try:
            decision = decide(one.dossier, one.terms, as_of=as_of, now=now)
        except DunningError as error:
            _leave_out(report, one.dossier.loan.id, str(error))
            continue
        if simulate or not one.policy.signed:
            _simulated(report, one)
            _count(report, Decided(gathered=one, decision=decision))
        else:
            decided.append(Decided(gathered=one, decision=decision))
    if simulate:
        return
    failed = [
        Draft(
            stream=Stream(lender=parts.lender, kind="engine", id="plugins"),
            kind="plugin_failed",
            at=now,
            as_of=as_of,
            effects=(fx.PluginFailed(plugin=f.plugin, hook=f.hook, error=f.error),),
        )
        for f in failures
    ]
    _write_splitting(parts, decided, failed, report, as_of=as_of, now=now, unit=unit)


def _leave_out(report: Assessed, loan_id: str, why: str) -> None:
    report.troubles.append(Trouble(what=f"loan {loan_id}", why=why))
    report.left_out.append(loan_id)


def _failure(failure: Failure) -> Trouble:
    return Trouble(what=f"plugin {failure.plugin}", why=f"{failure.hook}: {failure.error}")


def _simulated(report: Assessed, one: Gathered) -> None:
    if not one.policy.signed:
        why = "It is not signed by business and legal, so it only simulates. Sign it: see `dunning policy`."
        trouble = Trouble(what=f"policy {one.policy.id} {one.policy.version}", why=why)
        if trouble not in report.troubles:
            report.troubles.append(trouble)
    report.simulated = True


def _write_splitting(
    parts: Parts,
    decided: Sequence[Decided],
    failed: Sequence[Draft],
    report: Assessed,
    *,
    as_of: dt.date,
    now: dt.datetime,
    unit: Unit | None,
) -> None:
    """Write a batch; if a loan spoils it (somebody else wrote first, a poisonous value), write the rest without it."""
    try:
        written = _write(parts, decided, failed, as_of=as_of, now=now, unit=unit)
    except (StorageError, FactsError) as error:
        if unit is not None or (not isinstance(error, StaleStateError | FactsError) and len(decided) <= 1):
            raise
        if len(decided) <= 1:
            for one in decided:
                _leave_out(report, one.gathered.dossier.loan.id, str(error))
            return
        half = len(decided) // 2
        _write_splitting(parts, decided[:half], failed, report, as_of=as_of, now=now, unit=unit)
        _write_splitting(parts, decided[half:], (), report, as_of=as_of, now=now, unit=unit)
        return
    report.records += written
    for one in decided:
        _count(report, one)


def _write(
    parts: Parts,
    decided: Sequence[Decided],
    failed: Sequence[Draft],
    *,
    as_of: dt.date,
    now: dt.datetime,
    unit: Unit | None,
) -> int:
    with opened(parts, unit) as own:
        drafts: list[Draft] = []
        snapshots = []
        expected: dict[Stream, int] = {}
        own.vault.expect(o for d in decided if d.decision.effects for o in inputs.owners(d.gathered.dossier))
        for one in decided:
            snapshot, decision = one.gathered.snapshot, one.decision
            if decision.effects:
                drafts.append(decision_draft(own, one, as_of=as_of, now=now))
                expected[snapshot.stream] = snapshot.seq
            after = evolve(
                snapshot,
                case=decision.case,
                seq=snapshot.seq + bool(decision.effects),
                assessed_on=as_of,
                wake_on=_wake_on(parts, decision, as_of),
            )
            if after != snapshot:
                snapshots.append(after)
        if failed:
            stream = failed[0].stream
            drafts.extend(failed)
            seq = own.cases([stream])[stream].seq
            expected[stream] = seq
            snapshots.append(evolve(blank(stream), seq=seq + len(failed)))
        for one in decided:
            for effect in one.decision.effects:
                if isinstance(effect, fx.EntryMoved):
                    _settle(own, effect, now=now)
        own.enqueue([entry for one in decided for entry in one.decision.entries])
        if not drafts and not snapshots:
            return 0
        return len(own.append(drafts, expected=expected, snapshots=snapshots, recorded_at=now))


def _settle(unit: Unit, effect: fx.EntryMoved, *, now: dt.datetime) -> None:
    try:
        unit.settle(effect.key, Move(effect.move), token=None, now=now, reason=effect.reason)
    except IllegalMoveError as error:
        # Somebody took, reported or gave it up between our reading and our writing.
        raise StaleStateError(f"Entry {effect.key} has moved on: {error}") from error


def _wake_on(parts: Parts, decision: Decision, as_of: dt.date) -> dt.date | None:
    """The decision's own date, or earlier: when another policy takes effect, or told money may have to be given up."""
    dates = [decision.wake_on, *(day for p in parts.policies for day in (p.effective_from, p.effective_to))]
    if decision.case.told:
        dates.append(as_of + dt.timedelta(days=1))
    return min((date for date in dates if date is not None and date > as_of), default=None)


def decision_draft(unit: Unit, one: Decided, *, as_of: dt.date, now: dt.datetime) -> Draft:
    """Return the record of a decision, with its inputs kept in the vault."""
    return Draft(
        stream=one.gathered.snapshot.stream,
        kind="decision",
        at=now,
        as_of=as_of,
        effects=one.decision.effects,
        inputs=inputs.keep(unit.vault, one.gathered.dossier, one.gathered.terms),
        about=one.decision.about,
    )


def _count(report: Assessed, one: Decided) -> None:
    decision = one.decision
    report.loans += 1
    report.by_tier[decision.case.tier] += 1
    for effect in decision.effects:
        match effect:
            case fx.TierEntered(migrated=False):
                report.moves[effect.previous, effect.tier] += 1
            case fx.EntryQueued():
                report.queued[effect.entry.step] += 1
                at = effect.entry.not_before
                report.next_permitted = min(report.next_permitted or at, at)
            case fx.TouchClosed():
                report.closed[effect.reason] += 1
            case fx.RequestProposed():
                report.requests.append(effect.request)
            case fx.AlarmRaised():
                says = effect.says.removesuffix(".") or f"{effect.step} has not gone out"
                report.alarms.append(f"{one.gathered.dossier.loan.id}: {says}")
            case _:
                pass
    queued = {(entry.step, entry.person_id) for entry in decision.entries}
    for considered in decision.considered:
        # What stands in the way of one channel stands in nobody's way where another was found.
        if (considered.step, considered.person_id) not in queued:
            for objection in considered.in_the_way:
                report.refused["hold" if objection.kind == "hold" else objection.rule] += 1
