"""Terms that mean the same, as a file lists them: ``~LLM`` finds "large language model", too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Protocol, TypeAlias, runtime_checkable

from digestbot.rules.spelling import TooManySpellingsError, spellings
from digestbot.rules.word_forms import forms, stem

Spellings: TypeAlias = tuple[tuple[str, ...], ...]


class Synonyms:
    """Groups of terms; one term may stand in several."""

    def __init__(self, groups: Iterable[Sequence[str]] = ()) -> None:
        self.groups = tuple(tuple(each) for each in groups)

    @cached_property
    def _by_stems(self) -> dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]]:
        """Each term with its group, by what its words have in common with their forms."""
        found: dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]] = {}
        for group in self.groups:
            for term in group:
                for spelling in _spelled(term):
                    found.setdefault(tuple(map(stem, spelling)), []).append((term, group))
        return found

    def of(self, alternatives: Spellings) -> tuple[str, ...]:
        """What is listed with a term, told by its spellings: not the term itself, in the order of the file."""
        found: dict[str, None] = {}
        own: set[str] = set()
        for spelling in alternatives:
            for term, group in self._by_stems.get(tuple(map(stem, spelling)), ()):
                if any(_finds(spelling, each) for each in _spelled(term)):
                    own.add(term)
                    found.update(dict.fromkeys(group))
        return tuple(each for each in found if each not in own)

    def spellings_of(self, alternatives: Spellings) -> Spellings:
        """The spellings of a term, and then those of what is listed with it."""
        others = (spelling for term in self.of(alternatives) for spelling in _spelled(term))
        return tuple(dict.fromkeys((*alternatives, *others)))


NO_SYNONYMS = Synonyms()


@runtime_checkable
class WithSynonyms(Protocol):
    """A taxonomy that brings synonyms with it."""

    synonyms: Synonyms


def synonyms_of(topics: Mapping[str, object] | None) -> Synonyms:
    """The synonyms that come with a taxonomy; none with another mapping of topics."""
    return topics.synonyms if isinstance(topics, WithSynonyms) else NO_SYNONYMS


def _spelled(term: str) -> Spellings:
    try:
        return spellings(term)
    except TooManySpellingsError:
        return ()


def _finds(wanted: Sequence[str], there: Sequence[str]) -> bool:
    """Whether a phrase of a rule finds a phrase."""
    return len(wanted) == len(there) and all(word in forms(each) for each, word in zip(wanted, there, strict=True))
