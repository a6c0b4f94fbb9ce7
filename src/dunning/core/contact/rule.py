"""A contact rule is data: whom it binds, and one effect. Its source stands beside it."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

from attrs import field, frozen

from dunning.core import values
from dunning.core.contact.effects import PLACES, Effect
from dunning.core.hold import CHANNELS, PURPOSES
from dunning.core.sentence import Sentence, as_sentence
from dunning.errors import FactsError

FORCES = ("prohibition", "presumption", "guidance", "house_rule")
HOUSE = "house"  # the jurisdiction of the lender's own rules
ACTOR_KINDS = ("creditor", "third_party", "debt_buyer")
FORMS = ("written", "oral", "electronic")
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

    A fact that the request does not state (no kind of actor, no product, no institution, no origination channel, no
    status) might be one that is bound, so the rule binds.

    Args:
        except_institutions, except_products: Not bound, where the request says that it is one of them.
        debt_statuses: As the host names them: charged_off, accelerated, judgment, time_barred, …
        places: ``workplace`` or ``personal``, by where the contact reaches the person; empty binds both.
        days_past_due_from, days_past_due_to: Inclusive; None is open.
    """

    actors: tuple[str, ...] = field(default=(), validator=values.words_of(*ACTOR_KINDS))
    institutions: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    except_institutions: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    purposes: tuple[str, ...] = field(default=(), validator=values.words_of(*PURPOSES))
    products: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    except_products: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    origination_channels: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    debt_statuses: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    roles: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    places: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    days_past_due_from: int | None = field(default=None, validator=values.maybe(values.at_least(0)))
    days_past_due_to: int | None = field(default=None, validator=values.maybe(values.at_least(0)))

    def __attrs_post_init__(self) -> None:
        if not set(self.places) <= set(PLACES):
            raise FactsError(f"places may hold {', '.join(PLACES)}; not {', '.join(self.places)}.", field="places")
        first, last = self.days_past_due_from, self.days_past_due_to
        if first is not None and last is not None and last < first:
            raise FactsError(f"From {first} to {last} days past due binds nobody.", field="days_past_due_to")


@frozen(kw_only=True)
class Sample:
    """
    A literal example from the source: at this instant, in this situation, the rule objects or does not.

    Args:
        zone: Where the person is.
        point_zone: What the number suggests, if that is elsewhere.
        after: Instants of other contacts on the ledger that are of the kind that a cap counts, in any order.
        over: Their channels, one for each of `after`; empty: one that the cap counts.
        reached: Their outcomes, one for each of `after`; empty: one that the cap counts.
        given: What else is so: ``flag:<name>``, ``hold:<reason>`` (from the date of `at` on), ``evidence:<name>``,
            ``milestone:<kind>:<date>`` or ``milestone:<kind>:<date>:<until>``, ``consent`` (given a minute before
            `at`), ``workplace``, ``shared``, ``stranger`` (may not know of the debt), ``no_basis``, ``house_hours``.
        channel, purpose, role, actor, institution, product, days_past_due: As asked; unstated: one that the rule binds.
    """

    at: dt.datetime = field(validator=values.instant)
    objects: bool
    zone: str = field(validator=values.zone)
    point_zone: str = field(default="", validator=lambda i, a, v: values.zone(i, a, v) if v else None)
    note: str = ""
    after: tuple[dt.datetime, ...] = field(default=(), validator=values.tuple_of(dt.datetime))
    over: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    reached: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    given: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    channel: str = ""
    purpose: str = ""
    role: str = ""
    actor: str = ""
    institution: str = ""
    product: str = ""
    days_past_due: int | None = field(default=None, validator=values.maybe(values.at_least(0)))

    def __attrs_post_init__(self) -> None:
        for name in ("over", "reached"):
            if len(getattr(self, name)) not in (0, len(self.after)):
                raise FactsError(f"{name} has one entry for each instant of after, or none.", field=name)


@frozen(kw_only=True)
class ContactRule:
    """
    One rule of law, guidance or house.

    Args:
        in_force_from, in_force_to: Inclusive start and exclusive end; None is open (or not read, and said so).
        enabled: False ships the rule for reading only; `disabled_because` says why.
        exempt_purposes: Purposes that the rule does not stop. A reply is exempt only where the request names the
            inbound message that it answers, over the same channel, and nobody has answered it yet.
        lifted_by: Who may lift it and how, as a sentence part for the verdict; consent lifts by the rule's id.
        consent_lifts: Whether a consent on file can lift it at all.
        consent_days: A consent holds for at most so many dates, that of its giving being the first; None: no limit.
        consent_ends_with: ``contact`` or ``conversation``: the first one after its giving uses a consent up.
        consent_forms: Forms in which it must be given (written, oral, electronic); empty: any.
        review_by: Past this date verdicts that use the rule warn.
        research: Ids under which the research that the rule was written from stands: see `dunning rules coverage`.
    """

    id: str = field(validator=values.line)
    jurisdiction: str = field(validator=values.line)
    title: str = field(validator=values.text)
    source: Source
    force: str = field(validator=values.one_of(*FORCES))
    binding: Binding = Binding()
    channels: tuple[str, ...] = field(default=(), validator=values.words_of(*CHANNELS))
    effect: Effect
    in_force_from: dt.date | None = field(default=None, validator=values.maybe(values.day))
    in_force_to: dt.date | None = field(default=None, validator=values.maybe(values.day))
    enabled: bool = True
    disabled_because: str = ""
    exempt_purposes: tuple[str, ...] = field(default=(), validator=values.words_of(*PURPOSES))
    lifted_by: str = ""
    consent_lifts: bool = False
    consent_days: int | None = field(default=None, validator=values.maybe(values.at_least(1, most=values.CENTURY)))
    consent_ends_with: str = field(default="", validator=values.one_of("", "contact", "conversation"))
    consent_forms: tuple[str, ...] = field(default=(), validator=values.words_of(*FORMS))
    review_by: dt.date | None = field(default=None, validator=values.maybe(values.day))
    samples: tuple[Sample, ...] = field(default=(), validator=values.tuple_of(Sample))
    notes: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    research: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))

    def __attrs_post_init__(self) -> None:
        if self.id.startswith(("dunning:", "hold:")):
            raise FactsError(f"Rule {self.id}: such ids are those of missing facts and of holds.", field="id")
        starts, ends = self.in_force_from, self.in_force_to
        if starts is not None and ends is not None and ends <= starts:
            raise FactsError(
                f"Rule {self.id}: from {starts} to before {ends} it is never in force.", field="in_force_to"
            )
        if self.enabled == bool(self.disabled_because):
            raise FactsError(f"Rule {self.id}: a disabled rule says why, an enabled one does not.", field="enabled")
        if not self.consent_lifts and (self.consent_days or self.consent_ends_with or self.consent_forms):
            raise FactsError(f"Rule {self.id}: no consent lifts it, and its terms mean nothing.", field="consent_lifts")

    # A rule judges very often; what it says is made once.

    @cached_property
    def says(self) -> Sentence:
        """Its title as a whole sentence."""
        title = as_sentence(self.title)
        return title if title.endswith((".", "。")) else Sentence("{title}.", title=title)

    @cached_property
    def citation(self) -> Sentence:
        """Where it stands written, as one line."""
        instrument, article = Sentence(self.source.instrument), Sentence(self.source.article)
        return Sentence("{instrument}, {article}", instrument=instrument, article=article) if article else instrument

    @cached_property
    def lifting(self) -> Sentence:
        """Who may lift it, and how."""
        return as_sentence(self.lifted_by)


@frozen(kw_only=True)
class LeftOut:
    """A researched text that no rule says, and why: it is about something else, or was not read well enough."""

    research: str = field(validator=values.text)
    because: str = field(validator=values.text)


@frozen(kw_only=True)
class RulePack:
    """
    The rules of one jurisdiction, or of the house, with an owner.

    Args:
        covers: Jurisdictions that the pack answers for, with or without rules of their own. "Covered, no own rules"
            becomes a stated assumption of the verdict; a jurisdiction that no pack covers refuses.
        caveat: What whoever relies on the pack must know, in sentences: an assumption of every verdict that it answers.
        left_out: What was researched about its jurisdictions, and stands in no rule.
    """

    id: str = field(validator=values.line)
    version: str = field(validator=values.line)
    owner: str = field(validator=values.line)
    covers: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    caveat: str = ""
    rules: tuple[ContactRule, ...] = field(default=(), validator=values.tuple_of(ContactRule))
    left_out: tuple[LeftOut, ...] = field(default=(), validator=values.tuple_of(LeftOut))
