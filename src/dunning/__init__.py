"""Loan collections for lenders: how late, how firm, whom to contact, and when it is permitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # type checkers see the names; at run time each comes with its first use
    from dunning.adapters.books.csv_folder import CsvBook
    from dunning.adapters.books.memory import MemoryBook
    from dunning.adapters.books.sql import SqlBook
    from dunning.adapters.calendars.national import national_calendar
    from dunning.adapters.calendars.needed import calendars_for
    from dunning.adapters.calendars.stated import read_calendars
    from dunning.adapters.channels.folder import FolderChannel
    from dunning.adapters.channels.work_list import WorkList
    from dunning.adapters.interfaces.channel import Accepted, Channel, HandedOver, Outgoing, Refused
    from dunning.adapters.interfaces.loan_book import LoanBook
    from dunning.adapters.interfaces.storage import Storage
    from dunning.adapters.phone_zones import PhoneZones, phone_zones
    from dunning.adapters.policy.document import Policy
    from dunning.adapters.policy.read import read_policy as read_policy
    from dunning.adapters.policy.shipped import shipped as shipped
    from dunning.adapters.policy.sign import sign as sign
    from dunning.adapters.results.form import Result
    from dunning.adapters.results.lines import read_results as read_results
    from dunning.adapters.sentences.verdict import explain_verdict as explain_verdict
    from dunning.adapters.storage.memory import MemoryStorage
    from dunning.adapters.storage.sql import SqliteStorage
    from dunning.core.calendar import Calendar
    from dunning.core.contact.permission import may_contact
    from dunning.core.contact.prepared import Prepared as Prepared
    from dunning.core.contact.prepared import prepare as prepare
    from dunning.core.contact.request import Actor, ContactRequest, Milestone
    from dunning.core.contact.rule_set import RuleSet, rule_set
    from dunning.core.contact.tally import Tally
    from dunning.core.contact.verdict import Objection, Verdict
    from dunning.core.facts.event import Event, EventKind
    from dunning.core.facts.loan import Attribute, Instalment, Loan, Party, Quote
    from dunning.core.facts.person import Consent, ContactPoint, Flag, Person
    from dunning.core.hold import Hold
    from dunning.core.ladder.tier import Ladder, Tier
    from dunning.core.overdue.allocate import Allocated, allocate
    from dunning.core.overdue.borrower import BorrowerStatus, Mark, borrower_status
    from dunning.core.overdue.compare import Compared, compare
    from dunning.core.overdue.contagion import Contagion, contagion
    from dunning.core.overdue.convention import Convention, Materiality
    from dunning.core.overdue.explain import Explanation, explain_overdue
    from dunning.core.overdue.history import History, Worst, overdue_history
    from dunning.core.overdue.labels import LabelRow, LabelTable
    from dunning.core.overdue.order import Allocation, ForKind, Order, Switch
    from dunning.core.overdue.prepared import prepare_schedule
    from dunning.core.overdue.presets import preset
    from dunning.core.overdue.spells import Spell
    from dunning.core.overdue.status import OverdueStatus, overdue_status
    from dunning.core.overdue.stretches import Stretch
    from dunning.core.steps.step import Step
    from dunning.engine import Engine
    from dunning.engine.reports import Assessed, Delivered, Received
    from dunning.engine.setup import open_folder
    from dunning.engine.work.files import write_rows as write_rows
    from dunning.engine.work.row import Row
    from dunning.engine.work.taking import Taken
    from dunning.errors import DunningError
    from dunning.plugins.hookspecs import hookimpl
    from dunning.portfolio.permission import may_contact_table

    __version__: str

__all__ = [
    "Accepted",
    "Actor",
    "Allocated",
    "Allocation",
    "Assessed",
    "Attribute",
    "BorrowerStatus",
    "Calendar",
    "Channel",
    "Compared",
    "Consent",
    "ContactPoint",
    "ContactRequest",
    "Contagion",
    "Convention",
    "CsvBook",
    "Delivered",
    "DunningError",
    "Engine",
    "Event",
    "EventKind",
    "Explanation",
    "Flag",
    "FolderChannel",
    "ForKind",
    "HandedOver",
    "History",
    "Hold",
    "Instalment",
    "LabelRow",
    "LabelTable",
    "Ladder",
    "Loan",
    "LoanBook",
    "Mark",
    "Materiality",
    "MemoryBook",
    "MemoryStorage",
    "Milestone",
    "Objection",
    "Order",
    "Outgoing",
    "OverdueStatus",
    "Party",
    "Person",
    "PhoneZones",
    "Policy",
    "Prepared",
    "Quote",
    "Received",
    "Refused",
    "Result",
    "Row",
    "RuleSet",
    "Spell",
    "SqlBook",
    "SqliteStorage",
    "Step",
    "Storage",
    "Stretch",
    "Switch",
    "Taken",
    "Tally",
    "Tier",
    "Verdict",
    "WorkList",
    "Worst",
    "__version__",
    "allocate",
    "borrower_status",
    "calendars_for",
    "compare",
    "contagion",
    "explain_overdue",
    "explain_verdict",
    "hookimpl",
    "may_contact",
    "may_contact_table",
    "national_calendar",
    "open_folder",
    "overdue_history",
    "overdue_status",
    "phone_zones",
    "prepare",
    "prepare_schedule",
    "preset",
    "read_calendars",
    "read_policy",
    "read_results",
    "rule_set",
    "shipped",
    "sign",
    "write_rows",
]

# Where each public name lives. `import dunning` imports none of these modules.
_HOMES = {
    "adapters.books.csv_folder": ("CsvBook",),
    "adapters.books.memory": ("MemoryBook",),
    "adapters.books.sql": ("SqlBook",),
    "adapters.calendars.national": ("national_calendar",),
    "adapters.calendars.needed": ("calendars_for",),
    "adapters.calendars.stated": ("read_calendars",),
    "adapters.channels.folder": ("FolderChannel",),
    "adapters.channels.work_list": ("WorkList",),
    "adapters.interfaces.channel": ("Accepted", "Channel", "HandedOver", "Outgoing", "Refused"),
    "adapters.interfaces.loan_book": ("LoanBook",),
    "adapters.interfaces.storage": ("Storage",),
    "adapters.phone_zones": ("PhoneZones", "phone_zones"),
    "adapters.policy.document": ("Policy",),
    "adapters.policy.read": ("read_policy",),
    "adapters.policy.shipped": ("shipped",),
    "adapters.policy.sign": ("sign",),
    "adapters.results.form": ("Result",),
    "adapters.results.lines": ("read_results",),
    "adapters.sentences.verdict": ("explain_verdict",),
    "adapters.storage.memory": ("MemoryStorage",),
    "adapters.storage.sql": ("SqliteStorage",),
    "core.calendar": ("Calendar",),
    "core.contact.permission": ("may_contact",),
    "core.contact.prepared": ("Prepared", "prepare"),
    "core.contact.request": ("Actor", "ContactRequest", "Milestone"),
    "core.contact.rule_set": ("RuleSet", "rule_set"),
    "core.contact.tally": ("Tally",),
    "core.contact.verdict": ("Objection", "Verdict"),
    "core.facts.event": ("Event", "EventKind"),
    "core.facts.loan": ("Attribute", "Instalment", "Loan", "Party", "Quote"),
    "core.facts.person": ("Consent", "ContactPoint", "Flag", "Person"),
    "core.hold": ("Hold",),
    "core.ladder.tier": ("Ladder", "Tier"),
    "core.overdue.allocate": ("Allocated", "allocate"),
    "core.overdue.borrower": ("BorrowerStatus", "Mark", "borrower_status"),
    "core.overdue.compare": ("Compared", "compare"),
    "core.overdue.contagion": ("Contagion", "contagion"),
    "core.overdue.convention": ("Convention", "Materiality"),
    "core.overdue.explain": ("Explanation", "explain_overdue"),
    "core.overdue.history": ("History", "Worst", "overdue_history"),
    "core.overdue.labels": ("LabelRow", "LabelTable"),
    "core.overdue.order": ("Allocation", "ForKind", "Order", "Switch"),
    "core.overdue.prepared": ("prepare_schedule",),
    "core.overdue.presets": ("preset",),
    "core.overdue.spells": ("Spell",),
    "core.overdue.status": ("OverdueStatus", "overdue_status"),
    "core.overdue.stretches": ("Stretch",),
    "core.steps.step": ("Step",),
    "engine": ("Engine",),
    "engine.reports": ("Assessed", "Delivered", "Received"),
    "engine.setup": ("open_folder",),
    "engine.work.files": ("write_rows",),
    "engine.work.row": ("Row",),
    "engine.work.taking": ("Taken",),
    "errors": ("DunningError",),
    "plugins.hookspecs": ("hookimpl",),
    "portfolio.permission": ("may_contact_table",),
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        found: Any = version("dunning")
    else:
        home = next((home for home, names in _HOMES.items() if name in names), None)
        if home is None:
            raise AttributeError(f"module 'dunning' has no attribute {name!r}")
        from importlib import import_module

        found = getattr(import_module(f"dunning.{home}"), name)
    globals()[name] = found  # the next use finds it at once
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
