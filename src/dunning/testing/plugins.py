"""
For whoever writes a plugin: the kit of promises H1 to H4, and the hostile plugins for whoever runs them.

```python
class TestMyPlugin(PluginConformance):
    @pytest.fixture
    def plugin(self):
        return my_plugin
```

The numbers are those of `docs/reference/hooks.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest

from dunning.core.hold import Hold
from dunning.core.journal.record import Record
from dunning.core.ladder.case import Case
from dunning.plugins.catalogue import KINDS
from dunning.plugins.hooks import Hooks, build_hooks
from dunning.testing.builders import NOON, TODAY, a_draft
from dunning.testing.hostile import HOSTILE, Hostile

__all__ = ["HOSTILE", "Hostile", "PluginConformance", "some_records"]


def some_records(count: int = 3) -> tuple[Record, ...]:
    """Return *count* records as a plugin is told of them, positions from 1."""
    zeros = "0" * 64
    return tuple(
        Record(draft=a_draft(), seq=number, position=number, recorded_at=NOON, previous=zeros, hash=zeros)
        for number in range(1, count + 1)
    )


class PluginConformance:
    """What dunning relies on from any plugin: promises H1 to H4 of `docs/reference/hooks.md`."""

    @pytest.fixture
    def plugin(self) -> object:
        """Return the plugin: a module, or an instance."""
        raise NotImplementedError("Provide a fixture `plugin`: your module, or an instance of your class.")

    @pytest.fixture
    def cases(self) -> Sequence[Case]:
        """Return a batch of cases; override with ids that the plugin knows something about."""
        return tuple(Case(id=f"L-{number}", tier="soft", episode=1) for number in range(1, 6))

    @pytest.fixture
    def hooks(self, plugin: object) -> Iterator[Hooks]:
        """Return an engine's hooks with the plugin alone beside the built-in ones."""
        built = build_hooks([plugin])
        yield built
        built.close()

    def test_h1_an_engine_can_be_built_with_it_again_and_again(self, plugin: object, hooks: Hooks) -> None:
        """Hooks are spelt right, the API number is accepted, and a second engine gets what the first one got."""
        again = build_hooks([plugin])
        for kind in sorted(set(KINDS.values())):
            assert again.catalogue.names(kind) == hooks.catalogue.names(kind), f"another {kind} the second time"
        (found,) = (taken for taken in hooks.found if taken.origin == "given")
        assert found.hooks, "it takes part in nothing"

    def test_h2_its_holds_are_about_what_it_was_asked(self, hooks: Hooks, cases: Sequence[Case]) -> None:
        """It answers with holds on the batch, or with none, and never fails."""
        _holds(hooks, cases)

    def test_h3_its_holds_depend_on_the_loan_alone(self, hooks: Hooks, cases: Sequence[Case]) -> None:
        """The same batch, another order or another split of it: the same holds."""
        whole = set(_holds(hooks, cases))

        assert set(_holds(hooks, cases)) == whole, "asked twice, it answered differently"
        assert set(_holds(hooks, tuple(reversed(cases)))) == whole, "the order of the cases made a difference"
        split = {hold for case in cases for hold in _holds(hooks, (case,))}
        assert split == whole, "asked about one case at a time, it answered differently"

    def test_h4_it_can_be_told_twice(self, hooks: Hooks) -> None:
        """Records come at least once: in order, and after a crash again."""
        records = some_records()
        assert all(earlier.position < later.position for earlier, later in pairwise(records))
        for name in hooks.dispatcher.listeners:
            for batch in (records, records, records[-1:]):
                failure = hooks.dispatcher.tell(name, batch)
                assert failure is None, str(failure)


def _holds(hooks: Hooks, cases: Sequence[Case]) -> tuple[Hold, ...]:
    holds, failures = hooks.dispatcher.holds(cases, TODAY)
    assert not failures, "; ".join(str(failure) for failure in failures)
    return holds
