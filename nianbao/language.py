"""Choose the language of help, errors, progress and answers: once when the program starts, for pages in each request.

The first one set decides: ``--lang``, ``NIANBAO_LANG``, the locale (``LC_ALL``, ``LC_MESSAGES``, ``LANG``), English.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum

FLAG, VARIABLE = "--lang", "NIANBAO_LANG"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides, as in every POSIX program


class Language(StrEnum):
    """Language of sentences."""

    EN = "en"
    ZH = "zh"


_current = Language.EN
_of_request: ContextVar[Language | None] = ContextVar("language of the request that is being answered", default=None)


def current() -> Language:
    """Return the language of the request that is being answered, else of this run."""
    return _of_request.get() or _current


@contextmanager
def answering_in(language: Language) -> Iterator[None]:
    """Use the language of a page, whatever that of the program which serves it."""
    token = _of_request.set(language)
    try:
        yield
    finally:
        _of_request.reset(token)


def use(language: Language) -> None:
    """Set the language of this run."""
    global _current  # noqa: PLW0603 - one program, one language
    _current = language


def choose(words: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language that a command line and its environment ask for; unknown languages are ignored here."""
    language = split(words)[1] or _language_of(environment.get(VARIABLE, ""))
    if language is not None:
        return language
    locale = next((value for name in _LOCALE if (value := environment.get(name))), "")
    return Language.ZH if locale.lower().startswith("zh") else Language.EN


def split(words: Sequence[str]) -> tuple[list[str], Language | None]:
    """Return a command line without ``--lang``, and the language of the last one with a known value before ``--``."""
    others, language, remaining = list[str](), None, iter(words)
    for word in remaining:
        if word == "--":
            return [*others, word, *remaining], language
        if word == FLAG:
            language = _language_of(next(remaining, "")) or language
        elif word.startswith(f"{FLAG}="):
            language = _language_of(word.partition("=")[2]) or language
        else:
            others.append(word)
    return others, language


def _language_of(text: str) -> Language | None:
    """Read a language: ``zh``, ``zh-CN`` and ``zh_CN.UTF-8`` mean Chinese, and so for English; None for others."""
    tag = text.strip().lower().replace("_", "-").partition(".")[0].partition("-")[0]
    return Language(tag) if tag in tuple(Language) else None
