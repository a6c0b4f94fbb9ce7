"""What the host states: loans, events, persons, contact points. Frozen, keyword-only, true from birth."""
