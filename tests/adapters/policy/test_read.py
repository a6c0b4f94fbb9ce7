"""A policy is read whole, or refused with everything that is wrong, each with file, table and key."""

import datetime as dt
from decimal import Decimal

import pytest

from dunning.adapters.policy.read import read_policy, read_policy_file
from dunning.core.ladder.tier import Bound, Condition
from dunning.core.steps.step import Trigger
from dunning.errors import FactsError, PolicyError


def refused(text):
    """Return the problems with *text* as (where, key, what they say)."""
    with pytest.raises(PolicyError) as caught:
        read_policy(text, file="p.toml")
    return [(problem.where, problem.field, problem.what) for problem in caught.value.problems]


def test_the_parts_are_what_the_core_takes(small):
    """Ladder, steps, convention and house rules are nouns of the core."""
    policy = read_policy(small)
    assert [tier.name for tier in policy.ladder.tiers] == ["current", "reminder", "soft"]
    assert policy.ladder.probation == 90
    assert policy.ladder.tier("soft").entry == (
        Condition(bounds=(Bound(measure="delinquent_days", at_least=Decimal(11)),)),
        Condition(
            bounds=(
                Bound(measure="delinquent_days", at_least=Decimal(6)),
                Bound(measure="broken_promises", at_least=Decimal(1)),
            )
        ),
    )
    assert policy.convention.name == "oldest_unpaid"
    assert policy.labels[0].label(5) == "M1+"
    assert policy.effective_from == dt.date(2026, 1, 1)
    assert policy.effective_to is None
    assert policy.step("soft_letter").trigger == Trigger(on="exhausted", event="soft_call")
    assert [step.name for step in policy.steps_of(track="visit")] == ["visit_card"]
    assert policy.evidence == {"two_visitors", "identity_shown", "recording"}


def test_a_shared_step_stands_in_each_of_its_tiers(small):
    """Its name says where; a fallback between shared steps stays inside a tier."""
    more = '[shared.again]\ntiers = ["soft"]\ntrigger = { exhausted = "promise_broken" }\nchannels = ["sms"]\ntemplate = "x"\n'
    policy = read_policy(small + more)
    assert [(step.name, step.tier) for step in policy.steps if step.name.startswith("promise_broken")] == [
        ("promise_broken@reminder", "reminder"),
        ("promise_broken@soft", "soft"),
    ]
    assert policy.step("again@soft").trigger.event == "promise_broken@soft"


@pytest.mark.parametrize(
    ("written", "trigger"),
    [
        pytest.param("{ past_due = 4 }", Trigger(on="past_due", days=4), id="days past due"),
        pytest.param("{ before_due = 0 }", Trigger(on="before_due"), id="on the due date"),
        pytest.param("{ promise = -1 }", Trigger(on="promise", days=-1), id="the day before a promise"),
        pytest.param('{ event = "cured", days = 2 }', Trigger(on="event", event="cured", days=2), id="after an event"),
        pytest.param('{ exhausted = "soft_letter" }', Trigger(on="exhausted", event="soft_letter"), id="a fallback"),
    ],
)
def test_triggers(edit, written, trigger):
    """Each trigger has one short spelling."""
    assert read_policy(edit("trigger = { stay = 2 }", f"trigger = {written}")).step("soft_call").trigger == trigger


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("[policy]", "[policy", [("p.toml", "", "This is not valid TOML")], id="no TOML"),
        pytest.param("[policy]", f"x = {'9' * 5000}", [("p.toml", "", "This is not valid TOML")], id="a number without end"),
        pytest.param(
            "[ladder]\n", "[ladder]\n[ladder]\n", [("p.toml", "", "This is not valid TOML")], id="a table stated twice"
        ),
        pytest.param(
            "stale_after_days = 2",
            "stale_after = 2",
            [
                ("p.toml, policy", "stale_after", "Did you mean 'stale_after_days'?"),
                ("p.toml, policy", "stale_after_days", "this key is missing"),
            ],
            id="an unknown key, and so one that is missing",
        ),
        pytest.param(
            "[promises]\n", "[promise]\n", [("p.toml", "promise", "Did you mean 'promises'?"), ("p.toml, promises", "", "missing")],
            id="an unknown table",
        ),
        pytest.param(
            "probation = 90", 'probation = "90"', [("p.toml, ladder", "probation", "a whole number")], id="text for a number"
        ),
        pytest.param(
            "probation = 90", "probation = 90.5", [("p.toml, ladder", "probation", "a whole number")], id="a broken number"
        ),
        pytest.param(
            "probation = 90", "probation = -1", [("p.toml, ladder", "probation", "at least 0")], id="a negative number"
        ),
        pytest.param(
            "effective_from = 2026-01-01", 'effective_from = "soon"', [("p.toml, policy", "effective_from", "YYYY-MM-DD")],
            id="no date",
        ),
        pytest.param(
            "effective_from = 2026-01-01",
            "effective_from = 2026-01-01\neffective_to = 2026-01-01",
            [("p.toml, policy", "effective_to", "must come after")],
            id="it ends when it begins",
        ),
        pytest.param(
            'goal = "right_party"',
            'goal = "rightparty"',
            [("p.toml, tiers.soft.steps.soft_call", "goal", "Did you mean 'right_party'?")],
            id="an unknown word",
        ),
        pytest.param(
            'channels = ["call"]',
            'channels = ["call", "fax"]',
            [("p.toml, tiers.soft.steps.soft_call", "channels", "got 'fax'")],
            id="an unknown channel in a list",
        ),
        pytest.param(
            'channels = ["call"]',
            "channels = []",
            [("p.toml, tiers.soft.steps.soft_call", "channels", "so it needs channels")],
            id="a contact without a channel",
        ),
        pytest.param(
            'languages = ["en"]', 'languages = "en"', [("p.toml, policy", "languages", "expected a list")], id="text for a list"
        ),
        pytest.param(
            'order = ["current", "reminder", "soft"]',
            'order = ["current", "reminder", "sof"]',
            [
                ("p.toml, ladder", "order", "no tier 'sof'. Did you mean 'soft'?"),
                ("p.toml, tiers.soft", "", "no place in [ladder] order"),
            ],
            id="an unknown tier in the order",
        ),
        pytest.param(
            'tiers = ["reminder", "soft"]',
            'tiers = ["reminder", "firm"]',
            [("p.toml, shared.promise_broken", "tiers", "no tier 'firm'")],
            id="a shared step in an unknown tier",
        ),
        pytest.param(
            'tiers = ["reminder", "soft"]\n', "", [("p.toml, shared.promise_broken", "tiers", "missing")], id="a shared step nowhere"
        ),
        pytest.param(
            "{ stay = 2 }",
            "{ stays = 2 }",
            [("p.toml, tiers.soft.steps.soft_call", "trigger", "expected exactly one of")],
            id="an unknown trigger",
        ),
        pytest.param(
            "{ stay = 2 }",
            "{ stay = 2, past_due = 3 }",
            [("p.toml, tiers.soft.steps.soft_call", "trigger", "found stay, past_due")],
            id="two triggers at once",
        ),
        pytest.param(
            "{ stay = 2 }",
            "{ stay = -2 }",
            [("p.toml, tiers.soft.steps.soft_call", "trigger.days", "negative only for the trigger 'promise'")],
            id="a trigger before its time",
        ),
        pytest.param(
            "{ delinquent_days = 1 }",
            "{ late_days = 1 }",
            [("p.toml, tiers.reminder", "entry", "no measure 'late_days'")],
            id="an unknown measure",
        ),
        pytest.param(
            "entry = [{ delinquent_days = 1 }]",
            "entry = [{}]",
            [("p.toml, tiers.reminder", "entry[0].bounds", "would always hold")],
            id="a condition without bounds",
        ),
        pytest.param(
            "entry = [{ delinquent_days = 1 }]",
            "",
            [("p.toml, ladder", "order", "Exactly the mildest tier has no entry")],
            id="a tier without entry",
        ),
        pytest.param(
            '{ label = "M1+", from_days = 1 }',
            '{ label = "M1+", from_days = 2 }',
            [("p.toml, labels[0]", "rows", "a gap before 'M1+'")],
            id="a label table with a gap",
        ),
        pytest.param(
            '{ label = "M1+", from_days = 1 }',
            '{ label = "M1+", from_days = 0 }',
            [("p.toml, labels[0]", "rows", "an overlap before 'M1+'")],
            id="a label table with an overlap",
        ),
        pytest.param(
            '{ label = "M1+", from_days = 1 }',
            '{ label = "M1+", from_days = 1, to_days = 30 }',
            [("p.toml, labels[0]", "rows", "no open last row")],
            id="a label table that ends",
        ),
        pytest.param(
            '[house.hours.visit]\nwindows = ["mon-sun 09:00-18:00"]',
            '[house.hours.visit]\nwindows = ["mon-sun 9-18"]',
            [("p.toml, house.hours.visit", "windows", "expected a window such as")],
            id="a window that cannot be read",
        ),
        pytest.param(
            '[house.hours.visit]\nwindows = ["mon-sun 09:00-18:00"]',
            '[house.hours.visit]\nwindows = ["mon-sun 18:00-18:00"]',
            [("p.toml, house.hours.visit", "windows[0].opens", "must differ")],
            id="a window of no time",
        ),
        pytest.param(
            "[house.hours.visit]", "[house.hours.fax]", [("p.toml, house.hours.fax", "", "'fax' is none of")], id="hours of no channel"
        ),
        pytest.param(
            "[approvals.visit]\n",
            "[approvals.placement]\nneeded = false\n",
            [("p.toml, approvals.placement", "needed", "always needs approval")],
            id="a placement without approval",
        ),
        pytest.param(
            "[tiers.soft.steps.soft_letter]",
            "[tiers.reminder.steps.soft_call]",
            [("p.toml, tiers.soft.steps.soft_call", "", "stands in tiers.reminder.steps.soft_call as well")],
            id="two steps of one name",
        ),
        pytest.param(
            "[tiers.soft.steps.soft_letter]",
            '[tiers.soft.steps.soft_letter]\ntier = "firm"',
            [("p.toml, tiers.soft.steps.soft_letter", "tier", "no such key")],
            id="a key that the table's name states",
        ),
        pytest.param(
            "[tiers.soft.steps.soft_letter]",
            "[tiers.soft.steps.Soft-Letter]",
            [("p.toml, tiers.soft.steps.Soft-Letter", "", "is no name")],
            id="a name that is none",
        ),
        pytest.param(
            "[lender]", '[migrates]\nsoft = "reminder"\nold = "none"\n[lender]',
            [("p.toml, migrates", "soft", "still on the ladder"), ("p.toml, migrates", "old", "no tier 'none'")],
            id="a mapping that leads nowhere",
        ),
        pytest.param(
            "[lender]", "[applies_to]\nproduct = []\n[lender]", [("p.toml, applies_to", "product", "a text or a list of texts")],
            id="an attribute that is one of nothing",
        ),
        pytest.param("[convention]\n", "convention = 3\n[ladders]\n", [("p.toml, policy", "convention", "no such key")], id="a key for a table"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(edit, old, new, expected):
    """File, table, key, and what was expected."""
    told = refused(edit(old, new))
    for where, key, says in expected:
        assert any(where == w and key == k and says in what for w, k, what in told), told


def test_everything_wrong_is_told_at_once(small):
    """Whoever corrects a policy gets one list."""
    wrong = small.replace("probation = 90", 'probation = "x"').replace('goal = "right_party"', 'goal = "x"')
    wrong = wrong.replace("most_days = 14", "most_day = 14").replace('tiers = ["reminder", "soft"]', 'tiers = ["x"]')
    places = {(where, key) for where, key, _ in refused(wrong)}
    assert places >= {
        ("p.toml, ladder", "probation"),
        ("p.toml, tiers.soft.steps.soft_call", "goal"),
        ("p.toml, promises", "most_day"),
        ("p.toml, promises", "most_days"),
        ("p.toml, shared.promise_broken", "tiers"),
    }


def test_nothing_is_told_twice(edit):
    """A key that is wrong is one problem."""
    assert len(refused(edit('goal = "right_party"', 'goal = "x"'))) == 1
    assert len(refused(edit("probation = 90", "probation = -1"))) == 1
    assert len(refused(edit("probation = 90\n", ""))) == 1


def test_an_empty_document_names_what_it_needs():
    """Every required table is missing, and nothing else is said."""
    assert {where for where, _, what in refused("") if "missing" in what} == {
        "p.toml, policy",
        "p.toml, convention",
        "p.toml, ladder",
        "p.toml, tiers.<name>",
        "p.toml, promises",
        "p.toml, rules",
        "p.toml, house.hours.<name>",
    }


def test_a_file_is_read(small, tmp_path):
    """From a path, with the file's name in messages."""
    path = tmp_path / "mine.toml"
    path.write_text(small, encoding="utf-8")
    assert read_policy_file(path).file == "mine.toml"
    path.write_bytes(small.encode() + b"\xff")
    with pytest.raises(PolicyError, match=r"mine\.toml.*not UTF-8"):
        read_policy_file(path)
    with pytest.raises(PolicyError, match="cannot be read"):
        read_policy_file(tmp_path / "none.toml")


def test_what_a_policy_is_asked(small):
    """Names that it does not know are errors that say so."""
    policy = read_policy(small)
    assert policy.queue("collectors").allowance_hours == 8
    assert policy.channel("sms").adapter == "folder"
    assert policy.expires_on("visit", dt.date(2026, 3, 1)) == dt.date(2026, 3, 6)
    assert policy.hold_setting("pending_money").days == 5
    assert policy.hold_setting("lost_at_sea").purposes == ()  # unknown reasons stop everything
    for ask in (
        lambda: policy.step("none"),
        lambda: policy.queue("none"),
        lambda: policy.channel("fax"),
        lambda: policy.approval("legal"),
    ):
        with pytest.raises(FactsError):
            ask()


def test_people_who_need_care_are_worked_by_others(small):
    """Whatever queue the step names; what no people work stays with its channel."""
    policy = read_policy(small + '\n[care]\nflags = ["vulnerable"]\nqueue = "kind_people"\n')
    call, letter = policy.step("soft_call"), policy.step("soft_letter")
    assert policy.executor(call, frozenset()) == "collectors"
    assert policy.executor(call, frozenset({"vulnerable"})) == "kind_people"
    assert policy.executor(letter, frozenset({"vulnerable"})) == ""
