"""Whoever touches a record of the journal on disk is noticed, and the record is named."""

import hashlib
import json
import shutil
import sqlite3

import pytest
from attrs import evolve

from dunning.adapters.storage.memory import MemoryStorage
from dunning.adapters.storage.sql import SqliteStorage
from dunning.core.journal.chain import GENESIS
from dunning.core.journal.effects import Sealed
from dunning.core.journal.proof import disproved
from dunning.engine.verify import prove, seal, verify
from dunning.errors import FactsError, TamperedError
from dunning.testing.builders import LENDER, NOON, a_draft, a_stream

ENGINE = a_stream("engine", kind="engine")

# By position: streams interleave, two records of one stream stand side by side, one stream has a single record.
WRITTEN = ["L-1", "L-2", "L-1", "L-1", "L-3", "L-2"]
NAMES = [
    "loan:L-1#1",
    "loan:L-2#1",
    "loan:L-1#2",
    "loan:L-1#3",
    "loan:L-3#1",
    "loan:L-2#2",
    "engine:engine#1",
    "loan:L-1#4",
]
POSITIONS = range(1, len(NAMES) + 1)


def write(storage):
    """Write the journal of `NAMES`, one unit a record; return the root sealed at position 6."""
    for number, loan_id in enumerate(WRITTEN):
        append(storage, loan_id, about=json.dumps({"number": number}))
    with storage.begin(LENDER) as unit:
        sealed = seal(unit, ENGINE, now=NOON).draft.effects[0]
    append(storage, "L-1", about='{"number":"last"}')
    return sealed


def append(storage, loan_id, **changes):
    with storage.begin(LENDER) as unit:
        stream = a_stream(loan_id)
        seq = unit.cases([stream])[stream].seq
        unit.append([a_draft(loan_id, **changes)], expected={stream: seq}, recorded_at=NOON)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "dunning.db"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The journal of `NAMES`, written once; each test touches a copy."""
    path = tmp_path_factory.mktemp("journal") / "dunning.db"
    storage = SqliteStorage(path)
    storage.prepare()
    write(storage)
    storage.close()
    return path


@pytest.fixture
def storage(path, written):
    shutil.copy(written, path)
    storage = SqliteStorage(path)
    yield storage
    storage.close()


class Vandal:
    """Somebody with write access to the file."""

    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.row_factory = sqlite3.Row

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.db.close()

    def row(self, position):
        return dict(self.db.execute("SELECT * FROM dunning_records WHERE position = ?", (position,)).fetchone())

    def set(self, position, **columns):
        names = ", ".join(f"{name} = ?" for name in columns)
        self.db.execute(f"UPDATE dunning_records SET {names} WHERE position = ?", (*columns.values(), position))  # noqa: S608 - a test's own columns

    def set_head(self, row, seq, digest):
        self.db.execute(
            "UPDATE dunning_heads SET seq = ?, hash = ? WHERE kind = ? AND id = ?",
            (seq, digest, row["kind"], row["id"]),
        )

    def delete(self, position):
        self.db.execute("DELETE FROM dunning_records WHERE position = ?", (position,))

    def insert(self, row):
        marks = ", ".join("?" * len(row))
        self.db.execute(f"INSERT INTO dunning_records ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))  # noqa: S608 - a test's own columns


def linked(previous, body):
    return hashlib.sha256(bytes.fromhex(previous) + body.encode()).hexdigest()


def twined(chain, digest):
    return hashlib.sha256(bytes.fromhex(chain) + bytes.fromhex(digest)).hexdigest()


def forged(row):
    """Return the body of *row* with another time, in canonical form."""
    body = row["body"].replace("2026-03-04T04:00:00Z", "2026-03-03T04:00:00Z")
    assert body != row["body"]
    return body


def last_of_its_stream(position):
    stream = NAMES[position - 1].partition("#")[0]
    return all(name.partition("#")[0] != stream for name in NAMES[position:])


# --- Each edit takes a vandal and the position of the record to touch.


def edit_body(vandal, position):
    vandal.set(position, body=forged(vandal.row(position)))


def edit_one_space(vandal, position):
    vandal.set(position, body=vandal.row(position)["body"].replace(",", ", ", 1))


def empty_the_body(vandal, position):
    vandal.set(position, body="")


def edit_body_and_hash(vandal, position):
    row = vandal.row(position)
    body = forged(row)
    vandal.set(position, body=body, hash=linked(row["previous"], body))


def edit_body_hash_and_head(vandal, position):
    """The last record of a stream, with its head made to fit."""
    row = vandal.row(position)
    body = forged(row)
    digest = linked(row["previous"], body)
    vandal.set(position, body=body, hash=digest)
    if last_of_its_stream(position):
        vandal.set_head(row, row["seq"], digest)


def edit_hash(vandal, position):
    vandal.set(position, hash="ab" * 32)


def edit_hash_to_nonsense(vandal, position):
    vandal.set(position, hash="nonsense")


def edit_previous(vandal, position):
    vandal.set(position, previous="cd" * 32)


def edit_previous_to_nonsense(vandal, position):
    vandal.set(position, previous="not hex")


def edit_chain(vandal, position):
    vandal.set(position, chain="ef" * 32)


def delete(vandal, position):
    vandal.delete(position)


EDITS = [
    edit_body,
    edit_one_space,
    empty_the_body,
    edit_body_and_hash,
    edit_body_hash_and_head,
    edit_hash,
    edit_hash_to_nonsense,
    edit_previous,
    edit_previous_to_nonsense,
    edit_chain,
    delete,
]


def test_an_untouched_journal_is_whole(storage):
    found = verify(storage, LENDER)

    assert (found.records, found.streams, found.problems, found.whole) == (8, 4, (), True)
    found.require()


@pytest.mark.parametrize("position", POSITIONS, ids=NAMES)
@pytest.mark.parametrize("edit", EDITS)
def test_the_touched_record_is_the_first_one_named(storage, path, edit, position):
    with Vandal(path) as vandal:
        edit(vandal, position)

    found = verify(storage, LENDER)

    assert found.problems[0].record == NAMES[position - 1]
    assert NAMES[position - 1] in str(found.problems[0])
    with pytest.raises(TamperedError) as raised:
        found.require()
    assert raised.value.record == NAMES[position - 1]


@pytest.mark.parametrize("position", POSITIONS, ids=NAMES)
def test_a_record_forged_with_both_its_hashes_is_mentioned(storage, path, position):
    """Whoever makes its own hashes fit breaks the next record's; that one's flaw names both."""
    with Vandal(path) as vandal:
        edit_body_hash_and_head(vandal, position)
        row = vandal.row(position)
        before = vandal.row(position - 1)["chain"] if position > 1 else GENESIS
        vandal.set(position, chain=twined(before, row["hash"]))

    assert NAMES[position - 1] in str(verify(storage, LENDER).problems[0])


LAST = [position for position in POSITIONS if last_of_its_stream(position)]


@pytest.mark.parametrize("position", LAST, ids=[NAMES[position - 1] for position in LAST])
def test_the_last_record_of_a_stream_is_missed_even_if_its_head_is_made_to_fit(storage, path, position):
    """Its name is gone with it; its place in the journal is not."""
    with Vandal(path) as vandal:
        row = vandal.row(position)
        vandal.delete(position)
        if row["seq"] == 1:
            vandal.db.execute("DELETE FROM dunning_heads WHERE kind = ? AND id = ?", (row["kind"], row["id"]))
        else:
            vandal.set_head(row, row["seq"] - 1, row["previous"])

    (problem,) = verify(storage, LENDER).problems

    assert (problem.record, problem.what) == (f"position {position}", "missing")


@pytest.mark.parametrize("position", POSITIONS[:-1], ids=NAMES[:-1])
def test_a_closed_gap_is_noticed(storage, path, position):
    """The records after a deleted one moved up: the chain over the whole journal does not fit there."""
    with Vandal(path) as vandal:
        vandal.delete(position)
        vandal.db.execute("UPDATE dunning_records SET position = -position WHERE position > ?", (position,))
        vandal.db.execute("UPDATE dunning_records SET position = -position - 1 WHERE position < 0")

    found = verify(storage, LENDER)

    assert NAMES[position] in {problem.record for problem in found.problems}
    assert NAMES[position - 1] in {problem.record for problem in found.problems}


def test_the_records_after_a_deleted_stream_are_not_blamed(storage, path):
    with Vandal(path) as vandal:
        vandal.db.execute("DELETE FROM dunning_records WHERE id = 'L-2'")

    found = verify(storage, LENDER)

    assert [str(problem) for problem in found.problems] == ["loan:L-2#1 is missing.", "loan:L-2#2 is missing."]


SWAPS = [
    pytest.param(("body",), id="texts"),
    pytest.param(("body", "hash"), id="texts and hashes"),
    pytest.param(("body", "hash", "previous"), id="texts and links"),
    pytest.param(("kind", "id", "seq"), id="names"),
    pytest.param(("position",), id="positions"),
    pytest.param(("position", "chain"), id="positions and chains"),
    pytest.param(("kind", "id", "seq", "body", "hash", "previous"), id="all but positions and chains"),
]


@pytest.mark.parametrize("position", POSITIONS[:-1], ids=NAMES[:-1])
@pytest.mark.parametrize("columns", SWAPS)
def test_swapped_neighbours_are_named(storage, path, position, columns):
    with Vandal(path) as vandal:
        first, second = vandal.row(position), vandal.row(position + 1)
        vandal.delete(position)
        vandal.delete(position + 1)
        vandal.insert(first | {name: second[name] for name in columns})
        vandal.insert(second | {name: first[name] for name in columns})

    found = verify(storage, LENDER)

    assert found.problems[0].record in {NAMES[position - 1], NAMES[position]}


@pytest.mark.parametrize("stream", ["L-1", "L-3", "L-9"])
@pytest.mark.parametrize("with_head", [False, True], ids=["head left", "head made to fit"])
@pytest.mark.parametrize("place", [-3, 0, len(NAMES) + 1], ids=["before the first", "at zero", "after the last"])
def test_an_inserted_record_is_named(storage, path, stream, with_head, place):
    with Vandal(path) as vandal:
        rows = [vandal.row(position) for position in POSITIONS]
        before = [row for row in rows if row["id"] == stream]
        seq, previous = (before[-1]["seq"], before[-1]["hash"]) if before else (0, GENESIS)
        body = json.loads(forged(rows[0])) | {"stream_id": stream, "seq": seq + 1}
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        digest = linked(previous, text)
        row = rows[0] | {"id": stream, "seq": seq + 1, "position": place, "previous": previous, "hash": digest}
        vandal.insert(row | {"body": text, "chain": twined(rows[-1]["chain"], digest)})
        if with_head:
            vandal.db.execute("DELETE FROM dunning_heads WHERE id = ?", (stream,))
            vandal.db.execute(
                "INSERT INTO dunning_heads VALUES (?, 'loan', ?, ?, ?)", (LENDER, stream, seq + 1, digest)
            )

    found = verify(storage, LENDER)

    assert found.problems[0].record == f"loan:{stream}#{seq + 1}"
    assert found.problems[0].what == "inserted"


@pytest.mark.parametrize(
    ("statement", "record"),
    [
        pytest.param("UPDATE dunning_heads SET seq = 9 WHERE id = 'L-1'", "loan:L-1#5", id="head too far"),
        pytest.param("UPDATE dunning_heads SET seq = 9000000000 WHERE id = 'L-1'", "loan:L-1#5", id="head far too far"),
        pytest.param("UPDATE dunning_heads SET seq = 3 WHERE id = 'L-1'", "loan:L-1#4", id="head too short"),
        pytest.param("UPDATE dunning_heads SET hash = 'x' WHERE id = 'L-1'", "loan:L-1#4", id="head of another hash"),
        pytest.param("DELETE FROM dunning_heads WHERE id = 'L-1'", "loan:L-1#4", id="no head"),
        pytest.param("UPDATE dunning_heads SET kind = 'nonsense' WHERE id = 'L-1'", "nonsense:L-1#4", id="head of no stream"),
        pytest.param("INSERT INTO dunning_heads VALUES ('lender', 'loan', 'L-7', 1, 'x')", "loan:L-7#1", id="head of nothing"),
        pytest.param("UPDATE dunning_ends SET position = 9", "position 9", id="end too far"),
        pytest.param("UPDATE dunning_ends SET position = 7", "loan:L-1#4", id="end too short"),
        pytest.param("UPDATE dunning_ends SET chain = 'x'", "loan:L-1#4", id="end of another chain"),
        pytest.param("DELETE FROM dunning_ends", "end of the journal", id="no end"),
        pytest.param("UPDATE dunning_records SET seq = 'x' WHERE position = 3", "loan:L-1#0", id="seq that is no number"),
        pytest.param("UPDATE dunning_records SET body = x'ff' WHERE position = 3", "loan:L-1#2", id="body that is no text"),
        pytest.param("UPDATE dunning_records SET kind = 'nonsense' WHERE position = 3", "nonsense:L-1#2", id="kind that is none"),
        pytest.param("UPDATE dunning_records SET position = 10 WHERE position = 3", "loan:L-1#2", id="moved to the end"),
    ],
)  # fmt: skip
def test_what_is_kept_apart_is_checked_too(storage, path, statement, record):
    with Vandal(path) as vandal:
        vandal.db.execute(statement)

    assert record in {problem.record for problem in verify(storage, LENDER).problems}


def rewrite_everything(path, change):
    """Let *change* edit each body, then make every hash, head, chain and end fit: the perfect forgery."""
    with Vandal(path) as vandal:
        heads, chain = {}, GENESIS
        for position in POSITIONS:
            row = vandal.row(position)
            key = (row["kind"], row["id"])
            previous = heads.get(key, GENESIS)
            body = change(row)
            heads[key] = linked(previous, body)
            chain = twined(chain, heads[key])
            vandal.set(position, body=body, previous=previous, hash=heads[key], chain=chain)
            vandal.set_head(row, row["seq"], heads[key])
        vandal.db.execute("UPDATE dunning_ends SET chain = ?", (chain,))


@pytest.mark.parametrize("position", range(1, 7), ids=NAMES[:6])
def test_a_seal_shows_a_perfect_forgery(storage, path, position):
    """All chains fit, and the root in the seal does not."""
    rewrite_everything(path, lambda row: forged(row) if row["position"] == position else row["body"])

    found = verify(storage, LENDER)

    assert [(problem.record, problem.what) for problem in found.problems] == [("engine:engine#1", "unsealed")]


def test_a_root_kept_elsewhere_shows_a_forged_seal(storage, path):
    """Who forges the seal as well is caught by whoever holds the true root."""
    with storage.begin(LENDER, read_only=True) as unit:
        sealed = next(unit.read(ENGINE)).draft.effects[0]
    rewrite_everything(path, lambda row: forged(row) if row["position"] == 1 else row["body"])
    with storage.begin(LENDER, read_only=True) as unit:
        fitting = prove(unit, a_stream("L-1"), position=6).root
    rewrite_everything(path, lambda row: row["body"].replace(sealed.root, fitting))

    assert verify(storage, LENDER).whole
    found = verify(storage, LENDER, witnessed={sealed.position: sealed.root})
    assert [problem.what for problem in found.problems] == ["unsealed"]


def test_a_witness_of_what_is_not_there_is_not_overheard(storage):
    found = verify(storage, LENDER, witnessed={99: "root"})

    assert [problem.record for problem in found.problems] == ["position 99"]


def test_a_seal_that_does_not_seal_is_named(storage):
    with storage.begin(LENDER) as unit:
        wrong = Sealed(root="00" * 32, streams=1, position=3)
        unit.append([a_draft(stream=ENGINE, kind="seal", effects=(wrong,))], expected={ENGINE: 1}, recorded_at=NOON)

    assert [problem.record for problem in verify(storage, LENDER).problems] == ["engine:engine#2"]


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_an_empty_journal_is_whole(kind, tmp_path):
    storage = MemoryStorage() if kind == "memory" else SqliteStorage(tmp_path / "empty.db")
    storage.prepare()

    assert verify(storage, LENDER).whole
    storage.close()


# --- What a borrower can be given


def proof_and_lines(storage, loan_id, position=None):
    with storage.begin(LENDER, read_only=True) as unit:
        proof = prove(unit, a_stream(loan_id), position=position)
        lines = [line for line in unit.lines() if line.id == loan_id and line.seq <= proof.head.seq]
    return proof, lines


@pytest.mark.parametrize("loan_id", ["L-1", "L-2", "L-3"])
@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_one_stream_is_proved_against_a_sealed_root(backend, path, loan_id):
    storage = MemoryStorage() if backend == "memory" else SqliteStorage(path)
    storage.prepare()
    sealed = write(storage)

    proof, lines = proof_and_lines(storage, loan_id, sealed.position)
    now, all_lines = proof_and_lines(storage, loan_id)

    assert disproved(proof, sealed.root, lines) is None
    assert disproved(now, now.root, all_lines) is None
    assert "unsealed" == disproved(now, sealed.root, all_lines).what
    storage.close()


@pytest.mark.parametrize(
    ("change", "what", "record"),
    [
        pytest.param(lambda lines: lines[:-1], "missing", "loan:L-1#3", id="last one kept back"),
        pytest.param(lambda lines: lines[1:], "reordered", "loan:L-1#1", id="first one kept back"),
        pytest.param(lambda lines: [lines[0], lines[2], lines[1]], "reordered", "loan:L-1#2", id="two swapped"),
        pytest.param(lambda lines: [*lines, lines[-1]], "inserted", "loan:L-1#4", id="one too many"),
        pytest.param(
            lambda lines: [lines[0], evolve(lines[1], body=forged({"body": lines[1].body})), lines[2]],
            "altered",
            "loan:L-1#2",
            id="one edited",
        ),
        pytest.param(lambda lines: [], "missing", "loan:L-1#1", id="nothing given"),
    ],
)
def test_a_record_of_a_proved_stream_cannot_be_changed(storage, change, what, record):
    proof, lines = proof_and_lines(storage, "L-1", 6)

    flaw = disproved(proof, proof.root, change(lines))

    assert (flaw.what, flaw.record) == (what, record)


@pytest.mark.parametrize(("loan_id", "position"), [("L-9", None), ("L-3", 4), ("L-1", 0), ("L-1", 9)])
def test_what_is_not_there_cannot_be_proved(storage, loan_id, position):
    with storage.begin(LENDER, read_only=True) as unit, pytest.raises(FactsError):
        prove(unit, a_stream(loan_id), position=position)
