"""The packs that we ship: each sample holds, each edge is guarded, and what is known weakly is off."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from dunning import rules
from dunning.adapters.calendars.needed import calendars_for
from dunning.adapters.codec.rule_pack import check_samples, shipped_rule_pack
from dunning.core.calendar import Calendar
from dunning.core.contact.effects import BarRule, HoursRule, Incorporation, NoNumberRule, PreconditionRule
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.permission import may_contact
from dunning.core.contact.request import Actor, ContactRequest
from dunning.core.contact.rule import ContactRule, RulePack, Source
from dunning.core.contact.rule_set import rule_set
from dunning.core.contact.samples import failing, request_for
from dunning.core.facts.person import Hours
from dunning.core.hold import CHANNELS, Hold, Subject
from dunning.errors import FactsError

PACKS = {name: shipped_rule_pack(name) for name in rules.pack_names()}
RULES = {rule.id: rule for pack in PACKS.values() for rule in pack.rules}
SHIPPED = rule_set(PACKS.values())


# Known weakly, whatever confidence the research gives it: what the press reports, drafts, sources in conflict.
WEAK = [
    "AE-CPS-HOURS-UNVERIFIED",  # sources conflict
    "CN-CBA2026-CALL-REASONABLE",  # press only, like the other rules of this guideline
    "CN-CBA2026-CAP-ATTEMPT",
    "CN-CBA2026-CHANNEL",
    "CN-CBA2026-HOURS",
    "CN-CBA2026-THIRD-PARTY",
    "CN-CBA2026-THIRD-PARTY-lost",
    "CN-CBA2026-THIRD-PARTY-refused",
    "CN-CBA2026-VISIT",
    "CN-CBA2026-VISIT-workplace",
    "CN-GBT45251-VISIT-cap",  # press only
    "CN-GBT45251-VISIT-people",
    "CN-NIFA2018-TIME-hours",  # its hours are folklore
    "IN-RBI2026-DRAFT-agent-notified",  # only a draft was seen
    "IN-RBI2026-DRAFT-hours",
    "IN-RBI2026-DRAFT-occasion",
    "IN-RBI2026-DRAFT-recording",
    "IN-RBI2026-DRAFT-third-party",
    "KZ-LCA5-CALL",  # three a day, or a week
    "au-rg96-visit-a-month",  # from memory
    "ie-cpc-arrears-cap",  # attempts, or contacts
    "kz-collection-3-a-day",
    "mx-condusef-weekdays",  # whether weekends are closed is disputed
    "us-ny-nyc-6rcny5-77",  # three in seven is from memory
    "us-tcpa-64-1200-c1",  # its text was not read
]


def test_what_we_ship():
    """A pack for each jurisdiction that was researched; anything else is refused."""
    places = {text.jurisdiction.lower().replace("-", "_") for text in rules.researched()}

    assert tuple(sorted(places)) == rules.pack_names()
    with pytest.raises(LookupError, match="Known: ae, ar, au"):
        rules.pack_text("../us")


@pytest.mark.parametrize("name", sorted(PACKS))
def test_every_sample_holds(name):
    """Literal, from the source."""
    assert () == check_samples(PACKS[name], f"{name}.toml")


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_every_rule_says_where_it_stands_and_how_it_was_read(rule_id):
    """Title, source, review date; samples on both sides, or one where it never objects; a reason where it is off."""
    rule = RULES[rule_id]

    assert dt.date(2026, 11, 22) < rule.review_by <= dt.date(2027, 6, 30)
    assert rule.source.article
    assert rule.source.url or rule.source.confidence == "low" or "not read" in rule.source.read_as
    assert rule.channels
    if isinstance(rule.effect, Incorporation):
        return  # its samples stand with the rules that it incorporates
    never = isinstance(rule.effect, NoNumberRule) and rule.effect.about == "frequency"
    assert ({False} if never else {True, False}) == {sample.objects for sample in rule.samples}
    if not rule.enabled:
        assert rule.disabled_because.endswith(".")


def test_what_is_known_weakly_ships_disabled():
    """By name: no floor switches it on."""
    assert sorted(rule.id for rule in RULES.values() if not rule.enabled) == WEAK


def test_what_the_packs_cover():
    """What was researched, and states of which federal law alone is judged."""
    places = {text.jurisdiction for text in rules.researched()}

    assert places - {"EU"} <= SHIPPED.covers
    assert {"US-AZ", "US-CO", "US-GA", "US-IL", "US-OH"} <= SHIPPED.covers


# --- the packs at work -----------------------------------------------------------------------------------------------

ALWAYS = HoursRule(windows=(Hours(weekdays=tuple(range(7)), opens=dt.time(0), closes=dt.time.max),))
HOUSE = RulePack(
    id="house",
    version="1",
    owner="policy",
    rules=(
        ContactRule(
            id="house.always",
            jurisdiction="house",
            title="House hours: any",
            source=Source(instrument="policy", read_as="own rule", confidence="high"),
            force="house_rule",
            effect=ALWAYS,
        ),
    ),
)
ALL = rule_set(PACKS.values(), house=HOUSE)
AGENCY = Actor(kind="third_party", id="agency-1")


def wall(text, zone="America/New_York"):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def request(at, **changes):
    fields = {
        "actor": AGENCY,
        "person_id": "p",
        "loan_ids": ("l",),
        "purpose": "collection",
        "channel": "call",
        "point_id": "pt",
        "lawful_basis": "contract",
        "jurisdictions": ("US-OH",),
        "zones": ("America/New_York",),
        "at": at,
    }
    return ContactRequest(**(fields | changes))


def objecting(asked, rule_set_=ALL):
    return [one.rule for one in may_contact(asked, rule_set_).objections]


@pytest.mark.parametrize(
    ("actor", "objects"),
    [
        pytest.param("creditor", [], id="the creditor in its own name is not bound"),
        pytest.param("third_party", ["us-fdcpa-1692c-a", "us-regf-6b1-time"], id="an agency"),
        pytest.param("debt_buyer", ["us-fdcpa-1692c-a", "us-regf-6b1-time"], id="a debt buyer"),
    ],
)
def test_whom_the_federal_rules_bind(actor, objects):
    """At ten in the evening, in a state without rules of its own."""
    assert objects == objecting(request(wall("2026-03-04T22:00:00"), actor=Actor(kind=actor, id="x")))


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_creditor_without_house_hours_may_contact_nobody_in_ohio(channel):
    """Federal law states no hours for a creditor, and that is no permission."""
    asked = request(wall("2026-03-04T12:00:00"), actor=Actor(), channel=channel)

    assert ["dunning:hours"] == objecting(asked, SHIPPED)


@pytest.mark.parametrize(
    ("channel", "objects"),
    [
        pytest.param("call", ["us-ma-940cmr7-04-hours"], id="calls"),
        pytest.param("visit", ["us-ma-940cmr7-04-hours"], id="visits"),
        pytest.param("sms", [], id="texts have no hours for a creditor"),
    ],
)
def test_massachusetts_binds_the_creditor_too(channel, objects):
    """At ten in the evening."""
    asked = request(wall("2026-03-04T22:00:00"), actor=Actor(), channel=channel, jurisdictions=("US-MA",))

    assert objects == objecting(asked)


def line(at, **changes):
    fields = {
        "id": at.isoformat(),
        "direction": "out",
        "purpose": "collection",
        "channel": "call",
        "person_id": "p",
        "loan_ids": ("l",),
        "at": at,
        "outcome": "attempted",
        "recorded_at": at,
    }
    return ContactRecord(**(fields | changes))


WROTE = line(wall("2026-03-04T10:00:00"), id="wrote", direction="in")


def test_a_text_by_the_lender_and_a_call_by_the_agency_are_two():
    """Massachusetts pools calls and texts, whoever makes them."""
    history = (line(wall("2026-03-03T10:00:00"), channel="sms"), line(wall("2026-03-04T10:00:00"), actor="agency"))
    verdict = may_contact(request(wall("2026-03-05T12:00:00"), jurisdictions=("US-MA",), history=history), ALL)

    assert ["us-ma-209cmr18-16-2-in-7", "us-ma-940cmr7-04-2-in-7"] == [one.rule for one in verdict.objections]
    assert wall("2026-03-10T08:00:01") == verdict.next_permitted  # 3 March is then eight dates back


def test_a_conversation_in_massachusetts_and_regulation_f():
    """The strictest decides; each says until when."""
    history = (line(wall("2026-04-01T15:00:00"), outcome="conversation"),)
    verdict = may_contact(request(wall("2026-04-03T12:00:00"), jurisdictions=("US-MA",), history=history), ALL)

    assert ["us-regf-14b2-call-frequency-after-conversation"] == [one.rule for one in verdict.objections]
    assert wall("2026-04-08T08:00:01") == verdict.next_permitted


def test_the_household_in_massachusetts():
    """Calls with the borrower are not calls with the household."""
    calls = (line(wall("2026-03-03T10:00:00")), line(wall("2026-03-04T10:00:00")))
    asked = request(
        wall("2026-03-05T12:00:00"), actor=Actor(), jurisdictions=("US-MA",), role="contact_person", history=calls
    )
    relatives = tuple(evolve(call, person_id="q", role="household_member") for call in calls)

    assert "us-ma-940cmr7-05-2-in-7" not in objecting(asked)
    assert "us-ma-940cmr7-05-2-in-7" in objecting(evolve(asked, history=relatives))


@pytest.mark.parametrize(
    ("place", "purpose", "objects"),
    [
        pytest.param("US-CA", "location", ["us-ca-rosenthal/us-fdcpa-1692b-once"], id="a creditor in California"),
        pytest.param("US-CA", "collection", [], id="what is no such question"),
        pytest.param("US-OH", "location", [], id="a creditor elsewhere"),
    ],
)
def test_california_has_creditors_ask_once_too(place, purpose, objects):
    """15 U.S.C. 1692b, which the Rosenthal Act takes over, is about asking where the consumer is, and nothing else."""
    asked_before = (line(wall("2026-03-03T10:00:00"), purpose="location", outcome="conversation"),)
    asked = request(
        wall("2026-03-04T12:00:00"), actor=Actor(), jurisdictions=(place,), purpose=purpose, history=asked_before
    )

    assert objects == objecting(asked)


@pytest.mark.parametrize(
    ("purpose", "objects"),
    [
        pytest.param("collection", ["cl-19496-37-2-days-apart"], id="a reminder the day before"),
        pytest.param("receipt", [], id="a receipt the day before"),
        pytest.param("statutory_notice", [], id="a notice of law the day before"),
    ],
)
def test_what_chile_counts(purpose, objects):
    """Acts of collection, and nothing else that was written."""
    day_before = line(wall("2026-05-04T10:00:00", "America/Santiago"), channel="sms", purpose=purpose)
    asked = request(
        wall("2026-05-05T12:00:00", "America/Santiago"),
        channel="sms",
        jurisdictions=("CL",),
        zones=("America/Santiago",),
        history=(day_before,),
    )

    assert objects == objecting(asked)


@pytest.mark.parametrize(
    ("place", "objects"),
    [
        pytest.param("BR", ["dunning:hours"], id="where the state is not known"),
        pytest.param("BR-AM", ["dunning:hours"], id="where the hours of the state are off"),
        pytest.param("BR-SP", ["br-sp-15426"], id="where the state gives hours, and no calendar is at hand"),
    ],
)
def test_calls_in_brazil_need_some_hours(place, objects):
    """Those of the state; where it gives none, those of the house."""
    asked = request(
        wall("2026-03-04T12:00:00", "America/Sao_Paulo"),
        evidence=frozenset({"recording"}),
        jurisdictions=(place,),
        zones=("America/Sao_Paulo",),
    )

    assert objects == objecting(asked, SHIPPED)


@pytest.mark.parametrize(
    ("changes", "objects"),
    [
        pytest.param({"flags": frozenset({"represented"})}, ["us-regf-6b2-attorney-flag"], id="represented"),
        pytest.param({"flags": frozenset({"bankrupt"})}, ["us-bankruptcy-stay-flag"], id="bankrupt"),
        pytest.param(
            {"flags": frozenset({"bankrupt"}), "actor": Actor()}, ["us-bankruptcy-stay-flag"], id="bankrupt, creditor"
        ),
        pytest.param({"workplace": True}, ["us-regf-6b3-workplace"], id="at work"),
        pytest.param({"may_know": False}, ["us-fdcpa-1692c-b"], id="a third party"),
        pytest.param(
            {"flags": frozenset({"represented"}), "purpose": "reply", "reply_to": "wrote", "history": (WROTE,)},
            [],
            id="an answer to a represented consumer",
        ),
        pytest.param(
            {
                "flags": frozenset({"represented"}),
                "purpose": "reply",
                "reply_to": "wrote",
                "history": (WROTE, line(wall("2026-03-04T11:00:00"), purpose="reply", reply_to="wrote")),
            },
            ["us-regf-6b2-attorney-flag"],
            id="a second answer to a represented consumer",
        ),
    ],
)
def test_federal_bars(changes, objects):
    """At noon."""
    assert objects == objecting(request(wall("2026-03-04T12:00:00"), **changes))


@pytest.mark.parametrize(
    ("purpose", "objects"),
    [
        pytest.param("collection", ["hold:h", "us-regf-6c-cease"], id="collection"),
        pytest.param("statutory_notice", [], id="a notice of the remedies"),
    ],
)
def test_a_notice_to_cease(purpose, objects):
    """It stops everything but what the law itself lets the collector still say."""
    held = Hold(
        id="h",
        subject=Subject(kind="loan", loan_id="l"),
        reason="cease",
        starts_on=dt.date(2026, 3, 4),
        purposes=("collection", "service"),
    )

    assert objects == objecting(request(wall("2026-03-04T12:00:00"), purpose=purpose, holds=(held,)))


def test_china():
    """Eight to ten, any day, holidays of a year that nobody has announced included."""

    def at(text, **changes):
        fields = {"actor": Actor(), "channel": "sms", "jurisdictions": ("CN",), "zones": ("Asia/Shanghai",)}
        return request(wall(text, "Asia/Shanghai"), **(fields | changes))

    assert [] == objecting(at("2027-01-04T10:00:00"), SHIPPED)
    assert ["CN-GBT45251-HOURS"] == objecting(at("2026-03-18T22:00:00"), SHIPPED)
    stranger = at("2026-03-18T10:00:00", may_know=False, product="auto")
    stranger = evolve(stranger, actor=evolve(stranger.actor, institution="auto_finance"))
    assert ["CN-GBT45251-THIRD-PARTY", "CN-NIFA2018-THIRD-PARTY"] == objecting(stranger, SHIPPED)
    talks = tuple(
        line(wall(f"2026-03-18T{hour}:00:00", "Asia/Shanghai"), outcome="conversation") for hour in ("09", "11", "13")
    )
    assert ["CN-GBT45251-CAP-INTERACTIVE"] == objecting(
        at("2026-03-18T15:00:00", channel="call", history=talks), SHIPPED
    )
    assert [] == objecting(at("2026-03-18T15:00:00", channel="announcement", history=talks), SHIPPED)
    verdict = may_contact(at("2026-03-18T10:00:00"), SHIPPED)
    assert any("CN-CBA2026-HOURS" in text for text in verdict.assumptions)


def test_a_year_that_nobody_has_announced():
    """A rule that needs its holidays refuses, and says why; one that does not goes on: 10:00 on 4 January 2027."""
    calendars = {calendar.name: calendar for calendar in calendars_for(SHIPPED.rules)}
    china = request(
        wall("2027-01-04T10:00:00", "Asia/Shanghai"), actor=Actor(), channel="sms", jurisdictions=("CN",),
        zones=("Asia/Shanghai",),
    )  # fmt: skip
    indonesia = request(
        wall("2027-01-04T10:00:00", "Asia/Jakarta"), actor=Actor(), channel="sms", jurisdictions=("ID",),
        zones=("Asia/Jakarta",),
    )  # fmt: skip

    assert may_contact(china, SHIPPED, calendars=calendars).permitted
    refused = may_contact(indonesia, SHIPPED, calendars=calendars)
    assert [("ID-POJK22-62-HOURS", "unknown")] == [(one.rule, one.kind) for one in refused.objections]
    assert "ID is known from 2015-01-01 until 2027-01-01 only. State the days beyond." in refused.objections[0].says
    assert refused.next_permitted is None
    # A Monday of the year that is announced; a holiday of it (1 May 2026); and a Saturday.
    days = {"2026-03-16T10:00:00": True, "2026-05-01T10:00:00": False, "2026-03-14T10:00:00": True}
    for day, permitted in days.items():
        asked = evolve(indonesia, at=wall(day, "Asia/Jakarta"))
        assert permitted is may_contact(asked, SHIPPED, calendars=calendars).permitted


# --- samples ---------------------------------------------------------------------------------------------------------

SOURCE = Source(instrument="Act", read_as="primary text", confidence="high")
BASE = ContactRule(
    id="r", jurisdiction="US", title="Rule", source=SOURCE, force="prohibition", effect=BarRule(on="workplace")
)


@pytest.mark.parametrize(
    ("effect", "given"),
    [
        pytest.param(BarRule(on="workplace"), "workplace", id="workplace"),
        pytest.param(BarRule(on="shared"), "shared", id="shared"),
        pytest.param(BarRule(on="third_party"), "stranger", id="stranger"),
        pytest.param(BarRule(on="no_basis"), "no_basis", id="no basis"),
        pytest.param(BarRule(on="flag", names=("minor",)), "flag:minor", id="flag"),
        pytest.param(BarRule(on="hold", names=("dispute",)), "hold:dispute", id="hold"),
        pytest.param(PreconditionRule(needs=("recording",)), "evidence:recording", id="evidence"),
        pytest.param(NoNumberRule(), "house_hours", id="house hours"),
    ],
)
def test_what_a_sample_can_be_given(effect, given):
    """Each word changes the answer of the rule that looks at it."""
    sample = evolve(RULES["us-regf-6b3-workplace"].samples[1], objects=False)
    lifting = given.startswith("evidence:") or given == "house_hours"
    rule = evolve(BASE, effect=effect, samples=(sample, evolve(sample, given=(given,))))

    assert (rule.samples[0 if lifting else 1],) == failing(rule)


def test_a_sample_that_needs_a_calendar():
    """Not knowing is objecting; with the calendar the rule answers."""
    sample = RULES["us-regf-6b3-workplace"].samples[1]
    holidays = HoursRule(windows=ALWAYS.windows, holidays="closed", calendar="bank")
    rule = evolve(BASE, effect=holidays, samples=(evolve(sample, objects=False),))
    bank = Calendar(name="bank", known_from=dt.date(2026, 1, 1), known_until=dt.date(2027, 1, 1))

    assert rule.samples == failing(rule)
    assert () == failing(rule, {"bank": bank})


def test_a_sample_that_no_request_can_state_is_refused():
    """A word that is misspelt would prove nothing."""
    sample = evolve(RULES["us-regf-6b3-workplace"].samples[0], given=("workplaces",))

    with pytest.raises(FactsError, match="workplaces"):
        request_for(BASE, sample)
