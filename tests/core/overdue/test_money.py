"""Which money counts on a day."""

import datetime as dt
from decimal import Decimal

import pytest

from dunning.core.facts.event import Event, EventKind
from dunning.core.overdue.money import effective, net, paid, returned_debits, stands, waiting

D = Decimal


def day(month, number):
    return dt.date(2026, month, number)


def event(id_, kind, on, amount=None, **changes):
    return Event(id=id_, kind=kind, effective_on=on, amount=None if amount is None else D(amount), **changes)


PAYMENT = event("P", "payment", day(1, 10), "1000")


def undo(id_="R", kind="reversal", on=day(1, 20), amount=None, of="P"):
    return event(id_, kind, on, amount, of=of)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([], "0", id="nothing"),
        pytest.param([PAYMENT], "1000", id="a payment"),
        pytest.param([event("A", "third_party_advance", day(1, 1), "5")], "5", id="a third party's advance"),
        pytest.param([event("A", "recovery", day(1, 1), "5")], "5", id="a recovery"),
        pytest.param([event("A", "pending_payment", day(1, 1), "5")], "0", id="pending money does not count"),
        pytest.param([event("A", "debit_presented", day(1, 1), "5")], "0", id="a presented debit does not count"),
        pytest.param([event("A", "suspense_received", day(1, 1), "5")], "0", id="suspense does not count"),
        pytest.param(
            [event("A", "suspense_received", day(1, 1), "5"), event("B", "payment", day(1, 2), "6", of="A")],
            "5",
            id="no more is paid of suspense than came",
        ),
        pytest.param(
            [event("A", "suspense_received", day(1, 1), "5"), event("B", "suspense_applied", day(1, 2), "3", of="A")],
            "3",
            id="suspense counts as far as it was applied",
        ),
        pytest.param([PAYMENT, undo()], "0", id="reversed"),
        pytest.param([PAYMENT, undo(kind="chargeback")], "0", id="charged back"),
        pytest.param([PAYMENT, undo(kind="debit_returned")], "0", id="returned"),
        pytest.param([PAYMENT, undo(amount="400")], "600", id="reversed in part"),
        pytest.param([PAYMENT, undo(amount="1400")], "0", id="reversed by more than it was"),
        pytest.param([PAYMENT, undo(amount="400"), undo("R2", amount="600")], "0", id="reversed in two parts"),
        pytest.param([PAYMENT, undo(), undo("R2", of="R")], "1000", id="the reversal was reversed"),
        pytest.param(
            [PAYMENT, undo(), undo("R2", of="R"), undo("R3", of="R2")], "0", id="and that reversal was reversed too"
        ),
        pytest.param(
            [PAYMENT, undo(amount="400"), undo("R2", of="R", amount="100")], "700", id="a reversal reversed in part"
        ),
        pytest.param([PAYMENT, event("F", "refund", day(1, 11), "300")], "700", id="a refund"),
        pytest.param([PAYMENT, event("F", "refund", day(1, 11), "1300")], "0", id="never below nothing"),
        pytest.param(
            [PAYMENT, event("F", "refund", day(1, 11), "300"), undo(of="F")], "1000", id="a refund that came back"
        ),
        pytest.param([event("W", "waiver", day(1, 1), "100")], "0", id="a waiver is no money"),
    ],
)
def test_paid(events, expected):
    """Order does not matter."""
    assert D(expected) == paid(events) == paid(events[::-1])


@pytest.mark.parametrize(
    ("came_by", "expected"),
    [
        pytest.param(day(1, 9), "0", id="the day before it came"),
        pytest.param(day(1, 10), "1000", id="the day it came"),
        pytest.param(day(1, 11), "1250", id="a day later"),
    ],
)
def test_money_that_came_by_a_date(came_by, expected):
    assert D(expected) == paid([PAYMENT, event("Q", "payment", day(1, 11), "250")], came_by=came_by)


def test_money_that_came_in_time_and_bounced_later_did_not_come():
    assert D(0) == paid([PAYMENT, undo(on=day(3, 1))], came_by=day(1, 10))


def test_effective_is_inclusive():
    assert [[], [PAYMENT]] == [effective([PAYMENT], day(1, 9)), effective([PAYMENT], day(1, 10))]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(event("T", "pause", day(1, 5)), id="a pause"),
        pytest.param(event("T", "re_age", day(1, 5)), id="a re-age"),
        pytest.param(event("T", "extension", day(1, 5), instalment=1, months=1), id="an extension"),
        pytest.param(event("T", "write_off", day(1, 5), "500"), id="a write-off"),
    ],
)
def test_a_change_of_terms_can_be_taken_back(changed):
    """From the day of the reversal on it never was; and taking back the reversal brings it back."""
    taken_back = undo(of="T", on=day(2, 1))
    again = undo("R2", of="R", on=day(2, 5))
    events = [changed, taken_back, again]

    assert [changed] == effective(events, day(1, 31))
    assert [taken_back] == effective(events, day(2, 1))
    assert events == effective(events, day(2, 5))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([PAYMENT], True, id="untouched"),
        pytest.param([PAYMENT, undo(amount="999.99")], True, id="a cent is left"),
        pytest.param([PAYMENT, undo(amount="1000")], False, id="nothing is left"),
        pytest.param([PAYMENT, undo()], False, id="undone as a whole"),
        pytest.param([PAYMENT, undo(kind="waiver", of="", amount="1")], True, id="something else happened"),
    ],
)
def test_stands(events, expected):
    assert expected is stands(PAYMENT, events)
    assert expected is (net(PAYMENT, events) > 0)


PENDING = event("X", "pending_payment", day(1, 10), "500")


@pytest.mark.parametrize(
    ("events", "as_of", "expected"),
    [
        pytest.param([PENDING], day(1, 10), ["500"], id="it waits"),
        pytest.param([PENDING], day(1, 16), ["500"], id="on the last day of seven"),
        pytest.param([PENDING], day(1, 17), [], id="after seven days it waits no more"),
        pytest.param(
            [event("X", "pending_payment", day(1, 10), "500", until=day(1, 12))],
            day(1, 11),
            ["500"],
            id="the day before its own expiry",
        ),
        pytest.param(
            [event("X", "pending_payment", day(1, 10), "500", until=day(1, 12))], day(1, 12), [], id="its own expiry"
        ),
        pytest.param(
            [PENDING, event("P", "payment", day(1, 11), "500", of="X")], day(1, 12), [], id="the payment came"
        ),
        pytest.param(
            [PENDING, event("P", "payment", day(1, 11), "200", of="X")], day(1, 12), ["300"], id="part of it came"
        ),
        pytest.param([PENDING, undo(of="X", kind="debit_returned")], day(1, 12), [], id="it was returned"),
        pytest.param(
            [event("S", "suspense_received", day(1, 10), "9"), event("T", "suspense_applied", day(1, 11), "9", of="S")],
            day(1, 12),
            [],
            id="suspense was applied",
        ),
        pytest.param(
            [
                event("S", "suspense_received", day(1, 10), "9"),
                event("T", "suspense_applied", day(1, 11), "9", of="S"),
                undo(on=day(1, 12), amount="4", of="T"),
            ],
            day(1, 12),
            ["4"],
            id="what was applied and taken back is in suspense again",
        ),
        pytest.param(
            [
                event("S", "suspense_received", day(1, 10), "9"),
                event("T", "suspense_applied", day(1, 11), "9", of="S"),
                undo("C", "chargeback", day(1, 12), of="T"),
            ],
            day(1, 12),
            [],
            id="what was applied and charged back went back",
        ),
        pytest.param([PAYMENT], day(1, 12), [], id="money that came waits for nothing"),
    ],
)
def test_waiting(events, as_of, expected):
    assert [D(e) for e in expected] == [left for _, left in waiting(events, as_of, default_days=7)]


def test_without_an_expiry_it_waits_for_ever():
    assert [(PENDING, D(500))] == waiting([PENDING], day(12, 31))


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        pytest.param(None, 2, id="ever"),
        pytest.param(day(2, 1), 2, id="since the day of the first"),
        pytest.param(day(2, 2), 1, id="since the day after the first"),
        pytest.param(day(3, 2), 0, id="since the day after the last"),
    ],
)
def test_returned_debits(since, expected):
    """One that was itself reversed is none."""
    events = [
        event("D", "debit_presented", day(1, 31), "1"),
        *(undo(f"B{month}", kind="debit_returned", on=day(month, 1), of="D") for month in (2, 3)),
        undo("wrong", kind="debit_returned", on=day(3, 1), of="D"),
        undo("corrected", on=day(3, 5), of="wrong"),
    ]

    assert expected == returned_debits(events, since=since)


def test_every_kind_of_money_has_a_side():
    """A new kind must say whether it meets obligations, undoes, waits, or changes terms."""
    from dunning.core.overdue import money

    sides = [money.MEETS, money.UNDOES, money._WAITS, money._CHANGES_TERMS]
    known = frozenset().union(*sides)
    assert len(known) == sum(len(side) for side in sides)
    assert {EventKind.REFUND, EventKind.WAIVER, EventKind.CHARGE} == set(EventKind) - known


def debit(**changes):
    stated = {"id": "D", "kind": "debit_presented", "effective_on": dt.date(2026, 3, 1), "amount": Decimal(1000)}
    return Event(**stated | changes)


def of_it(id_, kind, day, amount=None):
    on = dt.date(2026, 3, day)
    return Event(id=id_, kind=kind, effective_on=on, of="D", amount=None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([of_it("P", "payment", 3, 1000)], "1000", id="it came through"),
        pytest.param([of_it("P", "payment", 3, 1000), of_it("R", "debit_returned", 5)], "0", id="and came back"),
        pytest.param([of_it("P", "payment", 3, 1000), of_it("R", "debit_returned", 3)], "0", id="on the same day"),
        pytest.param(
            [of_it("P", "payment", 3, 1000), of_it("R", "debit_returned", 5, 300)], "700", id="a part of it came back"
        ),
        pytest.param(
            [of_it("P", "payment", 3, 400), of_it("R", "debit_returned", 5, 600)],
            "400",
            id="what had not come came back",
        ),
        pytest.param(
            [of_it("P", "payment", 3, 600), of_it("Q", "payment", 4, 400), of_it("R", "debit_returned", 5, 300)],
            "700",
            id="of two payments",
        ),
        pytest.param(
            [of_it("R", "debit_returned", 3), of_it("P", "payment", 4, 1000)], "1000", id="paid again on a later day"
        ),
        pytest.param([of_it("P", "payment", 3, 1000), of_it("R", "chargeback", 5)], "0", id="charged back"),
    ],
)
def test_a_returned_debit_takes_its_payment_with_it(events, expected):
    """The payment was the presentation's own money, in whatever order the two are stated."""
    assert Decimal(expected) == paid([debit(), *events]) == paid([*reversed(events), debit()])
    assert [] == waiting([debit(), *events], dt.date(2026, 3, 9))


def test_a_return_that_was_itself_reversed_takes_nothing():
    """The bank corrected itself."""
    back = Event(id="X", kind="reversal", effective_on=dt.date(2026, 3, 6), of="R")
    events = [debit(), of_it("P", "payment", 3, 1000), of_it("R", "debit_returned", 5), back]
    assert Decimal(1000) == paid(events)


@pytest.mark.parametrize(
    ("undoing", "expected"),
    [
        pytest.param([undo(on=day(1, 21), amount="400", of="C")], "400", id="in part"),
        pytest.param([undo(on=day(1, 21), of="C")], "1000", id="wholly"),
        pytest.param([undo(on=day(1, 21), amount="1000", of="C")], "1000", id="all of it by amount"),
        pytest.param([undo(on=day(1, 21), of="C"), undo("S", on=day(1, 22), of="R")], "0", id="and back again"),
        pytest.param(
            [undo(on=day(1, 21), amount="400", of="C"), undo("S", on=day(1, 22), amount="100", of="R")],
            "300",
            id="and in part back again",
        ),
    ],
)
def test_what_undoes_the_whole_may_itself_be_undone_in_part(undoing, expected):
    """1,000 charged back without an amount, of which something was won back."""
    assert D(expected) == net(PAYMENT, [PAYMENT, undo("C", "chargeback"), *undoing])
