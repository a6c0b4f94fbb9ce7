"""A snapshot made again from records: the same case, and a reason to look at the facts again."""

import datetime as dt

from attrs import evolve

from dunning.core.journal.chain import GENESIS
from dunning.core.journal.effects import UnknownEffect, WorkedBy
from dunning.core.journal.rebuild import rebuild
from dunning.core.journal.record import Record
from dunning.core.journal.snapshot import blank
from dunning.testing.builders import NOON, TODAY, a_draft, a_stream

TOMORROW = TODAY + dt.timedelta(days=1)


def a_record(seq, **changes):
    return Record(draft=a_draft(**changes), seq=seq, position=seq, recorded_at=NOON, previous=GENESIS, hash=GENESIS)


def test_effects_are_folded_in_order_and_unknown_ones_passed_over():
    records = [
        a_record(1, effects=(WorkedBy(actor="agency-1"), UnknownEffect(name="Later", fields="{}"))),
        a_record(2, effects=(WorkedBy(actor="agency-2"),)),
    ]

    rebuilt = rebuild(blank(a_stream()), records)

    assert (rebuilt.seq, rebuilt.case.worked_by) == (2, "agency-2")


def test_it_was_assessed_on_the_last_date_and_wakes_on_the_first():
    rebuilt = rebuild(blank(a_stream()), [a_record(1), a_record(2, as_of=TOMORROW)])

    assert (rebuilt.assessed_on, rebuilt.wake_on) == (TOMORROW, TODAY)


def test_a_record_without_a_business_date_wakes_on_the_day_it_was_made():
    rebuilt = rebuild(blank(a_stream()), [a_record(1, as_of=None)])

    assert (rebuilt.assessed_on, rebuilt.wake_on) == (None, TODAY)


def test_what_a_snapshot_knew_of_facts_is_forgotten_with_the_first_record_after_it():
    kept = evolve(blank(a_stream()), seq=1, assessed_on=TOMORROW, wake_on=None)

    rebuilt = rebuild(kept, [a_record(2)])

    assert (rebuilt.seq, rebuilt.assessed_on, rebuilt.wake_on) == (2, TOMORROW, TODAY)


def test_without_records_nothing_changes():
    kept = evolve(blank(a_stream()), seq=1, assessed_on=TODAY, wake_on=TOMORROW)

    assert rebuild(kept, []) is kept
