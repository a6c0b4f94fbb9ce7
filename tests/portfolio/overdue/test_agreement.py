"""What is counted over columns is what `overdue_status` says of the loans, field by field."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.facts.event import Event
from dunning.core.facts.loan import Instalment, Loan
from dunning.core.overdue.convention import COUNTS, IN_MONTHS, Convention, Materiality
from dunning.core.overdue.order import Allocation
from dunning.core.overdue.status import overdue_status
from dunning.portfolio.overdue import materiality
from dunning.portfolio.overdue.answers import NO_DAY
from dunning.portfolio.overdue.convention import whole_convention
from dunning.portfolio.overdue.counting import count
from dunning.portfolio.overdue.loans import columns_of

BEGIN = dt.date(2026, 1, 1)
FIELDS = (
    "days_past_due",
    "delinquent_days",
    "oldest_unpaid_due_on",
    "arrears",
    "instalments_missed",
    "next_due_on",
    "next_due",
    "cures",
    "credit",
)
# Few dates, and few amounts that fall short of each other by little, so that edges are met.
DAYS = st.integers(0, 120)
AMOUNTS = st.sampled_from([Decimal(text) for text in ("0", "0.01", "5", "30", "90", "99.99", "100", "105", "250")])


def day(number):
    """Return a date near the beginning of 2026."""
    return BEGIN + dt.timedelta(number)


def loan(name, instalments, events, grace=None):
    """
    Return a loan.

    Args:
        instalments: Of each, days since the one before, principal, interest, and by how much another date to age from
            differs.
        events: Of each, kind, day, amount, and how many days later (or None) how much of it (or all) is undone.
    """
    schedule, due = [], 0
    for number, (gap, principal, interest, shift) in enumerate(instalments):
        due += gap
        schedule.append(
            Instalment(
                number=number,
                due_on=day(due),
                principal=principal,
                interest=interest,
                invoiced_on=day(due - 10),
                ages_from=None if shift is None else day(due + shift),
            )
        )
    happened = []
    for number, (kind, on, amount, later, undone) in enumerate(events):
        stated = {"amount": amount}
        if kind == "charge":
            stated["component"] = "fees"
        if kind == "pause":
            stated = {"until": None if later is None else day(on + 1 + later)}
        if kind == "write_off":
            stated = {}
        happened.append(Event(id=f"e{number}", kind=kind, effective_on=day(on), **stated))
        if kind in {"payment", "recovery", "refund"} and later is not None:
            undoing = {"id": f"u{number}", "of": f"e{number}", "effective_on": day(on + later), "amount": undone}
            happened.append(Event(kind="chargeback" if later % 2 else "reversal", **undoing))
    return Loan(
        id=name,
        creditor="lender",
        currency="USD",
        jurisdiction="US",
        business_zone="UTC",
        instalments=tuple(schedule),
        events=tuple(happened),
        grace=grace,
    )


INSTALMENTS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 28, 30, 31]),
        AMOUNTS,
        st.sampled_from([Decimal(0), Decimal(5), Decimal("0.07")]),
        st.none() | st.integers(-20, 40),
    ),
    max_size=5,
)
KINDS = ("payment", "payment", "payment", "payment", "recovery", "refund", "charge", "pause", "write_off")
EVENTS = st.lists(
    st.tuples(st.sampled_from(KINDS), DAYS, AMOUNTS, st.none() | st.integers(0, 40), st.none() | AMOUNTS), max_size=7
)


@st.composite
def books(draw):
    """A few loans."""
    return [
        loan(f"L{number}", draw(INSTALMENTS), draw(EVENTS), draw(st.sampled_from([None, None, 0, 5])))
        for number in range(draw(st.integers(1, 3)))
    ]


@st.composite
def limits(draw, amounts, shares):
    """Draw both, or one of two that are more than 0."""
    amount, share = draw(amounts), draw(shares)
    return Materiality(amount=amount, share=share, both=not (amount and share) or draw(st.booleans()))


@st.composite
def conventions(draw, counted):
    """Everything that columns can say, freely combined as far as it does not contradict itself."""
    material = counted == "material"
    counted = "days" if material else counted
    shares = st.sampled_from([Decimal(0), Decimal("0.1"), Decimal("0.05"), Decimal("0.333333")])
    amounts = st.sampled_from([Decimal(0), Decimal(5), Decimal(30), Decimal("0.005"), Decimal("99.99")])
    return Convention(
        count=counted,
        ages_from="due_on"
        if material or counted == "recency"
        else draw(st.sampled_from(["due_on", "stated", "invoiced_on"])),
        first_day=0 if material or counted in IN_MONTHS else draw(st.integers(0, 1)),
        tolerance_amount=draw(amounts),
        tolerance_share=draw(shares),
        tolerance_arrears=Decimal(0) if material else draw(amounts),
        materiality=draw(limits(amounts, shares)) if material else None,
        grace=draw(st.sampled_from([0, 3, 15])),
        pauses=draw(st.sampled_from(["after_due", "every_day"])),
        charge_off=draw(st.sampled_from(["continue", "freeze", "drop"])),
        allocation=Allocation(ahead=draw(st.sampled_from(["next", "held"]))),
    )


def rows_of(answers):
    """Return answers as rows of whole numbers."""
    return list(zip(*(values.tolist() for values in answers), strict=True))


def row_of(status):
    """Return what the status of a loan says, as whole numbers."""
    found = {name: getattr(status, name) for name in FIELDS} | {"arrears": status.arrears.total}
    return tuple(_whole(found[name]) for name in FIELDS)


def _whole(value):
    if value is None:
        return NO_DAY
    if isinstance(value, dt.date):
        return value.toordinal() - dt.date(1970, 1, 1).toordinal()
    return int(value * 100) if isinstance(value, Decimal) else value


@pytest.mark.parametrize("counted", [*COUNTS, "material", "days"])
@settings(max_examples=125, deadline=None)
@given(loans=books(), data=st.data(), as_of=DAYS)
def test_small_books(counted, loans, data, as_of):
    """A thousand books under any convention: compiled, not compiled, and loan by loan."""
    convention = data.draw(conventions(counted))
    book = columns_of(loans, convention=convention)
    whole = whole_convention(convention, as_of=day(as_of), currency_digits=2)

    expected = [row_of(overdue_status(each, as_of=day(as_of), convention=convention)) for each in book.regular]

    assert rows_of(count([book.columns], whole, engine="numpy", threads=1)) == expected
    assert rows_of(count([book.columns], whole, engine="numba", threads=1)) == expected
    assert len(book.regular) + len(book.irregular) == len(loans)


def seeded_loans(number):
    """Return loans of a year, with payments that are late, partial, too much, taken back or missing."""
    chance = random.Random(20261122)  # noqa: S311 - data, no secret
    loans = []
    for name in range(number):
        amount = Decimal(chance.choice([50, 100, 105, 250]))
        months = chance.randint(1, 5)
        start = chance.randint(0, 60)
        instalments = [(30 if turn else start, amount, Decimal(chance.choice([0, 5])), None) for turn in range(months)]
        events = []
        for turn in range(months):
            if chance.random() < 0.8:
                part = chance.choice([amount, amount, amount, amount / 2, amount * 2, amount + 5])
                later = chance.randint(0, 40) if chance.random() < 0.1 else None
                events.append(("payment", start + 30 * turn + chance.randint(-3, 20), part, later, None))
        for kind, odds in (("refund", 0.05), ("charge", 0.2), ("pause", 0.1), ("write_off", 0.05)):
            if chance.random() < odds:
                events.append((kind, chance.randint(0, 150), Decimal(20), chance.randint(1, 30), None))
        loans.append(loan(f"L{name}", instalments, events))
    return loans


SEEDED = [
    *(Convention(count=counted, grace=3) for counted in COUNTS),
    Convention(first_day=1, charge_off="drop"),
    Convention(tolerance_share=Decimal("0.1"), tolerance_arrears=Decimal(10), charge_off="freeze"),
    Convention(tolerance_amount=Decimal(50), pauses="every_day", allocation=Allocation(ahead="held")),
    Convention(materiality=Materiality(amount=Decimal(100), share=Decimal("0.01")), charge_off="freeze"),
]
LOANS = 10_000


@pytest.fixture(scope="module")
def seeded():
    """Ten thousand loans, and their columns."""
    return columns_of(seeded_loans(LOANS))


@pytest.mark.parametrize("convention", SEEDED, ids=lambda one: "-".join(map(str, _stated(one))))
def test_a_seeded_book(seeded, convention):
    """Ten conventions make 100,000 pairs of loan and convention, none of which differs."""
    whole = whole_convention(convention, as_of=day(100), currency_digits=2)

    answers = rows_of(count([seeded.columns], whole, engine="numpy", threads=2))

    assert rows_of(count([seeded.columns], whole, engine="numba", threads=2)) == answers
    assert len(seeded.regular) == LOANS
    late = 0
    for each, answer in zip(seeded.regular, answers, strict=True):
        expected = row_of(overdue_status(each, as_of=day(100), convention=convention))
        assert answer == expected, each
        late += answer[0] > 0
    assert late > LOANS / 20


def long_loans(number):
    """Return loans of 20 weekly instalments, late now and then or all along, with money that comes and goes."""
    chance = random.Random(5)  # noqa: S311 - data, no secret
    loans = []
    for name in range(number):
        amounts = [Decimal(100)] if chance.random() < 0.7 else [Decimal(0), Decimal(20), Decimal(100), Decimal(300)]
        instalments = [(chance.choice([0, 7, 7, 7]), chance.choice(amounts), Decimal(5), None) for _ in range(20)]
        paying, undone, events = chance.choice([0, 0.5, 0.9, 1]), chance.choice([0, 0.1, 0.5]), []
        for turn in range(20):
            if chance.random() < paying:
                later = chance.choice([0, 1, 9, 60]) if chance.random() < undone else None
                part = chance.choice([Decimal(105), Decimal(105), Decimal(40), Decimal(210)])
                events.append(("payment", 7 * turn + chance.randint(-1, 9), part, later, None))
        for kind, often in (("refund", 0.2), ("refund", 0.3), ("charge", 0.2), ("write_off", 0.2)):
            if chance.random() < often:
                later = chance.choice([None, None, 5, 40]) if kind == "refund" else None
                events.append((kind, chance.randint(0, 150), Decimal(120), later, None))
        loans.append(loan(f"L{name}", instalments, [each for each in events if each[1] >= 0]))
    return loans


@pytest.mark.parametrize(
    "convention",
    [
        pytest.param(Convention(materiality=Materiality(amount=Decimal(100)), charge_off="freeze"), id="amount"),
        pytest.param(
            Convention(materiality=Materiality(amount=Decimal(200), share=Decimal("0.2")), charge_off="freeze"),
            id="both",
        ),
        pytest.param(
            Convention(materiality=Materiality(amount=Decimal(900), share=Decimal("0.2"), both=False)), id="either"
        ),
        pytest.param(Convention(count="recency", tolerance_share=Decimal("0.1"), charge_off="freeze"), id="recency"),
    ],
)
@pytest.mark.parametrize("steps", [1, 5])
def test_long_loans(convention, steps, monkeypatch):
    """What is looked back at is more than the last few instalments, and more than the steps that find most."""
    monkeypatch.setattr(materiality, "_STEPS", steps)
    loans = long_loans(400)
    book = columns_of(loans, convention=convention)
    whole = whole_convention(convention, as_of=day(130), currency_digits=2)

    expected = [row_of(overdue_status(each, as_of=day(130), convention=convention)) for each in book.regular]

    assert rows_of(count([book.columns], whole, engine="numpy", threads=1)) == expected
    assert rows_of(count([book.columns], whole, engine="numba", threads=1)) == expected
    assert len({row[0] for row in expected}) > 20


@pytest.mark.parametrize(
    ("events", "days"),
    [
        pytest.param([("payment", 6, 200, None, None)], 40 - 28, id="200 of 400 on the 29th day, 100 of 300 before"),
        pytest.param(
            [("payment", 6, 300, None, None), ("refund", 17, 250, None, None)],
            40 - 16,
            id="a refund between two due dates leaves 50 of 200",
        ),
        pytest.param(
            [("payment", 6, 300, 11, None)], 40 - 16, id="what was undone on the 17th day leaves nothing of 200"
        ),
        pytest.param(
            [("payment", 6, 200, None, None), ("refund", 10, 200, 20, None)],
            40 - 14,
            id="a refund was undone on the 30th day, when arrears had been 200 since the 15th",
        ),
        pytest.param(
            [("payment", 6, 200, None, None), ("charge", 17, 101, None, None)],
            40 - 17,
            id="a charge of 101 is past due from the 18th day on",
        ),
        pytest.param(
            [("payment", 6, 200, None, None), ("payment", 30, 150, None, None)],
            40 - 35,
            id="50 of 400 from the 30th day on",
        ),
    ],
)
def test_arrears_above_100_since(events, days):
    """Five instalments of 100 fall due on the 7th day and each 7 days later; it is the 40th."""
    convention = Convention(materiality=Materiality(amount=Decimal(100)))
    stated = [(kind, on, Decimal(amount), later, undone) for kind, on, amount, later, undone in events]
    book = columns_of([loan("L", [(7, Decimal(100), Decimal(0), None)] * 5, stated)], convention=convention)
    whole = whole_convention(convention, as_of=day(40), currency_digits=2)

    assert overdue_status(book.regular[0], as_of=day(40), convention=convention).days_past_due == days
    for engine in ("numpy", "numba"):
        assert count([book.columns], whole, engine=engine).days_past_due.tolist() == [days]


def _stated(convention):
    plain = Convention()
    names = ("count", "first_day", "tolerance_share", "tolerance_amount", "materiality", "pauses", "charge_off")
    return [name for name in names if getattr(convention, name) != getattr(plain, name)] or ["plain"]


MONTH_ENDS = tuple(dt.date(2027 + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1) for month in range(1, 15))


@pytest.mark.parametrize("counted", ["mba", "ots"])
@pytest.mark.parametrize("freeze", [False, True])
@pytest.mark.parametrize("ages_from", ["due_on", "invoiced_on"])
def test_loans_that_fall_due_at_the_end_of_a_month(counted, freeze, ages_from):
    """Every day of more than a year: the last of February stands for the 31st, and of no later day in other loans."""
    convention = Convention(count=counted, grace=2, charge_off="freeze" if freeze else "continue", ages_from=ages_from)
    gone = (Event(id="W", kind="write_off", effective_on=MONTH_ENDS[6]),) if freeze else ()
    loans = [
        Loan(
            id=f"L{paid}-{last}",
            creditor="lender",
            currency="USD",
            jurisdiction="US",
            business_zone="UTC",
            instalments=tuple(
                Instalment(
                    number=n,
                    due_on=due.replace(day=min(due.day, last)),
                    invoiced_on=due.replace(day=min(due.day, 59 - last)),
                    principal=Decimal(10),
                )
                for n, due in enumerate(MONTH_ENDS)
            ),
            events=(
                Event(id="P", kind="payment", effective_on=MONTH_ENDS[0], amount=Decimal(10 * paid)),
                *gone,
            ),
        )
        for paid in (1, 2, 3, 4)
        for last in (28, 30, 31)
    ]
    book = columns_of(loans, convention=convention)
    for after in range(0, 430, 3 if freeze else 1):
        as_of = MONTH_ENDS[0] + dt.timedelta(days=after)
        whole = whole_convention(convention, as_of=as_of, currency_digits=2)
        expected = [row_of(overdue_status(each, as_of=as_of, convention=convention)) for each in book.regular]
        for engine in ("numpy", "numba"):
            assert rows_of(count([book.columns], whole, engine=engine, threads=1)) == expected
