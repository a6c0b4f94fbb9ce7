"""The house's own contact rules: choices of the lender, stated as rules of a jurisdiction called *house*."""

from __future__ import annotations

from attrs import evolve, field, frozen

from dunning.adapters.policy.settings import unique_words
from dunning.adapters.policy.shorthand import WEEKDAYS
from dunning.core import values
from dunning.core.contact.effects import BarRule, CapRule, HoursRule, PreconditionRule
from dunning.core.contact.rule import Binding, ContactRule, RulePack, Source
from dunning.core.facts.person import Hours
from dunning.core.hold import CHANNELS
from dunning.core.sentence import Sentence
from dunning.errors import FactsError

JURISDICTION = "house"
_NOBODY = Sentence("nobody; the policy would have to change")
# What the person asked for, or must be told about their own money: hours that spare people from us need not spare
# them from an answer.
REPLIES = ("reply", "receipt")
OURS = ("collection", "service", "statutory_notice", "location")


@frozen(kw_only=True)
class HouseHours:
    """
    When the house allows a channel.

    Args:
        windows: Bands of the week in which we may begin; the opening second is in, the closing one out.
        reply_windows: The same for replies and receipts; empty: as `windows`.
        zone: every (open in every plausible zone of the person), residence, or a named zone.
        holidays: ignored, closed, or own (`holiday_windows` hold).
        adjusted_as: The weekday whose bands hold on a weekend day worked by announcement (调休); empty: its own.
        why: The reason, for verdicts and auditors.
    """

    channel: str = field(validator=values.one_of(*CHANNELS))
    windows: tuple[Hours, ...] = field(validator=values.tuple_of(Hours))
    reply_windows: tuple[Hours, ...] = field(default=(), validator=values.tuple_of(Hours))
    zone: str = "every"
    holidays: str = field(default="ignored", validator=values.one_of("ignored", "closed", "own"))
    holiday_windows: tuple[Hours, ...] = field(default=(), validator=values.tuple_of(Hours))
    adjusted_as: str = field(default="", validator=values.one_of("", *WEEKDAYS))
    calendar: str = ""
    why: str = field(validator=values.text)

    def __attrs_post_init__(self) -> None:
        self.effect(self.windows)  # refuses what an hours rule refuses

    def effect(self, windows: tuple[Hours, ...]) -> HoursRule:
        """Return the hours rule for *windows*."""
        return HoursRule(
            windows=windows,
            zone=self.zone,
            holidays=self.holidays,
            holiday_windows=self.holiday_windows,
            adjusted_as=WEEKDAYS.index(self.adjusted_as) if self.adjusted_as else None,
            calendar=self.calendar,
        )


@frozen(kw_only=True)
class HouseCap:
    """
    How often the house allows contacts over some channels; their counts are pooled.

    Args:
        counts, most, period, length, per: As in `dunning.core.contact.rule.CapRule`.
        channels: The channels counted and limited; empty: all.
        purposes: The purposes counted and limited; empty: all.
    """

    name: str = field(validator=values.text)
    counts: str = field(validator=values.text)
    most: int = field(validator=values.at_least(0))
    period: str = field(validator=values.text)
    length: int = field(default=1, validator=values.at_least(1))
    per: str = field(default="person", validator=values.text)
    channels: tuple[str, ...] = field(default=(), validator=unique_words)
    purposes: tuple[str, ...] = field(default=("collection",), validator=unique_words)
    why: str = field(validator=values.text)

    def __attrs_post_init__(self) -> None:
        self.effect()  # refuses what a cap rule refuses

    def effect(self) -> CapRule:
        """Return the cap rule."""
        return CapRule(
            counts=self.counts,
            most=self.most,
            period=self.period,
            length=self.length,
            per=self.per,
            channels=self.channels,
            purposes=self.purposes,
        )


@frozen(kw_only=True)
class HouseBar:
    """
    When the house contacts nobody.

    Args:
        on, names: As in `dunning.core.contact.rule.BarRule`.
        channels: The channels barred; empty: all.
        purposes: The purposes barred; empty: all.
    """

    name: str = field(validator=values.text)
    on: str = field(validator=values.text)
    names: tuple[str, ...] = field(default=(), validator=unique_words)
    channels: tuple[str, ...] = field(default=(), validator=unique_words)
    purposes: tuple[str, ...] = field(default=("collection",), validator=unique_words)
    why: str = field(validator=values.text)

    def __attrs_post_init__(self) -> None:
        BarRule(on=self.on, names=self.names)  # refuses what a bar rule refuses


@frozen(kw_only=True)
class HouseNeed:
    """
    What the house must have on file before it contacts.

    Args:
        needs: Names of evidence, all of them.
        channels: The channels concerned; empty: all.
        purposes: The purposes concerned; empty: all.
    """

    name: str = field(validator=values.text)
    needs: tuple[str, ...] = field(validator=unique_words)
    channels: tuple[str, ...] = field(default=(), validator=unique_words)
    purposes: tuple[str, ...] = field(default=(), validator=unique_words)
    why: str = field(validator=values.text)

    def __attrs_post_init__(self) -> None:
        if not self.needs:
            raise FactsError("Name at least one piece of evidence.", field="needs")


HouseRule = HouseHours | HouseCap | HouseBar | HouseNeed


def house_pack(rules: tuple[HouseRule, ...], *, policy: str, version: str) -> RulePack:
    """Return *rules* as a pack that covers no jurisdiction of its own: it narrows wherever it is used."""
    found = [made for rule in rules for made in _rules(rule, f"policy {policy} {version}")]
    return RulePack(
        id=JURISDICTION,
        version=version,
        owner=f"policy {policy}",
        rules=tuple(sorted(found, key=lambda rule: rule.id)),
    )


def _rules(rule: HouseRule, instrument: str) -> tuple[ContactRule, ...]:
    match rule:
        case HouseHours():
            name = f"hours.{rule.channel}"
            base = ContactRule(
                id=f"{JURISDICTION}.{name}",
                title=Sentence("House hours: {channel}", channel=Sentence(rule.channel)),
                jurisdiction=JURISDICTION,
                source=_source(instrument, name),
                force="house_rule",
                binding=Binding(purposes=OURS if rule.reply_windows else ()),
                channels=(rule.channel,),
                effect=rule.effect(rule.windows),
                lifted_by=_NOBODY,
                notes=(rule.why,),
            )
            if not rule.reply_windows:
                return (base,)
            return (
                base,
                evolve(
                    base,
                    id=f"{base.id}.replies",
                    title=Sentence("House hours for replies and receipts: {channel}", channel=Sentence(rule.channel)),
                    binding=Binding(purposes=REPLIES),
                    effect=rule.effect(rule.reply_windows),
                ),
            )
        case HouseCap():
            return (_rule(rule, "caps", rule.effect(), instrument),)
        case HouseBar():
            return (_rule(rule, "bars", BarRule(on=rule.on, names=rule.names), instrument),)
        case HouseNeed():
            return (_rule(rule, "needs", PreconditionRule(needs=rule.needs), instrument),)


def _rule(
    rule: HouseCap | HouseBar | HouseNeed, kind: str, effect: CapRule | BarRule | PreconditionRule, instrument: str
) -> ContactRule:
    name = f"{kind}.{rule.name}"
    return ContactRule(
        id=f"{JURISDICTION}.{name}",
        jurisdiction=JURISDICTION,
        title=rule.why,
        source=_source(instrument, name),
        force="house_rule",
        binding=Binding(purposes=rule.purposes),
        channels=rule.channels,
        effect=effect,
        lifted_by=_NOBODY,
    )


def _source(instrument: str, name: str) -> Source:
    return Source(instrument=instrument, article=f"house.{name}", read_as="own rule", confidence="high")
