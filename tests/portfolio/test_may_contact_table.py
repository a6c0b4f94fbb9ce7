"""A table is judged as its rows are, one by one; rows that cannot be judged are refused and say why."""

import datetime as dt
import subprocess
import sys
from zoneinfo import available_timezones

import pyarrow as pa
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.calendar import Calendar
from dunning.core.contact.effects import BarRule, CapRule, HoursRule
from dunning.core.contact.ledger import ContactRecord, cap_keys
from dunning.core.contact.permission import may_contact
from dunning.core.contact.request import Actor, ContactRequest
from dunning.core.contact.rule import Binding, ContactRule, RulePack, Source
from dunning.core.contact.rule_set import rule_set
from dunning.core.facts.person import Consent, Hours
from dunning.core.hold import Hold, Subject
from dunning.errors import FactsError, MissingExtraError
from dunning.portfolio.permission import may_contact_table

UTC = pa.timestamp("us", "UTC")
START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def rule(rule_id, effect, **changes):
    fields = {
        "jurisdiction": "US",
        "title": f"Rule {rule_id}",
        "source": Source(instrument="Act", article=rule_id, read_as="primary text", confidence="high"),
        "force": "prohibition",
    }
    return ContactRule(id=rule_id, effect=effect, **(fields | changes))


def hours(opens, closes, weekdays=range(7), **changes):
    windows = (
        Hours(weekdays=tuple(weekdays), opens=dt.time.fromisoformat(opens), closes=dt.time.fromisoformat(closes)),
    )
    return HoursRule(windows=windows, **changes)


RULES = rule_set(
    [
        RulePack(
            id="law",
            version="1",
            owner="o",
            covers=("US", "US-MA", "CN"),
            rules=(
                rule("us.day", hours("08:00", "21:00")),
                rule("us.agency", hours("09:00", "20:00"), binding=Binding(actors=("third_party",))),
                rule("ma.weekdays", hours("09:00", "19:00", range(5)), jurisdiction="US-MA"),
                rule("cn.day", hours("08:00", "22:00", holidays="closed", calendar="cn"), jurisdiction="CN"),
                rule("us.two", CapRule(counts="attempt", most=2, period="rolling_days", length=3), consent_lifts=True),
                rule("us.home", CapRule(counts="attempt", most=1, period="week", per="household"), channels=("visit",)),
                rule("us.work", BarRule(on="workplace")),
                rule("us.cease", BarRule(on="hold", names=("cease",))),
                rule("us.late", BarRule(on="third_party"), binding=Binding(days_past_due_from=30)),
            ),
        )
    ]
)
CALENDARS = {
    "cn": Calendar(
        name="cn",
        known_from=START.date() - DAY,
        known_until=START.date() + 50 * DAY,
        days=frozenset({START.date() + 9 * DAY}),
    )
}
LIKE = ContactRequest(
    person_id="nobody",
    loan_ids=("l",),
    purpose="collection",
    channel="call",
    jurisdictions=("US",),
    zones=("America/New_York",),
    at=START + dt.timedelta(hours=18),
)


def judged(columns, like=LIKE, **more):
    return may_contact_table(pa.table(columns), like, RULES, calendars=CALENDARS, **more).to_pylist()


def row(permitted, following, objecting="", reason=""):
    return {"permitted": permitted, "next_permitted": following, "objecting": objecting, "reason": reason}


# --- as may_contact --------------------------------------------------------------------------------------------------

moments = st.one_of(
    st.integers(0, 40 * 86_400 * 1000).map(lambda milli: START + dt.timedelta(milliseconds=milli)),
    # The hours at which something opens or closes, to the second.
    st.builds(
        lambda day, hour, second: START + dt.timedelta(days=day, hours=hour, seconds=second),
        st.integers(0, 40),
        st.integers(0, 24),
        st.integers(-1, 1),
    ),
)
zones = st.sampled_from(
    ["America/New_York", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Nowhere", None]
)
COLUMNS = {
    "person_id": st.sampled_from(["a", "b", "c", "d"]),
    "loan_ids": st.sampled_from([["l"], ["l", "m"], [], None]),
    "zones": st.one_of(zones.map(lambda zone: zone and [zone]), st.just(["America/New_York", "America/Denver"])),
    "jurisdictions": st.sampled_from(["US", "US-MA", "CN", "FR", None]),
    "channel": st.sampled_from(["call", "sms", "visit", "pigeon", None]),
    "purpose": st.sampled_from(["collection", "service"]),
    "actor": st.sampled_from(["creditor", "third_party", None]),
    "point_id": st.sampled_from(["pt", "", None]),
    "household": st.sampled_from(["h", "", None]),
    "lawful_basis": st.sampled_from(["contract", None]),
    "workplace": st.booleans(),
    "may_know": st.booleans(),
    "days_past_due": st.sampled_from([0, 29, 30, None]),
    "flags": st.sampled_from([[], ["deceased"], ["minor", "deceased"]]),
    "at": st.one_of(moments, moments, st.none(), moments.map(lambda at: at.replace(year=2035))),
}
TYPES = {
    "loan_ids": pa.list_(pa.string()),
    "zones": pa.list_(pa.string()),
    "flags": pa.list_(pa.string()),
    "workplace": pa.bool_(),
    "may_know": pa.bool_(),
    "days_past_due": pa.int32(),
    "at": UTC,
}
tables = st.sets(st.sampled_from(sorted(COLUMNS))).flatmap(
    lambda names: st.lists(
        st.fixed_dictionaries({name: COLUMNS[name] for name in sorted(names)}), min_size=1, max_size=12
    )
)
lines = st.lists(
    st.builds(
        lambda number, at, **fields: ContactRecord(
            id=f"c{number}", direction="out", purpose="collection", channel="call", at=at, recorded_at=at, **fields
        ),
        st.integers(0, 9),
        moments,
        person_id=st.sampled_from(["a", "b", "z"]),
        loan_ids=st.sampled_from([("l",), ("m",), ()]),
        household=st.sampled_from(["h", ""]),
    ),
    max_size=8,
)
PERSONS = {
    "a": evolve(
        LIKE,
        holds=(Hold(id="h", subject=Subject(kind="loan", loan_id="m"), reason="cease", starts_on=dt.date(2026, 3, 3)),),
        consents=(Consent(lifts="us.two", given_to="lender", given_at=START, evidence="e"),),
    ),
    "b": evolve(LIKE, at=START, inconvenient=(Hours(weekdays=(0, 2), opens=dt.time(9), closes=dt.time(15)),)),
}
NOT_NULL = ("channel", "purpose", "actor", "workplace", "may_know", "days_past_due", "flags", "at", "person_id")


def one_by_one(found, ledger, persons):
    """Return what `may_contact` says of a row, and whether it can be asked."""
    if any(found.get(name, "") is None for name in NOT_NULL):
        return (False, None, "dunning:row"), False
    whole = {"loan_ids": tuple, "zones": tuple, "flags": frozenset, "jurisdictions": lambda place: (place,)}
    empty = {"loan_ids": (), "zones": (), "jurisdictions": ()}
    like = persons.get(found.get("person_id", LIKE.person_id), LIKE)
    facts = {
        name: empty.get(name, "") if value is None else whole.get(name, lambda same: same)(value)
        for name, value in found.items()
    }
    if "actor" in facts:
        facts["actor"] = Actor(kind=facts["actor"])
    try:
        asked = evolve(like, **{"at": LIKE.at} | facts)
    except FactsError:
        return (False, None, "dunning:row"), False
    keys = set(
        cap_keys(person_id=asked.person_id, loan_ids=asked.loan_ids, point_id=asked.point_id, household=asked.household)
    )
    history = tuple(one for one in ledger if not keys.isdisjoint(one.keys))
    verdict = may_contact(evolve(asked, history=history), RULES, calendars=CALENDARS, horizon_days=20)
    ids = "; ".join(one.rule for one in verdict.objections)
    known = bool(asked.zones) and "Nowhere" not in asked.zones
    return (verdict.permitted, verdict.next_permitted, ids), known


@settings(max_examples=150, deadline=None)
@given(tables, lines, st.booleans(), st.booleans())
def test_a_table_is_judged_as_its_rows_are(rows, ledger, dictionaries, known):
    """Whatever its columns, with nulls and nonsense in them; with a ledger, and with persons of whom more is known."""
    persons = PERSONS if known else {}
    names = list(rows[0])
    columns = {name: pa.array([one[name] for one in rows], TYPES.get(name, pa.string())) for name in names}
    if dictionaries:
        columns = {
            name: column.dictionary_encode() if pa.types.is_string(column.type) else column
            for name, column in columns.items()
        }
    table = pa.table(columns) if columns else pa.table({"purpose": ["collection"] * len(rows)})
    book = None
    if ledger:
        book = pa.table(
            {
                name: pa.array(
                    [list(value) if isinstance(value := getattr(one, name), tuple) else value for one in ledger],
                    pa.list_(pa.string()) if name == "loan_ids" else UTC if name.endswith("at") else pa.string(),
                )
                for name in (
                    "id", "direction", "purpose", "channel", "at", "recorded_at", "person_id", "loan_ids", "household",
                )
            }
        )  # fmt: skip

    found = may_contact_table(
        table, LIKE, RULES, calendars=CALENDARS, horizon_days=20, ledger=book, persons=persons
    ).to_pylist()

    assert len(rows) == len(found)
    for asked, answer in zip(rows, found, strict=True):
        expected, sensible = one_by_one(asked, ledger, persons)
        assert expected == (answer["permitted"], answer["next_permitted"], answer["objecting"])
        assert sensible == (not answer["reason"])


ONCE = rule_set(
    [
        RulePack(
            id="law",
            version="1",
            owner="o",
            covers=("US",),
            rules=(
                rule("us.day", hours("08:00", "21:00")),
                rule(
                    "us.once",
                    CapRule(counts="attempt", most=1, period="rolling_days", length=7, per="person_and_debt"),
                    channels=("call",),
                ),
                rule("us.debt", CapRule(counts="attempt", most=1, period="week", per="debt"), channels=("sms",)),
            ),
        )
    ]
)


def book_of(person_id, loan_ids):
    """One call, an hour before."""
    kind = pa.list_(pa.string()) if isinstance(loan_ids, list) else pa.string()
    at = pa.array([LIKE.at - dt.timedelta(hours=1)], UTC)
    words = {"id": "c", "direction": "out", "purpose": "collection", "channel": "call", "person_id": person_id}
    return pa.table({name: [word] for name, word in words.items()} | {
        "loan_ids": pa.array([loan_ids], kind), "at": at, "recorded_at": at,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "called_about"),
    [
        pytest.param("l", "l", id="both state the loan"),
        pytest.param("", "l", id="an empty text in the row"),
        pytest.param([""], "l", id="a list of an empty text"),
        pytest.param(["m", None], "l", id="a list with a null in it"),
        pytest.param("l", "", id="an empty text on the ledger"),
        pytest.param("l", [""], id="a list of an empty text there"),
    ],
)
def test_a_loan_that_is_not_stated_may_be_any(asked, called_about):
    """An empty cell of a file is text to Arrow: it is no loan, of which nothing would be counted."""
    kind = pa.list_(pa.string()) if isinstance(asked, list) else pa.string()
    table = pa.table({"person_id": ["a"], "loan_ids": pa.array([asked], kind)})
    (found,) = may_contact_table(table, LIKE, ONCE, ledger=book_of("a", called_about)).to_pylist()

    assert "us.once" == found["objecting"]


def test_a_line_about_a_loan_and_an_empty_one_is_refused():
    """Nobody can tell which other loan it counts for."""
    with pytest.raises(FactsError, match="ledger, line 1: .*an empty name"):
        may_contact_table(pa.table({"person_id": ["a"]}), LIKE, ONCE, ledger=book_of("a", ["l", ""]))


def test_what_a_person_s_own_request_states_is_counted_by():
    """A contact with somebody else about the loan that only that request names."""
    like = evolve(LIKE, channel="sms", loan_ids=())
    persons = {"a": evolve(like, person_id="a", loan_ids=("l",))}
    (found,) = may_contact_table(
        pa.table({"person_id": ["a"]}), like, ONCE, ledger=book_of("b", "l"), persons=persons
    ).to_pylist()

    assert "us.debt" == found["objecting"]


@pytest.mark.parametrize(
    ("at", "following"),
    [
        pytest.param("2026-03-08T09:00:00-04:00", None, id="a day later it opens: the horizon is exclusive"),
        pytest.param("2026-03-08T09:00:00.000001-04:00", "2026-03-09T09:00:00-04:00", id="a moment less than a day"),
    ],
)
@pytest.mark.parametrize("alone", [False, True])
def test_the_horizon_of_each_row_is_its_own(at, following, alone):
    """On a Sunday, by a law of weekdays; whether the row is one of many instants or its instant that of all."""
    at = dt.datetime.fromisoformat(at)
    columns = {"jurisdictions": ["US-MA"]} if alone else {
        "jurisdictions": ["US-MA"] * 2, "at": pa.array([at, at + 30 * DAY], UTC)
    }  # fmt: skip
    found = judged(columns, evolve(LIKE, at=at), horizon_days=1)[0]

    assert following == (found["next_permitted"] and found["next_permitted"].astimezone(at.tzinfo).isoformat())


# --- rows that cannot be judged --------------------------------------------------------------------------------------

MISSING = "The tz database knows no time zone Nowhere. State a name such as Asia/Shanghai."


@pytest.mark.parametrize(
    ("column", "type_", "value", "objecting", "reason"),
    [
        pytest.param("zones", pa.string(), None, "dunning:zone", "No time zone is stated.", id="no zone"),
        pytest.param("zones", pa.list_(pa.string()), [], "dunning:zone", "No time zone is stated.", id="zones: none"),
        pytest.param("zones", pa.string(), "Nowhere", "dunning:zone", MISSING, id="an unknown zone"),
        pytest.param(
            "zones", pa.list_(pa.string()), ["Asia/Tokyo", "Nowhere"], "dunning:zone", MISSING, id="one of two"
        ),
        pytest.param(
            "person_id", pa.string(), None, "dunning:row", "person_id is null. State a person.", id="no person"
        ),
        pytest.param("channel", pa.string(), None, "dunning:row", "channel is null. State it.", id="no channel"),
        pytest.param(
            "channel", pa.string(), "pigeon", "dunning:row", "channel must be one of", id="a channel of nobody's"
        ),
        pytest.param(
            "workplace", pa.bool_(), None, "dunning:row", "workplace is null. State it.", id="not said whether"
        ),
        pytest.param(
            "days_past_due", pa.int64(), -1, "dunning:row", "days_past_due must be", id="a number that cannot be"
        ),
        pytest.param("at", UTC, None, "dunning:row", "at is null. State an instant.", id="no instant"),
    ],
)
def test_a_bad_row_is_refused_and_says_why(column, type_, value, objecting, reason):
    """And the good ones beside it are judged."""
    good = {
        "zones": "America/New_York",
        "person_id": "p",
        "channel": "call",
        "workplace": False,
        "days_past_due": 0,
        "at": LIKE.at,
    }[column]
    first = [good] if pa.types.is_list(type_) else good
    before, bad, after = judged({column: pa.array([first, value, first], type_)})

    assert row(True, LIKE.at) == before == after
    assert (bad["permitted"], bad["next_permitted"]) == (False, None)
    assert objecting in bad["objecting"].split("; ")
    assert reason in bad["reason"]


def test_times_without_a_zone_are_no_instants():
    """Whose clock they are of, nobody can know: every row is refused."""
    column = pa.array([dt.datetime(2026, 3, 4, 12)] * 2, pa.timestamp("us"))

    assert [False, False] == [one["permitted"] for one in judged({"at": column})]
    assert all("cast it to a timestamp with a time zone" in one["reason"] for one in judged({"at": column}))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_instants_of_any_unit(unit):
    """In any zone; the answer is in microseconds."""
    column = pa.array([LIKE.at, LIKE.at + dt.timedelta(hours=12)], pa.timestamp(unit, "Asia/Shanghai"))

    assert [row(True, LIKE.at), row(False, START + dt.timedelta(days=1, hours=13), "us.day")] == judged({"at": column})


@pytest.mark.parametrize(
    ("columns", "more", "says"),
    [
        pytest.param({"chanel": ["call"]}, {}, "a column 'chanel', at which no rule looks", id="a misspelt column"),
        pytest.param({"at": ["2026-03-04"]}, {}, "must hold timestamps", id="an instant that is text"),
        pytest.param({"purpose": ["service"]}, {"horizon_days": 0}, "at least 1, not 0", id="no horizon"),
        pytest.param(
            {"purpose": ["service"]},
            {"ledger": pa.table({"who": ["p"]})},
            "a column 'who'",
            id="a column of the ledger",
        ),
        pytest.param(
            {"purpose": ["service"]},
            {"ledger": pa.table({"id": ["1", "2"], "channel": ["call", "call"]})},
            "ledger, line 1: .*Correct it: a contact that is left out would permit others",
            id="a line of the ledger",
        ),
        pytest.param(
            {"purpose": ["service"]},
            {
                "ledger": pa.table(
                    {
                        "id": ["1"],
                        "direction": ["out"],
                        "purpose": ["collection"],
                        "channel": ["call"],
                        "person_id": ["p"],
                        "at": pa.array([dt.datetime(2026, 3, 4, 9)], UTC),
                        "recorded_at": pa.array([dt.datetime(2026, 3, 4, 8)], UTC),
                    }
                )
            },
            "ledger, line 1: at lies after recorded_at. Correct when it happened, or mark it as reserved",
            id="a line of the ledger dated after it was recorded",
        ),
    ],
)
def test_what_cannot_be_asked_at_all(columns, more, says):
    """A whole table, or a whole ledger, of which nothing could be trusted."""
    with pytest.raises(FactsError, match=says):
        judged(columns, **more)


def test_two_columns_of_one_name_are_refused():
    """One of them would be passed over."""
    table = pa.Table.from_arrays([pa.array(["call"]), pa.array(["sms"])], names=["channel", "channel"])

    with pytest.raises(FactsError, match="two columns of one name"):
        may_contact_table(table, LIKE, RULES)


@pytest.mark.parametrize("chunks", [0, 1, 3])
def test_columns_in_chunks(chunks):
    """Also dictionary columns, each chunk of which has its own dictionary; also none at all."""
    parts = [
        pa.array(["America/New_York", "Asia/Tokyo"][: 1 + number % 2]).dictionary_encode() for number in range(chunks)
    ]
    table = pa.table({"zones": pa.chunked_array(parts, pa.dictionary(pa.int32(), pa.string()))})
    answers = may_contact_table(table, LIKE, RULES)

    assert table.num_rows == answers.num_rows
    assert [zone == "America/New_York" for zone in table["zones"].to_pylist()] == answers["permitted"].to_pylist()


def test_many_kinds_share_wider_shelves():
    """Hours of hundreds of zones, years apart: the answers stay those of `may_contact`."""
    zones = sorted(zone for zone in available_timezones() if "/" in zone)[::3]
    ats = [START + dt.timedelta(days=3 * number, seconds=977 * number) for number in range(len(zones))]
    found = judged({"zones": zones, "at": pa.array(ats, UTC)}, horizon_days=9)

    for zone, at, answer in list(zip(zones, ats, found, strict=True))[::10]:
        verdict = may_contact(evolve(LIKE, zones=(zone,), at=at), RULES, calendars=CALENDARS, horizon_days=9)
        assert (verdict.permitted, verdict.next_permitted) == (answer["permitted"], answer["next_permitted"])


def test_without_pyarrow_one_is_told_what_to_install(monkeypatch):
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(MissingExtraError, match=r'pyarrow is not installed. Run: pip install "dunning\[arrow\]"'):
        may_contact_table(None, LIKE, RULES)


def test_the_libraries_come_with_their_first_use():
    """Whoever plans no table needs neither."""
    program = (
        "import sys; from dunning import may_contact_table, prepare; "
        "assert not {'numpy', 'pyarrow'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
