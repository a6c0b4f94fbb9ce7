"""A large book that cannot say what changed is remembered from night to night, so that only what moved is looked at."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import define, field, frozen

from dunning.adapters.books.blocks import blocks
from dunning.adapters.codec.documents import writing_atomically
from dunning.adapters.interfaces.loan_book import Block, Changes, LoanBook
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.labels import LabelTable
from dunning.core.overdue.status import overdue_status
from dunning.engine.parts import Parts
from dunning.errors import DunningError, FactsError, MissingExtraError

Labels = dict[str, Counter[str]]


@frozen(kw_only=True)
class _Counting:
    """A convention in force, with the label tables of the policies that count by it."""

    convention: Convention
    labels: tuple[LabelTable, ...]


@define(kw_only=True)
class Remembered:
    """
    A `ChangingBook` made of any book: it keeps a digest a loan, of the facts and of how late they make the loan.

    Loans are counted as columns by the portfolio's kernel, under every convention in force; one whose digest is that
    of the last time slept. What is kept is a cache: without it every loan is looked at.

    Args:
        labels: After `changes`, how many loans have which label, by table: of the whole book or shard.
        unkept: After `changes`, why nothing could be kept; empty where it was.
    """

    book: LoanBook
    folder: Path
    lender: str
    shard: tuple[int, int]
    as_of: dt.date
    counting: tuple[_Counting, ...]
    labels: Labels = field(factory=dict)
    unkept: str = ""

    def changes(self, since: str) -> Changes:
        """
        Return the loans whose facts or labels changed since the mark *since*; empty asks for a mark.

        Where nothing is kept under that mark any more, every loan is named.
        """
        before = self._kept(since) if since else {}
        now = dict(self._digests())
        mark = hashlib.sha256("".join(f"{id_} {now[id_]}\n" for id_ in sorted(now)).encode()).hexdigest()
        try:
            self._keep(mark, now, since)
        except OSError as error:
            self.unkept = f"It could not be written: {error}. The next night looks at every loan."
        changed = frozenset(id_ for id_, digest in now.items() if before.get(id_) != digest)
        return Changes(ids=changed if since else frozenset(), watermark=mark)

    def _file(self, mark: str) -> Path:
        return self.folder / f"{self._prefix}-{mark[:32]}.jsonl"

    @property
    def _prefix(self) -> str:
        # Lenders may share a folder, and their names may hold anything.
        lender = hashlib.sha256(self.lender.encode()).hexdigest()[:8]
        return f"book-{lender}-{self.shard[0]}-of-{self.shard[1]}"

    def _kept(self, mark: str) -> Mapping[str, str]:
        if not mark.isalnum():  # a mark of another book, which this engine had before
            return {}
        try:
            return dict(map(json.loads, self._file(mark).read_text("utf-8").splitlines()))
        except (OSError, ValueError, TypeError):  # TypeError: JSON, but not of ours
            return {}

    def _keep(self, mark: str, digests: Mapping[str, str], since: str) -> None:
        with writing_atomically(self._file(mark)) as file:
            file.writelines(json.dumps([id_, digest]) + "\n" for id_, digest in digests.items())
        # The last one stays until a run has noted the new mark: a run that is killed goes on from it.
        stay = {self._file(mark), *([self._file(since)] if since else [])}
        for path in self.folder.glob(f"{self._prefix}-*.jsonl"):
            if path not in stay:
                path.unlink(missing_ok=True)

    def _digests(self) -> Iterator[tuple[str, str]]:
        self.labels = {table.name: Counter() for each in self.counting for table in each.labels}
        found: dict[str, list[str]] = {}
        for each in self.counting:
            for block in blocks(self.book, self.shard, convention=each.convention):
                for id_, facts, late in zip(block.ids, block.facts, self._lateness(block, each), strict=True):
                    found.setdefault(id_, []).append(f"{facts.hex()} {late}")
        for id_, states in found.items():
            yield id_, hashlib.blake2b("\n".join(states).encode(), digest_size=16).hexdigest()

    def _lateness(self, block: Block, each: _Counting) -> Iterator[str]:
        """What a night may turn on: arrears, instalments missed, whether anything is late, and every label."""
        from dunning.portfolio.overdue.convention import whole_convention
        from dunning.portfolio.overdue.counting import count

        whole = whole_convention(each.convention, as_of=self.as_of, currency_digits=block.digits)
        found = count([block.columns], whole)
        for days, arrears, missed in zip(
            found.days_past_due.tolist(), found.arrears.tolist(), found.instalments_missed.tolist(), strict=True
        ):
            yield f"{arrears} {missed} {self._labels(days, each.labels)}"
        irregular = self.book.loans(block.irregular) if block.irregular else {}
        for id_ in block.irregular:
            try:
                status = overdue_status(irregular[id_], as_of=self.as_of, convention=each.convention)
            except DunningError as error:  # the night says so when it looks at the loan; the others sleep on
                yield str(error)
                continue
            labels = self._labels(status.days_past_due, each.labels)
            yield f"{status.arrears.total} {status.instalments_missed} {labels}"

    def _labels(self, days: int, tables: Sequence[LabelTable]) -> str:
        said = [(table.name, table.label(days)) for table in tables]
        for name, label in said:
            self.labels[name][label] += 1
        return " ".join(label for _, label in said)


def remembered(parts: Parts, *, as_of: dt.date, shard: tuple[int, int]) -> Remembered | None:
    """
    Return the book of *parts* as one that can tell what changed; None where it is not large, or nothing is kept.

    Neither is it where a convention in force is one that columns cannot say, or the extra `portfolio` is missing.
    """
    if parts.memory is None or not _large(parts, shard):
        return None
    by_convention: dict[Convention, dict[str, LabelTable]] = {}
    for policy in parts.policies:
        if policy.holds_on(as_of):
            tables = by_convention.setdefault(parts.terms[policy.content_hash].convention, {})
            tables.update({table.name: table for table in policy.labels_on(as_of)})
    if not by_convention or not all(map(_countable, by_convention)):
        return None
    return Remembered(
        lender=parts.lender,
        book=parts.book,
        folder=parts.memory,
        shard=shard,
        as_of=as_of,
        counting=tuple(
            _Counting(convention=convention, labels=tuple(tables.values()))
            for convention, tables in by_convention.items()
        ),
    )


def _large(parts: Parts, shard: tuple[int, int]) -> bool:
    return any(seen >= parts.remember_from for seen, _ in enumerate(parts.book.ids(shard), start=1))


def _countable(convention: Convention) -> bool:
    try:
        from dunning.portfolio.overdue.convention import whole_convention

        whole_convention(convention, as_of=dt.date(2000, 1, 1), currency_digits=2)
    except (FactsError, MissingExtraError):
        return False
    return True
