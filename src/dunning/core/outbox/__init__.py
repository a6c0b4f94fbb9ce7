"""The outbox: what is to go out, and the one table of its life."""
