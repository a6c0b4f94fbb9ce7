"""What a report says to people."""

from collections import Counter

from dunning.cli.showing.reports import delivered_lines
from dunning.engine.reports import Delivered


def test_what_a_channel_could_not_take_now_was_not_sent():
    said = list(delivered_lines(Delivered(retried=Counter({"busy": 2})), titles={}, zone="UTC"))

    assert "Sent 0 messages." == said[0]
    assert "Not sent, to be tried again after a pause:" in said
    assert ["2", "busy"] == sorted(next(line for line in said if "busy" in line).split())
