"""
The tables of a policy document: one list that the reader, the JSON Schema and the reference page are made from.

A ``*`` in a path is a name that the author chooses; a path in ``[]`` is an array of tables.
"""

from __future__ import annotations

from collections.abc import Mapping

from dunning.adapters.labels.shipped import label_names
from dunning.adapters.policy import house, settings
from dunning.adapters.policy.convention import CONVENTION
from dunning.adapters.policy.shorthand import WEEKDAYS
from dunning.adapters.policy.step_table import STEP_CHOICES, STEP_KEYS
from dunning.adapters.policy.table import FreeTable, Table
from dunning.core.contact.rule import CONFIDENCES
from dunning.core.facts.person import FLAGS
from dunning.core.hold import CHANNELS, PURPOSES
from dunning.core.ladder.case import REQUEST_KINDS, TRACKS
from dunning.core.ladder.tier import Tier
from dunning.core.overdue.labels import LabelTable
from dunning.core.steps.step import Step

_CHANNELS_AND_PURPOSES: Mapping[str, str] = {
    "channels": "The channels concerned; empty: all.",
    "purposes": "The purposes concerned; empty: all.",
    "why": "The reason, for verdicts and auditors.",
}

TABLES: tuple[Table, ...] = (
    Table(
        path="policy",
        says="What the policy is called and when it holds.",
        holds=settings.Head,
        required=True,
        choices={"labels": label_names()},
        keys={
            "id": "Stays the same over all versions.",
            "version": "A new one for every change that goes live.",
            "title": "For people.",
            "effective_from": "First business date on which it holds (inclusive).",
            "effective_to": "First business date on which it no longer holds (exclusive); left out: open.",
            "stale_after_days": "When the loan book is current only through a day that lies more than so many"
            " days back, nobody gets a collection contact.",
            "languages": "Every text must exist in these; the first is the lender's own.",
            "labels": "Names of [tables of labels](labels.md) that are shipped, such as `metro_2`; your own stand in"
            " `[[labels]]`.",
        },
    ),
    Table(
        path="lender",
        says="Who speaks, for rules that bind by actor, and what the lender asserts by signing.",
        holds=settings.Lender,
        choices={"kind": ("creditor", "third_party", "debt_buyer")},
        keys={
            "kind": "`creditor` (in its own name, the default), `third_party` or `debt_buyer`.",
            "institution": "A class of institution that some rules name, such as auto_finance or bank.",
            "evidence": "Preconditions that are met in every contact: `recording`, `two_visitors`, …",
        },
    ),
    CONVENTION,
    Table(
        path="labels[]",
        says="A table of labels for days, of your own; several editions of one name follow each other in time.",
        holds=LabelTable,
        keys={
            "name": "The table's name.",
            "source": "Where the limits stand written.",
            "in_force_from": "First day (inclusive); left out: open.",
            "in_force_to": "First day on which it no longer holds (exclusive); left out: open.",
            "rows": "`{ label, from_days, to_days }`, both ends inclusive, from 0 upwards without gap or overlap; the"
            " last one has no `to_days`.",
        },
    ),
    Table(
        path="ladder",
        says="The order of firmness.",
        holds=settings.LadderOrder,
        required=True,
        keys={
            "order": "Names of the tiers, the mildest first; each has a table `[tiers.<name>]`.",
            "probation": "Days after a cure within which a re-entry keeps its episode and counts (inclusive).",
        },
    ),
    Table(
        path="tiers.*",
        says="One step of firmness.",
        holds=Tier,
        given=("name",),
        required=True,
        keys={
            "label": "For people.",
            "entry": "Any of these tables puts a loan here, when all its lower bounds hold:"
            " `[{ delinquent_days = 11 }, { delinquent_days = 6, broken_promises = 2 }]`. Empty only for the"
            " mildest tier.",
            "minimum_stay": "Days before a firmer tier may be entered; never delays softening or cure. Default 0.",
        },
    ),
    Table(
        path="tiers.*.steps.*",
        says="One line of a tier's cadence.",
        holds=Step,
        given=("tier", "name"),
        withheld=("track",),
        choices=STEP_CHOICES,
        keys=STEP_KEYS,
    ),
    Table(
        path="shared.*",
        says="A step that stands in several tiers. In each it is called `name@tier`.",
        holds=Step,
        given=("name",),
        withheld=("tier", "track"),
        choices=STEP_CHOICES,
        keys={"tiers": "The tiers in which it stands. All other keys are those of a tier's step.", **STEP_KEYS},
        plus=("tiers",),
    ),
    Table(
        path="tracks.*",
        says="Something that runs beside the tier once its request is approved.",
        holds=settings.TrackSetting,
        given=("name",),
        names=TRACKS,
        keys={"label": "For people."},
    ),
    Table(
        path="tracks.*.steps.*",
        says="One line of a track's cadence; the keys are those of a tier's step.",
        holds=Step,
        given=("track", "name"),
        withheld=("tier",),
        choices=STEP_CHOICES,
        keys=STEP_KEYS,
    ),
    Table(
        path="holds.*",
        says="What a hold for this reason does where whoever places it does not say otherwise.",
        holds=settings.HoldSetting,
        given=("reason",),
        choices={
            "subject": ("loan", "person", "person_on_loan", "point"),
            "purposes": PURPOSES,
            "channels": CHANNELS,
        },
        keys={
            "subject": "What it protects.",
            "purposes": "The purposes that it stops; empty stops all.",
            "channels": "The channels that it stops; empty stops all.",
            "days": "Days until it ends by itself; left out: until somebody lifts it.",
            "answer_within": "Days from its start within which whoever raised it must be answered.",
            "alarm_after": "Days from its start until it raises an alarm; fewer than `answer_within`.",
            "reviewer": "The work queue that answers for it.",
        },
    ),
    Table(
        path="promises",
        says="How far promises are believed.",
        holds=settings.PromiseLimits,
        required=True,
        keys={
            "most_per_episode": "Promises that may hold contacts in one episode.",
            "longest_days": "Days from making a promise to the promised date, at most.",
            "most_days": "Days on which promises may hold contacts in one episode, all together.",
            "grace_days": "Days after the promised date on which a payment still keeps it.",
            "tolerance_share": "Share of the promised amount that may be missing. Default 0.",
            "tolerance_amount": "Amount that may be missing, in the loan's currency; the larger counts. Default 0.",
        },
    ),
    Table(
        path="approvals.*",
        says="Who decides this kind of request, and how long it waits.",
        holds=settings.Approval,
        given=("kind",),
        names=REQUEST_KINDS,
        keys={
            "needed": "`false` lets it through at once; refused for placement, legal, vehicle and waiver."
            " Default `true`.",
            "expires_after": "Days after which an undecided request has expired (exclusive).",
            "by": "Roles, any one of which may decide.",
        },
    ),
    Table(
        path="queues.*",
        says="A work queue for people.",
        holds=settings.Queue,
        given=("name",),
        keys={
            "description": "Who they are and what they do.",
            "adapter": "The registered channel that hands work over to them.",
            "allowance_hours": "Hours after which work that was handed over is no longer theirs.",
            "numbers": "The most telephone numbers of one person that a row carries. Default 3.",
        },
    ),
    Table(
        path="channels.*",
        says="Which adapter carries this kind of channel, and what happens when it does not answer.",
        holds=settings.ChannelSetting,
        given=("kind",),
        names=CHANNELS,
        keys={
            "adapter": "The registered channel.",
            "batch": "Whether messages go together, as far as the adapter allows. Default `false`.",
            "backoff_minutes": "Minutes to wait before each retry; as many retries as numbers. Default none.",
            "breaker_failures": "Failures in a row that stop the channel. Default 5.",
            "breaker_minutes": "For how long it then rests. Default 15.",
            "languages": (
                "Further languages of `[policy]` in which each text goes out as well, in the same message and after "
                "the person's own. Default none."
            ),
        },
    ),
    Table(
        path="care",
        says="Whose work goes to other people.",
        holds=settings.Care,
        choices={"flags": FLAGS},
        keys={
            "flags": "A person with one of these …",
            "queue": "… is worked by this queue, whatever queue the step names.",
        },
    ),
    Table(
        path="rules",
        says="Which packs of contact rules hold.",
        holds=settings.RuleUse,
        required=True,
        choices={"confidence_floor": CONFIDENCES},
        keys={
            "packs": "Their ids.",
            "confidence_floor": "How surely the source of a rule of law must have been read for the rule to apply. "
            "`high` applies **less** law than `medium`, see above. Default `medium`.",
            "enable": "Ids of rules that are off and hold all the same; it can only narrow. Default none.",
        },
    ),
    Table(
        path="house.hours.*",
        says="When the house allows this channel; every channel in use needs such a table.",
        holds=house.HouseHours,
        given=("channel",),
        names=CHANNELS,
        required=True,
        choices={"holidays": ("ignored", "closed", "own"), "adjusted_as": WEEKDAYS},
        keys={
            "windows": 'Bands of the week: `["mon-fri 09:00-20:00", "sat 10:00-18:00"]`; the opening second is in, the'
            " closing one out.",
            "reply_windows": "The same for replies and receipts; left out: as `windows`.",
            "zone": "`every` (open in every plausible zone of the person, the default), `residence`, or a named zone.",
            "holidays": "`ignored` (default), `closed`, or `own`: then `holiday_windows` hold.",
            "holiday_windows": "Bands that hold on holidays.",
            "adjusted_as": "The weekday whose bands hold on a weekend day that is worked by announcement (调休); left"
            " out: its own.",
            "calendar": "The holiday calendar, where holidays are not ignored or working days adjusted: a national one,"
            " such as `CN`, or one that `dunning.toml` states.",
            "why": "The reason, for verdicts and auditors.",
        },
    ),
    Table(
        path="house.caps.*",
        says="How often the house allows contacts over some channels; their counts are pooled.",
        holds=house.HouseCap,
        given=("name",),
        choices={
            "counts": (
                "attempt",
                "unanswered",
                "connected",
                "conversation",
                "conversation_any",
                "message",
                "visit",
                "contact",
            ),
            "period": ("rolling_days", "rolling_seconds", "day", "week", "month"),
            "per": ("person", "person_and_debt", "debt", "point", "household", "device"),
            "channels": CHANNELS,
            "purposes": PURPOSES,
        },
        keys={
            "counts": "What is counted.",
            "most": "How many may stand in the period (inclusive); 0 is a silence after one.",
            "period": "`rolling_days`, `rolling_seconds`, or a civil `day`, `week`, `month`.",
            "length": "Days or seconds of a rolling period. Default 1.",
            "per": "For whom they add up. Default `person`.",
            **_CHANNELS_AND_PURPOSES,
            "purposes": "The purposes concerned; empty: all. Default `collection`.",
        },
    ),
    Table(
        path="house.bars.*",
        says="When the house contacts nobody.",
        holds=house.HouseBar,
        given=("name",),
        choices={
            "on": ("flag", "hold", "workplace", "third_party", "shared", "no_basis"),
            "channels": CHANNELS,
            "purposes": PURPOSES,
        },
        keys={
            "on": "`flag`, `hold`, `workplace`, `third_party` (may not know), `shared` (others read there),"
            " `no_basis`.",
            "names": "For a flag or a hold: which.",
            **_CHANNELS_AND_PURPOSES,
            "purposes": "The purposes concerned; empty: all. Default `collection`.",
        },
    ),
    Table(
        path="house.needs.*",
        says="What must be on file before the house contacts.",
        holds=house.HouseNeed,
        given=("name",),
        choices={"channels": CHANNELS, "purposes": PURPOSES},
        keys={"needs": "Names of evidence, all of them.", **_CHANNELS_AND_PURPOSES},
    ),
    Table(
        path="sign_offs[]",
        says="Who signed; a policy without a valid signature of both sides only simulates.",
        holds=settings.SignOff,
        choices={"kind": ("business", "legal")},
        keys={
            "kind": "`business` or `legal`.",
            "role": "Who, as a role.",
            "on": "When.",
            "hash": "The content hash that was signed. Any later edit makes another hash, and the signature is void.",
        },
    ),
)
FREE_TABLES: tuple[FreeTable, ...] = (
    FreeTable(
        path="applies_to",
        says="Which loans the policy is for: each key is an attribute of the loan, its value a text or a list of texts"
        " of which one must be meant. `creditor`, `brand`, `product`, `jurisdiction` (a country stands for its parts),"
        " `origination_channel` and `currency` are the loan's own; any other name is looked up among its dated"
        " attributes."
        " Without this table the policy is for every loan. Exactly one policy must be meant for a loan.",
        lists=True,
    ),
    FreeTable(
        path="migrates",
        says='For each tier of an earlier version that this one has not: which tier takes its loans (`old = "new"`).',
        lists=False,
    ),
)
