"""Nouns to plain JSON and back: lossless, strict, and one report for everything that is wrong."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, StrEnum

import pytest
from attrs import field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.adapters.codec.convert import register_union, structure, unstructure
from dunning.adapters.codec.documents import json_text, read_json_text
from dunning.core.contact.ledger import ContactRecord
from dunning.core.facts.event import COMPONENTS, Event, EventKind
from dunning.core.facts.loan import Attribute, Collateral, Instalment, Loan, Party
from dunning.core.facts.person import Consent, ContactPoint, Flag, Hours, Person
from dunning.core.hold import CHANNELS, PURPOSES, Hold, Subject
from dunning.errors import StructureError


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Number(Enum):
    ONE = 1


@frozen(kw_only=True)
class Square:
    side: Decimal


@frozen(kw_only=True)
class Circle:
    radius: Decimal


Shape = Square | Circle

register_union(Shape, {"square": Square, "circle": Circle})


@frozen(kw_only=True)
class Everything:
    text: str = ""
    number: int = 0
    yes: bool = False
    amount: Decimal = Decimal(0)
    day: dt.date = dt.date(2026, 1, 1)
    at: dt.datetime = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    hour: dt.time = dt.time(8)
    colour: Colour = Colour.RED
    one: Number = Number.ONE
    names: tuple[str, ...] = ()
    pair: tuple[str, int] = ("a", 1)
    some: frozenset[str] = frozenset()
    table: Mapping[str, Decimal] = field(factory=dict)
    maybe: dt.date | None = None
    shape: Shape = Square(side=Decimal(1))
    shapes: tuple[Shape, ...] = ()


FULL = Everything(
    text="报价",
    number=7,
    yes=True,
    amount=Decimal("1.10"),
    at=dt.datetime(2026, 3, 18, 17, 30, 0, 5, tzinfo=dt.timezone(dt.timedelta(hours=8))),
    colour=Colour.GREEN,
    names=("b", "a"),
    some=frozenset({"z", "a"}),
    table={"x": Decimal("0.00")},
    maybe=dt.date(2026, 2, 1),
    shape=Circle(radius=Decimal(2)),
    shapes=(Square(side=Decimal(3)), Circle(radius=Decimal(4))),
)


def test_what_is_written():
    """Each kind of value has one spelling, and nothing is left out."""
    assert {
        "text": "报价",
        "number": 7,
        "yes": True,
        "amount": "1.10",
        "day": "2026-01-01",
        "at": "2026-03-18T09:30:00.000005Z",
        "hour": "08:00:00",
        "colour": "green",
        "one": 1,
        "names": ["b", "a"],
        "pair": ["a", 1],
        "some": ["a", "z"],
        "table": {"x": "0.00"},
        "maybe": "2026-02-01",
        "shape": {"kind": "circle", "radius": "2"},
        "shapes": [{"kind": "square", "side": "3"}, {"kind": "circle", "radius": "4"}],
    } == unstructure(FULL)


def test_what_is_written_is_read():
    assert FULL == structure(read_json_text(json_text(unstructure(FULL)), "x"), Everything)
    assert "1.10" == str(structure(unstructure(FULL), Everything).amount)


@pytest.mark.parametrize(
    ("wrong", "path", "said"),
    [
        pytest.param({"text": 1}, "text", "expected text, got 1", id="a number for text"),
        pytest.param({"text": None}, "text", "expected text, got nothing", id="null for text"),
        pytest.param({"number": "1"}, "number", "expected a whole number, got '1'", id="text for a number"),
        pytest.param({"number": True}, "number", "expected a whole number, got true", id="true for a number"),
        pytest.param(
            {"number": Decimal("1.0")}, "number", "expected a whole number", id="a fraction for a whole number"
        ),
        pytest.param({"yes": 1}, "yes", "expected true or false, got 1", id="one for true"),
        pytest.param({"amount": 1.1}, "amount", "exact number", id="a float for money"),
        pytest.param({"amount": float("nan")}, "amount", "exact number", id="not a number"),
        pytest.param({"amount": Decimal("NaN")}, "amount", "exact number", id="a decimal that is no number"),
        pytest.param({"amount": Decimal("Infinity")}, "amount", "exact number", id="infinity"),
        pytest.param({"amount": True}, "amount", "exact number", id="true for money"),
        pytest.param({"amount": "1,10"}, "amount", "1234.50", id="a decimal comma"),
        pytest.param({"day": "2026-02-30"}, "day", "in no calendar", id="a day that does not exist"),
        pytest.param({"day": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "day", "YYYY-MM-DD", id="an instant for a day"),
        pytest.param({"at": "2026-01-01T08:00:00"}, "at", "with its offset", id="a naive instant"),
        pytest.param({"at": dt.datetime(2026, 1, 1)}, "at", "with its offset", id="a naive instant of TOML"),
        pytest.param({"hour": "25:00"}, "hour", "HH:MM", id="an hour that does not exist"),
        pytest.param({"colour": "gren"}, "colour", "Did you mean 'green'?", id="a misspelt word"),
        pytest.param({"one": True}, "one", "expected one of 1", id="true for a number of an enum"),
        pytest.param({"names": "ab"}, "names", "expected a list, got 'ab'", id="text is no list of letters"),
        pytest.param({"names": {"a": 1}}, "names", "expected a list, got a table", id="a table is no list of its keys"),
        pytest.param({"names": ["a", 2]}, "names[1]", "expected text, got 2", id="a member"),
        pytest.param({"pair": ["a"]}, "pair", "a list of 2 values, got 1", id="a pair of one"),
        pytest.param({"table": {"x": 0.5}}, "table.x", "exact number", id="a value of a table"),
        pytest.param({"shape": {"side": "1"}}, "shape", "expected 'kind' to be one of square, circle", id="no tag"),
        pytest.param(
            {"shape": {"kind": "circle", "radius": "1", "side": "1"}},
            "shape.side",
            "has no field",
            id="another member's field",
        ),
        pytest.param({"shapes": [{"kind": "square"}]}, "shapes[0].side", "missing", id="a missing field, deep inside"),
        pytest.param({"colr": "red"}, "colr", "Did you mean 'colour'?", id="a key that the noun does not have"),
    ],
)
def test_what_is_refused(wrong, path, said):
    """The message names file, line and field, and says what was expected."""
    with pytest.raises(StructureError) as caught:
        structure(wrong, Everything, "facts.jsonl, line 3")
    assert [(path, "facts.jsonl, line 3")] == [(problem.field, problem.where) for problem in caught.value.problems[:1]]
    assert said in str(caught.value)


@pytest.mark.parametrize("value", [None, 3, "x", [], [{}]], ids=["null", "number", "text", "list", "list of objects"])
def test_a_noun_is_an_object(value):
    with pytest.raises(StructureError, match="expected an object with the fields of Everything"):
        structure(value, Everything)


def test_one_report_for_everything():
    """Wrong types, refusals of the nouns themselves and unknown keys, at every depth, in one go."""
    with pytest.raises(StructureError) as caught:
        structure(
            {
                "id": "L-1",
                "creditor": "",
                "currency": "yuan",
                "jurisdiction": "CN",
                "business_zone": "Asia/Peking",
                "instalments": [
                    {"number": 1, "due_on": "2026-13-01", "principal": "-5"},
                    {"number": "2", "due_on": "2026-02-01", "intrest": "1"},
                ],
                "events": [{"id": "e", "kind": "payment", "effective_on": "2026-01-01"}],
            },
            Loan,
            "loans.jsonl, line 9",
        )
    assert {
        "creditor",
        "currency",
        "business_zone",
        "instalments[0].due_on",
        "instalments[0].principal",
        "instalments[1].number",
        "instalments[1].intrest",
        "events[0].amount",
    } == {problem.field for problem in caught.value.problems}


def test_toml_values_are_taken():
    """TOML has dates and times of its own."""
    value = structure(
        {"day": dt.date(2026, 5, 1), "hour": dt.time(9), "at": dt.datetime(2026, 5, 1, tzinfo=dt.UTC)}, Everything
    )
    assert (dt.date(2026, 5, 1), dt.time(9)) == (value.day, value.hour)


def test_a_number_that_is_none_is_not_written():
    with pytest.raises(ValueError, match="no amount"):
        unstructure(Square(side=Decimal("NaN")))


MONEY = st.decimals(min_value=0, max_value=10**9, places=2)
DAYS = st.dates()
INSTANTS = st.datetimes(
    min_value=dt.datetime(2000, 1, 1),
    max_value=dt.datetime(2100, 1, 1),
    timezones=st.integers(-12, 14).map(lambda hours: dt.timezone(dt.timedelta(hours=hours))),
)
IDS = st.text(alphabet="abcXYZ0123-", min_size=1, max_size=8)
TEXTS = st.text(max_size=12)


def events():
    payment = st.builds(
        Event,
        id=IDS,
        kind=st.just(EventKind.PAYMENT),
        effective_on=DAYS,
        recorded_at=st.none() | INSTANTS,
        amount=MONEY,
    )
    charge = st.builds(
        Event,
        id=IDS,
        kind=st.just(EventKind.CHARGE),
        effective_on=DAYS,
        amount=MONEY,
        component=st.sampled_from(COMPONENTS),
        reason=TEXTS,
    )
    return st.lists(payment | charge, max_size=4, unique_by=lambda event: event.id).map(tuple)


LOANS = st.builds(
    Loan,
    id=IDS,
    creditor=IDS,
    currency=st.just("CNY"),
    jurisdiction=st.sampled_from(["CN", "US-MA"]),
    business_zone=st.just("Asia/Shanghai"),
    instalments=st.lists(
        st.builds(
            Instalment, number=st.integers(0, 99), due_on=DAYS, principal=MONEY, recorded_at=st.none() | INSTANTS
        ),
        max_size=3,
        unique_by=lambda instalment: instalment.number,
    ).map(tuple),
    events=events(),
    parties=st.lists(
        st.builds(Party, person_id=IDS, role=st.just("borrower"), liable=st.booleans(), may_know=st.booleans()),
        max_size=2,
    ).map(tuple),
    attributes=st.lists(st.builds(Attribute, name=IDS, value=TEXTS, effective_on=DAYS), max_size=2).map(tuple),
    collateral=st.lists(st.builds(Collateral, id=IDS, description=TEXTS), max_size=1).map(tuple),
    balance=st.none() | MONEY,
)
CONSENTS = st.builds(Consent, lifts=IDS, given_to=IDS, given_at=INSTANTS, evidence=IDS)
PERSONS = st.builds(
    Person,
    id=IDS,
    name=TEXTS,
    zones=st.sampled_from([(), ("Asia/Shanghai", "Asia/Urumqi")]),
    preferred_hours=st.just((Hours(weekdays=(0, 6), opens=dt.time(8), closes=dt.time(9, 30)),)),
    flags=st.lists(st.builds(Flag, name=st.just("military"), since=DAYS), max_size=2).map(tuple),
    points=st.lists(
        st.builds(
            ContactPoint,
            id=IDS,
            kind=st.just("email"),
            address=IDS,
            owner=IDS,
            consents=st.lists(CONSENTS, max_size=1).map(tuple),
            recorded_at=st.none() | INSTANTS,
        ),
        max_size=2,
        unique_by=lambda point: point.id,
    ).map(tuple),
)
HOLDS = st.builds(
    Hold, id=IDS, subject=st.builds(Subject, kind=st.just("loan"), loan_id=IDS), reason=IDS, starts_on=DAYS
)
RECORDS = st.builds(
    ContactRecord,
    id=IDS,
    direction=st.just("out"),
    purpose=st.sampled_from(PURPOSES),
    channel=st.sampled_from(CHANNELS),
    person_id=IDS,
    at=INSTANTS,
    outcome=st.none() | st.just("connected"),
    recorded_at=INSTANTS,
)


@settings(max_examples=80, deadline=None)
@given(st.one_of(LOANS, PERSONS, HOLDS, RECORDS))
def test_nothing_is_lost(noun):
    """Every noun survives the way through JSON text, and the same noun is always the same text."""
    text = json_text(unstructure(noun))
    again = structure(read_json_text(text, "x"), type(noun))
    assert noun == again
    assert text == json_text(unstructure(again))


def test_the_codec_is_quick_to_import():
    """cattrs comes with the first conversion, not with the import; pendulum not at all."""
    code = (
        "import sys, dunning.adapters.codec.convert, dunning.adapters.codec.documents, dunning.adapters.books.csv_folder;"
        "assert not {'cattrs', 'pendulum', 'sqlalchemy', 'numpy', 'tomllib'} & set(sys.modules), sys.modules;"
        "print('quick')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "quick\n" == done.stdout, done.stderr


def test_json_is_what_it_says():
    """The text is plain JSON, which any other reader takes."""
    assert json.loads(json_text(unstructure(FULL))) == unstructure(FULL)
