"""Which money meets which obligation first: the words of an allocation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.event import COMPONENTS, MEETS, EventKind
from dunning.errors import FactsError

# Inside one instalment money meets interest before principal, then fees, then penalties. The order moves no day of
# lateness; it only splits the arrears by component.
COMPONENT_ORDER = ("interest", "principal", "fees", "penalties")


def _components(instance: object, attribute: object, value: Sequence[str]) -> None:
    if sorted(value) != sorted(COMPONENTS):
        raise FactsError(
            f"components must name each of {', '.join(COMPONENTS)} once, in the order in which money meets them, "
            f"not {', '.join(map(str, value)) or 'none'}.",
            field="components",
        )


@frozen(kw_only=True)
class Order:
    """
    In which order money meets what is past due.

    Args:
        by: `instalment`: the oldest instalment first, its components in order, then charges. `component`: the first
            component of every instalment, then of every charge, then the second component, …
        components: The order of components.
    """

    by: str = field(default="instalment", validator=values.one_of("instalment", "component"))
    components: tuple[str, ...] = field(default=COMPONENT_ORDER, validator=_components)


@frozen(kw_only=True)
class Switch:
    """From `from_days` days past due on (at the start of the day on which the money came), `order` holds."""

    from_days: int = field(validator=values.at_least(1))
    order: Order


@frozen(kw_only=True)
class ForKind:
    """Money of the event kind `kind` follows `order`, however late the loan is."""

    kind: EventKind = field(converter=EventKind)
    order: Order

    def __attrs_post_init__(self) -> None:
        if self.kind not in MEETS:
            raise FactsError(f"Money of the kind {self.kind} meets no obligation, so it has no order.", field="kind")


@frozen(kw_only=True)
class Allocation:
    """
    Which money meets which obligation.

    Whatever is past due is met before what is not. What is left then meets the future as `ahead` says.

    Args:
        order: In which order money meets what is past due.
        money: `pooled`: only the sum counts, as if all of it came on the day that is asked about, so that a payment
            is never tied up in a fee while an instalment is late. `in_turn`: each payment meets what was open when it
            came, and stays there; what it left over meets what falls due later, in turn.
        ahead: What money does that nothing past due needs: meet the `next` instalments, the `last` ones, all those to
            come in `equal` parts (to the minor unit, earlier ones take the odd units), or be `held` as a credit until
            something falls due.
        shortfalls: What is missing of an instalment that counts as met (see the convention's tolerance) is met `first`,
            as anything past due, or `last`, after every instalment past due counts as met: then who always pays nine
            tenths is never late, though the tenths stay owed.
        switches: Other orders for loans further behind, by ascending days; only for money that comes in turn.
        kinds: Other orders for kinds of money; only for money that comes in turn.

    Raises:
        FactsError: Switches or kinds for pooled money, not ascending, or twice.
    """

    order: Order = field(factory=Order)
    money: str = field(default="pooled", validator=values.one_of("pooled", "in_turn"))
    ahead: str = field(default="next", validator=values.one_of("next", "last", "equal", "held"))
    shortfalls: str = field(default="first", validator=values.one_of("first", "last"))
    switches: tuple[Switch, ...] = field(default=(), validator=values.tuple_of(Switch))
    kinds: tuple[ForKind, ...] = field(default=(), validator=values.tuple_of(ForKind))

    def __attrs_post_init__(self) -> None:
        if self.money == "pooled" and (self.switches or self.kinds):
            raise FactsError(
                "switches and kinds look at each payment, and pooled money has none. Say money = 'in_turn', or leave "
                "them out.",
                field="money",
            )
        if any(one.from_days >= other.from_days for one, other in pairwise(self.switches)):
            raise FactsError("switches must ascend in from_days.", field="switches")
        if len({each.kind for each in self.kinds}) < len(self.kinds):
            raise FactsError("kinds must name each kind once.", field="kinds")

    @property
    def due_day_counts(self) -> bool:
        """Whether money meets an instalment on its due day that it would leave alone the day before."""
        return self.ahead != "next" or self.shortfalls == "last"

    def order_for(self, kind: EventKind, days_past_due: int) -> Order:
        """Return the order for money of *kind* that comes when the loan is *days_past_due* behind."""
        for each in self.kinds:
            if each.kind is kind:
                return each.order
        held = self.order
        for switch in self.switches:
            if days_past_due >= switch.from_days:
                held = switch.order
        return held
