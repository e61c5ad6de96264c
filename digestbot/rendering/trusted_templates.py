"""Templates that came with digestbot, run as they are: nobody else wrote them, so nothing they do is counted.

What they look up is looked up when they are compiled, as far as it can be: the constants of another template that they
import stand in them as if they were written there.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from jinja2 import BaseLoader, Environment, TemplateNotFound, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer

from digestbot.rendering.filters import SETTINGS, own, writer


class NotOurs(Exception):
    """A template that is not, or not only, of our own writing."""


class TrustedTemplates:
    """The shipped templates of one format, each as long as nobody has put another in its place.

    One that leads to a template of somebody else, by whatever way, is not ours either: it is left to the sandbox.
    """

    def __init__(self, loader: BaseLoader, shipped: BaseLoader, kind: str) -> None:
        self._environment = _Environment(loader=_Ours(loader, shipped), **SETTINGS, finalize=writer(kind))
        self._environment.filters |= own(self._environment)
        self._ours: set[str] = set()
        self._not_ours: set[str] = set()

    def has(self, name: str) -> bool:
        """Whether the template itself is ours."""
        try:
            self._environment.get_template(name)
        except NotOurs:
            return False
        return True

    def rendered(self, name: str) -> bool:
        """Whether a template was rendered, and never led to one that is not ours."""
        return name in self._ours and name not in self._not_ours

    def render(self, name: str, values: dict[str, object]) -> str | None:
        """What a template writes of these values, None for one that is not ours. Raises what templates raise."""
        if name in self._not_ours:
            return None
        try:
            written = self._environment.get_template(name).render(values)
        except NotOurs:
            self._not_ours.add(name)
            return None
        self._ours.add(name)
        return written


class _Generator(CodeGenerator):
    """Writes what `finalize` gives as it is: it is escaped then, and need not be asked whether it is.

    An attribute is asked for as in Python; one that is not there is a fault of ours, and no item is meant by it.
    """

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802  # the name says what it visits
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> str:
        const = node.as_const(frame.eval_ctx)
        return str(const) if isinstance(node, nodes.TemplateData) or not finalize.const else finalize.const(const)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write(f"({finalize.src}")  # what comes behind it closes two


class _Constants(NodeTransformer):
    """Puts constants of imported templates where they are named. What it imports has to hold nothing else."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._known: dict[str, dict[str, object]] = {}

    def visit_Import(self, node: nodes.Import) -> nodes.Node | None:  # noqa: N802  # the name says what it visits
        if not isinstance(node.template, nodes.Const):
            return node
        module = self._environment.get_template(node.template.value).module
        self._known[node.target] = {name: each for name, each in vars(module).items() if isinstance(each, str)}
        return None

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802  # as above
        self.generic_visit(node)
        imported = self._known.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        return node if imported is None else nodes.Const(imported[node.attr], lineno=node.lineno)


class _Environment(Environment):
    code_generator_class = _Generator

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Constants(self).visit(super()._parse(source, name, filename))
        return tree

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}  # all in one: each page and each fragment begins with a copy of it


class _Ours(BaseLoader):
    """Loads what both loaders give, and the same."""

    def __init__(self, given: BaseLoader, shipped: BaseLoader) -> None:
        self._given = given
        self._shipped = shipped

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        try:
            ours = self._shipped.get_source(environment, template)
        except TemplateNotFound as error:
            raise NotOurs(template) from error
        if self._given.get_source(environment, template)[0] != ours[0]:
            raise NotOurs(template)
        return ours
