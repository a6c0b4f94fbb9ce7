"""Bars, holds, preconditions, consents: what stops a contact whatever the hour, and what lifts a rule."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from dunning.core.contact.bars import met, missing, outside_bar, outside_holds, stopping
from dunning.core.contact.consent import in_force, lifting
from dunning.core.contact.effects import BarRule, PreconditionRule
from dunning.core.contact.request import Actor, ContactRequest
from dunning.core.contact.rule import ContactRule, Source
from dunning.core.contact.wall import Frame, months
from dunning.core.facts.person import Consent
from dunning.core.hold import Hold, Subject

NEW_YORK = "America/New_York"
KIRITIMATI = "Pacific/Kiritimati"


def wall(text, zone=NEW_YORK):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


NOON = wall("2026-03-04T12:00:00")


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


def frame_of(asked):
    return Frame(*months(asked.at, asked.at + dt.timedelta(days=1)), asked.zones)


def hold(**changes):
    fields = {
        "id": "h",
        "subject": Subject(kind="loan", loan_id="l"),
        "reason": "cease",
        "starts_on": dt.date(2026, 3, 4),
    }
    return Hold(**(fields | changes))


@pytest.mark.parametrize(
    ("on", "names", "stopped", "free"),
    [
        pytest.param(
            "flag", ("represented",), {"flags": frozenset({"represented"})}, {"flags": frozenset({"minor"})}, id="flag"
        ),
        pytest.param("hold", ("cease",), {"holds": (hold(),)}, {"holds": (hold(reason="promise"),)}, id="hold"),
        pytest.param("workplace", (), {"workplace": True}, {}, id="workplace"),
        pytest.param("third_party", (), {"may_know": False}, {}, id="third party"),
        pytest.param("shared", (), {"shared": True}, {"shared": True, "discloses": "lender"}, id="shared"),
        pytest.param("no_basis", (), {"lawful_basis": ""}, {}, id="no basis"),
    ],
)
def test_a_bar_stops_while_something_is_so(on, names, stopped, free):
    """With it and without it."""
    rule = BarRule(on=on, names=names)

    assert outside_bar(rule, request(**stopped), frame_of(request())).at(NOON) is False
    assert outside_bar(rule, request(**free), frame_of(request())).at(NOON) is True


@pytest.mark.parametrize(
    ("at", "until", "free"),
    [
        pytest.param("2026-03-03T23:59:59", None, True, id="the day before it starts"),
        pytest.param("2026-03-04T00:00:00", None, False, id="the day on which it starts"),
        pytest.param("2026-03-09T23:59:59", "2026-03-10", False, id="the day before its end"),
        pytest.param("2026-03-10T00:00:00", "2026-03-10", True, id="its end is exclusive"),
        pytest.param("2026-05-20T00:00:00", None, False, id="without an end it goes on"),
    ],
)
def test_a_hold_is_dated_by_the_wall_of_the_person(at, until, free):
    """From the start inclusive to the end exclusive."""
    asked = request(wall(at))
    held = hold(until=None if until is None else dt.date.fromisoformat(until))

    assert free is outside_holds([held], frame_of(asked)).at(asked.at)


def test_a_hold_stops_on_the_date_of_any_plausible_zone():
    """Noon on the 3rd in New York is already the 4th in Kiritimati, where the hold is in force."""
    asked = request(wall("2026-03-03T12:00:00"), zones=(NEW_YORK, KIRITIMATI))

    assert outside_holds([hold()], frame_of(asked)).at(asked.at) is False
    assert outside_holds([hold()], Frame(*months(asked.at, asked.at), ())).at(asked.at) is None


@pytest.mark.parametrize(
    ("changes", "stopped"),
    [
        pytest.param({}, True, id="everything"),
        pytest.param({"purposes": ("collection",)}, True, id="this purpose"),
        pytest.param({"purposes": ("service",)}, False, id="another purpose"),
        pytest.param({"channels": ("call", "sms")}, True, id="this channel"),
        pytest.param({"channels": ("sms",)}, False, id="another channel"),
        pytest.param({"subject": Subject(kind="loan", loan_id="m")}, False, id="another loan"),
        pytest.param({"subject": Subject(kind="person", person_id="p")}, True, id="this person"),
        pytest.param({"subject": Subject(kind="person", person_id="q")}, False, id="another person"),
        pytest.param(
            {"subject": Subject(kind="person_on_loan", person_id="p", loan_id="l")}, True, id="this person on this loan"
        ),
        pytest.param(
            {"subject": Subject(kind="person_on_loan", person_id="p", loan_id="m")},
            False,
            id="this person on another loan",
        ),
        pytest.param({"subject": Subject(kind="point", point_id="pt")}, True, id="this point"),
        pytest.param({"subject": Subject(kind="point", point_id="pu")}, False, id="another point"),
    ],
)
def test_which_holds_stop_a_contact(changes, stopped):
    """By purpose, channel and subject."""
    assert stopped is bool(stopping(request(holds=(hold(**changes),))))


def test_what_is_not_stated_might_be_what_is_held():
    """A contact whose loan or point is not stated might touch the held one."""
    on_loan, on_point = hold(), hold(subject=Subject(kind="point", point_id="pu"))

    assert [on_loan] == stopping(request(holds=(on_loan,), loan_ids=()))
    assert [on_point] == stopping(request(holds=(on_point,), point_id=""))


def test_a_contact_about_several_loans_is_stopped_by_a_hold_on_one():
    """One held loan is enough."""
    assert stopping(request(holds=(hold(),), loan_ids=("m", "l")))


@pytest.mark.parametrize(
    ("evidence", "lacking"),
    [
        pytest.param((), ("two_visitors", "recording"), id="nothing on file"),
        pytest.param(("recording",), ("two_visitors",), id="one of two"),
        pytest.param(("recording", "two_visitors", "licence"), (), id="all, and more"),
    ],
)
def test_a_precondition_needs_everything(evidence, lacking):
    """And says what is missing."""
    rule = PreconditionRule(needs=("two_visitors", "recording"))
    asked = request(evidence=frozenset(evidence))

    assert lacking == missing(rule, asked)
    assert (not lacking) is met(rule, asked, {}, frame_of(asked)).at(NOON)


RULE = ContactRule(
    id="r",
    jurisdiction="US",
    title="Rule",
    source=Source(instrument="Act", read_as="primary text", confidence="high"),
    force="prohibition",
    effect=BarRule(on="workplace"),
    consent_lifts=True,
)


def consent(**changes):
    fields = {
        "lifts": "r",
        "given_to": "agency-1",
        "given_at": wall("2026-03-04T12:00:00"),
        "expires_at": wall("2026-03-05T12:00:00"),
        "evidence": "recording 17",
    }
    return Consent(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "lifts"),
    [
        pytest.param({}, True, id="to this actor, for this rule"),
        pytest.param({"given_to": "lender"}, False, id="to the creditor, not to the agency"),
        pytest.param({"lifts": "s"}, False, id="for another rule"),
    ],
)
def test_a_consent_lifts_exactly_the_named_rule_for_the_actor_it_was_given_to(changes, lifts):
    """Nothing else."""
    asked = request(actor=Actor(kind="third_party", id="agency-1"), consents=(consent(**changes),))

    assert lifts is bool(lifting(RULE, asked))


@pytest.mark.parametrize(
    ("at", "changes", "holds"),
    [
        pytest.param("2026-03-04T11:59:59", {}, False, id="before it was given"),
        pytest.param("2026-03-04T12:00:00", {}, True, id="when it was given"),
        pytest.param("2026-03-05T11:59:59", {}, True, id="its last second"),
        pytest.param("2026-03-05T12:00:00", {}, False, id="its expiry is exclusive"),
        pytest.param(
            "2026-03-04T17:59:59", {"revoked_at": wall("2026-03-04T18:00:00")}, True, id="before it was revoked"
        ),
        pytest.param(
            "2026-03-04T18:00:00", {"revoked_at": wall("2026-03-04T18:00:00")}, False, id="when it was revoked"
        ),
        pytest.param("2026-03-30T18:00:00", {"expires_at": None}, True, id="without expiry"),
        pytest.param(
            "2026-03-05T12:00:00", {"revoked_at": wall("2026-03-09T18:00:00")}, False, id="revoked after it expired"
        ),
    ],
)
def test_a_consent_holds_until_it_expires_or_is_revoked(at, changes, holds):
    """Whichever comes first; both exclusive."""
    asked = request(wall(at))

    assert holds is in_force(RULE, [consent(**changes)], asked, (), frame_of(asked)).at(asked.at)
