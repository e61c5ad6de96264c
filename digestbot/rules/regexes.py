"""People's regular expressions, on an engine that takes linear time whatever the pattern (RE2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

LONGEST_REGEX = 1000
_SINGLE_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\C")


class PatternError(ValueError):
    """A pattern that RE2 does not take, or that no rule should hold; its text says why."""


class Pattern:
    """A compiled pattern, searched in raw text. Raises PatternError when it cannot be compiled."""

    def __init__(self, pattern: str, *, ignore_case: bool = False) -> None:
        import re2  # only the rules that hold a regex pay for the import

        if len(pattern) > LONGEST_REGEX:
            raise PatternError(f"longer than {LONGEST_REGEX} characters")
        if _SINGLE_BYTE.search(pattern):
            raise PatternError(r"\C reads half characters")
        options = re2.Options()
        options.log_errors = False
        options.case_sensitive = not ignore_case
        try:
            self._compiled: Any = re2.compile(pattern, options)
        except re2.error as error:
            reason = error.args[0] if error.args else error
            raise PatternError(
                reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
            ) from error
        except UnicodeEncodeError as error:
            raise PatternError("a lone surrogate is no character") from error

    def found_in(self, text: str) -> bool:
        """Whether it matches anywhere in `text`."""
        return self._compiled.search(_encodable(text)) is not None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it matches in `text`: (start, end) in characters, in order, never overlapping."""
        for found in self._compiled.finditer(_encodable(text)):
            yield found.span()


@lru_cache(maxsize=4096)
def pattern(text: str, ignore_case: bool = False) -> Pattern:
    """The compiled pattern, kept. Raises PatternError when it cannot be compiled."""
    return Pattern(text, ignore_case=ignore_case)


def _encodable(text: str) -> str:
    """The text with lone surrogates replaced, one character for one, so that offsets stay true."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
