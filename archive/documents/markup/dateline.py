"""The day that a page prints below its title without a label: 2022年2月10日 来源：司法局 浏览：12 (pure)."""

from __future__ import annotations

import re

from archive.documents.markup.vocabulary import Vocabulary

_CHINESE = "[一二三四五六七八九十]{1,3}"
_DAY = (
    r"(?:(?:19|20)\d\d\s?(?:年\s?\d{1,2}\s?月\s?\d{1,2}\s?日|(?P<mark>[-/.])\d{1,2}(?P=mark)\d{1,2})"
    rf"|二[〇○零][〇○零一二三四五六七八九]{{2}}年{_CHINESE}月{_CHINESE}日)"
    r"(?:[\sT]?\d{1,2}:\d{2}(?::\d{2})?)?"
)
_BEGINS = re.compile(r"[【\[（(]?(?:(?:19|20)\d\d[-/.年]|二[〇○零])")
_FIRST = re.compile(rf"[【\[（(]?\s?(?P<day>{_DAY})\s?[】\]）)]?\s?[|｜/·]?\s?(?P<rest>.*)")
_LAST = re.compile(rf"(?P<value>.*?)\s(?P<day>{_DAY})")
_ALONE = re.compile(_DAY)
_SHORTEST = 8  # characters of a page's title


def may_begin_dateline(compact: str) -> bool:
    """Whether a text without blanks may begin with a day."""
    return _BEGINS.match(compact) is not None


def day_first(words: str, before: str, titles: tuple[str, ...], vocabulary: Vocabulary) -> str:
    """The day with which an element begins, as printed; "" where nobody can tell that it is the page's.

    ``words``: its text with single blanks. It is the page's where the words behind it are such as stand there (来源,
    浏览, 字号), or where there are none and the text ``before`` ends with one of the page's ``titles`` (both without
    blanks). Today's date, printed by many pages at their head, has neither.
    """
    found = _FIRST.fullmatch(words)
    if found is None:
        return ""
    if found["rest"]:
        return found["day"] if vocabulary.behind_day.match(found["rest"]) else ""
    return found["day"] if before.endswith(tuple(title for title in titles if len(title) >= _SHORTEST)) else ""


def day_alone(value: str) -> str:
    """A value that is a day, perhaps with its hour; "" for any other."""
    return value if _ALONE.fullmatch(value) else ""


def day_last(value: str) -> tuple[str, str]:
    """What a source or an author is called, and the day printed behind it; "" for none."""
    found = _LAST.fullmatch(value)
    return (found["value"], found["day"]) if found else (value, "")
