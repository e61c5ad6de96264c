"""A rule's tree made nodes of the program: equal parts of different rules become one."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from digestbot.matching.constant_rules import ConstantVerdict, verdict
from digestbot.matching.index.atoms import Atoms
from digestbot.matching.index.dag import NEVER
from digestbot.rules.ast import And, Compare, Exact, Label, Near, Node, Not, Or, Regex, Topic, Words

_OtherLeaf: TypeAlias = Near | Exact | Regex | Label | Compare


_ALWAYS = ~NEVER


class Compiled(NamedTuple):
    """A rule answers `default`, except for the papers of which `node` deviates."""

    node: int
    default: bool


class Compiler:
    """Compiles rules into one program. A topic that many rules include is compiled once."""

    def __init__(self, atoms: Atoms) -> None:
        self._atoms = atoms
        self._program = atoms.program
        # The topic's rule is kept beside what it became, so that its id stays its own.
        self._topics: dict[int, tuple[Node, int]] = {}
        self._may_be_certain = False

    def compile(self, node: Node) -> Compiled:
        """The node that stands for a rule, and the rule's answer where it does not deviate."""
        self._may_be_certain = False
        turned = self._turned(node)
        if self._may_be_certain and (certain := verdict(node)):
            return Compiled(NEVER, certain is ConstantVerdict.ALWAYS)
        return Compiled(turned, False) if turned >= 0 else Compiled(~turned, True)

    def _turned(self, node: Node) -> int:
        """The node that stands for a rule, as its complement where the rule is true unless it deviates."""
        if isinstance(node, Words):
            return self._atoms.words(node)
        if isinstance(node, And):
            return self._conjunction([self._turned(each) for each in node.rules])
        if isinstance(node, Or):
            return self._disjunction([self._turned(each) for each in node.rules])
        # Of the others only these can contradict something, or leave nothing out.
        self._may_be_certain |= isinstance(node, (Not, Topic, Compare))
        if isinstance(node, Not):
            return ~self._turned(node.rule)
        return self._topic(node) if isinstance(node, Topic) else self._other_leaf(node)

    def _other_leaf(self, node: _OtherLeaf) -> int:
        match node:
            case Near():
                return self._atoms.near(node)
            case Exact():
                return self._atoms.exact(node)
            case Regex():
                return self._atoms.regex(node)
            case Label():
                return self._atoms.label(node)
            case Compare():
                return self._atoms.compare(node)

    def _conjunction(self, parts: list[int]) -> int:
        """AND, which one part that is false decides. Of no parts it is true, and adds nothing to others."""
        parts = [each for each in parts if each != _ALWAYS]
        if not parts:
            return _ALWAYS
        if min(parts) >= 0:
            return self._program.all_of(parts)
        deciding = [each for each in parts if each >= 0]
        others = [~each for each in parts if each < 0]
        return self._program.all_of(deciding, others) if deciding else ~self._program.any_of(others)

    def _disjunction(self, parts: list[int]) -> int:
        """OR, the mirror image of AND."""
        if _ALWAYS in parts:
            return _ALWAYS
        if min(parts) >= 0:
            return self._program.any_of(parts)
        return ~self._conjunction([~each for each in parts])

    def _topic(self, topic: Topic) -> int:
        known = self._topics.get(id(topic.rule))
        if known is None:
            known = self._topics[id(topic.rule)] = topic.rule, self._turned(topic.rule)
        return known[1]
