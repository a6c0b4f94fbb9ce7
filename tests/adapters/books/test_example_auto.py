"""The example book: the same everywhere, true to a real book's roll rates, with somebody on every path."""

import calendar
import datetime as dt
import hashlib
import json
from collections import Counter
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from dunning.adapters.books import roll
from dunning.adapters.books.csv_folder import CsvBook
from dunning.adapters.books.example_auto import AS_OF, example_auto, write_example_auto
from dunning.adapters.books.example_history import CLOSED, REAL_MOVES, Quotas
from dunning.adapters.codec.convert import unstructure
from dunning.adapters.codec.documents import json_text
from dunning.core.facts.event import EventKind
from dunning.core.overdue.convention import OLDEST_UNPAID
from dunning.core.overdue.status import overdue_status
from dunning.engine.receive import read_message
from dunning.errors import FactsError
from dunning.testing.books import LoanBookConformance

TWO_POINTS = Decimal(2)


class TestTheExampleBookKeepsThePromises(LoanBookConformance):
    """B1 to B7."""

    unstated = (("EX-001", "accelerated_on"),)

    @pytest.fixture
    def book(self, example):
        return example.book()


@pytest.fixture(scope="module")
def example():
    return example_auto()


@pytest.fixture(scope="module")
def month_ends():
    ends = []
    for back in range(33, 0, -1):
        year, month = divmod(AS_OF.year * 12 + AS_OF.month - 1 - back, 12)
        ends.append(dt.date(year, month + 1, calendar.monthrange(year, month + 1)[1]))
    return ends


@pytest.fixture(scope="module")
def paths(example, month_ends):
    """The book's own history, read from its facts the way any book is read."""
    return {
        loan.id: roll.path(loan, roll.owed_in(loan, month_ends), convention=OLDEST_UNPAID) for loan in example.loans
    }


def test_facts_say_what_the_simulation_meant(example, paths):
    """Aged from instalments and events, each loan is in the bucket that it was meant to be in, every month."""
    assert [] == [key for key, path in paths.items() if path != example.paths[key][: len(path)]]
    assert 5026 == sum(len(path) for path in paths.values())


# One-month roll rates of Ally Auto Receivables Trust 2019-3 (SEC Form ABS-EE), a paid-off month counting as current;
# tests/real computes them from the data where it is present.
REAL_RATES = [
    pytest.param("current", "1-30", "3.7", id="current to 1-30"),
    pytest.param("current", "current", "96.3", id="current stays"),
    pytest.param("1-30", "31-60", "13.3", id="1-30 to 31-60"),
    pytest.param("1-30", "current", "21.6", id="1-30 cured"),
    pytest.param("1-30", "1-30", "65.1", id="1-30 stays"),
    pytest.param("31-60", "61-90", "25.5", id="31-60 to 61-90"),
    pytest.param("31-60", "1-30", "9.3", id="31-60 to 1-30"),
    pytest.param("31-60", "current", "5.3", id="31-60 cured"),
    pytest.param("61-90", "90+", "20.4", id="61-90 to 90+"),
    pytest.param("61-90", "31-60", "7.1", id="61-90 to 31-60"),
    pytest.param("61-90", "current", "2.9", id="61-90 cured"),
    pytest.param("90+", "90+", "95.3", id="90+ stays"),
    pytest.param("90+", "61-90", "2.7", id="90+ to 61-90"),
    pytest.param("90+", "current", "1.5", id="90+ cured"),
]


@pytest.mark.parametrize(("start", "end", "real"), REAL_RATES)
def test_roll_rates_are_within_two_points_of_the_real_ones(paths, start, end, real):
    assert abs(roll.roll_rates(paths.values())[start, end] - Decimal(real)) <= TWO_POINTS


@pytest.mark.parametrize("start", roll.BUCKETS)
def test_the_real_moves_are_complete(start):
    """Each row of the table of real moves adds up to 100 %."""
    assert abs(100 - sum(REAL_MOVES[start].values())) <= 0.011


def test_quotas_hold_from_the_first_moves_on():
    """After any number of moves no count is more than one off its rate."""
    quotas, counts = Quotas(), Counter()
    for moves in range(1, 301):
        counts[quotas.next("1-30")] += 1
        for end, rate in REAL_MOVES["1-30"].items():
            assert abs(counts[end] - moves * rate / 100) <= 1.01, (moves, end)
    assert {"current": 60, "1-30": 195, "31-60": 40, CLOSED: 5} == dict(counts)


def test_it_is_the_same_on_every_machine(example):
    """Byte for byte, in every version of Python: a change of this digest is a change of the book."""
    facts = [*map(unstructure, example.loans), *map(unstructure, example.persons), *example.messages]
    text = "\n".join(json_text(fact) for fact in facts)
    assert (
        "ccb5e8ed8832f4483d0ec5ee0f0bc2e76d704e53ba734d61e1caadc3cbfd1d1d" == hashlib.sha256(text.encode()).hexdigest()
    )


def test_its_size(example):
    assert (320, 493) == (len(example.loans), len(example.persons))
    assert example.current_through == AS_OF == dt.date(2026, 3, 18)


@pytest.mark.parametrize(
    ("jurisdiction", "zone", "currency", "loans"),
    [
        pytest.param("US-MA", "America/New_York", "USD", 50, id="Massachusetts"),
        pytest.param("US-OH", "America/New_York", "USD", 40, id="Ohio"),
        pytest.param("US-GA", "America/New_York", "USD", 40, id="Georgia"),
        pytest.param("US-IL", "America/Chicago", "USD", 40, id="Illinois"),
        pytest.param("US-AZ", "America/Phoenix", "USD", 30, id="Arizona, without summer time"),
        pytest.param("US-CO", "America/Denver", "USD", 30, id="Colorado"),
        pytest.param("CN", "Asia/Shanghai", "CNY", 60, id="Shanghai"),
        pytest.param("CN", "Asia/Urumqi", "CNY", 30, id="Urumqi, two hours behind Beijing time"),
    ],
)
def test_places(example, jurisdiction, zone, currency, loans):
    assert loans == sum(
        (loan.jurisdiction, loan.business_zone, loan.currency) == (jurisdiction, zone, currency)
        for loan in example.loans
    )


HIDDEN = {EventKind.REFUND, EventKind.RE_AGE, EventKind.DEFERRAL, EventKind.ACCRUAL}


@pytest.mark.parametrize("kind", [kind for kind in EventKind if kind not in HIDDEN])
def test_every_kind_of_event_happens_to_somebody(example, kind):
    """Except a refund, a re-age, a deferral and an accrual, which would hide what the roll rates say."""
    assert any(event.kind is kind for loan in example.loans for event in loan.events)


@pytest.mark.parametrize(
    "role", ["borrower", "co_borrower", "guarantor", "dealer_guarantor", "representative", "contact_person"]
)
def test_every_role_is_played(example, role):
    parties = [party for loan in example.loans for party in loan.parties if party.role == role]
    assert parties
    assert {role in {"borrower", "co_borrower", "guarantor", "dealer_guarantor"}} == {p.liable for p in parties}
    assert {role != "contact_person"} == {p.may_know for p in parties}


def test_gaps_that_must_lead_to_refusals(example):
    """Unknown zone, unknown jurisdiction, no lawful basis, shared with somebody who may not know."""
    persons = {person.id: person for person in example.persons}
    may_not = {p.person_id for loan in example.loans for p in loan.parties if not p.may_know}
    assert 4 == sum(not person.zones for person in persons.values())
    assert 4 == sum(not person.residence for person in persons.values())
    assert ["B-023-M"] == [p.id for person in persons.values() for p in person.points if not p.lawful_basis]
    assert 7 == sum(
        bool(may_not & set(point.sharers))
        for person in persons.values()
        if person.id.startswith("B-")
        for point in person.points
    )
    assert any(point.workplace for person in persons.values() for point in person.points)
    assert any(len(person.zones) > 1 for person in persons.values())


def test_flags_stand_on_late_borrowers(example):
    flags = Counter(flag.name for person in example.persons for flag in person.flags)
    assert {"deceased": 1, "represented": 2, "military": 2, "vulnerable": 1, "bankrupt": 1} == dict(flags)
    late = {
        loan.parties[0].person_id for loan in example.loans if overdue_status(loan, as_of=example.current_through).late
    }
    assert {person.id for person in example.persons if person.flags} <= late


def test_some_borrowers_have_several_loans(example):
    loans_of = Counter(loan.parties[0].person_id for loan in example.loans)
    assert {1, 2, 3} == set(loans_of.values())


def test_nobody_is_real(example):
    """Numbers and addresses are reserved or assigned to nobody; names are roles with numbers."""
    for person in example.persons:
        assert person.name.rstrip("0123456789").rstrip() in {
            "Borrower", "Co-borrower", "Guarantor", "Dealer", "Representative of borrower", "Contact person",
            "借款人", "共同借款人", "保证人", "经销商", "代理人", "联系人",
        }  # fmt: skip
        for point in person.points:
            if point.kind in {"mobile", "phone"}:
                us = point.address.startswith("+1") and point.address[5:10] == "55501" and len(point.address) == 12
                cn = point.address.startswith("+861000000") and len(point.address) == 14
                assert us or cn, point
            elif point.kind == "email":
                assert point.address.endswith(("@example.com", "@example.org"))


def test_one_number_belongs_to_one_household(example):
    """A number that two people share is marked as shared on both sides."""
    by_number: dict[str, set[str]] = {}
    for person in example.persons:
        for point in person.points:
            if point.kind == "mobile":
                by_number.setdefault(point.address, set()).add(person.id)
    shared = {number: people for number, people in by_number.items() if len(people) > 1}
    assert 50 < len(shared)
    for person in example.persons:
        for point in person.points:
            if point.address in shared and point.kind == "mobile" and point.valid_until is None:
                assert shared[point.address] - {person.id} <= {*point.sharers, *_sharing(example, point)}, point


def _sharing(example, point):
    return {
        person.id
        for person in example.persons
        for other in person.points
        if other.address == point.address and point.owner in other.sharers
    }


def test_every_fact_says_when_it_was_recorded(example):
    """So that `known_at` works on every loan, and shows the reversal that came later than it took effect."""
    for loan in example.loans:
        overdue_status(loan, as_of=AS_OF, known_at=dt.datetime(2026, 3, 18, 23, tzinfo=dt.UTC))
    taken_back = next(
        loan for loan in example.loans if any(event.reason == "back_dated_by_the_bank" for event in loan.events)
    )
    eve = dt.datetime(2026, 3, 17, 23, tzinfo=dt.UTC)
    believed = overdue_status(taken_back, as_of=AS_OF, known_at=eve)
    known = overdue_status(taken_back, as_of=AS_OF)
    assert taken_back.instalments[0].amount == known.arrears.total - believed.arrears.total


def test_what_people_told(example):
    """Messages are plain JSON, about loans and persons of the book, each with an id of its own."""
    loans = {loan.id: loan for loan in example.loans}
    kinds = Counter(message["kind"] for message in example.messages)
    assert {"promise": 4, "hold": 2, "payment": 2, "outcome": 3} == dict(kinds)
    assert len(example.messages) == len({message["id"] for message in example.messages})
    for message in example.messages:
        assert message == json.loads(json.dumps(message))
        loan, read = loans[message["loan_id"]], read_message(message)
        assert loan.parties[0].person_id == message.get("person_id", loan.parties[0].person_id)
        local = read.at.astimezone(ZoneInfo(loan.business_zone))
        assert local.date() == AS_OF
        assert 9 <= local.hour <= 12  # nobody was called at night


@pytest.mark.parametrize(
    "as_of",
    [
        pytest.param(dt.date(2026, 3, 1), id="first day of a month"),
        pytest.param(dt.date(2026, 3, 31), id="last day of a month"),
        pytest.param(dt.date(2024, 2, 29), id="leap day"),
        pytest.param(dt.date(2027, 1, 1), id="first day of a year"),
    ],
)
def test_any_day_can_be_the_last(as_of):
    """The book moves with its date, and holds nothing that happened or became known later."""
    example = example_auto(as_of)
    assert (320, 11) == (len(example.loans), len(example.messages))
    events = [event for loan in example.loans for event in loan.events]
    assert max(event.effective_on for event in events) <= as_of
    assert max(event.recorded_at.date() for event in events) <= as_of


def test_the_folder_holds_the_same_book(example, tmp_path):
    """Written as CSV and read again it is equal, fact by fact, and nothing is rejected."""
    write_example_auto(tmp_path / "book")
    book = CsvBook(tmp_path / "book")
    assert () == book.problems
    assert {loan.id: loan for loan in example.loans} == dict(book.loans(book.ids()))
    assert {person.id: person for person in example.persons} == dict(book.persons(p.id for p in example.persons))
    lines = (tmp_path / "book" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    assert list(example.messages) == [json.loads(line) for line in lines]
    assert ["book"] == [path.name for path in tmp_path.iterdir()]


def test_a_folder_in_use_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FactsError, match="not empty"):
        write_example_auto(tmp_path)
    assert ["notes.txt"] == [path.name for path in tmp_path.iterdir()]
