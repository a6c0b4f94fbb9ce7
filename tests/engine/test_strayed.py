"""What is kept beside the journal is held to it: edits that no chain would show."""

import datetime as dt
import sqlite3
from contextlib import closing

import pytest

from dunning.adapters.storage.sql import SqliteStorage
from dunning.testing.builders import NOON, TODAY, a_loan, a_person, an_instalment
from dunning.testing.given import an_engine


def late_loan():
    first = TODAY - dt.timedelta(days=20)
    return a_loan(instalments=tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(6)))


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        pytest.param("SELECT 1", "", id="nothing"),
        pytest.param("DELETE FROM dunning_snapshots", "", id="the cache is deleted"),
        pytest.param(
            "UPDATE dunning_snapshots SET body = replace(body, 'cease', 'manual') WHERE kind = 'person'",
            "the snapshot of person:P-1",
            id="the reason of a hold",
        ),
        pytest.param(
            "UPDATE dunning_entries SET body = replace(body, '\"P-1-mobile\"', '\"P-2-mobile\"')",
            "the outbox entry",
            id="the point of an entry",
        ),
        pytest.param("UPDATE dunning_entries SET state = 'waiting'", "the outbox entry", id="the state of an entry"),
        pytest.param(
            "UPDATE dunning_vault SET value = CAST(replace(CAST(value AS TEXT), 'Borrower 1', 'Borrower 2') AS BLOB)",
            "vault",
            id="a fact in the vault",
        ),
        pytest.param("DELETE FROM dunning_vault", "vault", id="the vault emptied"),
        pytest.param("DELETE FROM dunning_contacts", "the ledger line", id="a line of the ledger"),
    ],
)
def test_edits_beside_the_journal(tmp_path, edit, says):
    """Each is named; deleting the cache harms nobody."""
    path = tmp_path / "dunning.db"
    engine = an_engine([late_loan()], [a_person()], storage=SqliteStorage(path))
    engine.assess(as_of=TODAY, now=NOON)
    engine.deliver(now=NOON)
    hold = {"kind": "hold", "id": "h", "at": "2026-03-04T03:00:00Z", "loan_id": "L-1", "reason": "cease"}
    engine.receive([hold | {"subject": {"kind": "person", "person_id": "P-1"}}], now=NOON)
    engine.close()

    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(edit)
    with an_engine([late_loan()], [a_person()], storage=SqliteStorage(path)) as again:
        found = again.verify()

    if says:
        assert any(problem.record.startswith(says) for problem in found.problems), found
    else:
        assert found.whole


def test_the_database_is_its_owners_alone(tmp_path):
    """It holds names, addresses and texts."""
    path = tmp_path / "dunning.db"
    with an_engine([late_loan()], [a_person()], storage=SqliteStorage(path)) as engine:
        engine.assess(as_of=TODAY, now=NOON)
        modes = {file.stat().st_mode & 0o777 for file in tmp_path.glob("dunning.db*")}

    assert {0o600} == modes
