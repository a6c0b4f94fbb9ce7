"""Under every pack that we ship, a prepared question answers what `may_contact` answers."""

import datetime as dt

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning import rules
from dunning.adapters.codec.rule_pack import shipped_rule_pack
from dunning.core.calendar import Calendar
from dunning.core.contact.effects import HoursRule, PreconditionRule
from dunning.core.contact.ledger import OUTCOMES, ContactRecord
from dunning.core.contact.permission import may_contact
from dunning.core.contact.prepared import prepare
from dunning.core.contact.request import Actor, ContactRequest
from dunning.core.contact.rule_set import rule_set
from dunning.core.facts.person import Consent
from dunning.core.hold import CHANNELS, PURPOSES

SHIPPED = rule_set([shipped_rule_pack(name) for name in rules.pack_names()])
PLACES = sorted(SHIPPED.covers)
START = dt.datetime(2026, 2, 20, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
ZONES = {
    "US": "America/New_York",
    "CN": "Asia/Shanghai",
    "HK": "Asia/Hong_Kong",
    "JP": "Asia/Tokyo",
    "KR": "Asia/Seoul",
}
CALENDARS = {
    one.effect.calendar: Calendar(
        name=one.effect.calendar,
        known_from=dt.date(2026, 1, 1),
        known_until=dt.date(2026, 4, 20),
        days=frozenset({dt.date(2026, 2, 23), dt.date(2026, 3, 20)}),
        workdays=frozenset({dt.date(2026, 2, 28)}),
    )
    for one in SHIPPED.rules
    if isinstance(one.effect, HoursRule | PreconditionRule) and one.effect.calendar
}
lines = st.lists(
    st.builds(
        lambda number, minutes, **fields: ContactRecord(
            id=f"c{number}",
            person_id="p",
            loan_ids=("l",),
            point_id="pt",
            household="h",
            at=START + dt.timedelta(minutes=minutes),
            recorded_at=START + dt.timedelta(minutes=minutes),
            **fields,
        ),
        st.integers(0, 40),
        st.integers(-14 * 1440, 50 * 1440),
        direction=st.sampled_from(["out", "out", "in"]),
        purpose=st.sampled_from(["collection", "service"]),
        channel=st.sampled_from(["call", "call", "sms", "email", "visit"]),
        outcome=st.sampled_from([*OUTCOMES, None]),
    ),
    max_size=20,
)


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=6, deadline=None)
@given(
    history=lines,
    channel=st.sampled_from(CHANNELS),
    purpose=st.sampled_from(PURPOSES),
    actor=st.sampled_from(["creditor", "third_party", "debt_buyer"]),
    product=st.sampled_from(["auto", ""]),
    days=st.sampled_from([3, 40]),
    minutes=st.lists(st.integers(0, 60 * 1440), min_size=3, max_size=3),
    lifted=st.booleans(),
)
def test_the_packs(place, history, channel, purpose, actor, product, days, minutes, lifted):
    """For every place that they cover, whoever asks, over whatever channel, after up to twenty contacts."""
    consents = tuple(
        Consent(lifts=one.id, given_to="a", given_at=START + DAY, evidence="e", form="written")
        for one in SHIPPED.concerning((place,))
        if lifted and one.consent_lifts
    )
    asked = ContactRequest(
        actor=Actor(kind=actor, id="a"),
        person_id="p",
        loan_ids=("l",),
        point_id="pt",
        household="h",
        device="d",
        lawful_basis="contract",
        purpose=purpose,
        channel=channel,
        jurisdictions=(place,),
        zones=(ZONES.get(place[:2], "Asia/Kolkata"),),
        product=product,
        days_past_due=days,
        consents=consents,
        evidence=frozenset(name for one in SHIPPED.rules for name in getattr(one.effect, "needs", ())),
        at=START,
    )
    ahead = prepare(asked, SHIPPED, calendars=CALENDARS, start=START, until=START + 75 * DAY)
    tally = ahead.tally()
    for line in sorted(history, key=lambda line: line.at):
        tally.add(line)

    for minute in minutes:
        at = START + dt.timedelta(minutes=minute)
        question = evolve(asked, at=at, history=tuple(history))
        verdict = may_contact(question, SHIPPED, calendars=CALENDARS, horizon_days=15)
        following = ahead.next_permitted(at, tally)
        assert verdict.permitted is ahead.permitted(at, tally)
        assert tuple(one.rule for one in verdict.objections) == ahead.objecting(at, tally)
        assert verdict.next_permitted == (following if following and following < verdict.horizon else None)
