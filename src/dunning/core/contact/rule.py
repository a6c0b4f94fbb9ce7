"""A contact rule is data: whom it binds, and one effect. Its source stands beside it."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.person import Hours
from dunning.errors import FactsError

FORCES = ("prohibition", "presumption", "guidance", "house_rule")
CONFIDENCES = ("high", "medium", "low")


@frozen(kw_only=True)
class Source:
    """Where a rule stands written, and how it was read."""

    instrument: str = field(validator=values.text)
    article: str = ""
    url: str = ""
    read_as: str = field(validator=values.text)
    confidence: str = field(validator=values.one_of(*CONFIDENCES))


@frozen(kw_only=True)
class Binding:
    """
    Whom and what a rule binds. An empty tuple binds all; where it does not bind, the answer is `not_bound`.

    A fact that the request does not state (no product, no institution, no origination channel) might be one that is
    bound, so the rule binds.

    `days_past_due_from` and `_to` are inclusive; None is open.
    """

    actors: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    institutions: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    purposes: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    products: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    except_products: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    origination_channels: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    roles: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    days_past_due_from: int | None = field(default=None, validator=values.maybe(values.at_least(0)))
    days_past_due_to: int | None = field(default=None, validator=values.maybe(values.at_least(0)))


@frozen(kw_only=True, cache_hash=True)
class HoursRule:
    """
    Weekly windows in which a contact may be made.

    An instant is open by the whole second in which it lies. A window until 24:00 closes at `dt.time.max`
    (23:59:59.999999), whose last second is open.

    Args:
        windows: Union of bands of the week; a day without a band is closed.
        zone: ``every`` (open only when open in every plausible zone of the person), ``residence`` (the first one), or
            a name of the tz database, whatever the person's zone.
        opens_inclusive, closes_inclusive: Whether the second on the boundary itself is permitted. Where the text does
            not settle it, the cautious reading is False for both.
        holidays: ``ignored`` (open as on any day), ``closed``, or ``own`` (`holiday_windows` hold).
        calendar: Name of the holiday calendar that `closed` and `own` need.
    """

    windows: tuple[Hours, ...] = field(validator=values.tuple_of(Hours))
    zone: str = "every"
    opens_inclusive: bool = True
    closes_inclusive: bool = False
    holidays: str = field(default="ignored", validator=values.one_of("ignored", "closed", "own"))
    holiday_windows: tuple[Hours, ...] = field(default=(), validator=values.tuple_of(Hours))
    calendar: str = ""

    def __attrs_post_init__(self) -> None:
        if self.zone not in ("every", "residence") and not values.known_zone(self.zone):
            raise FactsError(f"zone must be 'every', 'residence' or a time zone, not {self.zone!r}.", field="zone")
        if (self.holidays != "ignored") != bool(self.calendar):
            raise FactsError("Name a calendar exactly where holidays are not ignored.", field="calendar")


@frozen(kw_only=True)
class CapRule:
    """
    At most `most` counted events in a period.

    A cool-down after an event is a cap of nothing (`most` 0) after it; spacing is a cap of one.

    Args:
        counts: attempt (every outbound contact or try), unanswered, connected, conversation, message, visit, contact
            (any outbound). ``conversation_any`` also counts inbound ones.
        most: How many may stand in the period; one more is refused. 0 with a cool-down.
        period: ``rolling_days`` (dates, in the zone), ``rolling_seconds`` (instants), ``day``, ``week`` (from
            Monday), ``month`` (civil, in the zone). A period that holds the new contact may end at it, begin with it
            or lie around it: contacts already planned for later dates count too. Only a cool-down (`most` 0) looks
            back alone: it begins with the event.
        length: Days or seconds of a rolling period; 1 for civil periods.
        trigger_day_counts: For rolling days, whether the day of the event is day 1 (Regulation F) or day 0, after
            which `length` more days follow.
        per: person, person_and_debt, debt, point, household or device.
        channels: The counted channels, pooled; empty counts all.
        purposes: The counted purposes; empty counts all.
        roles: The counted roles of the person contacted; empty counts all.
        zone: Whose dates: ``every`` (refused where the cap is spent in any plausible zone), ``residence`` (the first
            one) or a name of the tz database.
        except_unconnected, except_wrong_number, except_requested: What is not counted.
    """

    counts: str = field(
        validator=values.one_of(
            "attempt", "unanswered", "connected", "conversation", "conversation_any", "message", "visit", "contact"
        )
    )
    most: int = field(validator=values.at_least(0))
    period: str = field(validator=values.one_of("rolling_days", "rolling_seconds", "day", "week", "month"))
    length: int = field(default=1, validator=values.at_least(1))
    trigger_day_counts: bool = True
    per: str = field(
        default="person",
        validator=values.one_of("person", "person_and_debt", "debt", "point", "household", "device"),
    )
    channels: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    purposes: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    roles: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    zone: str = "every"
    except_unconnected: bool = False
    except_wrong_number: bool = True
    except_requested: bool = False

    def __attrs_post_init__(self) -> None:
        if self.zone not in ("every", "residence") and not values.known_zone(self.zone):
            raise FactsError(f"zone must be 'every', 'residence' or a time zone, not {self.zone!r}.", field="zone")
        if self.length != 1 and not self.period.startswith("rolling_"):
            raise FactsError("length belongs to a rolling period; a civil one has length 1.", field="length")


@frozen(kw_only=True)
class BarRule:
    """
    No contact while something is so.

    Args:
        on: ``flag`` (a person's flag named in `names`), ``hold`` (a hold whose reason is in `names`), ``workplace``,
            ``third_party`` (the person may not know of the debt), ``shared`` (others read or answer there and the
            contact discloses the debt), ``no_basis`` (the point has no lawful basis).
    """

    on: str = field(validator=values.one_of("flag", "hold", "workplace", "third_party", "shared", "no_basis"))
    names: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))

    def __attrs_post_init__(self) -> None:
        if (self.on in ("flag", "hold")) != bool(self.names):
            raise FactsError("A bar on a flag or a hold names which; other bars name none.", field="names")


@frozen(kw_only=True)
class PreconditionRule:
    """No contact until everything in `needs` is on file (ContactRequest.evidence)."""

    needs: tuple[str, ...] = field(validator=values.tuple_of(str))


@frozen(kw_only=True)
class NoNumberRule:
    """The law says "reasonable hours" and no more: a house rule must state the hours, or the verdict refuses."""


Effect = HoursRule | CapRule | BarRule | PreconditionRule | NoNumberRule


@frozen(kw_only=True)
class Sample:
    """
    A literal example from the source: at this instant, in this situation, the rule objects or does not.

    Args:
        zone: Where the person is.
        after: Instants of other contacts on the ledger that are of the kind that a cap counts, in any order.
        given: What else is so: ``flag:<name>``, ``hold:<reason>`` (from the date of `at` on), ``evidence:<name>``,
            ``workplace``, ``shared``, ``stranger`` (may not know of the debt), ``no_basis``, ``house_hours``.
    """

    at: dt.datetime = field(validator=values.instant)
    objects: bool
    zone: str = field(validator=values.zone)
    note: str = ""
    after: tuple[dt.datetime, ...] = field(default=(), validator=values.tuple_of(dt.datetime))
    given: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))


@frozen(kw_only=True)
class ContactRule:
    """
    One rule of law, guidance or house.

    Args:
        in_force_from, in_force_to: Inclusive start and exclusive end; None is open (or not read, and said so).
        enabled: False ships the rule for reading only; `disabled_because` says why.
        exempt_purposes: Purposes that the rule does not stop.
        lifted_by: Who may lift it and how, as a sentence part for the verdict; consent lifts by the rule's id.
        consent_lifts: Whether a consent on file can lift it at all.
        review_by: Past this date verdicts that use the rule warn.
    """

    id: str = field(validator=values.text)
    jurisdiction: str = field(validator=values.text)
    title: str = field(validator=values.text)
    source: Source
    force: str = field(validator=values.one_of(*FORCES))
    binding: Binding = Binding()
    channels: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    effect: Effect
    in_force_from: dt.date | None = field(default=None, validator=values.maybe(values.day))
    in_force_to: dt.date | None = field(default=None, validator=values.maybe(values.day))
    enabled: bool = True
    disabled_because: str = ""
    exempt_purposes: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    lifted_by: str = ""
    consent_lifts: bool = False
    review_by: dt.date | None = field(default=None, validator=values.maybe(values.day))
    samples: tuple[Sample, ...] = field(default=(), validator=values.tuple_of(Sample))
    notes: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))

    def __attrs_post_init__(self) -> None:
        if self.enabled == bool(self.disabled_because):
            raise FactsError(f"Rule {self.id}: a disabled rule says why, an enabled one does not.", field="enabled")


@frozen(kw_only=True)
class RulePack:
    """
    The rules of one jurisdiction, or of the house, with an owner.

    Args:
        covers: Jurisdictions that the pack answers for, with or without rules of their own. "Covered, no own rules"
            becomes a stated assumption of the verdict; a jurisdiction that no pack covers refuses.
    """

    id: str = field(validator=values.text)
    version: str = field(validator=values.text)
    owner: str = field(validator=values.text)
    covers: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    rules: tuple[ContactRule, ...] = field(default=(), validator=values.tuple_of(ContactRule))
