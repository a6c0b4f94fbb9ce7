"""The journal: effects, records, the fold and the hash chain."""
