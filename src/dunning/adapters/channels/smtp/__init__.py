"""
E-mail over the lender's own server, with the standard library.

`SmtpChannel` takes one message a `send` (`batch` is 1) and keeps its connection for the next. A `send` that raises
makes all of its messages unknown, so a larger batch would forget, with one lost answer, all that it knew of the others.
The connection is what a batch would have saved, and that is kept.

SMTP has no key under which a server knows a message again (RFC 5321), so the channel is not repeatable. What is unknown
stays unknown until a receipt comes: `dunning.adapters.channels.smtp.bounces` reads those.
"""

from dunning.adapters.channels.smtp.channel import SmtpChannel
from dunning.adapters.channels.smtp.setting import SmtpSetting

__all__ = ["SmtpChannel", "SmtpSetting"]
