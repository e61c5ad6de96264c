"""The words and phrases of all rules in one trie, and what the words of a text lead to in it."""

from __future__ import annotations

from array import array
from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from typing import Generic, TypeAlias, TypeVar

from digestbot.rules.fields import Field
from digestbot.rules.folding import Readings
from digestbot.rules.word_forms import finders, forms, stem

SCOPES = tuple(Field)
"""The fields a term can name; a scope is told by its place here."""

SCOPE = {field: at for at, field in enumerate(SCOPES)}

Term: TypeAlias = tuple[str, bool]
"""A folded word, and whether it is a prefix."""

_MOST_KEPT = 1 << 18
_NO_STEM = -1
_ANY_STEM = -2
_Steps: TypeAlias = list[dict[int, int]]
_Words = TypeVar("_Words")
_Known = TypeVar("_Known")


class _Memory(dict[_Words, _Known], Generic[_Words, _Known]):
    """What is known of the words of texts, worked out when first met."""

    def __init__(self, work_out: Callable[[_Words], _Known]) -> None:
        self._work_out = work_out

    def __missing__(self, words: _Words) -> _Known:
        if len(self) >= _MOST_KEPT:
            self.clear()
        known = self[words] = self._work_out(words)
        return known


class Lexicon:
    """States 0, 1, 2, ...: each a phrase of one or more terms; a term is the state of itself alone.

    A term is a rule's word, which finds its other forms too, or a prefix. State s is ``parent[s]`` (-1 for a
    term) and then ``term[s]``; ``atoms[scope][s]`` is the atom of the rules that look for it there, or -1.
    ``longest`` is the number of words of the longest phrase; ``changes`` grows whenever a word of a text
    may lead to other terms than before.

    A phrase is looked for only where the stems of its first two words stand side by side (``pairs``), or
    its first alone where a prefix follows (``open_stems``). What a word finds has its stem.
    """

    def __init__(self) -> None:
        self.words: dict[str, int] = {}
        self.prefixes: dict[str, int] = {}
        self.parent = array("i")
        self.term = array("i")
        self.atoms = tuple(array("i") for _ in SCOPES)
        self.steps: dict[int, dict[int, int]] = {}
        self.changes = 0
        self._lengths: list[int] = []
        self._stems: dict[str, int] = {}
        self._stem_of: dict[int, int] = {}
        self.pairs: set[tuple[int, int]] = set()
        self.open_stems: set[int] = set()
        self._terms = _Memory(self.terms_found_by)
        self._stem = _Memory(self.stem_found_by)
        self._two = _Memory(self._two_words)
        self.longest = 1

    def state(self, terms: Sequence[Term]) -> int:
        """The state of these terms one after another, made where it is not there yet."""
        state = self._term(*terms[0])
        if len(terms) == 1:
            return state
        numbers = [self._term(*each) for each in terms[1:]]
        self.longest = max(self.longest, len(terms))
        for term in numbers:
            known = self.steps.get(state, {}).get(term)
            if known is None:
                known = self._grow(state, term)
                self._step(state, term, known)
            state = known
        return state

    def found(self, readings: Readings) -> set[int]:
        """Every state whose words stand side by side in one of the readings."""
        split, joined = readings
        words = set(split) if joined is split else {*split, *joined}
        found = set(chain.from_iterable(map(self._terms.__getitem__, words)))
        if self.steps:
            self._phrases(found, split, range(len(split) - 1))
            if joined is not split:
                self._phrases(found, joined, self._beginnings(split, joined))
        return found

    def _beginnings(self, split: Sequence[str], joined: Sequence[str]) -> Sequence[int]:
        """Where in `joined` a phrase may begin that holds a joined word: only it is no phrase of `split`."""
        places: set[int] = set()
        at = 0
        for place, word in enumerate(joined):
            length = len(split[at])
            at += 1
            if length != len(word):
                places.update(range(max(0, place - self.longest + 1), place + 1))
                while length < len(word):
                    length += len(split[at])
                    at += 1
        places.discard(len(joined) - 1)
        return sorted(places)

    def _phrases(self, found: set[int], words: Sequence[str], beginnings: Sequence[int]) -> None:
        stems = list(map(self._stem.__getitem__, words))
        pairs = list(pairwise(stems))
        hits = self.pairs.intersection(pairs)
        open_stems = self.open_stems.intersection(stems)
        if not hits and not open_stems:
            return
        two, last = self._two, len(words) - 2
        for at in beginnings:
            if pairs[at] in hits or stems[at] in open_stems:
                states, steps, stems_next = two[words[at], words[at + 1]]
                found.update(states)
                if steps and at < last and (_ANY_STEM in stems_next or stems[at + 2] in stems_next):
                    self._follow(found, words, at + 2, steps)

    def _follow(self, found: set[int], words: Sequence[str], at: int, steps: _Steps) -> None:
        """Add the longer phrases, of which two words stand before word `at`."""
        while steps and at < len(words):
            reached = self._reached(steps, words[at])
            found.update(reached)
            steps = [self.steps[state] for state in reached if state in self.steps]
            at += 1

    def _reached(self, steps: _Steps, word: str) -> list[int]:
        terms = self._terms[word]
        return [each[term] for each in steps for term in terms if term in each]

    def _two_words(self, words: tuple[str, str]) -> tuple[list[int], _Steps, frozenset[int]]:
        """The phrases of two words that these are, the steps on from them, and the stems that step on."""
        terms = self._terms[words[0]]
        reached = self._reached([self.steps[each] for each in terms if each in self.steps], words[1])
        steps = [self.steps[each] for each in reached if each in self.steps]
        stems = frozenset(self._stem_of.get(term, _ANY_STEM) for each in steps for term in each)
        return reached, steps, stems

    def terms_found_by(self, word: str) -> tuple[int, ...]:
        """The terms that a folded word of a text answers."""
        return tuple(self._answered(word))

    def _answered(self, word: str) -> Iterator[int]:
        for each in finders(word):
            term = self.words.get(each)
            if term is not None and word in forms(each):
                yield term
        for length in self._lengths:
            if length > len(word):
                break
            term = self.prefixes.get(word[:length])
            if term is not None:
                yield term

    def stem_found_by(self, word: str) -> int:
        """The stem of a folded word of a text; -1 where no term has it."""
        return self._stems.get(stem(word), _NO_STEM)

    def _term(self, text: str, prefix: bool) -> int:
        table = self.prefixes if prefix else self.words
        known = table.get(text)
        if known is None:
            known = table[text] = self._grow(-1, len(self.parent))
            self._file_term(known, text, prefix)
        return known

    def _file_term(self, term: int, text: str, prefix: bool) -> None:
        if prefix and len(text) not in self._lengths:
            insort(self._lengths, len(text))
        if not prefix:
            self._stem_of[term] = self._stems.setdefault(stem(text), len(self._stems))
        self.changes += 1
        self._terms.clear()
        self._stem.clear()
        self._two.clear()

    def _grow(self, parent: int, term: int) -> int:
        self.parent.append(parent)
        self.term.append(term)
        for each in self.atoms:
            each.append(-1)
        return len(self.parent) - 1

    def _step(self, state: int, term: int, to: int) -> None:
        self.steps.setdefault(state, {})[term] = to
        self._two.clear()
        if self.parent[state] >= 0:
            return
        stem, second = self._stem_of[state], self._stem_of.get(term)
        if second is None:
            self.open_stems.add(stem)
        else:
            self.pairs.add((stem, second))
