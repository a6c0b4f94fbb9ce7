"""
The pure core: values in, values out. No clock, no I/O, no environment, no logging, no plugin.

    facts ─► overdue ─► ladder ─► outbox ─► steps ─► terms ───┐
      │                  ▲          │                         ├─► decide ─► recheck
      └──► hold ─► contact          └──────────► journal ─────┘

Each package imports only what stands before it. `decide` composes the arrows when a night is assessed, `recheck` when
an entry is about to go out.
"""
