"""From long tables to columns: in any order, exactly, and nothing dropped without a word."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.calendar import Calendar
from dunning.core.facts.event import COMPONENTS, Event
from dunning.core.facts.loan import Instalment
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention, Materiality
from dunning.core.overdue.order import Allocation
from dunning.core.overdue.presets import preset
from dunning.core.overdue.status import overdue_status
from dunning.errors import FactsError
from dunning.portfolio.overdue import overdue_table
from dunning.portfolio.overdue.loading import load_columns
from dunning.testing.builders import a_loan

D = dt.date
DAY = dt.timedelta(days=1)
START = D(2026, 1, 1)
CENTS = pa.decimal128(18, 2)
TYPES = {
    "number": pa.int64(),
    "instalment": pa.int64(),
    "months": pa.int64(),
    "grace": pa.int32(),
    **dict.fromkeys(("due_on", "invoiced_on", "ages_from", "effective_on", "until"), pa.date32()),
    **dict.fromkeys((*COMPONENTS, "amount", "due"), CENTS),
    **dict.fromkeys(("loan_id", "event_id", "of", "kind", "component", "currency", "reason"), pa.string()),
}


def long_table(rows, *names, **types):
    """Return *rows*, dictionaries, as an Arrow table with the columns *names* and whatever the rows state."""
    every = dict.fromkeys((*names, *(name for row in rows for name in row)))
    return pa.table({name: pa.array([row.get(name) for row in rows], {**TYPES, **types}[name]) for name in every})


def instalments(*rows, **types):
    return long_table(rows, "loan_id", "due_on", **types)


def events(*rows, **types):
    return long_table(rows, "loan_id", "event_id", "kind", "effective_on", "amount", **types)


def due(number, day, principal="100.00", loan_id="A", **more):
    return {"loan_id": loan_id, "number": number, "due_on": day, "principal": Decimal(principal), **more}


def event(event_id, kind, day, amount=None, loan_id="A", **more):
    amount = None if amount is None else Decimal(amount)
    return {"loan_id": loan_id, "event_id": event_id, "kind": kind, "effective_on": day, "amount": amount, **more}


TWO = instalments(due(1, D(2026, 1, 1)), due(2, D(2026, 2, 1)))


def columns_of(loaded):
    (row,) = loaded.columns.to_pylist()
    return row


@pytest.mark.parametrize(
    ("told", "money"),
    [
        pytest.param([], [], id="nothing happened"),
        pytest.param(
            [event("2", "payment", D(2026, 2, 1), "5"), event("1", "recovery", D(2026, 1, 1), "7")],
            [(D(2026, 1, 1), 700, None), (D(2026, 2, 1), 500, None)],
            id="by date",
        ),
        pytest.param([event("1", "pending_payment", D(2026, 2, 1), "5")], [], id="pending money meets nothing"),
        pytest.param(
            [event("1", "payment", D(2026, 2, 1), "5"), event("2", "refund", D(2026, 2, 2), "2")],
            [(D(2026, 2, 1), 500, None), (D(2026, 2, 2), -200, None)],
            id="a refund is negative",
        ),
        pytest.param(
            [event("1", "payment", D(2026, 2, 1), "5"), event("2", "reversal", D(2026, 2, 9), of="1")],
            [(D(2026, 2, 1), 500, D(2026, 2, 9))],
            id="reversed as a whole",
        ),
        pytest.param(
            [
                event("2", "reversal", D(2026, 2, 9), "2", of="1"),
                event("1", "payment", D(2026, 2, 1), "5"),
                event("3", "chargeback", D(2026, 2, 8), "1.5", of="1"),
            ],
            [(D(2026, 2, 1), 150, D(2026, 2, 8)), (D(2026, 2, 1), 150, None), (D(2026, 2, 1), 200, D(2026, 2, 9))],
            id="taken back in parts: a part each, and the rest",
        ),
        pytest.param(
            [
                event("1", "payment", D(2026, 2, 1), "5"),
                event("2", "reversal", D(2026, 2, 9), "4", of="1"),
                event("3", "reversal", D(2026, 2, 10), "4", of="1"),
            ],
            [(D(2026, 2, 1), 100, D(2026, 2, 10)), (D(2026, 2, 1), 400, D(2026, 2, 9))],
            id="no more is taken back than there was",
        ),
        pytest.param(
            [
                event("1", "payment", D(2026, 2, 1), "5"),
                event("2", "reversal", D(2026, 2, 9), "2", of="1"),
                event("3", "reversal", D(2026, 2, 9), of="1"),
            ],
            [(D(2026, 2, 1), 500, D(2026, 2, 9))],
            id="a part and all of it taken back on one day: in one part, in whatever order they are told",
        ),
        pytest.param(
            [event("1", "payment", D(2026, 2, 9), "5"), event("2", "reversal", D(2026, 2, 9), of="1")],
            [],
            id="reversed on its own day: never counted",
        ),
        pytest.param(
            [event("1", "refund", D(2026, 2, 1), "5"), event("2", "reversal", D(2026, 2, 9), of="1")],
            [(D(2026, 2, 1), -500, D(2026, 2, 9))],
            id="a refund taken back",
        ),
        pytest.param(
            [
                event("d", "debit_presented", D(2026, 2, 1), "5"),
                event("p", "payment", D(2026, 2, 3), "5", of="d"),
                event("r", "debit_returned", D(2026, 2, 9), of="d"),
            ],
            [(D(2026, 2, 3), 500, D(2026, 2, 9))],
            id="a returned debit takes its payment with it",
        ),
        pytest.param(
            [
                event("d", "debit_presented", D(2026, 2, 1), "5"),
                event("r", "debit_returned", D(2026, 2, 2), of="d"),
                event("p", "payment", D(2026, 2, 3), "5", of="d"),
            ],
            [(D(2026, 2, 3), 500, None)],
            id="what came after the return is other money",
        ),
        pytest.param(
            [
                event("d", "debit_presented", D(2026, 2, 1), "5"),
                event("p", "payment", D(2026, 2, 3), "4", of="d"),
                event("r", "reversal", D(2026, 2, 9), "2", of="d"),
            ],
            [(D(2026, 2, 3), 100, D(2026, 2, 9)), (D(2026, 2, 3), 300, None)],
            id="of a debit returned in part, no more counts than is left of it",
        ),
        pytest.param(
            [
                event("d", "debit_presented", D(2026, 2, 1), "5"),
                event("p", "payment", D(2026, 2, 3), "5", of="d"),
                event("r", "debit_returned", D(2026, 2, 3), of="d"),
            ],
            [],
            id="a debit returned on the day of its payment: never counted",
        ),
        pytest.param(
            [
                event("s", "suspense_received", D(2026, 2, 1), "5"),
                event("q", "suspense_applied", D(2026, 2, 4), "3", of="s"),
                event("p", "suspense_applied", D(2026, 2, 3), "2", of="s"),
            ],
            [(D(2026, 2, 3), 200, None), (D(2026, 2, 4), 300, None)],
            id="suspense money applied to its last cent",
        ),
        pytest.param([event("1", "waiver", D(2026, 2, 1), "5")], [(D(2026, 2, 1), 500, None)], id="a plain waiver"),
    ],
)
def test_money_is_said_in_parts_by_when_it_was_undone(told, money):
    loaded = load_columns(TWO, events(*told, of=pa.string()), convention=OLDEST_UNPAID)
    row = columns_of(loaded)
    until = row.get("money_until", [None] * len(row["money"]))

    assert money == list(zip(row["money_on"], row["money"], until, strict=True))
    assert 0 == loaded.left_out.num_rows


def test_charges_pauses_write_offs_and_grace():
    told = [
        event("1", "charge", D(2026, 2, 9), "5", component="fees"),
        event("2", "charge", D(2026, 2, 8), "7", component="penalties"),
        event("3", "reversal", D(2026, 2, 8), "6", of="2"),
        event("4", "pause", D(2026, 3, 1)),
        event("5", "pause", D(2026, 1, 5), until=D(2026, 1, 9)),
        event("6", "write_off", D(2026, 5, 2)),
        event("7", "write_off", D(2026, 5, 1)),
    ]
    row = columns_of(load_columns(TWO, events(*told), long_table([{"loan_id": "A", "grace": 4, "currency": "CNY"}])))

    assert [D(2026, 2, 8), D(2026, 2, 9)] == row["charged_on"]
    assert [100, 500] == row["charged"]
    assert [D(2026, 1, 5), D(2026, 3, 1)] == row["paused_on"]
    assert [D(2026, 1, 9), None] == row["paused_until"]
    assert D(2026, 5, 1) == row["written_off_on"]
    assert 4 == row["grace"]


@pytest.mark.parametrize(
    ("told", "row", "column"),
    [
        pytest.param([event("1", "accrual", START, "5", component="interest")], 0, "kind", id="an accrual"),
        pytest.param([event("1", "re_age", START)], 0, "kind", id="a re-age"),
        pytest.param([event("1", "extension", START, instalment=1, months=1)], 0, "kind", id="an extension"),
        pytest.param([event("1", "deferral", START, instalment=1)], 0, "kind", id="a deferral"),
        pytest.param([event("1", "payment", START, "5", instalment=1)], 0, "of", id="money names its instalment"),
        pytest.param([event("1", "waiver", START, "5", component="interest")], 0, "of", id="a waiver of a component"),
        pytest.param(
            [event("1", "charge", START, "5", component="fees"), event("2", "payment", START, "5", of="1")],
            1,
            "of",
            id="money names its charge",
        ),
        pytest.param(
            [
                event("1", "payment", START, "5"),
                event("2", "reversal", START, of="1"),
                event("3", "reversal", START, of="2"),
            ],
            2,
            "of",
            id="a reversal is reversed",
        ),
        pytest.param(
            [event("1", "charge", START, "5", component="fees"), event("2", "reversal", START + DAY, of="1")],
            1,
            "of",
            id="a charge is taken back later",
        ),
        pytest.param(
            [event("1", "pause", START), event("2", "reversal", START, of="1")], 1, "of", id="a pause is taken back"
        ),
        pytest.param(
            [
                event("d", "debit_presented", START, "5"),
                event("p", "payment", START, "3", of="d"),
                event("q", "payment", START, "2", of="d"),
                event("r", "debit_returned", START, of="d"),
            ],
            3,
            "of",
            id="several payments of a returned debit",
        ),
        pytest.param(
            [
                event("d", "debit_presented", START, "5"),
                event("p", "payment", START, "5", of="d"),
                event("r", "debit_returned", START, of="d"),
                event("s", "reversal", START, of="p"),
            ],
            2,
            "of",
            id="a returned debit whose payment was reversed too",
        ),
        pytest.param(
            [event("1", "waiver", START, "5"), event("2", "refund", START, "5")], 0, "kind", id="a waiver and a refund"
        ),
        pytest.param([event("1", "waiver", START, "200.01")], 0, "kind", id="a waiver of more than is owed"),
        pytest.param(
            [event("1", "suspense_received", START, "5"), event("2", "suspense_applied", START, "5.01", of="1")],
            1,
            "amount",
            id="more of suspense money is applied than came",
        ),
        pytest.param(
            [event("1", "suspense_received", START, "5"), event("2", "payment", START, "5.01", of="1")],
            1,
            "amount",
            id="more is paid of suspense money than came",
        ),
        pytest.param(
            [event("1", "suspense_received", START + DAY, "5"), event("2", "suspense_applied", START, "5", of="1")],
            1,
            "effective_on",
            id="suspense money applied before it came",
        ),
    ],
)
def test_what_columns_cannot_say_is_named(told, row, column):
    loaded = load_columns(TWO, events(*told, of=pa.string()), convention=OLDEST_UNPAID)

    assert [("A", "events", row, column, True)] == [
        (found["loan_id"], found["table"], found["row"], found["column"], found["irregular"])
        for found in loaded.left_out.to_pylist()
    ]
    assert 0 == loaded.columns.num_rows


def test_of_suspense_money_no_more_counts_than_came_in_all():
    """Of the 5 that came 3 and 3 were applied: the rows that did so are both named, and the loan is asked by itself."""
    told = [
        event("1", "suspense_received", START, "5"),
        event("2", "suspense_applied", START, "3", of="1"),
        event("3", "suspense_applied", START + DAY, "3", of="1"),
    ]
    left_out = load_columns(TWO, events(*told), convention=OLDEST_UNPAID).left_out.to_pylist()

    assert [(1, "amount", True), (2, "amount", True)] == [(f["row"], f["column"], f["irregular"]) for f in left_out]


@pytest.mark.parametrize(
    ("convention", "left_out"),
    [
        pytest.param(OLDEST_UNPAID, 0, id="days of the oldest unpaid: as money"),
        pytest.param(preset("recency"), 1, id="days since a payment: a waiver is none"),
        pytest.param(Convention(allocation=Allocation(ahead="held")), 1, id="held: a waiver is no credit"),
        pytest.param(None, 1, id="not stated: it may be any of them"),
    ],
)
def test_a_waiver_is_told_as_money_where_it_counts_as_money_does(convention, left_out):
    """Whoever does not say by which convention the columns will be counted gets none that only some can be."""
    loaded = load_columns(TWO, events(event("1", "waiver", START, "100")), convention=convention)

    assert (left_out, 1 - left_out) == (loaded.left_out.num_rows, loaded.columns.num_rows)
    assert all("waives" in text for text in loaded.left_out["problem"].to_pylist())


GOOD = (due(1, START, loan_id="good"),)


def place(found):
    return (found["loan_id"], found["table"], found["row"], found["column"], found["problem"])


@pytest.mark.parametrize(
    ("wrong", "told", "loans", "expected"),
    [
        pytest.param(
            [due(1, None)],
            [],
            None,
            [("A", "instalments", 1, "due_on", "due_on is empty. State it.")],
            id="no due date",
        ),
        pytest.param(
            [due(1, START, "-0.01")],
            [],
            None,
            [
                (
                    "A",
                    "instalments",
                    1,
                    "principal",
                    "principal is negative. State it from 0 up: the kind of an event says which way money goes.",
                )
            ],
            id="a negative amount",
        ),
        pytest.param(
            [due(1, START), due(1, START + DAY)],
            [],
            None,
            [
                (
                    "A",
                    "instalments",
                    row,
                    "number",
                    "The loan has an instalment of this number twice. Leave one row out.",
                )
                for row in (1, 2)
            ],
            id="a number twice",
        ),
        pytest.param(
            [due(1, START, loan_id=None)],
            [],
            None,
            [(None, "instalments", 1, "loan_id", "loan_id is empty. State it.")],
            id="no loan",
        ),
        pytest.param(
            [],
            [event("1", "payment", START, "5")],
            None,
            [("A", "events", 0, "loan_id", "No row of instalments has this loan_id. Correct it or state the loan.")],
            id="an event of no loan",
        ),
        pytest.param(
            [due(1, START)],
            [],
            [{"loan_id": "good"}],
            [("A", "instalments", 1, "loan_id", "No row of loans has this loan_id. Correct it or state the loan.")],
            id="a loan that is not listed",
        ),
        pytest.param(
            [due(1, START)],
            [],
            [{"loan_id": "good"}, {"loan_id": "A"}, {"loan_id": "A"}],
            [("A", "loans", row, "loan_id", "The loan is stated twice. Leave one row out.") for row in (1, 2)],
            id="a loan listed twice",
        ),
        pytest.param(
            [due(1, START)],
            [event("1", "payment", START, "5"), event("1", "payment", START, "5")],
            None,
            [
                (
                    "A",
                    "events",
                    row,
                    "event_id",
                    "The loan has this event_id twice, so that money may count twice. Correct it.",
                )
                for row in (0, 1)
            ],
            id="an event twice",
        ),
        pytest.param(
            [due(1, START)],
            [event("1", "reversal", START, of="0")],
            None,
            [("A", "events", 0, "of", "It is of an event that the loan does not have. Correct it.")],
            id="a reversal of nothing",
        ),
        pytest.param(
            [due(1, START)],
            [event("1", "payment", START, "5"), event("2", "reversal", START, of="1", loan_id="good")],
            None,
            [("good", "events", 1, "of", "It is of an event that the loan does not have. Correct it.")],
            id="of an event of another loan",
        ),
        pytest.param(
            [due(1, START)],
            [event("1", "reversal", START, of="1")],
            None,
            [("A", "events", 0, "of", "It is of itself. Correct it.")],
            id="of itself",
        ),
        pytest.param(
            [due(1, START)],
            [event("1", "payment", START)],
            None,
            [("A", "events", 0, "amount", "An event of kind payment needs amount. State it.")],
            id="no amount",
        ),
        pytest.param(
            [due(1, START)],
            [event("1", "payment", START, "5", until=START + DAY)],
            None,
            [("A", "events", 0, "until", "An event of kind payment has no until; leave it empty.")],
            id="a field that the kind does not have",
        ),
        pytest.param(
            [due(1, START)],
            [event("1", "pause", START, until=START)],
            None,
            [("A", "events", 0, "until", "until must come after effective_on. Correct one of them.")],
            id="a pause that ends as it begins",
        ),
        pytest.param(
            [due(1, START)],
            [event("1", "charge", START, "5", component="tips")],
            None,
            [
                (
                    "A",
                    "events",
                    0,
                    "component",
                    "There is no such component. State one of principal, interest, fees, penalties.",
                )
            ],
            id="an unknown component",
        ),
    ],
)
def test_a_row_that_cannot_be_true_takes_its_loan_with_it(wrong, told, loans, expected):
    """And no other: without the row of a payment a loan looks late."""
    listed = None if loans is None else long_table(loans)
    loaded = load_columns(instalments(*GOOD, *wrong), events(*told, of=pa.string()), listed)

    assert expected == [place(found) for found in loaded.left_out.to_pylist()]
    assert not any(loaded.left_out["irregular"].to_pylist())
    gone = {found[0] for found in expected}
    stated = {row["loan_id"] for row in (*GOOD, *wrong) if row["loan_id"]}
    assert sorted(stated - gone) == loaded.columns["loan"].to_pylist()


def test_an_unknown_kind_is_told_with_those_that_exist():
    (found,) = load_columns(TWO, events(event("1", "paymnt", START, "5"))).left_out.to_pylist()

    assert ("A", 0, "kind") == (found["loan_id"], found["row"], found["column"])
    assert found["problem"].startswith("There is no kind of event 'paymnt'. State one of payment, pending_payment, ")


@pytest.mark.parametrize(
    ("kind", "value", "digits", "units"),
    [
        pytest.param(pa.decimal128(18, 2), "12.34", 2, 1234, id="as many decimals as the currency"),
        pytest.param(pa.decimal128(18, 0), "12", 2, 1200, id="fewer"),
        pytest.param(pa.decimal128(18, 6), "12.340000", 2, 1234, id="more, but nothing there"),
        pytest.param(pa.decimal128(18, 6), "12.340001", 2, None, id="more, and something there"),
        pytest.param(pa.decimal128(18, 0), "12", 0, 12, id="a currency without decimals"),
        pytest.param(pa.decimal128(18, 1), "12.5", 0, None, id="half a yen"),
        pytest.param(pa.decimal128(38, 3), "12.345", 3, 12345, id="a currency with three"),
        pytest.param(
            pa.decimal128(38, 2), str(2**50 // 100), 2, 2**50 // 100 * 100, id="just below what can be summed"
        ),
        pytest.param(pa.decimal128(38, 2), str(2**50), 2, None, id="more than can be summed"),
        pytest.param(pa.decimal128(38, 2), "99999999999999999999999999999999.99", 2, None, id="more than 64 bits"),
        pytest.param(pa.decimal128(38, 20), "1.10000000000000000000", 2, 110, id="wider than 64 bits, and exact"),
        pytest.param(pa.decimal128(38, 20), "1.10000000000000000001", 2, None, id="wider than 64 bits, and not"),
        pytest.param(pa.decimal256(60, 2), "12.34", 2, 1234, id="256 bits"),
        pytest.param(pa.decimal128(38, 0), str(-(2**63)), 0, None, id="the least of 64 bits"),
        pytest.param(pa.decimal128(38, 0), str(-(2**63)), 2, None, id="the least of 64 bits, in cents"),
        pytest.param(pa.int64(), 1234, 2, 1234, id="whole numbers are minor units"),
        pytest.param(pa.int64(), -(2**63), 2, None, id="the least whole number"),
        pytest.param(pa.int32(), 1234, 2, 1234, id="narrow ones too"),
        pytest.param(pa.int64(), 2**50 + 1, 2, None, id="too many minor units"),
    ],
)
def test_money_is_converted_exactly_or_not_at_all(kind, value, digits, units):
    amount = Decimal(value) if isinstance(value, str) else value
    table = instalments({"loan_id": "A", "due_on": START, "due": amount}, {"loan_id": "B", "due_on": START}, due=kind)
    table = table.slice(0, 1)
    loaded = load_columns(table, currency_digits=digits)

    if units is None:
        assert [("A", "due")] == [(found["loan_id"], found["column"]) for found in loaded.left_out.to_pylist()]
    else:
        assert [units] == columns_of(loaded)["due"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        pytest.param(TWO.drop_columns(["due_on"]), "The column 'due_on' is missing", id="missing"),
        pytest.param(TWO.drop_columns(["principal"]), "The column 'due' is missing", id="no amount at all"),
        pytest.param(TWO.append_column("dew", TWO["number"]), "a column 'dew', at which nothing looks", id="unknown"),
        pytest.param(
            TWO.set_column(3, "principal", pa.array([1.0, 2.0])), "holds double; it must hold decimals", id="floats"
        ),
        pytest.param(TWO.set_column(1, "due_on", pa.array(["2026-01-01"] * 2)), "holds string; it must", id="text"),
        pytest.param(TWO.set_column(0, "loan_id", pa.array([1.0, 2.0])), "holds double; it must", id="ids"),
        pytest.param(
            TWO.append_column("due", TWO["principal"]).append_column("fees", TWO["principal"]),
            "due, the sum of all components, and fees",
            id="due and its parts",
        ),
        pytest.param([1, 2], "A table must be an Arrow table", id="a list"),
    ],
)
def test_a_table_that_cannot_be_understood_is_refused(table, message):
    with pytest.raises(FactsError, match=message):
        load_columns(table)


def test_ids_of_two_types_are_refused():
    told = events(event("1", "payment", START, "5"))
    with pytest.raises(FactsError, match="Loan ids are of several types"):
        load_columns(TWO, told.set_column(0, "loan_id", pa.array([1])))


class Frame:
    """Any frame that speaks Arrow, as Polars and pandas do."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize(
    "as_source",
    [
        pytest.param(lambda table, folder: table, id="table"),
        pytest.param(lambda table, folder: table.combine_chunks().to_batches()[0], id="batch"),
        pytest.param(lambda table, folder: table.to_reader(), id="reader"),
        pytest.param(lambda table, folder: Frame(table), id="frame"),
        pytest.param(lambda table, folder: written(table, folder / "a.parquet"), id="file"),
        pytest.param(lambda table, folder: written(table, folder / "a.parquet").parent, id="folder"),
        pytest.param(lambda table, folder: pa.concat_tables([table.slice(0, 1), table.slice(1)]), id="pieces"),
        pytest.param(
            lambda table, folder: table.set_column(0, "loan_id", table["loan_id"].dictionary_encode()), id="dictionary"
        ),
        pytest.param(
            lambda table, folder: table.set_column(1, "due_on", table["due_on"].cast(pa.timestamp("ns"))),
            id="timestamps as pandas has them",
        ),
        pytest.param(
            lambda table, folder: table.set_column(0, "loan_id", table["loan_id"].cast(pa.large_string())),
            id="large strings as Polars has them",
        ),
    ],
)
def test_every_source_gives_the_same(as_source, tmp_path):
    assert load_columns(TWO).columns == load_columns(as_source(TWO, tmp_path)).columns


def written(table, path):
    pq.write_table(table, path)
    return path


def test_a_time_of_day_is_no_date():
    noon = pa.array([dt.datetime(2026, 1, 1, 12), dt.datetime(2026, 2, 1)], pa.timestamp("us"))
    (found,) = load_columns(TWO.set_column(1, "due_on", noon)).left_out.to_pylist()

    assert (0, "due_on", "due_on has a time of day. State a date.") == (found["row"], found["column"], found["problem"])


WEEKDAYS = Calendar(name="weekdays", known_from=D(2026, 1, 1), known_until=D(2026, 3, 1))


def test_due_dates_move_to_business_days():
    convention = Convention(shift="following", calendar="weekdays", workdays=WEEKDAYS)
    table = instalments(due(1, D(2026, 1, 31)), due(2, D(2026, 2, 28)))  # both Saturdays; March is not known yet
    loaded = load_columns(table, convention=convention, as_of=D(2026, 2, 27))

    assert [D(2026, 2, 2), D(2026, 2, 28)] == columns_of(loaded)["due_on"]
    for as_of in (D(2026, 2, 28), None):
        (found,) = load_columns(table, convention=convention, as_of=as_of).left_out.to_pylist()
        assert (1, "due_on", True) == (found["row"], found["column"], found["irregular"])


# --- properties ------------------------------------------------------------------------------------------------------

DAYS = st.integers(0, 200).map(lambda n: START + n * DAY)
CONVENTIONS = [
    Convention(),
    Convention(first_day=1, grace=3),
    Convention(count="mba"),
    Convention(count="amount_equivalent"),
    Convention(count="recency", tolerance_share=Decimal("0.1")),
    Convention(ages_from="stated"),
    Convention(charge_off="freeze", tolerance_amount=Decimal(3)),
    Convention(pauses="every_day"),
    Convention(materiality=Materiality(amount=Decimal(50), share=Decimal("0.01"))),
    Convention(allocation=Allocation(ahead="held")),
]


@st.composite
def told(draw):
    """Return events of every kind, some of them of others."""
    found = []
    for index in range(draw(st.integers(0, 7))):
        kind = draw(
            st.sampled_from(
                ["payment"] * 4
                + ["reversal"] * 3
                + [
                    "chargeback",
                    "debit_presented",
                    "debit_returned",
                    "refund",
                    "waiver",
                    "charge",
                    "pause",
                    "write_off",
                ]
                + [
                    "recovery",
                    "re_age",
                    "suspense_received",
                    "suspense_received",
                    "suspense_applied",
                    "suspense_applied",
                ]
            )
        )
        fields = {"id": f"e{index}", "kind": kind, "effective_on": draw(DAYS)}
        amount = Decimal(2 * draw(st.integers(1, 12_500))) / 100
        if kind in ("reversal", "chargeback", "debit_returned"):
            if not found:
                continue
            fields["of"] = draw(st.sampled_from(found)).id
            fields["amount"] = draw(st.sampled_from([None, amount]))
        elif kind == "suspense_applied":
            held = [each for each in found if each.kind == "suspense_received"]
            if not held:
                continue
            source = draw(st.sampled_from(held))
            fields |= {"of": source.id, "amount": draw(st.sampled_from([source.amount, source.amount / 2, amount]))}
        elif kind not in ("pause", "write_off", "re_age"):
            fields["amount"] = amount
        if kind == "payment" and found and draw(st.integers(0, 3)) == 0:
            fields["of"] = draw(st.sampled_from(found)).id
        if kind == "charge":
            fields["component"] = "fees"
        if kind == "pause" and draw(st.booleans()):
            fields["until"] = fields["effective_on"] + draw(st.integers(1, 60)) * DAY
        found.append(Event(**fields))
    return tuple(found)


@st.composite
def books(draw):
    """Return loans with up to five instalments and their events."""
    loans = []
    for index in range(draw(st.integers(1, 3))):
        owed = tuple(
            Instalment(
                number=number,
                due_on=draw(DAYS),
                principal=Decimal(draw(st.integers(0, 20_000))) / 100,
                interest=Decimal(draw(st.integers(0, 2_000))) / 100,
                ages_from=draw(st.none() | DAYS) if draw(st.integers(0, 9)) == 0 else None,
            )
            for number in range(1, draw(st.integers(1, 5)) + 1)
        )
        grace = draw(st.none() | st.integers(0, 9))
        loans.append(evolve(a_loan(), id=f"L{index}", instalments=owed, events=draw(told()), grace=grace))
    return tuple(loans)


def long_tables(loans, shuffle=None):
    """Return a book as long tables, their rows in any order."""
    owed = [
        {
            "loan_id": loan.id,
            "number": each.number,
            "due_on": each.due_on,
            "principal": each.principal,
            "interest": each.interest,
            "ages_from": each.ages_from,
        }
        for loan in loans
        for each in loan.instalments
    ]
    happened = [
        {
            "loan_id": loan.id,
            "event_id": each.id,
            "kind": each.kind.value,
            "effective_on": each.effective_on,
            "amount": each.amount,
            "of": each.of or None,
            "component": each.component or None,
            "until": each.until,
        }
        for loan in loans
        for each in loan.events
    ]
    listed = [{"loan_id": loan.id, "grace": loan.grace} for loan in loans]
    for rows in (owed, happened, listed) if shuffle else ():
        shuffle(rows)
    names = ("loan_id", "event_id", "kind", "effective_on", "amount", "of", "component", "until")
    return instalments(*owed), long_table(happened, *names), long_table(listed)


@settings(max_examples=150, deadline=None)
@given(books(), DAYS, st.sampled_from(CONVENTIONS), st.booleans())
def test_the_loader_and_the_kernel_answer_as_objects_do(loans, as_of, convention, stated):
    """And without a convention what is loaded holds under every one, that counts from due dates as they are."""
    loaded = load_columns(
        *long_tables(loans), convention=convention if stated or convention.ages_from != "due_on" else None
    )
    answers = {
        row["loan"]: row for row in overdue_table(loaded.columns, as_of=as_of, convention=convention).to_pylist()
    }
    left_out = loaded.left_out.to_pylist()

    assert all(found["irregular"] for found in left_out), left_out
    assert {loan.id for loan in loans} == {*answers, *(found["loan_id"] for found in left_out)}
    for loan in loans:
        if loan.id in answers:
            expected, found = overdue_status(loan, as_of=as_of, convention=convention), answers[loan.id]
            for name in (
                "days_past_due",
                "delinquent_days",
                "oldest_unpaid_due_on",
                "instalments_missed",
                "next_due_on",
            ):
                assert getattr(expected, name) == found[name], name
            for name in ("next_due", "cures", "credit"):
                assert int(getattr(expected, name) * 100) == found[name], name
            assert int(expected.arrears.total * 100) == found["arrears"]


@settings(max_examples=50, deadline=None)
@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(loans, randoms):
    shuffled = long_tables(loans, randoms.shuffle)

    assert load_columns(*long_tables(loans)).columns == load_columns(*shuffled).columns
