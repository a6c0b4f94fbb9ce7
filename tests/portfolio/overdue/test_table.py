"""How late a table of loans is: columns in, columns out, under each convention."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from dunning.core.overdue.convention import Convention, Materiality
from dunning.core.overdue.labels import LabelRow, LabelTable
from dunning.core.overdue.order import Allocation
from dunning.errors import FactsError
from dunning.portfolio.overdue import overdue_table

D = dt.date
DATES = {"due_on", "ages_from", "money_on", "money_until", "charged_on", "paused_on", "paused_until"}
ENGINES = ["numba", "numpy"]


def book(*loans, batch=False):
    """Return a table of loans, each a dictionary of its columns; a list that one does not state is empty, as of money."""
    names = dict.fromkeys(name for loan in loans for name in loan)
    names |= {} if "paid" in names else dict.fromkeys(("money_on", "money"))
    columns = {"loan": pa.array([f"L{row}" for row in range(len(loans))])}
    for name in names:
        if name in {"written_off_on", "grace", "paid"}:
            kind = {"written_off_on": pa.date32(), "grace": pa.int32(), "paid": pa.int64()}[name]
            columns[name] = pa.array([loan.get(name) for loan in loans], kind)
        else:
            kind = pa.list_(pa.date32() if name in DATES else pa.int64())
            columns[name] = pa.array([loan.get(name, []) for loan in loans], kind)
    return (pa.record_batch if batch else pa.table)(columns)


# Due on the 1st of each month from January to June 2026, 100.00 each, of which 80.00 are principal.
SCHEDULE = {
    "due_on": [D(2026, month, 1) for month in range(1, 7)],
    "due": [100_00] * 6,
    "principal": [80_00] * 6,
}


def paid(*flows):
    """Return money columns of (date, amount) or (date, amount, until)."""
    return {
        "money_on": [flow[0] for flow in flows],
        "money": [flow[1] for flow in flows],
        "money_until": [flow[2] if len(flow) > 2 else None for flow in flows],
    }


def asked(loan, as_of=D(2026, 4, 15), engine="numpy", **convention):
    """Return the answer for one loan."""
    (answer,) = overdue_table(book(loan), as_of=as_of, convention=Convention(**convention), engine=engine).to_pylist()
    return answer


TWO_PAID = paid((D(2026, 1, 1), 100_00), (D(2026, 2, 1), 100_00))
NOTHING_LATE = {"days_past_due": 0, "delinquent_days": 0, "oldest_unpaid_due_on": None, "instalments_missed": 0}
# Two instalments are paid, and the one of 1 March is open; on 15 April that of 1 April is open too.
PLAIN = {
    "days_past_due": 45,
    "delinquent_days": 45,
    "oldest_unpaid_due_on": D(2026, 3, 1),
    "arrears": 200_00,
    "instalments_missed": 2,
    "next_due_on": D(2026, 5, 1),
    "next_due": 100_00,
    "cures": 200_00,
    "credit": 0,
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("convention", "more", "expected"),
    [
        pytest.param({}, {}, {}, id="oldest unpaid: 1 March is 45 days before 15 April"),
        pytest.param({"first_day": 1}, {}, {"days_past_due": 46, "delinquent_days": 46}, id="the due date is day 1"),
        pytest.param({"count": "mba"}, {}, {"days_past_due": 30, "delinquent_days": 30}, id="MBA: one month completed"),
        pytest.param({"count": "ots"}, {}, {"days_past_due": 30, "delinquent_days": 30}, id="OTS: one month completed"),
        pytest.param(
            {"count": "calendar_months"}, {}, {"days_past_due": 0, "delinquent_days": 0}, id="April is not over yet"
        ),
        # 1 March pays for the 28 days since 1 February, 1 April for the 31 since 1 March: 59, more than 45.
        pytest.param({"count": "amount_equivalent"}, {}, {}, id="arrears are worth more days than passed"),
        pytest.param(
            {"count": "amount_equivalent"},
            paid((D(2026, 1, 1), 200_00), (D(2026, 3, 20), 50_00)),
            {"arrears": 150_00, "cures": 150_00},
            id="14 and 31 days' worth is exactly 45",
        ),
        pytest.param(
            {"count": "amount_equivalent"},
            paid((D(2026, 1, 1), 200_00), (D(2026, 3, 20), 60_00)),
            {"days_past_due": 42, "delinquent_days": 42, "arrears": 140_00, "cures": 140_00},
            id="11.2 days are 11, and 31: arrears are worth fewer days than passed",
        ),
        pytest.param(
            {"count": "recency"},
            paid((D(2026, 1, 1), 100_00), (D(2026, 3, 10), 100_00)),
            {"days_past_due": 36, "delinquent_days": 36, "oldest_unpaid_due_on": D(2026, 3, 10)},
            id="recency: the last full payment came on 10 March",
        ),
        pytest.param(
            {"count": "recency"},
            paid((D(2026, 1, 1), 100_00), (D(2026, 3, 10), 99_99)),
            {
                "days_past_due": 73,
                "delinquent_days": 73,
                "oldest_unpaid_due_on": D(2026, 2, 1),
                "instalments_missed": 3,
                "arrears": 200_01,
                "cures": 200_01,
            },
            id="recency: a cent less is no full payment",
        ),
        pytest.param({"grace": 10}, {}, {"delinquent_days": 35}, id="grace shifts delinquent days only"),
        pytest.param({"grace": 10}, {"grace": 3}, {"delinquent_days": 42}, id="the contract's own grace"),
        pytest.param({}, {"grace": 60}, {"delinquent_days": 0}, id="never below 0"),
        pytest.param(
            {},
            {"paused_on": [D(2026, 2, 20), D(2026, 3, 5)], "paused_until": [D(2026, 3, 11), D(2026, 3, 15)]},
            {"delinquent_days": 32},
            id="paused from 2 to 14 March: 13 days in two pauses that overlap",
        ),
        pytest.param(
            {"pauses": "every_day"},
            {"paused_on": [D(2026, 2, 20), D(2026, 3, 5)], "paused_until": [D(2026, 3, 11), D(2026, 3, 15)]},
            {"delinquent_days": 16},
            id="every paused day of each pause: 19 and 10",
        ),
        pytest.param(
            {}, {"paused_on": [D(2026, 4, 15)], "paused_until": [None]}, {"delinquent_days": 44}, id="a running pause"
        ),
        pytest.param(
            {"tolerance_share": Decimal("0.1")},
            paid((D(2026, 1, 1), 290_00)),
            {
                "days_past_due": 14,
                "delinquent_days": 14,
                "oldest_unpaid_due_on": D(2026, 4, 1),
                "instalments_missed": 1,
                "arrears": 110_00,
                "cures": 110_00,
            },
            id="nine tenths count as full",
        ),
        pytest.param(
            {"tolerance_share": Decimal("0.1")},
            paid((D(2026, 1, 1), 289_99)),
            {"arrears": 110_01, "cures": 110_01},
            id="a cent less does not",
        ),
        pytest.param(
            {"tolerance_amount": Decimal("10.00")},
            paid((D(2026, 1, 1), 390_00)),
            {**NOTHING_LATE, "arrears": 10_00, "cures": 0},
            id="ten are tolerated of one instalment",
        ),
        pytest.param(
            {"tolerance_arrears": Decimal(200)}, {}, {**NOTHING_LATE, "cures": 0}, id="arrears of no more than this"
        ),
        pytest.param({"tolerance_arrears": Decimal("199.99")}, {}, {}, id="arrears of a cent more"),
        # Exposure on 15 April: 160 not yet due and 200 of arrears.
        pytest.param(
            {"materiality": Materiality(amount=Decimal("199.99"), share=Decimal("0.5"))},
            {},
            {"days_past_due": 14, "delinquent_days": 14, "oldest_unpaid_due_on": D(2026, 4, 1)},
            id="material since 2 April: before, 100 was not more than 199.99",
        ),
        pytest.param(
            {"materiality": Materiality(amount=Decimal(200), share=Decimal("0.01"))},
            {},
            {**NOTHING_LATE, "cures": 0},
            id="not material: equal is not above",
        ),
        pytest.param(
            {"materiality": Materiality(amount=Decimal(200), share=Decimal("0.01"), both=False)},
            {},
            {},
            id="one of both thresholds is enough",
        ),
        pytest.param(
            {"materiality": Materiality(amount=Decimal(50))},
            paid((D(2026, 1, 1), 100_00), (D(2026, 2, 1), 100_00), (D(2026, 3, 11), 60_00), (D(2026, 3, 12), -60_00)),
            {"days_past_due": 35, "delinquent_days": 35, "oldest_unpaid_due_on": D(2026, 3, 11)},
            id="one day below the threshold starts the count again",
        ),
        pytest.param(
            {"charge_off": "continue"}, {"written_off_on": D(2026, 3, 31)}, {}, id="a charge-off that changes nothing"
        ),
        pytest.param(
            {"charge_off": "freeze"},
            {"written_off_on": D(2026, 3, 31)},
            {"days_past_due": 30, "delinquent_days": 30, "instalments_missed": 1},
            id="days stay what they were on that day",
        ),
        pytest.param(
            {"charge_off": "drop"},
            {"written_off_on": D(2026, 4, 15)},
            NOTHING_LATE,
            id="days are dropped from that day on",
        ),
        pytest.param({"charge_off": "drop"}, {"written_off_on": D(2026, 4, 16)}, {}, id="not a day before"),
        pytest.param(
            {},
            {"charged_on": [D(2026, 2, 10), D(2026, 4, 15)], "charged": [7_00, 3_00]},
            {"arrears": 207_00, "cures": 207_00},
            id="a charge of before today is past due, and never ages",
        ),
        pytest.param(
            {},
            paid((D(2026, 1, 1), 300_00), (D(2026, 2, 1), -100_00, D(2026, 4, 16)), (D(2026, 4, 16), 900_00)),
            {},
            id="a refund counts until it is undone, and tomorrow's money not yet",
        ),
        pytest.param(
            {},
            paid((D(2026, 1, 1), 100_00), (D(2026, 2, 1), -110_00)),
            {
                "days_past_due": 104,
                "delinquent_days": 104,
                "oldest_unpaid_due_on": D(2026, 1, 1),
                "instalments_missed": 4,
                "arrears": 400_00,
                "cures": 410_00,
            },
            id="what was refunded beyond all that came is owed as well",
        ),
        pytest.param(
            {},
            paid((D(2026, 1, 1), 200_00), (D(2026, 2, 1), 200_00, D(2026, 4, 15))),
            {},
            id="money that was returned today is gone today",
        ),
        pytest.param(
            {},
            paid((D(2026, 1, 1), 650_00)),
            {**NOTHING_LATE, "arrears": 0, "cures": 0, "next_due_on": None, "next_due": 0, "credit": 50_00},
            id="paid ahead, and 50 beyond all",
        ),
        pytest.param(
            {"allocation": Allocation(ahead="held")},
            paid((D(2026, 1, 1), 650_00)),
            {**NOTHING_LATE, "arrears": 0, "cures": 0, "credit": 250_00},
            id="held until something falls due",
        ),
        pytest.param(
            {},
            paid((D(2026, 1, 1), 430_00)),
            {**NOTHING_LATE, "arrears": 0, "cures": 0, "next_due": 70_00},
            id="a part of the next is paid",
        ),
        pytest.param(
            {"ages_from": "stated"},
            {"ages_from": [None, None, D(2026, 2, 20), None, None, None]},
            {"days_past_due": 54, "delinquent_days": 54, "oldest_unpaid_due_on": D(2026, 2, 20)},
            id="lateness counts from the stated date",
        ),
        pytest.param(
            {},
            {"ages_from": [None, None, D(2026, 2, 20), None, None, None]},
            {},
            id="which a convention that counts from the due date does not look at",
        ),
    ],
)
def test_a_convention(convention, more, expected, engine):
    """One loan, by default paid until February, asked about on 15 April 2026."""
    answer = asked({**SCHEDULE, **TWO_PAID, **more}, engine=engine, **convention)

    assert answer == {"loan": "L0", **PLAIN, **expected}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("count", "as_of", "days"),
    [
        # Due on 31 January and unpaid; a month is over on the last day of February.
        pytest.param("ots", D(2026, 2, 27), 0, id="OTS: the day before a month is over"),
        pytest.param("ots", D(2026, 2, 28), 30, id="OTS: the last day of a shorter month"),
        pytest.param("ots", D(2026, 3, 30), 30, id="OTS: 30 March"),
        pytest.param("ots", D(2026, 3, 31), 60, id="OTS: 31 March"),
        pytest.param("mba", D(2026, 2, 26), 0, id="MBA: the day before"),
        pytest.param("mba", D(2026, 2, 27), 30, id="MBA: the end of the day before"),
        pytest.param("mba", D(2026, 3, 30), 60, id="MBA: 30 March"),
        pytest.param("calendar_months", D(2026, 2, 27), 0, id="February is not over"),
        pytest.param("calendar_months", D(2026, 2, 28), 30, id="February is over"),
        pytest.param("calendar_months", D(2026, 3, 30), 30, id="March is not over"),
        pytest.param("calendar_months", D(2026, 3, 31), 60, id="March is over"),
    ],
)
def test_months_end(count, as_of, days, engine):
    """A month of thirty days, at its edges."""
    answer = asked({"due_on": [D(2026, 1, 31)], "due": [100]}, as_of, engine, count=count)

    assert answer["days_past_due"] == days


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("as_of", "first_day", "days", "arrears"),
    [
        pytest.param(D(2025, 12, 31), 0, 0, 0, id="the day before"),
        pytest.param(D(2026, 1, 1), 0, 0, 0, id="due today is not past due"),
        pytest.param(D(2026, 1, 2), 0, 1, 100_00, id="the day after"),
        pytest.param(D(2025, 12, 31), 1, 0, 0, id="day 1: the day before"),
        pytest.param(D(2026, 1, 1), 1, 1, 100_00, id="day 1: unpaid today is a day late"),
    ],
)
def test_the_due_date(as_of, first_day, days, arrears, engine):
    """The first day past due."""
    answer = asked(SCHEDULE, as_of, engine, first_day=first_day)

    assert (answer["days_past_due"], answer["arrears"]) == (days, arrears)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_total_in_place_of_money(engine):
    """Where only the sum is known."""
    assert asked({**SCHEDULE, "paid": 200_00}, engine=engine) == {"loan": "L0", **PLAIN}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("lists", [pa.list_, pa.large_list], ids=["list", "large list"])
def test_batches_and_slices(lists, engine):
    """A table of several batches, slices of it, and large lists give row for row the same."""
    loans = [{**SCHEDULE, **paid((D(2026, 1, 1), amount))} for amount in (0, 100_00, 250_00, 400_00, 700_00)]
    loans.insert(2, {"due_on": [], "due": [], "principal": []})
    table = book(*loans)
    fields = [(f.name, lists(f.type.value_type) if pa.types.is_list(f.type) else f.type) for f in table.schema]
    table = table.cast(pa.schema(fields))
    parts = pa.concat_tables([table.slice(0, 1), table.slice(1, 3), table.slice(4)])
    expected = overdue_table(table, as_of=D(2026, 4, 15), engine="numpy").to_pylist()

    found = overdue_table(parts, as_of=D(2026, 4, 15), engine=engine, threads=2)

    assert [row["days_past_due"] for row in expected] == [104, 73, 0, 45, 0, 0]
    assert [row["credit"] for row in expected] == [0, 0, 0, 0, 0, 100_00]
    assert found.to_pylist() == expected
    assert overdue_table(table.slice(3, 2), as_of=D(2026, 4, 15), engine=engine).to_pylist() == expected[3:5]


def a_payment_a_day(number):
    """Return a loan of one instalment, and payments of 1, 2, 3 … on as many days; every 13th is undone on the 20th."""
    days = [D(2026, 1, 1) + dt.timedelta(day) for day in range(number)]
    undone = [(day, day + 1, D(2026, 6, 20) if day % 13 == 5 else None) for day in range(number)]
    return {"due_on": [D(2026, 1, 1)], "due": [1_000_000]} | paid(
        *((days[day], amount, on) for day, amount, on in undone)
    )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("as_of", [pytest.param(D(2026, 6, 19), id="before"), pytest.param(D(2026, 6, 20), id="after")])
def test_what_was_undone_is_found_wherever_its_bit_lies(as_of, engine):
    """Lists of 0 to 140 payments begin anywhere in a byte, and go over the ends of one word and two."""
    numbers = [number * 37 % 141 for number in range(141)]
    table = book(*map(a_payment_a_day, numbers))
    counted = [sum(day + 1 for day in range(number) if day % 13 != 5 or as_of < D(2026, 6, 20)) for number in numbers]

    for start in range(0, 141, 10):
        part = overdue_table(table.slice(start, 40), as_of=as_of, engine=engine)

        expected = [1_000_000 - total for total in counted[start : start + 40]]
        assert part.column("arrears").to_pylist() == expected


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "came",
    [
        pytest.param(D(2026, 3, 31), id="both are past"),
        pytest.param(D(2026, 4, 15), id="it comes today"),
        pytest.param(D(2026, 4, 16), id="it comes tomorrow"),
    ],
)
@pytest.mark.parametrize(
    "convention", [{}, {"materiality": Materiality(amount=Decimal(50))}], ids=["plain", "material"]
)
def test_money_that_was_undone_before_the_day_it_comes_on_never_counts(convention, came, engine):
    """Two instalments of the four that are past due are paid, on 15 April, and nothing of a third."""
    money = paid((D(2026, 1, 1), 100_00), (D(2026, 2, 1), 100_00), (came, 100_00, D(2026, 3, 20)))
    answer = asked(SCHEDULE | money, engine=engine, **convention)
    assert (answer["arrears"], answer["days_past_due"], answer["cures"]) == (200_00, 45, 200_00)


@pytest.mark.parametrize("engine", ENGINES)
def test_columns_may_come_in_any_order(engine):
    """A date to age from that is not stated is the due date, be that column before it or after."""
    days, money = pa.list_(pa.date32()), pa.list_(pa.int64())
    columns = {
        "ages_from": pa.array([[None, D(2026, 2, 9)]], days),
        "money": pa.array([[100]], money),
        "due": pa.array([[100, 100]], money),
        "money_on": pa.array([[D(2026, 1, 1)]], days),
        "due_on": pa.array([[D(2026, 1, 1), D(2026, 2, 1)]], days),
        "loan": ["L"],
    }
    stated = Convention(ages_from="stated")
    found = overdue_table(pa.table(columns), as_of=D(2026, 2, 10), convention=stated, engine=engine)

    assert found.column("days_past_due").to_pylist() == [1]


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_may_lie_in_no_memory(engine):
    """Other programs may hand over an empty column without a buffer."""
    until = pa.Array.from_buffers(pa.date32(), 0, [None, None])
    empty = pa.ListArray.from_arrays(pa.array([0, 0], pa.int32()), until)
    columns = {
        "loan": ["L"],
        "due_on": pa.array([[D(2026, 1, 1)]], pa.list_(pa.date32())),
        "due": pa.array([[100]], pa.list_(pa.int64())),
        "money_on": empty,
        "money": pa.array([[]], pa.list_(pa.int64())),
        "money_until": empty,
    }
    found = overdue_table(pa.table(columns), as_of=D(2026, 1, 8), engine=engine)

    assert found.column("arrears").to_pylist() == [100]


def test_a_batch_in_is_a_batch_out():
    """The same kind of thing, with types that the reference states."""
    found = overdue_table(book(SCHEDULE, batch=True), as_of=D(2026, 4, 15))

    assert isinstance(found, pa.RecordBatch)
    assert [(f.name, str(f.type)) for f in found.schema] == [
        ("loan", "string"),
        ("days_past_due", "int32"),
        ("delinquent_days", "int32"),
        ("oldest_unpaid_due_on", "date32[day]"),
        ("arrears", "int64"),
        ("instalments_missed", "int32"),
        ("next_due_on", "date32[day]"),
        ("next_due", "int64"),
        ("cures", "int64"),
        ("credit", "int64"),
    ]


def test_no_loans():
    """Nothing in, nothing out."""
    assert overdue_table(book(SCHEDULE).slice(0, 0), as_of=D(2026, 4, 15)).num_rows == 0


BUCKETS = LabelTable(
    name="bucket",
    source="written for this test",
    rows=(
        LabelRow(label="M0", from_days=0, to_days=0),
        LabelRow(label="M1", from_days=1, to_days=30),
        LabelRow(label="M2+", from_days=31),
    ),
)


@pytest.mark.parametrize(
    ("as_of", "label"),
    [
        pytest.param(D(2026, 1, 1), "M0", id="0 days"),
        pytest.param(D(2026, 1, 2), "M1", id="1 day"),
        pytest.param(D(2026, 1, 31), "M1", id="30 days"),
        pytest.param(D(2026, 2, 1), "M2+", id="31 days"),
        pytest.param(D(2036, 2, 1), "M2+", id="years"),
    ],
)
def test_labels(as_of, label):
    """A table of labels is a column of its own."""
    found = overdue_table(book(SCHEDULE), as_of=as_of, labels=[BUCKETS]).column("bucket")

    assert str(found.type) == "dictionary<values=string, indices=int8, ordered=0>"
    assert found.to_pylist() == [label]


def test_two_labels_of_one_name():
    """Would be one column twice."""
    with pytest.raises(FactsError, match="'bucket' has the name of another column"):
        overdue_table(book(SCHEDULE), as_of=D(2026, 1, 1), labels=[BUCKETS, BUCKETS])


@pytest.mark.parametrize("labels", ["m0", ["m0"]], ids=["a name", "a list of names"])
def test_the_name_of_a_table_of_labels_is_none(labels):
    """Tables are told by what they say."""
    with pytest.raises(FactsError, match="^labels must be tables of labels, not str 'm"):
        overdue_table(book(SCHEDULE), as_of=D(2026, 1, 1), labels=labels)
