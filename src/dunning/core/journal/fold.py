"""The fold: effects become a case. It applies and never decides, and ignores effects that it does not know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from attrs import evolve

from dunning.core.facts.event import Event
from dunning.core.hold import Hold
from dunning.core.journal import effects as fx
from dunning.core.ladder.case import Case, Track, UsedUp

T = TypeVar("T", Hold, Event)


def fold(case: Case, effects: Iterable[object]) -> Case:
    """Return *case* after *effects*, applied in order."""
    for effect in effects:
        apply = _APPLY.get(type(effect))
        if apply is not None:
            case = apply(case, effect)
    return case


def _tier_entered(case: Case, effect: fx.TierEntered) -> Case:
    if effect.migrated:
        stays = tuple((effect.tier if tier == effect.previous else tier, stay, on) for tier, stay, on in case.stays)
        return evolve(case, tier=effect.tier, stays=stays, policy=effect.policy)
    new = effect.episode != case.episode
    stays = () if new or effect.re_entry else case.stays
    if all(tier != effect.tier for tier, _, _ in stays):
        stays = (*stays, (effect.tier, effect.stay, effect.entered_on))
    return evolve(
        case,
        tier=effect.tier,
        stay=effect.stay,
        stays=stays,
        entered_on=effect.entered_on,
        episode=effect.episode,
        late_since=effect.late_since,
        cured_on=effect.on if effect.cured else (None if effect.re_entry or new else case.cured_on),
        re_entries=0 if new else case.re_entries + effect.re_entry,
        # Counts belong to the episode: a new one starts with the promises that are still open.
        promises=tuple(p for p in case.promises if p.result == "open") if new else case.promises,
        closed=() if new else case.closed,
        refused=() if new else case.refused,
        alarms=() if new else case.alarms,
        exhausted=() if new or effect.re_entry else case.exhausted,
        policy=effect.policy,
    )


def _hold_placed(case: Case, effect: fx.HoldPlaced) -> Case:
    others = tuple(hold for hold in case.holds if hold.id != effect.hold.id)
    return evolve(case, holds=_in_order((*others, effect.hold)))


def _hold_lifted(case: Case, effect: fx.HoldLifted) -> Case:
    return evolve(
        case,
        holds=tuple(hold for hold in case.holds if hold.id != effect.hold_id),
        lifts=tuple(lift for lift in case.lifts if lift[0] != effect.hold_id),
    )


def _lift_kept(case: Case, effect: fx.LiftKept) -> Case:
    others = tuple(lift for lift in case.lifts if lift[0] != effect.hold_id)
    at = max((at for id_, at in case.lifts if id_ == effect.hold_id), default=effect.at)
    return evolve(case, lifts=tuple(sorted((*others, (effect.hold_id, max(at, effect.at))))))


def _promise_made(case: Case, effect: fx.PromiseMade) -> Case:
    others = tuple(promise for promise in case.promises if promise.id != effect.promise.id)
    return evolve(case, promises=tuple(sorted((*others, effect.promise), key=lambda p: (p.due_on, p.id))))


def _promise_withdrawn(case: Case, effect: fx.PromiseWithdrawn) -> Case:
    return evolve(case, withdrawn=tuple(sorted({*case.withdrawn, (effect.promise_id, effect.on)})))


def _promise_judged(case: Case, effect: fx.PromiseJudged) -> Case:
    return evolve(
        case,
        promises=tuple(
            evolve(p, result=effect.result, judged_on=effect.on) if p.id == effect.promise_id else p
            for p in case.promises
        ),
    )


def _request_proposed(case: Case, effect: fx.RequestProposed) -> Case:
    others = tuple(request for request in case.requests if request.id != effect.request.id)
    return evolve(case, requests=(*others, effect.request))


def _request_decided(case: Case, effect: fx.RequestDecided) -> Case:
    return evolve(
        case,
        requests=tuple(
            evolve(r, state=effect.state, decided_by=effect.by, decided_on=effect.on, reason=effect.reason)
            if r.id == effect.request_id
            else r
            for r in case.requests
        ),
    )


def _track_started(case: Case, effect: fx.TrackStarted) -> Case:
    others = tuple(track for track in case.tracks if track.name != effect.track)
    started = Track(name=effect.track, started_on=effect.on, request_id=effect.request_id)
    return evolve(case, tracks=(*others, started))


def _track_ended(case: Case, effect: fx.TrackEnded) -> Case:
    return evolve(case, tracks=tuple(track for track in case.tracks if track.name != effect.track))


def _money_told(case: Case, effect: fx.MoneyTold) -> Case:
    others = tuple(event for event in case.told if event.id != effect.event.id)
    return evolve(case, told=_in_order((*others, effect.event)))


def _money_shown(case: Case, effect: fx.MoneyShown) -> Case:
    return evolve(case, told=tuple(event for event in case.told if event.id != effect.event_id))


def _touch_closed(case: Case, effect: fx.TouchClosed) -> Case:
    refused = tuple((touch, says) for touch, says in case.refused if touch != effect.touch)
    closed = case.closed if effect.touch in case.closed else (*case.closed, effect.touch)
    exhausted = case.exhausted
    if effect.reason in ("exhausted", "unreachable") and all(used.touch != effect.touch for used in exhausted):
        used_up = UsedUp(touch=effect.touch, step=effect.step, occasion=effect.occasion, on=effect.on)
        exhausted = (*exhausted, used_up)
    return evolve(case, closed=closed, refused=refused, exhausted=exhausted)


def _touch_reopened(case: Case, effect: fx.TouchReopened) -> Case:
    return evolve(case, closed=tuple(touch for touch in case.closed if touch != effect.touch))


def _touch_refused(case: Case, effect: fx.TouchRefused) -> Case:
    others = tuple((touch, says) for touch, says in case.refused if touch != effect.touch)
    return evolve(case, refused=(*others, (effect.touch, effect.says)))


def _entry_queued(case: Case, effect: fx.EntryQueued) -> Case:
    keys = {touch.whole.key for touch in effect.entry.touches}
    return evolve(case, refused=tuple((touch, says) for touch, says in case.refused if touch not in keys))


def _point_retired(case: Case, effect: fx.PointRetired) -> Case:
    return evolve(case, retired=effect.reason) if case.kind == "point" else case


def _alarm_raised(case: Case, effect: fx.AlarmRaised) -> Case:
    return evolve(case, alarms=(*case.alarms, effect.what))


def _worked_by(case: Case, effect: fx.WorkedBy) -> Case:
    return evolve(case, worked_by=effect.actor)


def _in_order(members: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(sorted(members, key=lambda member: member.id))


_APPLY: dict[type, Callable[[Case, Any], Case]] = {
    fx.TierEntered: _tier_entered,
    fx.HoldPlaced: _hold_placed,
    fx.HoldLifted: _hold_lifted,
    fx.LiftKept: _lift_kept,
    fx.PromiseMade: _promise_made,
    fx.PromiseWithdrawn: _promise_withdrawn,
    fx.PromiseJudged: _promise_judged,
    fx.RequestProposed: _request_proposed,
    fx.RequestDecided: _request_decided,
    fx.TrackStarted: _track_started,
    fx.TrackEnded: _track_ended,
    fx.MoneyTold: _money_told,
    fx.MoneyShown: _money_shown,
    fx.TouchClosed: _touch_closed,
    fx.TouchReopened: _touch_reopened,
    fx.TouchRefused: _touch_refused,
    fx.EntryQueued: _entry_queued,
    fx.PointRetired: _point_retired,
    fx.AlarmRaised: _alarm_raised,
    fx.WorkedBy: _worked_by,
}
