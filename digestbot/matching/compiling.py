"""A rule's tree made nodes of the program: equal parts of different rules become one."""

from __future__ import annotations

from typing import NamedTuple

from digestbot.matching.atoms import Atoms
from digestbot.matching.program import NEVER
from digestbot.rules.ast import And, Compare, Exact, Label, Near, Node, Not, Or, Regex, Topic, Words


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
        self._topics: dict[int, tuple[Node, Compiled]] = {}

    def compile(self, node: Node) -> Compiled:
        """The node that stands for a rule, and the rule's answer where it does not deviate."""
        match node:
            case Words():
                return Compiled(self._atoms.words(node), False)
            case And():
                return self._conjunction([self.compile(each) for each in node.rules], False)
            case Or():
                return self._conjunction([self.compile(each) for each in node.rules], True)
            case Not():
                turned = self.compile(node.rule)
                return Compiled(turned.node, not turned.default)
            case Topic():
                return self._topic(node)
            case _:
                return Compiled(self._other_leaf(node), False)

    def _other_leaf(self, node: Near | Exact | Regex | Label | Compare) -> int:
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

    def _conjunction(self, parts: list[Compiled], decisive: bool) -> Compiled:
        """AND, which one part that is false decides; with a true `decisive` OR, its mirror image."""
        deciding = [each.node for each in parts if each.default is decisive]
        others = [each.node for each in parts if each.default is not decisive]
        if NEVER in deciding:
            return Compiled(NEVER, decisive)
        if not deciding:
            return Compiled(self._program.any_of(others), not decisive)
        return Compiled(self._program.all_of(deciding, others), decisive)

    def _topic(self, topic: Topic) -> Compiled:
        known = self._topics.get(id(topic.rule))
        if known is None:
            known = self._topics[id(topic.rule)] = topic.rule, self.compile(topic.rule)
        return known[1]
