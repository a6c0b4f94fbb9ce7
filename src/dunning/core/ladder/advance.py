"""How a case moves on the ladder: pure, and told the date."""

from __future__ import annotations

import datetime as dt

from attrs import evolve, frozen

from dunning.core.ladder.case import Case
from dunning.core.ladder.situation import Situation, tier_for
from dunning.core.ladder.tier import Ladder


@frozen(kw_only=True)
class TierChange:
    """
    A move from `previous` (empty at first) to `tier` on `on`.

    `entered_on` is the day on which the stay began: a tier left and entered again without a cure in between resumes
    its stay, so its cadence goes on where it stood and nothing is said twice.
    """

    tier: str
    previous: str
    on: dt.date
    entered_on: dt.date
    stay: int
    episode: int
    late_since: dt.date | None
    cured: bool
    re_entry: bool


def advance(case: Case, here: Situation, ladder: Ladder, *, as_of: dt.date) -> TierChange | None:
    """
    Return the move that the situation asks for on *as_of*, or None.

    A firmer tier waits until the minimum stay of the present one is over (on day `minimum_stay` it may be entered);
    softening and cure never wait.
    """
    target = tier_for(here, ladder)
    if target.name == case.tier:
        return None
    if case.tier and ladder.rank(target.name) > ladder.rank(case.tier):
        present = ladder.tier(case.tier)
        if case.entered_on is not None and as_of < case.entered_on + dt.timedelta(days=present.minimum_stay):
            return None
    return _change(case, target.name, ladder, as_of=as_of)


def counted(case: Case, ladder: Ladder, *, as_of: dt.date) -> Case:
    """
    Return *case* with the counts that a situation may look at on *as_of*.

    Once probation is over the episode is: its broken promises and re-entries no longer make anything firmer.
    """
    at_home = case.tier == ladder.mildest.name
    if not at_home or case.cured_on is None or (as_of - case.cured_on).days <= ladder.probation:
        return case
    still_open = tuple(promise for promise in case.promises if promise.result == "open")
    return evolve(case, late_since=None, re_entries=0, promises=still_open)


def _change(case: Case, target: str, ladder: Ladder, *, as_of: dt.date) -> TierChange:
    mildest = ladder.mildest.name
    was_late = case.tier not in ("", mildest)
    cured = was_late and target == mildest
    episode, re_entry, late_since = case.episode, False, case.late_since
    if not was_late and target != mildest:
        re_entry = case.cured_on is not None and case.episode > 0 and (as_of - case.cured_on).days <= ladder.probation
        # Without a cure the episode still runs: a new policy may have taken the case to the mildest tier.
        running = case.cured_on is None and case.episode > 0
        if not re_entry and not running:
            episode, late_since = case.episode + 1, as_of
    # After a cure another instalment is late: it is told anew, and a new default needs a notice of its own.
    seen = {tier: (stay, on) for tier, stay, on in case.stays} if episode == case.episode and not re_entry else {}
    # A resumed stay may have a lower number than others of its episode; a new one is never given twice.
    fresh = max((stay for _, stay, _ in case.stays), default=case.stay) + 1
    stay, entered_on = seen.get(target, (fresh, as_of))
    return TierChange(
        tier=target,
        previous=case.tier,
        on=as_of,
        entered_on=entered_on,
        stay=stay,
        episode=episode,
        late_since=late_since,
        cured=cured,
        re_entry=re_entry,
    )
