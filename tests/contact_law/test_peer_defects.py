"""Defects that were seen in other systems, each of which would let a contact through or stop one for no reason."""

import datetime as dt
import json
import os
import subprocess
import sys

import pytest
from attrs import evolve

from dunning.adapters.codec.convert import structure, unstructure
from dunning.adapters.codec.rule_pack import shipped_rule_pack
from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.adapters.sentences import LANGUAGES, explain_verdict
from dunning.adapters.storage.memory import MemoryStorage
from dunning.core.contact.permission import may_contact
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule_set import rule_set
from dunning.core.hold import CHANNELS, PURPOSES
from dunning.core.outbox.transitions import State
from dunning.engine.parts import terms_of
from dunning.plugins import hookimpl
from dunning.plugins.hooks import build_hooks
from dunning.rules import pack_names
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_person, a_point, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import an_engine
from dunning.testing.living import LivingBook

DAY = dt.timedelta(days=1)


# --- first match in the order of a file decides ----------------------------------------------------------------------

# Many rules object to it, some of them only because of facts whose sets and lists have no natural order.
ASKED = {
    "actor": {"kind": "third_party", "id": "agency"},
    "person_id": "P-1",
    "loan_ids": ["L-1", "L-2"],
    "purpose": "collection",
    "channel": "call",
    "workplace": True,
    "jurisdictions": ["US-MA"],
    "zones": ["America/New_York", "America/Chicago", "America/Phoenix"],
    "days_past_due": 35,
    "flags": ["represented", "bankrupt", "minor", "military"],
    "evidence": ["recording", "identity_shown", "licence", "two_visitors"],
    "history": [
        {
            "id": f"C-{n}",
            "direction": "out",
            "purpose": "collection",
            "channel": "call",
            "person_id": "P-1",
            "loan_ids": ["L-1"],
            "actor_id": "agency",
            "at": f"2026-03-{day:02}T15:00:00Z",
            "recorded_at": f"2026-03-{day:02}T15:00:00Z",
        }
        for n, day in enumerate((16, 17, 17, 18))
    ],
    "at": "2026-03-18T02:30:00Z",
}
PACKS = ("us", "us_ma", "cn")


def said(rules):
    """Return all that is said on `ASKED`, as bytes: for machines, and for people in each language."""
    verdict = may_contact(structure(ASKED, ContactRequest, "asked"), rules)
    return json.dumps([unstructure(verdict), *(explain_verdict(verdict, language) for language in LANGUAGES)]).encode()


class Vendor:
    """A plugin that brings one pack."""

    def __init__(self, pack):
        self.pack = pack
        self.DUNNING_NAME = pack.id

    @hookimpl
    def dunning_register_rules(self, register):
        register(self.pack)


def test_several_object_in_the_order_of_their_ids():
    """And not one alone, that stands first in some file."""
    verdict = may_contact(
        structure(ASKED, ContactRequest, "asked"), rule_set(shipped_rule_pack(name) for name in PACKS)
    )
    objecting = [objection.rule for objection in verdict.objections]

    assert len(objecting) > 5
    assert sorted(objecting) == objecting


@pytest.mark.parametrize(
    "dealt",
    [
        pytest.param(lambda things: things[::-1], id="backwards"),
        pytest.param(lambda things: (*things[1::2], *things[::2]), id="every other first"),
        pytest.param(lambda things: tuple(sorted(things, key=lambda thing: thing.id[::-1])), id="by the end of the id"),
    ],
)
def test_no_order_of_rules_and_packs_changes_a_byte(dealt):
    """Neither of the tables in a file, nor of the files."""
    packs = tuple(shipped_rule_pack(name) for name in PACKS)
    others = [evolve(pack, rules=dealt(pack.rules)) for pack in dealt(packs)]

    assert said(rule_set(packs)) == said(rule_set(others))


@pytest.mark.parametrize("turned", [False, True])
def test_no_order_of_plugins_changes_a_byte(turned):
    """They bring the packs in the order in which they were installed, which is nobody's choice."""
    vendors = [Vendor(evolve(shipped_rule_pack(name), id=f"vendor_{name}")) for name in PACKS]
    hooks = build_hooks(vendors[::-1] if turned else vendors)
    brought = [pack for pack in hooks.rule_packs() if pack.id.startswith("vendor_")]

    assert {f"vendor_{name}" for name in PACKS} == {pack.id for pack in brought}
    assert said(rule_set(brought)) == said(rule_set(shipped_rule_pack(name) for name in PACKS))


def test_no_process_changes_a_byte(tmp_path):
    """Whatever seed hashes have: sets and dictionaries are walked in another order under each."""
    (tmp_path / "asked.jsonl").write_text(json.dumps(ASKED))
    program = "import sys; from dunning.cli import main; sys.argv[0] = 'dunning'; main()"
    command = ("may-contact", tmp_path / "asked.jsonl", "--packs", ",".join(PACKS), "--json", "--dry-run")

    answers = {
        subprocess.run(
            [sys.executable, "-c", program, *command],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "4711")
    }

    (answer,) = answers
    assert json.loads(answer)["objections"]


# --- an edit of the policy resets or strands counts ------------------------------------------------------------------

CAP = "[house.caps.messages_a_day]"
ONE_A_DAY = 'counts = "message"\nmost = 1\nperiod = "day"'


def edited(*pairs):
    """Return the shipped policy with *pairs* of texts exchanged, as the next version."""
    text = shipped("auto").replace('version = "1.0.0"', 'version = "1.0.1"')
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return read_policy(sign(text, business="head of collections", legal="general counsel", on=TODAY))


def late(days):
    """Return a loan that is *days* past due, and was never late before."""
    first = TODAY - days * DAY
    return a_loan(instalments=tuple(an_instalment(n + 1, due_on=first + n * 30 * DAY) for n in range(6)))


def sent_this_morning():
    """Return the ledger after the shipped policy has sent its message of the day, about a loan that is just late."""
    with an_engine([late(1)], [a_person()]) as engine:
        engine.assess(as_of=TODAY, now=NOON)
        assert {"sms": 1} == dict(engine.deliver(now=NOON).sent)
        with engine.parts.storage.begin(LENDER, read_only=True) as unit:
            return tuple(unit.history(["person:P-1"], since=NOON - DAY))


@pytest.mark.parametrize(
    ("policy", "standing"),
    [
        pytest.param(edited(), ["house.caps.messages_a_day"], id="only the version"),
        pytest.param(edited((CAP, "[house.caps.one_word_a_day]")), ["house.caps.one_word_a_day"], id="another name"),
        pytest.param(edited((ONE_A_DAY, ONE_A_DAY.replace("most = 1", "most = 2"))), [], id="raised to two"),
        pytest.param(edited((ONE_A_DAY, ONE_A_DAY.replace("most = 1", "most = 0\nlength = 1").replace('"day"', '"rolling_days"'))), ["house.caps.messages_a_day"], id="lowered to nothing after one"),
        pytest.param(edited((ONE_A_DAY, 'counts = "message"\nmost = 1\nperiod = "week"')), ["house.caps.messages_a_day"], id="another period"),
        pytest.param(edited((CAP, '[house.caps.a_week]\ncounts = "contact"\nmost = 1\nperiod = "week"\nwhy = "New."\n\n' + CAP)), ["house.caps.a_week", "house.caps.messages_a_day"], id="another cap beside it"),
        pytest.param(edited(("[tiers.reminder.steps.reminder_first]", "[tiers.reminder.steps.reminder_early]")), ["house.caps.messages_a_day"], id="the step that sent it has another name"),
    ],
)  # fmt: skip
def test_what_was_sent_counts_under_every_edit(policy, standing):
    """Counts are of contacts, which the ledger keeps, and not of rules, steps or campaigns."""
    history = sent_this_morning()
    request = ContactRequest(
        person_id="P-1",
        loan_ids=("L-1",),
        purpose="collection",
        channel="sms",
        point_id="P-1-mobile",
        lawful_basis="contract",
        jurisdictions=("CN",),
        zones=("Asia/Shanghai",),
        product="auto",
        history=history,
        at=NOON + dt.timedelta(hours=2),
    )
    terms = terms_of(policy, lender=LENDER, packs=[shipped_rule_pack(name) for name in pack_names()])

    first = may_contact(evolve(request, history=()), terms.rules)
    again = may_contact(request, terms.rules)

    assert 1 == len(history)
    assert () == first.objections
    assert standing == [objection.rule for objection in again.objections]
    # What is left of a cap that was raised is the difference, and not all of it.
    third = evolve(history[0], id="a second one", entry_key="")
    more = may_contact(evolve(request, history=(*history, third)), terms.rules)
    assert (standing or ["house.caps.messages_a_day"]) == [objection.rule for objection in more.objections]


# --- silent change of the channel ------------------------------------------------------------------------------------

E_MAIL = a_point("P-1-email", kind="email", address="borrower@example.com", zones=())
POST = a_point("P-1-post", kind="post", address="1 Example Road", zones=())
MOBILE = a_point("P-1-mobile")
SOFT = 'channels = ["app", "sms", "chat"]\ntemplate = "soft_message"'


def by_e_mail(then=()):
    channels = json.dumps(["email", *then])
    return edited((SOFT, f'channels = {channels}\ntemplate = "soft_message"'))


def queued(engine, step):
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return [(entry.channel, entry.point_id, entry.state) for entry in unit.entries() if entry.step == step]


@pytest.mark.parametrize(
    ("points", "then", "expected"),
    [
        pytest.param((E_MAIL, POST, MOBILE), (), [("email", "P-1-email", State.DELIVERED)], id="with an address"),
        pytest.param((POST, MOBILE), (), [], id="without one: no letter and no text message"),
        pytest.param((), (), [], id="without any"),
        pytest.param((MOBILE,), ("sms",), [("sms", "P-1-mobile", State.DELIVERED)], id="where the policy says so"),
    ],
)
def test_a_missing_address_changes_no_channel(points, then, expected):
    """A step goes over the channels that the policy names for it, in their order, and over no other."""
    channel = RecordingChannel()
    policy = by_e_mail(then)
    with an_engine([late(15)], [a_person(points=points)], policy=policy, channel=channel) as engine:
        engine.assess(as_of=TODAY, now=NOON)
        engine.deliver(now=NOON)

        named = {step.name: step.channels for step in policy.steps}
        with engine.parts.storage.begin(LENDER, read_only=True) as unit:
            assert [] == [e.key for e in unit.entries() if e.channel and e.channel not in named[e.step]]
        assert expected == queued(engine, "soft_message")
        assert [found[0] for found in expected] == [message.channel for message in channel.sent]


def test_an_address_that_went_before_sending_changes_no_channel():
    """The entry is dropped, with its reason, and the letter waits for a step that names one."""
    loan = late(15)
    book = LivingBook(loans=[loan], persons=[a_person(points=(E_MAIL, POST))], current_through=TODAY)
    channel = RecordingChannel()
    with an_engine(book=book, policy=by_e_mail(), channel=channel, storage=MemoryStorage()) as engine:
        engine.assess(as_of=TODAY, now=NOON - 4 * dt.timedelta(hours=1))
        assert ["email"] == [found[0] for found in queued(engine, "soft_message")]
        book.turn(loans=[loan], persons=[a_person(points=(POST,))], current_through=TODAY)

        engine.deliver(now=NOON)

        assert [] == channel.sent
        ((via, _, state),) = queued(engine, "soft_message")
        assert ("email", State.REFUSED) == (via, state)


# --- a missing zone skips the legal window ---------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_without_a_zone_nothing_is_permitted(purpose, channel):
    """By no channel, for no purpose, under no pack, and at no time: nobody knows what hour it is there."""
    rules = rule_set((shipped_rule_pack(name) for name in pack_names()), floor="low")
    request = ContactRequest(
        person_id="P-1",
        loan_ids=("L-1",),
        purpose=purpose,
        channel=channel,
        lawful_basis="contract",
        jurisdictions=("US-MA", "CN"),
        point_zones=("America/New_York",),  # what an area code suggests is not where somebody is
        at=dt.datetime(2026, 3, 18, 16, tzinfo=dt.UTC),
    )

    verdict = may_contact(request, rules)

    assert "dunning:zone" in [objection.rule for objection in verdict.objections]
    assert verdict.next_permitted is None
