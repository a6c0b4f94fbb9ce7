"""A log of contacts judged after the fact: violations computed by hand, with the words of the rule."""

import csv
import datetime as dt
import json
import random

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.adapters.calendars.needed import calendars_for
from dunning.adapters.codec.convert import structure
from dunning.adapters.contact_logs.form import LogForm
from dunning.adapters.contact_logs.people import PersonFacts
from dunning.core.contact.caps import below_cap, known_events
from dunning.core.contact.effects import CapRule
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.permission import frame_of, may_contact
from dunning.core.contact.request import Actor, ContactRequest
from dunning.core.contact.rule_set import rule_set
from dunning.engine.audit import audit
from dunning.plugins.hooks import build_hooks

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
PACKS = {pack.id: pack for pack in build_hooks(discover=False).rule_packs()}
US = rule_set([PACKS["us"]])
SEVEN = "us-regf-14b2-call-frequency-7-in-7"
SILENCE = "us-regf-14b2-call-frequency-after-conversation"
HOURS = ("us-fdcpa-1692c-a", "us-regf-6b1-time")
HEAD = "id,at,person_id,loan_ids,channel,outcome,direction,wrong_number,recorded_at"
AGENCY = LogForm(stated={"actor": "third_party", "jurisdictions": "US-GA", "zones": "America/New_York"})


@pytest.fixture
def judged(tmp_path):
    """Return a function that audits lines, and returns what broke rules, what was not judged, and the numbers."""

    def run(*lines, head=HEAD, form=AGENCY, rules=US, name="log.csv", **words):
        path = tmp_path / name
        path.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
        done = audit(path, rules, now=NOW, form=form, formats=("jsonl",), **words)
        found = {key: read(path.with_name(f"{name}.{key}.jsonl")) for key in ("violations", "not_judged")}
        return found["violations"], found["not_judged"], done.audit

    return run


def read(path):
    """Return the lines of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def call(id_, day, time="10:00:00", outcome="attempted", *, rest=",,"):
    """Return a line: a call on a day of April 2026, New York's clock four hours behind UTC."""
    return f"{id_},2026-04-{day:02}T{time}-04:00,P-1,L-1,call,{outcome},{rest}"


def broken(violations, *rules):
    """Return (contact, rule) of the violations of *rules*, in their order."""
    return [(v["contact_id"], v["rule"]) for v in violations if v["rule"] in rules]


SEVEN_CALLS = [call(f"C-{day}", day) for day in range(1, 8)]


# 12 CFR 1006.14(b)(2)(i)(A): more than seven times within seven consecutive days, in connection with the collection of
# a particular debt.
@pytest.mark.parametrize(
    ("lines", "flagged"),
    [
        pytest.param(SEVEN_CALLS, [], id="seven in seven days"),
        pytest.param([*SEVEN_CALLS, call("C-8", 7, "18:00:00")], ["C-8"], id="the eighth, on the seventh day"),
        pytest.param([*SEVEN_CALLS, call("C-8", 8)], [], id="the eighth, on the eighth day"),
        pytest.param(
            [*SEVEN_CALLS, call("C-8", 8), call("C-9", 8, "18:00:00")],
            ["C-9"],
            id="exactly one is left on the eighth day",
        ),
        pytest.param(
            [*SEVEN_CALLS, call("C-8", 7, "18:00:00").replace("L-1", "L-2")], [], id="the eighth, about another debt"
        ),
        pytest.param(
            [*SEVEN_CALLS, call("C-8", 7, "18:00:00").replace("L-1", "")], ["C-8"], id="the eighth, about any debt"
        ),
        pytest.param(
            [*SEVEN_CALLS[:-1], call("C-7", 7, outcome="busy"), call("C-8", 7, "18:00:00")], [], id="one was busy"
        ),
        pytest.param(
            [*SEVEN_CALLS[:-1], call("C-7", 7, outcome="wrong_number"), call("C-8", 7, "18:00:00")],
            [],
            id="one reached somebody else",
        ),
        pytest.param(
            [*SEVEN_CALLS[:-1], call("C-7", 7).replace("call", "sms"), call("C-8", 7, "18:00:00")],
            [],
            id="one was a text",
        ),
        pytest.param(
            [*SEVEN_CALLS[:-1], call("C-7", 7).replace("P-1", "P-2"), call("C-8", 7, "18:00:00")],
            [],
            id="one was to another person",
        ),
    ],
)
def test_seven_in_seven(judged, lines, flagged):
    """The eighth call of seven days is one too many; what does not count is none of them."""
    violations, not_judged, _ = judged(*lines)

    assert [(id_, SEVEN) for id_ in flagged] == broken(violations, SEVEN)
    assert [] == not_judged


def test_a_violation_says_everything(judged):
    """Whose contact, when on whose clock, which rule, where it stands written, how many there were, and what was assumed."""
    violations, _, found = judged(*SEVEN_CALLS, call("C-8", 7, "18:00:00"))

    assert [
        {
            "line": 9,
            "contact_id": "C-8",
            "person": "P-1",
            "loans": "L-1",
            "actor": "third_party",
            "agency": "",
            "at": "2026-04-07T22:00:00Z",
            "local_time": "2026-04-07 18:00:00-04:00",
            "zone": "America/New_York",
            "channel": "call",
            "rule": SEVEN,
            "title": "Regulation F: more than seven calls within seven consecutive days about one debt are presumed to harass.",
            "citation": "Regulation F, 12 CFR 1006.14(b)(2)(i)(A), comments 14(b)-1 to 14(b)(4)-2",
            "force": "presumption",
            "source": "https://github.com/lucas-amberg/ecfr-analyzer",
            "counted": 7,
            "allowed": 7,
            "counts_itself": "yes",
            "lifted_by": (
                "The person, by prior consent given directly to the collector, for at most seven consecutive days, "
                "the day of receipt being the first."
            ),
            "notes": (
                "The zone is the one stated for the whole log. The jurisdiction is the one stated for the whole log."
            ),
        }
    ] == violations
    assert (8, 1, 1, 125.0) == (
        found.contacts,
        found.violations,
        found.violating,
        found.rate(found.violations, found.contacts),
    )


def test_a_contact_that_came_to_nothing_says_so(judged):
    """An eighth call that found the line busy was made when no more were allowed, and is none that the rule counts."""
    violations, _, numbers = judged(*SEVEN_CALLS, call("C-8", 7, "18:00:00", "busy"), call("C-9", 7, "19:00:00"))

    assert [("C-8", 7, "no"), ("C-9", 7, "yes")] == [
        (v["contact_id"], v["counted"], v["counts_itself"]) for v in violations
    ]
    assert (2, 1) == (numbers.violations, numbers.not_counted)


# 12 CFR 1006.14(b)(2)(i)(B): within a period of seven consecutive days after having had a telephone conversation; the
# date of the conversation is the first day of the period.
@pytest.mark.parametrize(
    ("lines", "flagged"),
    [
        pytest.param(
            [call("C-1", 1, "15:00:00", "conversation"), call("C-2", 1, "15:00:01")], ["C-2"], id="a second after"
        ),
        pytest.param(
            [call("C-1", 1, "15:00:00", "conversation"), call("C-0", 1, "14:59:59")], [], id="a second before"
        ),
        pytest.param([call("C-1", 1, "15:00:00", "conversation"), call("C-2", 7, "20:59:59")], ["C-2"], id="day seven"),
        pytest.param([call("C-1", 1, "15:00:00", "conversation"), call("C-2", 8, "08:00:01")], [], id="day eight"),
        pytest.param(
            [call("C-1", 1, "15:00:00", "conversation", rest="in,,"), call("C-2", 3)], ["C-2"], id="they had called us"
        ),
        pytest.param([call("C-1", 1, "15:00:00", "connected"), call("C-2", 3)], [], id="only connected"),
        pytest.param([call("C-1", 1, "15:00:00", ""), call("C-2", 3)], ["C-2"], id="nobody knows how far it came"),
    ],
)
def test_silence_after_a_conversation(judged, lines, flagged):
    """Seven days from the conversation on, whoever called."""
    violations, _, _ = judged(*lines)

    assert [(id_, SILENCE) for id_ in flagged] == broken(violations, SILENCE)


# 15 U.S.C. 1692c(a)(1): after 8 o'clock antemeridian and before 9 o'clock postmeridian, local time at the consumer's
# location.
@pytest.mark.parametrize(
    ("time", "flagged"),
    [
        pytest.param("08:00:00", True, id="eight sharp is not after eight"),
        pytest.param("08:00:01", False, id="after eight"),
        pytest.param("20:59:59", False, id="before nine"),
        pytest.param("21:00:00", True, id="nine sharp is not before nine"),
        pytest.param("07:59:59", True, id="before eight"),
        pytest.param("21:00:01", True, id="after nine"),
    ],
)
def test_hours(judged, time, flagged):
    """To the second."""
    violations, _, _ = judged(call("C-1", 1, time))

    assert [("C-1", rule) for rule in HOURS if flagged] == broken(violations, *HOURS)
    assert [None] * len(violations) == [v["counted"] for v in violations]


def test_a_wrong_number_found_later_never_counted(judged):
    """The correction stands anywhere in the log, and removes the violation that it caused."""
    found_later = call("C-3", 3, rest=",yes,2026-04-20T09:00:00-04:00")
    eighth = call("C-8", 7, "18:00:00")

    before, _, _ = judged(*SEVEN_CALLS, eighth)
    after, _, numbers = judged(found_later, *SEVEN_CALLS, eighth)

    assert [("C-8", SEVEN)] == broken(before, SEVEN)
    assert [] == broken(after, SEVEN)
    assert (8, 1) == (numbers.contacts, numbers.settled.corrected)


def test_a_correction_may_name_another_person(judged):
    """Then the contact was theirs from the beginning."""
    other = call("C-3", 3, rest=",,2026-04-20T09:00:00-04:00").replace("P-1", "P-2")

    violations, _, numbers = judged(*SEVEN_CALLS, call("C-8", 7, "18:00:00"), other)

    assert ([], 8) == (broken(violations, SEVEN), numbers.contacts)


def test_what_is_said_twice_counts_once(judged):
    """With the same id, or without ids to the letter."""
    nameless = [line.partition(",")[2] for line in SEVEN_CALLS]

    twice, _, numbers = judged(*SEVEN_CALLS, SEVEN_CALLS[2])
    without, _, others = judged(*nameless, nameless[2], head=HEAD.partition(",")[2])

    assert ([], 7, 1) == (twice, numbers.contacts, numbers.settled.duplicates)
    assert ([], 7, 1) == (without, others.contacts, others.settled.duplicates)


def test_lines_that_contradict_each_other_count_if_one_does(judged):
    """Two versions of C-3 recorded at one instant: a wrong number, or not. Neither counts against the other."""
    violations, _, numbers = judged(*SEVEN_CALLS, call("C-3", 3, rest=",yes,"), call("C-8", 7, "18:00:00"))

    assert [("C-8", SEVEN)] == broken(violations, SEVEN)
    assert (9, 2) == (numbers.contacts, numbers.settled.contradicting)


def test_what_was_never_dialled_is_no_contact(judged):
    """It is neither judged nor counted."""
    violations, _, numbers = judged(
        *SEVEN_CALLS[:-1], call("C-7", 7, outcome="not_dialled"), call("C-8", 7, "18:00:00"), call("C-9", 7, "23:00:00", "not_dialled")
    )  # fmt: skip

    assert ([], 7, 2) == (violations, numbers.contacts, numbers.void)


def test_contacts_of_one_instant_count_by_their_ids(judged):
    """Whatever their order in the file: so that shuffling changes nothing."""
    eight = [call(f"C-{number}", 1) for number in range(8, 0, -1)]

    violations, _, _ = judged(*eight)

    assert [("C-8", SEVEN)] == broken(violations, SEVEN)


@pytest.mark.parametrize(
    ("stated", "rules", "reason", "says"),
    [
        pytest.param({"zones": ""}, US, "dunning:zone", "The person's time zone is not known.", id="no zone"),
        pytest.param({"jurisdictions": ""}, US, "dunning:jurisdiction", "Where the person lives", id="no jurisdiction"),
        pytest.param({"jurisdictions": "FR"}, US, "dunning:jurisdiction", "No rule pack covers FR.", id="not covered"),
        pytest.param({"actor": ""}, US, "dunning:actor", "Nothing says who made the contact.", id="no actor"),
        pytest.param({"actor": "creditor"}, US, "dunning:hours", "No rule of law or house", id="no hours"),
    ],
)
def test_what_nobody_stated_is_not_judged(judged, stated, rules, reason, says):
    """Never silently fine, and no violation either."""
    form = evolve(AGENCY, stated={**AGENCY.stated, **stated})

    violations, not_judged, numbers = judged(call("C-1", 1), form=form, rules=rules)

    assert (reason, True) in [(entry["rule"], entry["title"].startswith(says)) for entry in not_judged]
    assert ([], 1) == (broken(violations, reason), numbers.not_judged)


def test_numbers_stand_for_persons(judged):
    """The number is the key, however it is written; no result holds it."""
    head = "call id,phone number,call start,disposition,account"
    written = ["+1 404 555 0100", "+1 (404) 555-0100", "+14045550100"]
    lines = [f"C-{day},{written[day % 3]},2026-04-0{min(day, 7)} 1{day}:00:00,No Answer,L-1" for day in range(1, 9)]
    form = evolve(AGENCY, zone="America/New_York", stated={**AGENCY.stated, "channel": "call"})

    violations, _, _ = judged(*lines, head=head, form=form)

    (violation,) = [v for v in violations if v["rule"] == SEVEN]
    assert "C-8" == violation["contact_id"]
    assert violation["person"].startswith("number:")
    assert "known by the number alone" in violation["notes"]
    assert "0100" not in json.dumps(violations)


@pytest.mark.parametrize(
    ("phones_in", "zones", "flagged"),
    [
        pytest.param("", "America/New_York", False, id="numbers say nothing"),
        pytest.param("US", "America/New_York", True, id="a number of Los Angeles, where it is seven"),
        pytest.param("US", "", False, id="never in place of the residence"),
    ],
)
def test_where_a_number_was_given_out(judged, phones_in, zones, flagged):
    """12 CFR 1006, comment 6(b)(1)(i)-2: a time must be convenient in every place that the facts suggest."""
    form = evolve(AGENCY, phones_in=phones_in, stated={**AGENCY.stated, "zones": zones, "channel": "call"})

    violations, not_judged, _ = judged(
        "C-1,P-1,(213) 555-0100,2026-04-01T10:00:00-04:00", head="id,person_id,number,at", form=form
    )

    assert [("C-1", rule) for rule in HOURS if flagged] == broken(violations, *HOURS)
    assert (not zones) is ("dunning:zone" in [entry["rule"] for entry in not_judged])


def person(**facts):
    """Return what is known of P-1."""
    return structure({"id": "P-1", **facts}, PersonFacts)


def test_people_join_numbers_to_persons(judged):
    """Seven calls to one number of a person and one to another are eight."""
    head = "id,number,at,outcome,loan_ids"
    lines = [f"C-{day},555-0100,2026-04-0{day}T10:00:00-04:00,attempted,L-1" for day in range(1, 8)]
    lines.append("C-8,555-0101,2026-04-07T18:00:00-04:00,attempted,L-1")
    form = evolve(AGENCY, stated={**AGENCY.stated, "channel": "call"})

    alone, _, _ = judged(*lines, head=head, form=form)
    joined, _, _ = judged(*lines, head=head, form=form, people=[person(numbers=["555 0100", "555 0101"])])

    assert [] == broken(alone, SEVEN)
    assert [("C-8", SEVEN)] == broken(joined, SEVEN)
    assert {"P-1"} == {v["person"] for v in joined}


CONSENT = {
    "lifts": SEVEN, "given_to": "lender", "given_at": "2026-04-07T12:00:00Z", "evidence": "recording 1",
}  # fmt: skip
HOLD = {"id": "H-1", "subject": {"kind": "person", "person_id": "P-1"}, "reason": "cease", "starts_on": "2026-04-03"}


@pytest.mark.parametrize(
    ("facts", "flagged"),
    [
        pytest.param({}, [("C-8", SEVEN)], id="nothing is known"),
        pytest.param({"consents": [CONSENT]}, [], id="the person had agreed"),
        pytest.param(
            {"consents": [{**CONSENT, "given_at": "2026-04-08T12:00:00Z"}]}, [("C-8", SEVEN)], id="agreed a day later"
        ),
        pytest.param(
            {"zones": ["America/Los_Angeles"]}, [("C-8", SEVEN), *((f"C-{n}", rule) for n in range(1, 8) for rule in HOURS)], id="lives further west"
        ),
        pytest.param(
            {"holds": [HOLD]}, [("C-8", SEVEN), *((f"C-{n}", "hold:H-1") for n in range(3, 9))], id="a hold from the third on"
        ),
        pytest.param(
            {"flags": [{"name": "represented", "since": "2026-04-07"}]},
            [("C-8", SEVEN), ("C-7", "us-regf-6b2-attorney-flag"), ("C-8", "us-regf-6b2-attorney-flag")],
            id="represented from the seventh on",
        ),
        pytest.param(
            {"inconvenient": [{"weekdays": [2], "opens": "09:00", "closes": "12:00"}]},
            [("C-8", SEVEN), ("C-1", "dunning:inconvenient")],
            id="not on a Wednesday morning",
        ),
    ],
)  # fmt: skip
def test_what_is_known_of_persons(judged, facts, flagged):
    """Facts that a log does not have: each at its own time. The first of April 2026 was a Wednesday."""
    rules = {SEVEN, *HOURS, "hold:H-1", "us-regf-6b2-attorney-flag", "dunning:inconvenient"}
    first = call("C-1", 1, "10:30:00")

    violations, _, _ = judged(first, *SEVEN_CALLS[1:], call("C-8", 7, "18:00:00"), people=[person(**facts)])

    assert sorted(flagged) == sorted(broken(violations, *rules))


def test_shuffling_changes_nothing(tmp_path_factory):
    """Byte for byte, the numbers of lines aside; with corrections, contradictions, repetitions and bad lines."""
    chance = random.Random(4)  # noqa: S311 - a log, no secret
    lines = [*random_log(chance, 60), "bad,line", call("C-5", 9, rest=",yes,"), call("C-5", 9), call("C-6", 2)]
    folder = tmp_path_factory.mktemp("shuffled")
    rules = rule_set([PACKS["us"], PACKS["us_ma"]])

    def found(order):
        path = folder / "log.csv"
        path.write_text("\n".join((HEAD, *(lines[place] for place in order))) + "\n")
        numbers = audit(path, rules, now=NOW, form=AGENCY).audit.data()
        pages = []
        for name in ("violations", "not_judged"):
            with path.with_name(f"log.csv.{name}.csv").open(newline="") as file:
                pages.append([row[1:] for row in csv.reader(file)])
        return pages, numbers

    expected = found(range(len(lines)))
    assert len(expected[0][0]) > 10

    @settings(max_examples=12, deadline=None)
    @given(st.permutations(range(len(lines))))
    def shuffled(order):
        assert expected == found(order)

    shuffled()


def random_log(chance, size):
    """Return lines of a log of three persons who share debts."""
    lines = []
    for number in range(size):
        at = dt.datetime(2026, 4, 1, 11) + dt.timedelta(hours=chance.randrange(14 * 24), seconds=chance.randrange(3))
        channel = chance.choice(("call", "call", "call", "sms"))
        outcome = chance.choice(("", "attempted", "busy", "connected", "conversation"))
        cells = (
            f"R-{number}",
            f"{at.isoformat()}Z",
            f"P-{chance.randrange(3)}",
            chance.choice(("L-1", "L-2", "L-1;L-2", "")),
        )
        lines.append(",".join((*cells, channel, outcome if channel == "call" else "sent", chance.choice(("out", "out", "in")), chance.choice(("", "", "yes")), "")))  # fmt: skip
    return lines


RUNGS = {"busy": "not_connected", "sent": "attempted", "": None}


def records(lines):
    """Return the ledger lines of a random log, read by hand."""
    found = []
    for line in lines:
        id_, at, person_id, loans, channel, outcome, direction, wrong, _ = line.split(",")
        instant = dt.datetime.fromisoformat(at)
        found.append(
            ContactRecord(
                id=id_,
                direction=direction,
                purpose="collection",
                channel=channel,
                person_id=person_id,
                loan_ids=tuple(filter(None, loans.split(";"))),
                point_id=f"point of {person_id}",
                actor="agency" if direction == "out" else "borrower",
                actor_id="lender",
                at=instant,
                outcome=RUNGS.get(outcome, outcome),
                wrong_number=wrong == "yes",
                recorded_at=instant,
            )
        )
    return sorted(found, key=lambda record: (record.at, record.id))


EVERY = sorted(PACKS)


@pytest.mark.parametrize(
    ("place", "zone", "packs", "seed", "least"),
    [
        pytest.param("US-GA", "America/New_York", ["us"], 1, 4, id="federal"),
        pytest.param("US-MA", "America/New_York", ["us", "us_ma"], 2, 6, id="by debt, over persons"),
        pytest.param("US-MA", "America/New_York", ["us", "us_ma"], 3, 6, id="by debt, over persons, again"),
        pytest.param("CN", "Asia/Shanghai", ["cn"], 4, 1, id="by contact point"),
        pytest.param("CO", "America/Bogota", EVERY, 5, 2, id="distinct channels"),
        pytest.param("CL", "America/Santiago", EVERY, 6, 2, id="pools of channels"),
        pytest.param("US-DC", "America/Los_Angeles", EVERY, 7, 3, id="a fixed zone"),
        pytest.param("US-WA", "America/Los_Angeles", EVERY, 8, 4, id="any form of contact"),
    ],
)
def test_it_is_what_may_contact_says(judged, place, zone, packs, seed, least):
    """Contact by contact, with everything that happened before it as history: nothing more, and nothing less."""
    lines = random_log(random.Random(seed), 150)  # noqa: S311 - a log, no secret
    rules = rule_set([PACKS[name] for name in packs])
    calendars = {calendar.name: calendar for calendar in calendars_for(rules.rules, ())}
    caps = {rule.id: rule.effect for rule in rules.rules if isinstance(rule.effect, CapRule)}
    expected, asked = [], {}
    known = records(lines)
    for place_in_time, record in enumerate(known):
        if record.direction == "in":
            continue
        request = ContactRequest(
            actor=Actor(kind="third_party"),
            person_id=record.person_id,
            loan_ids=record.loan_ids,
            purpose="collection",
            channel=record.channel,
            point_id=record.point_id,
            lawful_basis="contract",
            jurisdictions=(place,),
            zones=(zone,),
            evidence=frozenset({"recording"}),
            history=tuple(known[:place_in_time]),
            at=record.at,
        )
        verdict = may_contact(request, rules, calendars=calendars, horizon_days=1)
        asked[record.id] = request
        expected += [(record.id, objection.rule) for objection in verdict.objections]
    form = LogForm(
        stated={"actor": "third_party", "jurisdictions": place, "zones": zone, "lawful_basis": "contract", "evidence": "recording"}
    )  # fmt: skip
    pointed = [f"{line},point of {line.split(',')[2]}" for line in lines]

    violations, not_judged, _ = judged(*pointed, head=f"{HEAD},point_id", form=form, rules=rules, calendars=calendars)

    assert sorted(expected) == sorted((v["contact_id"], v["rule"]) for v in (*violations, *not_judged))
    assert len({rule for _, rule in expected}) >= least
    for violation in violations:
        if violation["allowed"]:  # the cap itself, asked with another number, says how many it counted
            cap, request = caps[violation["rule"]], asked[violation["contact_id"]]
            frame = frame_of(request, request.at, request.at + dt.timedelta(seconds=1))
            objects = [
                below_cap(evolve(cap, most=most), request, known_events(request.history), frame).at(request.at) is False
                for most in (violation["counted"], violation["counted"] + 1)
            ]
            assert [True, False] == objects, violation


def test_a_reply_is_judged_by_what_it_answers(judged):
    """One reply to what a person wrote is exempt from hours; a second is not (comment 6(b)(1)-2)."""
    head = "id,at,person_id,channel,direction,purpose,reply_to"
    lines = [
        "M-1,2026-04-01T22:00:00-04:00,P-1,sms,in,reply,",
        "M-2,2026-04-01T22:01:00-04:00,P-1,sms,out,reply,M-1",
        "M-3,2026-04-01T22:02:00-04:00,P-1,sms,out,reply,M-1",
        "M-4,2026-04-01T22:03:00-04:00,P-1,sms,out,reply,",
    ]

    violations, _, _ = judged(*lines, head=head)

    assert [(id_, rule) for id_ in ("M-3", "M-4") for rule in HOURS] == broken(violations, *HOURS)


CN = rule_set([PACKS["cn"]])
CN_FORM = {"actor": "third_party", "jurisdictions": "CN", "zones": "Asia/Shanghai", "channel": "visit"}
TOLD = "CN-CBIRC9-41"  # needs the milestone outsourcing_notice
VISIT = "CN-NIFA2018-VISIT"  # needs evidence: identity_shown, recording
NOTICE = {"kind": "outsourcing_notice", "on": "2026-03-01"}


# What a precondition needs is lacking only where somebody keeps it: of anything else nobody can tell.
@pytest.mark.parametrize(
    ("evidence", "people", "told", "recorded"),
    [
        pytest.param(("", ""), (), "not judged", "not judged", id="nothing is stated"),
        pytest.param(("recording", "recording"), (), "not judged", "not judged", id="no milestone, nor who was shown"),
        pytest.param(("recording", "other"), (), "not judged", "violation", id="another line has a recording"),
        pytest.param(("recording", "!recording"), (), "not judged", "violation", id="said not to be there"),
        pytest.param(("recording", ""), (), "not judged", "not judged", id="this line states nothing"),
        pytest.param(("", ""), ({"id": "P-2"},), "not judged", "not judged", id="nobody has milestones"),
        pytest.param(("", ""), ({"id": "P-2"}, {"id": "P-1", "milestones": [NOTICE]}), "violation", "not judged", id="another was told"),
        pytest.param(("", ""), ({"id": "P-1", "milestones": [NOTICE]},), "not judged", "not judged", id="the person is not known"),
        pytest.param(("", ""), ({"id": "P-2", "milestones": [NOTICE]},), "", "not judged", id="told"),
        pytest.param(("", ""), ({"id": "P-2", "milestones": [{**NOTICE, "on": "2026-05-01"}]},), "violation", "not judged", id="told too late"),
    ],
)  # fmt: skip
def test_preconditions_are_judged_by_name(judged, evidence, people, told, recorded):
    """The second of two visits, by a rule that needs a milestone and by one that needs evidence."""
    lines = [f"V-{n},2026-04-0{n}T10:00:00+08:00,P-{n},{of}" for n, of in enumerate(evidence, start=1)]
    known = [structure(facts, PersonFacts, "people") for facts in people]

    violations, not_judged, found = judged(
        *lines, head="id,at,person_id,evidence", form=LogForm(stated=CN_FORM), rules=CN, people=known
    )

    def answer(rule):
        broke, doubted = (("V-2", rule) in broken(some, rule) for some in (violations, not_judged))
        return "violation" if broke else "not judged" if doubted else ""

    assert (told, recorded) == (answer(TOLD), answer(VISIT))
    if told == "not judged":
        assert {"milestone outsourcing_notice"} == found.missing[TOLD]
