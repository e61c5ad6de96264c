"""The sandbox templates run in: every value escaped for the format, every fault named, all work bounded."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import Any

from jinja2 import BaseLoader, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.runtime import Context, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from digestbot.model.errors import Problem
from digestbot.rendering import template_budget
from digestbot.rendering.base import TemplateError
from digestbot.rendering.entry_view import EntryView
from digestbot.rendering.filters import SETTINGS, own, writer
from digestbot.rendering.trusted_templates import TrustedTemplates
from digestbot.rendering.view import DigestView, FootLink, SectionView, TrendView

# One draws lots, some write nested lists out, one makes links of strangers' words, one takes half a minute.
_FILTERS_LEFT_OUT = ("random", "pprint", "tojson", "xmlattr", "urlencode", "urlize", "wordwrap")
LONGEST_TEMPLATE = 100_000  # characters; compiling them takes half a second


class Sandbox:
    """Templates of one format: html, markdown or text; those that are `shipped`, and lead to no others, go free."""

    def __init__(self, loader: BaseLoader, kind: str, shipped: BaseLoader | None = None) -> None:
        self._environment = _environment(loader, kind)
        self._house = None if shipped is None else TrustedTemplates(loader, shipped, kind)

    def has(self, name: str) -> bool:
        """Whether there is such a template. Raises TemplateError for one that cannot be read."""
        try:
            if self._house is None or not self._house.has(name):
                self._environment.get_template(name)
        except TemplateNotFound:
            return False
        except TemplateSyntaxError as error:
            raise _error(error, error.filename or name, error.lineno) from error
        except Exception as error:  # what is nested too deep for the compiler raises nothing of Jinja2's
            raise _error(error, name, None) from error
        return True

    def ours(self, name: str) -> bool:
        """Whether a template was rendered, and each time as one that is shipped and leads to no others."""
        return self._house is not None and self._house.rendered(name)

    def render(self, name: str, digest: DigestView, **more: object) -> str:
        """What the template writes of a digest and these values. Raises TemplateError."""
        values = {"digest": digest, **more}
        try:
            page = None if self._house is None else self._house.render(name, values)
            if page is None:
                with template_budget.counted():
                    page = self._environment.get_template(name).render(values)
            return page.strip() + "\n"
        except TemplateNotFound as error:
            problem = Problem(f"there is no template {error.name!r}", place=name, way_out="add it, or mend the name")
            raise TemplateError(problem) from error
        except TemplateSyntaxError as error:
            raise _error(error, error.filename or name, error.lineno) from error
        except Exception as error:  # a template may raise anything at all
            raise _error(error, *_place(error.__traceback__, name)) from error


def clean_html(html: str) -> Markup:
    """HTML that is clean already, for a template to write as it is."""
    return Markup(html)


_OWN = {
    each: frozenset(name for name in dir(each) if not name.startswith("_"))
    for each in (DigestView, SectionView, EntryView, TrendView, FootLink)
}


class _Bounded(NodeTransformer):
    """Has each turn of a loop and each joining of texts counted."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802  # the name says which node it visits
        self.generic_visit(node)
        written = sum(len(each.data) for each in node.find_all(nodes.TemplateData))
        node.body.insert(0, nodes.ExprStmt(_call("turn", [nodes.Const(written)], node.lineno), lineno=node.lineno))
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802  # as above
        self.generic_visit(node)
        return _call("joined", node.nodes, node.lineno)


def _call(name: str, values: list[nodes.Expr], line: int) -> nodes.Call:
    return nodes.Call(nodes.EnvironmentAttribute(name, lineno=line), values, [], None, None, lineno=line)


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox, in which no value grows beyond bounds and no template works for long."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))

    @staticmethod
    def turn(written: int) -> None:
        """One turn of a loop that holds so many characters of text."""
        template_budget.spend(written)

    @staticmethod
    def joined(*values: Any) -> str:
        """What ``~`` makes of its operands."""
        template_budget.sized(values)
        return markup_join(values)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        if len(source) > LONGEST_TEMPLATE:
            raise TemplateSyntaxError(f"it is longer than {LONGEST_TEMPLATE:,} characters", 1, name, filename)
        tree = super()._parse(source, name, filename)
        _Bounded().visit(tree)
        return tree

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Of our own views everything without an underscore is safe: no need to ask for each."""
        if type(obj) in _OWN and attribute in _OWN[type(obj)]:
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """For `str.format`, that of the sandbox, what it would write looked at first."""
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None

        @wraps(wrapped)
        def formatted(*values: Any, **named: Any) -> str:
            template_budget.fill(value.__self__, (*values, *named.values()))
            return wrapped(*values, **named)

        return formatted

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        template_budget.operate(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  # as in Jinja2: no keyword of a template is met
        if __obj is __self.turn:
            return __obj(*args)
        bound = getattr(__obj, "__self__", None)
        template_budget.call(
            getattr(__obj, "__name__", ""), bound if isinstance(bound, str) else None, (*args, *kwargs.values())
        )
        return template_budget.sized(super().call(__context, __obj, *args, **kwargs))


def _environment(loader: BaseLoader, kind: str) -> ImmutableSandboxedEnvironment:
    """One environment per format, what its templates write and what its filters do counted."""
    write = writer(kind)
    environment = _Environment(
        loader=loader, **SETTINGS, finalize=lambda value: Markup(write(template_budget.sized(value)))
    )
    environment.globals.pop("lipsum")
    for name in _FILTERS_LEFT_OUT:
        del environment.filters[name]
    ours = own(environment)
    fragment = ours.pop("fragment")  # what it does is counted where it is done
    environment.filters = {name: _bounded(name, each) for name, each in (environment.filters | ours).items()}
    environment.filters["fragment"] = fragment
    return environment


def _bounded(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, its work counted. What stands before the value is what Jinja2 passes to some."""
    at = 1 if hasattr(work, "jinja_pass_arg") else 0

    @wraps(work)
    def filtered(*values: Any, **named: Any) -> Any:
        template_budget.call(name, values[at], (*values[at + 1 :], *named.values()))
        return template_budget.sized(work(*values, **named))

    return filtered


def _place(trace: TracebackType | None, name: str) -> tuple[str, int | None]:
    """The template and line an exception passed through last; Jinja2 puts them into the traceback."""
    found: tuple[str, int | None] = (name, None)
    while trace is not None:
        names = trace.tb_frame.f_globals
        if "__jinja_exception__" in names:
            file = str(names.get("__file__", name))
            found = (name if file == "<template>" else file, trace.tb_lineno)
        trace = trace.tb_next
    return found


def _error(error: Exception, place: str, line: int | None) -> TemplateError:
    why = str(error) or type(error).__name__
    return TemplateError(Problem(f"the template cannot be written: {why}", place, line, way_out="mend that line"))
