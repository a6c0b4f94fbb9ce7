"""Holds placed and ended: in so many words, or by a circumstance, as the policy says for its reason."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict

from attrs import evolve

from dunning.adapters.policy.settings import HoldSetting
from dunning.core.hold import Hold
from dunning.core.journal import effects as fx
from dunning.core.ladder.case import Case
from dunning.engine.receive.kinds.holds import REASONS, Circumstance, Complaint, WrongPerson
from dunning.engine.receive.kinds.holds import Hold as HoldMessage
from dunning.engine.receive.place import Desk, Place, subject_of
from dunning.errors import FactsError


def held(message: HoldMessage, case: Case, place: Place) -> list[fx.Effect]:
    """Return what a hold stated in so many words does, or its lift."""
    if message.lift:
        return _ended(message.hold_id, message.at, case, place, by=message.by, reason=message.reason)
    setting = place.policy.hold_setting(message.reason)
    starts_on = message.starts_on or place.on
    hold = Hold(
        id=message.hold_id or message.id,
        subject=message.subject,
        reason=message.reason,
        purposes=setting.purposes if message.purposes is None else message.purposes,
        channels=setting.channels if message.channels is None else message.channels,
        starts_on=starts_on,
        until=_until(message.until, starts_on, setting),
        evidence=message.evidence,
        reviewer=message.reviewer or setting.reviewer,
        placed_by=message.by or "receive",
        told_at=message.at,
        **_dates(setting, starts_on),
    )
    if hold.until is not None and hold.until <= place.on:
        raise FactsError(
            f"The hold would have ended on {hold.until}, before it was told. Correct until.", field="until"
        )
    return _placed(hold, case, place)


def happened(message: Circumstance, case: Case, desk: Desk) -> list[fx.Effect]:
    """Return what a circumstance does: the hold that the policy's [holds] state for its reason, or its end."""
    place = desk.place
    reason = REASONS[type(message)]
    if message.resolves:
        return _ended(f"{reason}:{message.resolves}", message.at, case, place, by=message.by, reason="resolved")
    setting = place.policy.hold_setting(reason)
    hold = Hold(
        id=f"{reason}:{message.id}",
        subject=subject_of(message, place.policy),
        reason=reason,
        purposes=setting.purposes,
        channels=setting.channels,
        starts_on=place.on,
        until=_until(message.until, place.on, setting),
        evidence=message.evidence,
        reviewer=setting.reviewer,
        placed_by=message.by or "receive",
        told_at=message.at,
        **_dates(setting, place.on),
    )
    if isinstance(message, Complaint) and message.answer_by is not None:
        hold = _to_be_answered(hold, message.answer_by, setting, place)
    effects = _placed(hold, case, place)
    if isinstance(message, WrongPerson):
        effects += _corrected(message, desk)
    return effects


def _until(stated: dt.date | None, starts_on: dt.date, setting: HoldSetting) -> dt.date | None:
    if stated is None and setting.days is not None:
        return starts_on + dt.timedelta(days=setting.days)
    return stated


class _Dates(TypedDict):
    answer_by: dt.date | None
    alarm_on: dt.date | None


def _dates(setting: HoldSetting, starts_on: dt.date) -> _Dates:
    """When the policy wants it answered, and when somebody is to be called."""
    return {
        "answer_by": _in_days(setting.answer_within, starts_on),
        "alarm_on": _in_days(setting.alarm_after, starts_on),
    }


def _in_days(days: int | None, day: dt.date) -> dt.date | None:
    return None if days is None else day + dt.timedelta(days=days)


def _to_be_answered(hold: Hold, answer_by: dt.date, setting: HoldSetting, place: Place) -> Hold:
    """Another deadline moves the alarm with it, by as many days; without a setting it rings on the day itself."""
    if answer_by < place.on:
        raise FactsError(
            f"answer_by ({answer_by}) lies before the complaint ({place.on}). Correct it.", field="answer_by"
        )
    before = dt.timedelta(0)
    if setting.answer_within is not None and setting.alarm_after is not None:
        before = dt.timedelta(days=setting.answer_within - setting.alarm_after)
    return evolve(hold, answer_by=answer_by, alarm_on=max(answer_by - before, place.on))


def _placed(hold: Hold, case: Case, place: Place) -> list[fx.Effect]:
    """Place *hold*; one whose end was told before it ends at once, and leaves the same case as the other way round."""
    for known in case.holds:
        if known.id == hold.id:
            if evolve(known, told_at=None) != evolve(hold, told_at=None):
                raise FactsError(
                    f"Hold {hold.id!r} is in force with other terms. Lift it, or give this one an id of its own.",
                    field="hold_id",
                )
            hold = evolve(hold, told_at=min(known.told_at or place.at, place.at))
    effects: list[fx.Effect] = [fx.HoldPlaced(hold=hold)]
    if any(id_ == hold.id and at >= place.at for id_, at in case.lifts):
        effects.append(fx.HoldLifted(hold_id=hold.id, on=place.on, reason="its end was told before it"))
    return effects


def _ended(hold_id: str, at: dt.datetime, case: Case, place: Place, *, by: str, reason: str) -> list[fx.Effect]:
    """End a hold that was told by *at*. What is not there, or was told later, keeps its end waiting for it."""
    kept = fx.LiftKept(hold_id=hold_id, at=at, by=by, reason=reason)
    lifted = fx.HoldLifted(hold_id=hold_id, on=place.on, by=by, reason=reason)
    hold = next((hold for hold in case.holds if hold.id == hold_id), None)
    if hold_id.startswith("promise:"):
        # Its promise stays open, and must not bring the hold back.
        return [*([lifted] if hold is not None else []), kept]
    return [lifted] if hold is not None and (hold.told_at is None or hold.told_at <= at) else [kept]


def _corrected(message: WrongPerson, desk: Desk) -> list[fx.Effect]:
    """Correct the ledger line of the contact that showed it: the one named, or the last one there by then."""
    lines = [
        line
        for line in desk.unit.history([f"point:{message.point_id}"], since=desk.now - desk.parts.reach)
        if line.point_id == message.point_id and line.person_id == message.person_id and line.at <= message.at
    ]
    if message.entry:
        lines = [line for line in lines if message.entry in (line.entry_key, line.id)]
        if not lines:
            raise FactsError(
                f"No contact of entry {message.entry!r} was made there by then. Correct entry, or leave it out.",
                field="entry",
            )
    last = max(lines, key=lambda line: (line.at, line.id), default=None)
    if last is None or last.wrong_number:
        return []
    return [fx.ContactLogged(contact=evolve(last, wrong_number=True, recorded_at=desk.now))]
