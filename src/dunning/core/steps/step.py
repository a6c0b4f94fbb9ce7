"""A step is one line of a cadence: what falls due when, for whom, over what, and what comes after."""

from __future__ import annotations

from attrs import field, frozen

from dunning.core import values
from dunning.core.hold import CHANNELS, PURPOSES
from dunning.core.ladder.case import REQUEST_KINDS, TRACKS
from dunning.core.ladder.tier import Bound
from dunning.errors import FactsError

TRIGGERS = ("before_first_due", "before_due", "past_due", "stay", "track", "promise", "event", "exhausted")
EVENTS = ("promise_made", "promise_broken", "debit_returned", "payment_received", "cured")
GOALS = ("delivered", "connected", "right_party", "promise")
# Results that a try can have. `answered` words come from channels and from people.
RESULTS = (
    "delivered",
    "handed_over",
    "refused",
    "unknown",
    "no_answer",
    "busy",
    "not_in_service",
    "connected",
    "right_party",
    "conversation",
    "promise",
    "refusal_to_pay",
    "wrong_number",
    "call_back",
    "unreported",
)


@frozen(kw_only=True)
class Trigger:
    """
    When a step falls due.

    ``before_first_due``: `days` before the first instalment of the loan falls due. ``before_due``: `days` before the
    next due date (0: on it). ``past_due``: on the day that delinquent days reach `days`. ``stay``: `days` after
    entering the tier. ``track``: `days` after the track started. ``promise``: `days` after the promised date
    (negative: before, and only where that lies after the day on which the promise was made). ``event``: `days` after
    the named event. ``exhausted``: when the step called `event` was exhausted.
    """

    on: str = field(validator=values.one_of(*TRIGGERS))
    days: int = 0
    event: str = ""

    def __attrs_post_init__(self) -> None:
        if self.on == "event" and self.event not in EVENTS:
            raise FactsError(f"event must be one of {', '.join(EVENTS)}, not {self.event!r}.", field="event")
        if (self.on in ("event", "exhausted")) != bool(self.event):
            raise FactsError("Only the triggers 'event' and 'exhausted' name an event.", field="event")
        if self.days < 0 and self.on != "promise":
            raise FactsError("days may be negative only for the trigger 'promise'.", field="days")


@frozen(kw_only=True)
class Step:
    """
    One line of a tier's or track's cadence.

    Args:
        tier, track: Where it belongs: exactly one of them.
        when: Bounds on the situation that must hold as well.
        kind: contact, referral (a work item), visit, or request (asks for approval; never sent).
        request: For kind request, what is asked for.
        parties: Roles in order; a role is addressed when those before it cannot be reached.
        goal: What ends the step well.
        channels: In order; the next is tried when the points of the one before are used up.
        attempts, attempts_per_day, attempts_per_point: Upper limits, inclusive.
        spacing_hours: At least so long between two attempts.
        stops_on: Results that end the step. retires_on: results that retire the point.
        executor: Empty: the channel itself; otherwise the name of the work queue for people.
        priority: Higher first.
        expires_after: Days from falling due; on that day the touch has lapsed (exclusive).
        discloses: What the text says before identity is verified: nothing, lender or debt.
        answer_within: Days from sending that its text gives to pay or answer (inclusive). A deadline that a law
            prescribes is the lender's to state here.
        alarm_after: For statutory notices, days after falling due at which an unsent one raises an alarm.
    """

    name: str = field(validator=values.text)
    tier: str = ""
    track: str = field(default="", validator=values.one_of("", *TRACKS))
    trigger: Trigger
    when: tuple[Bound, ...] = field(default=(), validator=values.tuple_of(Bound))
    kind: str = field(default="contact", validator=values.one_of("contact", "referral", "visit", "request"))
    request: str = field(default="", validator=values.one_of("", *REQUEST_KINDS))
    purpose: str = field(default="collection", validator=values.one_of(*PURPOSES))
    parties: tuple[str, ...] = field(default=("borrower",), validator=values.tuple_of(str))
    goal: str = field(default="delivered", validator=values.one_of(*GOALS))
    channels: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    attempts: int = field(default=1, validator=values.at_least(1))
    attempts_per_day: int = field(default=1, validator=values.at_least(1))
    attempts_per_point: int = field(default=1, validator=values.at_least(1))
    spacing_hours: int = field(default=0, validator=values.at_least(0))
    stops_on: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    retires_on: tuple[str, ...] = field(default=("wrong_number", "not_in_service"), validator=values.tuple_of(str))
    executor: str = ""
    template: str = ""
    discloses: str = field(default="debt", validator=values.one_of("nothing", "lender", "debt"))
    priority: int = field(default=0, validator=values.at_least(0))
    expires_after: int = field(default=3, validator=values.at_least(1))
    answer_within: int = field(default=7, validator=values.at_least(1))
    alarm_after: int | None = field(default=None, validator=values.maybe(values.at_least(0)))

    @property
    def shared_name(self) -> str:
        """The name without the tier, for a step that a policy states for several tiers as ``name@tier``."""
        return self.name.partition("@")[0]

    def __attrs_post_init__(self) -> None:
        if bool(self.tier) == bool(self.track):
            raise FactsError(f"Step {self.name!r} belongs to exactly one tier or track.", field="tier")
        if (self.kind == "request") != bool(self.request):
            raise FactsError(f"Step {self.name!r}: exactly a step of kind request names a request.", field="request")
        if self.kind in ("contact", "visit") and not self.channels:
            raise FactsError(f"Step {self.name!r} contacts somebody, so it needs channels.", field="channels")
        for name in self.channels:
            if name not in CHANNELS:
                raise FactsError(f"channels may hold {', '.join(CHANNELS)}; not {name!r}.", field="channels")
        for name in (*self.stops_on, *self.retires_on):
            if name not in RESULTS:
                raise FactsError(f"A result is one of {', '.join(RESULTS)}; not {name!r}.", field="stops_on")
        if self.kind != "request" and not self.template:
            raise FactsError(f"Step {self.name!r} needs a template.", field="template")
