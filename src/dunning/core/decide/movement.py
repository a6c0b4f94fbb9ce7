"""What a new day does to a case before anything is planned: money, promises, requests that ran out, the tier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import count

from attrs import evolve

from dunning.core.contact.ledger import ContactRecord
from dunning.core.decide.judge import holds_of
from dunning.core.decide.standing import carried_on, no_longer_due, outlives, stopped_by
from dunning.core.hold import Hold
from dunning.core.journal import effects as fx
from dunning.core.ladder.advance import advance
from dunning.core.ladder.case import Case, Promise, Request
from dunning.core.ladder.promises import judge
from dunning.core.ladder.situation import Situation
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.touch import digest
from dunning.core.outbox.transitions import Move, State, after
from dunning.core.terms import Dossier, Terms

# Entries that nobody holds, so that a decision may take them back; a claimed one is taken back by its recheck.
_FREE = (State.WAITING, State.HANDED_OVER)


def news(dossier: Dossier, case: Case, *, as_of: dt.date) -> list[fx.Effect]:
    """Return what facts and dates did since the last assessment: money shown, promises judged, requests expired."""
    effects: list[fx.Effect] = [fx.MoneyShown(event_id=id_) for id_ in dossier.shown]
    judged = judge(case.promises, dossier.loan.events, as_of=as_of, withdrawn=case.withdrawn)
    for promise in case.promises:
        result, paid = judged[promise.id]
        if result != promise.result:
            effects.append(fx.PromiseJudged(promise_id=promise.id, result=result, on=as_of, paid=paid))
        effects.extend(_held(promise, result, case, as_of=as_of))
    effects.extend(
        fx.RequestDecided(request_id=request.id, state="expired", on=as_of, by="dunning", reason="nobody decided")
        for request in case.requests
        if request.state == "proposed" and as_of >= request.expires_on
    )
    return effects


def _held(promise: Promise, result: str, case: Case, *, as_of: dt.date) -> list[fx.Effect]:
    """Return the end of a judged promise's hold; or its return, where a reversal has opened the promise again."""
    hold_id = f"promise:{promise.id}"
    held = any(hold.id == hold_id for hold in case.holds)
    if held and result not in ("open", promise.result):
        return [fx.HoldLifted(hold_id=hold_id, on=as_of, by="dunning", reason=f"promise {result}")]
    lifted = any(id_ == hold_id for id_, _ in case.lifts)
    if result == "open" and promise.result != "open" and promise.hold is not None and not held and not lifted:
        return [fx.HoldPlaced(hold=promise.hold)]
    return []


def migrated(case: Case, terms: Terms, *, as_of: dt.date) -> list[fx.Effect]:
    """Return the renaming of the case's tier where this version of the policy no longer has it."""
    names = {tier.name for tier in terms.ladder.tiers}
    if not case.tier or case.tier in names or case.entered_on is None:
        return []
    tier = dict(terms.migrates).get(case.tier, terms.ladder.mildest.name)
    return [
        fx.TierEntered(
            tier=tier,
            on=as_of,
            entered_on=case.entered_on,
            stay=case.stay,
            episode=case.episode,
            previous=case.tier,
            late_since=case.late_since,
            migrated=True,
            policy=terms.policy,
        )
    ]


def moved(dossier: Dossier, case: Case, here: Situation, terms: Terms, *, as_of: dt.date) -> list[fx.Effect]:
    """Return the move on the ladder, with everything that it takes back."""
    change = advance(case, here, terms.ladder, as_of=as_of)
    if change is None:
        return []
    effects: list[fx.Effect] = [
        fx.TierEntered(
            tier=change.tier,
            on=change.on,
            entered_on=change.entered_on,
            stay=change.stay,
            episode=change.episode,
            previous=change.previous,
            late_since=change.late_since,
            cured=change.cured,
            re_entry=change.re_entry,
            policy=terms.policy,
        )
    ]
    if change.cured:
        effects.extend(_cured(case, terms, as_of=as_of))
    return effects


def called_back(dossier: Dossier, case: Case, terms: Terms, *, as_of: dt.date) -> list[fx.Effect]:
    """
    Return a request to call the agency back where a hold began while it works the loan.

    A hold stops what we send; what an agency does it stops only when somebody tells the agency. Undecided, it is asked
    again; rejected, it is not.
    """
    pending = any(r.kind == "recall" and r.state == "proposed" for r in case.requests)
    if pending or not case.tracking("placement"):
        return []
    asked = {request.id: request for request in case.requests}
    for hold in holds_of(dossier, terms, as_of=as_of):
        ids = (digest("recall", case.id, hold.id, number) for number in count())
        id_ = next(id_ for id_ in ids if id_ not in asked or asked[id_].state in ("approved", "rejected"))
        if id_ not in asked and _stops_the_agency(hold, dossier, as_of=as_of):
            reason = f"{hold.reason} while an agency works it (hold {hold.id})"
            return [_recall(case, terms, id_, reason, as_of=as_of)]
    return []


def _stops_the_agency(hold: Hold, dossier: Dossier, *, as_of: dt.date) -> bool:
    """Whether *hold* leaves alone who owes the loan. A promise, or money on its way, is news and no reason to stop."""
    debtors = {party.person_id for party in dossier.loan.parties if party.bound(as_of) and party.liable}
    concerns = hold.subject.kind == "loan" or hold.subject.person_id in debtors
    collects = not hold.purposes or "collection" in hold.purposes
    return concerns and collects and hold.holds(as_of) and hold.reason not in ("promise", "pending_money")


def _recall(case: Case, terms: Terms, id_: str, reason: str, *, as_of: dt.date) -> fx.RequestProposed:
    return fx.RequestProposed(
        request=Request(
            id=id_,
            kind="recall",
            loan_id=case.id,
            proposed_on=as_of,
            expires_on=as_of + dt.timedelta(days=dict(terms.approvals).get("recall", 30)),
            reason=reason,
        )
    )


def taken_back(dossier: Dossier, tier: str, terms: Terms, *, as_of: dt.date, now: dt.datetime) -> list[fx.Effect]:
    """Return the cancelling of unsent entries of a tier which the case has left for *tier*; a cure spares no track."""
    cured = tier == terms.ladder.mildest.name
    effects: list[fx.Effect] = []
    for entry in dossier.entries:
        left = entry.tier != tier if entry.tier else cured
        spared = outlives(entry.purpose, cured=cured) or carried_on(entry, tier, terms) is not None
        if entry.state in _FREE and left and not spared:
            reason = "cured" if cured else "tier_left"
            effects.extend(cancelled(entry, dossier.history, reason=reason, as_of=as_of, now=now))
    return effects


def revoked(
    dossier: Dossier, here: Situation, terms: Terms, *, now: dt.datetime, cancelled_already: frozenset[str]
) -> list[fx.Effect]:
    """
    Return the cancelling of what was handed over to people and is due no more: a payment or a hold revokes it.

    What still waits in the outbox needs none of this: it is rechecked before it goes out.
    """
    effects: list[fx.Effect] = []
    as_of = here.status.as_of
    for entry in dossier.entries:
        if entry.state is State.HANDED_OVER and entry.key not in cancelled_already:
            reason = no_longer_due(entry, dossier, dossier.case, here, terms)
            if not reason and entry.kind != "referral":
                reason = stopped_by(entry, dossier, terms, as_of=as_of)
            if reason:
                effects.extend(cancelled(entry, dossier.history, reason=reason, as_of=as_of, now=now))
    return effects


def cancelled(
    entry: Entry, history: Sequence[ContactRecord], *, reason: str, as_of: dt.date, now: dt.datetime
) -> list[fx.Effect]:
    """Return the cancelling of one entry, the end of the touches that it was to satisfy, and what it had reserved."""
    moved_to = after(entry.state, Move.CANCEL)
    return [
        fx.EntryMoved(key=entry.key, move=Move.CANCEL.value, state=moved_to.value, at=now, reason=reason),
        *(
            fx.TouchClosed(
                touch=touch.whole.key, step=touch.step, occasion=touch.occurrence, reason="cancelled", on=as_of
            )
            for touch in entry.touches
        ),
        *(fx.ContactLogged(contact=line) for line in _freed(entry, history, now=now)),
    ]


def _freed(entry: Entry, history: Sequence[ContactRecord], *, now: dt.datetime) -> list[ContactRecord]:
    """
    Return the ledger lines that count no longer, because nobody has seen the work yet.

    What somebody has in hand may have been worked a minute ago: it counts until they report. So does a row that goes
    on for other loans.
    """
    if entry.allowance is None or entry.allowance.taken_by or entry.lead:
        return []
    mine = [line for line in history if line.entry_key == entry.key and line.loan_ids == entry.loan_ids]
    return [evolve(line, reserved=False, void=True, recorded_at=now) for line in mine if line.reserved]


def _cured(case: Case, terms: Terms, *, as_of: dt.date) -> list[fx.Effect]:
    effects: list[fx.Effect] = [
        fx.RequestDecided(request_id=request.id, state="withdrawn", on=as_of, by="dunning", reason="cured")
        for request in case.requests
        if request.state == "proposed"
    ]
    if case.tracking("visit"):
        effects.append(fx.TrackEnded(track="visit", on=as_of, reason="cured"))
    running = [track.name for track in case.tracks if track.name != "visit"]
    if running:
        id_ = digest("recall", case.id, case.episode, as_of.isoformat())
        effects.append(_recall(case, terms, id_, f"cured while on track {', '.join(sorted(running))}", as_of=as_of))
    return effects
