"""What is special to SQLite: its file, its locks, its errors, its processes, and hosts that use it too."""

import json
import sqlite3
import subprocess
import sys
import textwrap

import pytest
from attrs import evolve
from sqlalchemy import create_engine, event

from dunning.adapters.storage.sql import SqliteStorage, SqlStorage
from dunning.adapters.storage.sql.tables import tables
from dunning.core.journal.effects import WorkedBy
from dunning.engine.verify import verify
from dunning.errors import StaleStateError, StorageError, TamperedError
from dunning.testing.builders import LENDER, NOON, a_draft, a_stream, an_entry
from dunning.testing.storage.shared import append, claim, write_everything


@pytest.fixture
def path(tmp_path):
    return tmp_path / "dunning.db"


@pytest.fixture
def storage(path):
    storage = SqliteStorage(path, patience=0.2)
    storage.prepare()
    yield storage
    storage.close()


@pytest.fixture
def db(path, storage):
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


# --- The file


def test_every_commit_is_on_the_disk_before_it_is_reported(storage, db):
    seen = {}
    engine = storage._connect().engine

    @event.listens_for(engine, "checkout")
    def look(connection, *_):
        for name in ("synchronous", "foreign_keys", "secure_delete", "busy_timeout"):
            seen[name] = connection.execute(f"PRAGMA {name}").fetchone()[0]

    with storage.begin(LENDER):
        pass

    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert seen == {"synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 200}


def test_the_lender_is_part_of_every_key():
    without = [
        table.name
        for table in tables("x_").metadata.tables.values()
        if "lender" not in [column.name for column in table.primary_key.columns]
    ]

    assert without == ["x_meta"]


def test_two_prefixes_share_a_file_and_nothing_else(path, storage):
    other = SqliteStorage(path, prefix="other_")
    other.prepare()
    with storage.begin(LENDER) as unit:
        write_everything(unit)

    with other.begin(LENDER, read_only=True) as unit:
        assert list(unit.lines()) == []
    other.close()


@pytest.mark.parametrize("database", [":memory:", ""])
def test_a_database_in_memory_is_refused(database):
    with pytest.raises(StorageError, match="memory storage"):
        SqliteStorage(database)


def test_another_database_is_not_claimed():
    with pytest.raises(StorageError, match="postgresql is not supported yet"):
        SqlStorage("postgresql://host/db")


def test_preparing_again_keeps_what_is_there(path, storage):
    with storage.begin(LENDER) as unit:
        append(unit, a_draft())
    again = SqliteStorage(path)
    again.prepare()

    with again.begin(LENDER, read_only=True) as unit:
        assert unit.end().position == 1
    again.close()


# --- Errors say what happened, where, and what to do


def read_something(storage):
    with storage.begin(LENDER) as unit:
        unit.entries()


def write_something(storage, **changes):
    with storage.begin(LENDER) as unit:
        unit.enqueue([an_entry()])
        append(unit, a_draft(**changes))


def test_another_schema_version_is_left_alone(path, storage, db):
    db.execute("UPDATE dunning_meta SET value = '99'")
    db.execute("DROP TABLE dunning_snapshots")
    other = SqliteStorage(path)
    for use in (SqliteStorage.prepare, read_something):
        with pytest.raises(StorageError, match="schema version 99, and this version of dunning works with 2"):
            use(other)
    assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'dunning_snapshots'").fetchone() == (0,)
    other.close()


def test_a_missing_file_is_not_created_by_looking(path):
    with pytest.raises(StorageError, match=r"no database at .*dunning\.db. Call `prepare\(\)`"):
        read_something(SqliteStorage(path))
    assert not path.exists()


def test_a_file_without_our_tables_says_prepare(path):
    sqlite3.connect(path).close()
    path.touch()
    storage = SqliteStorage(path)
    with pytest.raises(StorageError, match=r"dunning\.db has no tables of ours yet. Call `prepare\(\)`"):
        read_something(storage)
    storage.close()


def test_a_missing_folder_is_named(tmp_path):
    storage = SqliteStorage(tmp_path / "no such folder" / "dunning.db")
    with pytest.raises(StorageError, match=r"no such folder/dunning\.db cannot be opened: its folder does not exist"):
        storage.prepare()


def test_a_file_of_another_kind_is_named(path):
    path.write_text("A letter, not a database. " * 100)
    storage = SqliteStorage(path)
    with pytest.raises(StorageError, match=r"dunning\.db is not an SQLite database"):
        storage.prepare()
    storage.close()


def test_a_read_only_database_says_so(path, storage):
    storage.close()
    engine = create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(StorageError, match="may only be read"):
        write_something(SqlStorage(engine))
    engine.dispose()


def test_a_full_disk_says_so_and_leaves_nothing_half_written(path, storage):
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def no_more_pages(connection, _):
        connection.execute("PRAGMA max_page_count = 1")  # SQLite takes the pages that there are

    full = SqlStorage(engine)
    with pytest.raises(StorageError, match="the disk is full"):
        write_something(full, about=json.dumps({"story": "x" * 1_000_000}))
    engine.dispose()

    with storage.begin(LENDER, read_only=True) as unit:
        assert (list(unit.lines()), unit.entries()) == ([], [])


def test_a_lock_that_is_not_let_go_is_reported(storage, db):
    db.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked by another process"):
        write_something(storage)
    db.execute("ROLLBACK")

    write_something(storage)


def test_a_reader_is_not_stopped_by_a_writer(storage, db):
    db.execute("BEGIN IMMEDIATE")
    with storage.begin(LENDER, read_only=True) as unit:
        assert unit.entries() == []
    db.execute("ROLLBACK")


@pytest.mark.parametrize("text", ["", "{}", "not json", '{"format":1,"lender":""}'])
def test_a_record_that_cannot_be_read_is_named(storage, db, text):
    write_something(storage)
    db.execute("UPDATE dunning_records SET body = ?", (text,))

    with storage.begin(LENDER, read_only=True) as unit:
        for read in (lambda: list(unit.read(a_stream())), lambda: unit.since(0, limit=1)):
            with pytest.raises(TamperedError) as raised:
                read()
            assert raised.value.record == "loan:L-1#1"


# --- Snapshots are a cache


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM dunning_snapshots",
        "UPDATE dunning_snapshots SET body = 'not json'",
        "UPDATE dunning_snapshots SET body = '{}'",
        "UPDATE dunning_snapshots SET body = replace(body, 'L-1', 'L-2')",
        "UPDATE dunning_snapshots SET body = replace(body, '\"seq\":1', '\"seq\":9')",
    ],
)
def test_a_snapshot_that_is_gone_or_damaged_is_folded_again(storage, db, damage):
    with storage.begin(LENDER) as unit:
        snapshot = unit.cases([a_stream()])[a_stream()]
        kept = evolve(snapshot, seq=1, case=evolve(snapshot.case, worked_by="agency-7"))
        append(unit, a_draft(effects=(WorkedBy(actor="agency-7"),)), snapshots=[kept])
    db.execute(damage)

    with storage.begin(LENDER, read_only=True) as unit:
        found = unit.cases([a_stream()])[a_stream()]
    assert (found.stream, found.seq, found.case) == (kept.stream, 1, kept.case)


# --- Forgetting


def test_what_is_forgotten_is_not_left_in_the_file(path, storage):
    secret = b"a borrower's exact words, kept once"
    with storage.begin(LENDER) as unit:
        unit.vault.keep("P-1", secret)
    files = [path, path.with_name(f"{path.name}-wal")]
    assert any(secret in file.read_bytes() for file in files if file.exists())

    with storage.begin(LENDER) as unit:
        assert unit.vault.forget("P-1") == 1

    assert not any(secret in file.read_bytes() for file in files if file.exists())


# --- A host's connection


def test_a_host_that_commits_every_statement_is_refused(path, storage):
    connection = sqlite3.connect(path, isolation_level=None)
    with pytest.raises(StorageError, match="no transaction to join"), storage.join(connection, LENDER):
        pass
    connection.close()


def test_a_host_that_reads_text_its_own_way_is_refused(storage, db):
    db.text_factory = bytes
    with pytest.raises(StorageError, match="text_factory"), storage.join(db, LENDER):
        pass


@pytest.mark.parametrize("name", ["host.db", ":memory:"])
def test_a_host_on_another_database_is_told_which(tmp_path, path, storage, name):
    at = name if name == ":memory:" else str(tmp_path / name)
    where = "a database in memory" if name == ":memory:" else at
    connection = sqlite3.connect(at)
    with pytest.raises(StorageError) as caught, storage.join(connection, LENDER):
        pass
    connection.close()
    assert (
        f"The host's connection is on {where}, which has no tables of ours: it is another database than the engine's "
        f"storage, {path}. Join a connection on that one."
    ) == str(caught.value)


@pytest.mark.parametrize("there", [True, False])
def test_a_host_on_our_database_before_it_was_prepared_is_told(tmp_path, there):
    file = tmp_path / "dunning.db"
    if there:
        file.touch()
    connection = sqlite3.connect(file)
    with (
        pytest.raises(StorageError, match=r"dunning\.db has no tables of ours yet. Call `prepare\(\)`"),
        SqliteStorage(file).join(connection, LENDER),
    ):
        pass
    connection.close()


def test_our_database_by_another_name_or_attached_is_ours(tmp_path, path, storage):
    (tmp_path / "link.db").symlink_to(path)
    for connection in (sqlite3.connect(tmp_path / "link.db"), sqlite3.connect(tmp_path / "host.db")):
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            connection.execute("ATTACH ? AS ours", (str(path),))
        with storage.join(connection, LENDER) as unit:
            write_everything(unit)
        connection.rollback()
        connection.close()


def test_an_open_transaction_of_this_process_is_named_as_what_may_hold_the_lock(path, storage):
    connection = sqlite3.connect(path)
    hurried = SqliteStorage(path, patience=0.0)
    with storage.join(connection, LENDER) as unit:
        write_everything(unit)
        with pytest.raises(StorageError, match=r"an open transaction of this one.*pass its unit \(`unit=`\)"):
            write_something(hurried)
    connection.rollback()
    connection.close()
    hurried.close()


def test_the_hosts_connection_keeps_its_settings_and_its_functions(path, storage):
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    connection.create_function("regexp", 2, lambda pattern, text: "the host's")
    connection.execute("CREATE TABLE host (a)")
    connection.execute("INSERT INTO host VALUES (1)")
    with storage.join(connection, LENDER) as unit:
        write_everything(unit)

    assert connection.in_transaction
    assert connection.row_factory is sqlite3.Row
    assert connection.execute("SELECT 'a' REGEXP 'b'").fetchone()[0] == "the host's"
    connection.rollback()
    assert connection.execute("SELECT count(*) FROM host").fetchone()[0] == 0
    connection.close()


def test_a_host_rolled_back_by_an_error_leaves_no_row_of_ours(path, storage, db):
    engine = create_engine(f"sqlite:///{path}")

    def serve(connection):
        with storage.join(connection, LENDER) as unit:
            write_everything(unit)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), engine.begin() as connection:
        serve(connection)
    engine.dispose()

    counts = {
        table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own table's name
        for table in tables("dunning_").metadata.tables
        if table != "dunning_meta"
    }
    assert set(counts.values()) == {0}
    assert len(counts) == 12


def test_a_host_that_read_before_somebody_wrote_must_begin_again(path, storage):
    host = sqlite3.connect(path, isolation_level=None)
    host.execute("BEGIN")
    host.execute("SELECT * FROM dunning_meta").fetchall()
    write_something(storage)

    with pytest.raises(StaleStateError, match="Roll it back and begin it again"), storage.join(host, LENDER) as unit:
        unit.lock(["person:P-1"])
    host.close()


# --- Processes

_SCRIPT = """
import datetime as dt, os, sys
from dunning.adapters.storage.sql import SqliteStorage
from dunning.testing.builders import *
from dunning.testing.storage.shared import append, claim
storage = SqliteStorage(sys.argv[1])
"""


def start(path, script):
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", _SCRIPT + textwrap.dedent(script), str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_several_processes_never_claim_one_entry_twice(path, storage):
    entries = [an_entry(f"L-{number}") for number in range(60)]
    with storage.begin(LENDER) as unit:
        unit.enqueue(entries)
    script = """
    while True:
        with storage.begin(LENDER) as unit:
            claims = claim(unit, limit=1)
        if not claims:
            break
        print(claims[0].entry.key)
    storage.close()
    """
    workers = [start(path, script) for _ in range(3)]
    answers = [worker.communicate(timeout=60) for worker in workers]

    assert [error for _, error in answers] == ["", "", ""]
    assert sorted(key for said, _ in answers for key in said.split()) == sorted(entry.key for entry in entries)


def test_a_process_killed_while_it_writes_leaves_whole_units(path, storage):
    """Ten records and ten entries a unit: whenever it is killed, their numbers agree and every chain holds."""
    script = """
    for number in range(1_000_000):
        with storage.begin(LENDER) as unit:
            ids = [f"L-{number}-{each}" for each in range(10)]
            append(unit, *(a_draft(each) for each in ids))
            unit.enqueue([an_entry(each) for each in ids])
        print(number, flush=True)
    """
    with start(path, script) as worker:
        for _ in range(3):
            worker.stdout.readline()
        worker.kill()

    with storage.begin(LENDER, read_only=True) as unit:
        records, entries = unit.end().position, len(unit.entries())
    assert records == entries >= 30
    assert records % 10 == 0
    # The worker's records say nothing of its entries, which `verify` would ask about.
    assert {"the outbox entry"} == {p.record.rpartition(" ")[0] for p in verify(storage, LENDER).problems}


def test_parent_and_child_go_on_after_a_fork(path, storage):
    script = """
    with storage.begin(LENDER) as unit:
        append(unit, a_draft("before"))
    child = os.fork()
    with storage.begin(LENDER) as unit:
        append(unit, a_draft("parent" if child else "child"))
    if not child:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    with storage.begin(LENDER) as unit:
        append(unit, a_draft("after"))
    storage.close()
    """
    said, error = start(path, script).communicate(timeout=60)

    assert (said, error) == ("", "")
    with storage.begin(LENDER, read_only=True) as unit:
        names = [record.draft.stream.id for record in unit.since(0, limit=10)]
    assert (names[0], sorted(names[1:3]), names[3]) == ("before", ["child", "parent"], "after")


def test_nothing_of_ours_needs_sqlalchemy_before_it_is_asked_for():
    script = """
    import sys
    import dunning.adapters.interfaces.storage, dunning.adapters.storage.memory, dunning.engine.verify
    import dunning.testing.builders, dunning.adapters.codec.journal
    print([name for name in ("sqlalchemy", "sqlite3") if name in sys.modules])
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]

    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_long_lists_are_asked_in_pieces(storage):
    """More keys, loans and streams than SQLite takes in one statement."""
    names = [f"L-{number}" for number in range(1_200)]
    entries = [an_entry(name) for name in names]
    with storage.begin(LENDER) as unit:
        unit.enqueue(entries)
        append(unit, *(a_draft(name) for name in names))
    many = [*names, *(f"no such {number}" for number in range(40_000))]

    with storage.begin(LENDER) as unit:
        assert len(unit.entries(loan_ids=many)) == 1_200
        assert len(unit.entries(keys=[entry.key for entry in entries] + many)) == 1_200
        assert len(unit.history([f"debt:{name}" for name in many], since=NOON)) == 0
        assert sum(case.seq for case in unit.cases([a_stream(name) for name in many[:2_000]]).values()) == 1_200
        assert len(claim(unit, limit=5_000)) == 1_200
