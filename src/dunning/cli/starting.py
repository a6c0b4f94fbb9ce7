"""The files that a folder starts with."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from dunning.adapters.books.csv_write import write_csv_book
from dunning.adapters.codec.documents import write_atomically
from dunning.adapters.policy.shipped import shipped
from dunning.errors import FactsError

_ADAPTERS = """\
[book]
adapter = "csv"
path = "book"

[storage]
adapter = "sqlite"
path = "dunning.db"

# The policy says which adapter carries which channel and which work queue. These are the adapters' options.
[channels.folder]
path = "out"

[plugins]
discover = true
disabled = []
"""

_PLAIN = f"""\
# Settings of this folder, read by every command. docs/reference/cli.md describes each key.

lender = "my_lender"
policies = ["policy.toml"]

{_ADAPTERS}
# Whose date is the business date where the command line does not state one.
[clock]
zone = "UTC"

# What texts say of you, by language. Once the policy is signed, what its texts need must be stated here.
[sender.en]
# lender = "…"
# caller_name = "a name that does not give away lending or collection"
# product = "car loan"
# phone_back = "…"
# hardship_line = "…"
# complaint_line = "…"
# stop_how = "Reply STOP to get no more messages like this."
# agency = "…"
# law_firm = "…"

[sender.zh-CN]
# lender = "……"
# caller_name = "……"
# product = "汽车贷款"
# phone_back = "……"
# hardship_line = "……"
# complaint_line = "……"
# stop_how = "回复 TD 退订。"
# agency = "……"
# law_firm = "……"
"""

# 555-0100 to 555-0199 are reserved for fiction; +86 100 0000 0000 is assigned to nobody; .example is no domain.
_EXAMPLE = f"""\
# Settings of the example: an auto lender in eight places of two countries. Nobody in it exists.

lender = "example_auto_finance"
policies = ["policy.toml"]

{_ADAPTERS}
# The clock stands still, so that the example comes out the same on any day. Without this table it is the real one.
[clock]
as_of = {{as_of}}
now = {{as_of}}T18:30:00Z
zone = "America/New_York"

[sender.en]
lender = "Example Auto Finance"
caller_name = "EAF"
product = "car loan"
phone_back = "+1 617 555 0100"
email_back = "help@lender.example"
pay_link = "https://pay.lender.example"
hardship_line = "+1 617 555 0101"
complaint_line = "+1 617 555 0102"
stop_how = "Reply STOP to get no more messages like this."
agency = "the agency"
agency_phone = "+1 617 555 0103"
law_firm = "the law firm"

[sender.zh-CN]
lender = "示例汽车金融"
caller_name = "示例公司"
product = "汽车贷款"
phone_back = "+86 100 0000 0000"
email_back = "help@lender.example"
pay_link = "https://pay.lender.example"
hardship_line = "+86 100 0000 0001"
complaint_line = "+86 100 0000 0002"
stop_how = "回复 TD 退订。"
agency = "受托机构"
agency_phone = "+86 100 0000 0003"
law_firm = "受托律师事务所"
"""

SIGNED_BY = {"business": "head of collections", "legal": "general counsel"}
"""The roles that sign the example's policy."""


def plain_files() -> Mapping[str, str]:
    """Return settings, the shipped policy without signatures, and an empty book with its columns."""
    empty = _book_files(
        lambda folder: write_csv_book(folder, loans=(), persons=(), current_through=dt.date(2026, 1, 1))
    )
    return {"dunning.toml": _PLAIN, "policy.toml": shipped("auto"), **empty}


def with_example(as_of: dt.date | None) -> Mapping[str, str]:
    """Return settings with a stopped clock, the signed policy, the example book and its messages."""
    from dunning.adapters.books.example_auto import AS_OF, write_example_auto
    from dunning.adapters.policy.sign import sign

    day = as_of or AS_OF
    book = dict(_book_files(lambda folder: write_example_auto(folder, day)))
    messages = book.pop("book/messages.jsonl")
    return {
        "dunning.toml": _EXAMPLE.format(as_of=day),
        "policy.toml": sign(shipped("auto"), **SIGNED_BY, on=day),
        "messages.jsonl": messages,
        **book,
    }


def _book_files(write: Callable[[Path], object]) -> Mapping[str, str]:
    """Return the files of the book that *write* writes to a folder, below book/."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "book"
        write(folder)
        return {
            f"book/{path.relative_to(folder).as_posix()}": path.read_bytes().decode()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def start(folder: Path, files: Mapping[str, str], *, dry: bool) -> list[str]:
    """
    Write *files* to *folder*, and return the names of those that were not there.

    Raises:
        FactsError: One of them is there with another content. Nothing was written.
    """
    there = {name for name in files if (folder / name).exists()}
    other = sorted(name for name in there if (folder / name).read_bytes() != files[name].encode())
    if other:
        raise FactsError(
            f"{folder} holds {', '.join(other)} already, and not as it would be written. Nothing was written. "
            f"Name a new folder, or move those files away.",
            field="folder",
        )
    missing = sorted(files.keys() - there)
    if not dry:
        for name in missing:
            write_atomically(folder / name, files[name])
    return missing
