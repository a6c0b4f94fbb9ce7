"""The channels that we ship."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dunning.adapters.interfaces.channel import Channel
from dunning.errors import FactsError, Problem, StructureError
from dunning.plugins.hookspecs import ChannelFactory, Options, hookimpl
from dunning.plugins.options import only, path
from dunning.plugins.secrets import secret

DUNNING_NAME = "builtin-channels"


@hookimpl
def dunning_register_channels(register: Callable[[str, ChannelFactory], None]) -> None:
    """Add the folder channel, e-mail and the work list."""
    register("folder", folder)
    register("smtp", smtp)
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


def smtp(options: Options, *, base: Path) -> Channel:
    """Make an e-mail channel: `docs/reference/channel.md` lists its options; `host` and `from` must be stated."""
    from dunning.adapters.channels.smtp import SmtpChannel, SmtpSetting

    adapter = "channel smtp"
    stated = dict(options)
    reference = stated.pop("password", None)
    password = None if reference is None else secret(adapter, "password", reference, base=base)
    only(adapter, stated, **_SMTP)
    if bool(stated.get("user")) != (password is not None):
        missing = "password" if password is None else "user"
        advice = "State both, or neither."
        raise StructureError([Problem(where=adapter, field=missing, what="is missing.", advice=advice)])
    named: dict[str, Any] = {_FIELD.get(name, name): value for name, value in stated.items()}
    if "ca_file" in named:
        named["ca_file"] = base / str(named["ca_file"])
    try:
        setting = SmtpSetting(**{"host": "", "sender": ""} | named)
    except FactsError as error:
        problem = Problem(where=adapter, field=error.field, what="cannot be so.", advice=error.message)
        raise StructureError([problem]) from None
    return SmtpChannel(setting, password=password)


_SMTP: dict[str, type] = {
    **dict.fromkeys(("host", "security", "ca_file", "user", "from", "reply_to", "sender", "bounces_to"), str),
    **dict.fromkeys(("domain", "unsubscribe_url", "unsubscribe_mail"), str),
    **dict.fromkeys(("port", "timeout", "answer_timeout"), int),
    "allow_plain_login": bool,
}
# `from` is no name in Python, and `sender` is another header than From.
_FIELD = {"from": "sender", "sender": "on_behalf"}


def work_list(options: Options, *, base: Path) -> Channel:
    """Make a work list; it takes no options."""
    from dunning.adapters.channels.work_list import WorkList

    only("channel work_list", options)
    return WorkList()
