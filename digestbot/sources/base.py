"""The dump: bytes with where they came from. Sources fetch dumps, readers understand them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Dump:
    """Bytes of one dump; ``name`` is what people call it: a path, ``-``, a URL."""

    name: str
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """64 hex digits over the bytes as they came."""
        return hashlib.sha256(self.data).hexdigest()
