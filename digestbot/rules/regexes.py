"""People's regular expressions, on an engine that takes linear time whatever the pattern (RE2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

LONGEST_REGEX = 1000
# Bytes for one pattern and the states it makes while it searches; RE2 itself would take 8 MiB.
MOST_MEMORY = 1 << 20
_SINGLE_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\C")


class PatternError(ValueError):
    """A pattern that RE2 does not take, or that no rule should hold; its text says why, `way_out` what to do."""

    def __init__(self, message: str, way_out: str = "the syntax is RE2's") -> None:
        super().__init__(message)
        self.way_out = way_out


class Pattern:
    """A compiled pattern, searched in raw text. Raises PatternError when it cannot be compiled."""

    def __init__(self, pattern: str, *, ignore_case: bool = False) -> None:
        import re2  # only the rules that hold a regex pay for the import

        if len(pattern) > LONGEST_REGEX:
            raise PatternError(f"longer than {LONGEST_REGEX} characters", "make two shorter ones of it")
        if _SINGLE_BYTE.search(pattern):
            raise PatternError(r"\C reads half characters")
        options = re2.Options()
        options.log_errors = False
        options.case_sensitive = not ignore_case
        options.max_mem = MOST_MEMORY
        try:
            self._compiled: Any = re2.compile(pattern, options)
        except re2.error as error:
            reason = error.args[0] if error.args else error
            text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
            if "too large" in text:
                what = "it is too large with its repetitions written out"
                raise PatternError(what, "repeat less, or make two rules of it") from error
            raise PatternError(text) from error
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
