"""
The pure core: values in, values out. No clock, no I/O, no environment, no logging, no plugin.

    facts ─► overdue ─► ladder ─► steps ─┐
                                         ├─► outbox ─► journal ─► decide, recheck
    facts ─► hold ───► contact ──────────┘

Each package imports only those left of it. `decide` composes the arrows when a night is assessed, `recheck` when an
entry is about to go out.
"""
