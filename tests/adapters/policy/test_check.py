"""Each check finds what it is for, at the table and key where it stands, and leaves a sound policy alone."""

import pytest

from dunning.adapters.policy.check import check
from dunning.adapters.policy.read import read_policy


def told(found):
    """Findings as (severity, check, table, key); the file and the missing signature aside."""
    return [
        (f.severity, f.check, f.problem.where.removeprefix("policy.toml, "), f.problem.field)
        for f in found
        if f.check != "unsigned"
    ]


def test_a_sound_policy_is_left_alone(small, templates, packs):
    """Nothing but the missing signature, and that is a warning with the hash to sign."""
    policy = read_policy(small)
    found = check(policy, templates=templates, rules=packs, adapters={"folder"})
    assert [finding.check for finding in found] == ["unsigned"]
    assert policy.content_hash in str(found[0])
    assert str(found[0]).startswith("warning: policy.toml, sign_offs: ")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # --- the ladder
        pytest.param(
            "entry = [{ delinquent_days = 11 }, { delinquent_days = 6, broken_promises = 1 }]",
            "entry = [{ delinquent_days = 1 }]",
            [
                ("error", "unreachable_tier", "tiers.reminder", "entry"),
                ("error", "falling_bounds", "tiers.soft", "entry"),
                ("warning", "never_due", "tiers.reminder.steps.reminder_first", "trigger"),
            ],
            id="a tier with the bounds of a firmer one",
        ),
        pytest.param(
            "entry = [{ delinquent_days = 1 }]",
            "entry = [{ delinquent_days = 1 }, { delinquent_days = 12, days_past_due = 1 }]",
            [
                ("warning", "dead_condition", "tiers.reminder", "entry[1]"),
                ("warning", "dead_condition", "tiers.reminder", "entry[1]"),
            ],
            id="a condition that a firmer tier takes, and that its own tier has already",
        ),
        pytest.param(
            "entry = [{ delinquent_days = 1 }]",
            "entry = [{ delinquent_days = 5 }]",
            [("warning", "late_start", "tiers.reminder", "entry")],
            id="late days without a tier",
        ),
        pytest.param(
            "[ladder]\n",
            '[[labels]]\nname = "cn_m"\nsource = "x"\nrows = [{ label = "all", from_days = 0 }]\n[ladder]\n',
            [("error", "label_overlap", "labels[1]", "in_force_from")],
            id="two editions at once",
        ),
        pytest.param(
            'source = "usage"\n',
            'source = "usage"\nin_force_to = 2026-01-01\nrows = [{ label = "x", from_days = 0 }]\n'
            '[[labels]]\nname = "cn_m"\nsource = "x"\nin_force_from = 2026-01-02\n',
            [("error", "label_gap", "labels[1]", "in_force_from")],
            id="a day between two editions",
        ),
        pytest.param(
            'source = "usage"\n',
            'source = "usage"\nin_force_to = 2026-01-01\nrows = [{ label = "x", from_days = 0 }]\n'
            '[[labels]]\nname = "cn_m"\nsource = "x"\nin_force_from = 2026-01-01\n',
            [],
            id="editions that meet",
        ),
        # --- steps that never fall due
        pytest.param(
            "trigger = { stay = 2 }",
            "trigger = { past_due = 5 }",
            [("error", "never_due", "tiers.soft.steps.soft_call", "trigger")],
            id="due before its tier can begin",
        ),
        pytest.param(
            "trigger = { stay = 2 }", "trigger = { past_due = 6 }", [], id="due on the first day of its tier"
        ),
        pytest.param(
            "trigger = { stay = 0 }",
            "trigger = { past_due = 11 }",
            [("warning", "never_due", "tiers.reminder.steps.reminder_first", "trigger")],
            id="due on the day a loan leaves",
        ),
        pytest.param("trigger = { stay = 0 }", "trigger = { past_due = 10 }", [], id="due on the last day of its tier"),
        pytest.param(
            "trigger = { stay = 0 }",
            "trigger = { stay = 10 }",
            [("warning", "never_due", "tiers.reminder.steps.reminder_first", "trigger")],
            id="a stay longer than its tier",
        ),
        pytest.param("trigger = { stay = 0 }", "trigger = { stay = 9 }", [], id="a stay as long as its tier"),
        pytest.param(
            "trigger = { stay = 0 }",
            "trigger = { track = 0 }",
            [("error", "never_due", "tiers.reminder.steps.reminder_first", "trigger")],
            id="a track's trigger in a tier",
        ),
        pytest.param(
            "trigger = { track = 1 }",
            "trigger = { stay = 1 }",
            [("error", "never_due", "tracks.visit.steps.visit_card", "trigger")],
            id="a tier's trigger on a track",
        ),
        pytest.param(
            'sms = { adapter = "folder" }',
            'sms = { adapter = "folder", languages = ["en", "fr"] }',
            [("error", "unlisted_language", "channels.sms", "languages")],
            id="a language in which no text need exist",
        ),
        # --- dead ends
        pytest.param(
            '{ exhausted = "soft_call" }',
            '{ exhausted = "soft_cal" }',
            [("error", "dead_end", "tiers.soft.steps.soft_letter", "trigger")],
            id="a fallback of an unknown step",
        ),
        pytest.param(
            '{ exhausted = "soft_call" }',
            '{ exhausted = "reminder_first" }',
            [("error", "dead_end", "tiers.soft.steps.soft_letter", "trigger")],
            id="a fallback of a step in another tier",
        ),
        pytest.param(
            "trigger = { stay = 2 }",
            'trigger = { exhausted = "soft_letter" }',
            [("error", "fallback_cycle", "tiers.soft.steps.soft_call", "trigger")],
            id="fallbacks in a circle",
        ),
        pytest.param(
            "trigger = { stay = 2 }",
            'trigger = { exhausted = "soft_call" }',
            [("error", "fallback_cycle", "tiers.soft.steps.soft_call", "trigger")],
            id="a step that waits for itself",
        ),
        pytest.param(
            'request = "visit"',
            'request = "legal"',
            [
                ("error", "request_without_track", "tiers.soft.steps.visit_request", "request"),
                ("error", "nobody_approves", "tiers.soft.steps.visit_request", "request"),
                ("error", "track_without_request", "tracks.visit", ""),
            ],
            id="a request without a track, and a track without a request",
        ),
        pytest.param(
            "[promises]\n",
            "[tracks.legal]\n[promises]\n",
            [("error", "track_without_request", "tracks.legal", ""), ("error", "track_without_steps", "tracks.legal", "")],
            id="a track on which nothing happens",
        ),
        pytest.param(
            "[tiers.current.steps.due_soon]\ntrigger = { before_due = 3 }",
            "[tiers.current]\n[tiers.reminder.steps.due_soon]\ntrigger = { before_due = 3 }",
            [("warning", "idle_tier", "tiers.current", "")],
            id="a tier without steps",
        ),
        # --- people and channels
        pytest.param(
            'executor = "collectors"\ntemplate = "soft_call"',
            'executor = "colectors"\ntemplate = "soft_call"',
            [("error", "unknown_queue", "tiers.soft.steps.soft_call", "executor")],
            id="an unknown work queue",
        ),
        pytest.param(
            'executor = "collectors"\ntemplate = "visit_card"',
            'template = "visit_card"',
            [("error", "unknown_queue", "tracks.visit.steps.visit_card", "executor")],
            id="a visit by nobody",
        ),
        pytest.param(
            'dispute = { subject = "loan", reviewer = "collectors" }',
            'dispute = { subject = "loan", reviewer = "lawyers" }',
            [("error", "unknown_queue", "holds.dispute", "reviewer")],
            id="a hold that nobody reviews",
        ),
        pytest.param(
            'dispute = { subject = "loan", reviewer = "collectors" }\n',
            "",
            [("warning", "hold_without_setting", "holds.dispute", "")],
            id="a reason without a setting",
        ),
        pytest.param(
            'letter = { adapter = "folder" }\n',
            "",
            [
                ("error", "channel_without_adapter", "tiers.soft.steps.soft_letter", "channels"),
                ("error", "channel_without_adapter", "tiers.soft.steps.prelegal_notice", "channels"),
            ],
            id="a channel without an adapter",
        ),
        pytest.param(
            'letter = { adapter = "folder" }\n',
            'letter = { adapter = "post_office" }\n',
            [("error", "unknown_adapter", "channels.letter", "adapter")],
            id="an adapter that nobody registers",
        ),
        # --- notices and texts
        pytest.param(
            "alarm_after = 4\n",
            "",
            [("error", "notice_without_alarm", "tiers.soft.steps.prelegal_notice", "alarm_after")],
            id="a statutory notice without an alarm",
        ),
        pytest.param(
            'template = "soft_letter"',
            'template = "soft_letter"\nalarm_after = 2',
            [("warning", "alarm_without_notice", "tiers.soft.steps.soft_letter", "alarm_after")],
            id="an alarm that never comes",
        ),
        pytest.param(
            'template = "soft_letter"',
            'template = "soft_leter"',
            [("error", "missing_text", "tiers.soft.steps.soft_letter", "template")],
            id="a text that is not there",
        ),
        pytest.param(
            'languages = ["en"]',
            'languages = ["fr"]',
            [
                ("error", "missing_text", f"{table}", "template")
                for table in (
                    "tiers.current.steps.due_soon",
                    "tiers.reminder.steps.reminder_first",
                    "tiers.soft.steps.soft_call",
                    "tiers.soft.steps.soft_letter",
                    "tiers.soft.steps.prelegal_notice",
                    "tracks.visit.steps.visit_card",
                    "shared.promise_broken",
                )
            ],
            id="texts in a language that we do not have, a shared one told once",
        ),
        pytest.param(
            'template = "soft_letter"',
            'template = "soft_letter"\ndiscloses = "lender"',
            [("error", "disclosure", "tiers.soft.steps.soft_letter", "discloses")],
            id="a text that gives away more than its step says",
        ),
        pytest.param(
            'discloses = "nothing"\n\n[tiers.soft.steps.soft_letter]',
            'discloses = "debt"\n\n[tiers.soft.steps.soft_letter]',
            [("warning", "disclosure", "tiers.soft.steps.soft_call", "discloses")],
            id="a text that gives away less than its step says",
        ),
        pytest.param(
            'template = "soft_letter"',
            'template = "soft_letter"\npurpose = "service"',
            [("error", "wrong_text", "tiers.soft.steps.soft_letter", "purpose")],
            id="a text for another purpose",
        ),
        pytest.param(
            'channels = ["letter"]\ntemplate = "soft_letter"',
            'channels = ["letter", "sms"]\ntemplate = "soft_letter"',
            [("error", "wrong_text", "tiers.soft.steps.soft_letter", "channels")],
            id="a text for another channel",
        ),
        pytest.param(
            'channels = ["letter"]\ntemplate = "soft_letter"',
            'channels = ["letter"]\ntemplate = "referral_legal"',
            [
                ("error", "wrong_text", "tiers.soft.steps.soft_letter", "template"),
                ("error", "wrong_text", "tiers.soft.steps.soft_letter", "channels"),
            ],
            id="a text for our own people, sent to the borrower",
        ),
        # --- permission
        pytest.param(
            'packs = ["cn"]', 'packs = ["cn", "us_mass"]', [("error", "unknown_pack", "rules", "packs[1]")], id="an unknown pack"
        ),
        pytest.param(
            'packs = ["cn"]', 'packs = ["cn"]\nenable = ["CN-CBA2026-HOURS", "cn-hours"]',
            [("error", "unknown_rule", "rules", "enable[1]")], id="an unknown rule",
        ),
        pytest.param(
            'packs = ["cn"]', 'packs = ["cn"]\nconfidence_floor = "high"',
            [("warning", "law_left_out", "rules", "confidence_floor")], id="a floor that leaves law out",
        ),
        pytest.param(
            '[house.hours.visit]\nwindows = ["mon-sun 09:00-18:00"]\nwhy = "a choice"\n',
            "",
            [("error", "no_house_hours", "tracks.visit.steps.visit_card", "channels")],
            id="a channel without house hours",
        ),
        pytest.param(
            '[house.hours.visit]\nwindows = ["mon-sun 09:00-18:00"]',
            '[house.hours.visit]\nwindows = ["mon-sun 06:00-08:00"]',
            [("error", "never_permitted", "tracks.visit.steps.visit_card", "channels")],
            id="hours that end where those of the law begin",
        ),
        pytest.param(
            '[house.hours.visit]\nwindows = ["mon-sun 09:00-18:00"]',
            '[house.hours.visit]\nwindows = ["mon-sun 06:00-08:01"]',
            [],
            id="a minute in common",
        ),
        pytest.param(
            '[house.hours.call]\nwindows = ["mon-sun 09:00-20:00"]',
            '[house.hours.call]\nwindows = ["mon-thu 09:00-20:00"]',
            [("warning", "lapses_while_closed", "tiers.soft.steps.soft_call", "expires_after")],
            id="three days of life, three days closed",
        ),
        pytest.param(
            '[house.hours.call]\nwindows = ["mon-sun 09:00-20:00"]',
            '[house.hours.call]\nwindows = ["mon-fri 09:00-20:00"]',
            [],
            id="three days of life, two days closed",
        ),
        pytest.param(
            "[lender]\n",
            '[house.needs.visits]\nneeds = ["a_dog"]\nchannels = ["visit"]\nwhy = "company"\n[lender]\n',
            [("warning", "evidence_not_asserted", "lender", "evidence")],
            id="evidence that nobody asserts",
        ),
    ],
)  # fmt: skip
def test_what_is_found(edit, shipped_with, old, new, expected):
    """One edit of a sound policy, and everything that is then said."""
    assert told(check(read_policy(edit(old, new)), **shipped_with)) == expected


VISITS = '[house.hours.visit]\nwindows = ["mon-sun 09:00-18:00"]'
CALENDAR = ("warning", "unknown_calendar", "house.hours.visit", "calendar")


@pytest.mark.parametrize(
    ("name", "stated", "expected"),
    [
        pytest.param("CN", (), [], id="a national one"),
        pytest.param("cn", (), [CALENDAR], id="nobody's"),
        pytest.param("cn", ("cn",), [], id="the lender's"),
        pytest.param("UA", (), [CALENDAR], id="a country that nobody knows"),
        pytest.param("cn", None, [], id="unchecked"),
    ],
)
def test_a_calendar_that_nobody_has(edit, shipped_with, name, stated, expected):
    """It would refuse every visit, in silence until the first one."""
    policy = read_policy(edit(VISITS, f'{VISITS}\nholidays = "closed"\ncalendar = "{name}"'))

    assert expected == told(check(policy, **shipped_with, calendars=stated))


def test_a_calendar_of_due_dates_that_nobody_has(edit, shipped_with):
    """No loan could be counted: an error, before anybody signs it."""
    policy = read_policy(edit("[convention]", '[convention]\nshift = "following"\ncalendar = "nowhere"'))

    expected = [("error", "unknown_calendar", "convention", "calendar")]
    assert expected == told(check(policy, **shipped_with, calendars=()))
    assert [] == told(check(policy, **shipped_with, calendars=("nowhere",)))
