"""The channels that we ship."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dunning.adapters.interfaces.channel import Channel
from dunning.plugins.hookspecs import ChannelFactory, Options, hookimpl
from dunning.plugins.options import only, path

DUNNING_NAME = "builtin-channels"


@hookimpl
def dunning_register_channels(register: Callable[[str, ChannelFactory], None]) -> None:
    """Add the folder channel."""
    register("folder", folder)


def folder(options: Options, *, base: Path) -> Channel:
    """Make a folder channel: `path` ("messages"), `answer` ("accepted" or "handed_over"), `repeatable` (true)."""
    from dunning.adapters.channels.folder import FolderChannel

    only("channel folder", options, path=str, answer=str, repeatable=bool)
    return FolderChannel(
        path("channel folder", options, base, default="messages"),
        answer=str(options.get("answer", "accepted")),
        repeatable=bool(options.get("repeatable", True)),
    )
