"""The channels that we ship."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dunning.adapters.interfaces.channel import Channel
from dunning.plugins.builtin.options import only, path
from dunning.plugins.hookspecs import ChannelFactory, Options, hookimpl

DUNNING_NAME = "builtin-channels"


@hookimpl
def dunning_register_channels(register: Callable[[str, ChannelFactory], None]) -> None:
    """Add the folder channel and the work list."""
    register("folder", folder)
    register("work_list", work_list)


def folder(options: Options, *, base: Path) -> Channel:
    """Make a folder channel: `path` ("messages"), `answer` ("accepted" or "handed_over"), `repeatable` (true)."""
    from dunning.adapters.channels.folder import FolderChannel

    only("channel folder", options, path=str, answer=str, repeatable=bool)
    return FolderChannel(
        path("channel folder", options, base, default="messages"),
        answer=str(options.get("answer", "accepted")),
        repeatable=bool(options.get("repeatable", True)),
    )


def work_list(options: Options, *, base: Path) -> Channel:
    """Make a work list; it takes no options."""
    from dunning.adapters.channels.work_list import WorkList

    only("channel work_list", options)
    return WorkList()
