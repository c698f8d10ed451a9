"""Why a look at a list is one in part, as far as more than one module knows the reason; and kinds of reasons (pure).

Reasons are stored with a look and are never renamed. What they say in words: ``[look_reason]`` in
``nianbao/messages/answers.toml``.
"""

from __future__ import annotations

import re

END_NOT_SAID = "end_of_list_not_said"
ONLY_LAST_LINKED = "only_the_last_page_is_linked"
PAGES_BY_SCRIPT = "pages_turned_by_script"
YEARS_BY_SCRIPT = "other_years_by_script"
BODIES_BY_SCRIPT = "other_bodies_by_script"
NOT_UNDERSTOOD = "pager_not_understood"  # followed by a colon and the pager's name
NO_ITEM = "no_item_found"
NO_ADDRESSES = "address_by_script"
NEXT_IS_SAME = "next_page_is_the_page_shown"

# what pressing the buttons of a page in a browser came to
NOTHING_NEW = "next_brings_nothing_new"
ELSEWHERE = "next_leads_to_another_page"
NOT_PRESSED = "next_cannot_be_pressed"
SCROLLED = "end_of_scrolling_not_said"  # more came when it was scrolled, until nothing did
TOO_MANY = "more_pages_than_turned"
CHOICE_SHOWS_NOTHING = "choice_shows_nothing_new"  # perhaps followed by a colon and the choice
RENDERED_EMPTY = "rendered_without_item"
RENDERED_TOO_LARGE = "rendered_page_too_large"

#: Something of the list is behind what only scripts serve: a browser may know more.
BEHIND_SCRIPTS = frozenset({PAGES_BY_SCRIPT, YEARS_BY_SCRIPT, BODIES_BY_SCRIPT, NO_ADDRESSES})
_SCRIPTED = BEHIND_SCRIPTS | {
    NOT_UNDERSTOOD, NEXT_IS_SAME, NOTHING_NEW, ELSEWHERE, NOT_PRESSED, SCROLLED, TOO_MANY, CHOICE_SHOWS_NOTHING,
    RENDERED_EMPTY, RENDERED_TOO_LARGE,
}  # fmt: skip
_SHORT = frozenset({END_NOT_SAID, ONLY_LAST_LINKED, NOT_UNDERSTOOD})
_COUNTED = re.compile(r"\d+_of_\d+(?:_pages)?")


def tells_of_scripts(reason: str) -> bool:
    """Whether only scripts can turn the pages of the list, or a browser could not turn them all."""
    return _code(reason) in _SCRIPTED


def tells_of_fewer(reason: str) -> bool:
    """Whether a look saw fewer entries or pages than there are, or could not tell how many there are."""
    return _code(reason) in _SHORT or _COUNTED.fullmatch(_code(reason)) is not None


def _code(reason: str) -> str:
    """A reason without what it names (``pager_not_understood:laypage``)."""
    return reason.partition(":")[0]
