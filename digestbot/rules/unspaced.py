"""The scripts that are written without spaces and have letters: Thai, Lao, Myanmar and Khmer.

There a letter with its marks is a word by itself, as an ideograph is, and a word of a rule is a phrase of them: so it
is found within running text.
"""

from __future__ import annotations

import unicodedata

UNSPACED = frozenset(map(chr, (*range(0x0E00, 0x0F00), *range(0x1000, 0x10A0), *range(0x1780, 0x1800))))
LETTERS = frozenset(each for each in UNSPACED if unicodedata.category(each)[0] == "L")
MARKS = frozenset(each for each in UNSPACED if unicodedata.category(each)[0] == "M")

_letters, _marks = "".join(sorted(LETTERS)), "".join(sorted(MARKS))
CLUSTER = f"[{_letters}][{_marks}]*|[{_marks}]+"
"""One word, as a regular expression has it."""
