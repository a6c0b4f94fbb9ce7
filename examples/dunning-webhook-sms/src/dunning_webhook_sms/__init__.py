"""Text messages over an HTTPS gateway: a channel for dunning."""

from __future__ import annotations

from dunning_webhook_sms.channel import WebhookSms
from dunning_webhook_sms.gateway import Gateway
from dunning_webhook_sms.secret import Secret

__all__ = ["Gateway", "Secret", "WebhookSms"]
