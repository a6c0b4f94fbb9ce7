"""What `dunning plugins` shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from attrs import frozen

from dunning.plugins.loader import load
from dunning.plugins.runner import Runner


@frozen(kw_only=True)
class Listed:
    """
    One line of the list.

    Args:
        name: What switches the plugin off.
        origin: built in, given, or the distribution that installed it.
        api: The hook API number that it was written for; 0 where it was not loaded.
        load_ms: Milliseconds that loading took; 0 for what was loaded already.
        error: Why it takes no part; empty where it does.
    """

    name: str
    version: str
    origin: str
    enabled: bool
    api: int
    hooks: tuple[str, ...]
    load_ms: float
    error: str


def listing(
    given: Iterable[object] = (),
    *,
    discover: bool = False,
    disabled: Collection[str] = (),
    hook: str = "",
    runner: Runner | None = None,
) -> tuple[Listed, ...]:
    """
    Return every plugin, the broken ones with what is wrong with them. Nothing is registered, and nothing raises.

    Args:
        hook: Only those that take part in this hook; empty lists all.
    """
    return tuple(
        Listed(
            name=plugin.name,
            version=plugin.version,
            origin=plugin.origin,
            enabled=plugin.enabled,
            api=plugin.api,
            hooks=plugin.hooks,
            load_ms=round(plugin.seconds * 1000, 1),
            error=plugin.error,
        )
        for plugin in load(given, discover=discover, disabled=disabled, runner=runner)
        if not hook or hook in plugin.hooks
    )
