"""Promises about the journal: chained, ordered, complete, and folded into cases."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from attrs import evolve

from dunning.adapters.interfaces.storage import Storage
from dunning.core.journal.chain import GENESIS, End, Head, link, link_text
from dunning.core.journal.effects import PromiseMade, UnknownEffect, WorkedBy
from dunning.core.journal.inspect import inspect
from dunning.core.ladder.case import Promise
from dunning.errors import StaleStateError, StorageError
from dunning.testing.builders import LENDER, NOON, TODAY, a_draft, a_stream
from dunning.testing.storage.shared import Promises, append

_SHANGHAI = dt.timezone(dt.timedelta(hours=8))


class JournalPromises(Promises):
    """S15 to S24, and S44."""

    def test_s15_records_are_chained(self, storage: Storage) -> None:
        """Each record's hash covers the hash before it in its stream and its own text, in RFC 8785 form."""
        with storage.begin(LENDER) as unit:
            first, second, other = append(unit, a_draft(), a_draft(kind="answer"), a_draft("L-2"))
            lines = list(unit.lines())

        assert [(first.seq, second.seq, other.seq), (first.position, second.position, other.position)] == [
            (1, 2, 1),
            (1, 2, 3),
        ]
        assert [first.previous, second.previous, other.previous] == [GENESIS, first.hash, GENESIS]
        assert [line.hash for line in lines] == [first.hash, second.hash, other.hash]
        for line in lines:
            assert line.hash == link(line.previous, json.loads(line.body)) == link_text(line.previous, line.body)

    def test_s16_a_stream_that_moved_on_is_not_written(self, storage: Storage) -> None:
        """StaleStateError when `expected` is not the last number of a stream, and then nothing is appended at all."""
        with storage.begin(LENDER) as unit:
            append(unit, a_draft())

        drafts = [a_draft("L-2"), a_draft()]
        for stale in (0, 2):
            with storage.begin(LENDER) as unit:
                with pytest.raises(StaleStateError):
                    unit.append(drafts, expected={a_stream("L-2"): 0, a_stream(): stale}, recorded_at=NOON)
                assert [record.name for record in unit.since(0, limit=10)] == ["loan:L-1#1"]
        with storage.begin(LENDER, read_only=True) as unit:
            assert unit.end().position == 1

    def test_s17_a_stream_must_have_been_read(self, storage: Storage) -> None:
        """StorageError for a draft whose stream is not in `expected`."""
        with storage.begin(LENDER) as unit, pytest.raises(StorageError):
            unit.append([a_draft()], expected={}, recorded_at=NOON)

    def test_s18_what_is_read_is_what_was_written(self, storage: Storage) -> None:
        """To the digit and the instant; an effect of a later version is kept as it is, and the hash holds."""
        promise = Promise(
            id="PR-1", person_id="P-1", amount=Decimal("100.10"), made_on=TODAY, due_on=TODAY + dt.timedelta(days=3)
        )
        unknown = UnknownEffect(name="FromTheFuture", fields='{"a":[1,"é"],"b":null}')
        draft = a_draft(
            at=dt.datetime(2026, 3, 4, 12, 0, 0, 7, tzinfo=_SHANGHAI),
            as_of=None,
            effects=(PromiseMade(promise=promise), unknown),
            inputs=(("loan", "tag:digest"),),
            refs=("person:P-1#4",),
            about='{ "b": 1, "a": "早" }',
        )
        recorded_at = NOON + dt.timedelta(microseconds=1)
        with storage.begin(LENDER) as unit:
            (written,) = unit.append([draft], expected={draft.stream: 0}, recorded_at=recorded_at)

        with storage.begin(LENDER, read_only=True) as unit:
            (read,) = unit.read(draft.stream)
            (line,) = unit.lines()
        assert written == read
        assert read.draft == evolve(draft, about='{"a":"早","b":1}')
        assert (read.recorded_at, str(read.draft.effects[0].promise.amount)) == (recorded_at, "100.10")  # type: ignore[union-attr]
        assert '{"a":[1,"é"],"b":null,"effect":"FromTheFuture"}' in line.body
        assert read.hash == link_text(GENESIS, line.body)

    def test_s19_a_stream_is_read_in_order(self, storage: Storage) -> None:
        """From the record after a given one; other streams do not come in between."""
        with storage.begin(LENDER) as unit:
            append(unit, a_draft(kind="a"), a_draft("L-2"), a_draft(kind="b"))
            append(unit, a_draft(kind="c"))

        with storage.begin(LENDER, read_only=True) as unit:
            assert [record.draft.kind for record in unit.read(a_stream())] == ["a", "b", "c"]
            assert [record.draft.kind for record in unit.read(a_stream(), after=1)] == ["b", "c"]
            assert list(unit.read(a_stream(), after=3)) == []
            assert list(unit.read(a_stream("L-3"))) == []

    def test_s20_the_journal_is_followed_by_position(self, storage: Storage) -> None:
        """`since` gives records in the order of their commits, at most `limit`; a position never comes again."""
        for number in range(1, 5):
            with storage.begin(LENDER) as unit:
                append(unit, a_draft(f"L-{number}"))

        with storage.begin(LENDER, read_only=True) as unit:
            assert [record.name for record in unit.since(0, limit=3)] == ["loan:L-1#1", "loan:L-2#1", "loan:L-3#1"]
            assert [record.name for record in unit.since(3, limit=3)] == ["loan:L-4#1"]
            assert unit.since(4, limit=3) == []
            assert [record.position for record in unit.since(0, limit=10)] == [1, 2, 3, 4]

    def test_s21_heads_lines_and_end_agree(self, storage: Storage) -> None:
        """`heads` are sorted and name the last records, `lines` every record, `end` the last position: no flaw."""
        with storage.begin(LENDER) as unit:
            assert unit.end() == End()
            records = append(unit, a_draft("L-2"), a_draft("L-10"), a_draft("L-2"))
            point = a_draft(stream=a_stream("P-1-mobile", kind="point"))
            records = [*records, *append(unit, point)]

        with storage.begin(LENDER, read_only=True) as unit:
            heads = list(unit.heads())
            lines = list(unit.lines())
            end = unit.end()
        assert heads == [
            (a_stream("L-10"), 1, records[1].hash),
            (a_stream("L-2"), 2, records[2].hash),
            (point.stream, 1, records[3].hash),
        ]
        assert [line.name for line in lines] == ["loan:L-2#1", "loan:L-10#1", "loan:L-2#2", "point:P-1-mobile#1"]
        assert (end.position, end.chain) == (4, lines[-1].chain)
        findings = inspect(LENDER, lines, [Head(stream=s, seq=n, hash=h) for s, n, h in heads], end)
        assert (findings.records, findings.streams, findings.flaws) == (4, 3, ())

    def test_s22_a_case_is_the_fold_of_its_stream(self, storage: Storage) -> None:
        """Blank without records; the kept snapshot as it is; folded from the records that no snapshot covers."""
        stream = a_stream()
        with storage.begin(LENDER) as unit:
            blank = unit.cases([stream])[stream]
            kept = evolve(blank, case=evolve(blank.case, worked_by="agency-1"), seq=1, wake_on=TODAY)
            append(unit, a_draft(), snapshots=[kept])
            append(unit, a_draft("L-2"))

        with storage.begin(LENDER) as unit:
            cases = unit.cases([stream, a_stream("L-2"), a_stream("L-3")])
            assert cases[stream] == kept
            assert (cases[a_stream("L-2")].seq, cases[a_stream("L-2")].case.worked_by) == (1, "agency-1")
            assert (cases[a_stream("L-3")].seq, cases[a_stream("L-3")].case.id) == (0, "L-3")
            append(unit, a_draft(effects=(WorkedBy(actor="agency-2"),)))

        with storage.begin(LENDER, read_only=True) as unit:
            after = unit.cases([stream])[stream]
        # A snapshot that was not kept knows no facts, and wakes, so that the next assessment looks again.
        assert (after.seq, after.case.worked_by, after.wake_on) == (2, "agency-2", TODAY)

    @pytest.mark.parametrize("seq", [0, 2])
    def test_s23_a_wrong_snapshot_is_refused(self, storage: Storage, seq: int) -> None:
        """StorageError for a snapshot that does not fold all of its stream, and then nothing is appended."""
        with storage.begin(LENDER) as unit:
            snapshot = evolve(unit.cases([a_stream()])[a_stream()], seq=seq)
            with pytest.raises(StorageError):
                append(unit, a_draft(), snapshots=[snapshot])
            assert list(unit.read(a_stream())) == []

    def test_s24_a_cursor_never_goes_back(self, storage: Storage) -> None:
        """0 at first, each plugin its own; not beyond the end, for it would skip what is not written yet."""
        with storage.begin(LENDER) as unit:
            append(unit, a_draft(), a_draft())
            assert unit.cursor("teller") == 0
            unit.advance("teller", 2)
            unit.advance("teller", 1)
            with pytest.raises(StorageError):
                unit.advance("teller", 3)
            unit.advance("other", 1)

        with storage.begin(LENDER, read_only=True) as unit:
            assert (unit.cursor("teller"), unit.cursor("other"), unit.cursor("third")) == (2, 1, 0)

    def test_s44_sleeping_cases_are_named(self, storage: Storage) -> None:
        """Asleep before the day on which they wake; awake on it, when never assessed, and after any later record."""
        wakes = {"never": None, "later": TODAY + dt.timedelta(days=2), "soon": TODAY + dt.timedelta(days=1)}
        with storage.begin(LENDER) as unit:
            for name, wake_on in wakes.items():
                kept = evolve(unit.cases([a_stream(name)])[a_stream(name)], seq=1, assessed_on=TODAY, wake_on=wake_on)
                append(unit, a_draft(name), snapshots=[kept])
            append(unit, a_draft("unassessed"))

        with storage.begin(LENDER) as unit:
            asked = [*wakes, "unassessed", "unknown"]
            assert unit.asleep(asked, on=TODAY) == {"never", "later", "soon"}
            assert unit.asleep(asked, on=TODAY + dt.timedelta(days=1)) == {"never", "later"}
            assert unit.asleep(["later"], on=TODAY) == {"later"}
            append(unit, a_draft("never"))
            assert unit.asleep(asked, on=TODAY) == {"later", "soon"}
