"""A day after a day gives what a full run gives, and counts few loans."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.overdue.convention import Convention, Materiality
from dunning.core.overdue.labels import LabelRow, LabelTable
from dunning.core.overdue.order import Allocation
from dunning.errors import FactsError
from dunning.portfolio.overdue import overdue_table
from dunning.portfolio.overdue.incremental import advance_day, overdue_state

D = dt.date
DAY = dt.timedelta(days=1)
START = D(2026, 1, 1)
BUCKETS = LabelTable(
    name="bucket",
    source="a test",
    rows=(
        LabelRow(label="current", from_days=0, to_days=0),
        LabelRow(label="1-30", from_days=1, to_days=30),
        LabelRow(label="31+", from_days=31),
    ),
)
LISTS = {
    "due_on": "date",
    "due": "money",
    "principal": "money",
    "ages_from": "date",
    "money_on": "date",
    "money": "money",
    "money_until": "date",
    "charged_on": "date",
    "charged": "money",
    "paused_on": "date",
    "paused_until": "date",
}
TYPES = {
    "loan": pa.string(),
    **{name: pa.list_(pa.date32() if kind == "date" else pa.int64()) for name, kind in LISTS.items()},
    "written_off_on": pa.date32(),
    "grace": pa.int32(),
}


def table(loans):
    return pa.table({name: pa.array([loan[name] for loan in loans], kind) for name, kind in TYPES.items()})


def a_loan(loan="A", **changes):
    """Due on the 1st of each month from January to June 2026, 100.00 each; nothing paid."""
    stated = {name: [] for name in LISTS} | {"written_off_on": None, "grace": None, "loan": loan}
    stated["due_on"] = [D(2026, month, 1) for month in range(1, 7)]
    stated["due"], stated["principal"] = [100_00] * 6, [80_00] * 6
    stated["ages_from"] = stated["due_on"]
    return stated | changes


def random_loan(name, random):
    """Return a loan with anything that columns can say."""

    def days(most):
        return sorted(START + int(each) * DAY for each in random.integers(-20, 200, random.integers(0, most + 1)))

    def amounts(days, low, high):
        return [int(each) for each in random.integers(low, high, len(days))]

    def now_and_then(one_in):
        return random.integers(0, one_in) == 0

    def later(days, one_in, most):
        return [each + int(random.integers(1, most)) * DAY if now_and_then(one_in) else None for each in days]

    dues, money, charges, pauses = days(5), days(4), days(2) if now_and_then(2) else [], days(2 * now_and_then(2))
    ages = [each + int(random.choice([0, 0, 0, -5, 9])) * DAY for each in dues]
    due = [int(random.choice([100_00, 50_00, 0])) for _ in dues]
    return a_loan(
        name,
        due_on=dues,
        due=due,
        principal=[each * 4 // 5 for each in due],
        ages_from=[max(ages[: index + 1]) for index in range(len(ages))],
        money_on=money,
        money=amounts(money, -30_00, 220_00),
        money_until=later(money, 5, 90),
        charged_on=charges,
        charged=amounts(charges, 1, 90_00),
        paused_on=pauses,
        paused_until=later(pauses, 1 + now_and_then(4), 40),
        written_off_on=(days(1) or [None])[0] if now_and_then(3) else None,
        grace=[None, None, 0, 3, 40][random.integers(0, 5)],
    )


CONVENTIONS = [
    Convention(name=name, **changes)
    for name, changes in {
        "oldest unpaid": {},
        "grace": {"grace": 10},
        "day 1": {"first_day": 1, "grace": 3},
        "MBA": {"count": "mba", "grace": 4},
        "OTS": {"count": "ots"},
        "calendar months": {"count": "calendar_months"},
        "amount": {"count": "amount_equivalent", "grace": 5},
        "recency": {"count": "recency", "tolerance_share": Decimal("0.1")},
        "recency, day 1": {"count": "recency", "first_day": 1, "grace": 2},
        "stated dates": {"ages_from": "stated"},
        "stated dates, day 1": {"ages_from": "stated", "first_day": 1},
        "tolerances": {"tolerance_amount": Decimal(30), "tolerance_arrears": Decimal(60)},
        "material": {"materiality": Materiality(amount=Decimal(60), share=Decimal("0.01")), "grace": 7},
        "every paused day": {"pauses": "every_day", "grace": 2},
        "every paused day, MBA": {"pauses": "every_day", "count": "mba"},
        "freeze": {"charge_off": "freeze"},
        "drop": {"charge_off": "drop", "count": "recency"},
        "held": {"allocation": Allocation(ahead="held")},
        "held, day 1": {"allocation": Allocation(ahead="held"), "first_day": 1},
    }.items()
]


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 2**32))
@pytest.mark.parametrize("convention", [pytest.param(each, id=each.name) for each in CONVENTIONS])
@pytest.mark.parametrize(
    ("engine", "without"),
    [
        pytest.param("numpy", [], id="taken out"),
        pytest.param("numba", ["paused_on", "paused_until", "ages_from"], id="where they lie"),
    ],
)
def test_day_after_day_gives_what_full_runs_give(engine, without, convention, seed):
    """With days left out, loans that change and loans that are new."""
    if convention.ages_from != "due_on":
        without = without[:2]
    random = np.random.default_rng(seed)
    loans = [random_loan(f"L{at:03d}", random) for at in range(30)]
    as_of = START + int(random.integers(0, 60)) * DAY
    more = {"convention": convention, "labels": [BUCKETS], "engine": engine}
    state = overdue_state(table(loans).drop_columns(without), as_of=as_of, **more)
    for _ in range(20):
        as_of += int(random.choice([1, 1, 1, 1, 1, 1, 2, 3, 30])) * DAY
        touched = sorted({*random.integers(0, len(loans), random.integers(0, 3)).tolist(), len(loans)})
        touched = touched[: len(touched) - int(random.integers(0, 2))]
        for at in touched:
            loans[at : at + 1] = [random_loan(f"L{at:03d}", random)]
        facts = table(loans).drop_columns(without)
        state = advance_day(
            state,
            by_id(facts) if random.integers(0, 2) else facts,
            [f"L{at:03d}" for at in touched],
            as_of=as_of,
            **more,
        ).state

        expected = overdue_table(facts, as_of=as_of, **more)
        assert expected.equals(state.select(expected.column_names)), (expected.to_pylist(), state.to_pylist())


def by_id(facts):
    """Return a function that looks loans up, and gives them in an order of its own."""

    def look_up(ids):
        return facts.filter(pa.compute.is_in(facts["loan"], ids)).sort_by([("loan", "descending")])

    return look_up


@pytest.mark.parametrize(
    ("as_of", "convention", "changes", "counted"),
    [
        pytest.param(D(2026, 3, 15), {}, {}, 0, id="a day like any other"),
        pytest.param(D(2026, 3, 1), {}, {}, 0, id="a due date: it is not past due yet"),
        pytest.param(D(2026, 3, 2), {}, {}, 1, id="the day after it"),
        pytest.param(D(2026, 3, 1), {"first_day": 1}, {}, 1, id="the due date where it is day 1"),
        pytest.param(D(2026, 1, 11), {"grace": 10}, {}, 0, id="the last day of grace"),
        pytest.param(D(2026, 1, 12), {"grace": 10}, {}, 1, id="the first day after grace"),
        pytest.param(D(2026, 3, 30), {"count": "mba"}, {}, 0, id="MBA: two days before a month is completed"),
        pytest.param(D(2026, 3, 31), {"count": "mba"}, {}, 1, id="MBA: the day before"),
        pytest.param(D(2026, 3, 31), {"count": "calendar_months"}, {}, 1, id="the end of a calendar month"),
        pytest.param(D(2026, 3, 20), {"count": "amount_equivalent"}, {}, 1, id="what arrears are worth"),
        pytest.param(
            D(2026, 3, 20),
            {},
            {"paused_on": [D(2026, 3, 20)], "paused_until": [D(2026, 3, 25)]},
            1,
            id="a pause begins",
        ),
        pytest.param(
            D(2026, 3, 21),
            {},
            {"paused_on": [D(2026, 3, 20)], "paused_until": [D(2026, 3, 25)]},
            0,
            id="within a pause",
        ),
        pytest.param(
            D(2026, 3, 25), {}, {"paused_on": [D(2026, 3, 20)], "paused_until": [D(2026, 3, 25)]}, 1, id="it ends"
        ),
        pytest.param(D(2026, 3, 20), {"charge_off": "freeze"}, {"written_off_on": D(2026, 3, 20)}, 1, id="written off"),
        pytest.param(D(2026, 3, 21), {"charge_off": "freeze"}, {"written_off_on": D(2026, 3, 20)}, 0, id="frozen"),
        pytest.param(
            D(2026, 3, 20),
            {},
            {"money_on": [D(2026, 2, 1)], "money": [5], "money_until": [D(2026, 3, 20)]},
            1,
            id="money is taken back",
        ),
    ],
)
def test_only_what_moves_is_counted(as_of, convention, changes, counted):
    facts = table(
        [a_loan(**changes), *(a_loan(f"B{at}", due_on=[], due=[], principal=[], ages_from=[]) for at in range(9))]
    )
    convention = Convention(**convention)
    before = overdue_state(facts, as_of=as_of - DAY, convention=convention)
    after = advance_day(before, facts, as_of=as_of, convention=convention)

    assert counted == after.counted
    assert overdue_state(facts, as_of=as_of, convention=convention) == after.state


@pytest.mark.parametrize(
    "touched",
    [
        pytest.param(["B"], id="ids"),
        pytest.param(pa.chunked_array([["B"], ["B"]]), id="an array"),
        pytest.param(np.array([False] * 5 + [True]), id="truth values"),
        pytest.param(pa.array([False] * 5 + [True]), id="truth values in Arrow"),
    ],
)
def test_a_touched_loan_is_counted(touched):
    others = [a_loan(f"A{at}") for at in range(5)]
    state = overdue_state(table([*others, a_loan("B")]), as_of=D(2026, 3, 14))
    paid = table([*others, a_loan("B", money_on=[D(2026, 3, 15)], money=[300_00], money_until=[None])])
    after = advance_day(state, paid, touched, as_of=D(2026, 3, 15))

    assert 1 == after.counted
    assert [73, 73, 73, 73, 73, 0] == after.state["days_past_due"].to_pylist()


@pytest.mark.parametrize(
    ("known", "new"),
    [
        pytest.param([1, 2, 3, 4, 5, 6], 9, id="numbers in order"),
        pytest.param([1, 2, 6, 5, 4, 3], 9, id="numbers in no order"),
        pytest.param(list("ABCDEF"), "G", id="text"),
    ],
)
def test_a_loan_that_is_named_twice_is_counted_once(known, new):
    """Of two events on a day, both name their loan, and so do those of a loan that is new."""
    kind = pa.array(known).type

    def named(ids):
        facts = table([a_loan()] * len(ids))
        return facts.set_column(facts.schema.get_field_index("loan"), "loan", pa.array(ids, kind))

    state = overdue_state(named(known), as_of=D(2026, 3, 14))
    after = advance_day(state, named([*known, new]), [known[1], new, known[1], new], as_of=D(2026, 3, 15))

    assert 2 == after.counted
    assert [*known, new] == after.state["loan"].to_pylist()


TEXT = {"string": pa.string(), "large": pa.large_string(), "view": pa.string_view()}


@pytest.mark.parametrize("how", ["whole", "asked"])
@pytest.mark.parametrize("later", [*TEXT, "dictionary", "dictionary, in parts"])
@pytest.mark.parametrize("kept", [*TEXT, "dictionary"])
def test_ids_may_be_kept_as_any_text(kept, later, how):
    """A dictionary, as of a Parquet reader, or views, as of a frame: they are looked up, and need not stay so."""

    def book(*ids):
        return pa.concat_tables([table([a_loan(name) for name in half]) for half in (ids[:3], ids[3:])])

    def cast(table, kind):
        ids = table["loan"]
        ids = ids if kind == "dictionary, in parts" else ids.combine_chunks()
        ids = ids.dictionary_encode() if kind.startswith("dictionary") else ids.cast(TEXT[kind])
        return table.set_column(0, "loan", ids)

    state = overdue_state(cast(book(*"ABCDEF"), kept), as_of=D(2026, 3, 14))
    facts = cast(book(*"ABCDEFG"), later)
    touched = cast(book(*"BGB"), later)["loan"]
    given = facts if how == "whole" else lambda ids: cast(book(*"GB"), later)
    after = advance_day(state, given, touched, as_of=D(2026, 3, 15))

    assert after.counted == 2
    expected = overdue_table(book(*"ABCDEFG"), as_of=D(2026, 3, 15))
    assert after.state["loan"].to_pylist() == list("ABCDEFG")
    assert after.state.select(expected.column_names[1:]).equals(expected.drop_columns("loan").combine_chunks())
    ids = after.state.schema.field("loan").type
    assert ids == (pa.large_string() if kept in {"large", "view"} else pa.string())


@pytest.mark.parametrize("name", ["loan", "arrears", "moves_on", "grows"])
def test_a_table_of_labels_may_not_have_the_name_of_a_column(name):
    with pytest.raises(FactsError, match=f"'{name}' has the name of another column"):
        overdue_state(table([a_loan()]), as_of=D(2026, 3, 14), labels=[evolve(BUCKETS, name=name)])


def test_a_state_may_be_kept_in_wider_numbers():
    facts = table([a_loan(), a_loan("B", grace=5)])
    state = overdue_state(facts, as_of=D(2026, 3, 14))
    wide = pa.schema(
        [each.with_type(pa.int64()) if each.type == pa.int32() else each for each in state.schema],
        metadata=state.schema.metadata,
    )
    after = advance_day(state.cast(wide), facts, as_of=D(2026, 3, 15))

    assert after.state["days_past_due"].to_pylist() == [73, 73]
    assert after.state == overdue_state(facts, as_of=D(2026, 3, 15))


def test_a_state_is_kept_as_parquet(tmp_path):
    facts = table([a_loan()])
    pq.write_table(overdue_state(facts, as_of=D(2026, 3, 14)), tmp_path / "state.parquet")
    after = advance_day(pq.read_table(tmp_path / "state.parquet"), facts, as_of=D(2026, 3, 15))

    assert [73] == after.state["days_past_due"].to_pylist()


STATE = overdue_state(table([a_loan()]), as_of=D(2026, 3, 14))


@pytest.mark.parametrize(
    ("previous", "facts", "touched", "asked", "message"),
    [
        pytest.param(STATE, [a_loan()], pa.array([[1]]), {}, "touched holds list<.*loans of the state are", id="ids"),
        pytest.param(
            overdue_table(table([a_loan()]), as_of=D(2026, 3, 14)), [a_loan()], [], {}, "are no state", id="no state"
        ),
        pytest.param(
            STATE, [a_loan()], [], {"convention": Convention(grace=1)}, "of another convention", id="another convention"
        ),
        pytest.param(STATE, [a_loan()], [], {"currency_digits": 0}, "or currency", id="another currency"),
        pytest.param(STATE, [a_loan()], [], {"as_of": D(2026, 3, 13)}, "is after 2026-03-13", id="a later day"),
        pytest.param(STATE, [a_loan()], np.array([True, True]), {}, "2 truth values for 1 loans", id="too many rows"),
        pytest.param(STATE, [a_loan("B")], ["A"], {}, "in their order", id="other loans"),
        pytest.param(STATE, [], [], {}, "in their order", id="no loans"),
        pytest.param(
            STATE, [a_loan()], [1], {}, "^touched must list ids that are string, .*'int' object", id="numbers"
        ),
        pytest.param(STATE, [a_loan()], "A", {}, "^touched must list ids that are string, .*: 'A' alone", id="one id"),
        pytest.param(STATE, [a_loan()], None, {}, "^touched must list ids .*'NoneType' object", id="no list"),
        pytest.param(STATE, [a_loan(), a_loan("B")], [], {}, "new and touched", id="a new loan that is not touched"),
    ],
)
def test_what_cannot_be_gone_on_from_is_refused(previous, facts, touched, asked, message):
    with pytest.raises(FactsError, match=message):
        advance_day(previous, table(facts), touched, **{"as_of": D(2026, 3, 15)} | asked)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        pytest.param(lambda: overdue_state([], as_of=D(2026, 3, 14)), "table", id="of a state"),
        pytest.param(lambda: advance_day([], table([a_loan()]), as_of=D(2026, 3, 15)), "previous", id="previous"),
        pytest.param(lambda: advance_day(STATE, [], as_of=D(2026, 3, 15)), "facts", id="facts"),
        pytest.param(lambda: advance_day(STATE, lambda ids: [], as_of=D(2026, 3, 15)), "facts", id="a function's"),
    ],
)
def test_what_is_no_table(asked, name):
    """Is named, with how to make one."""
    with pytest.raises(
        FactsError, match=rf"^{name} must be a pyarrow Table .*pyarrow\.table\(frame\) makes one"
    ) as caught:
        asked()
    assert caught.value.field == name


@pytest.mark.parametrize("given", [lambda facts: facts, lambda facts: lambda ids: facts], ids=["a book", "a function"])
def test_facts_without_ids(given):
    """Say nothing of the loans that are asked for."""
    with pytest.raises(FactsError, match="'loan' is missing: it names the loans"):
        advance_day(STATE, given(table([a_loan()]).drop_columns("loan")), as_of=D(2026, 3, 15))


def test_facts_that_are_not_there_are_missed():
    with pytest.raises(FactsError, match="facts of loan 'A' were asked for"):
        advance_day(STATE, lambda ids: table([a_loan("B")]), ["A"], as_of=D(2026, 3, 15))


def test_where_many_move_all_of_a_whole_book_are_counted():
    """To take a fifth of them out costs as much; a function is still asked for those that move only."""
    facts = table(
        [a_loan(f"A{at}") for at in range(2)]
        + [a_loan(f"B{at}", due_on=[], due=[], principal=[], ages_from=[]) for at in range(2)]
    )
    state = overdue_state(facts, as_of=D(2026, 3, 1))
    whole = advance_day(state, facts, as_of=D(2026, 3, 2))
    asked = advance_day(state, by_id(facts), as_of=D(2026, 3, 2))

    assert (4, 2) == (whole.counted, asked.counted)
    assert whole.state == asked.state


def test_the_name_of_a_convention_is_no_part_of_it():
    """Names are for reports; what counts is what it counts."""
    after = advance_day(STATE, table([a_loan()]), as_of=D(2026, 3, 15), convention=evolve(Convention(), name="ours"))

    assert 0 == after.counted


def test_few_are_counted():
    """A hundred loans, due every 30 days, on days of their own: three or four fall due on a day."""
    dues = [[START + (at % 30 + 30 * each) * DAY for each in range(12)] for at in range(100)]
    loans = [
        a_loan(f"L{at:03d}", due_on=each, due=[1] * 12, principal=[1] * 12, ages_from=each)
        for at, each in enumerate(dues)
    ]
    facts = table(loans)
    state, counted = overdue_state(facts, as_of=D(2026, 3, 1)), []
    for days in range(1, 31):
        after = advance_day(state, facts, as_of=D(2026, 3, 1) + days * DAY)
        state, counted = after.state, [*counted, after.counted]

    assert {3, 4} == set(counted)
    assert 100 == sum(counted)
