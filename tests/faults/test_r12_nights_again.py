"""R12: nights 1 to 400 again, in order and shuffled: the journal stays as it is, and nobody is contacted."""

import datetime as dt
import random

import pytest

from dunning.testing.builders import LENDER, a_loan, a_party, a_payment, a_person, a_point, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import an_engine

NIGHTS = 400
FIRST = dt.date(2026, 1, 2)
DAY = dt.timedelta(days=1)


def loan(number):
    """Every fourth pays nothing; the others pay each instalment, up to five weeks late."""
    dues = [FIRST + dt.timedelta(days=30 * k + number - 10) for k in range(15)]
    events = [a_payment(on=due + (number % 5) * 9 * DAY, id=f"pay-{number}-{k}") for k, due in enumerate(dues)]
    return a_loan(
        f"L-{number}",
        instalments=tuple(an_instalment(k + 1, due_on=due) for k, due in enumerate(dues)),
        parties=(a_party(f"P-{number}"),),
        events=tuple(events) if number % 4 else (),
    )


LOANS = tuple(loan(number) for number in range(20))
PERSONS = tuple(a_person(f"P-{n}", points=(a_point(f"P-{n}-mobile", owner=f"P-{n}"),)) for n in range(20))


def live(engine, night):
    """Assess what changed or wakes that night, as a host with a change log does, and deliver."""
    day = FIRST + night * DAY
    changed = [one.id for one in LOANS if any(event.effective_on == day for event in one.events)]
    now = dt.datetime.combine(day, dt.time(4), dt.UTC)
    engine.assess(as_of=day, now=now, changed=changed)
    engine.deliver(now=now)


def again(engine, night):
    """Assess the whole book for a night that was, now and then deliver too, and return how many records that made."""
    day = FIRST + night * DAY
    now = dt.datetime.combine(day, dt.time(4), dt.UTC)
    records = engine.assess(as_of=day, now=now).records
    return records + (engine.deliver(now=now).records if night % 10 == 0 else 0)


@pytest.fixture(scope="module")
def lived():
    """Return an engine after four hundred nights, and its channel."""
    channel = RecordingChannel()
    engine = an_engine(LOANS, PERSONS, current_through=FIRST + NIGHTS * DAY, channel=channel, queue=RecordingChannel())
    for night in range(NIGHTS):
        live(engine, night)
    return engine, channel


@pytest.mark.parametrize("order", ["in order", "shuffled"])
def test_r12_nights_again_change_nothing(lived, order):
    """Same end of the journal, no message more."""
    engine, channel = lived
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        end = unit.end()
    sent = len(channel.sent)
    nights = list(range(NIGHTS))
    if order == "shuffled":
        random.Random(12).shuffle(nights)  # noqa: S311 - an order, and the same one each time

    records = [again(engine, night) for night in nights]

    assert {0} == set(records)
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        assert end == unit.end()
    assert sent == len(channel.sent) > 200
    assert end.position > 1_000
    assert engine.verify().whole
