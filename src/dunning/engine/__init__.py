"""
The engine: the imperative shell. Each verb gathers, asks the core, and acts.

Plain and synchronous, with no globals, threads, signal handlers or logging set-up of its own; a context manager that
fits in a request, a task or a management command.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dunning.adapters.interfaces.channel import Channel
from dunning.adapters.interfaces.loan_book import LoanBook
from dunning.adapters.interfaces.storage import Storage, Unit
from dunning.adapters.policy.document import Policy
from dunning.adapters.results.form import Result
from dunning.core.calendar import Calendar
from dunning.core.hold import CHANNELS
from dunning.core.journal.effects import Sealed
from dunning.core.journal.record import Record, Stream
from dunning.core.ladder.case import Request
from dunning.engine.approve import approve, waiting
from dunning.engine.assess import assess
from dunning.engine.assign import assign
from dunning.engine.deliver import Claimed, Ready, Sent, claim, deliver, send, settle
from dunning.engine.explain import Story, explain
from dunning.engine.forget import forget
from dunning.engine.parts import Parts, stated_policies, terms_of
from dunning.engine.receive import receive
from dunning.engine.replay import Replayed, replay
from dunning.engine.reports import Approved, Assessed, Delivered, Progress, Received, Told
from dunning.engine.tell import tell
from dunning.engine.verify import Verified, seal, verify
from dunning.engine.work import Given, Revocations, Row, Taken, give_back, results, revoked, take, work
from dunning.errors import FactsError
from dunning.plugins.hooks import Hooks, build_hooks


class Engine:
    """
    Everything `dunning` does for one lender.

    Args:
        lender: The tenant; part of every key.
        book: The host's loans.
        storage: Where our side is kept.
        policies: One or more; each loan's attributes decide on exactly one. An unsigned one only simulates.
        channels: Channels by kind (sms, email, call, …).
        queues: Channels for people, by work queue.
        plugins: Plugins of the host, beside the built-in ones.
        discover: Whether installed plugins (entry-point group ``dunning``) take part.
        disabled: Names of plugins to leave out, as `dunning plugins` prints them.
        sender: What texts say of the lender, by language and variable: phone_back, hardship_line, …
        calendars: Holiday calendars of the lender; national ones that rules name beside them are there by themselves.
        worker: Names this process in leases.
        memory: Folder, of ours alone, in which a large book that cannot say what changed is remembered from night to
            night, so that loans that did not change are not looked at. A cache: it may be deleted. Needs the extra
            `portfolio`.
        remember_from: How many loans make a book large.

    Raises:
        FactsError: *policies* are no policies: `read_policy` makes one of a text; or a calendar would widen a law.
        PolicyError, RulePackError, TemplateError, PluginContractError: Something cannot be used; nothing is guessed.
    """

    def __init__(
        self,
        *,
        lender: str,
        book: LoanBook,
        storage: Storage,
        policies: Policy | Sequence[Policy],
        channels: Mapping[str, Channel] | None = None,
        queues: Mapping[str, Channel] | None = None,
        plugins: Sequence[object] = (),
        discover: bool = False,
        disabled: Sequence[str] = (),
        hooks: Hooks | None = None,
        sender: Mapping[str, Mapping[str, str]] | None = None,
        calendars: Sequence[Calendar] = (),
        worker: str = "engine",
        memory: Path | None = None,
        remember_from: int = 10_000,
    ) -> None:
        self.hooks = hooks if hooks is not None else build_hooks(plugins, discover=discover, disabled=disabled)
        stated = stated_policies(policies)
        _check_channels(channels or {}, queues or {})
        packs = self.hooks.rule_packs()
        storage.prepare()
        self.parts = Parts(
            lender=lender,
            book=book,
            storage=storage,
            policies=stated,
            terms={p.content_hash: terms_of(p, lender=lender, packs=packs, calendars=calendars) for p in stated},
            templates=self.hooks.templates(),
            channels=dict(channels or {}),
            queues=dict(queues or {}),
            hooks=self.hooks.dispatcher,
            sender=dict(sender or {}),
            worker=worker,
            memory=memory,
            remember_from=remember_from,
        )

    def assess(
        self,
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
        """Assess the book for business date *as_of*: see `dunning.engine.assess.assess`."""
        return assess(
            self.parts,
            as_of=as_of,
            now=now,
            known_at=known_at,
            loans=loans,
            changed=changed,
            full=full,
            shard=shard,
            simulate=simulate,
            unit=unit,
            progress=progress,
        )

    def deliver(
        self,
        *,
        now: dt.datetime,
        clock: Callable[[], dt.datetime] | None = None,
        limit: int = 100,
        simulate: bool = False,
        progress: Progress | None = None,
    ) -> Delivered:
        """Send what is due at *now*: see `dunning.engine.deliver.deliver`."""
        return deliver(self.parts, now=now, clock=clock, limit=limit, simulate=simulate, progress=progress)

    def claim(self, report: Delivered, *, now: dt.datetime, limit: int = 100) -> Claimed:
        """First verb of `deliver`: lease, look again, reserve."""
        return claim(self.parts, report, now=now, limit=limit)

    def send(self, ready: Sequence[Ready], *, now: dt.datetime) -> list[Sent]:
        """Second verb of `deliver`: hand to the channels."""
        return send(self.parts, ready, now=now)

    def settle(self, sent: Sequence[Sent], report: Delivered, *, now: dt.datetime) -> None:
        """Third verb of `deliver`: record the answers."""
        settle(self.parts, sent, report, now=now)

    def receive(
        self,
        messages: Iterable[Mapping[str, Any]],
        *,
        now: dt.datetime,
        simulate: bool = False,
        unit: Unit | None = None,
        places: Sequence[str] = (),
    ) -> Received:
        """Take what people and systems tell: see `dunning.engine.receive.receive`."""
        return receive(self.parts, messages, now=now, simulate=simulate, unit=unit, places=places)

    def work(self, queue: str, *, now: dt.datetime) -> list[Row]:
        """Return the rows of a work queue, in order: see `dunning.engine.work`."""
        return work(self.parts, queue, now=now)

    def take(
        self,
        queue: str = "",
        *,
        keys: Sequence[str] = (),
        by: str,
        now: dt.datetime,
        limit: int | None = None,
        again: bool = False,
    ) -> Taken:
        """Take rows of a queue, each looked at again: see `dunning.engine.work.taking.take`."""
        return take(self.parts, queue, keys=keys, by=by, now=now, limit=limit, again=again)

    def give_back(self, keys: Sequence[str], *, by: str, now: dt.datetime) -> Given:
        """Give rows back that *by* took: they are anybody's again."""
        return give_back(self.parts, keys, by=by, now=now)

    def revoked(self, since: int = 0, *, by: str = "") -> Revocations:
        """Return what was taken and has ended after journal position *since*: see `dunning.engine.work.revoked`."""
        return revoked(self.parts, since, by=by)

    def results(self, reported: Iterable[Result], *, now: dt.datetime, simulate: bool = False) -> Received:
        """Apply what came of rows: see `dunning.engine.work.results`."""
        return results(self.parts, reported, now=now, simulate=simulate)

    def requests(self) -> list[Request]:
        """Return the requests that wait for somebody's approval, the oldest first."""
        return waiting(self.parts)

    def approve(
        self,
        request_id: str,
        *,
        by: str,
        now: dt.datetime,
        reject: bool = False,
        reason: str = "",
        simulate: bool = False,
    ) -> Approved:
        """Approve or reject a request: see `dunning.engine.approve.approve`."""
        return approve(self.parts, request_id, by=by, now=now, reject=reject, reason=reason, simulate=simulate)

    def assign(self, loan_id: str, *, actor: str, by: str, now: dt.datetime) -> int:
        """State who works a case: see `dunning.engine.assign`. Returns how many records that made."""
        return assign(self.parts, loan_id, actor=actor, by=by, now=now)

    def tell(self, *, limit: int = 1000) -> Told:
        """Tell plugins what was committed since they were last told."""
        return tell(self.parts, limit=limit)

    def explain(self, loan_id: str, *, as_of: dt.date, now: dt.datetime) -> Story:
        """Tell the story of a loan."""
        return explain(self.parts, loan_id, as_of=as_of, now=now)

    def replay(self, record: str | Record) -> Replayed:
        """Decide a recorded decision again from the vault, and compare to the byte. *record* as ``loan:ID#SEQ``."""
        return replay(self.parts, record)

    def verify(self, *, witnessed: Mapping[int, str] | None = None) -> Verified:
        """Check that the journal is what was written; *witnessed* are roots kept elsewhere, by their position."""
        return verify(self.parts.storage, self.parts.lender, witnessed=witnessed)

    def forget(self, person_id: str, *, now: dt.datetime, by: str = "") -> int:
        """Destroy what the vault keeps of a person, for good; return how many values: see `dunning.engine.forget`."""
        return forget(self.parts.storage, self.parts.lender, person_id, now=now, by=by)

    def seal(self, *, now: dt.datetime) -> Sealed:
        """
        Append the Merkle root over the heads of all streams, and return it.

        Keep `root` and `position` outside: whoever holds them can show later that nothing up to there was changed.
        """
        with self.parts.storage.begin(self.parts.lender) as unit:
            record = seal(unit, Stream(lender=self.parts.lender, kind="engine", id="seals"), now=now)
        (sealed,) = record.draft.effects
        assert isinstance(sealed, Sealed)  # noqa: S101 - what `seal` has just written
        return sealed

    @contextmanager
    def join(self, handle: Any) -> Iterator[Unit]:
        """Work in the host's open transaction; pass the unit to `assess` or `receive`. We never commit it."""
        with self.parts.storage.join(handle, self.parts.lender) as unit:
            yield unit

    def close(self) -> None:
        """Let go of the storage's connections, and of whatever plugins run in."""
        self.parts.storage.close()
        self.hooks.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _check_channels(channels: Mapping[str, Channel], queues: Mapping[str, Channel]) -> None:
    for kind in channels:
        if kind not in CHANNELS:
            raise FactsError(f"channels may name {', '.join(CHANNELS)}; not {kind!r}.", field="channels")
    for field, given in (("channels", channels), ("queues", queues)):
        for name, channel in given.items():
            # What passes on whatever it is asked, as a host's wrapper does, is asked when there is something to send.
            if not hasattr(type(channel), "__getattr__") and not isinstance(channel, Channel):
                raise FactsError(
                    f"{field}[{name!r}] is {type(channel).__name__}, which is no channel: it has no repeatable, batch "
                    f"and send. Make one, as FolderChannel(path) does.",
                    field=field,
                )
