"""`dunning rules`: which contact rules there are, what they say, whether they hold, and what they came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dunning.cli.asked import Asked, common, read_names
from dunning.cli.exits import FINE, LEFT_OUT, UNUSABLE
from dunning.cli.output import complain, count, leave, say, tell

if TYPE_CHECKING:
    from dunning.core.contact.rule import RulePack

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PACKS = click.option("--packs", callback=read_names, metavar="ID,ID", help="Only of these packs. Default: every one.")
_FLOOR = click.option(
    "--floor",
    type=click.Choice(["high", "medium", "low"]),
    default="medium",
    show_default=True,
    help="The confidence floor of the lender.",
)


@click.group
def rules() -> None:
    """Look at the contact rules, check a pack, and see what was researched."""


@rules.command("list")
@_PACKS
@_FLOOR
@click.option("--jurisdiction", default="", metavar="CODE", help="Only those that are asked there: US-MA, and so US.")
@click.option("--channel", default="", metavar="NAME", help="Only those that bind this channel.")
@common
@click.pass_obj
def list_(asked: Asked, packs: Sequence[str], floor: str, jurisdiction: str, channel: str) -> None:
    """List rules, by jurisdiction: what kind, how firm, how surely read, and whether they judge."""
    from dunning.cli.showing.rule_page import rule_row, rule_summary
    from dunning.cli.table import table

    with asked.hooks(asked.settings_if_any()) as hooks:
        chosen = _chosen(hooks.rule_packs(), packs)
    places = {jurisdiction, jurisdiction.partition("-")[0]}
    found = sorted(
        (
            rule
            for pack in chosen
            for rule in pack.rules
            if (not jurisdiction or rule.jurisdiction in places)
            and (not channel or not rule.channels or channel in rule.channels)
        ),
        key=lambda rule: (rule.jurisdiction, rule.id),
    )
    if asked.json:
        tell({"rules": [rule_summary(rule, floor) for rule in found]})
        return
    say(table(("rule", "kind", "force", "confidence", "state", "title"), [rule_row(rule, floor) for rule in found]))
    say(f"{count(len(found), 'rule')} of {count(len({rule.jurisdiction for rule in found}), 'jurisdiction')}.")


@rules.command
@click.argument("ids", nargs=-1, required=True, metavar="RULE...")
@common
@click.pass_obj
def show(asked: Asked, ids: tuple[str, ...]) -> None:
    """Show all of a rule: what it says, whom it binds, where it stands written, how that was read, and its samples."""
    from dunning.adapters.codec.convert import unstructure
    from dunning.cli.showing.rule_page import rule_page

    with asked.hooks(asked.settings_if_any()) as hooks:
        known = {rule.id: rule for pack in hooks.rule_packs() for rule in pack.rules}
    for name in ids:
        if name not in known:
            like = sorted(one for one in known if name.lower() in one.lower())
            raise click.UsageError(
                f"No rule is called {name!r}. "
                + (f"Perhaps: {', '.join(like[:8])}." if like else "See `dunning rules list`.")
            )
    for name in ids:
        if asked.json:
            tell(unstructure(known[name]))
        else:
            say(rule_page(known[name]))


@rules.command
@click.argument("files", nargs=-1, type=_FILE, metavar="[FILE]...")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The date on which it must not be due for review.")
@common
@click.pass_obj
def check(asked: Asked, files: tuple[Path, ...], as_of: dt.datetime | None) -> None:
    """
    Check packs: FILEs, or every pack that is known.

    A pack must be readable, every sample must be borne out by its rule, and every rule that it names must be there. A
    rule past its review date is a warning.
    """
    from dunning.cli.showing.rule_checks import checks

    with asked.hooks(asked.settings_if_any()) as hooks:
        known = hooks.rule_packs()
    day = as_of.date() if as_of is not None else dt.datetime.now(dt.UTC).date()
    wrong = warned = 0
    for checked in checks(files, known, day):
        wrong += len(checked.problems)
        warned += len(checked.warnings)
        if asked.json:
            tell(checked.data())
            continue
        complain(checked.problems)
        say(checked.warnings)
        say(f"{checked.name}: {count(checked.rules, 'rule')}, {count(checked.samples, 'sample')}.")
    if not asked.json:
        say(f"{count(wrong, 'problem')}, {count(warned, 'warning')}.")
    leave(UNUSABLE if wrong else FINE)


@rules.command
@_PACKS
@_FLOOR
@click.option("--state", default="", metavar="STATE", help="Only texts in this state, such as 'left out'.")
@common
@click.pass_obj
def coverage(asked: Asked, packs: Sequence[str], floor: str, state: str) -> None:
    """
    Say what became of every text that was researched.

    Each stands in a rule, or is left out for a reason. The totals come last.
    """
    from dunning.cli.showing.covered import covered_data, covered_row
    from dunning.cli.table import table
    from dunning.engine.coverage import STATES, strange, totals
    from dunning.engine.coverage import coverage as covering
    from dunning.rules import researched

    if state and state not in STATES:
        raise click.UsageError(f"A state is one of {', '.join(STATES)}; not {state!r}.")
    with asked.hooks(asked.settings_if_any()) as hooks:
        chosen = _chosen(hooks.rule_packs(), packs)
    texts = researched()
    if packs:
        places = {place for pack in chosen for place in (*pack.covers, pack.id.upper().replace("_", "-"))}
        texts = tuple(text for text in texts if text.jurisdiction in places)
    found = covering(texts, chosen, floor=floor)
    shown = [one for one in found if not state or one.state == state]
    unknown = strange(researched(), chosen)
    counted = totals(found)
    if asked.json:
        tell({"texts": [covered_data(one) for one in shown], "totals": counted, "strange": list(unknown)})
    else:
        say(table(("text", "confidence", "state", "rules, or why none"), [covered_row(one) for one in shown]))
        places_of = len({one.jurisdiction for one in found})
        say(f"{count(len(found), 'text')} of {count(places_of, 'jurisdiction')}:")
        say(f"  {number:>4,} {name}" for name, number in counted.items())
        complain(f"A pack names {name}, which was never researched." for name in unknown)
    leave(LEFT_OUT if counted["missing"] or unknown else FINE)


def _chosen(known: Sequence[RulePack], packs: Sequence[str]) -> list[RulePack]:
    by_id = {pack.id: pack for pack in known}
    for name in packs:
        if name not in by_id:
            raise click.UsageError(f"No rule pack is called {name!r}. Known: {', '.join(sorted(by_id))}.")
    return [by_id[name] for name in packs] if packs else list(known)
