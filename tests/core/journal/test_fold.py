"""The fold applies, never decides, and ignores what it does not know."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from dunning.core.hold import Hold, Subject
from dunning.core.journal import effects as fx
from dunning.core.journal.fold import fold
from dunning.core.ladder.case import Case, Promise, Request, Track, UsedUp
from dunning.testing.builders import NOON, TODAY, a_contact, a_payment, a_touch, an_entry

DAY = dt.timedelta(days=1)
CASE = Case(id="L-1")
HOLD = Hold(id="H", subject=Subject(kind="loan", loan_id="L-1"), reason="dispute", starts_on=TODAY)
PROMISE = Promise(id="p", person_id="P-1", amount=Decimal(5), made_on=TODAY, due_on=TODAY)
REQUEST = Request(id="r", kind="visit", loan_id="L-1", proposed_on=TODAY, expires_on=TODAY + DAY)
PAYMENT = a_payment(id="P")


def closed(reason="reached", touch="t"):
    return fx.TouchClosed(touch=touch, step="s", occasion="o", reason=reason, on=TODAY)


@pytest.mark.parametrize(
    ("before", "effect", "after"),
    [
        pytest.param({}, fx.HoldPlaced(hold=HOLD), {"holds": (HOLD,)}, id="a hold"),
        pytest.param({"holds": (HOLD,)}, fx.HoldPlaced(hold=HOLD), {"holds": (HOLD,)}, id="the same hold again"),
        pytest.param({"holds": (HOLD,)}, fx.HoldLifted(hold_id="H", on=TODAY), {"holds": ()}, id="a hold lifted"),
        pytest.param({"holds": (HOLD,)}, fx.HoldLifted(hold_id="X", on=TODAY), {"holds": (HOLD,)}, id="another one"),
        pytest.param({}, fx.PromiseMade(promise=PROMISE), {"promises": (PROMISE,)}, id="a promise"),
        pytest.param(
            {"promises": (PROMISE,)},
            fx.PromiseJudged(promise_id="p", result="kept", on=TODAY),
            {"promises": (evolve(PROMISE, result="kept", judged_on=TODAY),)},
            id="a promise judged",
        ),
        pytest.param({}, fx.RequestProposed(request=REQUEST), {"requests": (REQUEST,)}, id="a request"),
        pytest.param(
            {"requests": (REQUEST,)},
            fx.RequestDecided(request_id="r", state="approved", on=TODAY, by="head", reason="why"),
            {"requests": (evolve(REQUEST, state="approved", decided_by="head", decided_on=TODAY, reason="why"),)},
            id="a request decided",
        ),
        pytest.param(
            {},
            fx.TrackStarted(track="visit", on=TODAY, request_id="r"),
            {"tracks": (Track(name="visit", started_on=TODAY, request_id="r"),)},
            id="a track",
        ),
        pytest.param(
            {"tracks": (Track(name="visit", started_on=TODAY), Track(name="legal", started_on=TODAY))},
            fx.TrackEnded(track="visit", on=TODAY),
            {"tracks": (Track(name="legal", started_on=TODAY),)},
            id="a track ended",
        ),
        pytest.param({}, fx.MoneyTold(event=PAYMENT), {"told": (PAYMENT,)}, id="money told"),
        pytest.param({"told": (PAYMENT,)}, fx.MoneyTold(event=PAYMENT), {"told": (PAYMENT,)}, id="told twice"),
        pytest.param({"told": (PAYMENT,)}, fx.MoneyShown(event_id="P"), {"told": ()}, id="money shown"),
        pytest.param({}, closed(), {"closed": ("t",)}, id="a touch closed"),
        pytest.param({"closed": ("t",)}, closed(), {"closed": ("t",)}, id="closed twice"),
        pytest.param(
            {"refused": (("t", "x"), ("u", "y"))},
            closed(),
            {"closed": ("t",), "refused": (("u", "y"),)},
            id="refused before",
        ),
        pytest.param(
            {},
            closed("exhausted"),
            {"closed": ("t",), "exhausted": (UsedUp(touch="t", step="s", occasion="o", on=TODAY),)},
            id="used up",
        ),
        pytest.param(
            {},
            closed("unreachable"),
            {"closed": ("t",), "exhausted": (UsedUp(touch="t", step="s", occasion="o", on=TODAY),)},
            id="nobody to be reached",
        ),
        pytest.param(
            {"refused": (("t", "x"),)},
            fx.TouchRefused(touch="t", step="s", says="y"),
            {"refused": (("t", "y"),)},
            id="refused for another reason",
        ),
        pytest.param(
            {"refused": ((a_touch(attempt=0).key, "x"),)},
            fx.EntryQueued(entry=an_entry()),
            {"refused": ()},
            id="queued after all",
        ),
        pytest.param({}, fx.AlarmRaised(what="w", on=TODAY), {"alarms": ("w",)}, id="an alarm"),
        pytest.param({}, fx.WorkedBy(actor="agency"), {"worked_by": "agency"}, id="worked by somebody else"),
        pytest.param(
            {}, fx.PointRetired(point_id="n", on=TODAY, reason="wrong_number"), {}, id="a point, told to a loan"
        ),
        pytest.param(
            {"kind": "point"},
            fx.PointRetired(point_id="n", on=TODAY, reason="wrong_number"),
            {"retired": "wrong_number"},
            id="a point, told to itself",
        ),
        pytest.param({}, fx.EntryMoved(key="k", move="accept", state="delivered", at=NOON), {}, id="an entry moved"),
        pytest.param({}, fx.ContactLogged(contact=a_contact()), {}, id="a contact"),
        pytest.param({}, fx.UnknownEffect(name="FromTomorrow", fields="{}"), {}, id="an effect of a later version"),
        pytest.param({}, fx.PluginFailed(plugin="p", hook="h", error="e"), {}, id="an effect of another stream"),
    ],
)
def test_one_effect(before, effect, after):
    """What is not named stays as it was."""
    case = evolve(CASE, **before)
    assert evolve(case, **after) == fold(case, [effect])


def entered(**changes):
    stated = {
        "tier": "soft",
        "on": TODAY,
        "entered_on": TODAY,
        "stay": 2,
        "episode": 1,
        "late_since": TODAY,
        "policy": "h",
    }
    return fx.TierEntered(**stated | changes)


USED = UsedUp(touch="t", step="s", occasion="o", on=TODAY)
OLD = evolve(
    CASE,
    tier="current",
    stay=1,
    stays=(("current", 1, TODAY - DAY),),
    promises=(PROMISE, evolve(PROMISE, id="q", result="broken")),
    closed=("t",),
    refused=(("u", "x"),),
    alarms=("w",),
    exhausted=(USED,),
    re_entries=3,
    holds=(HOLD,),
    requests=(REQUEST,),
    told=(PAYMENT,),
)


def test_a_new_episode_forgets_what_belonged_to_the_old_one():
    """Open promises, holds, requests and told money are not the episode's."""
    found = fold(OLD, [entered()])
    assert ("soft", 2, TODAY, 1, TODAY, "h") == (
        found.tier, found.stay, found.entered_on, found.episode, found.late_since, found.policy
    )  # fmt: skip
    assert (("soft", 2, TODAY),) == found.stays
    assert ((), (), (), (), 0) == (found.closed, found.refused, found.alarms, found.exhausted, found.re_entries)
    assert ((PROMISE,), (HOLD,), (REQUEST,), (PAYMENT,)) == (found.promises, found.holds, found.requests, found.told)


def test_within_an_episode_everything_is_kept():
    soft = fold(OLD, [entered()])
    soft = fold(soft, [closed(), fx.AlarmRaised(what="w", on=TODAY)])
    firm = fold(soft, [entered(tier="firm", stay=3, previous="soft")])
    assert (("soft", 2, TODAY), ("firm", 3, TODAY)) == firm.stays
    assert (("t",), ("w",)) == (firm.closed, firm.alarms)

    back = fold(firm, [entered(tier="soft", stay=2, previous="firm", on=TODAY + DAY)])
    assert (firm.stays, 2, TODAY) == (back.stays, back.stay, back.entered_on)


def test_cure_and_re_entry():
    late = fold(OLD, [entered()])
    cured = fold(late, [entered(tier="current", stay=3, cured=True, on=TODAY + DAY)])
    again = fold(cured, [entered(re_entry=True, on=TODAY + 2 * DAY)])
    assert (None, TODAY + DAY, None) == (late.cured_on, cured.cured_on, again.cured_on)
    assert [0, 0, 1] == [case.re_entries for case in (late, cured, again)]


def test_a_migrated_tier_is_renamed_and_nothing_else():
    late = fold(OLD, [entered(), closed()])
    found = fold(late, [entered(tier="gentle", previous="soft", migrated=True, on=TODAY + DAY, policy="new")])
    assert evolve(late, tier="gentle", stays=(("gentle", 2, TODAY),), policy="new") == found


def test_the_order_of_effects_is_their_order():
    assert () == fold(CASE, [fx.HoldPlaced(hold=HOLD), fx.HoldLifted(hold_id="H", on=TODAY)]).holds
    assert (HOLD,) == fold(CASE, [fx.HoldLifted(hold_id="H", on=TODAY), fx.HoldPlaced(hold=HOLD)]).holds


def test_every_effect_is_one_of_the_journal():
    """Each has a name of its own; those that the fold applies are among them."""
    from dunning.core.journal.fold import _APPLY

    assert set(_APPLY) <= set(fx.EFFECTS.values())
    assert all(name == kind.__name__ for name, kind in fx.EFFECTS.items())
