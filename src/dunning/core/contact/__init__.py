"""Permitted contact: rules as data, instants as sets, verdicts with reasons."""
