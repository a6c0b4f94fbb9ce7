"""Which payment met which part of which instalment."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.facts.event import COMPONENTS, Event
from dunning.core.overdue.allocate import allocate
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.money import effective, paid
from dunning.core.overdue.order import Allocation, ForKind, Order, Switch
from dunning.core.overdue.presets import PRESETS
from dunning.core.overdue.status import overdue_status
from dunning.errors import FactsError
from dunning.testing.builders import a_loan, a_payment, an_instalment

D = Decimal
DAY = dt.timedelta(days=1)
PRINCIPAL_FIRST = Order(components=("principal", "interest", "fees", "penalties"))


def on(month, number):
    return dt.date(2026, month, number)


def pay(amount, day, id_, **changes):
    return a_payment(amount, day, id=id_, **changes)


def event(id_, kind, day, **changes):
    return Event(id=id_, kind=kind, effective_on=day, **changes)


def counted(**changes):
    return Convention(allocation=Allocation(**changes))


def met(found):
    """Who met what, short: payment, instalment or charge, component's first letter, amount."""
    return [(p.event, p.instalment or p.charge, p.component[0] + p.component[1], str(p.amount)) for p in found.met]


FEE = event("C", "charge", on(1, 20), amount=D(50), component="fees")
IN_TURN = {"money": "in_turn"}


@pytest.mark.parametrize(
    ("allocation", "events", "as_of", "expected"),
    [
        pytest.param(
            {},
            (pay("1050", on(2, 1), "P"), FEE),
            on(2, 10),
            [("P", 1, "in", "100.00"), ("P", 1, "pr", "900.00"), ("P", "C", "fe", "50")],
            id="pooled: the late instalment, then the fee",
        ),
        pytest.param(
            {},
            (pay("1050", on(2, 1), "P"), FEE),
            on(2, 20),
            [("P", 1, "in", "100.00"), ("P", 1, "pr", "900.00"), ("P", 2, "in", "50.00")],
            id="pooled: and not the fee while the next one is late",
        ),
        pytest.param(
            IN_TURN,
            (pay("1050", on(2, 1), "P"), FEE),
            on(2, 20),
            [("P", 1, "in", "100.00"), ("P", 1, "pr", "900.00"), ("P", "C", "fe", "50")],
            id="in turn: what met the fee stays with the fee",
        ),
        pytest.param(
            {"order": Order(by="component")},
            (pay("1150", on(2, 20), "P"), FEE),
            on(2, 20),
            [("P", 1, "in", "100.00"), ("P", 2, "in", "100.00"), ("P", 1, "pr", "900.00"), ("P", 2, "pr", "50.00")],
            id="by component: all interest first",
        ),
        pytest.param(
            {"order": PRINCIPAL_FIRST},
            (pay("950", on(1, 20), "P"),),
            on(1, 20),
            [("P", 1, "pr", "900.00"), ("P", 1, "in", "50.00")],
            id="principal first",
        ),
        pytest.param(
            {"ahead": "last"},
            (pay("1150", on(1, 20), "P"),),
            on(1, 20),
            [("P", 1, "in", "100.00"), ("P", 1, "pr", "900.00"), ("P", 4, "in", "100.00"), ("P", 4, "pr", "50.00")],
            id="ahead: the last instalment",
        ),
        pytest.param(
            {"ahead": "equal"},
            (pay("1100", on(1, 20), "P"),),
            on(1, 20),
            [
                ("P", 1, "in", "100.00"),
                ("P", 1, "pr", "900.00"),
                ("P", 2, "in", "33.34"),
                ("P", 3, "in", "33.33"),
                ("P", 4, "in", "33.33"),
            ],
            id="ahead: equal parts, the odd cent to the first",
        ),
        pytest.param(
            {"ahead": "held"},
            (pay("1100", on(1, 20), "P"),),
            on(1, 20),
            [("P", 1, "in", "100.00"), ("P", 1, "pr", "900.00")],
            id="ahead: held",
        ),
        pytest.param(
            {},
            (pay("1000", on(1, 20), "P", instalment=2), pay("400", on(1, 20), "Q")),
            on(1, 20),
            [("P", 2, "in", "100.00"), ("P", 2, "pr", "900.00"), ("Q", 1, "in", "100.00"), ("Q", 1, "pr", "300")],
            id="a payment that names its instalment",
        ),
        pytest.param(
            {},
            (pay("60", on(1, 25), "P", of="C"), FEE),
            on(1, 25),
            [("P", "C", "fe", "50"), ("P", 1, "in", "10")],
            id="a payment that names a charge, and what it does not need",
        ),
        pytest.param(
            {},
            (pay("950", on(2, 20), "P", component="principal"),),
            on(2, 20),
            [("P", 1, "pr", "900.00"), ("P", 2, "pr", "50")],
            id="a payment that names a component",
        ),
        pytest.param(
            {**IN_TURN, "switches": (Switch(from_days=31, order=PRINCIPAL_FIRST),)},
            (pay("50", on(2, 14), "P"), pay("50", on(2, 15), "Q")),
            on(2, 20),
            [("P", 1, "in", "50.00"), ("Q", 1, "pr", "50.00")],
            id="switch: 30 days behind, and 31",
        ),
        pytest.param(
            {**IN_TURN, "kinds": (ForKind(kind="recovery", order=PRINCIPAL_FIRST),)},
            (pay("50", on(2, 14), "P"), event("Y", "recovery", on(2, 14), amount=D(50))),
            on(2, 20),
            [("P", 1, "in", "50.00"), ("Y", 1, "pr", "50")],
            id="another order for recoveries",
        ),
        pytest.param(
            IN_TURN,
            (pay("1000", on(1, 15), "P"), pay("1000", on(2, 15), "Q"), event("R", "reversal", on(2, 20), of="P")),
            on(2, 20),
            [("Q", 1, "in", "100.00"), ("Q", 1, "pr", "900.00")],
            id="what was undone met nothing, and the rest moves up",
        ),
        pytest.param(
            {},
            (pay("1000", on(1, 15), "P"), pay("500", on(1, 16), "Q"), event("F", "refund", on(1, 20), amount=D(600))),
            on(1, 20),
            [("P", 1, "in", "100.00"), ("P", 1, "pr", "800.00")],
            id="a refund gives back the latest money",
        ),
        pytest.param(
            IN_TURN,
            (pay("1000", on(1, 15), "P"), event("W", "waiver", on(1, 10), amount=D(100), component="interest")),
            on(2, 20),
            [("P", 1, "pr", "900.00"), ("P", 2, "in", "100.00")],
            id="a waiver came before",
        ),
    ],
)  # fmt: skip
def test_who_met_what(allocation, events, as_of, expected):
    loan = a_loan(instalments=tuple(an_instalment(n) for n in range(1, 5)), events=events)
    found = met(allocate(loan, as_of=as_of, convention=counted(**allocation)))
    assert [(e, at, c, D(a)) for e, at, c, a in expected] == [(e, at, c, D(a)) for e, at, c, a in found]


def test_the_rest_is_told_too():
    """Three instalments of 1,000; 3,300 came, 100 went back, 100 of interest were waived."""
    loan = a_loan(
        instalments=tuple(an_instalment(n) for n in (1, 2, 3)),
        events=(
            pay("3300", on(1, 15), "P"),
            event("F", "refund", on(1, 16), amount=D(100)),
            event("W", "waiver", on(1, 17), amount=D(100), component="interest"),
            FEE,
        ),
    )
    found = allocate(loan, as_of=on(4, 1))
    assert D(2950) == sum(part.amount for part in found.of_payment("P"))
    assert D(900) == sum(part.amount for part in found.of_instalment(1))
    assert [("W", 1, "interest", D(100))] == [(p.event, p.instalment, p.component, p.amount) for p in found.waived]
    assert [("P", D(100))] == [(share.event, share.amount) for share in found.refunded]
    assert [("P", D(250))] == [(share.event, share.amount) for share in found.unapplied]
    assert () == found.open


@pytest.mark.parametrize(
    ("currency", "amount", "share", "came", "expected"),
    [
        # 3.333 may be missing, which is 3.33 in cents.
        pytest.param("USD", "33.33", "0.1", "29.99", [(1, "29.99")], id="a cent below what counts as paid"),
        pytest.param("USD", "33.33", "0.1", "30.00", [(1, "30.00")], id="what counts as paid"),
        pytest.param("USD", "33.33", "0.1", "30.01", [(1, "30.00"), (2, "0.01")], id="a cent above: the next one"),
        pytest.param("USD", "33.33", "0.1", "60.00", [(1, "30.00"), (2, "30.00")], id="both"),
        pytest.param(
            "USD", "33.33", "0.1", "60.01", [(1, "30.00"), (2, "30.00"), (1, "0.01")], id="and then what is missing"
        ),
        pytest.param("JPY", "1005", "0.1", "906", [(1, "905"), (2, "1")], id="yen have no cents: 100 may be missing"),
        pytest.param("KWD", "33.333", "0.1", "30.001", [(1, "30.000"), (2, "0.001")], id="dinars have three decimals"),
    ],
)
def test_shortfalls_that_come_last(currency, amount, share, came, expected):
    """What counts as paid is a whole number of units: no part of a cent meets anything."""
    loan = a_loan(
        currency=currency,
        instalments=tuple(an_instalment(n, principal=D(amount), interest=D(0)) for n in (1, 2)),
        events=(pay(came, on(3, 1), "P"),),
    )
    convention = Convention(tolerance_share=D(share), allocation=Allocation(money="in_turn", shortfalls="last"))
    found = allocate(loan, as_of=on(3, 1), convention=convention)

    assert [(part.instalment, str(part.amount)) for part in found.met] == expected


@pytest.mark.parametrize("money", ["pooled", "in_turn"])
@pytest.mark.parametrize(
    ("came", "fee", "as_of", "cures"),
    [
        # Nine tenths count: of 800, 100 more make the first instalment met, and the last 100 of it come last.
        pytest.param("800", "0", on(2, 14), "200", id="the day before the second is due"),
        pytest.param("800", "0", on(2, 15), "1100", id="on it, 900 go to the second before the last 100 of the first"),
        pytest.param("800", "0", on(2, 16), "1200", id="and then both are past due"),
        pytest.param("800", "10", on(2, 14), "210", id="a fee, too"),
        pytest.param("800", "10", on(2, 15), "1110", id="a fee, and the second"),
        pytest.param("0", "0", on(2, 15), "1900", id="nothing came"),
        pytest.param("900", "0", on(2, 15), "0", id="what counts as met is not late"),
    ],
)
def test_what_cures_where_shortfalls_come_last(money, came, fee, as_of, cures):
    convention = Convention(tolerance_share=D("0.1"), allocation=Allocation(money=money, shortfalls="last"))
    events = [pay(came, on(1, 20), "P")] if D(came) else []
    if D(fee):
        events.append(event("F", "charge", on(1, 20), amount=D(fee), component="fees"))
    before = overdue_status(of_six(tuple(events)), as_of=as_of, convention=convention)
    after = overdue_status(
        of_six((*events, pay(cures, as_of, "C"))) if D(cures) else of_six(tuple(events)),
        as_of=as_of,
        convention=convention,
    )

    assert D(cures) == before.cures
    assert (0, D(0) if D(cures) else D(100)) == (after.days_past_due, after.arrears.total)


def test_what_cures_where_nothing_is_tolerated_is_what_is_past_due():
    """All of it is needed, and comes before what falls due that day."""
    convention = Convention(allocation=Allocation(shortfalls="last"))
    assert D(1000) == overdue_status(of_six(()), as_of=on(2, 15), convention=convention).cures


def test_equal_parts_of_a_currency_without_cents():
    """100 yen over three instalments: 34, 33, 33."""
    loan = a_loan(
        currency="JPY", instalments=tuple(an_instalment(n) for n in (1, 2, 3)), events=(pay("100", on(1, 2), "P"),)
    )
    found = allocate(loan, as_of=on(1, 2), convention=counted(ahead="equal"))
    assert [34, 33, 33] == [part.amount for part in found.met]


@pytest.mark.parametrize(
    ("stated", "named"),
    [
        pytest.param(
            {"switches": (Switch(from_days=9, order=Order()),)}, "pooled money has none", id="pooled switches"
        ),
        pytest.param({"kinds": (ForKind(kind="payment", order=Order()),)}, "pooled money has none", id="pooled kinds"),
        pytest.param(
            {**IN_TURN, "switches": (Switch(from_days=9, order=Order()),) * 2},
            "must ascend",
            id="switches that stand still",
        ),
        pytest.param(
            {**IN_TURN, "kinds": (ForKind(kind="payment", order=Order()),) * 2}, "each kind once", id="a kind twice"
        ),
        pytest.param({"ahead": "middle"}, "middle", id="no such way ahead"),
    ],
)
def test_allocations_that_cannot_be(stated, named):
    with pytest.raises(FactsError, match=named):
        Allocation(**stated)


def test_orders_that_cannot_be():
    with pytest.raises(FactsError, match="each of principal, interest, fees, penalties once"):
        Order(components=("principal", "interest"))
    with pytest.raises(FactsError, match="waiver meets no obligation"):
        ForKind(kind="waiver", order=Order())


START = on(1, 1)
SOME_DAY = st.integers(0, 200).map(lambda n: START + n * DAY)
AMOUNTS = st.integers(1, 250_000).map(lambda cents: D(cents).scaleb(-2))


@st.composite
def happenings(draw):
    """Payments (some naming what they are for), reversals, refunds, waivers, charges, accruals, re-ages, pauses."""
    found = []
    for number in range(draw(st.integers(0, 10))):
        day, amount, id_ = draw(SOME_DAY), draw(AMOUNTS), f"E{number}"
        kind = draw(
            st.sampled_from(("payment",) * 4 + ("refund", "waiver", "charge", "accrual", "re_age", "pause", "recovery"))
        )
        stated = {"amount": amount}
        if kind in {"re_age", "pause"}:
            stated = {}
        elif kind == "accrual":
            stated = {"amount": (amount / 1000).quantize(D("0.01")), "component": draw(st.sampled_from(COMPONENTS))}
        elif kind == "charge":
            stated["component"] = draw(st.sampled_from(COMPONENTS))
        elif kind in {"payment", "waiver"} and draw(st.booleans()):
            stated["instalment"] = draw(st.integers(1, 6))
        found.append(event(id_, kind, day, **stated))
        if kind == "payment" and draw(st.integers(0, 3)) == 0:
            back = {"amount": draw(AMOUNTS)} if draw(st.booleans()) else {}
            kind = draw(st.sampled_from(("reversal", "chargeback")))
            found.append(event(f"R{number}", kind, day + draw(st.integers(0, 40)) * DAY, of=id_, **back))
    return tuple(found)


ORDERS = st.builds(
    Order, by=st.sampled_from(("instalment", "component")), components=st.permutations(COMPONENTS).map(tuple)
)
AHEAD, SHORTFALLS = st.sampled_from(("next", "last", "equal", "held")), st.sampled_from(("first", "last"))
ALLOCATIONS = st.one_of(
    st.builds(Allocation, order=ORDERS, ahead=AHEAD, shortfalls=SHORTFALLS),
    st.builds(
        Allocation,
        order=ORDERS,
        money=st.just("in_turn"),
        ahead=AHEAD,
        shortfalls=SHORTFALLS,
        switches=st.one_of(st.just(()), ORDERS.map(lambda order: (Switch(from_days=20, order=order),))),
    ),
)
CONVENTIONS = st.builds(
    lambda each, allocation, chargebacks: evolve(each.convention, allocation=allocation, chargebacks=chargebacks),
    st.sampled_from(list(PRESETS.values())),
    ALLOCATIONS,
    st.sampled_from(("reopen", "own_date")),
)


def of_six(events):
    return a_loan(instalments=tuple(an_instalment(n) for n in range(1, 7)), events=events)


@settings(max_examples=150, deadline=None)
@given(happenings(), CONVENTIONS, SOME_DAY)
def test_money_is_conserved_to_the_cent(events, convention, as_of):
    """What met, went back and is left of all payments is what they were worth; none met more than there was."""
    found = allocate(of_six(events), as_of=as_of, convention=convention)
    known = effective(events, as_of)
    if convention.chargebacks == "own_date":
        known = [each for each in known if each.kind != "chargeback"]
    assert paid(known) == sum(part.amount for part in found.met) + sum(share.amount for share in found.unapplied)
    assert all(part.amount > 0 for part in (*found.met, *found.waived))
    status = overdue_status(of_six(events), as_of=as_of, convention=convention)
    assert status.credit == sum(share.amount for share in found.unapplied)


ODD = st.lists(AMOUNTS, min_size=6, max_size=6)


@settings(max_examples=150, deadline=None)
@given(happenings(), CONVENTIONS, SOME_DAY, ODD, st.sampled_from((D("0.1"), D("0.125"), D("0.333333"))))
def test_no_cent_is_split(events, convention, as_of, amounts, share):
    """Of amounts in cents every part and sum is in cents, whatever share of them may be missing."""
    loan = a_loan(
        instalments=tuple(an_instalment(n, principal=amount) for n, amount in enumerate(amounts, 1)), events=events
    )
    convention = evolve(convention, tolerance_share=share)
    found = allocate(loan, as_of=as_of, convention=convention)
    status = overdue_status(loan, as_of=as_of, convention=convention)

    parts = [part.amount for part in (*found.met, *found.waived, *found.unapplied, *found.refunded)]
    owed = [getattr(status.arrears, component) for component in COMPONENTS]
    for amount in (*parts, *owed, status.cures, status.next_due, status.credit):
        assert amount.as_tuple().exponent >= -2


LATE = st.one_of(SOME_DAY, st.sampled_from([on(month, 15) for month in range(1, 7)]))  # or a day that one falls due on


@settings(max_examples=150, deadline=None)
@given(happenings(), CONVENTIONS, LATE, st.one_of(st.just(0), st.integers(0, 40)))
def test_paying_what_cures_on_the_day_cures(events, convention, as_of, ahead):
    """Accruals until that day included; whatever the convention, and on a day to come as well."""
    day = as_of + ahead * DAY
    known = tuple(each for each in events if each.effective_on <= day)
    before = overdue_status(of_six(known), as_of=day, convention=convention)
    cured = of_six((*known, event("cure", "payment", day, amount=before.cures)))
    after = overdue_status(cured, as_of=day, convention=convention)
    assert 0 == after.days_past_due == after.delinquent_days
    assert (D(0) if before.cures else before.arrears.total) == after.arrears.total


@settings(max_examples=100, deadline=None)
@given(happenings(), CONVENTIONS, SOME_DAY, st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_stated_changes_nothing(events, convention, as_of, random):
    shuffled = list(events)
    random.shuffle(shuffled)
    one, other = of_six(events), of_six(tuple(shuffled))
    assert allocate(one, as_of=as_of, convention=convention) == allocate(other, as_of=as_of, convention=convention)
    assert overdue_status(one, as_of=as_of, convention=convention) == overdue_status(
        other, as_of=as_of, convention=convention
    )


LOWERS = ("payment", "recovery", "waiver", "re_age", "pause")


@settings(max_examples=150, deadline=None)
@given(happenings(), CONVENTIONS, SOME_DAY)
def test_days_never_fall_without_a_reason(events, convention, as_of):
    """A reason is money, a waiver, a re-age, or a pause, on that day; or arrears that were not what they seemed."""
    today = overdue_status(of_six(events), as_of=as_of, convention=convention)
    tomorrow = overdue_status(of_six(events), as_of=as_of + DAY, convention=convention)
    happened = {each.kind.value for each in events if each.effective_on == as_of + DAY}
    if not happened & set(LOWERS) and not any(e.until == as_of + DAY for e in events):
        assert tomorrow.days_past_due >= today.days_past_due


ACCRUAL = event("A", "accrual", on(1, 20), amount=D(1), component="penalties")
PAID_ONE = pay("1000", on(1, 15), "ONE")


@pytest.mark.parametrize("first_day", [0, 1])
@pytest.mark.parametrize(
    ("events", "changes", "expected"),
    [
        # 16 accrued before the 5th of February: from the 20th of January to the 4th.
        pytest.param(
            (PAID_ONE, event("W", "waiver", on(2, 5), amount=D(16))), IN_TURN, [15, 0, 1, 2, 3], id="waived in turn"
        ),
        pytest.param(
            (PAID_ONE, event("W", "waiver", on(2, 5), amount=D(16), of="A")), IN_TURN, [15, 0, 1, 2, 3], id="by name"
        ),
        pytest.param(
            (PAID_ONE, event("W", "waiver", on(2, 5), amount=D(16))), {}, [15, 0, 1, 2, 3], id="waived, pooled"
        ),
        # What is left of the money meets the next instalment, and not what accrues from the 5th on.
        pytest.param(
            (PAID_ONE, pay("50", on(2, 5), "P")), IN_TURN, [15, 0, 1, 2, 3], id="money does not wait for the next day's"
        ),
        pytest.param((PAID_ONE, event("R", "re_age", on(2, 5))), {}, [15, 0, 1, 2, 3], id="re-aged, pooled"),
        pytest.param((PAID_ONE, event("R", "re_age", on(2, 5))), IN_TURN, [15, 0, 1, 2, 3], id="re-aged, in turn"),
    ],
)
def test_what_accrues_after_something_happened_is_not_what_had_accrued(events, changes, expected, first_day):
    """Arrears from 4 to 8 February: what happens on the 5th ends with what had accrued by then."""
    convention = Convention(first_day=first_day, allocation=Allocation(**changes))
    loan = of_six((ACCRUAL, *events))
    found = [overdue_status(loan, as_of=on(2, day), convention=convention).arrears.total for day in range(4, 9)]
    assert expected == found


@pytest.mark.parametrize(
    ("first_day", "expected"),
    [
        # Paid are 2,020, 25 had accrued before 14 February, and on the 15th 995 were left for an instalment of 1,000.
        pytest.param(0, [(0, 0), (0, 0), (1, 7)], id="past due from the day after"),
        pytest.param(1, [(0, 0), (1, 6), (2, 7)], id="past due on the due day"),
    ],
)
def test_what_accrued_takes_held_money_before_what_falls_due_later(first_day, expected):
    convention = Convention(first_day=first_day, allocation=Allocation(money="in_turn", ahead="held"))
    loan = of_six((ACCRUAL, pay("2020", on(1, 20), "P")))
    found = [overdue_status(loan, as_of=on(2, day), convention=convention) for day in (14, 15, 16)]
    assert expected == [(each.days_past_due, each.arrears.total) for each in found]


@settings(max_examples=150, deadline=None)
@given(happenings(), CONVENTIONS, st.integers(0, 15), st.integers(0, 2), st.integers(1, 40))
def test_what_money_in_turn_met_stays_met(events, convention, place, later, more):
    """What falls due, accrues or happens later takes nothing back, but for what undoes or refunds the money."""
    convention = evolve(convention, allocation=evolve(convention.allocation, money="in_turn"))
    events = tuple(e for e in events if e.kind not in {"refund", "reversal", "chargeback"})
    days = [*(e.effective_on for e in events), *(on(month, 15) for month in range(1, 7))]
    as_of = days[place % len(days)] + later * DAY
    loan = of_six(events)

    def met_by(day):
        found = {}
        for part in allocate(loan, as_of=day, convention=convention).met:
            by = (part.event, part.instalment, part.charge, part.component)
            found[by] = found.get(by, D(0)) + part.amount
        return found

    then = met_by(as_of + more * DAY)
    assert all(amount <= then.get(by, D(0)) for by, amount in met_by(as_of).items())
