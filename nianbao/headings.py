"""Headings of columns for people, in Chinese and English."""

from __future__ import annotations

from nianbao.messages import messages, say

#: of a column about one of two years side by side
_SIDES = {"before_": "earlier", "after_": "later"}


def heading(name: str, lang: str) -> str:
    """The heading of a column. Raises KeyError for one that has none."""
    if f"heading.{name}" in messages("answers"):
        return say("answers", lang, f"heading.{name}")
    for side, key in _SIDES.items():
        if name.startswith(side):
            return say("answers", lang, f"heading.{key}", name=heading(name.removeprefix(side), lang))
    raise KeyError(name)
