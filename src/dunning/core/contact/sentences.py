"""Verdicts in plain sentences, English and Chinese."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from dunning.core.contact.verdict import Objection, Verdict
from dunning.errors import FactsError

_ENGLISH = {
    "permitted": "The contact is permitted at {at}.",
    "refused": "The contact is not permitted at {at}.",
    "next": "It is next permitted at {next}.",
    "never": "No instant before {horizon} is permitted.",
    "objection": "{says} ({about})",
    "until": "This falls away at {until}.",
    "no_until": "This does not fall away by itself before {horizon}.",
    "lifted_by": "Who may lift it: {lifted_by}",
    "assumption": "Assumed: {text}",
    "warning": "Warning: {text}",
    "separator": "; ",
    "stop": ".",
}
_CHINESE = {
    "permitted": "{at} 可以联系。",
    "refused": "{at} 不可以联系。",
    "next": "下一个可以联系的时间：{next}。",
    "never": "在 {horizon} 之前没有可以联系的时间。",
    "objection": "{says}（{about}）",
    "until": "该限制于 {until} 解除。",
    "no_until": "该限制在 {horizon} 之前不会自行解除。",
    "lifted_by": "可由何人解除：{lifted_by}",
    "assumption": "假定：{text}",
    "warning": "警告：{text}",
    "separator": "；",
    "stop": "。",
}
# Titles of rules are written in one language; in Chinese the kind of objection says what stands in the way.
_KINDS = {
    "hours": "不在规则允许的联系时段内。",
    "cap": "联系次数已达到规则的上限，或处于规则规定的间隔期内。",
    "bar": "规则禁止此次联系。",
    "precondition": "规则要求的前提条件尚未满足。",
    "hold": "该贷款、该人或该联系方式处于停止联系状态。",
    "no_hours": "没有任何有效的法律规则或机构规则规定该渠道的联系时段；没有禁止并不等于允许。",
    "unknown": "缺少判断所需的事实，因此不予许可。",
    "inconvenient": "本人要求不在每周的这一时段被联系。",
}
_FORCES = {
    "en": {
        "prohibition": "prohibition",
        "presumption": "presumed violation",
        "guidance": "guidance",
        "house_rule": "house rule",
    },
    "zh-CN": {
        "prohibition": "禁止性规定",
        "presumption": "推定违规",
        "guidance": "指引",
        "house_rule": "机构规则",
    },
}
_WORDS = {"en": _ENGLISH, "zh-CN": _CHINESE}


def explain(verdict: Verdict, language: str = "en", *, zone: str = "UTC") -> tuple[str, ...]:
    """
    Return *verdict* as plain sentences: the answer, every objection with its source, what was assumed, warnings.

    Args:
        language: ``en`` or ``zh-CN``. What a pack or a host wrote stays in its own language.
        zone: Whose wall clock the times are shown on.

    Raises:
        FactsError: There are no words for *language*.
    """
    if language not in _WORDS:
        raise FactsError(f"There are no words for {language!r}. Known: {', '.join(_WORDS)}.", field="language")
    words = _WORDS[language]
    tz = ZoneInfo(zone)

    def clock(instant: dt.datetime) -> str:
        here = instant.astimezone(tz)
        text = f"{here:%Y-%m-%d %H:%M:%S} {zone}"
        return text if zone == "UTC" else f"{text} (UTC{here.isoformat(timespec='seconds')[19:]})"

    lines = [words["permitted" if verdict.permitted else "refused"].format(at=clock(verdict.at))]
    if not verdict.permitted:
        lines += [_objection(objection, verdict, language, clock) for objection in verdict.objections]
        if verdict.next_permitted is None:
            lines.append(words["never"].format(horizon=clock(verdict.horizon)))
        else:
            lines.append(words["next"].format(next=clock(verdict.next_permitted)))
    lines += [words["assumption"].format(text=text) for text in verdict.assumptions]
    lines += [words["warning"].format(text=text) for text in verdict.warnings]
    return tuple(lines)


def _objection(objection: Objection, verdict: Verdict, language: str, clock: Callable[[dt.datetime], str]) -> str:
    words = _WORDS[language]
    about = [objection.rule, objection.citation, _FORCES[language].get(objection.force, objection.force)]
    parts = [
        words["objection"].format(
            says=objection.says if language == "en" else _KINDS[objection.kind],
            about=words["separator"].join(part for part in about if part),
        ),
        words["no_until"].format(horizon=clock(verdict.horizon))
        if objection.until is None
        else words["until"].format(until=clock(objection.until)),
    ]
    if objection.lifted_by:
        stop = "" if objection.lifted_by.endswith((".", "。")) else words["stop"]
        parts.append(words["lifted_by"].format(lifted_by=objection.lifted_by) + stop)
    return (" " if language == "en" else "").join(parts)
