"""The reference of the policy document, written from the list of its tables so that it cannot fall behind."""

from __future__ import annotations

from attrs import NOTHING, fields_dict

from dunning.adapters.policy.table import Table
from dunning.adapters.policy.tables import FREE_TABLES, TABLES


def tables_markdown() -> str:
    """Return the part of `docs/reference/policy.md` that lists tables and keys."""
    parts = [f"### `[{table.path}]`\n\n{table.says}\n" for table in FREE_TABLES]
    return "\n".join([*map(_section, TABLES), *parts])


def _section(table: Table) -> str:
    path = table.path.removesuffix("[]").replace("*", "<name>")
    title = f"[[{path}]]" if table.path.endswith("[]") else f"[{path}]"
    required = " **Required.**" if table.required else ""
    names = f" `<name>` is one of {', '.join(f'`{name}`' for name in table.names)}." if table.names else ""
    return (
        f"### `{title}`\n\n{table.says}{required}{names}\n\n"
        + "\n".join(
            [
                "| Key | Must be stated | Means |",
                "|---|---|---|",
                *_preset(table),
                *(_row(table, name) for name in (*table.plus, *table.fields)),
            ]
        )
        + "\n"
    )


def _preset(table: Table) -> list[str]:
    if not table.presets:
        return []
    names = ", ".join(f"`{name}`" for name in table.presets)
    return [f"| `preset` | no | {table.keys['preset']} One of {names}. |"]


def _row(table: Table, name: str) -> str:
    needed = name in table.plus or fields_dict(table.holds)[name].default is NOTHING
    words = table.choices.get(name, ())
    one_of = f" One of {', '.join(f'`{word}`' for word in words)}." if words else ""
    return f"| `{name}` | {'yes' if needed else 'no'} | {table.keys[name]}{one_of} |"
