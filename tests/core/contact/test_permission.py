"""May we? Everybody is asked, nobody's order matters, and silence is no permission."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.calendar import Calendar
from dunning.core.contact.effects import BarRule, CapRule, HoursRule, NoNumberRule, PreconditionRule
from dunning.core.contact.instants import Instants, between
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.permission import instants_by_objector, may_contact, permitted_instants
from dunning.core.contact.request import Actor, ContactRequest, Milestone
from dunning.core.contact.rule import Binding, ContactRule, RulePack, Source
from dunning.core.contact.rule_set import rule_set
from dunning.core.facts.person import Consent, Hours
from dunning.core.hold import CHANNELS, Hold, Subject
from dunning.errors import FactsError

NEW_YORK = "America/New_York"
DAY = dt.timedelta(days=1)


def wall(text, zone=NEW_YORK):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def hours(opens, closes, **changes):
    windows = (
        Hours(weekdays=tuple(range(7)), opens=dt.time.fromisoformat(opens), closes=dt.time.fromisoformat(closes)),
    )
    return HoursRule(windows=windows, **changes)


def rule(rule_id, effect, **changes):
    fields = {
        "jurisdiction": "US",
        "title": f"Rule {rule_id}",
        "source": Source(instrument="Act", article=rule_id, read_as="primary text", confidence="high"),
        "force": "prohibition",
    }
    return ContactRule(id=rule_id, effect=effect, **(fields | changes))


def house(rule_id, effect, **changes):
    return rule(rule_id, effect, jurisdiction="house", force="house_rule", **changes)


def rules_of(*rules, covers=("US", "US-MA", "US-OH", "CN")):
    laws = RulePack(
        id="law",
        version="1",
        owner="o",
        covers=covers,
        rules=tuple(one for one in rules if one.jurisdiction != "house"),
    )
    own = tuple(one for one in rules if one.jurisdiction == "house")
    return rule_set([laws], house=RulePack(id="house", version="1", owner="o", rules=own))


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


NOON = wall("2026-03-04T12:00:00")
NIGHT = wall("2026-03-04T22:00:00")


def request(at=NOON, **changes):
    fields = {
        "person_id": "p",
        "loan_ids": ("l",),
        "purpose": "collection",
        "channel": "call",
        "point_id": "pt",
        "lawful_basis": "contract",
        "jurisdictions": ("US",),
        "zones": (NEW_YORK,),
        "at": at,
    }
    return ContactRequest(**(fields | changes))


DAYTIME = rule("day", hours("08:00", "21:00"))


def objections(verdict):
    return [(one.rule, one.kind) for one in verdict.objections]


# --- the answer ------------------------------------------------------------------------------------------------------


def test_a_permitted_contact():
    """Nobody objects; the next permitted instant is this one."""
    verdict = may_contact(request(), rules_of(DAYTIME))

    assert verdict.permitted
    assert () == verdict.objections
    assert NOON == verdict.next_permitted
    assert wall("2026-06-02T13:00:00") == verdict.horizon  # days of 24 hours: the clock was put forward meanwhile
    assert ("day",) == verdict.not_objecting


def test_an_objection_says_who_why_until_when_and_who_may_lift_it():
    """One rule, at night."""
    verdict = may_contact(request(NIGHT), rules_of(evolve(DAYTIME, lifted_by="A court.")))
    (objection,) = verdict.objections
    morning = wall("2026-03-05T08:00:00")

    assert not verdict.permitted
    assert ("day", "hours", "Rule day.", "Act, day", "prohibition", "A court.") == (
        objection.rule,
        objection.kind,
        objection.says,
        objection.citation,
        objection.force,
        objection.lifted_by,
    )
    assert morning == objection.until == verdict.next_permitted
    assert () == verdict.not_objecting


def test_every_objection_stands_in_the_verdict_in_the_order_of_ids():
    """And each falls away at its own time; the contact is next permitted when all have."""
    spacing = CapRule(counts="attempt", most=1, period="rolling_days", length=2)
    rules = rules_of(rule("z.spacing", spacing), DAYTIME, rule("a.work", BarRule(on="workplace")))
    verdict = may_contact(request(NIGHT, workplace=True, history=(line(NOON),)), rules)

    assert [("a.work", "bar"), ("day", "hours"), ("z.spacing", "cap")] == objections(verdict)
    assert [None, wall("2026-03-05T08:00:00"), wall("2026-03-06T00:00:00")] == [one.until for one in verdict.objections]
    assert verdict.next_permitted is None
    without = may_contact(request(NIGHT, history=(line(NOON),)), rules)
    assert wall("2026-03-06T08:00:00") == without.next_permitted


@pytest.mark.parametrize("force", ["prohibition", "presumption", "guidance"])
def test_every_force_refuses(force):
    """A presumption is rebuttable in court, not here."""
    assert not may_contact(request(NIGHT), rules_of(evolve(DAYTIME, force=force))).permitted


@pytest.mark.parametrize(
    ("at", "found"),
    [
        pytest.param("2026-03-05T00:00:00", None, id="it opens at the horizon"),
        pytest.param("2026-03-05T00:00:01", wall("2026-03-06T00:00:00"), id="it opens a second before the horizon"),
    ],
)
def test_the_horizon_is_exclusive(at, found):
    """One day ahead, in a cool-down until midnight."""
    cool = rule("cool", CapRule(counts="attempt", most=0, period="rolling_days", length=2))
    always = rule("always", hours("00:00", "23:59:59.999999"))
    verdict = may_contact(request(wall(at), history=(line(NOON),)), rules_of(cool, always), horizon_days=1)

    assert wall(at) + DAY == verdict.horizon
    assert found == verdict.next_permitted
    assert (found,) == tuple(one.until for one in verdict.objections)


@pytest.mark.parametrize(
    ("at", "days"),
    [
        pytest.param(NOON, 0, id="no day at all"),
        pytest.param(dt.datetime(9999, 12, 1, tzinfo=dt.UTC), 90, id="past the end of the calendar"),
        pytest.param(dt.datetime(9998, 12, 31, tzinfo=dt.UTC), 1, id="past the year 9998"),
        pytest.param(dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=14))), 1, id="before the calendar"),
    ],
)
def test_a_horizon_that_cannot_be_is_refused(at, days):
    """With a sentence."""
    with pytest.raises(FactsError):
        may_contact(request(at), rules_of(DAYTIME), horizon_days=days)


def test_a_stretch_that_ends_before_it_begins_is_refused():
    """Else nothing would be permitted in it, as if somebody objected."""
    with pytest.raises(FactsError, match="end before they begin"):
        permitted_instants(request(), rules_of(DAYTIME), start=NOON, until=NOON - 60 * DAY)


def test_an_instant_inside_a_second_is_its_own_answer():
    """Asking again with the answer changes nothing."""
    at = NOON + dt.timedelta(microseconds=5)

    assert at == may_contact(request(at), rules_of(DAYTIME)).next_permitted


# --- silence ---------------------------------------------------------------------------------------------------------


def test_silence_of_all_rules_refuses():
    """A covered jurisdiction without a word about hours."""
    verdict = may_contact(request(), rules_of())

    assert [("dunning:hours", "no_hours")] == objections(verdict)
    assert verdict.next_permitted is None


@pytest.mark.parametrize("channel", CHANNELS)
def test_hours_for_one_channel_say_nothing_about_another(channel):
    """`not_bound` is not permission."""
    verdict = may_contact(request(channel=channel), rules_of(evolve(DAYTIME, channels=("call",))))

    assert ("call" == channel) is verdict.permitted
    assert ("call" == channel) is ("day" in verdict.not_objecting)
    assert ("call" != channel) is ("day" in verdict.not_bound)


def test_house_hours_are_hours():
    """The house states what the law leaves open, and binds everywhere."""
    own = house("own", hours("09:00", "18:00"))

    assert may_contact(request(), rules_of(own)).permitted
    assert [("own", "hours")] == objections(may_contact(request(NIGHT), rules_of(own)))


def test_hours_that_are_not_yet_in_force_are_no_hours():
    """From the day on which they are, they are; the search crosses that day."""
    verdict = may_contact(request(NOON), rules_of(evolve(DAYTIME, in_force_from=dt.date(2026, 3, 10))))

    assert [("dunning:hours", "no_hours")] == objections(verdict)
    assert wall("2026-03-10T08:00:00") == verdict.next_permitted


@pytest.mark.parametrize(
    ("binding", "facts", "permitted"),
    [
        pytest.param({"products": ("auto",)}, {"product": "auto"}, True, id="of this product"),
        pytest.param({"products": ("auto",)}, {"product": "card"}, False, id="of another"),
        pytest.param({"products": ("auto",)}, {}, False, id="of one, and nobody states which it is"),
        pytest.param({"except_products": ("auto",)}, {}, True, id="of all but one"),
        pytest.param({"institutions": ("bank",)}, {}, False, id="of banks, and nobody states what we are"),
        pytest.param({"actors": ("third_party",)}, {"actor": Actor(kind="third_party")}, True, id="of agencies"),
        pytest.param({"actors": ("third_party",)}, {"actor": Actor(kind="creditor")}, False, id="asked by another"),
        pytest.param(
            {"actors": ("third_party",)}, {"actor": Actor(kind="")}, False, id="of agencies, and nobody states who asks"
        ),
        pytest.param({"debt_statuses": ("charged_off",)}, {}, False, id="of a status that nobody states"),
        pytest.param({"origination_channels": ("online",)}, {}, False, id="of a way to lend that nobody states"),
    ],
)
def test_hours_that_only_might_bind_are_no_hours(binding, facts, permitted):
    """Else stating the product would take back what was permitted while nobody had."""
    law = rules_of(evolve(DAYTIME, binding=Binding(**binding)))
    own = rules_of(
        rule("vague", NoNumberRule()), DAYTIME, house("own", hours("09:00", "18:00"), binding=Binding(**binding))
    )

    assert (permitted, permitted) == tuple(may_contact(request(**facts), rules).permitted for rules in (law, own))


@pytest.mark.parametrize(
    ("also", "kinds"),
    [
        pytest.param([], ["dunning:hours", "vague"], id="nobody states hours"),
        pytest.param([DAYTIME], ["vague"], id="hours of law do not stand in for the house's"),
        pytest.param([house("own", hours("09:00", "18:00"))], [], id="house hours"),
        pytest.param(
            [house("own", hours("09:00", "18:00"), channels=("sms",))],
            ["dunning:hours", "vague"],
            id="house hours for another channel",
        ),
    ],
)
def test_reasonable_hours_need_house_hours(also, kinds):
    """The law gives no number: a house rule must."""
    verdict = may_contact(request(), rules_of(rule("vague", NoNumberRule()), *also))

    assert kinds == [one.rule for one in verdict.objections]
    assert all(one.kind == "no_hours" for one in verdict.objections)


# --- what is missing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "rule_id"),
    [
        pytest.param({"zones": ()}, "dunning:zone", id="no zone"),
        pytest.param({"zones": (NEW_YORK, "Mars/Base")}, "dunning:zone", id="a zone that nobody knows"),
        pytest.param({"point_zones": ("America/Denver",)}, "dunning:point_zone", id="a zone of the number's alone"),
        pytest.param({"point_zones": (NEW_YORK, "Mars/Base")}, "dunning:point_zone", id="one that nobody knows"),
        pytest.param({"jurisdictions": ()}, "dunning:jurisdiction", id="no jurisdiction"),
        pytest.param({"jurisdictions": ("US", "FR")}, "dunning:jurisdiction", id="a jurisdiction that no pack covers"),
        pytest.param({"jurisdictions": ("US-CA",)}, "dunning:jurisdiction", id="a state that no pack covers"),
        pytest.param({"lawful_basis": ""}, "dunning:lawful_basis", id="no lawful basis for the point"),
    ],
)
def test_what_is_not_known_refuses(changes, rule_id):
    """Fail closed, and say what to do."""
    verdict = may_contact(request(**changes), rules_of(DAYTIME))
    found = {one.rule: one for one in verdict.objections}

    assert "unknown" == found[rule_id].kind
    assert found[rule_id].lifted_by
    assert verdict.next_permitted is None


def test_a_state_needs_its_country_too():
    """A pack of Massachusetts alone leaves federal law unasked."""
    verdict = may_contact(request(jurisdictions=("US-MA",)), rules_of(DAYTIME, covers=("US-MA",)))

    assert [("dunning:jurisdiction", "unknown")] == objections(verdict)


def test_without_a_point_its_basis_is_an_assumption():
    """A question before a number is chosen."""
    verdict = may_contact(request(point_id="", lawful_basis=""), rules_of(DAYTIME))

    assert verdict.permitted
    assert any("contact point" in text for text in verdict.assumptions)


BANK = Calendar(
    name="bank", known_from=dt.date(2026, 1, 1), known_until=dt.date(2026, 4, 1), days=frozenset({dt.date(2026, 3, 5)})
)


@pytest.mark.parametrize(
    ("at", "calendars", "kind", "following"),
    [
        pytest.param(NOON, {"bank": BANK}, None, NOON, id="a working day"),
        pytest.param(wall("2026-03-05T12:00:00"), {"bank": BANK}, "hours", wall("2026-03-06T08:00:00"), id="a holiday"),
        pytest.param(wall("2026-03-31T22:00:00"), {"bank": BANK}, "hours", None, id="the last evening that is known"),
        pytest.param(wall("2026-04-01T12:00:00"), {"bank": BANK}, "unknown", None, id="a day that nobody announced"),
        pytest.param(NOON, {}, "unknown", None, id="no such calendar"),
    ],
)
def test_a_calendar_that_ends_refuses(at, calendars, kind, following):
    """Only for the rule that needs it."""
    rules = rules_of(rule("bank", hours("08:00", "21:00", holidays="closed", calendar="bank")))
    verdict = may_contact(request(at), rules, calendars=calendars)

    assert ([] if kind is None else [("bank", kind)]) == objections(verdict)
    assert following == verdict.next_permitted
    assert may_contact(request(wall("2027-01-04T10:00:00")), rules_of(DAYTIME)).permitted


@pytest.mark.parametrize(
    ("in_force", "at"),
    [
        pytest.param({"in_force_to": dt.date(2026, 3, 5)}, wall("2026-03-05T12:00:00"), id="no longer in force"),
        pytest.param({"in_force_from": dt.date(2026, 3, 5)}, NOON, id="not yet in force"),
    ],
)
def test_a_rule_out_of_force_needs_no_calendar(in_force, at):
    """What does not judge cannot miss a fact."""
    missing = rule("bank", hours("08:00", "21:00", holidays="closed", calendar="bank"), **in_force)

    assert may_contact(request(at), rules_of(missing, DAYTIME)).permitted


# --- who is bound ----------------------------------------------------------------------------------------------------

BAR = rule("bar", BarRule(on="workplace"))


@pytest.mark.parametrize(
    ("binding", "facts", "bound"),
    [
        pytest.param({}, {}, True, id="everybody"),
        pytest.param({"actors": ("third_party",)}, {}, False, id="another actor"),
        pytest.param({"actors": ("creditor",)}, {}, True, id="this actor"),
        pytest.param(
            {"institutions": ("bank",)}, {"actor": Actor(institution="leasing")}, False, id="another institution"
        ),
        pytest.param({"institutions": ("bank",)}, {"actor": Actor(institution="bank")}, True, id="this institution"),
        pytest.param({"institutions": ("bank",)}, {}, True, id="institution not stated"),
        pytest.param({"purposes": ("service",)}, {}, False, id="another purpose"),
        pytest.param({"purposes": ("collection",)}, {}, True, id="this purpose"),
        pytest.param({"products": ("card",)}, {"product": "auto"}, False, id="another product"),
        pytest.param({"products": ("auto",)}, {"product": "auto"}, True, id="this product"),
        pytest.param({"products": ("auto",)}, {}, True, id="product not stated"),
        pytest.param({"except_products": ("auto",)}, {"product": "auto"}, False, id="an excepted product"),
        pytest.param({"except_products": ("auto",)}, {"product": "card"}, True, id="a product not excepted"),
        pytest.param({"except_products": ("auto",)}, {}, True, id="perhaps not the excepted product"),
        pytest.param(
            {"origination_channels": ("online",)}, {"origination_channel": "dealer"}, False, id="another origination"
        ),
        pytest.param({"origination_channels": ("online",)}, {}, True, id="origination not stated"),
        pytest.param({"roles": ("guarantor",)}, {}, False, id="another role"),
        pytest.param({"roles": ("borrower",)}, {}, True, id="this role"),
        pytest.param({"days_past_due_from": 10}, {"days_past_due": 9}, False, id="a day too early"),
        pytest.param({"days_past_due_from": 10}, {"days_past_due": 10}, True, id="on the first day"),
        pytest.param({"days_past_due_to": 10}, {"days_past_due": 10}, True, id="on the last day"),
        pytest.param({"days_past_due_to": 10}, {"days_past_due": 11}, False, id="a day too late"),
    ],
)
def test_whom_a_rule_binds(binding, facts, bound):
    """Where it does not bind, the answer is `not_bound`."""
    verdict = may_contact(request(workplace=True, **facts), rules_of(DAYTIME, evolve(BAR, binding=Binding(**binding))))

    assert bound is (("bar", "bar") in objections(verdict))
    assert bound is ("bar" not in verdict.not_bound)


@pytest.mark.parametrize(
    ("jurisdiction", "lives_in", "bound"),
    [
        pytest.param("US", ("US",), True, id="the country"),
        pytest.param("US", ("US-MA",), True, id="the country binds in its parts"),
        pytest.param("US-MA", ("US-MA",), True, id="the part"),
        pytest.param("US-MA", ("US",), False, id="a part does not bind the country"),
        pytest.param("US-MA", ("US-OH",), False, id="another part"),
        pytest.param("CN", ("US",), False, id="another country"),
        pytest.param("US-MA", ("US-OH", "US-MA"), True, id="any place where the person may be"),
    ],
)
def test_where_a_rule_binds(jurisdiction, lives_in, bound):
    """The rules of every place where the person may be, and of its country."""
    rules = rules_of(DAYTIME, evolve(BAR, jurisdiction=jurisdiction), house("own", hours("00:00", "23:59:59.999999")))
    verdict = may_contact(request(workplace=True, jurisdictions=lives_in), rules)

    assert bound is (("bar", "bar") in objections(verdict))


@pytest.mark.parametrize("purpose", ["collection", "service", "statutory_notice", "reply", "receipt"])
def test_a_purpose_escapes_only_the_rules_that_exempt_it(purpose):
    """A notice that the law demands still keeps to the hours."""
    rules = rules_of(DAYTIME, evolve(BAR, exempt_purposes=("statutory_notice",)))

    assert ("statutory_notice" == purpose) is may_contact(request(workplace=True, purpose=purpose), rules).permitted
    assert not may_contact(request(NIGHT, purpose=purpose), rules).permitted


def test_an_exempt_purpose_has_no_hours_from_that_rule():
    """Who is exempt from the only hours has none."""
    verdict = may_contact(request(purpose="receipt"), rules_of(evolve(DAYTIME, exempt_purposes=("receipt",))))

    assert [("dunning:hours", "no_hours")] == objections(verdict)


def test_a_disabled_rule_never_judges_and_is_named():
    """It ships for reading."""
    off = evolve(BAR, enabled=False, disabled_because="press only")
    verdict = may_contact(request(workplace=True), rules_of(DAYTIME, off))

    assert verdict.permitted
    assert ("Not judged, because disabled: bar.",) == verdict.assumptions


@pytest.mark.parametrize(
    ("at", "objects"),
    [
        pytest.param("2026-03-03T23:59:59", False, id="the evening before"),
        pytest.param("2026-03-04T00:00:00", True, id="its first day"),
        pytest.param("2026-03-09T23:59:59", True, id="its last day"),
        pytest.param("2026-03-10T00:00:00", False, id="its end is exclusive"),
    ],
)
def test_a_rule_is_in_force_on_local_dates(at, objects):
    """From the start inclusive to the end exclusive, on the wall of the person."""
    dated = evolve(BAR, in_force_from=dt.date(2026, 3, 4), in_force_to=dt.date(2026, 3, 10))
    always = house("own", hours("00:00", "23:59:59.999999"))
    verdict = may_contact(request(wall(at), workplace=True), rules_of(dated, always))

    assert objects is (not verdict.permitted)
    if objects:
        assert wall("2026-03-10T00:00:00") == verdict.next_permitted


# --- holds, bands, consents, preconditions ---------------------------------------------------------------------------


def test_a_hold_objects_by_itself_and_through_the_rule_that_names_it():
    """Each objection is attributed; the contact waits for both."""
    held = Hold(
        id="h1",
        subject=Subject(kind="loan", loan_id="l"),
        reason="cease",
        starts_on=dt.date(2026, 3, 4),
        until=dt.date(2026, 3, 6),
        reviewer="complaints desk",
        evidence="letter 5",
    )
    verdict = may_contact(
        request(holds=(held,)), rules_of(DAYTIME, rule("cease", BarRule(on="hold", names=("cease",))))
    )

    assert [("cease", "bar"), ("hold:h1", "hold")] == objections(verdict)
    assert "A hold for cease is in force since 2026-03-04 until 2026-03-06." == verdict.objections[1].says
    assert ("letter 5", "complaints desk") == (verdict.objections[1].citation, verdict.objections[1].lifted_by)
    assert wall("2026-03-06T08:00:00") == verdict.next_permitted


def test_holds_that_share_an_id_must_both_be_over():
    """Two plugins may call theirs the same."""
    short, long = (
        Hold(
            id="h",
            subject=Subject(kind="loan", loan_id="l"),
            reason="manual",
            starts_on=dt.date(2026, 3, 4),
            until=dt.date(2026, 3, until),
        )
        for until in (5, 6)
    )
    after = wall("2026-03-06T08:00:00")

    for holds in ((short, long), (long, short)):
        asked = request(holds=holds)
        answers = instants_by_objector(asked, rules_of(DAYTIME), start=NOON, until=NOON + 9 * DAY)
        permitted = permitted_instants(asked, rules_of(DAYTIME), start=NOON, until=NOON + 9 * DAY)
        assert after == may_contact(asked, rules_of(DAYTIME)).next_permitted
        assert after == permitted.next_from(NOON, NOON + 9 * DAY)
        assert wall("2026-03-06T00:00:00") == answers["hold:h"].next_from(NOON, NOON + 9 * DAY)


@pytest.mark.parametrize("purpose", ["collection", "service", "statutory_notice", "reply", "receipt"])
def test_hours_that_the_person_asked_us_to_avoid(purpose):
    """They stop everything but an answer to who writes in them."""
    lunch = Hours(weekdays=(2,), opens=dt.time(12), closes=dt.time(13))
    wrote = line(NOON, id="wrote", direction="in")
    asked = request(purpose=purpose, inconvenient=(lunch,), reply_to="wrote", history=(wrote,))
    verdict = may_contact(asked, rules_of(DAYTIME))

    if purpose == "reply":
        assert verdict.permitted
    else:
        assert [("dunning:inconvenient", "inconvenient")] == objections(verdict)
        assert wall("2026-03-04T13:00:00") == verdict.next_permitted


@pytest.mark.parametrize(
    ("came", "at", "objects"),
    [
        pytest.param("15:30", "15:59", False, id="in the inconvenient time of New York, that of Chicago not begun"),
        pytest.param("15:30", "16:00", True, id="it has begun in Chicago, and the message came before it"),
        pytest.param("16:30", "17:30", False, id="the message came in both"),
        pytest.param("16:30", "18:00", False, id="both are over"),
    ],
)
def test_a_reply_in_an_inconvenient_time_of_either_zone(came, at, objects):
    """15:00 to 17:00 on the wall of somebody who is in New York or in Chicago, an hour behind."""
    afternoon = (Hours(weekdays=tuple(range(7)), opens=dt.time(15), closes=dt.time(17)),)
    message = line(wall(f"2026-03-04T{came}:00"), id="in", direction="in", channel="sms")
    asked = request(
        wall(f"2026-03-04T{at}:00"),
        zones=(NEW_YORK, "America/Chicago"),
        inconvenient=afternoon,
        purpose="reply",
        channel="sms",
        reply_to="in",
        history=(message,),
    )

    assert objects is bool(objections(may_contact(asked, rules_of(DAYTIME))))


def test_a_precondition_says_what_is_missing():
    """And does not fall away by itself."""
    rules = rules_of(DAYTIME, rule("visit", PreconditionRule(needs=("two_visitors", "recording"))))
    verdict = may_contact(request(evidence=frozenset({"recording"})), rules)

    assert [("visit", "precondition")] == objections(verdict)
    assert "Rule visit. Not on file: two_visitors." == verdict.objections[0].says
    assert verdict.next_permitted is None


def consent(**changes):
    fields = {
        "lifts": "day",
        "given_to": "lender",
        "given_at": NOON,
        "expires_at": NIGHT + DAY,
        "evidence": "recording 17",
    }
    return Consent(**(fields | changes))


@pytest.mark.parametrize(
    ("consents", "lifts", "permitted", "warning"),
    [
        pytest.param([consent()], True, True, "Lifted by consent: day.", id="in force"),
        pytest.param([consent()], False, False, "which no consent lifts", id="a rule that consent cannot lift"),
        pytest.param(
            [consent(given_to="agency-1")], True, False, "given to agency-1, not to lender", id="given to somebody else"
        ),
        pytest.param(
            [consent(revoked_at=NIGHT)], True, False, "does not hold at this instant", id="revoked at this instant"
        ),
        pytest.param(
            [consent(expires_at=NIGHT)], True, False, "does not hold at this instant", id="expired at this instant"
        ),
        pytest.param([consent(lifts="other")], True, False, None, id="for another rule"),
        pytest.param(
            [consent(revoked_at=NIGHT), consent()], True, False, "contradict each other", id="one revoked, one not"
        ),
    ],
)
def test_consent(consents, lifts, permitted, warning):
    """It lifts the named rule, for the named actor, while it holds; the verdict says so."""
    verdict = may_contact(request(NIGHT, consents=tuple(consents)), rules_of(evolve(DAYTIME, consent_lifts=lifts)))

    assert permitted is verdict.permitted
    assert len(verdict.warnings) == (0 if warning is None else 1)
    assert all(warning in text for text in verdict.warnings)


def test_a_consent_lifts_its_rule_and_nothing_else():
    """The second rule still objects."""
    second = rule("second", hours("09:00", "20:00"))
    verdict = may_contact(request(NIGHT, consents=(consent(),)), rules_of(evolve(DAYTIME, consent_lifts=True), second))

    assert [("second", "hours")] == objections(verdict)


@pytest.mark.parametrize(
    ("at", "permitted"),
    [
        pytest.param("2026-03-04T21:30:00", False, id="in New York alone: it is 20:30 in Chicago"),
        pytest.param("2026-03-04T22:29:59", True, id="in both"),
        pytest.param("2026-03-04T23:00:00", False, id="in Chicago alone: it is over in New York"),
    ],
)
def test_a_consent_for_some_hours_holds_where_they_are_in_every_plausible_zone(at, permitted):
    """Leave for 21:00 to 23:00, from somebody who is in New York or in Chicago."""
    evening = (Hours(weekdays=tuple(range(7)), opens=dt.time(21), closes=dt.time(23)),)
    given = Consent(lifts="day", given_to="lender", given_at=NOON - DAY, evidence="letter", hours=evening)
    rules = rules_of(rule("day", hours("08:00", "20:00"), consent_lifts=True))
    asked = request(wall(at), zones=(NEW_YORK, "America/Chicago"), consents=(given,))

    assert permitted is may_contact(asked, rules).permitted


def test_a_consent_lifts_only_while_it_holds():
    """The next permitted instant comes when consent begins, not before; it ends when consent ends."""
    given = consent(given_at=wall("2026-03-04T23:00:00"), expires_at=wall("2026-03-04T23:30:00"))
    asked = request(NIGHT, consents=(given,))
    rules = rules_of(evolve(DAYTIME, consent_lifts=True))
    until = wall("2026-03-05T07:00:00")

    assert wall("2026-03-04T23:00:00") == may_contact(asked, rules).next_permitted
    assert (
        between(given.given_at, given.expires_at).spans
        == permitted_instants(asked, rules, start=NIGHT, until=until).spans
    )


# --- what else a verdict says ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("review_by", "warns"),
    [
        pytest.param(dt.date(2026, 3, 3), True, id="the day after the review date"),
        pytest.param(dt.date(2026, 3, 4), False, id="on the review date"),
        pytest.param(None, False, id="no review date"),
    ],
)
def test_a_rule_past_its_review_date_warns(review_by, warns):
    """In every verdict that uses it."""
    verdict = may_contact(request(), rules_of(evolve(DAYTIME, review_by=review_by)))

    assert (("Past its review date, and perhaps no longer the law: day.",) if warns else ()) == verdict.warnings


@pytest.mark.parametrize(
    ("lives_in", "says"),
    [
        pytest.param(
            ("US-OH",),
            ("US-OH is covered, and has no rules of its own in the packs that are loaded.",),
            id="no rules of its own",
        ),
        pytest.param(
            ("US",),
            ("No part of US is stated: only the rules of the whole country are judged.",),
            id="a country without its part",
        ),
        pytest.param(("US-MA",), (), id="rules of its own"),
        pytest.param(("US", "US-MA"), (), id="a country with its part"),
    ],
)
def test_what_a_verdict_assumes_about_the_place(lives_in, says):
    """A stated assumption, never a silent one."""
    rules = rules_of(DAYTIME, rule("ma", BarRule(on="workplace"), jurisdiction="US-MA"))

    assert says == may_contact(request(jurisdictions=lives_in), rules).assumptions


def test_a_fact_that_is_not_stated_is_an_assumption():
    """The rule is taken to bind, and the verdict says so."""
    rules = rules_of(DAYTIME, evolve(BAR, binding=Binding(products=("auto",))))

    assert ("The product is not stated: bar is taken to bind.",) == may_contact(request(), rules).assumptions


def test_the_facts_used_are_named():
    """For who reads the verdict years later."""
    facts = may_contact(request(history=(line(NOON - DAY),)), rules_of(DAYTIME)).facts_used

    assert {"actor: creditor lender", "channel: call", "history: 1 line", "zones: America/New_York"} <= set(facts)
    assert sorted(facts) == list(facts)


def test_who_objects_when_is_told_objector_by_objector():
    """For calendars and for auditors."""
    rules = rules_of(DAYTIME, BAR)
    answers = instants_by_objector(request(workplace=True), rules, start=NOON, until=NOON + DAY)

    assert ["bar", "day"] == list(answers)
    assert () == answers["bar"].spans
    assert between(NOON, wall("2026-03-04T21:00:00")) | between(wall("2026-03-05T08:00:00"), NOON + DAY) == Instants.of(
        answers["day"].spans
    )
    assert between(NOON, NOON + DAY) == answers["day"].domain


# --- properties ------------------------------------------------------------------------------------------------------

POOL = (
    DAYTIME,
    rule("late", hours("10:30", "22:00", opens_inclusive=False, closes_inclusive=True)),
    rule(
        "weekdays",
        HoursRule(windows=(Hours(weekdays=(0, 1, 2, 3, 4), opens=dt.time(9), closes=dt.time(20)),)),
        jurisdiction="US-MA",
    ),
    rule("bank", hours("08:00", "23:00", holidays="closed", calendar="bank")),
    rule("texts", hours("09:00", "17:00"), channels=("sms",)),
    rule("two", CapRule(counts="attempt", most=2, period="rolling_days", length=3, per="person")),
    rule("cool", CapRule(counts="conversation_any", most=0, period="rolling_days", length=4), consent_lifts=True),
    rule("spacing", CapRule(counts="contact", most=1, period="rolling_seconds", length=90_000)),
    rule("week", CapRule(counts="attempt", most=3, period="week", per="debt"), in_force_from=dt.date(2026, 3, 9)),
    rule("work", BarRule(on="workplace")),
    rule("cease", BarRule(on="hold", names=("cease",)), exempt_purposes=("service",)),
    rule("visit", PreconditionRule(needs=("recording",)), channels=("sms",)),
    rule("vague", NoNumberRule()),
    rule("often", NoNumberRule(about="frequency")),
    rule(
        "evenings",
        HoursRule(
            windows=(
                Hours(weekdays=(0, 2, 4, 5), opens=dt.time(7), closes=dt.time(1, 30)),
                Hours(weekdays=(1, 3, 6), opens=dt.time(6), closes=dt.time(23)),
            ),
            holidays="own",
            holiday_windows=(Hours(weekdays=tuple(range(7)), opens=dt.time(10), closes=dt.time(0, 30)),),
            calendar="bank",
        ),
    ),
    rule("one channel", CapRule(counts="channels", most=1, period="rolling_days", length=3)),
    rule("once", CapRule(counts="informed", most=2, period="ever")),
    rule(
        "after a talk", CapRule(counts="reached", most=1, period="rolling_days", length=5, begins_after="conversation")
    ),
    rule("due", CapRule(counts="milestone", milestones=("due",), most=0, period="rolling_days", length=6)),
    rule("promised", CapRule(counts="milestone", milestones=("promise",), most=0, period="until")),
    rule("noticed", PreconditionRule(notice="due", days_before=2, business=True, calendar="bank"), channels=("sms",)),
    rule("asked for", BarRule(on="always"), channels=("sms",), consent_lifts=True, consent_days=9),
    rule("opted out", BarRule(on="hold", names=("promise",), same_channels=True)),
    house("own", hours("09:00", "19:00")),
    house("own.texts", hours("08:30", "20:00"), channels=("sms",)),
)
START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
moments = st.integers(0, 30 * 24 * 60).map(lambda minute: START + dt.timedelta(minutes=minute))
held = st.builds(
    lambda number, start, length: Hold(
        id=f"h{number}",
        subject=Subject(kind="person", person_id="p"),
        reason=("cease", "promise")[number % 2],
        starts_on=start.date(),
        until=start.date() + dt.timedelta(days=length),
    ),
    st.integers(0, 9),
    moments,
    st.integers(1, 9),
)
requests = st.builds(
    lambda at, times, outcomes, **fields: request(
        at,
        history=tuple(line(time, id=str(index), outcome=outcomes[index]) for index, time in enumerate(times)),
        **fields,
    ),
    moments,
    st.lists(moments, max_size=5),
    st.lists(st.sampled_from(["not_connected", "attempted", "conversation", None]), min_size=5, max_size=5),
    purpose=st.sampled_from(["collection", "service", "reply"]),
    channel=st.sampled_from(["call", "sms"]),
    jurisdictions=st.sampled_from([("US",), ("US-MA",)]),
    zones=st.sampled_from([(NEW_YORK,), (NEW_YORK, "America/Los_Angeles"), ("Asia/Kathmandu",)]),
    holds=st.lists(held, max_size=2).map(tuple),
    inconvenient=st.sampled_from([(), (Hours(weekdays=(0, 2), opens=dt.time(9), closes=dt.time(15)),)]),
    consents=st.sampled_from(
        [
            (),
            (consent(lifts="cool"),),
            (consent(lifts="asked for", expires_at=None, ends_with="contact"),),
            (consent(lifts="asked for", expires_at=None), consent(lifts="asked for", expires_at=None, evidence="b")),
        ]
    ),
    milestones=st.sampled_from(
        [
            (),
            (Milestone(kind="due", on=dt.date(2026, 3, 2)),),
            (
                Milestone(kind="due", on=dt.date(2026, 3, 9), loan_id="l"),
                Milestone(kind="promise", on=dt.date(2026, 3, 3), until=dt.date(2026, 3, 15)),
            ),
        ]
    ),
)
pools = st.lists(st.sampled_from(POOL), unique_by=lambda one: one.id, max_size=len(POOL))
CALENDARS = {"bank": BANK}


def verdict_of(asked, pool):
    return may_contact(asked, rules_of(*pool), calendars=CALENDARS, horizon_days=20)


def permitted_of(asked, pool):
    return permitted_instants(asked, rules_of(*pool), calendars=CALENDARS, start=asked.at, until=asked.at + 20 * DAY)


@settings(max_examples=60, deadline=None)
@given(requests, pools, st.randoms(use_true_random=False))
def test_no_order_matters(asked, pool, shuffle):
    """Of rules, of packs, of the ledger, of holds."""
    mixed = list(pool)
    shuffle.shuffle(mixed)
    history, holds = list(asked.history), list(asked.holds)
    shuffle.shuffle(history)
    alone = [RulePack(id=one.id, version="1", owner="o", rules=(one,)) for one in mixed if one.jurisdiction != "house"]
    covering = RulePack(id="covers", version="1", owner="o", covers=("US", "US-MA"))
    own = RulePack(id="house", version="1", owner="o", rules=tuple(one for one in mixed if one.jurisdiction == "house"))
    rules = rule_set([*alone, covering], house=own)
    again = may_contact(evolve(asked, history=tuple(history)), rules, calendars=CALENDARS, horizon_days=20)

    assert verdict_of(asked, pool) == again
    turned = verdict_of(evolve(asked, holds=tuple(reversed(holds))), pool)
    assert again.next_permitted == turned.next_permitted


@settings(max_examples=60, deadline=None)
@given(requests, pools, st.sampled_from(POOL))
def test_a_rule_more_never_widens_unless_it_states_the_hours_that_were_missing(asked, pool, more):
    """Rules only narrow. Hours do speak where all were silent: that is what they are for."""
    pool = [one for one in pool if one.id != more.id]
    before, after = permitted_of(asked, pool), permitted_of(asked, [*pool, more])
    if isinstance(more.effect, HoursRule):
        stated = {"dunning:hours", "vague"}
        answers = instants_by_objector(
            asked, rules_of(*pool), calendars=CALENDARS, start=asked.at, until=asked.at + 20 * DAY
        )
        before = between(asked.at, asked.at + 20 * DAY)
        for name, instants in answers.items():
            if name not in stated:
                before &= instants

    assert Instants(after.edges) == Instants(after.edges) & Instants(before.edges)


@settings(max_examples=100, deadline=None)
@given(requests, pools)
def test_the_next_permitted_instant_is_permitted_and_nothing_earlier_is(asked, pool):
    """To the second, and against the whole set."""
    verdict, permitted = verdict_of(asked, pool), permitted_of(asked, pool)

    assert verdict.permitted is (permitted.at(asked.at) is True)
    assert verdict.next_permitted == permitted.next_from(asked.at, verdict.horizon)
    if verdict.next_permitted is not None:
        found = verdict.next_permitted
        assert verdict_of(evolve(asked, at=found), pool).permitted
        if found > asked.at:
            earlier = evolve(asked, at=found - dt.timedelta(seconds=1))
            assert not verdict_of(earlier, pool).permitted
    for objection in verdict.objections:
        assert objection.until is None or asked.at < objection.until < verdict.horizon
        assert verdict.next_permitted is None or (
            objection.until is not None and objection.until <= verdict.next_permitted
        )


@settings(max_examples=60, deadline=None)
@given(requests, pools)
def test_without_hours_that_bind_nothing_is_permitted(asked, pool):
    """Silence refuses, whatever the rest says."""
    silent = [one for one in pool if not isinstance(one.effect, HoursRule)]
    verdict = verdict_of(asked, silent)

    assert ("dunning:hours", "no_hours") in objections(verdict)
    assert verdict.next_permitted is None


@settings(max_examples=60, deadline=None)
@given(requests, pools)
def test_everybody_who_was_asked_is_named_once(asked, pool):
    """Objecting, not objecting or not bound."""
    verdict = verdict_of(asked, pool)
    objecting = [one.rule for one in verdict.objections if not one.rule.startswith(("dunning:", "hold:"))]
    judged = [one.id for one in pool if one.jurisdiction in ("US", "house", *asked.jurisdictions)]

    assert sorted(judged) == sorted([*objecting, *verdict.not_objecting, *verdict.not_bound])
    assert list(verdict.not_objecting) == sorted(verdict.not_objecting)
