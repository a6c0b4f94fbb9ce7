"""
Which loans' facts changed since a mark, told by the columns in which the host says when it wrote a row.

Transactions do not commit in the order in which they stamp their rows, so a row may appear with a stamp that lies
before rows that were seen already. The mark therefore lags: it is never later than the latest stamp, nor than the
database's own clock less the mapping's lag. A row that is committed later than that after its stamp can be missed;
whoever states the lag answers for it. So does whoever deletes rows, or moves them from one loan to another: neither
leaves a stamp. Where stamps are numbers, no clock bounds them: one far beyond all others is refused as a mark, so that
every loan is looked at until somebody corrects it.

Rows that the mapping's `where` leaves out count too: a row that was taken back no longer meets it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, func, or_, select, types

from dunning.adapters.books import tables
from dunning.adapters.books.sql.cells import EPOCHS, id_text, instant
from dunning.adapters.books.sql.mapping import BookMapping, Cell, Lag, zone_of
from dunning.adapters.books.sql.schema import Bound, Schema
from dunning.adapters.codec import scalars
from dunning.adapters.codec.convert import unstructure
from dunning.adapters.codec.documents import json_text
from dunning.adapters.interfaces.loan_book import Changes
from dunning.errors import FactsError

LoansOf = Callable[[Connection, Iterable[str]], Mapping[str, tuple[str, ...]]]

# A sequence that is new may double within a day; one that has come far does not, nor leap by a million on top.
_LEAP = 1_000_000
_PERSONAL = frozenset(table.name for table in tables.PERSON_TABLES)


def changes(schema: Schema, mapping: BookMapping, since: str, *, connection: Connection, of: LoansOf) -> Changes:
    """
    Return the loans with a row written at or after the mark *since*, and the mark to ask with next time.

    Args:
        since: A mark that was returned before; empty only fetches one.
        of: The loans of some persons.

    Raises:
        FactsError: *since* is no mark of this mapping, or a stamp cannot be read.
    """
    settled = _clock(connection) - dt.timedelta(seconds=mapping.lag.seconds)  # first, before any row is seen
    before = _marks(since)
    after = {"mapping": hashlib.sha256(json_text(unstructure(mapping)).encode()).hexdigest()}
    if since and before.get("mapping") != after["mapping"]:
        raise FactsError("the mark was given under another mapping.", field="since")
    loans: set[str] = set()
    people: set[str] = set()
    for name, sources in schema.bound.items():
        for number, bound in enumerate(sources):
            mark = f"{name}.{number}"
            after[mark] = _mark(bound, mapping.lag, settled, connection)
            if not since:
                continue
            if mark not in before:
                raise FactsError(f"the mark says nothing of {bound.place}.", field="since")
            (people if name in _PERSONAL else loans).update(_named(bound, before[mark], connection))
    for theirs in of(connection, sorted(people)).values():
        loans.update(theirs)
    return Changes(ids=frozenset(loans), watermark=json.dumps(after, sort_keys=True))


def _marks(since: str) -> dict[str, str]:
    try:
        read = json.loads(since) if since else {}
    except ValueError:
        read = None
    if not isinstance(read, dict) or not all(isinstance(mark, str) for mark in read.values()):
        raise FactsError("this is no mark that the book gave.", field="since")
    return read


def _clock(connection: Connection) -> dt.datetime:
    """Return what the database's own clock shows."""
    if connection.dialect.name == "sqlite":
        return scalars.instant(connection.execute(select(func.strftime("%Y-%m-%dT%H:%M:%fZ", "now"))).scalar_one())
    clock: dt.datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return clock.astimezone(dt.UTC)


def _mark(bound: Bound, lag: Lag, settled: dt.datetime, connection: Connection) -> str:
    """
    Return the mark for the next question: empty where no row bears a stamp, which names every row next time.

    Args:
        settled: Every row that was stamped until then is there to be seen; so none more can come with the latest stamp
            of all if that lies before, and the rows that bear it need not be named again: `>` instead of `>=`.
    """
    cell, stamp = _stamp(bound)
    latest = connection.execute(select(func.max(stamp)).select_from(bound.host)).scalar_one()
    if latest is None:
        return ""
    try:
        if bound.counts and cell.format not in EPOCHS:
            before = select(func.max(stamp)).select_from(bound.host).where(stamp < latest)
            _check_leap(int(latest), connection.execute(before).scalar_one())
            return f">={int(latest) - lag.steps}"
        seen = instant(latest, cell, fold=0)  # a mark too early only names too many
    except (ValueError, OverflowError) as error:
        raise FactsError(str(error), field="changed", where=bound.place) from None
    return f">{scalars.instant_text(seen)}" if seen < settled else f">={scalars.instant_text(settled)}"


def _check_leap(latest: int, before: Any) -> None:
    """
    Refuse a mark that one number far beyond all others would set: no row written later would lie beyond it.

    An instant needs no such check: the database's clock bounds it. Nobody says what a sequence has come to.
    """
    if before is not None and latest > 2 * abs(int(before)) + _LEAP:
        what = (
            f"the highest number ({latest}) lies far beyond the next ({int(before)}): were it a mistake, it would hide "
            "all that is written from now on. Correct the row; until then nobody can tell what changed."
        )
        raise ValueError(what)


def _named(bound: Bound, mark: str, connection: Connection) -> set[str]:
    cell, stamp = _stamp(bound)
    of = bound.source.columns[bound.ours.key]
    asked = select(bound.key).distinct().select_from(bound.host)
    if mark:
        text = mark.lstrip(">=")
        since = (
            int(text)
            if bound.counts and cell.format not in EPOCHS
            else _host_time(scalars.instant(text), cell, stamp.type)
        )
        asked = asked.where(or_(stamp >= since if mark.startswith(">=") else stamp > since, stamp.is_(None)))
    return {id_text(key, of) for key in connection.execute(asked).scalars()} - {""}


def _stamp(bound: Bound) -> tuple[Cell, Any]:
    cell = bound.source.changed
    if cell is None or bound.stamp is None:
        raise FactsError("the mapping does not say when rows changed.", field="changed", where=bound.place)
    return cell, bound.stamp


def _host_time(since: dt.datetime, cell: Cell, kind: types.TypeEngine[Any]) -> Any:
    """
    Return *since* as the host's column has it, or something earlier: naming too many does no harm.

    On a wall clock that is set back, a later stamp can show an earlier time, so the clock's furthest setting back
    counts always.
    """
    if cell.format in EPOCHS:
        return int(since.timestamp()) * EPOCHS[cell.format]
    zone = zone_of(cell.zone)
    if isinstance(kind, types.DateTime) and kind.timezone:
        return since
    if zone is not None:
        offsets = [(since + dt.timedelta(days=days)).astimezone(zone).utcoffset() for days in range(367)]
        wall = since + min(offset for offset in offsets if offset is not None)
    else:
        wall = since - dt.timedelta(hours=14)  # texts with offsets of their own, compared as texts
    wall = wall.replace(tzinfo=None, microsecond=0)
    if isinstance(kind, types.DateTime):
        return wall
    return wall.strftime(cell.format) if cell.format else wall.isoformat(sep=" ")
