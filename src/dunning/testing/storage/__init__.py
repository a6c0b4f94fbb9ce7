"""
What dunning relies on from any storage, as numbered promises; the numbers are those of `docs/reference/storage.md`.

    class TestMyStorage(StorageConformance):
        @pytest.fixture
        def storage(self, tmp_path):
            return MyStorage(tmp_path)       # empty, and prepared

        @pytest.fixture
        def handle(self, storage):
            return my_open_transaction()     # a host's, with `commit` and `rollback`
"""

from __future__ import annotations

from dunning.testing.storage.journal import JournalPromises
from dunning.testing.storage.ledger import LedgerPromises
from dunning.testing.storage.outbox import OutboxPromises
from dunning.testing.storage.units import UnitPromises
from dunning.testing.storage.vault import VaultPromises

__all__ = ["StorageConformance"]


class StorageConformance(UnitPromises, JournalPromises, OutboxPromises, LedgerPromises, VaultPromises):
    """Subclass it, give the fixtures `storage` and `handle`, and pytest checks every promise."""
