"""Promises about the contact ledger that caps count."""

from __future__ import annotations

import datetime as dt

from dunning.adapters.interfaces.storage import Storage
from dunning.core.contact.ledger import ContactRecord
from dunning.core.journal.effects import ContactLogged
from dunning.testing.builders import LENDER, NOON, a_contact, a_draft
from dunning.testing.storage.shared import MINUTE, Promises, append

_LONG_AGO = NOON - dt.timedelta(days=365)


def log(storage: Storage, *contacts: ContactRecord) -> None:
    """Append a record whose effects log *contacts*."""
    with storage.begin(LENDER) as unit:
        append(unit, a_draft(effects=tuple(ContactLogged(contact=contact) for contact in contacts)))


def ids(storage: Storage, *keys: str, since: dt.datetime = _LONG_AGO) -> list[str]:
    """Return the ids of the lines under *keys*."""
    with storage.begin(LENDER, read_only=True) as unit:
        return [contact.id for contact in unit.history(keys, since=since)]


class LedgerPromises(Promises):
    """S38 to S40."""

    def test_s38_history_is_found_under_every_key(self, storage: Storage) -> None:
        """Person, debt, point, household, device; each line once; from `since` inclusive; by instant, then id."""
        log(
            storage,
            a_contact("C-3", at=NOON + MINUTE, household="H-1", device="D-1"),
            a_contact("C-2"),
            a_contact("C-1", loan_ids=("L-1", "L-2")),
            a_contact("C-0", person_id="P-2", loan_ids=("L-2",), point_id=""),
        )

        assert ids(storage, "person:P-1", "debt:L-1", "point:P-1-mobile") == ["C-1", "C-2", "C-3"]
        assert ids(storage, "debt:L-2") == ["C-0", "C-1"]
        assert ids(storage, "household:H-1") == ids(storage, "device:D-1") == ["C-3"]
        assert ids(storage, "person:P-1", since=NOON + MINUTE) == ["C-3"]
        assert ids(storage, "person:P-1", since=NOON + MINUTE + dt.timedelta(microseconds=1)) == []
        assert ids(storage, "person:P-3") == ids(storage) == []

    def test_s39_a_correction_replaces_its_line(self, storage: Storage) -> None:
        """The line recorded last under an id is the only one, under its own keys and at its own instant."""
        log(storage, a_contact("C-1", reserved=True))
        corrected = a_contact(
            "C-1",
            person_id="P-2",
            point_id="P-2-mobile",
            at=NOON - MINUTE,
            outcome="conversation",
            recorded_at=NOON + MINUTE,
        )
        log(storage, corrected)

        assert ids(storage, "person:P-1", "point:P-1-mobile") == []
        assert ids(storage, "debt:L-1", since=NOON) == []
        with storage.begin(LENDER, read_only=True) as unit:
            assert unit.history(["person:P-2", "debt:L-1"], since=_LONG_AGO) == [corrected]

    def test_s40_an_older_line_does_not_undo_a_correction(self, storage: Storage) -> None:
        """It may arrive late, or in the same record; of two recorded at one instant, the one entered last holds."""
        newest = a_contact("C-1", wrong_number=True, recorded_at=NOON + MINUTE)
        log(storage, newest, a_contact("C-1"))
        log(storage, a_contact("C-1", outcome="connected"))
        with storage.begin(LENDER, read_only=True) as unit:
            assert unit.history(["person:P-1"], since=_LONG_AGO) == [newest]

        twin = a_contact("C-1", outcome="connected", recorded_at=NOON + MINUTE)
        log(storage, twin)
        with storage.begin(LENDER, read_only=True) as unit:
            assert unit.history(["person:P-1"], since=_LONG_AGO) == [twin]
