"""How a case moves on the ladder: pure, and told the date."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from dunning.core.ladder.case import Case
from dunning.core.ladder.situation import Situation, tier_for
from dunning.core.ladder.tier import Ladder


@frozen(kw_only=True)
class TierChange:
    """
    A move from `previous` (empty at first) to `tier` on `on`.

    `entered_on` is the day on which the stay began: a tier entered again in the same episode resumes its stay, so its
    cadence goes on where it stood and nothing is said twice.
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


def _change(case: Case, target: str, ladder: Ladder, *, as_of: dt.date) -> TierChange:
    mildest = ladder.mildest.name
    was_late = case.tier not in ("", mildest)
    cured = was_late and target == mildest
    episode, re_entry, late_since = case.episode, False, case.late_since
    if not was_late and target != mildest:
        re_entry = case.cured_on is not None and case.episode > 0 and (as_of - case.cured_on).days <= ladder.probation
        if not re_entry:
            episode, late_since = case.episode + 1, as_of
    seen = {tier: (stay, on) for tier, stay, on in case.stays} if episode == case.episode else {}
    stay, entered_on = seen.get(target, (case.stay + 1 if not seen else max(s for s, _ in seen.values()) + 1, as_of))
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
