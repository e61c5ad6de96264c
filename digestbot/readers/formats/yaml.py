"""Reads YAML of papers: CITATION.cff, Hayagriva, CSL as YAML, and what stands before a note on a paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from digestbot.model.errors import DumpError, Problem
from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.formats.json_paper import paper_of, works
from digestbot.readers.frames.yaml_subset import parsed

_FRONT = re.compile(
    r"\A\s*---[ \t]*\n(?P<front>(?:[^\n]*\n){1,200}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)(?P<rest>.*)", re.DOTALL
)
_CFF = re.compile(r"^cff-version:\s", re.MULTILINE)
_TITLE = re.compile(r"^[ ]*(?:- )?title:(?:\s|$)", re.MULTILINE)
_SET_IN_TITLE = re.compile(r"^ +(?:- )?title:(?:\s|$)|^- title:\s", re.MULTILINE)
# a list of mappings under a key: no text with labels has that
_LISTED = re.compile(r"^[A-Za-z][\w-]*:[ \t]*\n[ ]*- (?:[\w\"'-]+:(?:\s|$)|\{[\w\"'-]+: )", re.MULTILINE)
_LIKE_YAML = re.compile(r"\s*(?:#.*|- .*|-|[\w\"'][^:]{0,60}:(?:\s.*)?)?\Z")
# Hayagriva's, and CSL's
_TYPES = frozenset(
    """article chapter entry anthos report thesis web scene artwork patent case newspaper legislation manuscript
    original post misc reference performance periodical proceedings book blog repository thread video audio
    exhibition anthology conference
    article-journal article-magazine article-newspaper paper-conference broadcast dataset document entry-dictionary
    entry-encyclopedia graphic hearing interview legal_case map motion_picture pamphlet personal_communication
    post-weblog regulation review review-book software song speech standard treaty webpage""".split()  # noqa: SIM905 - one name a line would be a page
)
_SURE = 0.9  # of the lines are as YAML's


def is_listed(head: str) -> bool:
    """Whether a text that begins so has a list of mappings under a key, as nothing but YAML has."""
    return _LISTED.search(head) is not None


class YAML:
    """The reader of YAML."""

    name = "yaml"
    title = "YAML of papers (CITATION.cff, Hayagriva, CSL YAML, front matter of a note)"

    def recognises(self, head: str) -> float:
        """By a title among keys that are set in or stand with lists of mappings, or in front matter."""
        if head.lstrip()[:1] in ("<", "{", "[", "@", "%"):
            return 0.0
        if _CFF.search(head[:4000]):
            return 0.95
        front = _FRONT.match(head)
        if front is not None and front["rest"].strip():
            return 0.85 if _TITLE.search(front["front"]) else 0.0
        if not _SET_IN_TITLE.search(head) and not (_TITLE.search(head) and is_listed(head)):
            return 0.0
        lines = head.split("\n")[:400]
        like = sum(1 for line in lines if _LIKE_YAML.match(line) or line[:4].isspace())
        return 0.85 if like >= _SURE * len(lines) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """The papers wherever they are nested; of a note the one that its front matter names by an id."""
        text = content.text()
        front = _FRONT.match(text)
        is_note = front is not None and bool(front["rest"].strip())
        try:
            value: Any = parsed(front["front"] if front is not None and is_note else text)
        except (ValueError, RecursionError) as error:
            raise DumpError(Problem(f"YAML that cannot be read: {error}", content.name)) from error
        for piece in works(value, _reference):
            if isinstance(piece, Paper):
                if is_note and not piece.ids:  # a blog's post has a title and an author, too
                    continue
                yield replace(piece, source=YAML.name)
            else:
                yield piece


def _reference(record: JsonObject) -> Paper | Skipped | None:
    """A record of a bibliography says what type of work it is, whatever else it tells."""
    return paper_of(record, line=1, is_feed=str(record.get("type", "")).lower() in _TYPES)
