"""What an audit took for granted about the whole log, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from dunning.adapters.contact_logs.columns import Taken
from dunning.adapters.contact_logs.form import LogForm
from dunning.adapters.contact_logs.shelf import Shelf
from dunning.core.contact.rule_set import RuleSet, country
from dunning.engine.audit.asking import Stated


def assumptions(
    taken: Taken, form: LogForm, stated: Stated, rules: RuleSet, shelf: Shelf, *, known: int
) -> Iterator[str]:
    """Yield what was taken for what, and which facts nobody stated."""
    yield from taken.sentences()
    fields = taken.named.keys() | form.stated.keys()
    if form.zone:
        yield f"Times without an offset are read on the wall clock of {form.zone}."
    if stated.zones and not all(setting.zones for setting in shelf.settings()):
        yield f"Where nothing else says where a person is, the clock of {', '.join(stated.zones)} holds."
    if form.phones_in:
        yield f"Where a number was given out counts beside the residence; without a code it is one of {form.phones_in}."
    if "actor" not in fields and "agency" in fields:
        yield "Who is named as an agency is taken for a third party."
    if known:
        persons = "1 person" if known == 1 else f"{known:,} persons"
        yield f"Facts about {persons} stand beside the log, as they are known today."
    yield from (sentence for name, sentence in _UNSTATED.items() if name not in fields)
    days = _by_days(rules, stated, shelf) if "days_past_due" not in fields else []
    if days:
        yield f"Days past due are not stated, and taken to be 0. Not judged rightly without them: {', '.join(days)}."


_UNSTATED = {
    "id": "The log has no ids: lines that are the same to the letter are one contact.",
    "recorded_at": "The log does not say when lines were recorded: none is taken for a correction of another.",
    "person_id": "The log names no persons: each number is taken for a person, save those that --people knows.",
    "loan_ids": "The log names no debts: every contact of a person counts for each of theirs.",
    "direction": "The log does not say who contacted whom: every line is taken for an outbound contact.",
    "purpose": "The log states no purpose: every contact is taken for collection.",
    "outcome": "The log states no outcomes: each contact counts as far as it may have gone.",
    "lawful_basis": "The lawful basis of using the numbers is not stated, and not judged.",
}


def _by_days(rules: RuleSet, stated: Stated, shelf: Shelf) -> list[str]:
    places = {*stated.jurisdictions, *(place for setting in shelf.settings() for place in setting.jurisdictions)}
    wanted = {"house", *places, *map(country, places)}
    return [
        rule.id
        for rule in rules.rules
        if rule.enabled
        and rule.jurisdiction in wanted
        and (rule.binding.days_past_due_from is not None or rule.binding.days_past_due_to is not None)
    ]
