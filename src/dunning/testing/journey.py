"""
A journey: one borrower's weeks with the real engine, and the transcript of them.

A journey is a function of a `Journey`. It says what the host states (`lends`, `enters`), lets nights and days pass
(`night`, `deliver`, `days`), and tells what the world tells (`told`, `takes`, `called`, `decides`). After each of these
the transcript gets what the engine itself says about it: the lines of `Engine.explain` that are new. `SqliteStorage`,
the shipped policy signed, the shipped rule packs, work lists, and folders for everything else; nothing is a stand-in.

`Person.zones` and the loan's business zone may differ; all times of a journey are on the clock of the first loan.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from attrs import define, evolve, field

from dunning.adapters.channels.folder import FolderChannel
from dunning.adapters.channels.work_list import WorkList
from dunning.adapters.policy.document import Policy
from dunning.adapters.storage.sql import SqliteStorage
from dunning.core.facts.event import Event, EventKind
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import Person
from dunning.core.ladder.case import Case
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import State
from dunning.engine import Engine
from dunning.engine.reports import Assessed, Received
from dunning.engine.sentences import day
from dunning.engine.work.row import Row
from dunning.testing.builders import LENDER
from dunning.testing.given import SENDER, plain_hooks, signed_policy
from dunning.testing.living import LivingBook

NIGHT = dt.time(2)


def paid(*dates: str, amount: str = "1000.00") -> tuple[Event, ...]:
    """Return payments of *amount* on *dates*, for a loan with a past."""
    return tuple(
        Event(
            id=f"paid-{date}",
            kind=EventKind.PAYMENT,
            effective_on=dt.date.fromisoformat(date),
            recorded_at=dt.datetime.fromisoformat(f"{date}T12:00:00+00:00"),
            amount=Decimal(amount),
        )
        for date in dates
    )


@define(kw_only=True)
class Journey:
    """
    One borrower's weeks. `engine` is the real one; `transcript` is what came of them.

    Args:
        folder: Where database and messages are kept.
        frozen: While true, nights pass and the book is not brought up to date.
    """

    folder: Path
    policy: Policy = field(factory=signed_policy)
    loans: dict[str, Loan] = field(factory=dict)
    persons: dict[str, Person] = field(factory=dict)
    frozen: bool = False
    now: dt.datetime = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    lines: list[str] = field(factory=list)
    engine: Engine = field(init=False)
    _book: LivingBook = field(init=False)
    _seen: set[str] = field(factory=set)
    _told_to: int = 0
    _taken_to: int = 0
    _shown: dt.date | None = None
    _numbers: int = 0

    def __attrs_post_init__(self) -> None:
        self._book = LivingBook(loans=(), current_through=dt.date(2025, 12, 31))
        folder = FolderChannel(self.folder / "out")
        self.engine = Engine(
            lender=LENDER,
            book=self._book,
            storage=SqliteStorage(self.folder / "dunning.db"),
            policies=self.policy,
            channels={setting.kind: folder for setting in self.policy.channels},
            queues={
                setting.name: WorkList() if setting.adapter == "work_list" else folder for setting in self.policy.queues
            },
            hooks=plain_hooks(),
            sender=SENDER,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.close()

    # --- what the host states

    def lends(self, *loans: Loan, to: Sequence[Person]) -> None:
        """State *loans* and the persons in them."""
        self.loans |= {loan.id: loan for loan in loans}
        self.persons |= {person.id: person for person in to}
        self.now = dt.datetime.combine(dt.date(2026, 1, 1), NIGHT, tzinfo=self.zone).astimezone(dt.UTC)
        self._turn(self._book.current_through)

    def books(self, *events: Event, loan: str = "") -> None:
        """Enter *events* into the host's ledger; the engine sees them when the book is closed tonight, or `shown`."""
        loan = loan or self.loan
        self.loans[loan] = evolve(self.loans[loan], events=(*self.loans[loan].events, *events))

    def enters(self, kind: str, at: str, *, event: str = "", loan: str = "", **fields: Any) -> str:
        """Enter an event of today into the host's ledger at *at*, and return its id. The book shows it tonight."""
        self._clock(self._date(None), at)
        self._numbers += 1
        id_ = event or f"{kind}-{self._numbers}"
        if "amount" in fields:
            fields["amount"] = Decimal(fields["amount"])
        made = Event(id=id_, kind=EventKind(kind), effective_on=self._date(None), recorded_at=self.now, **fields)
        amount = f" of {made.amount:,}" if made.amount is not None else ""
        about = f" for {loan}" if loan else ""
        self.note(f"The host enters a {kind.replace('_', ' ')}{amount}{about} into its ledger ({id_}).")
        self.books(made, loan=loan)
        return id_

    def states(self, person: Person) -> None:
        """State another version of *person*."""
        self.persons[person.id] = person

    # --- how time passes

    def night(self, on: str | dt.date, *, at: str = "02:00") -> Assessed:
        """Close the book for the day before, and assess the book for *on*."""
        date = dt.date.fromisoformat(on) if isinstance(on, str) else on
        self._clock(date, at)
        if not self.frozen:
            self._turn(date - dt.timedelta(days=1))
        report = self.engine.assess(as_of=date, now=self.now)
        notes = [f"{t.what}: {t.why}" for t in report.troubles]
        if report.stale:
            through = self._book.current_through
            notes.append(f"The book is complete only through {day(through)}: it is too old to ask anybody for money.")
        self._tell(notes)
        return report

    def deliver(self, at: str, *, on: str | dt.date | None = None) -> None:
        """Let what is due at *at* go out."""
        self._clock(self._date(on), at)
        report = self.engine.deliver(now=self.now)
        self._tell([f"{t.what}: {t.why}" for t in report.troubles])

    def days(
        self,
        until: str,
        *,
        deliver: Sequence[str] = ("09:30", "14:30"),
        report: Callable[[Entry], str] | None = None,
        takes: str = "",
    ) -> None:
        """
        Live from tomorrow up to and with *until*: a night and some deliveries each day.

        Args:
            report: What collectors report, an hour later, on each row of their list; empty: nothing.
            takes: Who takes what is on the collectors' list, at once; where they report, staff-4 unless stated.
        """
        date, last = self._date(None), dt.date.fromisoformat(until)
        while date < last:
            date += dt.timedelta(days=1)
            self.night(date)
            for at in deliver:
                self.deliver(at)
                if (takes or report is not None) and self.rows():
                    self.takes(at, by=takes or "staff-4")
                for entry in self.rows() if report is not None else ():
                    result = report(entry) if report is not None else ""
                    if result:
                        self.called(result, entry=entry, at=self._later(at))

    # --- what the world tells

    def told(self, at: str, *, on: str | dt.date | None = None, **message: Any) -> Received:
        """Tell the engine one message at *at*; `id` and `at` are filled in, and `loan_id` where it is left out."""
        self._clock(self._date(on), at)
        self._numbers += 1
        stated = {"id": f"{message['kind']}-{self._numbers}", "at": self.now.isoformat(), "loan_id": self.loan}
        received = self.engine.receive([stated | message], now=self.now)
        self._tell([f"The message {t.what} is rejected: {t.why}" for t in received.rejected])
        return received

    def takes(self, at: str, *, by: str, queue: str = "collectors") -> list[Row]:
        """Let *by* take what is on the list of *queue*, each row looked at again; return the rows."""
        self._clock(self._date(None), at)
        taken = self.engine.take(queue, by=by, now=self.now)
        self._taken_to = taken.position
        left = (("A row is no longer to be worked", taken.ended), ("A row may not be worked now", taken.waiting))
        self._tell([f"{what}: {trouble.why}." for what, troubles in left for trouble in troubles])
        return taken.rows

    def revoked(self, *, by: str = "") -> list[str]:
        """Tell whoever took rows which of them are no longer to be worked since they took them; return why."""
        gone = self.engine.revoked(self._taken_to, by=by)
        self._taken_to = gone.position
        self.note(*(f"{row.taken_by} learns that a row in hand is {row.how}." for row in gone.rows))
        return [row.reason for row in gone.rows]

    def called(self, result: str, *, at: str, entry: Entry | None = None, **more: Any) -> Received:
        """Report what came of a call (the one that is on the list, unless *entry* says which)."""
        (entry,) = (entry,) if entry is not None else self.rows()
        return self.told(at, kind="outcome", loan_id=entry.loan_ids[0], entry=entry.key, result=result, **more)

    def decides(self, role: str, kind: str, at: str, *, reject: str = "") -> None:
        """Let *role* approve the oldest request of *kind*, or reject it with a reason."""
        self._clock(self._date(None), at)
        request = next(request for request in self.engine.requests() if request.kind == kind)
        self.engine.approve(request.id, by=role, now=self.now, reject=bool(reject), reason=reject)
        self._tell([])

    def assigns(self, actor: str, at: str, *, by: str, loan: str = "") -> None:
        """Let *actor* work the case from *at* on; the empty text gives it back to the lender."""
        self._clock(self._date(None), at)
        self.engine.assign(loan or self.loan, actor=actor, by=by, now=self.now)
        self._tell([])

    def again(self, at: str) -> Assessed:
        """Assess today once more at *at*, as a host does after news; nothing else of the day changes."""
        return self.night(self._date(None), at=at)

    # --- what is looked at

    @property
    def loan(self) -> str:
        """The first loan."""
        return next(iter(self.loans))

    @property
    def zone(self) -> ZoneInfo:
        """The clock of the journey."""
        return ZoneInfo(self.loans[self.loan].business_zone)

    def case(self, loan: str = "") -> Case:
        """Return the case of *loan* as it stands."""
        return self.engine.explain(loan or self.loan, as_of=self._date(None), now=self.now).case

    def entries(self, *states: State, step: str = "") -> list[Entry]:
        """Return the entries of the outbox, in the order in which they were planned."""
        with self.engine.parts.storage.begin(LENDER, read_only=True) as unit:
            found = unit.entries(states=list(states)) if states else unit.entries()
        chosen = [e for e in found if not step or e.step.partition("@")[0] == step]
        return sorted(chosen, key=lambda e: (e.planned_on, e.not_before, e.key))

    def rows(self) -> list[Entry]:
        """Return what is on the lists of people now: one entry a row, whatever other loans ride with it."""
        return [entry for entry in self.entries(State.HANDED_OVER) if not entry.lead]

    def said(self, pattern: str) -> list[str]:
        """Return the lines of the transcript that hold *pattern*."""
        return [line for line in self.lines if pattern in line]

    def sheet(self, step: str) -> str:
        """Return the page that lies in the folder for the last entry of *step*."""
        entry = [e for e in self.entries(step=step) if e.reference][-1]
        return (self.folder / "out" / entry.reference).read_text(encoding="utf-8")

    def words(self, step: str, row: Row | None = None) -> str:
        """Put the exact words of the last message of *step*, or of *row*, into the transcript, and return them."""
        words = self.sheet(step).partition("\n\n")[2].strip() if row is None else _script(row)
        self.lines += [f"  > {line}".rstrip() for line in words.splitlines()]
        return words

    def note(self, *sentences: str, at: str = "") -> None:
        """Put into the transcript what no record says: what happened in the world, *at* an hour of today."""
        if at:
            self._clock(self._date(None), at)
        self._write(sentences, own=False)

    def finish(self, review: str) -> str:
        """Check that the journal is whole and every decision replays alike; return the transcript below *review*."""
        assert self.engine.verify().whole, self.engine.verify().problems
        with self.engine.parts.storage.begin(LENDER, read_only=True) as unit:
            records = unit.since(0, limit=100_000)
        decided = [record for record in records if record.draft.kind in ("decision", "attempt")]
        differing = {r.name: again for r in decided if (again := self.engine.replay(r)).result != "agrees"}
        assert not differing, differing
        head = (
            f"Policy {self.policy.id} {self.policy.version}; times are those of {self.zone}. What the engine says is"
            " plain, what happens around it in *italics*, and the exact words of a message are indented."
        )
        foot = (
            f"The journal is whole: {len(records)} records, of which {len(decided)} were decided again from what was "
            "kept, and came out the same."
        )
        return "\n".join([review.strip(), "", head, *self.lines, "", foot]) + "\n"

    # --- the transcript

    def _date(self, on: str | dt.date | None) -> dt.date:
        if on is None:
            return self.now.astimezone(self.zone).date()
        return dt.date.fromisoformat(on) if isinstance(on, str) else on

    def _clock(self, date: dt.date, at: str) -> None:
        self.now = dt.datetime.combine(date, dt.time.fromisoformat(at), tzinfo=self.zone).astimezone(dt.UTC)

    def _later(self, at: str) -> str:
        hours, _, rest = at.partition(":")
        return f"{int(hours) + 1:02}:{rest}"

    def _turn(self, through: dt.date) -> None:
        self._book.turn(loans=self.loans.values(), persons=self.persons.values(), current_through=through)

    def _tell(self, notes: Sequence[str]) -> None:
        self._write(notes)
        self._write(self._news())

    def _news(self) -> Iterator[str]:
        """Yield what `explain` says by now and did not say before; that about a person only once for all loans."""
        with self.engine.parts.storage.begin(LENDER, read_only=True) as unit:
            end = unit.end().position
        if end == self._told_to:
            return
        self._told_to = end
        for id_ in self.loans:
            story = self.engine.explain(id_, as_of=self._date(None), now=self.now)
            several = len(self.loans) > 1
            told = [line for line in story.lines if line.record not in self._seen]
            yield from (f"{id_}: {t.says}" if several and t.record.startswith("loan:") else t.says for t in told)
            self._seen.update(line.record for line in told)

    def _write(self, sentences: Iterable[str], *, own: bool = True) -> None:
        here = self.now.astimezone(self.zone)
        for sentence in sentences:
            if here.date() != self._shown:
                self._shown = here.date()
                self.lines += ["", f"## {day(here.date())}", ""]
            self.lines.append(f"- {here:%H:%M} {sentence}" if own else f"- {here:%H:%M} *{sentence}*")


def _script(row: Row) -> str:
    return f"{row.opening}\n--- after identity verified ---\n{row.script}".strip()
