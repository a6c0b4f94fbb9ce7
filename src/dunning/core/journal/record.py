"""Records of the journal: append-only lines in streams, each chained to the one before."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from dunning.core import values
from dunning.core.journal.effects import Effect, UnknownEffect
from dunning.errors import FactsError

FORMAT = 1
STREAM_KINDS = ("loan", "person", "point", "placement", "engine")


@frozen(kw_only=True, order=True, cache_hash=True)
class Stream:
    """The lines of one loan, person, point, placement or engine of one lender."""

    lender: str = field(validator=values.text)
    kind: str = field(validator=values.one_of(*STREAM_KINDS))
    id: str = field(validator=values.text)

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@frozen(kw_only=True)
class Draft:
    """
    A record that is not yet written.

    Args:
        kind: What happened, in a word (decision, attempt, answer, payment, promise, hold, outcome, approval, run, …).
        at: The instant at which it was decided or received (`now`).
        as_of: The business date, where there is one.
        effects: Applied in order by the fold.
        inputs: (name, vault digest) of everything that the decision looked at.
        refs: Other records, as "kind:id#seq".
        about: A JSON object that explains the decision to a reader; never personal data.
    """

    stream: Stream
    kind: str = field(validator=values.text)
    at: dt.datetime = field(validator=values.instant)
    as_of: dt.date | None = field(default=None, validator=values.maybe(values.day))
    effects: tuple[Effect | UnknownEffect, ...] = field(default=(), validator=values.tuple_of(object))
    inputs: tuple[tuple[str, str], ...] = ()
    refs: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    about: str = "{}"

    def __attrs_post_init__(self) -> None:
        if not self.about.startswith("{"):
            raise FactsError("about must be a JSON object as text.", field="about")


@frozen(kw_only=True)
class Record:
    """
    A line of the journal.

    Args:
        seq: Place in its stream, from 1.
        position: Place in the journal as a whole: it grows with every commit and is never reused; told-hooks follow it.
            It is not part of the hash: a rebuilt journal may number afresh.
        recorded_at: When it was written; with `at` it tells a late entry from one made in time.
        previous, hash: SHA-256 in hex; `previous` of the first record is 64 zeros.
    """

    draft: Draft
    seq: int = field(validator=values.at_least(1))
    position: int = field(validator=values.at_least(1))
    recorded_at: dt.datetime = field(validator=values.instant)
    previous: str = field(validator=values.text)
    hash: str = field(validator=values.text)

    @property
    def name(self) -> str:
        """How other records and people refer to this one."""
        return f"{self.draft.stream}#{self.seq}"
