"""A kit is worth what it refuses: for every method of a storage, one that breaks it, and the promise that notices."""

import inspect
from contextlib import contextmanager

import pytest
from attrs import evolve

from dunning.adapters.interfaces.storage import Storage, Unit, Vault
from dunning.adapters.storage.memory import MemoryStorage
from dunning.core.journal.chain import End
from dunning.core.outbox.move import moved
from dunning.core.outbox.transitions import State
from dunning.errors import StaleStateError
from dunning.testing.storage import StorageConformance


class Around:
    """Something whose methods are its *inner*'s, but for those that it has itself."""

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)


class UnitAround(Around):
    vault_around = Around

    def __init__(self, inner):
        super().__init__(inner)
        self.vault = self.vault_around(inner.vault)


def breaking(unit_around):
    """Return a storage that is right, but for its units."""

    class Broken(Around):
        @contextmanager
        def begin(self, lender, *, read_only=False):
            with self.inner.begin(lender, read_only=read_only) as unit:
                yield unit_around(unit)

        @contextmanager
        def join(self, handle, lender):
            with self.inner.join(handle, lender) as unit:
                yield unit_around(unit)

    return Broken


def breaking_vault(vault):
    return breaking(type("UnitWithVault", (UnitAround,), {"vault_around": vault}))


# --- Storage


class CommitsWhatRaised(Around):
    @contextmanager
    def begin(self, lender, *, read_only=False):
        raised = []
        with self.inner.begin(lender, read_only=read_only) as unit:
            try:
                yield unit
            except Exception as error:  # noqa: BLE001 - it swallows, which is its fault
                raised.append(error)
        if raised:
            raise raised[0]


class ReadsAndWrites(Around):
    @contextmanager
    def begin(self, lender, *, read_only=False):
        with self.inner.begin(lender) as unit:
            yield unit


class CommitsForTheHost(Around):
    @contextmanager
    def join(self, handle, lender):
        with self.inner.begin(lender) as unit:
            yield unit


class LeavesHalfOfAJoinedUnit(Around):
    @contextmanager
    def join(self, handle, lender):
        raised = []
        with self.inner.join(handle, lender) as unit:
            try:
                yield unit
            except Exception as error:  # noqa: BLE001 - it swallows, which is its fault
                raised.append(error)
        if raised:
            raise raised[0]


class PreparesByEmptying(Around):
    def prepare(self):
        self.inner = MemoryStorage()


class ClosesForGood(Around):
    def close(self):
        self.inner = None


# --- Unit


class LocksNothing(UnitAround):
    def lock(self, keys):
        pass


class ForgetsWhatNoSnapshotCovers(UnitAround):
    def cases(self, streams):
        return {
            stream: evolve(case, case=evolve(case.case, worked_by=""))
            for stream, case in self.inner.cases(streams).items()
        }


class LetsEverybodySleep(UnitAround):
    def asleep(self, loan_ids, *, on):
        return frozenset(loan_ids)


class IgnoresWhatWasRead(UnitAround):
    def append(self, drafts, *, expected, snapshots=(), recorded_at):
        now = {stream: case.seq for stream, case in self.inner.cases(expected).items()}
        return self.inner.append(drafts, expected=now, snapshots=snapshots, recorded_at=recorded_at)


class ReadsFromTheStart(UnitAround):
    def read(self, stream, *, after=0):
        return self.inner.read(stream)


class ShuffledHeads(UnitAround):
    def heads(self):
        return reversed(list(self.inner.heads()))


class HidesTheLastLine(UnitAround):
    def lines(self):
        return iter(list(self.inner.lines())[:-1])


class KnowsNoEnd(UnitAround):
    def end(self):
        return End()


class GivesTooMuch(UnitAround):
    def since(self, position, *, limit):
        return self.inner.since(position, limit=limit + 1)


class OneCursorForAll(UnitAround):
    def cursor(self, plugin):
        return self.inner.cursor("teller")


class NeverAdvances(UnitAround):
    def advance(self, plugin, position):
        pass


class ForgetsCorrections(UnitAround):
    def history(self, keys, *, since):
        return [contact for contact in self.inner.history(keys, since=since) if contact.outcome == "attempted"]


class EnqueuesQuietly(UnitAround):
    """A known key with other content is taken for a rerun."""

    def enqueue(self, entries):
        known = {entry.key for entry in self.inner.entries(keys=[entry.key for entry in entries])}
        fresh = {entry.key: entry for entry in entries if entry.key not in known}
        return self.inner.enqueue(list(fresh.values()))


class FindsByLoanOnly(UnitAround):
    def entries(self, *, loan_ids=(), keys=(), states=()):
        return self.inner.entries(loan_ids=loan_ids, states=states)


class IgnoresLeases(UnitAround):
    def claim(self, *, now, limit, lease, worker):
        return self.inner.claim(now=now, limit=limit, lease=lease * 0, worker=worker)


class SendsTheLostAgain(UnitAround):
    def claim(self, *, now, limit, lease, worker):
        claims = self.inner.claim(now=now, limit=limit, lease=lease, worker=worker)
        return [evolve(claim, entry=evolve(claim.entry, state=State.CLAIMED)) for claim in claims]


class IgnoresTokens(UnitAround):
    def settle(self, key, move, *, token, now, **said):
        for guess in (token, None, 1, 2, 3):
            try:
                return self.inner.settle(key, move, token=guess, now=now, **said)
            except StaleStateError:
                continue
        raise AssertionError("nobody holds it")


class SettlesInWordsOnly(UnitAround):
    def settle(self, key, move, *, token, now, **said):
        return moved(self.inner.entries(keys=[key])[0], move, now=now, **said)


class ClaimsWhateverIsDue(UnitAround):
    def claim(self, *, keys=(), **how):
        return self.inner.claim(**how)


# --- Vault


class KeepsInPlainSight(Around):
    def keep(self, owner, value):
        self.inner.keep(owner, value)
        return self.inner.keep("everybody", value)


class LooksAway(Around):
    def look(self, digest):
        try:
            return self.inner.look(digest)
        except KeyError:
            return None


class NeverForgets(Around):
    def forget(self, owner):
        return 2


FAKES = [
    pytest.param("begin", CommitsWhatRaised, "test_s2", id="begin: commits a unit that raised"),
    pytest.param("begin", ReadsAndWrites, "test_s5", id="begin: read-only units write"),
    pytest.param("join", CommitsForTheHost, "test_s9", id="join: commits for the host"),
    pytest.param("join", LeavesHalfOfAJoinedUnit, "test_s10", id="join: leaves half of a unit that raised"),
    pytest.param("prepare", PreparesByEmptying, "test_s14", id="prepare: empties"),
    pytest.param("close", ClosesForGood, "test_s14", id="close: cannot be repeated"),
    pytest.param("lock", breaking(LocksNothing), "test_s12", id="lock: locks nothing"),
    pytest.param("lock", breaking(LocksNothing), "test_s5", id="lock: works in a read-only unit"),
    pytest.param("cases", breaking(ForgetsWhatNoSnapshotCovers), "test_s22", id="cases: does not fold"),
    pytest.param("asleep", breaking(LetsEverybodySleep), "test_s44", id="asleep: lets everybody sleep"),
    pytest.param("append", breaking(IgnoresWhatWasRead), "test_s16", id="append: ignores expected"),
    pytest.param("read", breaking(ReadsFromTheStart), "test_s19", id="read: ignores after"),
    pytest.param("heads", breaking(ShuffledHeads), "test_s21", id="heads: not sorted"),
    pytest.param("lines", breaking(HidesTheLastLine), "test_s21", id="lines: hides the last"),
    pytest.param("end", breaking(KnowsNoEnd), "test_s21", id="end: knows none"),
    pytest.param("since", breaking(GivesTooMuch), "test_s20", id="since: ignores limit"),
    pytest.param("cursor", breaking(OneCursorForAll), "test_s24", id="cursor: one for all plugins"),
    pytest.param("advance", breaking(NeverAdvances), "test_s24", id="advance: does not"),
    pytest.param("history", breaking(ForgetsCorrections), "test_s39", id="history: forgets corrections"),
    pytest.param("enqueue", breaking(EnqueuesQuietly), "test_s26", id="enqueue: ignores other content"),
    pytest.param("entries", breaking(FindsByLoanOnly), "test_s30", id="entries: ignores keys"),
    pytest.param("claim", breaking(IgnoresLeases), "test_s32", id="claim: ignores leases"),
    pytest.param("claim", breaking(IgnoresLeases), "test_s34", id="claim: gives one entry to two workers"),
    pytest.param("claim", breaking(SendsTheLostAgain), "test_s33", id="claim: takes a lost send for a fresh entry"),
    pytest.param("claim", breaking(ClaimsWhateverIsDue), "test_s45", id="claim: takes others than were named"),
    pytest.param("settle", breaking(IgnoresTokens), "test_s36", id="settle: ignores tokens"),
    pytest.param("settle", breaking(SettlesInWordsOnly), "test_s35", id="settle: stores nothing"),
    pytest.param("keep", breaking_vault(KeepsInPlainSight), "test_s42", id="keep: one key for all owners"),
    pytest.param("look", breaking_vault(LooksAway), "test_s41", id="look: makes no difference between erased and unknown"),
    pytest.param("forget", breaking_vault(NeverForgets), "test_s43", id="forget: keeps everything"),
]  # fmt: skip


def promise(prefix):
    """Return the name of the kit's test with this number."""
    (name,) = [name for name in dir(StorageConformance) if name.startswith(f"{prefix}_")]
    return name


def broken_by(storage, name):
    """Return whether *storage* breaks the promise called *name*, in any of its cases."""
    test = getattr(StorageConformance(), name)
    rows = [mark.args for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    cases = [{argument: value} for argument, values in rows for value in values] or [{}]
    for case in cases:
        fresh = storage()
        given = {"storage": fresh, **case}
        if "handle" in inspect.signature(test).parameters:
            given["handle"] = fresh.open()
        try:
            test(**given)
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 - however it shows
            return True
    return False


@pytest.mark.parametrize(("method", "broken", "number"), FAKES)
def test_each_fake_breaks_its_promise_and_nothing_else_does(method, broken, number):
    name = promise(number)

    assert broken_by(lambda: broken(MemoryStorage(patience=0.5)), name)
    assert not broken_by(MemoryStorage, name)


def test_every_method_has_a_fake():
    methods = {
        name
        for protocol in (Storage, Unit, Vault)
        for name in vars(protocol)
        if not name.startswith("_") and callable(getattr(protocol, name))
    }

    assert methods == {row.values[0] for row in FAKES}


def test_a_kit_without_fixtures_says_what_it_needs():
    """An adopter who forgets a fixture gets an error, never a pass."""
    for fixture in ("storage", "handle"):
        function = inspect.unwrap(getattr(StorageConformance, fixture))
        with pytest.raises(NotImplementedError):
            getattr(function, "__wrapped__", function)(*[None] * len(inspect.signature(function).parameters))
