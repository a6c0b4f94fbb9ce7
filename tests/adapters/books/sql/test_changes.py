"""What changed since a mark, and nights that look at nothing else."""

import datetime as dt
import itertools
import json
import sys
import tomllib
from collections import Counter
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dunning import hookimpl
from dunning.adapters.books.csv_folder import CsvBook
from dunning.adapters.books.csv_write import write_csv_book
from dunning.adapters.books.example_auto import AS_OF
from dunning.adapters.books.sql import SqlBook
from dunning.adapters.storage.sql import SqliteStorage
from dunning.core.facts.event import Event, EventKind
from dunning.errors import FactsError
from dunning.testing.builders import LENDER
from dunning.testing.given import an_engine, plain_hooks, signed_policy

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
KINDS = pytest.mark.parametrize("kind", ["sqlite", "postgres"])


@pytest.fixture(scope="module")
def few(example):
    """Return ten loans with their persons."""
    loans = [loan for n, loan in enumerate(example.loans) if n % 40 == 0 or loan.id in ("EX-105", "EX-154")]
    people = {party.person_id for loan in loans for party in loan.parties}
    return loans, [person for person in example.persons if person.id in people]


def decisions(engine):
    """Return what the journal says of loans, in its own order by loan."""
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return [(str(r.draft.stream), r.draft.kind, r.draft.as_of, r.draft.effects) for r in unit.since(0, limit=100_000) if r.draft.stream.kind == "loan"]  # fmt: skip


def evening(day):
    return dt.datetime.combine(day, dt.time(18), tzinfo=dt.UTC)


def wall(instant):
    return (instant + 8 * HOUR).replace(tzinfo=None)


@KINDS
def test_a_night_from_tables_is_the_night_from_files(kind, empty, hosts, few, tmp_path):
    """Record for record."""
    loans, persons = few
    write_csv_book(tmp_path / "book", loans=loans, persons=persons, current_through=AS_OF)
    books = CsvBook(tmp_path / "book"), SqlBook(hosts.chinese(empty(kind), *few).engine, hosts.mapping)
    engines = [an_engine(book=book) for book in books]
    for engine in engines:
        for back in (1, 0):
            engine.assess(as_of=AS_OF - back * DAY, now=evening(AS_OF - back * DAY))
            engine.deliver(now=evening(AS_OF - back * DAY))
    files, tables = map(decisions, engines)

    assert len(files) > len(loans)
    assert Counter(files) == Counter(tables)


class Days:
    """What the host's own programs do by day, each with a stamp that is later than the last."""

    def __init__(self, host, hosts, few):
        self.host, self.hosts, self.few = host, hosts, few
        self.count = itertools.count(1)

    def stamp(self, day):
        return self.hosts.written + dt.timedelta(minutes=next(self.count))

    def pay(self, day, which, share):
        loan = self.few[0][which % len(self.few[0])]
        amount = (loan.instalments[0].amount * share).quantize(Decimal("0.01"))
        stamp = self.stamp(day)
        event = Event(id=f"{loan.id}-N{next(self.count)}", kind=EventKind.PAYMENT, effective_on=day, recorded_at=evening(day) - 6 * HOUR, amount=amount)  # fmt: skip
        self.host.insert("t_repay_flow", [self.hosts.chinese_flow(loan.id, event, stamp)])

    def take_back(self, day, which, share):
        """The latest flow of a loan was a mistake: it stays in the table, and the mapping's filter leaves it out."""
        loan = self.few[0][which % len(self.few[0])]
        statement = "UPDATE t_repay_flow SET valid_flag = 'N', gmt_modified = :now WHERE flow_id = (SELECT max(flow_id) FROM t_repay_flow WHERE contract_no = :id AND trans_type = 'PMT' AND orig_flow_id IS NULL)"
        self.host.run(statement, now=wall(self.stamp(day)), id=loan.id)

    def postpone(self, day, which, share):
        loan = self.few[0][which % len(self.few[0])]
        statement = "UPDATE t_repay_plan SET due_dt = due_dt + 1, gmt_modified = :now WHERE contract_no = :id AND due_dt % 100 < 27"
        self.host.run(statement, now=wall(self.stamp(day)), id=loan.id)

    def flag(self, day, which, share):
        person = self.few[1][which % len(self.few[1])]
        row = {"cust_no": person.id, "tag": "bankrupt" if share > 1 else "vulnerable", "start_dt": int(day.strftime("%Y%m%d")), "end_dt": None, "memo": None, "gmt_create": wall(self.stamp(day)), "gmt_modified": wall(self.stamp(day))}  # fmt: skip
        self.host.insert("t_cust_tag", [row])

    def spoil(self, day, which, share):
        person = self.few[1][which % len(self.few[1])]
        statement = "UPDATE t_cust_contact SET is_work = CASE is_work WHEN '?' THEN 'N' ELSE '?' END, gmt_modified = :now WHERE cust_no = :id"
        self.host.run(statement, now=wall(self.stamp(day)), id=person.id)

    def lend(self, day, which, share):
        loan = self.few[0][which % len(self.few[0])]
        new = f"NEW-{next(self.count)}"
        events = tuple(evolve(e, id=f"{new}{e.id}", of=e.of and f"{new}{e.of}") for e in loan.events)
        copy = evolve(loan, id=new, events=events, collateral=(), mandates=())
        self.hosts.put_loan(self.host, copy, self.stamp(day))

    def close(self, day):
        self.host.run("UPDATE t_biz_calendar SET biz_date = :day WHERE closed = 'Y'", day=day)


DEEDS = st.tuples(
    st.sampled_from(["pay", "pay", "take_back", "postpone", "flag", "spoil", "lend"]),
    st.integers(0, 40),
    st.sampled_from([Decimal("0.5"), Decimal(1), Decimal(3)]),
)
NIGHTS = st.lists(st.lists(DEEDS, max_size=3), min_size=2, max_size=3)


def live(host, hosts, few, nights):
    """Live through *nights* twice over one host: looking at everything, and at what changed; return how many each."""
    book, days = SqlBook(host.engine, hosts.mapping), Days(host, hosts, few)
    whole, sleepy = an_engine(book=book), an_engine(book=book)
    looked = []
    for number, deeds in enumerate([[], *nights]):
        day = AS_OF + number * DAY
        for name, which, share in deeds:
            getattr(days, name)(day, which, share)
        days.close(day)
        every = whole.assess(as_of=day, now=evening(day), full=True)
        some = sleepy.assess(as_of=day, now=evening(day))
        looked.append((every.loans, some.loans, some.asleep))
        assert (every.records == 0) == (some.records == 0)
        for engine in (whole, sleepy):
            engine.deliver(now=evening(day))
        assert Counter(decisions(whole)) == Counter(decisions(sleepy)), f"night {number} after {deeds}"
    return looked


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(NIGHTS)
def test_a_night_with_changes_equals_a_full_night(empty, hosts, few, nights):
    """Whatever happened by day: payments, flows taken back, dates moved, persons flagged, rows spoilt, new loans."""
    live(hosts.chinese(empty("sqlite"), *few), hosts, few, nights)


def test_most_loans_are_not_looked_at(empty, hosts, few):
    """On a server; the first night looks at all, the others at what changed or wakes."""
    host = hosts.chinese(empty("postgres"), *few)
    looked = live(host, hosts, few, [[("pay", 3, Decimal(1))], [("flag", 5, Decimal(1))], []])

    assert looked[0] == (len(few[0]), len(few[0]), 0)
    assert all(some + asleep == len(few[0]) and asleep >= len(few[0]) / 3 for _, some, asleep in looked[1:]), looked


# --- marks ---

STAMPED = ("t_contract", "t_repay_plan", "t_repay_flow", "t_contract_cust", "t_cust", "t_cust_contact", "t_cust_tag", "t_cust_hours", "t_ext_attr")  # fmt: skip


@KINDS
def test_a_change_of_a_person_counts_for_all_their_loans(kind, empty, hosts, few):
    """Nothing is named where nothing changed; a row without a stamp is named every time."""
    host = hosts.chinese(empty(kind), *few)
    book = SqlBook(host.engine, hosts.mapping)
    mark = book.changes("").watermark
    person = few[1][0].id
    theirs = {loan.id for loan in few[0] if any(p.person_id == person for p in loan.parties)}
    later = wall(hosts.written + HOUR)

    assert frozenset() == book.changes(mark).ids
    host.run("UPDATE t_cust SET gmt_modified = :now WHERE cust_no = :id", now=later, id=person)
    assert theirs == book.changes(mark).ids
    assert frozenset() == book.changes(book.changes(mark).watermark).ids
    host.run("UPDATE t_repay_flow SET valid_flag = 'N', gmt_modified = :now WHERE contract_no = 'EX-105'", now=later)
    assert theirs | {"EX-105"} == book.changes(mark).ids, "rows that the filter leaves out since then"


@KINDS
def test_rows_that_are_committed_late_are_named_within_the_lag(kind, empty, hosts, few):
    """The mapping states ten minutes: a transaction that began five minutes ago and commits now is seen."""
    host = hosts.chinese(empty(kind), *few)
    now = dt.datetime.now(dt.UTC)
    book = SqlBook(host.engine, hosts.mapping)
    write = "UPDATE t_repay_plan SET gmt_modified = :at WHERE contract_no = :id"
    host.run(write, at=wall(now), id="EX-105")
    mark = book.changes("").watermark
    host.run(write, at=wall(now - dt.timedelta(minutes=5)), id="EX-154")
    host.run(write, at=wall(now - dt.timedelta(hours=5)), id="EX-001")

    assert {"EX-105", "EX-154"} == book.changes(mark).ids, "five hours are more than was stated"


@KINDS
def test_a_stamp_of_tomorrow_hides_nothing(kind, empty, hosts, few):
    """Some machine's clock is wrong: the mark stays at the database's own."""
    host = hosts.chinese(empty(kind), *few)
    now = dt.datetime.now(dt.UTC)
    book = SqlBook(host.engine, hosts.mapping)
    write = "UPDATE t_repay_plan SET gmt_modified = :at WHERE contract_no = :id"
    host.run(write, at=wall(now + 24 * HOUR), id="EX-105")
    mark = book.changes("").watermark
    host.run(write, at=wall(now), id="EX-154")

    assert {"EX-105", "EX-154"} == book.changes(mark).ids


@KINDS
def test_numbers_in_the_order_of_writing(kind, empty, hosts, example):
    """A version column: the mapping has the five numbers before the highest asked for again."""
    host = empty(kind)
    loans, persons = hosts.us_loans(example)
    hosts.american(host, loans, persons)
    place = host.types["s"]
    book = SqlBook(host.engine, hosts.american_mapping(host))
    mark = book.changes("").watermark
    last = {f"US-{1000 + n}" for n in range(len(loans) - 6, len(loans))}
    before = book.changes(mark).ids
    host.run(f"UPDATE {place}transactions SET version = {len(loans) + 1} WHERE loan_number = 1000")  # noqa: S608

    assert f">={len(loans) - 5}" == json.loads(mark)["events.0"]
    assert last <= before
    assert before | {"US-1000"} == book.changes(mark).ids


def test_an_hour_that_comes_twice_hides_nothing(empty):
    """New York, 3 November 2024: 01:45 before the clocks go back is earlier than 01:15 after, and looks later."""
    host = empty("sqlite")
    host.create("CREATE TABLE l (id TEXT, t TEXT); CREATE TABLE i (id TEXT, n INTEGER, d TEXT, t TEXT)")
    host.insert("l", [{"id": "L-1", "t": "2024-11-02 12:00:00"}, {"id": "L-2", "t": "2024-11-03 00:45:00"}])
    stated = {"column": "t", "zone": "America/New_York"}
    constants = {"creditor": "x", "currency": "USD", "jurisdiction": "US", "business_zone": "America/New_York"}
    columns = {"loan_id": "id", **{name: {"value": value} for name, value in constants.items()}}
    mapping = {
        "current_through": {"table": "i", "column": "d"},
        "loans": {"table": "l", "changed": stated, "columns": columns},
        "instalments": {"table": "i", "changed": stated, "columns": {"loan_id": "id", "number": "n", "due_on": "d"}},
    }
    book = SqlBook(host.engine, mapping)
    host.run("UPDATE l SET t = '2024-11-03 01:45:00' WHERE id = 'L-2'")
    mark = book.changes("").watermark  # taken for the later of the two
    host.run("UPDATE l SET t = '2024-11-03 01:15:00' WHERE id = 'L-1'")

    assert "L-1" in book.changes(mark).ids


# --- when every loan is looked at ---


class HoldsNothing:
    """A plugin that may hold a loan back at any time."""

    @hookimpl
    def dunning_holds(self, cases, as_of):
        return ()


class Nights:
    """Nights over one book and one storage."""

    def __init__(self, host, hosts, storage):
        self.host, self.hosts, self.storage = host, hosts, storage
        self.book = SqlBook(host.engine, hosts.mapping)

    def night(self, back=0, *, policy=None, plugins=None, **asked):
        """Assess for *back* days before the example's day; return how many loans were looked at."""
        more = {"plugins": plugins} if plugins else {"hooks": plain_hooks()}
        engine = an_engine(book=self.book, storage=self.storage, policy=policy, **more)
        return engine.assess(as_of=AS_OF - back * DAY, now=evening(AS_OF - back * DAY), **asked)


@pytest.fixture
def nights(empty, hosts, few, tmp_path):
    """Return nights of which the first, a day ago, looked at every loan."""
    storage = SqliteStorage(tmp_path / "dunning.db")
    made = Nights(hosts.chinese(empty("sqlite"), *few), hosts, storage)
    assert len(few[0]) == made.night(1).loans
    yield made
    storage.close()


def other_policy():
    return evolve(signed_policy(), content_hash="0" * 64)


@pytest.mark.parametrize(
    ("asked", "all_of_them"),
    [
        pytest.param({}, False, id="the next night"),
        pytest.param({"simulate": True}, False, id="a dry run of it"),
        pytest.param({"full": True}, True, id="a full look was asked for"),
        pytest.param({"plugins": [HoldsNothing()]}, True, id="a plugin may hold back"),
        pytest.param({"known_at": evening(AS_OF)}, True, id="another state of knowledge"),
        pytest.param({"shard": (0, 1), "back": 2}, True, id="an earlier date"),
        pytest.param({"back": -9}, True, id="the book is stale"),
    ],
)
def test_any_doubt_means_every_loan(nights, few, asked, all_of_them):
    """And only then."""
    report = nights.night(**asked)

    looked_at = report.loans + report.skipped_earlier
    assert (len(few[0]), all_of_them) == (looked_at + report.asleep, report.asleep == 0)


def test_each_shard_has_its_own_mark(nights, few):
    """The first night of a shard looks at all of it, though the whole book was looked at before."""
    first = [nights.night(shard=(index, 2)) for index in (0, 1)]
    second = [nights.night(shard=(index, 2)) for index in (0, 1)]

    assert (len(few[0]), 0) == (sum(r.loans for r in first), sum(r.asleep for r in first))
    assert sum(report.asleep for report in second) > 0


def test_a_dry_run_moves_no_mark(nights):
    """What it saw is seen again."""
    before = nights.night(simulate=True)

    assert before.asleep == nights.night(simulate=True).asleep == nights.night().asleep


def test_a_mark_of_another_mapping_is_refused(nights):
    """Then every loan is looked at, and the report says why."""
    mark = nights.book.changes("").watermark
    other = tomllib.loads(nights.hosts.mapping.read_text(encoding="utf-8").replace('where = { valid_flag = "Y" }', ""))
    with pytest.raises(FactsError, match="another mapping"):
        SqlBook(nights.host.engine, other).changes(mark)
    nights.book = SqlBook(nights.host.engine, other)
    report = nights.night()

    assert (0, ["what changed in the book"]) == (report.asleep, [trouble.what for trouble in report.troubles])


def test_a_loan_that_was_left_out_is_looked_at_again(nights, few):
    """Though its rows bear no new stamp: it was repaired with a stamp of the past."""
    host, loan = nights.host, few[0][0].id
    stamp = wall(nights.hosts.written + HOUR)
    host.run(
        "UPDATE t_repay_plan SET due_dt = due_dt + 90000000, gmt_modified = :now WHERE contract_no = :id",
        now=stamp,
        id=loan,
    )
    host.run("UPDATE t_repay_plan SET gmt_modified = :now WHERE contract_no = 'EX-105'", now=stamp)
    assert [loan] == nights.night().left_out
    host.run("UPDATE t_repay_plan SET due_dt = due_dt - 90000000 WHERE contract_no = :id", id=loan)
    book = nights.book.changes("").watermark
    report = nights.night(-1)

    assert [] == report.left_out
    assert loan not in nights.book.changes(book).ids
    assert any(
        stream == f"loan:{loan}" or loan in stream
        for stream, *_ in decisions(an_engine(book=nights.book, storage=nights.storage))
    )


def test_a_night_that_breaks_off_moves_no_mark(nights, monkeypatch):
    """What was committed stays; the rest is named again."""
    host = nights.host
    host.run("UPDATE t_cust SET gmt_modified = :now", now=wall(nights.hosts.written + HOUR))
    monkeypatch.setattr(sys.modules["dunning.engine.assess"], "BATCH", 5)

    def stop(done, of):
        if done >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nights.night(progress=stop)

    assert 0 == nights.night().asleep


@pytest.fixture
def numbered(empty):
    """Two loans, and an instalment of each, stamped with numbers in the order of writing: 1 and 2."""
    host = empty("sqlite")
    host.create(
        "CREATE TABLE l (id TEXT, v INTEGER); CREATE TABLE i (id TEXT, n INTEGER, d TEXT, v INTEGER); CREATE TABLE d (d TEXT)"
    )
    host.insert("d", [{"d": "2026-03-18"}])
    host.insert("l", [{"id": id_, "v": v} for v, id_ in enumerate(("A", "B"), start=1)])
    host.insert("i", [{"id": id_, "n": 1, "d": "2026-03-10", "v": v} for v, id_ in enumerate(("A", "B"), start=1)])
    fixed = {"creditor": {"value": "x"}, "currency": {"value": "USD"}, "jurisdiction": {"value": "US-MA"}, "business_zone": {"value": "America/New_York"}}  # fmt: skip
    mapping = {
        "current_through": {"table": "d", "column": "d"},
        "loans": {"table": "l", "changed": "v", "columns": {"loan_id": "id", **fixed}},
        "instalments": {"table": "i", "changed": "v", "columns": {"loan_id": "id", "number": "n", "due_on": "d"}},
        "lag": {"steps": 0},
    }
    return host, SqlBook(host.engine, mapping)


@pytest.mark.parametrize(
    ("highest", "refused"),
    [
        pytest.param(1_000_004, False, id="as far beyond 2 as a sequence may leap"),
        pytest.param(1_000_005, True, id="one further"),
        pytest.param(2**62, True, id="nonsense"),
    ],
)
@pytest.mark.parametrize("marked", [True, False])
def test_a_number_far_beyond_all_others_is_no_mark(numbered, highest, refused, marked):
    """It would hide all that is written later; so nobody says what changed, with or without a mark, until it is mended."""
    host, book = numbered
    mark = book.changes("").watermark
    host.run("UPDATE l SET v = :v WHERE id = 'A'", v=highest)
    if not refused:
        assert book.changes(mark if marked else "").watermark
        return
    with pytest.raises(FactsError, match="hide all that is written from now on") as caught:
        book.changes(mark if marked else "")
    assert "changed" == caught.value.field

    host.run("UPDATE l SET v = 3 WHERE id = 'A'")
    after = book.changes(mark)
    host.run("UPDATE l SET v = 4 WHERE id = 'B'")
    assert {"A", "B"} == after.ids
    assert "B" in book.changes(after.watermark).ids


def test_an_instant_far_ahead_moves_no_mark_past_the_clock(empty):
    """What is written later is named all the same."""
    host = empty("sqlite")
    host.create(
        "CREATE TABLE l (id TEXT, t TEXT); CREATE TABLE i (id TEXT, n INTEGER, d TEXT, t TEXT); CREATE TABLE d (d TEXT)"
    )
    host.insert("d", [{"d": "2026-03-18"}])
    host.insert("l", [{"id": "A", "t": "9998-12-31 00:00:00"}, {"id": "B", "t": "2026-03-18 00:00:00"}])
    host.insert("i", [{"id": id_, "n": 1, "d": "2026-03-10", "t": "2026-03-18 00:00:00"} for id_ in ("A", "B")])
    stamp = {"column": "t", "zone": "UTC"}
    fixed = {"creditor": {"value": "x"}, "currency": {"value": "USD"}, "jurisdiction": {"value": "US-MA"}, "business_zone": {"value": "America/New_York"}}  # fmt: skip
    book = SqlBook(
        host.engine,
        {
            "current_through": {"table": "d", "column": "d"},
            "loans": {"table": "l", "changed": stamp, "columns": {"loan_id": "id", **fixed}},
            "instalments": {"table": "i", "changed": stamp, "columns": {"loan_id": "id", "number": "n", "due_on": "d"}},
            "lag": {"seconds": 3600},
        },
    )
    mark = book.changes("").watermark
    host.run("UPDATE l SET t = datetime('now') WHERE id = 'B'")

    assert {"A", "B"} == book.changes(mark).ids
