"""A string that never shows itself: passwords, tokens and webhook URLs."""

from __future__ import annotations


class Secret:
    """Holds a secret; printing, formatting and repr give ``<secret>``. `reveal` hands it to the wire."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself; call it only where it leaves for the far side."""
        return self._value

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format("<secret>", spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __getstate__(self) -> None:
        raise TypeError("a secret is not written down")
