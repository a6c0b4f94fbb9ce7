"""The rules that judge together, and whom each of them binds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from attrs import field, frozen

from dunning.core import values
from dunning.core.contact.consent import answers, purposes
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import CONFIDENCES, HOUSE, Binding, ContactRule, RulePack
from dunning.core.contact.stated import as_stated, unknown_names
from dunning.core.sentence import Sentence
from dunning.errors import Problem, RulePackError

# So many combinations of places are remembered with their rules; there are fewer, but nothing may grow without end.
_PLACES = 1024


@frozen(kw_only=True)
class RuleSet:
    """
    Rules of law, guidance and house, ready to judge.

    Args:
        rules: All of them, sorted by id; disabled ones stand here to be named, and never judge.
        covers: The jurisdictions that some pack answers for. Any other refuses.
        packs: Id and version of each pack, sorted.
        caveats: (jurisdiction, what whoever relies on its pack must know), sorted.
    """

    rules: tuple[ContactRule, ...] = field(default=(), validator=values.tuple_of(ContactRule))
    covers: frozenset[str] = frozenset()
    packs: tuple[str, ...] = ()
    caveats: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _concerning(self) -> dict[tuple[str, ...], tuple[ContactRule, ...]]:
        return {}

    def concerning(self, jurisdictions: Iterable[str]) -> tuple[ContactRule, ...]:
        """Return the rules of *jurisdictions*, of the countries that they are parts of, and of the house, by id."""
        asked = tuple(jurisdictions)
        found = self._concerning.get(asked)
        if found is None:
            wanted = {HOUSE}
            for jurisdiction in asked:
                wanted |= {jurisdiction, country(jurisdiction)}
            found = tuple(rule for rule in self.rules if rule.jurisdiction in wanted)
            if len(self._concerning) < _PLACES:
                self._concerning[asked] = found
        return found


def rule_set(
    packs: Iterable[RulePack], *, house: RulePack | None = None, floor: str = "medium", enable: Iterable[str] = ()
) -> RuleSet:
    """
    Return the rules of *packs* and of the *house*, to judge together.

    Args:
        floor: The least confidence in the reading of its source with which a rule of law binds: high, medium or low. A
            rule that its pack disables stays disabled, whatever its confidence.
        enable: Ids of disabled rules that the lender wants to be bound by all the same. It can only narrow.

    Raises:
        RulePackError: Two rules of one id; a pack of law with rules of the house; a house with rules of law, or that
            covers a jurisdiction: a house can narrow the law, never stand in for it; a rule that incorporates one that
            no pack has; an enabled id that no rule has, or a rule without anything to judge by.
    """
    laws = tuple(packs)
    problems = [_misplaced(pack, rule, law=True) for pack in laws for rule in pack.rules if rule.jurisdiction == HOUSE]
    if house is not None:
        problems += [_misplaced(house, rule, law=False) for rule in house.rules if not _of_house(rule)]
        if house.covers:
            problems.append(
                Problem(
                    where=f"rule pack {house.id}",
                    field="covers",
                    what=f"the house covers {', '.join(house.covers)}.",
                    advice="Remove it: only a pack of law can answer for a jurisdiction.",
                )
            )
    every = (*laws, *((house,) if house is not None else ()))
    rules = sorted((rule for pack in every for rule in pack.rules), key=lambda rule: rule.id)
    problems += unknown_names(rules, enable := frozenset(enable))
    problems += _used_twice((rule.id for rule in rules), every)
    if floor not in CONFIDENCES:
        problems.append(
            Problem(
                where="the confidence floor",
                field="floor",
                what=f"there is no confidence {floor!r}.",
                advice=f"Write one of {', '.join(CONFIDENCES)}.",
            )
        )
    if problems:
        raise RulePackError(problems)
    stated = tuple(sorted(as_stated(rules, floor, enable), key=lambda rule: rule.id))
    if twice := list(_used_twice((rule.id for rule in stated), every)):
        raise RulePackError(twice)
    return RuleSet(
        rules=stated,
        covers=frozenset(place for pack in laws for place in pack.covers),
        packs=tuple(sorted(f"{pack.id} {pack.version}" for pack in every)),
        caveats=tuple(sorted((place, pack.caveat) for pack in laws if pack.caveat for place in pack.covers)),
    )


def _used_twice(ids: Iterable[str], packs: Sequence[RulePack]) -> Iterator[Problem]:
    """Yield a problem for each of *ids* that occurs more than once; a rule incorporated has an id of two others."""
    for rule_id, count in Counter(ids).items():
        if count > 1:
            names = (rule_id, rule_id.partition("/")[0])
            owners = tuple(pack.id for pack in packs if any(rule.id in names for rule in pack.rules))
            yield Problem(
                where=Sentence("rule {rule}", rule=rule_id),
                field="id",
                what=Sentence("the id is used {count} times, in {packs}.", count=count, packs=owners),
                advice=Sentence("Give each rule an id of its own: consents and verdicts name rules by it."),
            )


def country(jurisdiction: str) -> str:
    """Return the country of a jurisdiction: US for US-MA, CN for CN."""
    return jurisdiction.partition("-")[0]


def binds(rule: ContactRule, request: ContactRequest) -> bool:
    """Whether *rule* binds the contact asked for, whatever the instant. What is not stated is taken to be bound."""
    return (
        (not rule.channels or request.channel in rule.channels)
        and not _exempt(rule, request)
        and _within(rule.binding, request)
    )


def _exempt(rule: ContactRule, request: ContactRequest) -> bool:
    return request.purpose in rule.exempt_purposes and (request.purpose != "reply" or answers(request))


def assumed(rule: ContactRule, request: ContactRequest) -> tuple[str, ...]:
    """Return the facts that *rule* looks at and *request* does not state."""
    binding = rule.binding
    unstated = []
    if binding.actors and not request.actor.kind:
        unstated.append("actor")
    if (binding.products or binding.except_products) and not request.product:
        unstated.append("product")
    if (binding.institutions or binding.except_institutions) and not request.actor.institution:
        unstated.append("institution")
    if binding.debt_statuses and not request.debt_status:
        unstated.append("debt_status")
    if binding.origination_channels and not request.origination_channel:
        unstated.append("origination_channel")
    return tuple(unstated)


def only_might_bind(rule: ContactRule, request: ContactRequest) -> bool:
    """Whether *rule* binds none but those of whom it names something that *request* does not state."""
    binding = rule.binding
    return bool(
        (binding.actors and not request.actor.kind)
        or (binding.products and not request.product)
        or (binding.institutions and not request.actor.institution)
        or (binding.debt_statuses and not request.debt_status)
        or (binding.origination_channels and not request.origination_channel)
    )


def _within(binding: Binding, request: ContactRequest) -> bool:
    actor = request.actor
    return (
        _may_be(actor.kind, binding.actors)
        and (not binding.purposes or not purposes(request).isdisjoint(binding.purposes))
        and (not binding.roles or request.role in binding.roles)
        and (not binding.places or ("workplace" if request.workplace else "personal") in binding.places)
        and _may_be(actor.institution, binding.institutions)
        and not (actor.institution and actor.institution in binding.except_institutions)
        and _may_be(request.debt_status, binding.debt_statuses)
        and _may_be(request.product, binding.products)
        and not (request.product and request.product in binding.except_products)
        and _may_be(request.origination_channel, binding.origination_channels)
        and (binding.days_past_due_from is None or request.days_past_due >= binding.days_past_due_from)
        and (binding.days_past_due_to is None or request.days_past_due <= binding.days_past_due_to)
    )


def _may_be(fact: str, bound: tuple[str, ...]) -> bool:
    return not bound or not fact or fact in bound


def _of_house(rule: ContactRule) -> bool:
    return rule.jurisdiction == HOUSE and rule.force == "house_rule"


def _misplaced(pack: RulePack, rule: ContactRule, *, law: bool) -> Problem:
    return Problem(
        where=f"rule pack {pack.id}, rule {rule.id}",
        field="jurisdiction",
        what=f"jurisdiction {rule.jurisdiction!r} with force {rule.force!r}.",
        advice="Name the jurisdiction whose law it is."
        if law
        else f"A rule of the house has jurisdiction {HOUSE!r} and force 'house_rule'.",
    )
