"""The faults that can be put into a module: one slip of the pen each, of a kind that a user could notice."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
}  # fmt: skip
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
_UNITS = {"microseconds": "milliseconds", "milliseconds": "seconds", "seconds": "minutes", "minutes": "hours",
          "hours": "days", "days": "weeks", "weeks": "days"}  # fmt: skip
_PLAIN = frozenset({"strip", "lstrip", "rstrip", "lower", "casefold", "removeprefix", "removesuffix"})
_MOST_ITEMS = 8
"""A longer list of constants is a table, whose rows are no place for faults of this kind."""
_LARGE = 1_000
"""Nobody notices one more of what is bounded so; such bounds are there for the machine's sake."""
_TOLD = frozenset({"log", "warnings"})
_SILENT = frozenset({"strict", "maxsize", "maxlen", "slots", "frozen", "kw_only", "repr", "compare", "init"})
"""What changes no result that a test could see, or that types hold."""

PutIn = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: its module (from the checkout), its line, the line where its function begins (0 outside of any),
    what stood there, what stands there now, and the new source."""

    module: Path
    line: int
    function: int
    before: str
    after: str
    source: str


def faults_in(root: Path, module: Path) -> range:
    """The numbers of the faults that can be put into a module, in the order of its source."""
    return range(len(list(_faults(_tree(root, module), 0))))


def mutant(root: Path, module: Path, number: int) -> Mutant:
    """A module with one of its faults."""
    tree = _tree(root, module)
    node, function, put_in = list(_faults(tree, 0))[number]
    line, before = getattr(getattr(node, "target", node), "lineno", 0), _shown(node)
    put_in()
    return Mutant(module, line, function, before, _shown(node), ast.unparse(tree))


def _tree(root: Path, module: Path) -> ast.Module:
    return ast.parse((root / module).read_text(encoding="utf-8"))


def _shown(node: ast.AST) -> str:
    """A fault as people read it: of a statement with a body only what is asked."""
    return ast.unparse(getattr(node, "test", node)) if isinstance(node, ast.If | ast.While) else ast.unparse(node)


def _faults(node: ast.AST, function: int) -> Iterator[tuple[ast.AST, int, PutIn]]:
    """Where a fault can be put in, within which function, and what puts it there. What is only told to people or to
    the type checker is no place for one."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        function = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    for put_in in _of_node(node):
        yield node, function, put_in
    for child in _inside(node):
        yield from _faults(child, function)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Assert() | ast.JoinedStr() | ast.Raise() | ast.Import() | ast.ImportFrom():
            return
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))) if name in _TOLD:
            return
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return
        case ast.keyword(arg=name) if name in _SILENT:
            return
        case ast.AnnAssign(value=value):
            yield from [value] if value is not None else []
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from (each for each in (*node.args.defaults, *node.args.kw_defaults, *node.body) if each is not None)
        case _:
            yield from ast.iter_child_nodes(node)


def _of_node(node: ast.AST) -> Iterator[PutIn]:
    match node:
        case ast.Compare() | ast.BoolOp() | ast.BinOp() | ast.AugAssign():
            yield from _of_operator(node)
        case ast.UnaryOp(op=ast.Not()):
            yield partial(setattr, node, "operand", ast.UnaryOp(ast.Not(), node.operand))
        case ast.IfExp(test=test) | ast.If(test=test) | ast.While(test=test) if not isinstance(test, ast.Constant):
            yield partial(setattr, node, "test", ast.UnaryOp(ast.Not(), test))
        case ast.comprehension(ifs=conditions):
            yield from _one_less(conditions)
        case ast.Constant() | ast.Tuple() | ast.Set() | ast.List():
            yield from _of_value(node)
        case ast.Call():
            yield from _of_call(node)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))) if name in _TOLD:
            pass
        case ast.Expr(value=ast.Call()):
            yield partial(setattr, node, "value", ast.Constant(None))


def _of_operator(node: ast.Compare | ast.BoolOp | ast.BinOp | ast.AugAssign) -> Iterator[PutIn]:
    """A comparison a step off or turned round; a condition forgotten; plus for minus."""
    if isinstance(node, ast.Compare):
        if type(node.ops[0]) in _SWAPS:
            yield partial(node.ops.__setitem__, 0, _SWAPS[type(node.ops[0])]())
    elif type(node.op) in _SWAPS:
        yield partial(setattr, node, "op", _SWAPS[type(node.op)]())
        if isinstance(node, ast.BoolOp):
            yield from _one_less(node.values)


def _of_value(node: ast.Constant | ast.Tuple | ast.Set | ast.List) -> Iterator[PutIn]:
    """A flag turned round, a number too large, one forgotten of a few."""
    match node:
        case ast.Constant(value=bool(value)):
            yield partial(setattr, node, "value", not value)
        case ast.Constant(value=int(value)) if value < _LARGE:
            yield partial(setattr, node, "value", value + 1)
        case ast.Constant(value=float(value)):
            yield partial(setattr, node, "value", value * 2 + 1)
        case ast.Tuple(elts=items, ctx=ast.Load()) | ast.Set(elts=items) | ast.List(elts=items, ctx=ast.Load()):
            if 2 < len(items) <= _MOST_ITEMS and all(isinstance(each, ast.Constant) for each in items):
                yield from _one_less(items)


def _one_less(several: list[ast.expr]) -> Iterator[PutIn]:
    return (partial(several.__delitem__, number) for number in range(len(several)))


def _of_call(node: ast.Call) -> Iterator[PutIn]:
    """A call that takes the wrong one of two, a wrong unit, no order among equals, or that is left out."""
    match node.func:
        case ast.Name(id=name) if name in _NAMES:
            yield partial(setattr, node.func, "id", _NAMES[name])
        case ast.Name(id="reversed"):
            yield partial(setattr, node.func, "id", "list")
        case ast.Name(id="timedelta"):
            for each in node.keywords:
                if each.arg in _UNITS:
                    yield partial(setattr, each, "arg", _UNITS[each.arg])
        case ast.Attribute(attr=name, value=value) if name in _PLAIN:
            yield partial(_left_out, node, value)
    for each in node.keywords:
        if each.arg == "key" and isinstance(each.value, ast.Lambda) and isinstance(each.value.body, ast.Tuple):
            yield from _one_less(each.value.body.elts)


def _left_out(node: ast.Call, value: ast.expr) -> None:
    """The call becomes what it was called on."""
    node.func, node.args, node.keywords = ast.Name("str"), [value], []
