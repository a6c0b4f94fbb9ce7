"""Each storage that we ship keeps every promise, in its own units and in each kind of host's transaction."""

import sqlite3

import pytest
from sqlalchemy import create_engine

from dunning.adapters.storage.memory import MemoryStorage
from dunning.adapters.storage.sql import SqliteStorage, SqlStorage
from dunning.testing.storage import StorageConformance


class TestMemory(StorageConformance):
    @pytest.fixture
    def storage(self):
        return MemoryStorage()

    @pytest.fixture
    def handle(self, storage):
        transaction = storage.open()
        yield transaction
        transaction.rollback()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "dunning.db"


class TestSqlite(StorageConformance):
    @pytest.fixture
    def storage(self, path):
        storage = SqliteStorage(path)
        storage.prepare()
        yield storage
        storage.close()

    @pytest.fixture
    def handle(self, path):
        engine = create_engine(f"sqlite:///{path}")
        with engine.connect() as connection:
            yield connection
        engine.dispose()


class TestSqliteWithPlainConnection(TestSqlite):
    @pytest.fixture
    def handle(self, path):
        connection = sqlite3.connect(path)
        yield connection
        connection.close()


class TestSqliteWithRowsAndOwnBegin(TestSqlite):
    @pytest.fixture
    def handle(self, path):
        connection = sqlite3.connect(path, isolation_level=None, detect_types=sqlite3.PARSE_DECLTYPES)
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.close()


class TestEngineOfTheHost(TestSqlite):
    """The host's engine, with the driver's own ideas about transactions, and another prefix."""

    @pytest.fixture
    def storage(self, path):
        engine = create_engine(f"sqlite:///{path}")
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        storage = SqlStorage(engine, prefix="collections_")
        storage.prepare()
        yield storage
        engine.dispose()
