"""R10: a disk that is full, a file or folder that may not be written, a database that somebody else holds."""

import datetime as dt
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager

import pytest
import sqlalchemy
from sqlalchemy import event

from dunning.adapters.channels.folder import FolderChannel
from dunning.adapters.storage.memory import MemoryStorage
from dunning.adapters.storage.sql import SqliteStorage
from dunning.errors import StorageError
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_party, a_person, a_point, an_instalment
from dunning.testing.given import an_engine

FULL = "cannot grow: the disk is full. Make room and run again; nothing was half-written."
LOCKED = "is locked by another process that has been writing for too long, or by an open transaction of this one."
READ_ONLY = "may only be read. Give this user leave to write to the file and its folder."
DISK_ERROR = "cannot be read or written: the disk reports an error. Check it, then run `verify`."


@pytest.fixture(scope="module")
def demo(tmp_path_factory, here, cut):
    """Return a folder with the example, its book cut to some loans."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    here("init", "--example", "auto", folder)
    cut(folder, every=11)
    return folder


def dunning(*words, limit=None):
    """Run the command as an operator does; *limit* is the largest file, in bytes, that it may write."""
    return subprocess.run(
        [sys.executable, "-c", "from dunning.cli import main; main()", *map(str, words)],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "DUNNING_PLUGINS": ""},
        preexec_fn=limit and (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))),
    )


def counts(path):
    """Return how many rows each table of the database has; a table without any is left out."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: connection.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
    return {name: number for name, number in rows.items() if number and name != "dunning_meta"}


def sent(folder):
    return sorted(path.relative_to(folder / "out").as_posix() for path in (folder / "out").rglob("*.txt"))


@pytest.fixture(scope="module")
def undisturbed(demo, here, tmp_path_factory):
    """Return what a run without any fault leaves: rows and messages."""
    folder = tmp_path_factory.mktemp("undisturbed") / "demo"
    shutil.copytree(demo, folder)
    here("run", "-C", folder)
    return counts(folder / "dunning.db"), sent(folder)


@pytest.fixture
def folder(demo, tmp_path):
    """Return a copy of the folder with an empty database."""
    copy = tmp_path / "demo"
    shutil.copytree(demo, copy)
    with closing(SqliteStorage(copy / "dunning.db")) as storage:
        storage.prepare()
    return copy


@pytest.fixture
def completes(folder, undisturbed, here):
    """Return a function that sees whether the rerun after the fault was mended leaves what an undisturbed run does."""

    def rerun():
        here("run", "-C", folder)
        assert undisturbed == (counts(folder / "dunning.db"), sent(folder))
        here("verify", "-C", folder)

    return rerun


def test_r10_a_full_disk(folder, undisturbed, completes, here):
    """No file may grow past so many bytes: whole units are there or nothing of them, and a later run does the rest."""
    said = dunning("run", "-C", folder, limit=200_000)

    assert 5 == said.returncode, said.stderr
    assert str(folder / "dunning.db") in said.stderr
    assert FULL in said.stderr or DISK_ERROR in said.stderr
    assert "Traceback" not in said.stderr
    here("verify", "-C", folder)
    assert undisturbed[0]["dunning_records"] > counts(folder / "dunning.db").get("dunning_records", 0)
    assert [] == sent(folder)
    completes()


def test_r10_a_database_that_another_process_holds(folder, completes):
    """It waits for as long as it has patience, says who it waited for, and has written nothing."""
    path = folder / "dunning.db"
    before = counts(path)
    hold = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert "held" == holder.stdout.readline().strip()
        with closing(SqliteStorage(path, patience=0.1)) as storage, pytest.raises(StorageError, match=LOCKED):
            storage.prepare()
        holder.stdin.close()

    assert before == counts(path)
    completes()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
@pytest.mark.parametrize("what", ["dunning.db", "."])
def test_r10_a_file_or_folder_that_may_only_be_read(folder, completes, what):
    """Exit code 5, in words; after leave was given the night is done."""
    path = (folder / what).resolve()
    mode = path.stat().st_mode
    path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        said = dunning("run", "-C", folder)
    finally:
        path.chmod(mode)

    assert 5 == said.returncode, said.stderr
    assert "leave" in said.stderr
    completes()


def test_r10_a_file_that_may_only_be_read_says_so_to_root_too(tmp_path):
    """SQLite itself is told to only read: the same error as a file system's."""
    small(tmp_path).close()
    before = counts(tmp_path / "dunning.db")
    engine = small(tmp_path)
    engine.close()

    with told("query_only = ON"), pytest.raises(StorageError, match=READ_ONLY):
        engine.assess(as_of=TODAY, now=NOON)
    engine.close()

    assert before == counts(tmp_path / "dunning.db")


def small(tmp_path):
    return engine_on(tmp_path, SqliteStorage(tmp_path / "dunning.db"))


def engine_on(tmp_path, storage):
    due = TODAY.replace(day=3)
    loans = [
        a_loan(f"L-{n}", instalments=(an_instalment(1, due_on=due),), parties=(a_party(f"P-{n}"),)) for n in range(30)
    ]
    persons = [a_person(f"P-{n}", points=(a_point(f"P-{n}-m", owner=f"P-{n}"),)) for n in range(30)]
    folder = FolderChannel(tmp_path / "out")
    return an_engine(loans, persons, storage=storage, channel=folder, queue=folder)


@contextmanager
def told(text):
    """Tell each connection that is opened in the block."""

    def tell(connection, _):
        connection.execute(f"PRAGMA {text}")

    event.listen(sqlalchemy.Engine, "connect", tell)
    try:
        yield
    finally:
        event.remove(sqlalchemy.Engine, "connect", tell)


@pytest.mark.parametrize("verb", ["assess", "deliver"])
def test_r10_no_page_more(tmp_path, verb):
    """PRAGMA max_page_count: whole units go in or none, and a run on a larger disk does what is left."""
    engine = small(tmp_path)
    if verb == "deliver":
        engine.assess(as_of=TODAY, now=NOON)
    engine.close()
    before = counts(tmp_path / "dunning.db")
    with closing(sqlite3.connect(tmp_path / "dunning.db")) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]

    with told(f"max_page_count = {pages + 2}"), pytest.raises(StorageError, match=FULL):
        engine.assess(as_of=TODAY, now=NOON) if verb == "assess" else engine.deliver(now=NOON)
    engine.close()

    after = counts(tmp_path / "dunning.db")
    assert before == after  # a lease changes a row, and adds none
    roomy = small(tmp_path)
    assert roomy.verify().whole
    roomy.assess(as_of=TODAY, now=NOON)
    for hours in (1, 2):
        roomy.deliver(now=NOON.replace(hour=NOON.hour + hours))
    with roomy.parts.storage.begin(LENDER, read_only=True) as unit:
        states = [entry.state.value for entry in unit.entries()]
    assert ["delivered"] * 30 == states
    assert 30 == len(list((tmp_path / "out").rglob("*.txt")))
    assert roomy.verify().whole
    roomy.close()


def test_r10_a_connection_cut_in_the_middle_of_a_transaction(tmp_path):
    """The driver's connection is closed under a unit: an error in words, nothing written, and the next unit works."""
    engine = small(tmp_path)
    storage = engine.parts.storage
    before = counts(tmp_path / "dunning.db")

    @event.listens_for(sqlalchemy.Engine, "before_cursor_execute")
    def cut(connection, cursor, statement, *_):
        if statement.startswith("INSERT"):
            cursor.connection.close()

    try:
        with pytest.raises(StorageError, match=r"The database at .*dunning\.db"):
            engine.assess(as_of=TODAY, now=NOON)
    finally:
        event.remove(sqlalchemy.Engine, "before_cursor_execute", cut)
    storage.close()

    assert before == counts(tmp_path / "dunning.db")
    assert engine.assess(as_of=TODAY, now=NOON).queued.total() == 30
    assert engine.verify().whole
    engine.close()


def test_r10_a_channel_whose_disk_is_full(tmp_path):
    """Its messages are refused for now and none is left half-written; when there is room, each goes out once."""
    engine = engine_on(tmp_path, MemoryStorage())
    engine.assess(as_of=TODAY, now=NOON)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        report = engine.deliver(now=NOON)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert [] == [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert {"sms cannot be written (File too large)": 30} == dict(report.retried)
    assert 0 == report.sent.total() == report.unknown.total()
    assert 30 == engine.deliver(now=NOON + dt.timedelta(hours=2)).sent.total()
    assert 30 == len(list((tmp_path / "out").rglob("*.txt")))
    assert engine.verify().whole
