"""A bounded cache: what is worked out of short texts that come thousands of times is kept (pure)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K", bound=str | bytes)
T = TypeVar("T")


class Remembered(dict[K, T], Generic[K, T]):
    """Text or bytes → what ``make`` makes of it, remembered within bounds: those of at most ``longest`` characters, and
    ``most`` of them, after which all are forgotten. Raises what ``make`` raises.
    """

    def __init__(self, make: Callable[[K], T], *, longest: int, most: int) -> None:
        super().__init__()
        self._make, self._longest, self._most = make, longest, most

    def __missing__(self, text: K) -> T:
        found = self._make(text)
        if len(text) <= self._longest:
            if len(self) >= self._most:
                self.clear()
            self[text] = found
        return found
