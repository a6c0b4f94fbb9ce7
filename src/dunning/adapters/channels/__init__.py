"""Channels: how messages leave."""
