"""
S8: a borrower whose name, telephone, identity number, address and e-mail occur nowhere else, through nights in which
each adapter fails once. None of it is found outside the vault and the channel's own folder.
"""

import datetime as dt
import logging
import sqlite3
import tempfile
import traceback
from contextlib import closing

import pytest
from attrs import evolve

from dunning.adapters.books.memory import MemoryBook
from dunning.adapters.channels.folder import FolderChannel
from dunning.adapters.storage.sql import SqliteStorage
from dunning.core.facts.loan import Attribute
from dunning.errors import NoAnswerError, StorageError
from dunning.plugins.hookspecs import hookimpl
from dunning.testing.builders import NOON, TODAY, a_loan, a_party, a_person, a_point, an_instalment
from dunning.testing.given import an_engine

NAME, PHONE, IDENTITY = "Zyxwyn Quaxolotl", "+8613966677788", "110101199003077734"
ADDRESS, MAIL = "77 Quibbleward Crescent", "zyxwyn.quax@example.com"
VAULT = "dunning_vault"
CANARIES = (NAME, "Quaxolotl", PHONE, "13966677788", IDENTITY, ADDRESS, "Quibbleward", MAIL)
# What a careless gateway, driver or plugin says when it fails: everything that it was given.
CARELESS = f"cannot reach {NAME} at {PHONE}, {ADDRESS}, {MAIL}, id {IDENTITY}"


class Once:
    """Stands before an adapter; the first call of one of its methods raises."""

    def __init__(self, inner, method, error):
        self._inner, self._method, self._error = inner, method, error

    def __getattr__(self, name):
        if name == self._method and self._error is not None:
            error, self._error = self._error, None
            raise error
        return getattr(self._inner, name)


class Plugin:
    """Restricts and follows the journal; fails once at either, with a careless word."""

    def __init__(self, fails=""):
        self._fails = fails

    def _maybe(self, hook):
        if self._fails == hook:
            self._fails = ""
            raise ValueError(CARELESS)

    @hookimpl
    def dunning_holds(self, cases, as_of):
        """Hold nobody."""
        self._maybe("holds")
        return []

    @hookimpl
    def dunning_told(self, records):
        """Listen."""
        self._maybe("told")


class Templates:
    """A library whose first text cannot be found."""

    def __init__(self, inner):
        self._inner, self._failed = inner, False

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def find(self, name, language):
        """Find a text, the second time."""
        if not self._failed:
            self._failed = True
            raise RuntimeError(CARELESS)
        return self._inner.find(name, language)


def late(loan_id, days, **changes):
    first = TODAY - dt.timedelta(days=days)
    instalments = tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(4))
    attributes = (Attribute(name="id_number", value=IDENTITY, effective_on=dt.date(2025, 12, 15)),)
    return a_loan(loan_id, instalments=instalments, parties=(a_party(),), attributes=attributes, **changes)


def canary(name=NAME):
    points = (
        a_point("P-1-m", address=PHONE),
        a_point("P-1-e", kind="email", address=MAIL, zones=(), rank=1),
        a_point("P-1-p", kind="post", address=ADDRESS, zones=(), rank=2),
    )
    return a_person(name=name, points=points, language="en")


LOANS = (late("L-1", 1), late("L-2", 61), late("L-3", 34), late("L-4", -3))
FAULTS = [
    pytest.param("nothing", "", None, id="nothing fails"),
    pytest.param("book", "loans", RuntimeError(CARELESS), id="the book: loans"),
    pytest.param("book", "persons", RuntimeError(CARELESS), id="the book: persons"),
    pytest.param("book", "quote", RuntimeError(CARELESS), id="the book: a quote"),
    pytest.param("storage", "begin", StorageError("The database is locked."), id="the storage"),
    pytest.param("channel", "send", NoAnswerError(CARELESS), id="a channel does not answer"),
    pytest.param("channel", "send", RuntimeError(CARELESS), id="a channel raises"),
    pytest.param("queue", "send", RuntimeError(CARELESS), id="a queue raises"),
    pytest.param("plugin", "holds", None, id="a plugin that restricts"),
    pytest.param("plugin", "told", None, id="a plugin that listens"),
    pytest.param("templates", "", None, id="the texts"),
]


def an_engine_that_fails(tmp_path, what, method, error, *, name=NAME):
    """Return an engine whose adapter *what* fails once."""
    book = MemoryBook(loans=LOANS, persons=[canary(name)], current_through=TODAY)
    folder = FolderChannel(tmp_path / "out")
    parts = {"book": book, "storage": SqliteStorage(tmp_path / "dunning.db"), "channel": folder, "queue": folder}
    if what in parts:
        parts[what] = Once(parts[what], method, error)
    engine = an_engine(
        LOANS,
        [canary(name)],
        storage=parts["storage"] if what != "storage" else parts["storage"]._inner,
        channel=parts["channel"],
        queue=parts["queue"],
        plugins=[Plugin(method if what == "plugin" else "")],
    )
    changed = {"book": parts["book"], "storage": parts["storage"]}
    if what == "templates":
        changed["templates"] = Templates(engine.parts.templates)
    engine.parts = evolve(engine.parts, **changed)
    return engine


def night(engine, seen):
    """Live through a night and the next, and note everything that a host could print or log."""

    def verb(act):
        for _ in range(2):
            try:
                seen.append(repr(act()))
            except Exception as error:  # noqa: BLE001 - whatever the host gets to see
                # What a careless adapter of the host raises by itself is the host's to print; ours is what we add.
                raised = traceback.format_exception(error)
                seen.append("".join(raised).replace(CARELESS, ""))
            else:
                return

    for days in (0, 1):
        now = NOON + dt.timedelta(days=days)
        as_of = TODAY + dt.timedelta(days=days)
        verb(lambda: engine.assess(as_of=as_of, now=now))
        verb(lambda: engine.deliver(now=now))
        verb(lambda: engine.deliver(now=now + dt.timedelta(hours=2)))
        verb(engine.tell)
        verb(lambda: engine.explain("L-2", as_of=as_of, now=now))
        verb(engine.verify)
    seen.extend([repr(engine), repr(engine.parts), repr(LOANS), repr(canary())])


def found_in(text, where):
    return [
        f"{where}: …{text[max(text.find(word) - 60, 0) : text.find(word) + 20]}…" for word in CANARIES if word in text
    ]


def stored(path):
    """Yield table and text of everything in the database but the vault."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert VAULT in names
        for name in names:
            if name != VAULT:
                for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 - our own table's name
                    yield name, " ".join(str(cell) for cell in row)


@pytest.mark.parametrize(("what", "method", "error"), FAULTS)
def test_s8_nothing_personal_gets_out(what, method, error, tmp_path, monkeypatch, caplog, capfd):
    """Logs, output, reports, errors with their traces, reprs, temporary files and every table but the vault."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    caplog.set_level(logging.DEBUG)
    seen = []

    engine = an_engine_that_fails(tmp_path, what, method, error)
    with engine:
        night(engine, seen)

    printed = capfd.readouterr()
    places = [("seen", "\n".join(seen)), ("log", caplog.text), ("stdout", printed.out), ("stderr", printed.err)]
    places += list(stored(tmp_path / "dunning.db"))
    places += [(str(p), p.read_text()) for p in (tmp_path / "temporary").rglob("*") if p.is_file()]
    assert [] == [found for where, text in places for found in found_in(text, where)]
    out = "".join(path.read_text() for path in (tmp_path / "out").rglob("*.txt"))
    assert PHONE in out
    assert NAME in out  # the test would pass as well if nobody had been written to


def test_s8_a_line_break_in_a_field_adds_no_line(tmp_path):
    """Neither a header to a message nor a line to what is logged or printed."""
    name = f"{NAME}\nTo: somebody else\r\nNot-After: never"
    engine = an_engine_that_fails(tmp_path, "nothing", "", None, name=name)
    seen = []
    with engine:
        night(engine, seen)

    texts = [path.read_text() for path in (tmp_path / "out").rglob("*.txt")]
    assert texts
    for text in texts:
        head = text.split("\n\n")[0].splitlines()
        assert 1 == sum(line.startswith("To:") for line in head)
        assert 1 == sum(line.startswith("Not-After:") for line in head)
    assert not [line for text in seen for line in text.splitlines() if line.startswith(("To:", "Not-After:"))]
