"""Tell: plugins follow committed records, each by its own cursor, at least once."""

from __future__ import annotations

from dunning.engine.parts import Parts
from dunning.engine.reports import Told, Trouble


def tell(parts: Parts, *, limit: int = 1000) -> Told:
    """
    Tell every plugin that listens what was committed since it was last told.

    A plugin that fails is told the same again next time; the others go on.

    Args:
        limit: Records a call.
    """
    report = Told()
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        # A listener may cause new records; they are told next time, or this would never end.
        end = unit.end().position
    for plugin in parts.hooks.listeners:
        while True:
            with parts.storage.begin(parts.lender, read_only=True) as unit:
                records = [r for r in unit.since(unit.cursor(plugin), limit=limit) if r.position <= end]
            if not records:
                break
            failure = parts.hooks.tell(plugin, records)
            if failure is not None:
                report.troubles.append(Trouble(what=f"plugin {plugin}", why=f"{failure.hook}: {failure.error}"))
                break
            with parts.storage.begin(parts.lender) as unit:
                unit.advance(plugin, records[-1].position)
            report.told[plugin] += len(records)
    return report
