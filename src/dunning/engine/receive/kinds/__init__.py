"""The messages, by noun: money, promises, holds and the circumstances that place them, approvals."""
