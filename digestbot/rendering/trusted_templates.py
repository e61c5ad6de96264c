"""Templates that came with digestbot, run as they are: nobody else wrote them, so nothing they do is counted."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import BaseLoader, Environment, TemplateNotFound, nodes
from jinja2.compiler import CodeGenerator, Frame

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
    """Writes what `finalize` gives as it is: it is escaped then, and need not be asked whether it is."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write(f"({finalize.src}")  # what comes behind it closes two


class _Environment(Environment):
    code_generator_class = _Generator


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
