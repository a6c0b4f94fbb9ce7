"""The messages, by noun: money, promises, holds and the reports that place them, approvals."""
