"""Logs of contacts that somebody else kept: read, mapped to our words, and sorted by whom they concern."""
