"""A rule that names a calendar gets it; one that ends refuses, and only the rule that needs it."""

import datetime as dt
import subprocess
import sys

import pytest

from dunning.adapters.calendars.needed import calendars_for
from dunning.adapters.codec.rule_pack import check_samples, read_rule_pack, shipped_rule_pack
from dunning.core.calendar import Calendar
from dunning.core.contact.permission import may_contact
from dunning.core.contact.request import Actor, ContactRequest
from dunning.core.contact.rule_set import rule_set

# Like the rule on collection of POJK 22/2023, article 62: Monday to Saturday but national holidays, 8 to 20.
PACK = """
id = "id"
version = "1"
owner = "tests"
covers = ["ID"]

[[rules]]
id = "id-hours"
jurisdiction = "ID"
title = "Monday to Saturday from 8 to 20, never on national holidays"
force = "prohibition"
channels = ["sms"]

[rules.source]
instrument = "POJK 22/2023"
article = "62"
read_as = "secondary source"
confidence = "medium"

[rules.effect]
kind = "hours"
windows = [{ weekdays = [0, 1, 2, 3, 4, 5], opens = 08:00:00, closes = 20:00:00 }]
holidays = "closed"
calendar = "ID"

[[rules.samples]]
at = 2026-08-18T10:00:00+07:00
objects = false
zone = "Asia/Jakarta"
[[rules.samples]]
at = 2026-08-17T10:00:00+07:00
objects = true
zone = "Asia/Jakarta"
note = "Independence Day, a Monday"
"""
INDONESIA = rule_set([read_rule_pack(PACK, "id.toml")])
CHINA = rule_set([shipped_rule_pack("cn")])


def asked(at, *, place, zone):
    return ContactRequest(
        actor=Actor(kind="creditor"),
        person_id="P-1",
        loan_ids=("L-1",),
        purpose="collection",
        channel="sms",
        point_id="P-1-M",
        lawful_basis="contract",
        jurisdictions=(place,),
        zones=(zone,),
        product="auto",
        days_past_due=35,
        at=dt.datetime.fromisoformat(at),
    )


def judged(rules, request, stated=()):
    found = {calendar.name: calendar for calendar in calendars_for(rules.rules, stated)}
    return may_contact(request, rules, calendars=found)


@pytest.mark.parametrize(
    ("at", "kinds"),
    [
        pytest.param("2026-08-17T10:00:00+07:00", ["hours"], id="a Monday that is a holiday"),
        pytest.param("2026-08-18T10:00:00+07:00", [], id="a Tuesday"),
        pytest.param("2026-08-18T07:59:59+07:00", ["hours"], id="before eight"),
        pytest.param("2026-12-31T19:59:59+07:00", [], id="the last second of the last window that is known"),
        pytest.param("2027-01-01T00:00:00+07:00", ["unknown"], id="the first second that nobody announced"),
        pytest.param("2027-01-04T10:00:00+07:00", ["unknown"], id="a Monday in an unknown year"),
    ],
)
def test_indonesia_is_refused_once_its_calendar_ends(at, kinds):
    """The host stated no calendar at all."""
    verdict = judged(INDONESIA, asked(at, place="ID", zone="Asia/Jakarta"))

    assert kinds == [objection.kind for objection in verdict.objections]
    assert (not kinds) == verdict.permitted


def test_china_needs_no_calendar():
    """A missing year refuses only where a bound rule needs it: an SMS at 10:00 on 4 January 2027."""
    assert () == calendars_for(CHINA.rules)
    assert judged(CHINA, asked("2027-01-04T10:00:00+08:00", place="CN", zone="Asia/Shanghai")).permitted


def test_what_the_lender_states_comes_first():
    """Here with a further closure; a calendar that no rule names is kept."""
    base = calendars_for(INDONESIA.rules)[0]
    stated = Calendar(
        name="ID",
        known_from=base.known_from,
        known_until=base.known_until,
        days=base.days | {dt.date(2026, 8, 18)},
        weekend=base.weekend,
    )
    other = Calendar(name="own", known_from=dt.date(2026, 1, 1), known_until=dt.date(2027, 1, 1))
    request = asked("2026-08-18T10:00:00+07:00", place="ID", zone="Asia/Jakarta")

    assert (stated, other) == calendars_for(INDONESIA.rules, [stated, other])
    assert judged(INDONESIA, request).permitted
    assert ["hours"] == [objection.kind for objection in judged(INDONESIA, request, [stated]).objections]


@pytest.mark.parametrize("name", ["bank", "UA", "IN-JK", "AU-XX"])
def test_a_calendar_that_nobody_knows_is_absent(name):
    """And its rule refuses, always."""
    rules = rule_set([read_rule_pack(PACK.replace('calendar = "ID"', f'calendar = "{name}"'), "id.toml")])
    verdict = judged(rules, asked("2026-08-18T10:00:00+07:00", place="ID", zone="Asia/Jakarta"))

    assert () == calendars_for(rules.rules)
    assert ["unknown"] == [objection.kind for objection in verdict.objections]


def test_a_disabled_rule_needs_nothing():
    """It never judges."""
    text = PACK.replace("\n[rules.source]", 'enabled = false\ndisabled_because = "for reading"\n\n[rules.source]')

    assert () == calendars_for(read_rule_pack(text, "id.toml").rules)


def test_samples_are_asked_with_the_calendar():
    """Literal days on both sides of a holiday."""
    assert () == check_samples(read_rule_pack(PACK, "id.toml"), "id.toml")
    (wrong,) = check_samples(read_rule_pack(PACK.replace("2026-08-18", "2026-12-25"), "id.toml"), "id.toml")
    assert "samples[0]" == wrong.field


def test_the_library_is_imported_when_a_rule_needs_it_and_not_before():
    """`import dunning` and rules without holidays stay quick."""
    program = """
import sys
import dunning
from dunning import Engine, open_folder
from dunning.adapters.calendars.needed import calendars_for
from dunning.adapters.codec.rule_pack import shipped_rule_pack
assert calendars_for(shipped_rule_pack("cn").rules) == ()
assert "holidays" not in sys.modules, "imported too early"
"""
    assert 0 == subprocess.run([sys.executable, "-c", program], check=False).returncode
