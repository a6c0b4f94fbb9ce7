"""A folder of Parquet files: it takes and refuses what a folder of CSV files does, and its columns say what it states."""

import csv
import datetime as dt
import io
import json
import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("pyarrow")

import pyarrow as pa
from pyarrow import parquet

from dunning.adapters.books import tables
from dunning.adapters.books.blocks import blocks
from dunning.adapters.books.columns.kinds import kind_of
from dunning.adapters.books.csv_folder import CsvBook
from dunning.adapters.books.memory import MemoryBook
from dunning.adapters.books.parquet import ParquetBook, write_parquet_book
from dunning.adapters.interfaces.loan_book import ColumnBook, LoanBook
from dunning.core.facts.event import Event
from dunning.core.facts.person import Consent, Hours
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.status import overdue_status
from dunning.errors import BookError, FactsError
from dunning.plugins.hooks import build_hooks
from dunning.portfolio.overdue.convention import whole_convention
from dunning.portfolio.overdue.counting import count
from dunning.testing.builders import TODAY, a_loan, a_party, a_payment, a_person, a_point, an_instalment

DAY = dt.timedelta(days=1)
TOML = 'current_through = 2026-03-17\n\n[loans]\ncreditor = "lender"\nbusiness_zone = "Asia/Shanghai"\n'
# Four loans of four persons, each of which has something that the others have not.
TEXTS = {
    "loans": "loan_id,currency,jurisdiction,business_zone,balance\nL-1,CNY,CN,,\nL-2,CNY,CN,,5000.00\nL-3,USD,US-MA,America/New_York,\nL-4,JPY,JP,Asia/Tokyo,\n",
    "instalments": (
        "loan_id,number,due_on,principal,interest,currency,recorded_at\n"
        "L-1,1,2026-01-15,900.00,100.00,,\nL-2,1,2026-01-15,900.00,100.00,CNY,2026-01-01T00:00:00Z\n"
        "L-2,2,2026-02-15,910.00,90.00,,\nL-3,1,2026-01-15,300.00,0,USD,\nL-4,1,2026-01-15,5000,0,,\n"
    ),
    "events": (
        "loan_id,event_id,kind,effective_on,amount,of,until,component,recorded_at\n"
        "L-2,E-1,payment,2026-01-15,1000.00,,,,2026-01-15T10:00:00Z\nL-2,E-2,reversal,2026-01-20,,E-1,,,2026-01-20T10:00:00Z\n"
        "L-2,E-3,pause,2026-02-01,,,2026-02-09,,\nL-3,E-1,payment,2026-01-15,300.00,,,,\nL-4,E-9,accrual,2026-01-16,3,,,interest,\n"
    ),
    "parties": (
        "loan_id,person_id,role,liable,may_know,since\nL-1,P-1,borrower,true,true,\nL-2,P-1,borrower,true,true,2026-01-01\n"
        "L-2,P-2,contact_person,false,false,\nL-3,P-3,borrower,true,true,\nL-4,P-4,borrower,true,true,\n"
    ),
    "attributes": "loan_id,name,value,effective_on\nL-2,region,east,2026-01-01\nL-3,region,,2026-01-01\n",
    "collateral": "loan_id,collateral_id,description\nL-1,V-1,passenger car\n",
    "mandates": "loan_id,mandate_id,person_id,since\nL-1,M-1,P-1,2026-01-01\n",
    "persons": (
        "person_id,name,residence,zones,language\nP-1,借款人001,CN,Asia/Shanghai|Asia/Urumqi,zh-CN\n"
        "P-2,联系人001,CN,Asia/Shanghai,zh-CN\nP-3,Borrower 003,US-MA,America/New_York,en\nP-4,Borrower 004,JP,,\n"
    ),
    "points": (
        "person_id,point_id,kind,address,sharers,lawful_basis,rank\nP-1,P-1-M,mobile,+8610000000001,P-2|P-3,contract,\n"
        "P-1,P-1-N,mobile,+8610000000002,,contract,1\nP-3,P-3-E,email,b003@example.com,,,\n"
    ),
    "hours": "person_id,kind,weekdays,opens,closes\nP-1,inconvenient,0|6,12:00,14:00\nP-3,preferred,1,22:00,06:00\n",
    "flags": "person_id,name,since\nP-3,military,2026-01-01\n",
    "consents": (
        "person_id,point_id,lifts,given_to,given_at,evidence,expires_at\n"
        "P-1,P-1-M,some.rule,lender,2026-01-01T00:00:00Z,file 1,2026-05-01T00:00:00Z\nP-3,,some.rule,lender,2026-01-01T00:00:00Z,file 2,\n"
    ),
}
COLUMNS = {table.name: {column.name: column for column in table.columns} for table in tables.TABLES}


def cells(texts=TEXTS):
    """Return the tables as lists of rows."""
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in texts.items()}


def arrow(name, rows, *, typed):
    """Return rows of text as an Arrow table; each column of its own type if *typed* and every cell can be read."""
    found = {}
    for column in rows[0] if rows else COLUMNS[name]:
        texts = [row[column] for row in rows]
        found[column] = pa.array([text or None for text in texts], pa.string())
        kind = kind_of(COLUMNS[name][column])
        if typed and kind.native != pa.string():
            try:
                read = [COLUMNS[name][column].read(text) if text else None for text in texts]
                found[column] = pa.array(read, kind.native)
            except (ValueError, pa.ArrowException):
                pass
    return pa.table(found)


def write(folder, book, *, typed=True, parts=0, toml=TOML):
    """Write the tables of *book*; *parts*: a folder for each table, of files of so many rows."""
    folder.mkdir(parents=True)
    (folder / "book.toml").write_text(toml, encoding="utf-8")
    for name, rows in book.items():
        if not parts:
            parquet.write_table(arrow(name, rows, typed=typed), folder / f"{name}.parquet")
        for number in range(0, len(rows) if parts else 0, max(parts, 1)):
            path = folder / name / f"part-{number:03}.parquet"
            path.parent.mkdir(exist_ok=True)
            parquet.write_table(arrow(name, rows[number : number + parts], typed=typed), path)
    return folder


def write_csv(folder, book):
    folder.mkdir(parents=True)
    (folder / "book.toml").write_text(TOML, encoding="utf-8")
    for name, rows in book.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def everything(book, ids=("L-1", "L-2", "L-3", "L-4"), people=("P-1", "P-2", "P-3", "P-4")):
    return dict(book.loans(ids)), dict(book.persons(people))


def facts(book, convention=OLDEST_UNPAID):
    """Return the digest of each loan of the book."""
    return {
        id_: told
        for block in book.blocks(convention=convention)
        for id_, told in zip(block.ids, block.facts, strict=True)
    }


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("parts", [0, 1, 2])
def test_it_states_what_the_same_tables_state_as_csv(tmp_path, typed, parts):
    other = CsvBook(write_csv(tmp_path / "csv", cells()))
    book = ParquetBook(write(tmp_path / "book", cells(), typed=typed, parts=parts))

    assert everything(other) == everything(book)
    assert ["L-1", "L-2", "L-3", "L-4"] == list(book.ids())
    assert other.loans_of(["P-1", "P-2", "stranger"]) == book.loans_of(["P-1", "P-2", "stranger"])
    assert other.quote("L-1", TODAY) == book.quote("L-1", TODAY)
    assert dt.date(2026, 3, 17) == book.current_through
    assert ((), 0, False) == (book.problems, book.rejected_rows, book.rejects.exists())
    assert isinstance(book, LoanBook)
    assert isinstance(book, ColumnBook)


def test_regular_loans_are_columns_and_the_others_are_named(tmp_path):
    found = list(ParquetBook(write(tmp_path / "book", cells())).blocks())

    assert [(("L-1", "L-2", "L-3"), 2, ()), (("L-4",), 2, ("L-4",))] == [(b.ids, b.digits, b.irregular) for b in found]
    assert [0, 1, 3, 4] == found[0].columns.due_at.tolist()
    assert [100000, 100000, 100000, 30000] == found[0].columns.due.tolist()
    assert 16 == len(found[0].facts[0])


BAD = [
    pytest.param(
        "instalments", 2, "due_on", "2026-02-30", {"L-2"}, "instalments.parquet, row 3", id="a date in no calendar"
    ),
    pytest.param("instalments", 2, "number", "1.5", {"L-2"}, "instalments.parquet, row 3", id="half a number"),
    pytest.param("instalments", 0, "principal", "9,00", {"L-1"}, "instalments.parquet, row 1", id="a comma"),
    pytest.param("instalments", 0, "principal", "-1", {"L-1"}, "instalments.parquet, row 1", id="less than nothing"),
    pytest.param("instalments", 3, "currency", "EUR", {"L-3"}, "instalments.parquet, row 4", id="another currency"),
    pytest.param(
        "instalments", 0, "recorded_at", "2026-01-01T00:00:00", {"L-1"}, "instalments.parquet, row 1", id="whose clock"
    ),
    pytest.param("events", 0, "kind", "paymnet", {"L-2"}, "events.parquet, row 1", id="a kind that is none"),
    pytest.param("events", 0, "amount", "", {"L-2"}, "events.parquet, row 1", id="a payment of nothing stated"),
    pytest.param("events", 1, "of", "E-7", {"L-2"}, "events.parquet, row 2", id="of an event that is not there"),
    pytest.param("events", 1, "event_id", "E-1", {"L-2"}, "events.parquet, row 2", id="an id twice"),
    pytest.param("events", 2, "until", "2026-02-01", {"L-2"}, "events.parquet, row 3", id="an end at its start"),
    pytest.param("loans", 0, "currency", "yuan", {"L-1"}, "loans.parquet, row 1", id="no currency"),
    pytest.param("loans", 0, "jurisdiction", "", {"L-1"}, "loans.parquet, row 1", id="whose law"),
    pytest.param("loans", 2, "business_zone", "America/Boston", {"L-3"}, "loans.parquet, row 3", id="no zone"),
    pytest.param("parties", 1, "role", "payer", {"L-2"}, "parties.parquet, row 2", id="no role"),
    pytest.param("parties", 3, "person_id", "P-8", {"L-3"}, "parties.parquet, row 4", id="a stranger"),
    pytest.param("parties", 3, "liable", "yes", {"L-3"}, "parties.parquet, row 4", id="yes is no word of ours"),
    pytest.param("mandates", 0, "mandate_id", " ", {"L-1"}, "mandates.parquet, row 1", id="a blank id"),
    pytest.param("persons", 2, "zones", "Mars", {"L-3"}, "persons.parquet, row 3", id="a person in no zone"),
    pytest.param("persons", 2, "residence", "Massachusetts", {"L-3"}, "persons.parquet, row 3", id="no jurisdiction"),
    pytest.param("points", 0, "kind", "pigeon", {"L-1", "L-2"}, "points.parquet, row 1", id="no kind of point"),
    pytest.param("points", 1, "point_id", "P-1-M", {"L-1", "L-2"}, "points.parquet, row 2", id="a point twice"),
    pytest.param("hours", 0, "opens", "14:00", {"L-1", "L-2"}, "hours.parquet, row 1", id="no time at all"),
    pytest.param("hours", 0, "weekdays", "7", {"L-1", "L-2"}, "hours.parquet, row 1", id="an eighth day"),
    pytest.param("hours", 0, "kind", "loved", {"L-1", "L-2"}, "hours.parquet, row 1", id="no kind of hours"),
    pytest.param("flags", 0, "name", "tired", {"L-3"}, "flags.parquet, row 1", id="no flag"),
    pytest.param(
        "consents",
        0,
        "expires_at",
        "2025-01-01T00:00:00Z",
        {"L-1", "L-2"},
        "consents.parquet, row 1",
        id="ended before it began",
    ),
    pytest.param(
        "consents", 0, "point_id", "P-3-E", {"L-1", "L-2"}, "consents.parquet, row 1", id="for the point of another"
    ),
    pytest.param(
        "consents", 1, "given_at", "1026-01-01T00:00:00Z", {"L-3"}, "consents.parquet, row 2", id="a slip of the pen"
    ),
]


@pytest.mark.parametrize(("name", "row", "column", "text", "lost", "where"), BAD)
def test_a_bad_row_takes_its_loan_with_it_and_is_told(tmp_path, name, row, column, text, lost, where):
    spoilt = cells()
    spoilt[name][row][column] = text
    book = ParquetBook(write(tmp_path / "book", spoilt))
    told = facts(book)
    at_once = book.problems

    assert {"L-1", "L-2", "L-3", "L-4"} - lost == set(book.loans(["L-1", "L-2", "L-3", "L-4"]))
    assert {"L-1", "L-2", "L-3", "L-4"} - lost == set(told)
    assert where in {problem.where for problem in at_once}
    assert column in {problem.field for problem in at_once if problem.where == where}
    rows = [json.loads(line) for line in book.rejects.read_text("utf-8").splitlines()]
    assert where in {each["where"] for each in rows}


NASTY = [
    "",
    " ",
    "0",
    "-1",
    "1",
    "1.005",
    "1e-9",
    "999999999999999",
    "1000000000000000",
    "L-1",
    "L-2",
    "E-1",
    "P-1",
    "P-2",
    "P-1-M",
    "x|y",
    "|",
]
NASTY += [
    "2026-01-15",
    "2026-13-01",
    "0001-01-01",
    "9999-12-31",
    "2026-01-15T10:00:00Z",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "true",
    "no",
]
NASTY += [
    "payment",
    "refund",
    "charge",
    "waiver",
    "extension",
    "deferral",
    "re_age",
    "write_off",
    "pause",
    "pending_payment",
    "debit_returned",
]
NASTY += [
    "interest",
    "borrower",
    "CNY",
    "JPY",
    "KWD",
    "CN",
    "Asia/Shanghai",
    "mobile",
    "12:00",
    "0|1",
    "\u2003",
    "\x1c",
    "preferred",
]


@st.composite
def spoilt_books(draw):
    """Return a book with up to three cells replaced, rows repeated or taken out."""
    book = cells()
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(book)))
        row = draw(st.integers(0, len(book[name]) - 1))
        match draw(st.sampled_from(["cell", "cell", "cell", "twice", "out"])):
            case "cell":
                column = draw(st.sampled_from(sorted(book[name][row])))
                book[name][row] = {**book[name][row], column: draw(st.sampled_from(NASTY))}
            case "twice":
                book[name].append(book[name][row])
            case "out" if len(book[name]) > 1:
                del book[name][row]
    return book


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(book=spoilt_books(), typed=st.booleans())
def test_whatever_is_stated_it_takes_what_csv_takes_and_columns_say_the_same(tmp_path_factory, book, typed):
    """Objects as from CSV; and columns name exactly the loans that objects are made of, and count them alike."""
    folder = tmp_path_factory.mktemp("book")
    try:
        other = CsvBook(write_csv(folder / "csv", book))
    except BookError:
        return
    mine = ParquetBook(write(folder / "parquet", book, typed=typed))
    convention = Convention(name="test", ages_from="stated", materiality=None)
    as_of = dt.date(2026, 3, 4)

    assert everything(other) == everything(mine)
    loans = mine.loans(mine.ids())
    seen = []
    for block in mine.blocks(convention=convention):
        seen += block.ids
        found = count([block.columns], whole_convention(convention, as_of=as_of, currency_digits=block.digits))
        for id_, days, arrears in zip(block.ids, found.days_past_due.tolist(), found.arrears.tolist(), strict=False):
            status = overdue_status(loans[id_], as_of=as_of, convention=convention)
            assert (status.days_past_due, status.arrears.total) == (days, Decimal(arrears).scaleb(-block.digits))
    assert sorted(loans) == sorted(seen)


CHANGED = [
    pytest.param("loans", 1, "balance", "5000.01", {"L-2"}, id="a cent"),
    pytest.param("loans", 0, "balance", "0.00", {"L-1"}, id="stated for the first time"),
    pytest.param("instalments", 4, "due_on", "2026-01-16", {"L-4"}, id="a day"),
    pytest.param("instalments", 1, "recorded_at", "2026-01-01T00:00:00.000001Z", {"L-2"}, id="a microsecond"),
    pytest.param(
        "events", 0, "event_id", "E-0", {"L-2"}, id="an id; now there is something of nothing, and the loan is rejected"
    ),
    pytest.param("parties", 0, "may_know", "false", {"L-1"}, id="who may know"),
    pytest.param("parties", 1, "since", "", {"L-2"}, id="taken back"),
    pytest.param("attributes", 0, "value", "West", {"L-2"}, id="a word"),
    pytest.param(
        "collateral", 0, "description", "passenger cars of more than twenty-four bytes", {"L-1"}, id="a long text"
    ),
    pytest.param("mandates", 0, "person_id", "P-2", {"L-1"}, id="whose account"),
    pytest.param("persons", 0, "name", "借款人002", {"L-1", "L-2"}, id="a name"),
    pytest.param("persons", 1, "language", "en", {"L-2"}, id="a language"),
    pytest.param("points", 2, "address", "b004@example.com", {"L-3"}, id="an address"),
    pytest.param("points", 1, "rank", "2", {"L-1", "L-2"}, id="the second point"),
    pytest.param("hours", 1, "closes", "07:00", {"L-3"}, id="an hour"),
    pytest.param("flags", 0, "since", "2026-01-02", {"L-3"}, id="a flag"),
    pytest.param("consents", 0, "evidence", "file 3", {"L-1", "L-2"}, id="evidence"),
]


@pytest.mark.parametrize(("name", "row", "column", "text", "concerned"), CHANGED)
def test_what_is_stated_otherwise_is_another_digest(tmp_path, name, row, column, text, concerned):
    """For those loans alone."""
    after = cells()
    after[name][row][column] = text
    old, new = (facts(ParquetBook(write(tmp_path / side, book))) for side, book in (("a", cells()), ("b", after)))
    assert concerned == {id_ for id_ in old if old[id_] != new.get(id_)}


def test_a_null_differs_from_an_empty_text_and_from_zero(tmp_path):
    """Whoever leaves out and who states nothing are told apart: that names a loan too many, and never too few."""
    found = []
    for value in (None, "", "0"):
        book = cells()
        book["loans"][0]["balance"] = value
        folder = write(tmp_path / repr(value), book, typed=False)
        loans = arrow("loans", book["loans"], typed=False).set_column(
            4, "balance", pa.array([value, "1", "1", "1"], pa.string())
        )
        parquet.write_table(loans, folder / "loans.parquet")
        found.append(facts(ParquetBook(folder))["L-1"])
    assert 3 == len(set(found))


def test_defaults_of_the_book_are_facts_of_its_loans(tmp_path):
    one = facts(ParquetBook(write(tmp_path / "a", cells())))
    other = facts(ParquetBook(write(tmp_path / "b", cells(), toml=TOML.replace("lender", "agency"))))
    assert not set(one.values()) & set(other.values())


@pytest.mark.parametrize(
    "written",
    [
        pytest.param({"parts": 1}, id="parts of one row"),
        pytest.param({"parts": 2}, id="parts of two"),
    ],
)
def test_neither_order_nor_parts_change_a_digest(tmp_path, written):
    """Nor what is stated."""
    turned = {name: rows[::-1] for name, rows in cells().items()}
    plain = ParquetBook(write(tmp_path / "a", cells()))
    other = ParquetBook(write(tmp_path / "b", turned, **written))

    assert facts(plain) == facts(other)
    assert {"L-1", "L-2", "L-3", "L-4"} == set(other.loans(plain.ids()))


def test_a_folder_names_it_parquet(tmp_path):
    """In dunning.toml."""
    write(tmp_path / "book", cells())
    book = build_hooks().catalogue.loan_book("parquet", {"path": "book", "rejects": "bad.jsonl"}, base=tmp_path)
    assert (ParquetBook, tmp_path / "bad.jsonl") == (type(book), book.rejects)


def test_without_the_extra_it_says_what_to_install():
    program = "import sys\nsys.modules['pyarrow'] = None\nimport dunning.adapters.books.parquet"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert 'pyarrow is not installed. Run: pip install "dunning[portfolio]"' in done.stderr


def test_shards_are_disjoint_and_complete(tmp_path):
    book = ParquetBook(write(tmp_path / "book", cells()))
    shards = [[id_ for block in book.blocks((index, 3)) for id_ in block.ids] for index in range(3)]

    assert ["L-1", "L-2", "L-3", "L-4"] == sorted(id_ for shard in shards for id_ in shard)
    assert [sorted(book.ids((index, 3))) for index in range(3)] == [sorted(ids) for ids in shards]
    with pytest.raises(FactsError, match="0 <= index < count"):
        next(book.blocks((3, 3)))


def test_only_parts_that_may_hold_a_loan_are_read(tmp_path):
    """A part that is broken while the book is open is not noticed by who asks for a loan of another."""
    folder = write(tmp_path / "book", cells(), parts=1)
    book = ParquetBook(folder)
    (folder / "instalments" / "part-004.parquet").write_bytes(b"broken")

    assert {"L-1", "L-2"} == set(book.loans(["L-1", "L-2"]))
    with pytest.raises(BookError, match="changed while the book was open"):
        book.loans(["L-4"])


def test_ids_that_are_whole_numbers_are_found_by_statistics_too(tmp_path):
    """The text of a number is the id, and parts that cannot hold it are not read."""
    book = {
        name: [{**row, "loan_id": row["loan_id"][2:] + "0"} for row in rows]
        for name, rows in cells().items()
        if "loan_id" in rows[0]
    }
    folder = write(
        tmp_path / "book", {name: rows for name, rows in book.items() if name in {"loans", "instalments"}}, parts=1
    )
    for path in folder.glob("*/*.parquet"):
        held = parquet.read_table(path)
        parquet.write_table(held.set_column(0, "loan_id", held.column("loan_id").cast(pa.int64())), path)
    assert ["10", "20", "30", "40"] == list(ParquetBook(folder).ids()) == sorted(facts(ParquetBook(folder)))
    opened = ParquetBook(folder)
    (folder / "instalments" / "part-004.parquet").write_bytes(b"broken")
    assert {"20"} == set(opened.loans(["20", "02", "L-2"]))


@pytest.mark.parametrize(
    ("name", "column", "values", "said"),
    [
        pytest.param("events", "amuont", ["1"], "there is no column 'amuont'. Did you mean 'amount'", id="unknown"),
        pytest.param(
            "instalments",
            "principal",
            [1.5],
            "holds double; it must hold text, or decimals of at most 20 places, or whole numbers",
            id="a float",
        ),
        pytest.param(
            "events",
            "amount",
            pa.array([Decimal(1)], pa.decimal128(38, 21)),
            "holds decimal128(38, 21); it must hold text, or decimals of at most 20 places",
            id="too fine",
        ),
        pytest.param(
            "instalments",
            "recorded_at",
            [dt.datetime(2026, 1, 1)],
            "it must hold text, or timestamps with a zone",
            id="whose clock",
        ),
    ],
)
def test_columns_that_cannot_be_are_refused(tmp_path, name, column, values, said):
    folder = write(tmp_path / "book", cells())
    held = arrow(name, cells()[name][:1], typed=True)
    held = held.drop_columns([column]) if column in held.column_names else held
    parquet.write_table(held.append_column(column, pa.array(values)), folder / f"{name}.parquet")
    with pytest.raises(BookError) as refused:
        ParquetBook(folder)
    assert said in str(refused.value)
    assert [(f"{name}.parquet", column)] == [(p.where, p.field) for p in refused.value.problems]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(
            lambda f: (f / "instalments.parquet").unlink(), "instalments.parquet: the file is missing", id="required"
        ),
        pytest.param(
            lambda f: (f / "loans.parquet").write_bytes(b"PAR1"), "cannot be read as Parquet", id="no Parquet"
        ),
        pytest.param(
            lambda f: (f / "event.parquet").write_bytes(b""),
            "no table of this name. Did you mean 'events'",
            id="a name",
        ),
        pytest.param(lambda f: (f / "book.toml").unlink(), "book.toml", id="through which day"),
        pytest.param(
            lambda f: parquet.write_table(pa.table({"loan_id": ["L-1"]}), f / "events.parquet"),
            "event_id: the column is missing",
            id="columns",
        ),
    ],
)
def test_a_folder_that_is_no_book_is_refused(tmp_path, spoil, said):
    folder = write(tmp_path / "book", cells())
    spoil(folder)
    with pytest.raises(BookError) as refused:
        ParquetBook(folder)
    assert said in str(refused.value)


def test_a_column_that_only_a_folder_names_is_refused(tmp_path):
    """Writers of partitions leave it out of the files; one that is none of ours is theirs."""
    folder = write(tmp_path / "book", cells())
    for name in ("day=2026-03-18", "_temporary"):
        (folder / "flags" / name).mkdir(parents=True)
        (folder / "flags" / name / "a.parquet").write_bytes((folder / "flags.parquet").read_bytes())
    assert 4 == len(facts(ParquetBook(folder)))
    (folder / "flags" / "until=2026-03-18").mkdir()
    (folder / "flags.parquet").rename(folder / "flags" / "until=2026-03-18" / "b.parquet")
    with pytest.raises(BookError, match="'until' stands only in the name of a folder"):
        ParquetBook(folder)


@pytest.mark.parametrize(
    ("name", "column", "array"),
    [
        pytest.param("instalments", "number", pa.array([1], pa.uint8()), id="small numbers"),
        pytest.param("instalments", "principal", pa.array([900], pa.int64()), id="money without decimals"),
        pytest.param("instalments", "principal", pa.array([Decimal("900.0")], pa.decimal256(50, 1)), id="wide money"),
        pytest.param("instalments", "due_on", pa.array([dt.datetime(2026, 1, 15)], pa.timestamp("ns")), id="midnight"),
        pytest.param("instalments", "due_on", pa.array([dt.date(2026, 1, 15)], pa.date64()), id="milliseconds"),
        pytest.param("loans", "currency", pa.array(["CNY"]).dictionary_encode(), id="categories"),
        pytest.param("loans", "jurisdiction", pa.array(["CN"], pa.large_string()), id="large text"),
        pytest.param("loans", "balance", pa.nulls(1), id="nothing at all"),
    ],
)
def test_other_types_say_the_same(tmp_path, name, column, array):
    one = {each: [row for row in rows if row.get("loan_id") == "L-1"] for each, rows in cells().items()}
    folder = write(
        tmp_path / "book",
        {each: rows for each, rows in one.items() if rows and each not in {"parties", "mandates"}},
    )
    plain = ParquetBook(folder, keep_rejects=False).loans(["L-1"])
    held = parquet.read_table(folder / f"{name}.parquet")
    parquet.write_table(held.set_column(held.column_names.index(column), column, array), folder / f"{name}.parquet")
    book = ParquetBook(folder)

    assert plain == book.loans(["L-1"])
    assert ["L-1"] == [id_ for block in book.blocks() for id_ in block.ids if id_ not in block.irregular]


def test_a_time_of_day_in_a_date_is_refused_row_by_row(tmp_path):
    folder = write(tmp_path / "book", cells())
    held = parquet.read_table(folder / "instalments.parquet")
    times = [dt.datetime(2026, 1, 15)] * 4 + [dt.datetime(2026, 1, 15, 9)]
    parquet.write_table(
        held.set_column(2, "due_on", pa.array(times, pa.timestamp("us"))), folder / "instalments.parquet"
    )
    book = ParquetBook(folder)
    assert {"L-1", "L-2", "L-3"} == set(facts(book)) == set(book.loans(book.ids()))
    assert ["instalments.parquet, row 5"] == [problem.where for problem in book.problems]


def test_rows_without_a_loan_are_told(tmp_path):
    spoilt = cells()
    spoilt["events"].append({**spoilt["events"][0], "loan_id": ""})
    book = ParquetBook(write(tmp_path / "book", spoilt))
    assert (1, ["1 rows have no loan_id, so they are nobody's."]) == (
        book.rejected_rows,
        [p.what for p in book.problems],
    )


LOANS = (
    a_loan("L-2", events=(a_payment(), a_payment("0.123456789", TODAY + DAY, component="interest"))),
    a_loan("L-1", balance=Decimal("1.5"), grace=3, parties=(a_party(), a_party("P-2", role="guarantor", until=TODAY))),
    a_loan("L-3", events=(Event(id="X", kind="extension", effective_on=TODAY, instalment=2, months=1),)),
    a_loan("L-4", instalments=(an_instalment(), an_instalment(recorded_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)))),
)
CONSENT = Consent(
    lifts="some.rule", given_to="lender", given_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), evidence="file 1"
)
PERSONS = (
    a_person(
        "P-2", preferred_hours=(Hours(weekdays=(0, 1), opens=dt.time(9), closes=dt.time(12, 30)),), consents=(CONSENT,)
    ),
    a_person("P-1", points=(a_point(consents=(CONSENT,)),), language="zh-CN"),
)


def test_what_is_written_is_read_again(tmp_path):
    write_parquet_book(tmp_path / "book", loans=LOANS, persons=PERSONS, current_through=TODAY)
    book = ParquetBook(tmp_path / "book")

    assert {loan.id: loan for loan in LOANS} == dict(book.loans(book.ids()))
    assert {person.id: person for person in PERSONS} == dict(book.persons(["P-1", "P-2"]))
    assert ("L-1", "L-2", "L-3", "L-4") == tuple(book.ids())
    with pytest.raises(FactsError, match="is not empty"):
        write_parquet_book(tmp_path / "book", loans=LOANS, persons=PERSONS, current_through=TODAY)


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    loan = a_loan(events=(a_payment(Decimal(1).scaleb(-30)),))
    with pytest.raises(FactsError, match="amount cannot be written"):
        write_parquet_book(tmp_path / "book", loans=[loan], persons=[], current_through=TODAY)
    assert [] == list(tmp_path.iterdir())


def test_an_empty_book_is_a_book(tmp_path):
    write_parquet_book(tmp_path / "book", loans=[], persons=[], current_through=TODAY)
    book = ParquetBook(tmp_path / "book")
    assert ([], [], {}) == (list(book.ids()), list(book.blocks()), dict(book.loans(["L-1"])))


def test_its_columns_are_those_made_of_objects(tmp_path):
    """Loan by loan; which loans are irregular may differ."""
    write_parquet_book(tmp_path / "book", loans=LOANS, persons=PERSONS, current_through=TODAY)
    memory = MemoryBook(loans=LOANS, persons=PERSONS, current_through=TODAY)
    whole = whole_convention(OLDEST_UNPAID, as_of=TODAY, currency_digits=2)
    mine, theirs = (
        {
            id_: (days, arrears)
            for block in blocks(book, (0, 1), convention=OLDEST_UNPAID)
            for found in [count([block.columns], whole)]
            for id_, days, arrears in zip(block.ids, found.days_past_due.tolist(), found.arrears.tolist(), strict=False)
        }
        for book in (ParquetBook(tmp_path / "book"), memory)
    )
    assert {"L-1": (48, 200000)} == {id_: mine[id_] for id_ in mine if id_ in theirs}
