"""What a contact rule does: hours, a cap, a bar, a precondition, no number; or what another rule does."""

from __future__ import annotations

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.person import FLAGS, Hours
from dunning.core.hold import CHANNELS, PURPOSES
from dunning.errors import FactsError

PLACES = ("workplace", "personal")
_BASES = ("every", "residence", "point")


@frozen(kw_only=True, cache_hash=True)
class HoursRule:
    """
    Weekly windows in which a contact may be made.

    An instant is open by the whole second in which it lies. A window until 24:00 closes at `dt.time.max`
    (23:59:59.999999), whose last second is open. A window that passes midnight ends there if one of its two dates is a
    holiday and the other is not.

    Args:
        windows: Union of bands of the week; a day without a band is closed.
        zone: ``every`` (open only when open in every plausible zone of the person), ``residence`` (the first one),
            ``point`` (those that the number or address suggests, else the residence), or a name of the tz database,
            whatever the person's zone.
        opens_inclusive, closes_inclusive: Whether the second on the boundary itself is permitted. Where the text does
            not settle it, the cautious reading is False for both.
        holidays: ``ignored`` (open as on any day), ``closed``, or ``own`` (`holiday_windows` hold).
        holiday_weekdays: Days of the week that count as holidays whatever the calendar says.
        adjusted_as: The weekday whose windows hold on a weekend day worked by announcement (调休); None: its own.
        calendar: Name of the holiday calendar that `closed`, `own` and `adjusted_as` need.
    """

    windows: tuple[Hours, ...] = field(validator=values.tuple_of(Hours))
    zone: str = "every"
    opens_inclusive: bool = True
    closes_inclusive: bool = False
    holidays: str = field(default="ignored", validator=values.one_of("ignored", "closed", "own"))
    holiday_windows: tuple[Hours, ...] = field(default=(), validator=values.tuple_of(Hours))
    holiday_weekdays: tuple[int, ...] = ()
    adjusted_as: int | None = None
    calendar: str = ""

    def __attrs_post_init__(self) -> None:
        _known_basis(self.zone)
        if (self.holidays != "ignored" or self.adjusted_as is not None) != bool(self.calendar):
            raise FactsError(
                "Name a calendar exactly where holidays are not ignored or working days are adjusted.", field="calendar"
            )
        if bool(self.holiday_windows) != (self.holidays == "own"):
            raise FactsError("State holiday_windows exactly where holidays is 'own'.", field="holiday_windows")
        if self.holiday_weekdays and self.holidays == "ignored":
            raise FactsError("holiday_weekdays means nothing where holidays are ignored.", field="holiday_weekdays")
        for name, days in (("holiday_weekdays", self.holiday_weekdays), ("adjusted_as", (self.adjusted_as or 0,))):
            if any(day not in range(7) for day in days):
                raise FactsError(f"{name} counts days from 0 (Monday) to 6 (Sunday).", field=name)


COUNTED = (
    "attempt",
    "unanswered",
    "connected",
    "message_left",
    "conversation",
    "conversation_any",
    "reached",
    "informed",
    "message",
    "visit",
    "contact",
    "channels",
    "milestone",
)


PERIODS = ("rolling_days", "rolling_seconds", "day", "week", "month", "ever", "until")


@frozen(kw_only=True)
class CapRule:
    """
    At most `most` counted events in a period.

    A cool-down after an event is a cap of nothing (`most` 0) after it; spacing is a cap of one. The event need not be a
    contact: with `counts` ``milestone`` it is a dated fact of the loan, such as a due date, a notice or a promise.

    Args:
        counts: attempt and contact (every outbound contact or try), unanswered, connected, message_left (on a machine
            or with the person's own), conversation, message (written), visit. ``conversation_any`` also counts inbound
            ones. ``reached``: a call that was at least taken or left a message, a message that was not returned, a
            visit that met somebody. ``informed``: the person learned of it or may have: a conversation, a message left
            or sent. ``channels``: the distinct channels used, so that one more contact over a channel already used
            adds nothing. ``milestone``: the facts named in `milestones`.
        most: How many may stand in the period; one more is refused. 0 with a cool-down.
        period: ``rolling_days`` (dates, in the zone), ``rolling_seconds`` (instants), ``day``, ``week``, ``month``
            (civil, in the zone). A period that holds the new contact may end at it, begin with it or lie around it:
            contacts already planned for later dates count too. Only a cool-down (`most` 0) looks back alone: it begins
            with the event. ``ever``: from the first of all events on. ``until`` (milestones only): from the milestone's
            date to the one that it ends on.
        length: Days or seconds of a rolling period; 1 for civil periods.
        week_starts: First day of a civil week, from 0 (Monday).
        trigger_day_counts: For rolling days, whether the day of the event is day 1 (Regulation F) or day 0, after
            which `length` more days follow.
        per: person, person_and_debt, debt, point, household or device.
        whose: ``all`` (the lender's and every agency's contacts add up) or ``own`` (those of the asking actor alone).
        channels: The counted channels, pooled; empty counts all.
        purposes: The counted purposes; empty counts all.
        roles: The counted roles of the person contacted; empty counts all.
        places: ``workplace`` or ``personal``: contacts counted by where they were made; empty counts all.
        milestones: What `counts` ``milestone`` counts.
        begins_after: ``connected`` or ``conversation``: nothing counts up to the first contact, of either side and over
            any channel, that went so far.
        zone: Whose dates: ``every`` (refused where the cap is spent in any plausible zone), ``residence`` (the first
            one), ``point`` or a name of the tz database.
        except_unconnected, except_wrong_number: What is not counted.
        except_requested: What the person asked for is not counted: a requested call-back, and contacts made while a
            consent that lifts the rule held.
        except_purposes: Purposes that are not counted: ``reply`` where answers are free.
    """

    counts: str = field(validator=values.one_of(*COUNTED))
    most: int = field(validator=values.at_least(0))
    period: str = field(validator=values.one_of(*PERIODS))
    length: int = field(default=1, validator=values.at_least(1, most=values.CENTURY * 86_400))
    week_starts: int = field(default=0, validator=values.at_least(0))
    trigger_day_counts: bool = True
    per: str = field(
        default="person",
        validator=values.one_of("person", "person_and_debt", "debt", "point", "household", "device"),
    )
    whose: str = field(default="all", validator=values.one_of("all", "own"))
    channels: tuple[str, ...] = field(default=(), validator=values.words_of(*CHANNELS))
    purposes: tuple[str, ...] = field(default=(), validator=values.words_of(*PURPOSES))
    roles: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    places: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    milestones: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    begins_after: str = field(default="", validator=values.one_of("", "connected", "conversation"))
    zone: str = "every"
    except_unconnected: bool = False
    except_wrong_number: bool = True
    except_requested: bool = False
    except_purposes: tuple[str, ...] = field(default=(), validator=values.words_of(*PURPOSES))

    def __attrs_post_init__(self) -> None:
        _known_basis(self.zone)
        _known_places(self.places)
        if self.period == "rolling_days" and self.length > values.CENTURY:
            raise FactsError(f"length must be at most {values.CENTURY} days, not {self.length}.", field="length")
        if self.length != 1 and not self.period.startswith("rolling_"):
            raise FactsError("length belongs to a rolling period; a civil one has length 1.", field="length")
        if self.week_starts and (self.period != "week" or self.week_starts > 6):  # noqa: PLR2004 - Sunday
            raise FactsError("week_starts is a day of a week, from 0 (Monday) to 6.", field="week_starts")
        if (self.counts == "milestone") != bool(self.milestones):
            raise FactsError("Name milestones exactly where they are counted.", field="milestones")
        if self.counts == "milestone" and (self.most or self.period == "rolling_seconds"):
            raise FactsError("After a milestone nothing is allowed (most 0), for dates.", field="most")
        if self.period == "until" and self.counts != "milestone":
            raise FactsError("Only a milestone has a date until which it holds.", field="period")


@frozen(kw_only=True)
class BarRule:
    """
    No contact while something is so.

    Args:
        on: ``flag`` (a person's flag named in `names`), ``hold`` (a hold whose reason is in `names`), ``workplace``,
            ``third_party`` (the person may not know of the debt), ``shared`` (others read or answer there and the
            contact discloses the debt), ``no_basis`` (the point has no lawful basis), ``always`` (whatever is so: a
            channel that is not on the law's list, or one that needs consent).
        same_channels: A hold bars only the channels that it names: opting out of text messages says nothing of calls.
    """

    on: str = field(validator=values.one_of("flag", "hold", "workplace", "third_party", "shared", "no_basis", "always"))
    names: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    same_channels: bool = False

    def __attrs_post_init__(self) -> None:
        if (self.on in ("flag", "hold")) != bool(self.names):
            raise FactsError("A bar on a flag or a hold names which; other bars name none.", field="names")
        unknown = [name for name in self.names if self.on == "flag" and name not in FLAGS]
        if unknown:
            raise FactsError(f"There is no flag {unknown[0]!r}; there are {', '.join(FLAGS)}.", field="names")
        if self.same_channels and self.on != "hold":
            raise FactsError("Only a hold names channels.", field="same_channels")


@frozen(kw_only=True)
class PreconditionRule:
    """
    No contact until something is on file.

    Args:
        needs: Names of evidence, all of them (ContactRequest.evidence).
        notice: A milestone that must have been reached about every loan, such as ``start_notice``.
        days_before: Days from the date of the notice to the first date of contact; 0: the same date will do.
        business: Whether those are business days of `calendar`: the date of the notice is not counted, and contact
            may begin on the last of them.
        calendar: Name of the calendar that business days need.
        zone: Whose dates, as in `HoursRule`.
    """

    needs: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    notice: str = ""
    days_before: int = field(default=0, validator=values.at_least(0, most=values.CENTURY))
    business: bool = False
    calendar: str = ""
    zone: str = "every"

    def __attrs_post_init__(self) -> None:
        _known_basis(self.zone)
        if not self.needs and not self.notice:
            raise FactsError("Name what is needed: evidence in needs, or a notice.", field="needs")
        if not self.notice and (self.days_before or self.business):
            raise FactsError("Days are counted from a notice; name it.", field="notice")
        if self.business != bool(self.calendar):
            raise FactsError("Name a calendar exactly where business days are counted.", field="calendar")


@frozen(kw_only=True)
class NoNumberRule:
    """
    The law says "reasonable" and no more.

    Args:
        about: ``hours``: a house rule must state them, or the verdict refuses. ``frequency``: never objects; where no
            cap of the house binds, the verdict warns.
    """

    about: str = field(default="hours", validator=values.one_of("hours", "frequency"))


@frozen(kw_only=True)
class Incorporation:
    """
    What other rules say, for whom this one binds.

    When rules are put together each of them stands in for it: with this rule's jurisdiction, source, force, dates and
    those whom it binds, and their own channels, purposes, consents and effect; the purposes, roles and places that they
    bind are theirs as well, where this rule names none. Its id is this rule's, a slash, and theirs.
    """

    rules: tuple[str, ...] = field(validator=values.tuple_of(str))

    def __attrs_post_init__(self) -> None:
        if not self.rules:
            raise FactsError("Name the rules that are incorporated.", field="rules")
        if len(set(self.rules)) < len(self.rules):
            raise FactsError("A rule is incorporated once. Leave the second out.", field="rules")


Effect = HoursRule | CapRule | BarRule | PreconditionRule | NoNumberRule | Incorporation


def _known_basis(zone: str) -> None:
    if zone not in _BASES and not values.known_zone(zone):
        raise FactsError(f"zone must be {', '.join(map(repr, _BASES))} or a time zone, not {zone!r}.", field="zone")


def _known_places(places: tuple[str, ...]) -> None:
    if not set(places) <= set(PLACES):
        raise FactsError(f"places may hold {', '.join(PLACES)}; not {', '.join(places)}.", field="places")
