"""Verdicts in plain sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from zoneinfo import ZoneInfo

from dunning.adapters.sentences.catalogues import Words, words
from dunning.core.contact.verdict import Objection, Verdict
from dunning.core.sentence import Sentence, plural

Clock = Callable[[dt.datetime], str]

# What a rule says stands in its pack, perhaps in another language; the kind of objection can always be said.
_KINDS = {
    "hours": Sentence("The time lies outside the hours of a rule."),
    "cap": Sentence("The number of contacts that a rule permits is reached, or its interval has not passed."),
    "bar": Sentence("A rule forbids this contact."),
    "precondition": Sentence("Something that a rule demands beforehand is not on file."),
    "hold": Sentence("A hold is in force for the loan, the person or the contact point."),
    "no_hours": Sentence("The law gives no number, and nothing else states the hours."),
    "unknown": Sentence("A fact that is needed is missing, so the contact is refused."),
    "inconvenient": Sentence("The person asked not to be contacted at this time of the week."),
}
_FORCES = {
    "prohibition": Sentence("prohibition"),
    "presumption": Sentence("presumed violation"),
    "guidance": Sentence("guidance"),
    "house_rule": Sentence("house rule"),
}
_OUTCOMES = {"needs_fact": Sentence("a fact or calendar is missing"), "no_number": Sentence("no legal number")}


def explain_verdict(verdict: Verdict, language: str = "en", *, zone: str = "UTC") -> tuple[str, ...]:
    """
    Return *verdict* as plain sentences: the answer, every objection with its source, what was assumed, warnings.

    Args:
        language: ``en`` or ``zh-CN``. What a host, or a pack that is not ours, wrote stays in its own language.
        zone: Whose wall clock the times are shown on.

    Raises:
        FactsError: There are no words for *language*.
    """
    return tuple(_sentences(verdict, words(language), _clock(zone)))


def _clock(zone: str) -> Clock:
    def clock(instant: dt.datetime) -> str:
        here = instant.astimezone(ZoneInfo(zone))
        text = f"{here:%Y-%m-%d %H:%M:%S} {zone}"
        return text if zone == "UTC" else f"{text} (UTC{here.isoformat(timespec='seconds')[19:]})"

    return clock


def _sentences(verdict: Verdict, said: Words, clock: Clock) -> Iterator[str]:
    if verdict.permitted:
        yield said.say(Sentence("The contact is permitted at {at}.", at=clock(verdict.at)))
    else:
        yield said.say(Sentence("The contact is not permitted at {at}.", at=clock(verdict.at)))
        for objection in verdict.objections:
            yield _objection(objection, verdict, said, clock)
        if verdict.next_permitted is not None:
            yield said.say(Sentence("It is next permitted at {next}.", next=clock(verdict.next_permitted)))
        else:
            yield _never(verdict, said, clock)
    if verdict.not_objecting or verdict.not_bound:
        yield _joined(_others(verdict, said))
    for text in verdict.assumptions:
        yield said.say(Sentence("Assumed: {text}", text=text))
    for text in verdict.warnings:
        yield said.say(Sentence("Warning: {text}", text=text))


def _objection(objection: Objection, verdict: Verdict, said: Words, clock: Clock) -> str:
    says = said.say(objection.says)
    if not said.know(objection.says):
        says = _joined([said.say(_KINDS[objection.kind]), says])
    about = (
        objection.rule,
        said.say(objection.citation),
        said.say(_FORCES.get(objection.force, objection.force)),
        said.say(_OUTCOMES.get(objection.outcome, "")),
    )
    named = said.say(Sentence("; ")).join(part for part in about if part)
    parts = [said.say(Sentence("{says} ({about})", says=says, about=named))]
    if objection.until is None:
        parts.append(
            said.say(Sentence("This does not fall away by itself before {horizon}.", horizon=clock(verdict.horizon)))
        )
    else:
        parts.append(said.say(Sentence("This falls away at {until}.", until=clock(objection.until))))
    if objection.lifted_by:
        # Some packs write it as a sentence, and some as a part of one.
        lifted_by = said.say(objection.lifted_by).rstrip(".。")
        parts.append(said.say(Sentence("Who may lift it: {lifted_by}.", lifted_by=lifted_by)))
    elif objection.until is None:
        parts.append(said.say(Sentence("Nobody is named who may lift it.")))
    return _joined(parts)


def _never(verdict: Verdict, said: Words, clock: Clock) -> str:
    """Say that there is no instant up to the horizon, and who could make one."""
    parts = [said.say(Sentence("No instant before {horizon} is permitted.", horizon=clock(verdict.horizon)))]
    lasting = [objection for objection in verdict.objections if objection.until is None]
    if lasting:
        rules = tuple(objection.rule for objection in lasting)
        parts.append(
            said.say(Sentence("Earlier only if these are lifted, each by whom it names: {rules}.", rules=rules))
        )
    else:
        parts.append(said.say(Sentence("None of these lasts so long, but together they leave no instant.")))
    return _joined(parts)


def _others(verdict: Verdict, said: Words) -> Iterator[str]:
    if count := len(verdict.not_objecting):
        yield said.say(
            plural("{count} rule binds and does not object.", "{count} rules bind and do not object.", count)
        )
    if count := len(verdict.not_bound):
        yield said.say(
            plural("{count} rule does not bind this contact.", "{count} rules do not bind this contact.", count)
        )


def _joined(sentences: Iterable[str]) -> str:
    """Return *sentences* as one text; Chinese sentences stand beside each other without a space."""
    text = ""
    for sentence in sentences:
        text += sentence if not text or text.endswith(("。", "）")) else f" {sentence}"
    return text
