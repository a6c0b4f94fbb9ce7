"""What is not counted: columns, rows and conventions that would give a wrong answer."""

import datetime as dt
import subprocess
import sys
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from dunning.core.overdue.convention import Convention, Materiality
from dunning.core.overdue.order import Allocation, Order
from dunning.core.overdue.presets import preset
from dunning.errors import FactsError
from dunning.portfolio.overdue import counting, overdue_table
from dunning.portfolio.overdue.columns import Columns
from dunning.portfolio.overdue.convention import whole_convention
from dunning.portfolio.overdue.incremental import advance_day, overdue_state
from dunning.portfolio.overdue.loading import load_columns
from dunning.portfolio.overdue.loans import columns_of

D = dt.date
DAYS = pa.list_(pa.date32())
MONEY = pa.list_(pa.int64())
DUES = {
    "loan": pa.array(["L0", "L1"]),
    "due_on": pa.array([[D(2026, 1, 1)], [D(2026, 1, 1), D(2026, 2, 1)]], DAYS),
    "due": pa.array([[100], [100, 100]], MONEY),
}
FINE = DUES | {"money_on": pa.array([[], []], DAYS), "money": pa.array([[], []], MONEY)}
CAME = {
    "money_on": pa.array([[], [D(2026, 1, 1), D(2026, 2, 1)]], DAYS),
    "money": pa.array([[], [100, 100]], MONEY),
}
TOTALS = {"money_on": None, "money": None, "paid": pa.array([1, 1])}


def ask(columns, convention=None, engine="numpy", **options):
    """Ask about a table, in blocks that are checked as those of a large book."""
    convention = convention or Convention()
    stated = {name: column for name, column in columns.items() if column is not None}
    return overdue_table(pa.table(stated), as_of=D(2026, 4, 1), convention=convention, engine=engine, **options)


def test_what_is_fine():
    """The tables of this file, without what each test changes."""
    assert ask(FINE | CAME).column("days_past_due").to_pylist() == [90, 0]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        pytest.param({"duee": FINE["due"]}, "a column 'duee', at which nothing looks", id="misspelt"),
        pytest.param({"due": None}, "'due' is missing: it is always needed", id="no amounts"),
        pytest.param({"loan": None}, "'loan' is missing", id="no names"),
        pytest.param({"money_on": None}, "'money_on' is missing: money needs it", id="money without dates"),
        pytest.param({"money": None}, "'money' is missing: money_on needs it", id="dates of no money"),
        pytest.param({"paid": pa.array([1, 2])}, "both paid and money", id="a total and its parts"),
        pytest.param(
            {"due": pa.array([[Decimal(1)], [Decimal(1), Decimal(1)]], pa.list_(pa.decimal128(12, 2)))},
            r"'due' holds list<.*decimal128\(12, 2\)>; it must hold lists of int64, minor units",
            id="decimal money",
        ),
        pytest.param(
            {"due_on": FINE["due_on"].cast(pa.list_(pa.date64()))},
            r"'due_on' holds list<.*date64\[ms\]>; it must hold lists of date32\[day\], days",
            id="dates in milliseconds",
        ),
        pytest.param({"due": pa.array([1, 2])}, "'due' holds int64; it must hold lists", id="no list"),
        pytest.param({"grace": pa.array([1, 2], pa.int64())}, "it must hold int32, whole numbers", id="wide grace"),
    ],
)
def test_a_column_that_does_not_fit(columns, message):
    """Named, with what it must hold."""
    with pytest.raises(FactsError, match=message):
        ask(FINE | columns)


@pytest.mark.parametrize("asked", [overdue_table, overdue_state], ids=lambda each: each.__name__)
@pytest.mark.parametrize(
    ("columns", "convention", "advice"),
    [
        pytest.param({}, {}, ", or paid as a total, 0 where nothing was", id="nothing but what is due"),
        pytest.param(
            {"grace": pa.array([1, 2], pa.int32())}, {}, ", or paid as a total, 0 where nothing was", id="grace"
        ),
        pytest.param({}, {"count": "recency"}, "", id="a convention that no total serves"),
    ],
)
def test_a_book_that_says_nothing_of_payments(asked, columns, convention, advice):
    """A column that was lost on the way would make everybody late."""
    with pytest.raises(FactsError) as caught:
        asked(pa.table(DUES | columns), as_of=D(2026, 4, 1), convention=Convention(**convention))

    assert caught.value.field == "money"
    assert str(caught.value) == (
        "The column 'money' is missing: nothing says what was paid. State money_on and money, as empty lists where "
        f"nothing was{advice}."
    )


@pytest.mark.parametrize("facts", [pa.table(DUES), lambda ids: pa.table(DUES)], ids=["a book", "a function"])
def test_a_day_that_says_nothing_of_payments(facts):
    """The same where yesterday's book did."""
    state = overdue_state(pa.table(FINE), as_of=D(2026, 4, 1))

    with pytest.raises(FactsError, match="'money' is missing: nothing says what was paid"):
        advance_day(state, facts, ["L0"], as_of=D(2026, 4, 2))


def test_nobody_paid():
    """Is stated, in either form."""
    totals = ask(FINE | TOTALS | {"paid": pa.array([0, 0])})

    assert totals == ask(FINE)
    assert totals.column("days_past_due").to_pylist() == [90, 90]


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize(
    ("columns", "message"),
    [
        pytest.param(
            {"due": pa.array([[1], None], MONEY)}, "^row 1: due is null. State an empty list", id="a null list"
        ),
        pytest.param({"due": pa.array([[1], [1, None]], MONEY)}, "^row 1: due is null. State it", id="a null amount"),
        pytest.param(
            {"due": pa.array([[1], [1]], MONEY)}, "^row 1: due has 1 items, and due_on has 2", id="one too few"
        ),
        pytest.param({"due": pa.array([[1], [1, -1]], MONEY)}, "^row 1, item 1: due is negative", id="negative"),
        pytest.param(
            {"due_on": pa.array([[D(2026, 1, 1)], [D(2026, 2, 1), D(2026, 1, 31)]], DAYS)},
            "^row 1, item 1: due_on does not ascend",
            id="dates that fall",
        ),
        pytest.param(
            {**CAME, "money_on": pa.array([[], [D(2026, 2, 1), D(2026, 1, 1)]], DAYS)},
            "^row 1, item 1: money_on does not ascend",
            id="payments not by date",
        ),
        pytest.param(
            {"due_on": pa.array([[2**31 - 2], [0, 1]], pa.list_(pa.int32())).cast(DAYS)},
            "^row 0, item 0: due_on is outside of the years 1 to 9999",
            id="no day of a calendar",
        ),
        pytest.param({"grace": pa.array([None, -1], pa.int32())}, "^row 1: grace is negative", id="negative grace"),
        pytest.param(
            {"due": pa.array([[1], [2**62, 2**62]], MONEY)},
            "^row 1: The amounts of due are so large",
            id="too large a sum",
        ),
        pytest.param(
            {**CAME, "money": pa.array([[], [-(2**63), 1]], MONEY)},
            "^row 1: The amounts of money are so large",
            id="too large a payment",
        ),
        pytest.param(
            {"money_on": None, "money": None, "paid": pa.array([0, -(2**63)])},
            "^row 1: The amounts of paid are so large",
            id="too large a total",
        ),
    ],
)
def test_a_row_that_cannot_be_counted(columns, message, engine):
    """Row and column are named, compiled or not."""
    with pytest.raises(FactsError, match=message):
        ask(FINE | columns, engine=engine)


FIRST, LAST = (D.min - D(1970, 1, 1)).days, (D.max - D(1970, 1, 1)).days
DATED = {
    "due_on": ("due", MONEY, 100),
    "money_on": ("money", MONEY, 100),
    "charged_on": ("charged", MONEY, 1),
    "paused_on": ("paused_until", DAYS, None),
}


def dated(name, days):
    """A list of *days* for the second loan, and what goes with them."""
    other, kind, value = DATED[name]
    return FINE | {
        name: pa.array([[], days], pa.list_(pa.int32())).cast(DAYS),
        other: pa.array([[], [value] * len(days)], kind),
    }


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize("convention", [Convention(), preset("crr_retail")], ids=lambda each: each.name)
@pytest.mark.parametrize("name", DATED)
@pytest.mark.parametrize(
    ("days", "message"),
    [
        pytest.param([FIRST, LAST], None, id="first and last"),
        pytest.param([FIRST - 1, 0], "item 0: NAME is outside of the years 1 to 9999", id="before the first"),
        pytest.param([0, LAST + 1], "item 1: NAME is outside of the years 1 to 9999", id="after the last"),
        pytest.param([LAST, FIRST], "item 1: NAME does not ascend", id="last and first"),
        pytest.param([0, -1], "item 1: NAME does not ascend", id="from 1970 to 1969"),
    ],
)
def test_days_of_lists(days, message, name, convention, engine):
    """Are days of a calendar, and ascend, whatever they are of."""
    columns = dated(name, days)
    if convention.materiality is not None:
        columns |= {"principal": columns["due"]}
    if message is None:
        assert ask(columns, convention, engine).num_rows == 2
        return
    with pytest.raises(FactsError, match=f"^row 1, {message.replace('NAME', name)}"):
        ask(columns, convention, engine)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        pytest.param("grace", -3, "row 7: grace is negative", id="of a loan"),
        pytest.param("due", [100, -1], "row 7, item 1: due is negative", id="of an instalment"),
        pytest.param("money", [2**63 - 1], "row 7: The amounts of money", id="a sum"),
        pytest.param("money", [1, 2], "row 7: money has 2 items, and money_on has 1", id="lists that differ"),
    ],
)
def test_the_day_after_names_the_row_of_the_book(name, wrong, message, engine):
    """Few loans are taken out of it; an error says where in the book they are, whatever batch they lie in."""
    stated = {
        "loan": list(range(10)),
        "due_on": [[D(2026, 1, 1), D(2026, 2, 1)]] * 10,
        "due": [[100, 100]] * 10,
        "money_on": [[D(2026, 1, 1)]] * 10,
        "money": [[50]] * 10,
        "grace": [None] * 10,
    }
    kinds = [pa.int64(), DAYS, MONEY, DAYS, MONEY, pa.int32()]

    def book():
        whole = pa.table({name: pa.array(stated[name], kind) for name, kind in zip(stated, kinds, strict=True)})
        return pa.concat_tables([whole.slice(0, 4), whole.slice(4)])

    state = overdue_state(book(), as_of=D(2026, 1, 10), engine=engine)
    stated[name] = [*stated[name][:7], wrong, *stated[name][8:]]
    with pytest.raises(FactsError, match=message):
        advance_day(state, book(), [7], as_of=D(2026, 1, 11), engine=engine)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("paid", [2**61, 2**62, 2**63 - 201, -(2**62)])
def test_the_largest_totals(paid, engine):
    """As large as sums may be, they are counted."""
    answers = ask(DUES | {"paid": pa.array([paid, 150])}, engine=engine)

    assert answers.column("arrears").to_pylist() == [0 if paid > 0 else 100, 50]
    assert answers.column("credit").to_pylist() == [max(paid - 100, 0), 0]
    assert answers.column("cures").to_pylist() == [0 if paid > 0 else 100 - paid, 50]


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_rows_are_numbered_through_all_batches(engine):
    """As in the table, whatever it is made of."""
    fine = pa.table(FINE)
    wrong = pa.table(FINE | {"due": pa.array([[1], [1, -1]], MONEY)})
    with pytest.raises(FactsError, match="^row 3, item 1: due is negative"):
        overdue_table(pa.concat_tables([fine, wrong]), as_of=D(2026, 1, 1), engine=engine)


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize(
    ("largest", "convention"),
    [
        pytest.param(2**63 - 1, {}, id="plain: what 64 bits hold"),
        pytest.param((2**63 - 1) // 10, {"tolerance_share": Decimal("0.1")}, id="a share of one decimal"),
        pytest.param((2**63 - 1) // 10**6, {"tolerance_share": Decimal("0.000001")}, id="a share of six"),
    ],
)
def test_the_largest_sum(largest, convention, engine):
    """Is counted to the unit, and one more is refused."""
    halves = [largest // 2, largest - largest // 2]
    found = ask(FINE | {"due": pa.array([[1], halves], MONEY)}, Convention(**convention), engine)

    assert found.column("arrears").to_pylist() == [1, largest]
    with pytest.raises(FactsError, match="^row 1: The amounts of due are so large"):
        ask(FINE | {"due": pa.array([[1], [halves[0], halves[1] + 1]], MONEY)}, Convention(**convention), engine)


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_a_loan_is_refused_for_its_own_dates_and_no_others(engine):
    """What is due is multiplied by days between a loan's own due dates, whichever loans lie beside it."""
    most = (2**63 - 1) // 32  # January has 31 days, and a day more
    dates = [[D(2026, 1, 1), D(2026, 2, 1)], [D(1950, 1, 1)], [D(2199, 1, 1)]]
    columns = FINE | {
        "loan": pa.array(["L0", "L1", "L2"]),
        "due_on": pa.array(dates, DAYS),
        "money_on": pa.array([[], [], []], DAYS),
        "money": pa.array([[], [], []], MONEY),
    }
    convention = Convention(count="amount_equivalent")
    fine = columns | {"due": pa.array([[1, most - 1], [1], [1]], MONEY)}

    found = ask(fine, convention, engine)
    assert found.column("days_past_due").to_pylist() == [62, 27849, 0]
    state = overdue_state(pa.table(fine), as_of=D(2026, 3, 31), convention=convention, engine=engine)
    moved = advance_day(state, pa.table(fine), ["L0", "L2"], as_of=D(2026, 4, 1), convention=convention, engine=engine)
    assert moved.state.select(found.column_names).equals(found)
    with pytest.raises(FactsError, match="^row 0: The amounts of due are so large"):
        ask(columns | {"due": pa.array([[1, most], [1], [1]], MONEY)}, convention, engine)


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param(2**62, "principal is more than due", id="too large"),
        pytest.param(1, "principal is more than due", id="a unit more than due"),
        pytest.param(-(2**62), "principal is negative", id="negative"),
    ],
)
def test_principal_is_judged_where_it_is_used(more, message, engine):
    """A column at which the convention does not look may hold anything; both engines say the same."""
    due = FINE["due"].to_pylist()
    columns = FINE | CAME | {"principal": pa.array([due[0], [due[1][0], due[1][1] + more]], MONEY)}

    assert ask(columns, engine=engine).column("days_past_due").to_pylist() == [90, 0]
    by_amount = Convention(materiality=Materiality(amount=Decimal(1)))  # which the arrears are below
    assert ask(columns, by_amount, engine).column("days_past_due").to_pylist() == [0, 0]
    with pytest.raises(FactsError, match=f"^row 1, item 1: {message}"):
        ask(columns, Convention(materiality=Materiality(share=Decimal("0.01"))), engine)


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_the_longest_grace(engine):
    """As a column holds it; longer than any calendar."""
    found = ask(FINE, Convention(grace=2**31 - 1), engine)

    assert found.column("delinquent_days").to_pylist() == [0, 0]


@pytest.mark.parametrize(
    ("convention", "field"),
    [
        pytest.param({"grace": 2**31}, "grace", id="a grace that no column holds"),
        pytest.param({"grace": 2**63}, "grace", id="nor 64 bits"),
        pytest.param({"allocation": Allocation(money="in_turn")}, "allocation.money", id="in turn"),
        pytest.param({"count": "ots", "shift": "following", "calendar": "C"}, "shift", id="months of moved dates"),
        pytest.param({"allocation": Allocation(order=Order(by="component"))}, "allocation.order.by", id="by component"),
        pytest.param({"allocation": Allocation(ahead="last")}, "allocation.ahead", id="last"),
        pytest.param({"allocation": Allocation(ahead="equal")}, "allocation.ahead", id="equal"),
        pytest.param({"chargebacks": "own_date"}, "chargebacks", id="a chargeback of its own date"),
        pytest.param({"tolerance_share": Decimal("0.0000001")}, "tolerance_share", id="a fine share"),
        pytest.param(
            {"materiality": Materiality(share=Decimal("0.0000001"))}, "materiality.share", id="a fine share of exposure"
        ),
    ],
)
def test_a_convention_that_columns_cannot_say(convention, field):
    """The field is named."""
    with pytest.raises(FactsError, match=field) as caught:
        ask(FINE, Convention(**convention))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("columns", "convention", "missing"),
    [
        pytest.param(TOTALS, {"count": "recency"}, "money_on", id="recency of a total"),
        pytest.param(TOTALS, {"materiality": Materiality()}, "money_on", id="materiality of a total"),
        pytest.param(
            {**TOTALS, "written_off_on": pa.array([None, None], pa.date32())},
            {"charge_off": "freeze"},
            "money_on",
            id="frozen days of a total",
        ),
        pytest.param({}, {"materiality": Materiality(share=Decimal("0.01"))}, "principal", id="a share of exposure"),
        pytest.param({}, {"ages_from": "stated"}, "ages_from", id="dates to age from"),
    ],
)
def test_a_convention_that_needs_a_column(columns, convention, missing):
    """The column is named."""
    with pytest.raises(FactsError, match=f"'{missing}' is missing"):
        ask(FINE | columns, Convention(**convention))


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize(
    ("convention", "field"),
    [
        pytest.param({"count": "recency"}, "paid", id="when money came"),
        pytest.param({"materiality": Materiality(amount=Decimal(1))}, "paid", id="when arrears were how much"),
        pytest.param({"materiality": Materiality(share=Decimal("0.1"))}, "principal", id="principal"),
    ],
)
def test_columns_without_a_table(convention, field, engine):
    """Are looked at in the same way."""
    day = np.array([20454], np.int32)
    bare = {"due_at": np.array([0, 1]), "due_on": day, "due": np.array([100])}
    columns = Columns(**bare, paid=np.array([50])) if field == "paid" else Columns(**bare)
    whole = whole_convention(Convention(**convention), as_of=D(2026, 4, 1), currency_digits=2)

    with pytest.raises(FactsError) as caught:
        counting.count([columns], whole, engine=engine)
    assert caught.value.field == field


def test_an_invoice_date_that_is_not_stated():
    """Every instalment must state it where lateness counts from it; where it is stated at will, null is the due date."""
    columns = FINE | {"ages_from": pa.array([[D(2026, 1, 1)], [D(2026, 1, 1), None]], DAYS)}

    assert ask(columns, Convention(ages_from="stated")).column("days_past_due").to_pylist() == [90, 90]
    with pytest.raises(FactsError, match="^row 1: ages_from is null"):
        ask(columns, Convention(ages_from="invoiced_on"))


def test_dates_to_age_from_that_cross():
    """Columns are met in the order in which they stand."""
    columns = FINE | {"ages_from": pa.array([[D(2026, 1, 1)], [D(2026, 3, 1), D(2026, 2, 1)]], DAYS)}
    with pytest.raises(FactsError, match="^row 1, item 1: ages_from does not ascend"):
        ask(columns, Convention(ages_from="stated"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"engine": "cuda"}, "engine must be one of auto, numba, numpy", id="engine"),
        pytest.param({"threads": 0}, "threads must be at least 1", id="threads"),
    ],
)
def test_an_option_that_does_not_exist(options, message):
    """A slip of whoever writes the call."""
    with pytest.raises(ValueError, match=message):
        ask(FINE, **options)


ASKED = {
    "a table": lambda **options: overdue_table(pa.table(FINE), **options),
    "a state": lambda **options: overdue_state(pa.table(FINE), **options),
    "a day": lambda **options: advance_day(
        overdue_state(pa.table(FINE), as_of=D(2026, 3, 31)), pa.table(FINE), **options
    ),
    "long rows": lambda **options: load_columns(
        pa.table({"loan_id": ["L0"], "due_on": [D(2026, 1, 1)], "due": [100]}), **options
    ),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"as_of": "2026-04-01"}, "^as_of must be a date, not str '2026-04-01'", id="a day as text"),
        pytest.param({"as_of": dt.datetime(2026, 4, 1)}, "^as_of must be a date, not datetime", id="an instant"),
        pytest.param({"currency_digits": -1}, "^currency_digits must be .* from 0 to 18, .* not -1", id="below"),
        pytest.param({"currency_digits": 19}, "^currency_digits must be .* from 0 to 18, .* not 19", id="above"),
        pytest.param({"currency_digits": 2.0}, "^currency_digits must be a whole number", id="no whole number"),
        pytest.param({"currency_digits": True}, "^currency_digits must be a whole number", id="a truth value"),
        pytest.param({"convention": "mba"}, "^convention must be a Convention, not 'mba'", id="a name"),
    ],
)
def test_an_option_of_another_kind(asked, options, message):
    """Is named as a fact would be: it may come out of somebody's settings."""
    with pytest.raises(FactsError, match=message) as caught:
        ASKED[asked](**{"as_of": D(2026, 4, 1)} | options)
    assert caught.value.field == next(iter(options))


@pytest.mark.parametrize("digits", [0, 18])
def test_as_many_digits_as_a_currency_may_have(digits):
    """The ends of the range are in it."""
    assert ask(FINE, currency_digits=digits).num_rows == 2
    with pytest.raises(FactsError, match="must be a whole number from 0 to 18"):
        columns_of([], currency_digits=digits - 1 if digits == 0 else digits + 1)


def test_no_table():
    """A list is none."""
    with pytest.raises(FactsError, match="must be a pyarrow Table or RecordBatch, not list"):
        overdue_table([], as_of=D(2026, 1, 1))


@pytest.mark.parametrize(
    ("library", "program"),
    [
        pytest.param("pyarrow", "import dunning.portfolio.overdue", id="pyarrow"),
        pytest.param("numpy", "import dunning.portfolio.overdue", id="numpy"),
        pytest.param(
            "numba", "from dunning.portfolio.overdue import counting; counting._kernel('numba', 0)", id="numba"
        ),
    ],
)
def test_a_library_is_not_installed(library, program):
    """The error says what to install."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.modules['{library}'] = None; {program}"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f'dunning.errors.MissingExtraError: {library} is not installed. Run: pip install "dunning[portfolio]"'
    )


def test_numba_is_not_needed(monkeypatch):
    """Where it is not installed, numpy answers."""
    monkeypatch.setattr(counting, "find_spec", lambda name: None)

    assert counting._kernel("auto", 10**9).__name__.endswith("numpy_kernel")


def test_a_small_book_is_not_worth_compiling():
    """Numba is loaded for large ones only."""
    assert counting._kernel("auto", 1_999_999).__name__.endswith("numpy_kernel")
    assert counting._kernel("auto", 2_000_000).__name__.endswith("numba_kernel")


@pytest.mark.parametrize("until", [D(2026, 2, 20), D(2026, 2, 19)])
def test_a_pause_that_ends_before_it_begins(until):
    """Columns that were exchanged would lose every pause in silence."""
    paused = {
        "paused_on": pa.array([[], [D(2026, 2, 20)]], DAYS),
        "paused_until": pa.array([[], [until]], DAYS),
    }
    with pytest.raises(FactsError, match="^row 1: paused_until does not come after paused_on"):
        ask(FINE | CAME | paused)


INSTALMENTS = pa.table({"loan_id": ["A"], "due_on": pa.array([D(2026, 1, 1)]), "due": [100]})


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(lambda given: overdue_table(pa.table(FINE), as_of=D(2026, 4, 1), convention=given), id="table"),
        pytest.param(lambda given: overdue_state(pa.table(FINE), as_of=D(2026, 4, 1), convention=given), id="state"),
        pytest.param(
            lambda given: advance_day(
                overdue_state(pa.table(FINE), as_of=D(2026, 4, 1)),
                pa.table(FINE),
                as_of=D(2026, 4, 2),
                convention=given,
            ),
            id="a day",
        ),
        pytest.param(lambda given: load_columns(INSTALMENTS, convention=given), id="long tables"),
        pytest.param(lambda given: columns_of([], convention=given), id="loans"),
    ],
)
def test_the_name_of_a_convention_is_none(asked):
    """The error says how to get one."""
    with pytest.raises(FactsError, match=r"^convention must be a Convention, not 'mba'.*dunning.preset\('mba'\)"):
        asked("mba")
