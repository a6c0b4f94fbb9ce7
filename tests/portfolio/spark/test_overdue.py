"""On a cluster the answers are those of one process; what cannot be right is refused before a job starts."""

import datetime as dt
import random
from decimal import Decimal

import pyarrow as pa
import pytest

from dunning.core.overdue.convention import Convention, Materiality
from dunning.core.overdue.labels import LabelRow, LabelTable
from dunning.core.overdue.presets import preset
from dunning.errors import FactsError, StructureError
from dunning.portfolio.overdue import overdue_table
from dunning.portfolio.spark import overdue_loans, overdue_rows

pyspark = pytest.importorskip("pyspark", reason='needs pip install "dunning[spark]"; tox -e spark has it')
functions = pytest.importorskip("pyspark.sql.functions")
PythonException = pytest.importorskip("pyspark.errors").PythonException

AS_OF = dt.date(2026, 3, 31)
ASKED = {"as_of": AS_OF}
NUMPY = {**ASKED, "engine": "numpy"}  # to compile takes longer than these tests
LISTS = pa.schema(
    {
        "loan": pa.string(),
        "due_on": pa.list_(pa.date32()),
        "due": pa.list_(pa.int64()),
        "money_on": pa.list_(pa.date32()),
        "money": pa.list_(pa.int64()),
        "money_until": pa.list_(pa.date32()),
    }
)
ROWS = {
    "instalments": "loan string, due_on date, due bigint",
    "money": "loan string, money_on date, money bigint, money_until date",
    "charges": "loan string, charged_on date, charged bigint",
    "pauses": "loan string, paused_on date, paused_until date",
    "loans": "loan string, written_off_on date, grace int, paid bigint",
}
MARCH_1, APRIL_1 = dt.date(2026, 3, 1), dt.date(2026, 4, 1)
FIRSTS = [dt.date(2026, 2, 1), MARCH_1, APRIL_1]


def loan(name, *money):
    """Return a loan of three instalments of 100, and *money*: day, amount, until."""
    days, amounts, untils = zip(*money, strict=True) if money else ((), (), ())
    return {
        "loan": name, "due_on": FIRSTS, "due": [100, 100, 100],
        "money_on": list(days), "money": list(amounts), "money_until": list(untils),
    }  # fmt: skip


BOOK = [
    loan("never paid"),
    loan("paid one", (FIRSTS[0], 100, None)),
    loan("paid one and a part", (FIRSTS[0], 100, None), (dt.date(2026, 2, 20), 30, None)),
    loan("paid in time", (FIRSTS[0], 100, None), (MARCH_1, 100, None)),
    loan("paid what came back", (FIRSTS[0], 100, None), (MARCH_1, 100, dt.date(2026, 3, 15))),
    loan("paid tomorrow", (FIRSTS[0], 100, None), (APRIL_1, 100, None)),
    loan("paid too much", (FIRSTS[0], 350, None)),
]
# From 1 February to 31 March it is 58 days, from 1 March 30.
EXPECTED = {  # days past due, oldest unpaid, arrears, instalments missed, next due, credit
    "never paid": (58, FIRSTS[0], 200, 2, 100, 0),
    "paid one": (30, MARCH_1, 100, 1, 100, 0),
    "paid one and a part": (30, MARCH_1, 70, 1, 100, 0),
    "paid in time": (0, None, 0, 0, 100, 0),
    "paid what came back": (30, MARCH_1, 100, 1, 100, 0),
    "paid tomorrow": (30, MARCH_1, 100, 1, 100, 0),
    "paid too much": (0, None, 0, 0, 0, 50),
}
FIELDS = ("days_past_due", "oldest_unpaid_due_on", "arrears", "instalments_missed", "next_due", "credit")


def frame(spark, name, rows):
    """Return a DataFrame of *rows* in no order, in three partitions."""
    rows = [tuple(row) for row in rows]
    random.Random(7).shuffle(rows)  # noqa: S311 - no secret
    return spark.createDataFrame(rows, ROWS[name]).repartition(3)


def rows_of(spark, book):
    """Return instalments and money of *book* as DataFrames."""
    due = [(one["loan"], *row) for one in book for row in zip(one["due_on"], one["due"], strict=True)]
    came = [
        (one["loan"], *row)
        for one in book
        for row in zip(one["money_on"], one["money"], one["money_until"], strict=True)
    ]
    return {"instalments": frame(spark, "instalments", due), "money": frame(spark, "money", came)}


def lists_of(spark, book, schema=LISTS):
    """Return *book* as a DataFrame of lists, in two partitions."""
    return spark.createDataFrame(pa.Table.from_pylist(book, schema=schema)).repartition(2)


def answered(frame):
    """Return the rows of *frame* by loan; that none is there twice is asserted."""
    found = {row["loan"]: row.asDict() for row in frame.collect()}
    assert len(found) == frame.count()
    return found


def test_lists_are_judged_where_they_are(spark):
    """Each loan comes back once, with every column that one process answers."""
    here = overdue_table(pa.Table.from_pylist(BOOK, schema=LISTS).to_batches()[0], **NUMPY).to_pylist()

    found = answered(overdue_loans(lists_of(spark, BOOK), **NUMPY))

    assert {name: tuple(row[field] for field in FIELDS) for name, row in found.items()} == EXPECTED
    assert found == {row["loan"]: row for row in here}


def test_rows_of_a_loan_are_found_again(spark):
    """Rows that lie anywhere give what lists give; a loan that only money speaks of has it as credit."""
    book = [*BOOK, {**loan("unknown", (MARCH_1, 70, None)), "due_on": [], "due": []}]

    found = answered(overdue_rows(**rows_of(spark, book), **NUMPY))

    assert {name: tuple(row[field] for field in FIELDS) for name, row in found.items()} == {
        **EXPECTED,
        "unknown": (0, None, 0, 0, 0, 70),
    }
    assert found == answered(overdue_loans(lists_of(spark, book), **NUMPY))


def test_whole_numbers_are_ids_too(spark):
    """Loan 7, in both forms."""
    due = spark.createDataFrame([(7, MARCH_1, 100)], "loan bigint, due_on date, due bigint")
    lists = due.groupBy("loan").agg(
        functions.collect_list("due_on").alias("due_on"), functions.collect_list("due").alias("due")
    )
    lists = lists.withColumn("paid", functions.lit(30).cast("bigint"))

    (by_row,) = overdue_rows(due, loans=lists.select("loan", "paid"), **NUMPY).collect()
    (by_list,) = overdue_loans(lists, **NUMPY).collect()

    assert (by_row.loan, by_row.days_past_due, by_row.arrears) == (7, 30, 70)
    assert by_row == by_list


def test_all_that_is_known_of_a_loan_is_used(spark):
    """Pauses, grace, charges, a write-off; under a convention that looks at them, which goes to the workers."""
    names = ("a", "b", "c", "d")
    given = {
        "instalments": [(name, first, 100, 80, None) for name in names for first in FIRSTS],
        "money": [(name, FIRSTS[0], 100, None) for name in names],
        "charges": [("b", dt.date(2026, 3, 5), 7)],
        "pauses": [("a", dt.date(2026, 3, 11), dt.date(2026, 3, 21)), ("a", dt.date(2026, 3, 16), None)],
        "loans": [("c", None, 12, None), ("d", dt.date(2026, 3, 10), None, None)],
    }
    schemas = {**ROWS, "instalments": "loan string, due_on date, due bigint, principal bigint, ages_from date"}
    frames = {name: spark.createDataFrame(rows[::-1], schemas[name]) for name, rows in given.items()}
    frames["loans"] = frames["loans"].drop("paid")

    found = answered(overdue_rows(**frames, convention=Convention(grace=5, charge_off="freeze"), **NUMPY))

    # Grace ends on 6 March. a is paused from the 11th to this day; d stands as it stood on the 10th.
    assert {name: (row["days_past_due"], row["delinquent_days"], row["arrears"]) for name, row in found.items()} == {
        "a": (30, 4, 100),
        "b": (30, 25, 107),
        "c": (30, 18, 100),
        "d": (9, 4, 100),
    }


@pytest.mark.parametrize("name", ["mba", "aps_220"])
def test_a_convention_goes_to_the_workers(spark, name):
    """Whichever it is, the answers are those of one process."""
    convention = preset(name)
    here = overdue_table(pa.Table.from_pylist(BOOK, schema=LISTS).to_batches()[0], convention=convention, **NUMPY)

    found = answered(overdue_loans(lists_of(spark, BOOK), convention=convention, **NUMPY))

    assert found == {row["loan"]: row for row in here.to_pylist()}


def test_workers_compile_what_they_ask(spark):
    """Unless they are told otherwise; the answers are the same."""
    lists = lists_of(spark, BOOK)

    assert answered(overdue_loans(lists, **ASKED)) == answered(overdue_loans(lists, **NUMPY))


def test_labels_come_back_as_words(spark):
    """Spark has no dictionaries."""
    rows = (
        LabelRow(label="M0", from_days=0, to_days=0),
        LabelRow(label="M1", from_days=1, to_days=30),
        LabelRow(label="M2", from_days=31),
    )
    table = LabelTable(name="m", source="Made up", rows=rows)

    found = answered(overdue_rows(**rows_of(spark, BOOK[:4]), labels=[table], **NUMPY))

    assert {name: row["m"] for name, row in found.items()} == {
        "never paid": "M2",
        "paid one": "M1",
        "paid one and a part": "M1",
        "paid in time": "M0",
    }


def test_one_loan_may_have_most_of_the_rows(spark):
    """Thirty thousand payments of 1 on one loan, three on each of a hundred others."""
    due = [(f"loan {number}", MARCH_1, 40_000) for number in range(101)]
    came = [("loan 0", MARCH_1, 1, None)] * 30_000 + [
        (f"loan {number}", MARCH_1, 2, None) for number in range(1, 101) for _ in range(3)
    ]

    found = answered(overdue_rows(frame(spark, "instalments", due), frame(spark, "money", came), **NUMPY))

    assert {name: row["arrears"] for name, row in found.items()} == {
        "loan 0": 10_000,
        **{f"loan {number}": 39_994 for number in range(1, 101)},
    }


def test_a_book_without_loans(spark):
    """Nothing is asked, nothing is answered, and the columns are those of any book."""
    empty = overdue_loans(lists_of(spark, []), **NUMPY)

    assert empty.collect() == []
    assert empty.dtypes == overdue_rows(**rows_of(spark, BOOK), **NUMPY).dtypes


GOOD = "loan string, due_on array<date>, due array<bigint>"
DUE, CAME = ROWS["instalments"], "loan string, money_on date, money bigint"


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        pytest.param("loan string, due array<bigint>", "loans, due_on: wanted array<date>, found no such column.", id="missing"),
        pytest.param("loan int, due_on array<date>, due array<bigint>", "loans, loan: wanted string or bigint, found int.", id="id"),
        pytest.param("loan string, due_on array<string>, due array<bigint>", "loans, due_on: wanted array<date>, found array<string>. Cast it to a date.", id="dates as text"),
        pytest.param("loan string, due_on array<date>, due array<decimal(18,2)>", "loans, due: wanted array<bigint>, found array<decimal(18,2)>. State money in whole minor units, such as cents, and cast it.", id="money in decimals"),
        pytest.param("loan string, due_on date, due bigint", "loans, due_on: wanted array<date>, found date. Cast it to a date.\nloans, due: wanted array<bigint>, found bigint. State money in whole minor units, such as cents, and cast it.", id="rows, no lists"),
        pytest.param(f"{GOOD}, money array<bigint>", "loans, money_on: wanted array<date>, found no such column.", id="money without days"),
        pytest.param(f"{GOOD}, grace bigint", "loans, grace: wanted int, found bigint.", id="grace too wide"),
    ],
)  # fmt: skip
def test_lists_with_wrong_columns_are_refused(spark, schema, problem):
    """Each problem names the DataFrame, the column, what is wanted and what was found."""
    with pytest.raises(StructureError) as caught:
        overdue_loans(spark.createDataFrame([], schema), **NUMPY)

    assert str(caught.value) == problem


def test_a_misspelt_column_is_refused(spark):
    """It would be passed over in silence."""
    with pytest.raises(
        StructureError,
        match=r"^loans, paid_off: found bigint, wanted no such column. Select or rename to: loan, due_on, ",
    ):
        overdue_loans(spark.createDataFrame([], f"{GOOD}, paid_off bigint"), **NUMPY)


@pytest.mark.parametrize(
    ("instalments", "money", "problem"),
    [
        pytest.param(DUE, "loan bigint, money_on date, money bigint", "money, loan: wanted string, found bigint.", id="ids of two types"),
        pytest.param(DUE, "loan string, money_on timestamp, money bigint", "money, money_on: wanted date, found timestamp. Cast it to a date.", id="instants"),
        pytest.param("loan string, due_on date", CAME, "instalments, due: wanted bigint, found no such column.", id="missing"),
        pytest.param("due_on date, due bigint", CAME, "instalments, loan: wanted string or bigint, found no such column.", id="no id"),
    ],
)  # fmt: skip
def test_rows_with_wrong_columns_are_refused(spark, instalments, money, problem):
    """The same, for DataFrames that are brought together."""
    with pytest.raises(StructureError) as caught:
        overdue_rows(spark.createDataFrame([], instalments), spark.createDataFrame([], money), **NUMPY)

    assert problem in str(caught.value).splitlines()


def test_something_else_than_a_dataframe_is_refused(spark):
    """A table of Arrow belongs to `overdue_table`."""
    with pytest.raises(FactsError, match=r"^loans must be a Spark DataFrame, not Table.$"):
        overdue_loans(pa.table({}), **NUMPY)


def test_what_a_convention_needs_is_asked_for_before_a_job(spark):
    """Relative materiality compares with principal."""
    convention = Convention(materiality=Materiality(share=Decimal("0.01")))

    with pytest.raises(FactsError, match=r"^The column 'principal' is missing"):
        overdue_rows(**rows_of(spark, BOOK), convention=convention, **NUMPY)


def test_a_book_that_says_nothing_of_payments_is_refused_before_a_job(spark):
    """A DataFrame that was not given would make everybody late; who paid nothing has no row in it."""
    due = frame(spark, "instalments", [("a", MARCH_1, 5)])

    with pytest.raises(FactsError, match=r"^The column 'money' is missing: nothing says what was paid"):
        overdue_rows(due, **NUMPY)
    with pytest.raises(FactsError, match=r"^The column 'money' is missing: nothing says what was paid"):
        overdue_loans(lists_of(spark, BOOK).select("loan", "due_on", "due"), **NUMPY)
    (found,) = overdue_rows(due, frame(spark, "money", []), **NUMPY).collect()
    assert found.arrears == 5


def test_a_row_that_cannot_be_right_names_its_loan(spark):
    """Not its place in a batch, which nobody can find again."""
    due = [("a", MARCH_1, 5), ("b", MARCH_1, -5)]
    nothing = frame(spark, "money", [])

    with pytest.raises(PythonException, match=r"FactsError: loan b, item 0: due is negative"):
        overdue_rows(frame(spark, "instalments", due), nothing, **NUMPY).collect()


def test_a_row_that_belongs_to_no_loan_ends_the_job(spark):
    """With our error inside Spark's."""
    came = [(None, MARCH_1, 5, None)]

    with pytest.raises(PythonException, match=r"FactsError: 1 rows or more state no loan."):
        overdue_rows(frame(spark, "instalments", [("a", MARCH_1, 5)]), frame(spark, "money", came), **NUMPY).collect()
