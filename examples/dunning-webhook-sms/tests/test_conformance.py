"""The promises that dunning relies on, C1 to C5 and H1 to H4."""

import pytest

from dunning.testing.channels import ChannelConformance
from dunning.testing.plugins import PluginConformance
from dunning_webhook_sms import plugin as our_plugin


class TestWebhookSms(ChannelConformance):
    """The kit: three things to provide."""

    @pytest.fixture
    def channel(self, before):
        channel, self.far_side = before()
        return channel

    @pytest.fixture
    def silent(self, before):
        return before(ends="silent", timeout=0.1)[0]

    def reached(self, channel):
        return self.far_side.keys


class TestPlugin(PluginConformance):
    """The hooks are spelt right, and an engine can be built with them."""

    @pytest.fixture
    def plugin(self):
        return our_plugin
