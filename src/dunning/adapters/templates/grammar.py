"""
The part of Jinja2 that a template may use, and the only module that imports Jinja2.

Jinja2's sandbox stops attribute attacks, but not a template that eats all memory (`'a' * 10**9`). So a template is
parsed and every node of its tree must be one of these, or it is refused before anything is compiled:

- text, comments, `{% raw %}`;
- `{{ name }}`, `{{ name|money }}`, `{{ name|date }}`, `{{ name|days }}` with a documented name of the right kind;
- `{% if %}`, `{% elif %}`, `{% else %}` over names, `and`, `or`, `not` and a comparison of a name with a constant.

There is no loop, call, attribute, index, arithmetic, concatenation, assignment, test, macro, block or import. What is
compiled is the tree that was checked; it runs in the immutable sandbox with no globals and three filters, and its
output is counted while it is made. Values are data: braces in a value are printed as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jinja2
from attrs import frozen
from jinja2 import nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dunning.adapters.templates import formats
from dunning.adapters.templates.variables import variable

SOURCE_LIMIT = 20_000
OUTPUT_LIMIT = 20_000
_DEPTH_LIMIT = 12
_FILTER_OF_KIND = {"money": "money", "date": "date", "number": "days"}
_EQUALITY = ("eq", "ne")
_ORDER = ("lt", "lteq", "gt", "gteq")
_Given = tuple[frozenset[str], frozenset[str]]
_ADVICE = "A template may print documented variables and choose between texts with if; nothing else."


@frozen
class Fault:
    """A construct that a template may not use; *line* counts from 1 inside the text."""

    line: int
    what: str
    advice: str = _ADVICE


@frozen
class Reading:
    """What a text was found to contain. It may be rendered only when there are no `faults`."""

    faults: tuple[Fault, ...]
    uses: frozenset[str]
    needs: frozenset[str]


class TooLongError(Exception):
    """The output passed `OUTPUT_LIMIT`."""


class _Missing(jinja2.StrictUndefined):
    """A documented variable without a value: false in an `if`, an error anywhere else."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]  # the base class always raises
        return False


@lru_cache(maxsize=1024)
def read(source: str) -> Reading:
    """Parse *source* and check every node of it, without compiling or running anything."""
    tree, fault = _parse(source)
    if fault is not None:
        return Reading((fault,), frozenset(), frozenset())
    reader = _Reader()
    reader.statements(tree.body, guarded=frozenset(), depth=0)
    needs = reader.needs | ({"currency"} if reader.needs_currency else set())
    uses = reader.uses | ({"currency"} if reader.uses_currency else set())
    return Reading(tuple(dict.fromkeys(reader.faults)), frozenset(uses), frozenset(needs))


def fill(source: str, given: Mapping[str, object], language: str) -> str:
    """
    Render a *source* that `read` found without faults; a name not in *given* is false in an `if`.

    Raises:
        ValueError: the source has faults, a value is missing, or an amount is no amount.
        TooLongError: the output passes `OUTPUT_LIMIT` characters.
    """
    if read(source).faults:
        raise ValueError("a template with faults is never rendered")
    pieces: list[str] = []
    size = 0
    try:
        for piece in _compiled(source).generate({**given, "language": language}):
            size += len(piece)
            if size > OUTPUT_LIMIT:
                raise TooLongError
            pieces.append(piece)
    except jinja2.UndefinedError as error:
        raise ValueError(f"a value is missing: {error.message}") from None
    return "".join(pieces)


@lru_cache(maxsize=1024)
def _compiled(source: str) -> jinja2.Template:
    tree, _ = _parse(source)
    return _environment().from_string(tree)


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=_Missing, autoescape=False, cache_size=0)
    environment.globals.clear()
    environment.tests.clear()
    environment.filters.clear()
    environment.filters.update(money=_money, date=_date, days=_days)
    return environment


def _parse(source: str) -> tuple[nodes.Template, Fault | None]:
    empty = nodes.Template([], lineno=1)
    if len(source) > SOURCE_LIMIT:
        return empty, Fault(
            1, f"The text has {len(source):,} characters; {SOURCE_LIMIT:,} are allowed.", "Shorten the text."
        )
    try:
        return _environment().parse(source), None
    except jinja2.TemplateSyntaxError as error:
        return empty, Fault(error.lineno, f"The syntax is wrong: {error.message or 'unexpected end'}.")
    except RecursionError:
        return empty, Fault(1, "The text is nested too deeply.")
    except ValueError:  # a number of thousands of digits
        return empty, Fault(1, "The text holds a number that cannot be read.")


class _Reader:
    """One walk over one tree: collects faults, and which names must have a value."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.uses: set[str] = set()
        self.needs: set[str] = set()
        self.uses_currency = False
        self.needs_currency = False

    def statements(self, body: list[nodes.Node], *, guarded: frozenset[str], depth: int) -> None:
        for node in body:
            if isinstance(node, nodes.Output):
                for child in node.nodes:
                    self._output(child, guarded)
            elif isinstance(node, nodes.If):
                self._branches(node, guarded, depth + 1)
            else:
                self._refuse(node)

    def _branches(self, node: nodes.If, guarded: frozenset[str], depth: int) -> None:
        if depth > _DEPTH_LIMIT:
            self.faults.append(Fault(node.lineno, "The text is nested too deeply."))
            return
        for branch in (node, *node.elif_):
            if_true, if_false = self._condition(branch.test, guarded, depth)
            self.statements(branch.body, guarded=guarded | if_true, depth=depth)
            guarded |= if_false
        self.statements(node.else_, guarded=guarded, depth=depth)

    def _output(self, node: nodes.Expr, guarded: frozenset[str]) -> None:
        if isinstance(node, nodes.TemplateData):
            return
        applied = ""
        inner: nodes.Node | None = node
        if isinstance(node, nodes.Filter):
            applied, inner = node.name, node.node
            if applied not in _FILTER_OF_KIND.values() or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
                self._refuse(node)
                return
        if not isinstance(inner, nodes.Name):
            self._refuse(inner or node)
            return
        kind = self._name(inner, guarded)
        wanted = _FILTER_OF_KIND.get(kind, "")
        if kind and applied != wanted and not (kind == "number" and not applied):
            how = f"with the filter {wanted}: {{{{ {inner.name}|{wanted} }}}}" if wanted else "without a filter"
            self.faults.append(Fault(node.lineno, f"{inner.name} is of kind {kind}.", f"Print it {how}."))
        if kind == "money":
            self.uses_currency = True
            self.needs_currency |= inner.name not in guarded

    def _condition(self, node: nodes.Node, guarded: frozenset[str], depth: int) -> _Given:
        """Check a condition; return the names that surely have a value where it holds, and where it does not."""
        if depth > _DEPTH_LIMIT:
            self.faults.append(Fault(node.lineno, "The condition is nested too deeply."))
        elif isinstance(node, nodes.Name):
            self._name(node, guarded | {node.name})
            return frozenset({node.name}), frozenset()
        elif isinstance(node, nodes.Not):
            if_true, if_false = self._condition(node.node, guarded, depth + 1)
            return if_false, if_true
        elif isinstance(node, nodes.And):
            left = self._condition(node.left, guarded, depth + 1)
            right = self._condition(node.right, guarded | left[0], depth + 1)
            return left[0] | right[0], left[1] & right[1]
        elif isinstance(node, nodes.Or):
            left = self._condition(node.left, guarded, depth + 1)
            right = self._condition(node.right, guarded | left[1], depth + 1)
            return left[0] & right[0], left[1] | right[1]
        elif isinstance(node, nodes.Compare):
            self._comparison(node, guarded)
        else:
            self._refuse(node)
        return frozenset(), frozenset()

    def _comparison(self, node: nodes.Compare, guarded: frozenset[str]) -> None:
        operand = node.ops[0]
        if not isinstance(node.expr, nodes.Name) or len(node.ops) != 1 or not isinstance(operand.expr, nodes.Const):
            self._refuse(node)
            return
        kind = self._name(node.expr, guarded)
        constant = operand.expr.value
        text = kind == "text" and isinstance(constant, str) and operand.op in _EQUALITY
        number = kind in ("money", "number") and type(constant) is int and operand.op in (*_EQUALITY, *_ORDER)
        if kind and not text and not number:
            self.faults.append(
                Fault(
                    node.lineno,
                    f"{node.expr.name} is of kind {kind} and cannot be compared like this.",
                    "Compare a text with == or != to a text, an amount or number with a whole number.",
                )
            )

    def _name(self, node: nodes.Name, guarded: frozenset[str]) -> str:
        """Record the use of a name; return its kind, or nothing where it is not documented."""
        known = variable(node.name)
        if known is None:
            self.faults.append(
                Fault(
                    node.lineno,
                    f"{_short(node.name)} is not a documented variable.",
                    "Use one of the names in dunning.adapters.templates.VARIABLES.",
                )
            )
            return ""
        self.uses.add(node.name)
        if node.name not in guarded:
            self.needs.add(node.name)
        return known.kind

    def _refuse(self, node: nodes.Node) -> None:
        self.faults.append(Fault(node.lineno, f"{_described(node)} is not allowed."))


def _described(node: nodes.Node) -> str:
    if isinstance(node, nodes.Filter):
        return f"The filter {_short(node.name)} in this form"
    return f"The construct {type(node).__name__}"


def _short(name: str) -> str:
    return repr(name if len(name) <= 40 else name[:40] + "…")  # noqa: PLR2004


def _known(value: Any) -> Any:
    if isinstance(value, jinja2.Undefined):
        str(value)  # raises, naming the variable
    return value


@jinja2.pass_context
def _money(context: Context, value: Any) -> str:
    currency = context.get("currency")
    if currency is None:
        raise jinja2.UndefinedError("'currency' is undefined")
    return formats.money(_known(value), currency, context["language"])


@jinja2.pass_context
def _date(context: Context, value: Any) -> str:
    return formats.date(_known(value), context["language"])


@jinja2.pass_context
def _days(context: Context, value: Any) -> str:
    return formats.days(_known(value), context["language"])
