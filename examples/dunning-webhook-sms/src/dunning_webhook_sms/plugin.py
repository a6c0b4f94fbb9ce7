"""The hook: it registers the channel under the name that a policy and `dunning.toml` use."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

from dunning import Channel, hookimpl
from dunning.errors import Problem, StructureError
from dunning.plugins.hookspecs import ChannelFactory, Options
from dunning.plugins.options import only
from dunning_webhook_sms.channel import WebhookSms
from dunning_webhook_sms.gateway import Gateway
from dunning_webhook_sms.secret import Secret

DUNNING_HOOK_API = 1

WHERE = "channel webhook_sms"
LONGEST_TIMEOUT = 60  # a lease ends after ten minutes, and a batch waits for each of its messages


@hookimpl
def dunning_register_channels(register: Callable[[str, ChannelFactory], None]) -> None:
    """Add the channel."""
    register("webhook_sms", webhook_sms)


def webhook_sms(options: Options, *, base: Path) -> Channel:
    """Make the channel: `url`, `token` (env:NAME or file:PATH); `timeout_seconds` (10), `ca_file`."""
    only(WHERE, options, url=str, token=str, timeout_seconds=int, ca_file=str)
    timeout = int(options.get("timeout_seconds", 10))
    if not 1 <= timeout <= LONGEST_TIMEOUT:
        raise _problem("timeout_seconds", f"expected 1 to {LONGEST_TIMEOUT}, got {timeout}.")
    try:
        token = Secret(reference=str(options.get("token", "")), base=base)
    except ValueError as error:
        raise _problem("token", str(error)) from None
    try:
        ca_file = base / str(options["ca_file"]) if "ca_file" in options else None
        gateway = Gateway(str(options.get("url", "")), timeout=timeout, ca_file=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise _problem("ca_file", f"cannot be read as certificates ({type(error).__name__}).") from None
    except ValueError as error:
        raise _problem("url", str(error)) from None
    return WebhookSms(gateway, token=token)


def _problem(field: str, what: str) -> StructureError:
    return StructureError([Problem(where=WHERE, field=field, what=what, advice="Correct it.")])
