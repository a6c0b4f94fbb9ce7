"""What is wrong with a mapping is said at the start: all of it, each with its place and the nearest name."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import pytest

from dunning.adapters.books import tables
from dunning.adapters.books.sql import SqlBook, read_mapping
from dunning.adapters.books.sql.cells import cell_text
from dunning.adapters.books.sql.mapping import Cell
from dunning.adapters.codec import scalars
from dunning.errors import BookError


def problems(call):
    with pytest.raises(BookError) as error:
        call()
    return [str(problem) for problem in error.value.problems]


SPOILT = [
    pytest.param('table = "t_contract"\n', 'table = "t_contrat"\n', "chinese.toml, loans, table: the database has no table or view 't_contrat'. Did you mean 't_contract'?", id="no such table"),
    pytest.param('= "prod_cd"', '= "prod_code"', "chinese.toml, loans, columns.product: t_contract has no column 'prod_code'. Did you mean 'prod_cd'?", id="no such column"),
    pytest.param("valid_flag", "valid_flags", "chinese.toml, events, where: t_repay_flow has no column 'valid_flags'. Did you mean 'valid_flag'?", id="no such column in a filter"),
    pytest.param('present = ["contact_val"]', 'present = ["contact"]', "chinese.toml, points, present: t_cust_contact has no column 'contact'.", id="no such column in present"),
    pytest.param('column = "biz_date"', 'column = "bizdate"', "chinese.toml, current_through, column: t_biz_calendar has no column 'bizdate'. Did you mean 'biz_date'?", id="no such column of dates"),
    pytest.param('creditor = "creditor_nm"\n', "", "chinese.toml, loans, columns, creditor: loans cannot do without it.", id="a required column is missing"),
    pytest.param('creditor = "creditor_nm"\n', 'creditors = "creditor_nm"\n', "chinese.toml, loans, columns, creditors: loans has no column 'creditors'. Did you mean 'creditor'?", id="no such column of ours"),
    pytest.param("[flags]", "[flag]", "chinese.toml, flag: there is no such table of facts. Did you mean 'flags'?", id="no such table of ours"),
    pytest.param('{ column = "due_dt", format', '{ column = "due_dt", spelling', "spelling", id="no such key"),
    pytest.param("Asia/Shanghai", "Asia/Peking", "Asia/Peking", id="no such zone"),
    pytest.param('ccy"\n', 'ccy"\nbrand_ = "x"\n', "brand_", id="another unknown one"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), SPOILT)
def test_what_is_wrong_is_said_with_its_place(old, new, said, empty, hosts, tmp_path):
    host = hosts.chinese(empty("sqlite"), [], [])
    stated = hosts.mapping.read_text(encoding="utf-8")
    assert old in stated
    (tmp_path / "chinese.toml").write_text(stated.replace(old, new, 1), encoding="utf-8")

    assert any(said in problem for problem in problems(lambda: SqlBook(host.engine, tmp_path / "chinese.toml")))


def test_all_that_is_wrong_is_said_at_once(empty, hosts, tmp_path):
    host = hosts.chinese(empty("sqlite"), [], [])
    stated = (
        hosts.mapping.read_text(encoding="utf-8")
        .replace('"due_dt"', '"due"')
        .replace('table = "t_cust_tag"', 'table = "tags"')
    )
    (tmp_path / "m.toml").write_text(stated, encoding="utf-8")

    assert 2 == len(problems(lambda: SqlBook(host.engine, tmp_path / "m.toml")))


BARE = {
    "current_through": {"table": "d", "column": "d"},
    "loans": {"table": "l", "columns": {"loan_id": "id", **{n: {"value": v} for n, v in (("creditor", "x"), ("currency", "USD"), ("jurisdiction", "US"), ("business_zone", "UTC"))}}},
    "instalments": {"table": "i", "columns": {"loan_id": "id", "number": "n", "due_on": "d"}},
}  # fmt: skip


def bare(table, **changes):
    return {**BARE, table: {**BARE.get(table, {}), **changes}}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({k: v for k, v in BARE.items() if k != "instalments"}, "the mapping, instalments: the table is missing."),
        ({k: v for k, v in BARE.items() if k != "current_through"}, "the mapping, current_through: the table is missing."),
        ({**BARE, "loans": [BARE["loans"], BARE["loans"]]}, "they come from one table or view, and not from 2."),
        (bare("loans", changed="t"), "these do not: instalments."),
        (bare("current_through", format="%d/%m/%Y"), "the latest cannot be found"),
        (bare("instalments", columns={"loan_id": {"value": "x"}, "number": "n", "due_on": "d"}), "so it is a column without a map"),
        (bare("instalments", columns={"loan_id": "id", "number": {"column": "n", "unit": "0.01"}, "due_on": "d"}), "only money has a unit"),
        (bare("instalments", columns={"loan_id": "id", "number": {"value": "one"}, "due_on": "d"}), "expected a whole number such as 12, got 'one'."),
        (bare("instalments", columns={"loan_id": "id", "number": {}, "due_on": "d"}), "State a column, or a constant"),
        (bare("loans", where={"x": {"more": 1}}), "expected text"),
    ],
)  # fmt: skip
def test_a_mapping_that_says_nonsense(document, said):
    assert any(said in problem for problem in problems(lambda: read_mapping(document))), problems(
        lambda: read_mapping(document)
    )


TYPES = [
    ("balance", {"column": "at"}, "is TIMESTAMP: it is no amount."),
    ("accelerated_on", {"column": "n"}, "is INTEGER: a number is no date"),
    ("loan_id", {"column": "raw"}, "is BYTEA: bytes state no fact."),
]


@pytest.mark.parametrize(("name", "cell", "said"), TYPES)
def test_a_type_that_cannot_hold_the_fact_is_refused_at_the_start(name, cell, said, empty):
    """In PostgreSQL, whose types bind."""
    host = empty("postgres")
    host.create(
        "CREATE TABLE l (id TEXT, n INTEGER, at TIMESTAMP, raw BYTEA); CREATE TABLE i (id TEXT, n INTEGER, d DATE, at TIMESTAMP); CREATE TABLE d (d DATE)"
    )
    document = bare("loans", columns={**BARE["loans"]["columns"], name: cell})
    assert any(said in problem for problem in problems(lambda: SqlBook(host.engine, document)))

    naive = bare("instalments", columns={**BARE["instalments"]["columns"], "recorded_at": "at"})
    assert any(
        "state whose clock it shows as zone" in problem for problem in problems(lambda: SqlBook(host.engine, naive))
    )
    typed = bare("loans", where={"n": "many"})
    assert any(
        "l.n is INTEGER, and cannot hold 'many'" in problem for problem in problems(lambda: SqlBook(host.engine, typed))
    )


def at(*parts):
    return dt.datetime(*parts)


NEW_YORK = Cell(column="x", zone="America/New_York")
PLAIN = Cell(column="x")


@pytest.mark.parametrize(
    ("raw", "cell", "read", "expected"),
    [
        (123456, Cell(column="x", unit=Decimal("0.01")), tables.money, "1234.56"),
        (Decimal("12.50"), PLAIN, tables.money, "12.50"),
        (1234.5, PLAIN, tables.money, "1234.5"),
        (0.1 + 0.2, PLAIN, tables.money, "lost digits"),
        (float("nan"), PLAIN, tables.money, "expected a number"),
        (Decimal("NaN"), PLAIN, tables.money, "expected a number"),
        (20260318, Cell(column="x", format="%Y%m%d"), scalars.date, "2026-03-18"),
        (20260231, Cell(column="x", format="%Y%m%d"), scalars.date, "got '20260231'"),
        (20260318, PLAIN, scalars.date, "state how as format"),
        (dt.date(2026, 3, 18), PLAIN, scalars.date, "2026-03-18"),
        ("2026-03-18 00:00:00", PLAIN, scalars.date, "2026-03-18"),
        (at(2026, 3, 18, 23), PLAIN, scalars.date, "state in whose zone"),
        (at(2026, 3, 18, 23), NEW_YORK, scalars.date, "2026-03-18"),
        (at(2026, 3, 18, 3).replace(tzinfo=dt.UTC), NEW_YORK, scalars.date, "2026-03-17"),
        (at(2026, 3, 18, 9, 30), NEW_YORK, scalars.instant, "2026-03-18T13:30:00Z"),
        (at(2026, 3, 18, 9, 30), PLAIN, scalars.instant, "state whose clock"),
        (at(2026, 3, 8, 2, 30), NEW_YORK, scalars.instant, "clocks of America/New_York left out"),
        (at(2026, 11, 1, 1, 30), NEW_YORK, scalars.instant, "2026-11-01T06:30:00Z"),
        ("2026-03-18T09:30:00+08:00", PLAIN, scalars.instant, "2026-03-18T01:30:00Z"),
        (1773797400, Cell(column="x", format="epoch"), scalars.instant, "2026-03-18T01:30:00Z"),
        (dt.date(2026, 3, 18), NEW_YORK, scalars.instant, "has no time of day"),
        ("080000", Cell(column="x", format="%H%M%S"), scalars.time, "08:00:00"),
        (1, PLAIN, scalars.boolean, "true"),
        ("Y", PLAIN, scalars.boolean, "state what it means as map"),
        ("Y", Cell(column="x", map={"Y": "true"}), scalars.boolean, "true"),
        (None, Cell(column="x", map={"Y": "true"}), scalars.boolean, "expected one of 'Y', got ''"),
        (None, Cell(column="x", map={"": "false"}), scalars.boolean, "false"),
        (Decimal("7.0"), PLAIN, scalars.whole, "7"),
        (Decimal("7.5"), PLAIN, scalars.whole, "7.5"),
        ("AB  ", PLAIN, str, "AB"),
        ("", PLAIN, str, ""),
        (None, Cell(column="x", suffix="-M"), str, ""),
        ("P-1", Cell(column="x", prefix="a", suffix="-M"), str, "aP-1-M"),
        (UUID(int=7), PLAIN, str, "00000000-0000-0000-0000-000000000007"),
        (["Asia/Shanghai", "UTC"], PLAIN, str, "Asia/Shanghai|UTC"),
        (b"x", PLAIN, str, "a value of type bytes"),
    ],
)  # fmt: skip
def test_a_value_of_the_host_as_a_cell(raw, cell, read, expected):
    """Or why it is none."""
    try:
        found = cell_text(raw, cell, read)
    except ValueError as error:
        found = str(error)
    assert expected == found or (len(expected) > 8 and expected in found), found


def test_one_table_of_ours_from_several_of_the_hosts(empty):
    """Payments in one table, write-offs in another; ids with a prefix never meet."""
    host = empty("sqlite")
    host.create(
        "CREATE TABLE l (id TEXT); CREATE TABLE i (id TEXT, n INTEGER, d TEXT); CREATE TABLE d (d TEXT); CREATE TABLE pay (id TEXT, no INTEGER, d TEXT, a TEXT); CREATE TABLE loss (id TEXT, no INTEGER, d TEXT)"
    )
    for table, row in (
        ("l", {"id": "L"}),
        ("i", {"id": "L", "n": 1, "d": "2026-01-15"}),
        ("pay", {"id": "L", "no": 1, "d": "2026-01-15", "a": "5"}),
        ("loss", {"id": "L", "no": 1, "d": "2026-01-20"}),
    ):
        host.insert(table, [row])
    common = {"loan_id": "id", "effective_on": "d"}
    events = [
        {
            "table": "pay",
            "columns": {
                **common,
                "event_id": {"column": "no", "prefix": "P"},
                "kind": {"value": "payment"},
                "amount": "a",
            },
        },
        {
            "table": "loss",
            "columns": {**common, "event_id": {"column": "no", "prefix": "W"}, "kind": {"value": "write_off"}},
        },
    ]
    (loan,) = SqlBook(host.engine, {**BARE, "events": events}).loans(["L"]).values()

    assert ["P1", "W1"] == [event.id for event in loan.events]


def test_names_are_quoted(empty):
    """A column called order, a table with a blank and a quote: names, never SQL."""
    host = empty("sqlite")
    host.create(
        'CREATE TABLE "my ""loans" ("order" TEXT, "a; DROP TABLE i" TEXT); CREATE TABLE i (id TEXT, n INTEGER, d TEXT); CREATE TABLE d (d TEXT)'.replace(
            "; DROP", "- DROP"
        )
    )
    host.run('INSERT INTO "my ""loans" VALUES (:id, :x)', id="L'; --", x="1")
    loans = {
        "table": 'my "loans',
        "where": {"a- DROP TABLE i": "1"},
        "columns": {**BARE["loans"]["columns"], "loan_id": "order"},
    }
    book = SqlBook(host.engine, {**BARE, "loans": loans})

    assert ["L'; --"] == list(book.ids())
