"""No contact leaves outside its permitted instants, and every touch is sent or has a named reason."""

import datetime as dt
from zoneinfo import ZoneInfo

from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dunning.core.facts.person import Flag, Hours
from dunning.core.hold import Hold, Subject
from dunning.core.outbox.transitions import State
from dunning.plugins import hookimpl
from dunning.testing.builders import LENDER, TODAY, a_loan, a_party, a_payment, a_person, a_point, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import an_engine

# The hours of the shipped policy, written out once more from its text, and of GB/T 45251 (8 to 22). Monday is 0.
HOUSE = {
    "app": dict.fromkeys(range(7), (9, 20)),
    "email": dict.fromkeys(range(7), (9, 20)),
    "sms": dict.fromkeys(range(6), (9, 20)),
    "letter": dict.fromkeys(range(6), (6, 20)),
    "announcement": dict.fromkeys(range(6), (10, 19)),
    "call": {**dict.fromkeys(range(5), (9, 20)), 5: (10, 18)},
    "visit": dict.fromkeys(range(6), (9, 18)),
}
PLACES = {
    "CN": ("Asia/Shanghai", "Asia/Urumqi"),
    "US-MA": ("America/New_York",),
    "US-AZ": ("America/Phoenix",),
    "US-IL": ("America/Chicago", "America/New_York"),
    "GB": ("Europe/London",),
    "": ("Asia/Shanghai",),
}
COLLECTION = ("collection", "service", "statutory_notice")


class Witness(RecordingChannel):
    """Notes when each message was handed over."""

    def __init__(self):
        super().__init__()
        self.at: list[tuple[object, dt.datetime]] = []

    def send(self, messages, *, now):
        self.at.extend((message, now) for message in messages)
        return super().send(messages, now=now)


class HoldsOn:
    """A host's plugin that says: leave this loan alone."""

    def __init__(self, loan_ids):
        self.loan_ids = loan_ids

    @hookimpl
    def dunning_holds(self, cases, as_of):
        return [
            Hold(
                id=f"host:{case.id}",
                subject=Subject(kind="loan", loan_id=case.id),
                reason="dispute",
                starts_on=as_of,
                purposes=("collection",),
            )
            for case in cases
            if case.id in self.loan_ids
        ]


@st.composite
def borrowers(draw, number):
    residence = draw(st.sampled_from(["CN", "CN", "US-MA", "US-AZ", "US-IL", "CN", "US-MA", "GB", ""]))
    zones = draw(st.sampled_from([PLACES[residence]] * 5 + [()]))
    points = [
        a_point(f"P-{number}-{kind}", kind=kind, owner=f"P-{number}", address=f"{kind}-{number}", rank=rank, zones=())
        for rank, kind in enumerate(draw(st.sets(st.sampled_from(["mobile", "email", "post", "app"]), min_size=1)))
    ]
    if draw(st.integers(0, 4)) == 0:
        points[0] = evolve(points[0], lawful_basis="")
    flags = [Flag(name=name, since=dt.date(2026, 1, 1)) for name in draw(st.sets(st.sampled_from(["deceased"])))]
    inconvenient = [Hours(weekdays=tuple(range(7)), opens=dt.time(9), closes=dt.time(15))]
    return a_person(
        f"P-{number}",
        residence=residence,
        zones=zones,
        points=tuple(points),
        flags=tuple(flags) if draw(st.integers(0, 3)) == 0 else (),
        inconvenient=tuple(inconvenient) if draw(st.booleans()) else (),
        language=draw(st.sampled_from(["en", "zh-CN"])),
    )


@st.composite
def books(draw):
    loans, persons = [], []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        person = draw(borrowers(number))
        persons.append(person)
        missed = draw(st.integers(0, 5))
        first = TODAY - dt.timedelta(days=draw(st.integers(0, 40)) + 30 * missed)
        loans.append(
            a_loan(
                f"L-{number}",
                jurisdiction=person.residence or "CN",
                business_zone=(person.zones or ("Asia/Shanghai",))[0],
                parties=(a_party(person.id),),
                instalments=tuple(
                    an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(missed + 6)
                ),
                events=tuple(
                    a_payment(on=TODAY + dt.timedelta(days=offset), id=f"pay-{number}-{offset}")
                    for offset in draw(st.sets(st.integers(0, 8), max_size=2))
                ),
            )
        )
    return loans, persons


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(books(), st.sets(st.integers(1, 4), max_size=2), st.integers(0, 3))
def test_only_inside_permitted_instants_and_nothing_forgotten(book, held, shift):
    """Nine nights, a delivery every three hours: each message against an oracle of its own, each entry to its end."""
    loans, persons = book
    witness = Witness()
    holds = {f"L-{number}" for number in held}
    engine = an_engine(
        loans,
        persons,
        channel=witness,
        queue=witness,
        plugins=[HoldsOn(holds)],
        current_through=TODAY + dt.timedelta(days=30),
    )
    start = dt.datetime.combine(TODAY, dt.time(shift), tzinfo=dt.UTC)
    for night in range(9):
        day = start + dt.timedelta(days=night)
        engine.assess(as_of=day.date(), now=day)
        for hour in range(0, 24, 3):
            report = engine.deliver(now=day + dt.timedelta(hours=hour))
            assert not report.troubles

    people = {person.id: person for person in persons}
    for message, at in witness.at:
        _judge_anew(message, at, people, holds)
    _nothing_forgotten(engine, start + dt.timedelta(days=9))
    assert engine.verify().whole


def _judge_anew(message, at, people, holds):
    """An oracle with nothing of ours in it: hours, flags, holds, basis, residence and zone of every plausible place."""
    person = people[message.person_id]
    point = next(p for p in person.points if p.address == message.address)
    assert person.residence not in ("", "GB"), "nobody in an unknown or uncovered place is contacted"
    assert person.zones
    assert point.lawful_basis
    if message.purpose in COLLECTION:
        assert not person.flagged(at.date())
    if message.purpose == "collection":
        assert not set(message.loan_ids) & holds
    for zone in person.zones:
        local = at.astimezone(ZoneInfo(zone))
        if message.purpose in COLLECTION:
            opens, closes = HOUSE[message.channel].get(local.weekday(), (0, 0))
            assert opens <= local.hour < closes, (message.channel, local)
            if message.channel != "letter":
                assert not (person.inconvenient and 9 <= local.hour < 15), local
        if person.residence == "CN":
            assert 8 <= local.hour < 22, local


def _nothing_forgotten(engine, end):
    """Every entry has come to an end with a name; every refusal says what objects."""
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        entries = unit.entries()
        records = unit.since(0, limit=100_000)
    postponed = {
        effect.key
        for record in records
        for effect in record.draft.effects
        if type(effect).__name__ == "EntryMoved" and effect.move == "postpone" and effect.reason
    }
    for entry in entries:
        if entry.state is State.LAPSED:
            assert entry.key in postponed, "it was due, nobody objected, and it was not sent"
        elif entry.state in (State.CANCELLED, State.REFUSED):
            assert entry.reason
        elif entry.state is State.WAITING:
            assert entry.not_before > end - dt.timedelta(hours=3), "it was due and nobody looked"
        else:
            assert entry.state in (State.DELIVERED, State.HANDED_OVER, State.WORKED)
    for record in records:
        for effect in record.draft.effects:
            if type(effect).__name__ == "TouchRefused":
                assert effect.says
            if type(effect).__name__ == "TouchClosed":
                assert effect.reason
