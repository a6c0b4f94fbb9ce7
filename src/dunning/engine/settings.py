"""The settings of a folder: `dunning.toml`, read strictly; every problem at once, each with file, table and key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from dunning.adapters.calendars.stated import read_calendars, stated_calendar
from dunning.adapters.codec.documents import read_toml
from dunning.adapters.codec.nearest import nearest
from dunning.adapters.results.form import CODES, COLUMNS, Form
from dunning.adapters.templates.variables import VARIABLES
from dunning.core import values
from dunning.core.calendar import Calendar
from dunning.errors import Problem, SettingsError, StructureError

FILE = "dunning.toml"

Option = str | int | bool
Options = Mapping[str, Option]


@frozen(kw_only=True)
class Chosen:
    """An adapter by its registered name, and what it is told."""

    adapter: str
    options: Options = field(factory=dict)


@frozen(kw_only=True)
class Settings:
    """
    What `dunning.toml` in *folder* says.

    Args:
        folder: Relative paths in the settings start here.
        policies: Policy files, side by side; each loan's attributes decide on exactly one.
        channels: Options by channel adapter. Which adapter carries which kind of channel and which work queue is the
            policy's choice.
        sender: What texts say of the lender, by language and variable.
        calendars: Holiday calendars that the lender states, here and in the files that `calendar_files` names.
        calendar_files: TOML files with calendars.
        results: How a dialler writes what came of its rows.
        discover: Whether installed plugins take part.
        disabled: Plugins that do not, by the names that `dunning plugins` prints.
        as_of, now: A clock that stands still, for examples and for trying out; None is the real one.
        zone: Whose date is the business date when neither the clock here nor the operator states one.
    """

    folder: Path
    lender: str
    book: Chosen
    storage: Chosen
    policies: tuple[str, ...]
    channels: Mapping[str, Options] = field(factory=dict)
    sender: Mapping[str, Mapping[str, str]] = field(factory=dict)
    calendars: tuple[Calendar, ...] = ()
    calendar_files: tuple[str, ...] = ()
    results: Form = field(factory=Form)
    discover: bool = True
    disabled: tuple[str, ...] = ()
    as_of: dt.date | None = None
    now: dt.datetime | None = None
    zone: str = "UTC"


def read_settings(folder: Path) -> Settings:
    """
    Return the settings of *folder*.

    Raises:
        SettingsError: There is no such file, or something in it cannot be used.
    """
    if not (folder / FILE).is_file():
        advice = "Run `dunning init FOLDER` to make one, or name the folder with -C."
        raise SettingsError([Problem(where=str(folder / FILE), what="there is no such file.", advice=advice)])
    try:
        reader = _Reader(tables=read_toml(folder / FILE))
    except StructureError as error:
        raise SettingsError(error.problems) from error
    settings = _settings(folder, reader)
    reader.leftovers("", reader.tables, _TOP)
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


_TOP = (
    *("lender", "policies", "book", "storage", "channels", "sender", "calendars", "calendar_files", "results"),
    *("plugins", "clock"),
)


def _settings(folder: Path, reader: _Reader) -> Settings:
    plugins, clock = reader.table("plugins"), reader.table("clock")
    reader.leftovers("plugins", plugins, ("discover", "disabled"))
    reader.leftovers("clock", clock, ("as_of", "now", "zone"))
    files = reader.texts("", reader.tables, "calendar_files", default=())
    return Settings(
        folder=folder,
        lender=reader.text("", reader.tables, "lender", default=None),
        policies=reader.texts("", reader.tables, "policies", default=None),
        book=_chosen(reader, "book", default=None),
        storage=_chosen(reader, "storage", default="sqlite"),
        channels={name: reader.options(f"channels.{name}", table) for name, table in reader.tables_in("channels")},
        sender={name: _sender(reader, f"sender.{name}", table) for name, table in reader.tables_in("sender")},
        calendars=tuple(_calendars(folder, files, reader)),
        calendar_files=files,
        results=_form(reader),
        discover=reader.flag("plugins", plugins, "discover", default=True),
        disabled=reader.texts("plugins", plugins, "disabled", default=()),
        as_of=reader.day("clock", clock, "as_of"),
        now=reader.instant("clock", clock, "now"),
        zone=reader.zone("clock", clock, "zone", default="UTC"),
    )


def _chosen(reader: _Reader, name: str, *, default: str | None) -> Chosen:
    table = reader.table(name)
    if not table and name not in reader.tables and default is None:
        reader.wrong("", name, "this table is missing.", f'Write [{name}] with adapter = "…".')
        return Chosen(adapter="")
    adapter = reader.text(name, table, "adapter", default=default)
    options = {key: value for key, value in table.items() if key != "adapter"}
    return Chosen(adapter=adapter, options=reader.options(name, options))


def _sender(reader: _Reader, path: str, table: Mapping[str, Any]) -> Mapping[str, str]:
    reader.leftovers(path, table, tuple(VARIABLES), what="no text uses this name")
    return {key: reader.text(path, table, key, default="") for key in table if key in VARIABLES}


def _calendars(folder: Path, files: tuple[str, ...], reader: _Reader) -> list[Calendar]:
    found = []
    for name, table in reader.tables_in("calendars"):
        try:
            found.append(stated_calendar(name, table, FILE))
        except StructureError as error:
            reader.problems.extend(error.problems)
    for file in files:
        if not (folder / file).is_file():
            reader.wrong("", "calendar_files", f"there is no file {file!r}.", "Correct the name, or make the file.")
            continue
        try:
            found += read_calendars(folder / file)
        except StructureError as error:
            reader.problems.extend(error.problems)
    return found


def _form(reader: _Reader) -> Form:
    table = reader.table("results")
    reader.leftovers("results", table, ("time_format", "date_format", "zone", "codes", "columns"))
    inside = {name: table.get(name, {}) for name in ("codes", "columns")}
    for name, known in (("codes", tuple(CODES)), ("columns", COLUMNS)):
        if not isinstance(inside[name], Mapping):
            reader.wrong("results", name, f"expected a table, got {inside[name]!r}.", f"Write [results.{name}].")
            inside[name] = {}
        for key, value in inside[name].items():
            word, what = (value, "value") if name == "codes" else (key, "name")
            if not isinstance(value, str) or word not in known:
                known_words = ", ".join(known)
                reader.wrong(f"results.{name}", key, f"{word!r} is no {what} that we know.", f"Known: {known_words}.")
    texts = {key: reader.text("results", table, key, default="") for key in ("time_format", "date_format")}
    zone = reader.zone("results", table, "zone", default="")
    wanted = texts["time_format"]
    if wanted and "%z" not in wanted and not zone:
        reader.wrong("results", "zone", "it is missing: time_format has no %z.", "State whose wall clock it is.")
    return Form(codes=dict(inside["codes"]), columns=dict(inside["columns"]), zone=zone, **texts)


_LISTED = 12  # names that help in a message; more only hide it


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date | dt.time) else repr(value)


@define
class _Reader:
    """Takes values out of tables; what is wrong is collected, and a harmless value takes its place."""

    tables: Mapping[str, Any]
    problems: list[Problem] = field(factory=list)

    def wrong(self, table: str, key: str, what: str, advice: str = "") -> None:
        """Note a problem."""
        self.problems.append(Problem(where=f"{FILE}, {table}" if table else FILE, field=key, what=what, advice=advice))

    def table(self, name: str) -> Mapping[str, Any]:
        """Return the table *name*; an empty one if it is not there."""
        found = self.tables.get(name, {})
        if isinstance(found, Mapping):
            return found
        self.wrong("", name, f"expected a table, got {found!r}.", f"Write [{name}].")
        return {}

    def tables_in(self, name: str) -> list[tuple[str, Mapping[str, Any]]]:
        """Return the tables inside table *name*, by their names."""
        inside = []
        for key, member in self.table(name).items():
            if isinstance(member, Mapping):
                inside.append((key, member))
            else:
                self.wrong(name, key, f"expected a table, got {member!r}.", f"Write [{name}.…] above this line.")
        return inside

    def leftovers(
        self, path: str, table: Mapping[str, Any], known: tuple[str, ...], *, what: str = "there is no such setting"
    ) -> None:
        """Note every key that nobody reads."""
        for key in table:
            if key not in known:
                listed = "Correct it." if len(known) > _LISTED else f"Known: {', '.join(known)}."
                self.wrong(path, key, f"{what}.{nearest(key, known)}", listed)

    def text(self, path: str, table: Mapping[str, Any], key: str, *, default: str | None) -> str:
        """Return a text that is not empty; *default* None means that it must be stated."""
        found = table.get(key, default)
        if isinstance(found, str) and (found.strip() or key not in table):
            return found
        self._missing_or_wrong(path, table, key, 'a text in quotes, such as "example"')
        return ""

    def texts(
        self, path: str, table: Mapping[str, Any], key: str, *, default: tuple[str, ...] | None
    ) -> tuple[str, ...]:
        """Return a list of texts; *default* None means that at least one must be stated."""
        found = table.get(key, list(default) if default is not None else None)
        good = isinstance(found, list) and all(isinstance(text, str) and text.strip() for text in found)
        if found is not None and good and (found or default is not None):
            return tuple(dict.fromkeys(found))
        self._missing_or_wrong(path, table, key, 'a list of texts, such as ["example"]')
        return ()

    def flag(self, path: str, table: Mapping[str, Any], key: str, *, default: bool) -> bool:
        """Return true or false."""
        found = table.get(key, default)
        if isinstance(found, bool):
            return found
        self._missing_or_wrong(path, table, key, "true or false")
        return default

    def day(self, path: str, table: Mapping[str, Any], key: str) -> dt.date | None:
        """Return a date, if there is one."""
        found = table.get(key)
        if found is None or (isinstance(found, dt.date) and not isinstance(found, dt.datetime)):
            return found
        self._missing_or_wrong(path, table, key, "a date without quotes, such as 2026-03-18")
        return None

    def instant(self, path: str, table: Mapping[str, Any], key: str) -> dt.datetime | None:
        """Return an instant with its offset, if there is one."""
        found = table.get(key)
        if found is None or (isinstance(found, dt.datetime) and found.utcoffset() is not None):
            return found
        self._missing_or_wrong(path, table, key, "an instant with its offset, such as 2026-03-18T09:30:00Z")
        return None

    def zone(self, path: str, table: Mapping[str, Any], key: str, *, default: str) -> str:
        """Return the name of a time zone."""
        found = self.text(path, table, key, default=default)
        if found and not values.known_zone(found):
            self.wrong(path, key, f"the tz database knows no zone {found!r}.", "Name one such as Asia/Shanghai.")
        return found

    def options(self, path: str, table: Mapping[str, Any]) -> Options:
        """Return the options of an adapter: flat, each a text, a whole number, or true or false."""
        taken = {}
        for key, value in table.items():
            if isinstance(value, str | int):
                taken[key] = value
            elif isinstance(value, dt.date):
                taken[key] = value.isoformat()  # a date without quotes means the same as one with
            else:
                expected = "an option is a text, a whole number, true or false, or a date"
                self.wrong(path, key, f"{expected}; got {value!r}.", "Correct it.")
        return taken

    def _missing_or_wrong(self, path: str, table: Mapping[str, Any], key: str, expected: str) -> None:
        if key in table:
            self.wrong(path, key, f"expected {expected}, got {_shown(table[key])}.", "Correct it.")
        else:
            self.wrong(path, key, "it is missing.", f"State {expected}.")
