"""What a person types to search → phrases. Nothing in it is syntax but quotes, blanks between words and a minus."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.queries.bounds import LONGEST_QUERY, MOST_WORDS, QueryError
from storage.search_texts import LONGEST_PHRASE, normalised

_MINUS = "-－−"
_WORD = re.compile(
    rf"(?P<minus>[{_MINUS}])?(?:[\"＂](?P<plain>[^\"＂]*)[\"＂]?|[“”](?P<curved>[^“”]*)[“”]?|(?P<bare>[^\s\"＂“”]+))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Normalised phrases: a text has all ``words`` and none of ``without``."""

    words: tuple[str, ...]
    without: tuple[str, ...] = ()


def parse(text: str) -> Query:
    """Read ``规划 "国土 空间" -矿产``: all words must be there, a phrase in quotes is one, a minus excludes.

    Raises :class:`QueryError` where no word is left, or more or longer ones than can be searched for.
    """
    if len(text) > LONGEST_QUERY:
        most, given = f"{LONGEST_QUERY:,}", f"{len(text):,}"
        message = f"{given} characters; at most {most} can be searched for: take the words that matter."
        raise QueryError(message, code="query.long_search", most=most, count=given)
    words: dict[str, None] = {}
    without: dict[str, None] = {}
    for found in _WORD.finditer(text):
        written = next(said for said in (found["plain"], found["curved"], found["bare"]) if said is not None)
        phrase = normalised(written)
        if not phrase:
            continue
        if len(phrase) > LONGEST_PHRASE:
            begun, long = phrase[:20], len(phrase)
            message = (
                f"{begun}… has {long} characters; a phrase of at most {LONGEST_PHRASE} can be searched for: take a "
                "part of it."
            )
            raise QueryError(message, code="query.long_phrase", text=begun, most=LONGEST_PHRASE, count=long)
        (without if found["minus"] else words)[phrase] = None
    if len(words) + len(without) > MOST_WORDS:
        count = len(words) + len(without)
        message = f"{count} words; at most {MOST_WORDS} can be searched for together."
        raise QueryError(message, code="query.many_words", count=count, most=MOST_WORDS)
    if not words:
        more = "; words to leave out need one to find beside them" if without else ""
        message = f"{text!r} names no word to search for{more}. Write, for example: 行政复议 -诉讼"
        raise QueryError(message, code="query.no_word", text=text)
    return Query(words=tuple(words), without=tuple(without))
