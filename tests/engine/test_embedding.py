"""Inside a host: its transaction, its plugins, its async loop; several policies, several lenders, one database."""

import asyncio
import datetime as dt
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy
from attrs import evolve

from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.adapters.storage.memory import MemoryStorage
from dunning.adapters.storage.sql import SqliteStorage
from dunning.core.hold import Hold, Subject
from dunning.core.journal.record import Stream
from dunning.engine import Engine
from dunning.engine.reports import Delivered
from dunning.plugins import hookimpl
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_party, a_person, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import SENDER, an_engine, signed_policy

DAY = dt.timedelta(days=1)


def late_loan(loan_id="L-1", days=20, **changes):
    first = TODAY - dt.timedelta(days=days)
    instalments = tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(6))
    return a_loan(loan_id, instalments=instalments, **changes)


def rows_of_ours(path):
    with closing(sqlite3.connect(path)) as connection:
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name.startswith("dunning_") and name != "dunning_meta"
        ]
        return sum(connection.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in names)  # noqa: S608


@pytest.mark.parametrize("commit", [pytest.param(True, id="host commits"), pytest.param(False, id="host rolls back")])
def test_r11_in_the_hosts_transaction(tmp_path, commit):
    """assess and receive write in the host's own transaction, which is the host's to end: nothing of ours remains."""
    path = tmp_path / "host.db"
    engine = an_engine([late_loan()], [a_person()], storage=SqliteStorage(path))
    host = sqlalchemy.create_engine(f"sqlite:///{path}")
    with host.connect() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE host_rows (id INTEGER)"))
        connection.commit()
        connection.execute(sqlalchemy.text("INSERT INTO host_rows VALUES (1)"))
        with engine.join(connection) as unit:
            received = engine.receive(
                [
                    {
                        "kind": "payment",
                        "id": "m-1",
                        "at": "2026-03-04T03:00:00Z",
                        "loan_id": "L-1",
                        "event_id": "E-1",
                        "amount": "10.00",
                        "effective_on": "2026-03-04",
                    }
                ],
                now=NOON,
                unit=unit,
            )
            assessed = engine.assess(as_of=TODAY, now=NOON, unit=unit)
        connection.commit() if commit else connection.rollback()

    assert ({"payment": 1}, 1) == (dict(received.applied), assessed.loans)
    assert commit == bool(rows_of_ours(path))
    with closing(sqlite3.connect(path)) as check:
        assert int(commit) == check.execute("SELECT COUNT(*) FROM host_rows").fetchone()[0]
    assert engine.verify().whole
    host.dispose()
    engine.close()


def test_an_async_host_replaces_only_the_middle():
    """claim, an awaited send of the host's own, settle."""
    channel = RecordingChannel()
    engine = an_engine([late_loan()], [a_person()], channel=channel)
    engine.assess(as_of=TODAY, now=NOON)
    report = Delivered()

    async def night():
        claimed = engine.claim(report, now=NOON)
        await asyncio.sleep(0)
        sent = await asyncio.to_thread(engine.send, claimed.ready, now=NOON)
        engine.settle(sent, report, now=NOON)

    asyncio.run(night())

    assert 1 == report.sent.total() == len(channel.sent)


class Holding:
    """Restricts loan L-2."""

    @hookimpl
    def dunning_holds(self, cases):
        return [
            Hold(
                id=case.id,
                subject=Subject(kind="loan", loan_id=case.id),
                reason="complaint",
                starts_on=TODAY - DAY,
                purposes=("collection",),
            )
            for case in cases
            if case.id == "L-2"
        ]


class Broken:
    """Restricts nobody, because it fails."""

    @hookimpl
    def dunning_holds(self):
        raise SystemExit("no such table")


class Listening:
    """Counts what it is told; fails when told to."""

    def __init__(self):
        self.told = []
        self.fails = False

    @hookimpl
    def dunning_told(self, records):
        if self.fails:
            raise RuntimeError("the other side is down")
        self.told.extend(record.name for record in records)


def two_loans(**more):
    loans = [late_loan("L-1"), late_loan("L-2", parties=(a_party("P-2"),))]
    return an_engine(loans, [a_person("P-1"), a_person("P-2")], **more)


def test_a_plugins_hold_narrows():
    """The loan that it names is left alone, the other is not."""
    engine = two_loans(plugins=[Holding()])

    report = engine.assess(as_of=TODAY, now=NOON)

    assert {"soft_message": 1} == dict(report.queued)
    assert {"hold": 1} == dict(report.refused)


def test_a_broken_restricting_plugin_fails_closed_and_is_named():
    """Nobody is contacted on a guess, and the failure is told and recorded once a run (S12)."""
    channel = RecordingChannel()
    engine = two_loans(channel=channel, plugins=[Broken(), Holding()])

    report = engine.assess(as_of=TODAY, now=NOON)
    engine.deliver(now=NOON)

    assert [] == channel.sent
    # The plugin is asked again before its hold of two days has passed.
    assert report.next_permitted is None or report.next_permitted >= NOON + DAY
    (trouble,) = report.troubles
    assert "Broken" in trouble.what
    stream = Stream(lender=LENDER, kind="engine", id="plugins")
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        (record,) = unit.read(stream)
    assert "dunning_holds" == record.draft.effects[0].hook


def test_a_plugin_that_breaks_before_delivery_stops_it():
    """Planned while all was well; when it is to go out the plugin fails: it does not go out."""
    channel = RecordingChannel()
    engine = two_loans(channel=channel, plugins=[Holding()])
    engine.assess(as_of=TODAY, now=NOON)
    broken = two_loans(channel=channel, plugins=[Broken()], storage=engine.parts.storage)

    report = broken.deliver(now=NOON)

    assert [] == channel.sent
    assert report.troubles


def test_told_plugins_follow_the_journal_each_by_its_own_cursor():
    """At least once, in order; a failing one is told the same again, the others go on."""
    good, bad = Listening(), Listening()
    bad.fails = True
    engine = two_loans(plugins=[_named("good", good), _named("bad", bad)])
    engine.assess(as_of=TODAY, now=NOON)

    first = engine.tell()
    bad.fails = False
    second = engine.tell()

    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        names = [record.name for record in unit.since(0, limit=100)]
    assert names == good.told == bad.told
    assert 1 == len(first.troubles)
    assert [] == second.troubles


def _named(name, plugin):
    kind = type(name, (), {"dunning_told": hookimpl(lambda self, records: plugin.dunning_told(records))})
    return kind()


def test_an_unsigned_policy_only_simulates(tmp_path):
    """It decides and counts, and writes and sends nothing."""
    engine = an_engine([late_loan()], [a_person()], policy=read_policy(shipped("auto")))

    report = engine.assess(as_of=TODAY, now=NOON)

    assert report.simulated
    assert {"soft_message": 1} == dict(report.queued)
    assert "not signed" in report.troubles[0].why
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        assert [] == list(unit.heads())


def test_policies_side_by_side():
    """Each loan's attributes decide; a loan that none is meant for is told and left out, and the others go on."""
    text = shipped("auto")
    chinese = text.replace('product = "auto"', 'product = "auto"\njurisdiction = "CN"', 1)
    policy = read_policy(sign(chinese, business="head", legal="counsel", on=TODAY))
    abroad = late_loan("L-2", jurisdiction="US-MA", parties=(a_party("P-2"),))
    engine = an_engine([late_loan(), abroad], [a_person(), a_person("P-2")], policy=policy)

    report = engine.assess(as_of=TODAY, now=NOON)

    assert 1 == report.loans
    assert ["loan L-2"] == [trouble.what for trouble in report.troubles]


def test_lenders_share_a_database_and_never_meet(tmp_path):
    """The lender is part of every key."""
    storage = SqliteStorage(tmp_path / "both.db")
    engines = [
        Engine(
            lender=name,
            book=an_engine([late_loan()], [a_person()]).parts.book,
            storage=storage,
            policies=signed_policy(),
            sender=SENDER,
        )
        for name in ("one", "two")
    ]

    reports = [engine.assess(as_of=TODAY, now=NOON) for engine in engines]

    assert [1, 1] == [report.queued.total() for report in reports]
    for engine in engines:
        assert engine.verify().whole
    storage.close()


def test_many_workers_one_person_one_message_a_day():
    """
    Two loans of one person in one night, of two brands that do not speak for each other: the house permits one
    message a day, so the second waits (R5).
    """
    channel = RecordingChannel()
    loans = [late_loan("L-1"), evolve(late_loan("L-2"), brand="Other Auto")]
    engine = an_engine(loans, [a_person()], channel=channel, storage=MemoryStorage())
    engine.assess(as_of=TODAY, now=NOON)

    report = engine.deliver(now=NOON)

    assert 1 == len(channel.sent)
    assert {"house.caps.messages_a_day": 1} == dict(report.waiting)
