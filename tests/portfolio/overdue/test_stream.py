"""A book in files: the same answers in whatever form and order, whole files or none, in bounded memory."""

import datetime as dt
import subprocess
import sys
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dunning.core.overdue.convention import Convention, Materiality
from dunning.core.overdue.labels import LabelRow, LabelTable
from dunning.errors import FactsError
from dunning.portfolio.overdue import overdue_table
from dunning.portfolio.overdue.loading import load_columns
from dunning.portfolio.overdue.stream import overdue_parquet

AS_OF = dt.date(2026, 3, 1)
FIRST = 20_270  # 2025-07-01
BUCKETS = LabelTable(
    name="bucket",
    source="a test",
    rows=(
        LabelRow(label="current", from_days=0, to_days=0),
        LabelRow(label="1-30", from_days=1, to_days=30),
        LabelRow(label="31+", from_days=31),
    ),
)


def a_book(loans, *, seed=0, most=12):
    """Return long tables of *loans* loans: instalments, and payments of which some are reversed or of no loan."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, most + 1, loans)
    loan = np.repeat(np.arange(loans), lengths)
    number = np.concatenate([np.arange(length) for length in lengths])
    ids = pa.array([f"L{each:06d}" for each in range(loans)])
    instalments = pa.table(
        {
            "loan_id": ids.take(pa.array(loan)),
            "number": number + 1,
            "due_on": pa.array((FIRST + number * 30 + loan % 30).astype(np.int32)).view(pa.date32()),
            "principal": np.full(len(loan), 80_00),
            "interest": np.full(len(loan), 20_00),
        }
    )
    payer = np.sort(random.integers(0, loans, loans * 4))
    on = (FIRST + random.integers(0, 300, len(payer))).astype(np.int32)
    reverses = random.random(len(payer)) < 0.02
    reverses[0] = False
    reverses[1:] &= payer[1:] == payer[:-1]
    reverses[1:] &= ~reverses[:-1]
    at = np.arange(len(payer))
    events = pa.table(
        {
            "loan_id": ids.take(pa.array(payer)),
            "event_id": at,
            "kind": pa.array(["payment", "reversal"]).take(pa.array(reverses.astype(int))),
            "effective_on": pa.array(on).view(pa.date32()),
            "amount": pa.array(random.choice([100_00, 50_00, 120_00], len(payer)), mask=reverses),
            "of": pa.array(at - 1, mask=~reverses),
        }
    )
    return instalments, events


def shuffled(table, seed=1):
    return table.take(pa.array(np.random.default_rng(seed).permutation(len(table))))


def write(folder, row_group_size=500, **tables):
    """Write tables as Parquet; return their paths by name."""
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=row_group_size)
    return {name: folder / f"{name}.parquet" for name in tables}


INSTALMENTS, EVENTS = a_book(1000)
LOANS = pa.table({"loan_id": pa.array([f"L{each:06d}" for each in range(1000)])})


def expected(convention=Convention()):
    loaded = load_columns(INSTALMENTS, EVENTS)
    return overdue_table(loaded.columns, as_of=AS_OF, convention=convention, labels=[BUCKETS])


def answered(path):
    return pq.read_table(path).combine_chunks()


def in_words(table):
    """Return *table* with its labels as strings: an older pyarrow reads wider codes than were written."""
    return table.set_column(table.column_names.index("bucket"), "bucket", table["bucket"].cast(pa.string()))


@pytest.mark.parametrize(
    ("instalments", "events", "more"),
    [
        pytest.param(INSTALMENTS, EVENTS, {}, id="sorted"),
        pytest.param(shuffled(INSTALMENTS), EVENTS, {}, id="instalments in any order"),
        pytest.param(INSTALMENTS, shuffled(EVENTS), {}, id="events in any order"),
        pytest.param(shuffled(INSTALMENTS), shuffled(EVENTS, 2), {"loans": shuffled(LOANS, 3)}, id="nothing sorted"),
        pytest.param(INSTALMENTS, EVENTS, {"loans": LOANS}, id="with loans"),
        pytest.param(
            INSTALMENTS.set_column(0, "loan_id", INSTALMENTS["loan_id"].dictionary_encode()),
            EVENTS,
            {},
            id="ids as a dictionary",
        ),
    ],
)
@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"batch_loans": 1, "memory": 0}, id="loan by loan"),
        pytest.param({"batch_loans": 70, "memory": 0}, id="in parts"),
        pytest.param({"batch_loans": 5000, "memory": 0}, id="in one part"),
        pytest.param({}, id="whole"),
    ],
)
def test_every_form_and_order_gives_the_answers_of_the_table(instalments, events, more, how, tmp_path):
    alone = how.get("batch_loans") == 1
    if alone:
        keep = pa.array([f"L{each:06d}" for each in range(60)])
        instalments, events, *others = (
            table.filter(pa.compute.is_in(table["loan_id"].cast(pa.string()), keep))
            for table in (instalments, events, *more.values())
        )
        more = dict(zip(more, others, strict=True))
    paths = write(tmp_path, instalments=instalments, events=events, **more)
    streamed = overdue_parquet(**paths, out=tmp_path / "out.parquet", as_of=AS_OF, labels=[BUCKETS], **how)
    wanted = expected()
    if alone:
        wanted = wanted.filter(pa.compute.is_in(wanted["loan"], keep))

    assert in_words(answered(tmp_path / "out.parquet")) == in_words(wanted.combine_chunks())
    assert len(wanted) == streamed.loans
    assert sum(wanted["arrears"].to_pylist()) == streamed.arrears
    assert sum(wanted["credit"].to_pylist()) == streamed.credit
    assert sum(missed > 0 for missed in wanted["instalments_missed"].to_pylist()) == streamed.late
    labels = wanted["bucket"].to_pylist()
    assert {"bucket": {name: labels.count(name) for name in ("current", "1-30", "31+")}} == streamed.labels
    assert 0 == streamed.faults == pq.read_table(streamed.left_out_in).num_rows
    assert sorted({*(path.name for path in paths.values()), "out.parquet", "out.left-out.parquet"}) == sorted(
        path.name for path in tmp_path.iterdir()
    )


def test_lists_and_arrow_files(tmp_path):
    loaded = load_columns(INSTALMENTS, EVENTS)
    (tmp_path / "book").mkdir()
    pq.write_table(loaded.columns.slice(0, 400), tmp_path / "book" / "a.parquet")
    pq.write_table(loaded.columns.slice(400), tmp_path / "book" / "b.parquet")
    seen = []
    overdue_parquet(
        instalments=tmp_path / "book",
        out=tmp_path / "out.arrow",
        as_of=AS_OF,
        labels=[BUCKETS],
        batch_loans=300,
        progress=seen.append,
    )

    with pa.ipc.open_file(tmp_path / "out.arrow") as file:
        assert file.read_all().combine_chunks() == expected().combine_chunks()
    assert [0, 300, 400, 700, 1000] == seen


def test_a_column_at_which_the_convention_does_not_look_is_not_read(tmp_path):
    columns = load_columns(INSTALMENTS, EVENTS).columns.drop_columns(["principal"])
    longer = pa.array([[*each, 1] for each in columns["due"].to_pylist()], pa.list_(pa.int64()))
    paths = write(tmp_path, instalments=columns.append_column("principal", longer))
    out = {"out": tmp_path / "answers.parquet", "as_of": AS_OF}

    assert overdue_parquet(**paths, **out).faults == 0
    assert answered(out["out"]).equals(overdue_table(columns, as_of=AS_OF).combine_chunks())
    looks = Convention(materiality=Materiality(share=Decimal("0.01")))
    assert overdue_parquet(**paths, **out, convention=looks).faults == len(columns)


@pytest.mark.parametrize(
    ("out", "left_out", "named"),
    [
        pytest.param("instalments.parquet", None, "out", id="over the instalments"),
        pytest.param("late.parquet", "events.parquet", "left_out", id="what is left out over the events"),
        pytest.param("loans/late.parquet", None, "out", id="into a folder of the book"),
        pytest.param("late.parquet", "late.parquet", "left_out", id="both into one"),
    ],
)
def test_nothing_is_written_over_the_book(tmp_path, out, left_out, named):
    paths = write(tmp_path, instalments=INSTALMENTS, events=EVENTS)
    (tmp_path / "loans").mkdir()
    ids = sorted(set(INSTALMENTS["loan_id"].to_pylist()))
    pq.write_table(pa.table({"loan_id": ids}), tmp_path / "loans" / "one.parquet")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")}
    with pytest.raises(FactsError) as caught:
        overdue_parquet(
            **{**paths, "loans": tmp_path / "loans"},
            out=tmp_path / out,
            left_out=left_out and tmp_path / left_out,
            as_of=AS_OF,
        )

    assert named == caught.value.field
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")}


def test_a_row_of_lists_that_cannot_be_counted_is_left_out_and_named(tmp_path):
    loaded = load_columns(INSTALMENTS, EVENTS)
    rows = loaded.columns.slice(0, 10).to_pylist()
    rows[3]["due"][0] = -1
    rows[7]["money"].append(5)
    pq.write_table(pa.Table.from_pylist(rows, loaded.columns.schema), tmp_path / "book.parquet")
    streamed = overdue_parquet(instalments=tmp_path / "book.parquet", out=tmp_path / "out.parquet", as_of=AS_OF)

    found = pq.read_table(streamed.left_out_in).to_pylist()
    assert [("L000003", 3, "due"), ("L000007", 7, "money")] == [
        (each["loan_id"], each["row"], each["column"]) for each in found
    ]
    wanted = overdue_table(loaded.columns.slice(0, 10), as_of=AS_OF)
    wanted = wanted.take([0, 1, 2, 4, 5, 6, 8, 9])
    assert wanted.combine_chunks() == answered(tmp_path / "out.parquet")


@pytest.mark.parametrize(
    "how", [pytest.param({"batch_loans": 100, "memory": 0}, id="in parts"), pytest.param({}, id="whole")]
)
@pytest.mark.parametrize("order", [pytest.param(lambda table: table, id="sorted"), pytest.param(shuffled, id="not")])
def test_row_numbers_are_those_of_the_file(order, how, tmp_path):
    """And nothing is lost: whatever is not answered is named."""
    instalments, events = order(INSTALMENTS), order(EVENTS)
    amounts = instalments["principal"].to_pylist()
    amounts[1234] = -1
    kinds = events["kind"].to_pylist()
    kinds[2345] = "re_age"
    instalments = instalments.set_column(3, "principal", pa.array(amounts))
    events = events.set_column(2, "kind", pa.array(kinds)).append_column("reason", pa.array([""] * len(events)))
    amounts = events["amount"].to_pylist()
    amounts[2345] = None
    events = events.set_column(4, "amount", pa.array(amounts, pa.int64()))
    events = events.set_column(
        5,
        "of",
        pa.array(
            [None if kind == "re_age" else of for kind, of in zip(kinds, events["of"].to_pylist(), strict=True)],
            pa.int64(),
        ),
    )
    paths = write(tmp_path, instalments=instalments, events=events)
    streamed = overdue_parquet(**paths, out=tmp_path / "out.parquet", as_of=AS_OF, **how)

    found = pq.read_table(streamed.left_out_in).to_pylist()
    assert {("instalments", 1234, "principal", False), ("events", 2345, "kind", True)} <= {
        (each["table"], each["row"], each["column"], each["irregular"]) for each in found
    }
    gone = {each["loan_id"] for each in found}
    assert {instalments["loan_id"][1234].as_py(), events["loan_id"][2345].as_py()} <= gone
    assert {*LOANS["loan_id"].to_pylist()} - gone == {*answered(tmp_path / "out.parquet")["loan"].to_pylist()}


@pytest.mark.parametrize(
    "how", [pytest.param({"batch_loans": 100, "memory": 0}, id="in parts"), pytest.param({}, id="whole")]
)
def test_rows_without_a_loan_and_of_no_loan_are_named(how, tmp_path):
    ids = EVENTS["loan_id"].to_pylist()
    ids[0], ids[-1] = None, "ZZZ"
    events = EVENTS.set_column(0, "loan_id", pa.array(ids))
    paths = write(tmp_path, instalments=INSTALMENTS, events=events)
    streamed = overdue_parquet(**paths, out=tmp_path / "out.parquet", as_of=AS_OF, **how)

    assert {(None, 0), ("ZZZ", len(ids) - 1)} <= {
        (each["loan_id"], each["row"]) for each in pq.read_table(streamed.left_out_in).to_pylist()
    }


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        pytest.param(
            lambda paths: paths["instalments"].write_bytes(b"PAR1"), "cannot be read as Parquet", id="no file"
        ),
        pytest.param(
            lambda paths: pq.write_table(INSTALMENTS.drop_columns(["due_on"]), paths["instalments"]),
            "The column 'due_on' is missing",
            id="no due dates",
        ),
        pytest.param(
            lambda paths: pq.write_table(load_columns(INSTALMENTS).columns, paths["instalments"]),
            "so events has no place",
            id="lists and events",
        ),
        pytest.param(lambda paths: paths["events"].unlink(), "is no Parquet file", id="no events"),
    ],
)
def test_nothing_is_written_where_a_file_cannot_be_used(spoil, message, tmp_path):
    paths = write(tmp_path, instalments=INSTALMENTS, events=EVENTS)
    (tmp_path / "out.parquet").write_text("of yesterday")
    spoil(paths)
    before = sorted(tmp_path.iterdir())

    with pytest.raises(FactsError, match=message):
        overdue_parquet(**paths, out=tmp_path / "out.parquet", as_of=AS_OF)
    assert "of yesterday" == (tmp_path / "out.parquet").read_text()
    assert before == sorted(tmp_path.iterdir())


@pytest.mark.parametrize("table", ["instalments", "events"])
@pytest.mark.parametrize("memory", [pytest.param(0, id="in parts"), pytest.param(2**31, id="whole")])
def test_a_damaged_file_is_named_and_nothing_is_written(table, memory, tmp_path):
    paths = write(tmp_path, instalments=INSTALMENTS, events=EVENTS)
    content = bytearray(paths[table].read_bytes())
    content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)
    paths[table].write_bytes(content)

    with pytest.raises(FactsError, match=rf"(?s){table}.parquet is damaged: .* Write it again."):
        overdue_parquet(**paths, out=tmp_path / "out.parquet", as_of=AS_OF, memory=memory)
    assert ["events.parquet", "instalments.parquet"] == sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("memory", "parts"),
    [
        pytest.param(2**31, 1, id="room for all"),
        pytest.param(100_000, 5, id="for less"),
        pytest.param(0, 5, id="for none"),
    ],
)
def test_a_book_is_loaded_whole_where_there_is_room(memory, parts, tmp_path):
    seen = []
    paths = write(tmp_path, row_group_size=50_000, instalments=INSTALMENTS, events=EVENTS)
    overdue_parquet(
        **paths, out=tmp_path / "out.parquet", as_of=AS_OF, batch_loans=100, memory=memory, progress=seen.append
    )

    assert parts == len(seen)
    assert 1000 == seen[-1]


def test_a_host_that_gives_up_half_way_leaves_nothing_behind(tmp_path):
    """Neither answers nor parts: the temporary folder goes, too."""
    paths = write(tmp_path, instalments=shuffled(INSTALMENTS), events=EVENTS)

    def give_up(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        overdue_parquet(**paths, out=tmp_path / "out.parquet", as_of=AS_OF, batch_loans=50, memory=0, progress=give_up)
    assert ["events.parquet", "instalments.parquet"] == sorted(path.name for path in tmp_path.iterdir())


def test_an_empty_book(tmp_path):
    paths = write(tmp_path, instalments=INSTALMENTS.slice(0, 0), events=EVENTS.slice(0, 0))
    streamed = overdue_parquet(**paths, out=tmp_path / "out.parquet", as_of=AS_OF)

    assert 0 == streamed.loans == len(answered(tmp_path / "out.parquet"))


MEASURE = """
import datetime as dt, resource, sys
from pathlib import Path
from dunning.portfolio.overdue.stream import overdue_parquet

def run(folder):
    folder = Path(folder)
    overdue_parquet(
        instalments=folder / "instalments.parquet", events=folder / "events.parquet", out=folder / "out.parquet",
        as_of=dt.date(2026, 3, 1), batch_loans=1000, memory=0, engine="numpy",
    )
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

small = run(sys.argv[1])
print((run(sys.argv[2]) - small) // 1024)
"""


@pytest.mark.parametrize("order", [pytest.param(lambda table: table, id="sorted"), pytest.param(shuffled, id="not")])
def test_memory_does_not_grow_with_the_book(order, tmp_path):
    """
    A book ten times as large as one before it needs no more than a fraction of what it would take as a whole.

    Its tables are some 30 MB in memory, and as much again for each step of the way.
    """
    for name, loans in (("small", 6_000), ("large", 60_000)):
        (tmp_path / name).mkdir()
        instalments, events = a_book(loans)
        write(tmp_path / name, row_group_size=20_000, instalments=order(instalments), events=order(events))
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "small"), str(tmp_path / "large")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(done.stdout) < 20  # MB
