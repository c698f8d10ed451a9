"""Digits that are raised behind a figure mark a note: 3¹ is not 31."""

from __future__ import annotations

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISE = str.maketrans("0123456789", _RAISED)


def raised(text: str, before: str) -> str:
    """Raised text as it is printed behind ``before``, of as many characters; as it is where that ends in no figure."""
    last = before[-1:]
    return text.translate(_RAISE) if last.isdecimal() or (last and last in _RAISED) else text
