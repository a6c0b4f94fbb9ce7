"""What a log does not have: where persons live, which numbers are theirs, what they asked for and agreed to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen

from dunning.adapters.codec.convert import structure
from dunning.adapters.codec.documents import read_json_lines
from dunning.core import values
from dunning.core.contact.request import Milestone
from dunning.core.facts.person import Consent, Flag, Hours
from dunning.core.hold import Hold
from dunning.errors import Problem, StructureError


@frozen(kw_only=True)
class Part:
    """The part that a person plays in a loan, and whether they may know of it. An empty loan stands for every other."""

    loan_id: str = ""
    role: str = field(default="borrower", validator=values.text)
    may_know: bool = True


@frozen(kw_only=True)
class PersonFacts:
    """
    What is known of a person whose contacts are audited.

    Args:
        id: As the log has it.
        numbers: Telephone numbers and addresses, or their hashes, as the log has them; and ids of contact points.
        workplace_numbers, shared_numbers: Those of `numbers` at work, and those where others read or answer.
        jurisdictions, zones: Where the person may be. Empty: what the log says, or what is stated for all of it.
        parts: Parts in loans. Empty: what the log says, or else a borrower who may know.
        flags: Each counts on its own dates.
        holds: Each counts on its own dates; `Hold.subject` names the log's ids.
        consents, inconvenient, milestones: As in a request.
    """

    id: str = field(validator=values.text)
    numbers: tuple[str, ...] = field(default=(), validator=values.tuple_of(str), repr=False)
    workplace_numbers: tuple[str, ...] = field(default=(), validator=values.tuple_of(str), repr=False)
    shared_numbers: tuple[str, ...] = field(default=(), validator=values.tuple_of(str), repr=False)
    jurisdictions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    product: str = ""
    parts: tuple[Part, ...] = field(default=(), validator=values.tuple_of(Part))
    flags: tuple[Flag, ...] = field(default=(), validator=values.tuple_of(Flag))
    holds: tuple[Hold, ...] = field(default=(), validator=values.tuple_of(Hold))
    consents: tuple[Consent, ...] = field(default=(), validator=values.tuple_of(Consent))
    inconvenient: tuple[Hours, ...] = field(default=(), validator=values.tuple_of(Hours))
    milestones: tuple[Milestone, ...] = field(default=(), validator=values.tuple_of(Milestone))

    def parts_in(self, loan_ids: tuple[str, ...]) -> tuple[Part, ...]:
        """Return the parts that this person plays in the loans *loan_ids*, all of them where none is named."""
        named = tuple(part for part in self.parts if part.loan_id in loan_ids)
        return named or tuple(part for part in self.parts if not part.loan_id or not loan_ids)


def read_people(path: Path) -> Iterator[PersonFacts]:
    """
    Yield the persons in *path*, one JSON object a line.

    Raises:
        StructureError: A line cannot be used. None is passed over: without its facts contacts would be judged wrongly.
    """
    problems: list[Problem] = []
    for where, value in read_json_lines(path):
        try:
            if isinstance(value, StructureError):
                raise value
            yield structure(value, PersonFacts, where)
        except StructureError as error:
            problems += error.problems
    if problems:
        raise StructureError(problems)
