"""The host's tables as columns: what they state is what objects state, and no object is made for it."""

import contextlib
import datetime as dt
import subprocess
import sys
import tomllib
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

pytest.importorskip("pyarrow")

from dunning.adapters.books.blocks import blocks
from dunning.adapters.books.memory import MemoryBook
from dunning.adapters.books.sql import SqlBook
from dunning.adapters.interfaces.loan_book import ColumnBook
from dunning.adapters.storage.memory import MemoryStorage
from dunning.core.facts.event import Event
from dunning.core.overdue.convention import OLDEST_UNPAID
from dunning.core.overdue.presets import PRESETS
from dunning.core.overdue.status import overdue_status
from dunning.portfolio.overdue.convention import whole_convention
from dunning.portfolio.overdue.counting import count
from dunning.testing.books import ColumnBookConformance
from dunning.testing.given import an_engine
from dunning.testing.nights import at

KINDS = pytest.mark.parametrize("kind", ["sqlite", "postgres"])
AS_OF = dt.date(2026, 3, 18)
DAY = dt.timedelta(days=1)


class Counted(SqlBook):
    """A book that notes of which loans and persons objects were asked for."""

    def __init__(self, *given, **more):
        super().__init__(*given, **more)
        self.made = set()

    def loans(self, ids):
        found = super().loans(ids)
        self.made.update(found)
        return found

    def persons(self, ids):
        found = super().persons(ids)
        self.made.update(found)
        return found


def late(book, convention=OLDEST_UNPAID):
    """Return days past due and arrears of each loan: by columns, and of those that are irregular by the object."""
    found = {}
    for block in blocks(book, (0, 1), convention=convention):
        whole = whole_convention(convention, as_of=AS_OF, currency_digits=block.digits)
        counted = count([block.columns], whole)
        days, arrears = counted.days_past_due.tolist(), counted.arrears.tolist()
        for place, id_ in enumerate(block.ids[: len(block.ids) - len(block.irregular)]):
            found[id_] = (days[place], Decimal(arrears[place]).scaleb(-block.digits))
        for id_, loan in book.loans(block.irregular).items():
            status = overdue_status(loan, as_of=AS_OF, convention=convention)
            found[id_] = (status.days_past_due, status.arrears.total)
    return found


def facts(book):
    return {
        id_: told
        for block in book.blocks(convention=OLDEST_UNPAID)
        for id_, told in zip(block.ids, block.facts, strict=True)
    }


def in_memory(book):
    loans = book.loans(book.ids())
    people = sorted({party.person_id for loan in loans.values() for party in loan.parties})
    return MemoryBook(loans=loans.values(), persons=book.persons(people).values(), current_through=book.current_through)


ODD = "EX-059"  # to which something happens that columns cannot say


@pytest.fixture(scope="module")
def few(example):
    """Return a dozen loans of every kind, with their persons; one was given longer."""
    later = Event(id="ODD", kind="extension", effective_on=dt.date(2026, 1, 5), instalment=20, months=1)
    loans = [evolve(loan, events=(*loan.events, later)) if loan.id == ODD else loan for loan in example.loans[::29]]
    people = {party.person_id for loan in loans for party in loan.parties}
    return loans, [person for person in example.persons if person.id in people]


@KINDS
@pytest.mark.parametrize("name", ["aps_220", "crr_retail", "oldest_unpaid"])
def test_the_chinese_hosts_columns_state_what_its_objects_state(kind, name, empty, hosts, example):
    """Fen, days as numbers, words of the host's own, a customer with his telephones in one row."""
    convention = PRESETS[name].convention
    part = example.loans if kind == "sqlite" else example.loans[::8]
    book = SqlBook(hosts.chinese(empty(kind), part, example.persons).engine, hosts.mapping)

    assert isinstance(book, ColumnBook)
    assert late(in_memory(book), convention) == late(book, convention)
    assert any(days for days, _ in late(book, convention).values())


@KINDS
def test_the_us_hosts_columns_state_what_its_objects_state(kind, empty, hosts, example):
    """BIGINT keys behind a prefix, NUMERIC dollars, real booleans, dates and time stamps."""
    host = empty(kind)
    loans, persons = hosts.us_loans(example)
    book = SqlBook(hosts.american(host, loans, persons).engine, hosts.american_mapping(host))
    found = late(book)

    assert late(in_memory(book)) == found
    assert {loan.id for loan in loans} == set(found)


@KINDS
def test_no_object_is_made_of_a_loan_that_columns_can_say(kind, empty, hosts, few):
    """Nor of anybody in it."""
    host = hosts.chinese(empty(kind), *few)
    book = Counted(host.engine, hosts.mapping)
    found = list(book.blocks(convention=OLDEST_UNPAID))

    assert [(), (ODD,)] == [block.irregular for block in found]
    assert {ODD} == book.made


BAD = [
    pytest.param("UPDATE t_repay_plan SET due_dt = 20260231 WHERE contract_no = 'EX-030' AND period_no = 2", id="a date in no calendar"),
    pytest.param("UPDATE t_repay_plan SET prin_fen = 'much' WHERE contract_no = 'EX-030' AND period_no = 2", id="an amount that is none"),
    pytest.param("UPDATE t_repay_plan SET prin_fen = -1 WHERE contract_no = 'EX-030' AND period_no = 1", id="a negative amount"),
    pytest.param("UPDATE t_repay_flow SET trans_type = 'PMTX' WHERE flow_id = (SELECT min(flow_id) FROM t_repay_flow WHERE contract_no = 'EX-030')", id="a word that is not in the map"),
    pytest.param("UPDATE t_contract SET law_area = '' WHERE contract_no = 'EX-030'", id="an empty cell"),
    pytest.param("UPDATE t_contract SET prod_cd = NULL WHERE contract_no = 'EX-030'", id="NULL that the map does not know"),
    pytest.param("UPDATE t_contract SET brand_nm = x'00ff' WHERE contract_no = 'EX-030'", id="bytes for a text"),
    pytest.param("UPDATE t_contract_cust SET cust_no = 'B-999' WHERE contract_no = 'EX-030'", id="a stranger"),
    pytest.param("UPDATE t_contract_cust SET cust_no = '' WHERE contract_no = 'EX-030'", id="nobody"),
    pytest.param("UPDATE t_contract_cust SET gmt_create = 'soon' WHERE contract_no = 'EX-030'", id="an instant that is none"),
    pytest.param("INSERT INTO t_repay_plan SELECT * FROM t_repay_plan WHERE contract_no = 'EX-030' AND period_no = 1", id="twice"),
    pytest.param("UPDATE t_cust_contact SET is_work = '?' WHERE cust_no = (SELECT min(cust_no) FROM t_contract_cust WHERE contract_no = 'EX-030')", id="a person's point"),
    pytest.param("UPDATE t_cust SET tz_list = 'Mars' WHERE cust_no = (SELECT min(cust_no) FROM t_contract_cust WHERE contract_no = 'EX-030')", id="a person in no zone"),
]  # fmt: skip


@pytest.mark.parametrize("spoil", BAD)
def test_a_bad_row_takes_its_loan_out_and_no_other(spoil, empty, hosts, few):
    """It is in no block, and told where everything is told that was rejected."""
    host = hosts.chinese(empty("sqlite"), *few)
    good = facts(SqlBook(host.engine, hosts.mapping))
    host.run(spoil)
    book = SqlBook(host.engine, hosts.mapping)
    found = facts(book)

    assert {"EX-030"} == good.keys() - found.keys()
    assert {id_: told for id_, told in good.items() if id_ != "EX-030"} == found
    assert book.problems
    assert found.keys() == book.loans(book.ids()).keys()


CHANGED = [
    pytest.param("UPDATE t_contract SET bal_fen = coalesce(bal_fen, 0) + 1 WHERE contract_no = 'EX-030'", id="a cent"),
    pytest.param("UPDATE t_contract SET contract_sts = 'sold' WHERE contract_no = 'EX-030'", id="a word"),
    pytest.param("UPDATE t_repay_plan SET due_dt = due_dt + 1 WHERE contract_no = 'EX-030' AND period_no = 1", id="a day"),
    pytest.param("UPDATE t_repay_flow SET gmt_create = '2025-01-01 00:00:00' WHERE contract_no = 'EX-030'", id="when it was known"),
    pytest.param("DELETE FROM t_repay_flow WHERE contract_no = 'EX-030'", id="what was never paid"),
    pytest.param("UPDATE t_repay_flow SET valid_flag = 'N' WHERE contract_no = 'EX-030'", id="rows that the mapping leaves out now"),
    pytest.param("UPDATE t_contract_cust SET may_know = 'N' WHERE contract_no = 'EX-030'", id="who may know"),
    pytest.param("UPDATE t_cust SET lang = 'fr' WHERE cust_no = (SELECT min(cust_no) FROM t_contract_cust WHERE contract_no = 'EX-030')", id="a language"),
    pytest.param("UPDATE t_cust_contact SET contact_val = contact_val || '0' WHERE cust_no = (SELECT min(cust_no) FROM t_contract_cust WHERE contract_no = 'EX-030')", id="a number"),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGED)
def test_what_is_stated_otherwise_is_another_digest_of_that_loan_alone(change, empty, hosts, few):
    host = hosts.chinese(empty("sqlite"), *few)
    book = SqlBook(host.engine, hosts.mapping)
    before = facts(book)
    assert before == facts(book)
    host.run(change)
    after = facts(book)

    assert {"EX-030"} == {id_ for id_ in before if before[id_] != after.get(id_)}


def test_columns_that_the_mapping_leaves_out_change_nothing(empty, hosts, few):
    """A host stamps rows that it did not change."""
    host = hosts.chinese(empty("sqlite"), *few)
    book = SqlBook(host.engine, hosts.mapping)
    before = facts(book)
    host.run("UPDATE t_repay_plan SET gmt_modified = '2026-03-01 00:00:00'")
    assert before == facts(book)


def test_blocks_of_few_loans_and_shards_hold_each_once(empty, hosts, few, monkeypatch):
    monkeypatch.setattr("dunning.adapters.books.sql.blocks._AT_ONCE", 5)
    monkeypatch.setattr("dunning.adapters.books.sql.rows.CHUNK", 2)
    host = hosts.chinese(empty("sqlite"), *few)
    book = SqlBook(host.engine, hosts.mapping)
    whole = sorted(id_ for block in book.blocks(convention=OLDEST_UNPAID) for id_ in block.ids)
    shards = [id_ for n in range(3) for block in book.blocks((n, 3), convention=OLDEST_UNPAID) for id_ in block.ids]

    assert sorted(book.ids()) == whole
    assert whole == sorted(shards)


@pytest.mark.parametrize(
    ("left_out", "there"),
    [
        pytest.param(("parties", "persons", "hours", "flags", "points"), 12, id="who is in a loan"),
        pytest.param(("persons", "hours", "flags", "points"), 0, id="who they are, so that all are strangers"),
        pytest.param(("events", "attributes", "collateral", "mandates"), 12, id="what happened"),
    ],
)
def test_tables_that_the_mapping_leaves_out_state_nothing(left_out, there, empty, hosts, few):
    """Also where nothing but contracts and instalments is mapped."""
    host = hosts.chinese(empty("sqlite"), *few)
    mapping = {name: of_table for name, of_table in unstamped(hosts.mapping).items() if name not in left_out}
    book = SqlBook(host.engine, mapping)

    assert there == len(facts(book))
    assert facts(book).keys() == book.loans(book.ids()).keys()
    assert late(in_memory(book)) == late(book)


def test_without_the_extra_it_says_what_to_install(empty, hosts, few):
    """The book itself needs no Arrow."""
    host = hosts.chinese(empty("sqlite"), *few)
    program = (
        "import sys\nfrom pathlib import Path\nsys.modules['pyarrow'] = None\n"
        "from dunning.adapters.books.sql import SqlBook\n"
        f"book = SqlBook({host.url!r}, Path({str(hosts.mapping)!r}))\n"
        "print(len(book.loans(book.ids())))\nbook.blocks()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "12" == done.stdout.strip()
    assert 'pyarrow is not installed. Run: pip install "dunning[portfolio]"' in done.stderr


NASTY = [
    None, "", " ", "0", "1", "-1", 0, 1, -1, 7, 1.5, 1.0, 1e300, 0.1, b"x", 10**15, 2**62, True, "1.005", "1e-9", "NaN",
    "EX-001", "EX-030", "EX-030 ", "B-001", "B-999", 20260115, 20261301, 20260318, "20260318", "2026-03-18",
    "2026-03-18 09:30:00", "2026-13-18 09:30:00", "1026-03-18 09:30:00", "2026-03-29T02:30:00+02:00", "PMT", "CZ", "JF", "ZQ",
    "ZT", "JM", "HX", "FY", "GZI", "GZO", "ATTR", "CAR", "DK", "01", "06", "Y", "N", "CNY", "USD", "JPY", "QC", "Asia/Shanghai",
    "Mars|UTC", "interest", "0|1", "|", "\u2003", "\x00", "120000",
]  # fmt: skip
TABLES = (
    "t_contract", "t_repay_plan", "t_repay_flow", "t_contract_cust", "t_ext_attr", "t_cust", "t_cust_contact", "t_cust_tag",
)  # fmt: skip


@frozen
class Loose:
    """A SQLite host, which takes any value in any column: its columns with their rows, and what it states at first."""

    connection: Any = field(repr=False)
    columns: Any = field(repr=False)
    facts: Any = field(repr=False)
    stated: Any = field(repr=False)


@pytest.fixture(scope="module")
def loose(example, hosts, tmp_path_factory):
    """Return a host of fourteen loans."""
    loans = example.loans[::23]
    people = {party.person_id for loan in loans for party in loan.parties}
    host = hosts.host(f"sqlite:///{tmp_path_factory.mktemp('loose') / 'host.db'}", hosts.sqlite)
    hosts.chinese(host, loans, [person for person in example.persons if person.id in people])
    with host.engine.connect() as connection:
        columns = [
            (table, name, rows)
            for table in TABLES
            for rows in [connection.execute(text(f"SELECT rowid FROM {table} ORDER BY rowid")).scalars().all()]  # noqa: S608
            for _, name, *_ in connection.execute(text(f"PRAGMA table_info({table})")).all()
            if rows
        ]
        book = SqlBook(connection, hosts.mapping)
        found = Loose(connection, columns, facts(book), stated(book))
        connection.rollback()
        yield found
    host.engine.dispose()


def stated(book):
    """Return each loan with the people in it."""
    loans = book.loans(book.ids())
    return {
        id_: (loan, dict(book.persons(sorted({party.person_id for party in loan.parties}))))
        for id_, loan in loans.items()
    }


@settings(max_examples=50, deadline=None)
@given(spoilt=st.lists(st.tuples(st.integers(0, 10**5), st.sampled_from(NASTY)), min_size=1, max_size=3))
def test_whatever_stands_in_a_cell_columns_and_objects_agree_about_it(loose, hosts, spoilt):
    """Which loans are rejected, and how late the others are; and where anything stated differs, a digest does."""
    connection, columns = loose.connection, loose.columns
    with connection.begin() as transaction:
        for place, value in spoilt:
            table, name, rows = columns[place % len(columns)]
            row = rows[place // len(columns) % len(rows)]
            with contextlib.suppress(IntegrityError):  # what the host itself refuses
                statement = f"UPDATE {table} SET {name} = :value WHERE rowid = :row"  # noqa: S608
                connection.execute(text(statement), {"value": value, "row": row})
        book = SqlBook(connection, hosts.mapping)
        after, found = stated(book), facts(book)
        counted, expected = late(book), late(in_memory(book))
        transaction.rollback()

    assert after.keys() == found.keys()
    assert expected == counted
    for id_, each in after.items():
        assert each == loose.stated.get(id_) or loose.facts.get(id_) != found[id_], (
            f"{id_} changed, and its digest did not"
        )


class Promises(ColumnBookConformance):
    unstated = (("EX-001", "accelerated_on"),)
    kind = "sqlite"

    @pytest.fixture
    def book(self, empty, hosts, few):
        return SqlBook(hosts.chinese(empty(self.kind), *few).engine, hosts.mapping)

    @pytest.fixture
    def restated(self, empty, hosts, few):
        loans, persons = few
        other = [evolve(loan, host_status="sold") if loan.id == "EX-030" else loan for loan in loans]
        return SqlBook(hosts.chinese(empty(self.kind), other, persons).engine, hosts.mapping), "EX-030"


class TestSqlite(Promises):
    """B1 to B7 and B9, in a SQLite file."""


class TestPostgres(Promises):
    """B1 to B7 and B9, in a real server."""

    kind = "postgres"


def unstamped(mapping):
    """Return the mapping without what says when rows changed."""
    stated = tomllib.loads(mapping.read_text(encoding="utf-8"), parse_float=Decimal)
    for of_table in stated.values():
        for source in of_table if isinstance(of_table, list) else [of_table]:
            source.pop("changed", None)
    return stated


class House:
    """An engine over a host's tables that say no changes, with a memory or without."""

    def __init__(self, host, hosts, memory=None):
        self.host, self.mapping, self.memory, self.storage = host, unstamped(hosts.mapping), memory, MemoryStorage()

    def night(self, days):
        self.book = Counted(self.host.engine, self.mapping)
        engine = an_engine(storage=self.storage, book=self.book)
        engine.parts = evolve(engine.parts, memory=self.memory, remember_from=2)
        on = AS_OF + days * DAY
        return engine.assess(as_of=on, now=at(on, 2))

    def decisions(self):
        with self.storage.begin("lender", read_only=True) as unit:
            drafts = [record.draft for record in unit.since(0, limit=10_000)]
        return [(d.stream.id, d.kind, d.as_of, d.effects) for d in drafts if d.kind != "run"]


def test_no_object_is_made_of_a_loan_that_sleeps(empty, hosts, few, tmp_path):
    """In a book that says no changes: the night after, of the loan of which a word changed, and of those that wake."""
    host = hosts.chinese(empty("sqlite"), *few)
    house = House(host, hosts, tmp_path / "memory")
    assert 12 == house.night(-2).loans
    host.run("UPDATE t_contract SET contract_sts = 'sold' WHERE contract_no = 'EX-030'")

    report = house.night(-1)

    assert None is house.book.changes("")
    assert (4, 8) == (report.loans, report.asleep)
    # One changed, one columns cannot say, and of two the day has come.
    assert {"EX-030", ODD, "EX-320", "EX-291"} == {loan.id for loan in few[0]} & house.book.made


def test_it_decides_as_where_every_loan_is_looked_at(empty, hosts, few, tmp_path):
    """Night by night, with a payment that comes, and one that is taken back."""
    host = hosts.chinese(empty("sqlite"), *few)
    kept, full = House(host, hosts, tmp_path / "memory"), House(host, hosts)
    host.run("UPDATE t_biz_calendar SET biz_date = '2026-04-30' WHERE closed = 'Y'")
    asleep = 0
    for night in range(0, 28, 4):
        if night == 12:
            host.run("UPDATE t_repay_flow SET amt_fen = amt_fen / 2 WHERE contract_no = 'EX-262'")
        if night == 20:
            host.run("DELETE FROM t_repay_flow WHERE contract_no = 'EX-117'")
        asleep += kept.night(night).asleep
        assert 0 == full.night(night).asleep
    assert full.decisions() == kept.decisions()
    assert {"EX-262", "EX-117"} <= {stream for stream, *_ in kept.decisions()}
    assert asleep > 12
