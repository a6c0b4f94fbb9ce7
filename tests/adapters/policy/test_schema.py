"""The JSON Schema accepts what the reader accepts, and refuses what it refuses inside a table."""

import datetime as dt
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from dunning.adapters.codec.policy import policy_tables
from dunning.adapters.codec.schema import schema
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.adapters.policy.tables import FREE_TABLES, TABLES

SCHEMA = schema()


def plain(value):
    """TOML values as JSON Schema sees them."""
    match value:
        case dict():
            return {key: plain(member) for key, member in value.items()}
        case list():
            return [plain(member) for member in value]
        case Decimal():
            return float(value)
        case dt.date():
            return value.isoformat()
    return value


def errors(text):
    """Return the paths that *text* breaks the schema at."""
    found = Draft202012Validator(SCHEMA).iter_errors(plain(policy_tables(text, file="p")))
    return [".".join(map(str, error.absolute_path)) for error in found]


def test_it_is_a_schema():
    """Of the draft that it names."""
    Draft202012Validator.check_schema(SCHEMA)


def test_the_shipped_policy_is_valid(small):
    """Signed and unsigned, and the small one of these tests."""
    text = shipped("auto")
    assert errors(text) == []
    assert errors(sign(text, business="a", legal="b", on=dt.date(2026, 1, 1))) == []
    assert errors(small) == []


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        pytest.param("probation = 90", 'probation = "90"', "ladder.probation", id="text for a number"),
        pytest.param("probation = 90", "probations = 90", "ladder", id="an unknown key"),
        pytest.param("[promises]", "[promise]", "", id="an unknown table"),
        pytest.param('goal = "right_party"', 'goal = "x"', "tiers.soft.steps.soft_call.goal", id="an unknown word"),
        pytest.param('channels = ["call"]', 'channels = ["fax"]', "tiers.soft.steps.soft_call.channels.0", id="a channel"),
        pytest.param("{ stay = 2 }", "{ stays = 2 }", "tiers.soft.steps.soft_call.trigger", id="an unknown trigger"),
        pytest.param("{ stay = 2 }", "{ stay = -2 }", "tiers.soft.steps.soft_call.trigger", id="a trigger too early"),
        pytest.param("{ delinquent_days = 1 }", "{ late = 1 }", "tiers.reminder.entry.0", id="an unknown measure"),
        pytest.param("entry = [{ delinquent_days = 1 }]", "entry = [{}]", "tiers.reminder.entry.0", id="no bounds"),
        pytest.param('tiers = ["reminder", "soft"]', "tiers = []", "shared.promise_broken.tiers", id="shared by none"),
        pytest.param("[house.hours.visit]\n", '[house.hours.visit]\nadjusted_as = "monday"\n', "house.hours.visit.adjusted_as", id="a weekday"),
        pytest.param("[house.hours.visit]", "[house.hours.fax]", "house.hours", id="hours of no channel"),
        pytest.param("rows = [{ label", "rows = [{ lable", "labels.0.rows.0", id="a key inside a row"),
        pytest.param("expires_after = 5", "expires_after = 5.5", "approvals.visit.expires_after", id="half a day"),
        pytest.param('why = "a choice"\n\n[house.hours.call]', "[house.hours.call]", "house.hours.sms", id="no reason"),
    ],
)  # fmt: skip
def test_a_wrong_policy_is_not(edit, old, new, path):
    """The editor marks the place that the reader would name."""
    assert path in errors(edit(old, new))


def test_a_window_is_marked(small):
    """Windows have one spelling."""
    text = small.replace('windows = ["mon-sun 09:00-18:00"]', 'windows = ["monday 9 to 6"]')
    assert errors(text) == ["house.hours.visit.windows.0"]


def test_every_table_is_in_it():
    """By its path, with its sentence for the editor to show."""
    for table in (*TABLES, *FREE_TABLES):
        here = SCHEMA
        for part in table.path.split("."):
            if part == "*":
                here = here["additionalProperties"]
            elif part.endswith("[]"):
                here = here["properties"][part.removesuffix("[]")]["items"]
            else:
                here = here["properties"][part]
        assert here["description"] == table.says
