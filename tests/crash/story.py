"""Ten loans, three nights, and then the day on which machines die."""

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from dunning import Result
from dunning.adapters.channels.folder import FolderChannel
from dunning.adapters.interfaces.channel import Accepted, Answer, Channel, HandedOver, Outgoing
from dunning.adapters.storage.sql import SqliteStorage
from dunning.core.outbox.transitions import State
from dunning.engine import Engine
from dunning.testing.builders import (
    LENDER,
    NOON,
    TODAY,
    a_loan,
    a_party,
    a_payment,
    a_person,
    a_point,
    an_instalment,
)
from dunning.testing.given import an_engine

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
# The lease is ten minutes; the longest first wait before a channel is tried again is the letter's hour.
AFTERWARDS = (11 * MINUTE, 30 * MINUTE, 90 * MINUTE)
BATCH = 6  # entries that one claim reserves
CALL = 2  # messages that one call of a channel takes
Point = Callable[[str], None]


def _late(loan_id: str, days: int, person_id: str, **changes: Any):
    first = TODAY - dt.timedelta(days=days)
    instalments = tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(9))
    return a_loan(loan_id, instalments=instalments, parties=(a_party(person_id),), **changes)


def _person(person_id: str, *, letters: bool = True):
    digits = person_id.removeprefix("P-").zfill(4)
    points = [
        a_point(f"{person_id}-mobile", owner=person_id, address=f"+861380000{digits}"),
        a_point(f"{person_id}-email", owner=person_id, kind="email", address=f"{digits}@example.com", zones=(), rank=1),
    ]
    if letters:
        points.append(a_point(f"{person_id}-post", owner=person_id, kind="post", address="1 Example Road", rank=2))
    return a_person(person_id, points=tuple(points))


LOANS = (
    _late("L-1", 1, "P-1"),  # its first reminder, today
    _late("L-2", 16, "P-2"),  # in its fourth day of the soft tier: a call
    _late("L-3", 34, "P-3"),  # in its fourth day of the firm tier: a call
    _late("L-4", 31, "P-4"),  # new today, in the firm tier: help is offered by e-mail
    _late("L-5", 61, "P-5"),  # new today, pre-legal: a statutory notice by letter
    _late("L-6", 1, "P-6"),  # two loans of one person, both late
    _late("L-7", 11, "P-6"),
    _late("L-8", -3, "P-8"),  # due soon: a service
    _late("L-9", 12, "P-9", events=(a_payment("200.00"),)),  # paid some of it today: a receipt
    _late("L-10", 11, "P-10"),  # promised to pay by tomorrow: a reminder of that
)
NEW = ("L-4", "L-5")
PERSONS = tuple(_person(f"P-{n}", letters=n != 4) for n in (1, 2, 3, 4, 5, 6, 8, 9, 10))


class Watched:
    """A channel with a point before and after each of its calls."""

    def __init__(self, channel: Channel, point: Point) -> None:
        self._channel, self._point = channel, point
        self.repeatable, self.batch = channel.repeatable, min(channel.batch, CALL)

    def send(self, messages: Sequence[Outgoing], *, now: dt.datetime) -> Sequence[Answer]:
        """Send through the channel inside."""
        self._point("before the channel is called")
        answers = self._channel.send(messages, now=now)
        self._point("after the channel has answered")
        return answers


class Keyless:
    """A far side that takes no key and forgets nothing: a line in a file for each message that it was given."""

    repeatable = False
    batch = CALL

    def __init__(self, path: Path, point: Point) -> None:
        self._path, self._point = path, point

    def send(self, messages: Sequence[Outgoing], *, now: dt.datetime) -> Sequence[Answer]:
        """Append a line a message."""
        answers: list[Answer] = []
        for message in messages:
            self._point("before a message goes out")
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(file, f"{message.key}\n".encode())
            os.close(file)
            self._point("after a message went out")
            answers.append(HandedOver(until=message.until) if message.executor else Accepted())
        return answers


def channel_of(kind: str, folder: Path, point: Point) -> Channel:
    """Return a channel into *folder*: keyed (one file a key) or keyless."""
    if kind == "keyed":
        return Watched(FolderChannel(folder / "out"), point)
    return Watched(Keyless(folder / "out.txt", point), point)


def reached(kind: str, folder: Path) -> list[str]:
    """Return the key of each message that came out in *folder*, once for each time that it did."""
    if kind == "keyed":
        return sorted(path.stem for path in (folder / "out").rglob("*.txt"))
    return (folder / "out.txt").read_text().split() if (folder / "out.txt").exists() else []


def open_engine(folder: Path, kind: str, point: Point) -> Engine:
    """Return an engine on the database and the channel in *folder*."""
    channel = channel_of(kind, folder, point)
    storage = SqliteStorage(folder / "dunning.db")
    return an_engine(LOANS, PERSONS, storage=storage, channel=channel, queue=channel)


def earlier_nights(engine: Engine) -> None:
    """Three nights before today, from which calls and promises come."""
    known = [loan.id for loan in LOANS if loan.id not in NEW]
    for back in (3, 2, 1):
        engine.assess(as_of=TODAY - back * DAY, now=NOON - back * DAY, loans=known)
        engine.deliver(now=NOON - back * DAY)
    promise = {"kind": "promise", "id": "made", "at": f"{NOON - DAY}", "loan_id": "L-10", "person_id": "P-10"}
    report = engine.receive([promise | {"amount": "800.00", **_day(DAY)}], now=NOON - DAY)
    assert not report.rejected, [str(one.why) for one in report.rejected]


def _day(ahead: dt.timedelta) -> Mapping[str, str]:
    return {"due_on": (TODAY + ahead).isoformat()}


def prepare(engine: Engine) -> None:
    """Create the database's tables."""
    engine.parts.storage.prepare()


def assess(engine: Engine) -> None:
    """Assess today, in two shards: two batches, each a transaction."""
    for shard in ((0, 2), (1, 2)):
        engine.assess(as_of=TODAY, now=NOON, shard=shard)


def deliver(engine: Engine) -> None:
    """Deliver what is due at noon, a few entries a batch."""
    engine.deliver(now=NOON, limit=BATCH)


def deliver_afterwards(engine: Engine) -> None:
    """Deliver again and again through the afternoon."""
    for later in AFTERWARDS:
        engine.deliver(now=NOON + later, limit=BATCH)


def receive(engine: Engine) -> None:
    """Take what came of the calls, and what else was told."""
    results = ("wrong_number", "no_answer", "right_party", "promise")
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        # All calls ever handed over, so that a second telling names the same ones.
        calls = [e for e in unit.entries() if e.channel == "call" and e.state in (State.HANDED_OVER, State.WORKED)]
    told = [
        {"kind": "outcome", "id": f"outcome {n}", "loan_id": e.loan_ids[0], "entry": e.key, "result": results[n % 4]}
        for n, e in enumerate(sorted(calls, key=lambda e: e.key))
    ]
    told += [
        {
            "kind": "payment",
            "id": "a",
            "loan_id": "L-2",
            "event_id": "e",
            "amount": "50.00",
            "effective_on": f"{TODAY}",
        },
        {"kind": "promise", "id": "b", "loan_id": "L-4", "person_id": "P-4", "amount": "90.00", **_day(5 * DAY)},
        {
            "kind": "hold",
            "id": "c",
            "subject": {"kind": "person", "person_id": "P-5"},
            "loan_id": "L-5",
            "reason": "cease",
        },
    ]
    at = (NOON + 4 * 60 * MINUTE).isoformat()
    report = engine.receive([message | {"at": at} for message in told], now=NOON + 4 * 60 * MINUTE)
    assert not report.rejected, [str(one.why) for one in report.rejected]


def results(engine: Engine) -> None:
    """Take what a dialler reports of its calls, a promise among it."""
    codes = ("wrong_number", "no_answer", "right_party", "promise")
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        calls = [e for e in unit.entries() if e.channel == "call" and e.tries and not e.lead]
    at = NOON + 4 * 60 * MINUTE
    said = [
        Result(
            entry=entry.key,
            at=at,
            result=codes[3 - n % 4],
            point_id=entry.point_id,
            call_id=f"call-{n}",
            by="staff-4",
            **({"amount": Decimal("90.00"), "promise_on": TODAY + 5 * DAY} if n % 4 == 0 else {}),
        )
        for n, entry in enumerate(sorted(calls, key=lambda e: e.key))
    ]
    report = engine.results(said, now=at)
    assert not report.rejected, [str(one.why) for one in report.rejected]
