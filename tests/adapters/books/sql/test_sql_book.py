"""Two hosts' own tables as a loan book: the same facts as from files, read only, a statement for each table."""

import datetime as dt
import json
import tomllib
from contextlib import contextmanager
from decimal import Decimal

import pytest
from attrs import evolve
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from dunning.adapters.books.csv_folder import CsvBook
from dunning.adapters.books.csv_write import write_csv_book
from dunning.adapters.books.example_auto import AS_OF
from dunning.adapters.books.sql import SqlBook
from dunning.adapters.interfaces.loan_book import ChangingBook, LoanBook
from dunning.core.facts.loan import Amounts
from dunning.errors import BookError, FactsError, StorageError
from dunning.testing.books import ChangingBookConformance

KINDS = pytest.mark.parametrize("kind", ["sqlite", "postgres"])
MEMBERS = ("instalments", "events", "parties", "attributes", "collateral", "mandates", "points", "flags", "preferred_hours", "inconvenient")  # fmt: skip


def ordered(nouns):
    """Return *nouns* by id with their members in one order: a file's order of rows says nothing."""
    return {
        noun.id: evolve(
            noun, **{name: tuple(sorted(getattr(noun, name), key=repr)) for name in MEMBERS if hasattr(noun, name)}
        )
        for noun in nouns
    }


@contextmanager
def statements(host):
    """Collect what is sent to the host's database."""
    sent = []

    def note(connection, cursor, statement, *rest):
        if statement.lstrip().upper().startswith("SELECT") and "pg_catalog" not in statement:
            sent.append(statement)

    event.listen(host.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(host.engine, "before_cursor_execute", note)


@pytest.fixture(scope="module")
def few(example):
    """Return a dozen loans of every kind, with their persons."""
    loans = example.loans[::29]
    people = {party.person_id for loan in loans for party in loan.parties}
    return loans, [person for person in example.persons if person.id in people]


@KINDS
def test_the_example_is_the_same_from_files_and_from_the_chinese_hosts_tables(kind, empty, hosts, example, tmp_path):
    """Loan for loan and person for person; three kinds of facts come out of one table of the host's."""
    part = example.loans if kind == "sqlite" else example.loans[::8]
    write_csv_book(tmp_path / "book", loans=part, persons=example.persons, current_through=AS_OF)
    files = CsvBook(tmp_path / "book")
    book = SqlBook(hosts.chinese(empty(kind), part, example.persons).engine, hosts.mapping)
    people = [person.id for person in example.persons]

    assert isinstance(book, LoanBook)
    assert isinstance(book, ChangingBook)
    assert sorted(files.ids()) == sorted(book.ids())
    assert AS_OF == book.current_through
    assert ordered(files.loans(files.ids()).values()) == ordered(book.loans(book.ids()).values())
    assert ordered(files.persons(people).values()) == ordered(book.persons(people).values())
    assert {p: set(loans) for p, loans in files.loans_of(people).items()} == {p: set(loans) for p, loans in book.loans_of(people).items()}  # fmt: skip
    late = next(loan.id for loan in part if files.quote(loan.id, AS_OF).overdue.total)
    assert files.quote(late, AS_OF) == book.quote(late, AS_OF)
    assert () == book.problems


@KINDS
def test_a_us_lender_with_numbers_for_names(kind, empty, hosts, example):
    """BIGINT keys behind a prefix, NUMERIC dollars, real booleans and time stamps, a schema in PostgreSQL."""
    host = empty(kind)
    loans, persons = hosts.us_loans(example)
    book = SqlBook(hosts.american(host, loans, persons).engine, hosts.american_mapping(host))

    assert sorted(loan.id for loan in loans) == list(book.ids())
    assert ordered(loans) == ordered(book.loans(loan.id for loan in loans).values())
    assert ordered(persons) == ordered(book.persons(person.id for person in persons).values())
    assert {} == dict(book.loans(["1000", "US-01000", "US-1000 ", "US-", "US-9999", f"US-{2**70}"]))


class Promises(ChangingBookConformance):
    unstated = (("EX-001", "accelerated_on"),)
    kind = "sqlite"

    @pytest.fixture
    def host(self, empty, hosts, few):
        return hosts.chinese(empty(self.kind), *few)

    @pytest.fixture
    def book(self, host, hosts):
        return SqlBook(host.engine, hosts.mapping)

    @pytest.fixture
    def change(self, host, hosts):
        ids = iter(["EX-001", "EX-030"])
        minutes = iter([5, 10])

        def change():
            loan_id, now = next(ids), hosts.written + dt.timedelta(minutes=next(minutes))
            statement = "UPDATE t_repay_plan SET int_fen = int_fen + 1, gmt_modified = :now WHERE contract_no = :id AND period_no = 1"
            host.run(statement, now=(now + dt.timedelta(hours=8)).replace(tzinfo=None), id=loan_id)
            return loan_id

        return change


class TestSqlite(Promises):
    """B1 to B8, in a SQLite file."""


class TestPostgres(Promises):
    """B1 to B8, in a real server."""

    kind = "postgres"


@KINDS
def test_each_table_is_read_once_whatever_the_number_of_loans(kind, empty, hosts, example, few):
    """Eleven statements for one loan, and eleven for eighty."""
    host = hosts.chinese(empty(kind), example.loans[::4], example.persons)
    book = SqlBook(host.engine, hosts.mapping)
    ids, people = sorted(book.ids()), [person.id for person in example.persons]
    counted = []
    for some in (1, 10, 80):
        with statements(host) as sent:
            book.loans(ids[:some])
            loans = len(sent)
            book.persons(people[:some])
            persons = len(sent) - loans
            book.loans_of(people[:some])
            counted.append((loans, persons, len(sent) - loans - persons))

    # 7 tables of loans and 4 of persons are mapped; the parties and the loans say who has which.
    assert [(11, 4, 2)] * 3 == counted


@KINDS
def test_ids_come_page_by_page_and_in_order(kind, empty, hosts, few, monkeypatch):
    """Nothing stays open between pages, and a loan that comes meanwhile disturbs nobody."""
    monkeypatch.setattr("dunning.adapters.books.sql.schema.ROWS", 5)
    host = hosts.chinese(empty(kind), *few)
    book = SqlBook(host.engine, hosts.mapping)
    with statements(host) as sent:
        found = list(book.ids())

    assert sorted(loan.id for loan in few[0]) == found
    assert 4 + 1 == len(sent), "12 ids in pages of 5, the empty one, and one look for rows without a key"
    with pytest.raises(FactsError, match="shard"):
        next(iter(book.ids((3, 3))))


def forbidden(connection, statement):
    with pytest.raises(DBAPIError) as error:
        connection.execute(text(statement))
    connection.rollback()
    return str(error.value.orig)


@KINDS
def test_what_the_book_opens_cannot_write(kind, empty, hosts, few):
    """By a URL and on the host's own engine, whose connections go back as they were."""
    host = hosts.chinese(empty(kind), *few)
    for database in (host.url, host.engine):
        book = SqlBook(database, hosts.mapping)
        with book._door.reading() as connection:
            said = forbidden(connection, "DELETE FROM t_repay_flow")
        assert ("readonly" in said.replace("-", "")) if kind == "sqlite" else ("read-only transaction" in said)
        if database is not host.engine:
            book._door._engine.dispose()

    host.run("UPDATE t_cust SET lang = 'en'")  # the host's engine writes as before


@KINDS
def test_one_question_sees_one_state(kind, empty, hosts, few):
    """A row that the host commits between two tables of a question is not half seen."""
    host = hosts.chinese(empty(kind), *few)
    if kind == "sqlite":
        host.run("PRAGMA journal_mode = WAL")
    book = SqlBook(host.url, hosts.mapping)
    with book._door.reading() as connection:
        before = connection.execute(text("SELECT count(*) FROM t_repay_plan")).scalar_one()
        host.run("DELETE FROM t_repay_plan")
        assert before == connection.execute(text("SELECT count(*) FROM t_repay_plan")).scalar_one()
    assert not any(loan.instalments for loan in book.loans(["EX-001"]).values())
    book._door._engine.dispose()


@KINDS
def test_inside_the_hosts_transaction_its_uncommitted_rows_are_seen(kind, empty, hosts, few):
    """And neither commit nor rollback is called: the host takes all of it back."""
    host = hosts.chinese(empty(kind), *few)
    with host.engine.connect() as connection:
        transaction = connection.begin()
        book = SqlBook(connection, hosts.mapping)
        before = len(book.loans(["EX-001"])["EX-001"].events)
        connection.execute(text("DELETE FROM t_repay_flow WHERE contract_no = 'EX-001'"))
        assert (True, 0) == (before > 0, len(book.loans(["EX-001"])["EX-001"].events))
        assert transaction.is_active
        transaction.rollback()
        assert before == len(book.loans(["EX-001"])["EX-001"].events)
        assert not connection.in_transaction(), "a transaction that reading began is ended"


BAD = [
    pytest.param("UPDATE t_repay_plan SET due_dt = 20260231 WHERE contract_no = 'EX-030' AND period_no = 2",
                 "t_repay_plan, contract_no 'EX-030', period_no '2', due_on: expected a date or time spelt as %Y%m%d, got '20260231'.", id="a date in no calendar"),
    pytest.param("UPDATE t_repay_flow SET trans_type = 'PMTX' WHERE flow_id = (SELECT min(flow_id) FROM t_repay_flow WHERE contract_no = 'EX-030')",
                 "t_repay_flow, contract_no 'EX-030', flow_id 'EX-030-E001', kind: expected one of 'PMT',", id="a word that is not in the map"),
    pytest.param("UPDATE t_repay_plan SET prin_fen = -1 WHERE contract_no = 'EX-030' AND period_no = 1",
                 "t_repay_plan, contract_no 'EX-030', period_no '1', principal:", id="a negative amount"),
    pytest.param("UPDATE t_contract SET law_area = '' WHERE contract_no = 'EX-030'",
                 "t_contract, contract_no 'EX-030', jurisdiction: the cell is empty.", id="an empty cell"),
    pytest.param("UPDATE t_contract SET prod_cd = NULL WHERE contract_no = 'EX-030'",
                 "t_contract, contract_no 'EX-030', product: expected one of 'QC', got ''.", id="NULL that the map does not know"),
    pytest.param("UPDATE t_contract_cust SET cust_no = 'B-999' WHERE contract_no = 'EX-030'",
                 "person_id: there is no person 'B-999' in t_cust.", id="a stranger"),
    pytest.param("INSERT INTO t_repay_plan SELECT * FROM t_repay_plan WHERE contract_no = 'EX-030' AND period_no = 1",
                 "t_repay_plan, contract_no 'EX-030', period_no '1', number: instalment 1 stands as t_repay_plan, contract_no 'EX-030', period_no '1' already.", id="twice"),
    pytest.param("UPDATE t_cust_contact SET is_work = '?' WHERE cust_no = (SELECT min(cust_no) FROM t_contract_cust WHERE contract_no = 'EX-030')",
                 "workplace: expected one of 'Y', 'N', got '?'.", id="a person's point"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "spoil", "said"),
    [
        *(pytest.param("sqlite", *row.values, id=row.id) for row in BAD),
        pytest.param("postgres", *BAD[0].values, id=f"{BAD[0].id}, on a server"),
    ],
)
def test_a_bad_row_rejects_its_loan_and_no_other(kind, spoil, said, empty, hosts, few, tmp_path):
    """With table, keys, field and reason; in the reject file until the loan is read well again."""
    host = hosts.chinese(empty(kind), *few)
    good = SqlBook(host.engine, hosts.mapping)
    whole = good.loans(good.ids())
    host.run(spoil)
    book = SqlBook(host.engine, hosts.mapping, rejects=tmp_path / "rejects.jsonl")
    found = book.loans(book.ids())

    assert {"EX-030"} == whole.keys() - found.keys()
    assert all(whole[id_] == loan for id_, loan in found.items())
    assert any(said in str(problem) for problem in book.problems), book.problems
    lines = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(lines) == book.rejected_rows > 0
    assert {"noun", "key", "table", "where", "problems", "row"} == set(lines[0])

    SqlBook(host.engine, hosts.mapping, rejects=tmp_path / "rejects.jsonl").loans(["EX-001"])
    assert (tmp_path / "rejects.jsonl").exists(), "another loan's reading says nothing about this one"
    for table in ("t_repay_plan", "t_repay_flow", "t_contract_cust", "t_contract", "t_ext_attr"):
        host.run(f"DELETE FROM {table} WHERE contract_no = 'EX-030'")  # noqa: S608
    host.run("UPDATE t_cust_contact SET is_work = 'N'")
    again = SqlBook(host.engine, hosts.mapping, rejects=tmp_path / "rejects.jsonl")
    again.loans(["EX-030"])
    again.persons([person.id for person in few[1]])
    assert not (tmp_path / "rejects.jsonl").exists()


def test_an_id_that_is_none_is_told_and_stops_nobody(empty, hosts, few):
    """SQLite takes bytes for a contract's number, and in a table that says who is in which loan."""
    host = hosts.chinese(empty("sqlite"), *few)
    whole = set(SqlBook(host.engine, hosts.mapping).ids())
    person = few[0][1].parties[0].person_id
    host.run("UPDATE t_contract SET contract_no = x'00ff' WHERE contract_no = 'EX-030'")
    host.run("UPDATE t_contract_cust SET contract_no = x'00ff' WHERE contract_no = 'EX-030'")
    book = SqlBook(host.engine, hosts.mapping)

    assert whole - {"EX-030"} == set(book.ids()) == set(book.loans(book.ids()))
    assert {person: ()} == dict(book.loans_of([person]))
    assert "EX-030" not in book.changes(book.changes("").watermark).ids
    said = (
        "t_contract, loan_id: a row has no contract_no that is text or a number, so it is nobody's loan. Correct it, "
    )
    assert [f"{said}or leave it out by where."] == [str(problem) for problem in book.problems]


def test_the_last_date_must_be_stated(empty, hosts, few):
    """Without it nobody can tell who is late, so nothing goes on."""
    host = hosts.chinese(empty("sqlite"), *few)
    book = SqlBook(host.engine, hosts.mapping)
    host.run("UPDATE t_biz_calendar SET closed = 'N'")
    with pytest.raises(FactsError, match="t_biz_calendar.biz_date: no row states through which date"):
        _ = book.current_through
    host.run("INSERT INTO t_biz_calendar VALUES ('soon', 'Y')")
    with pytest.raises(FactsError, match="expected a date"):
        _ = book.current_through


def test_quotes_of_the_host(empty, hosts, few):
    """The host's own amounts of that day; a day that it does not quote is refused."""
    host = hosts.chinese(empty("sqlite"), *few)
    host.create("CREATE TABLE v_quote (no TEXT, d TEXT, p BIGINT, i BIGINT, x BIGINT)")
    host.run("INSERT INTO v_quote VALUES ('EX-001', '2026-03-18', 100000, 1234, 5000000)")
    stated = tomllib.loads(hosts.mapping.read_text(encoding="utf-8"), parse_float=Decimal)
    for of_table in stated.values():
        of_table.pop("changed", None)
    cents = {
        name: {"column": column, "unit": "0.01"}
        for name, column in (("principal", "p"), ("interest", "i"), ("payoff", "x"))
    }
    book = SqlBook(
        host.engine, {**stated, "quotes": {"table": "v_quote", "columns": {"loan_id": "no", "on": "d", **cents}}}
    )
    quote = book.quote("EX-001", AS_OF)

    assert (Amounts(principal=Decimal("1000.00"), interest=Decimal("12.34")), Decimal("50000.00")) == (
        quote.overdue,
        quote.payoff,
    )
    for loan_id, on, said in (
        ("EX-001", AS_OF + dt.timedelta(days=1), "no row"),
        ("EX-030", AS_OF, "no row"),
        ("X", AS_OF, "no loan"),
    ):
        with pytest.raises(FactsError, match=said):
            book.quote(loan_id, on)
    assert None is book.changes("")


def test_a_database_that_goes_away_is_the_operators(empty, hosts, few, tmp_path):
    """A sentence, not a traceback of the driver; and a file that is not there is refused at once."""
    host = hosts.chinese(empty("sqlite"), *few)
    book = SqlBook(host.engine, hosts.mapping)
    host.run("DROP TABLE t_repay_plan")
    with pytest.raises(StorageError, match="cannot be read: no such table: t_repay_plan"):
        book.loans(["EX-001"])
    with pytest.raises(BookError, match="there is no such database"):
        SqlBook(f"sqlite:///{tmp_path}/nowhere.db", hosts.mapping)
    assert not (tmp_path / "nowhere.db").exists()
    with pytest.raises(BookError, match="the URL cannot be used"):
        SqlBook("nonsense://host/database", hosts.mapping)
