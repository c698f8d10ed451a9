"""Choose the language of help, errors, progress and answers, once when the program starts.

The first one set decides: ``--lang``, ``NIANBAO_LANG``, the locale (``LC_ALL``, ``LC_MESSAGES``, ``LANG``), English.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

FLAG, VARIABLE = "--lang", "NIANBAO_LANG"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides, as in every POSIX program


class Language(StrEnum):
    """Language of sentences."""

    EN = "en"
    ZH = "zh"


_current = Language.EN


def current() -> Language:
    """Return the language of this run."""
    return _current


def use(language: Language) -> None:
    """Set the language of this run."""
    global _current  # noqa: PLW0603 - one program, one language
    _current = language


def choose(words: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language that a command line and its environment ask for; unknown languages are ignored here."""
    language = _flagged(words) or _language_of(environment.get(VARIABLE, ""))
    if language is not None:
        return language
    locale = next((value for name in _LOCALE if (value := environment.get(name))), "")
    return Language.ZH if locale.lower().startswith("zh") else Language.EN


def _flagged(words: Sequence[str]) -> Language | None:
    """Return the language of the last ``--lang`` with a known value before ``--``, or None."""
    language = None
    for at, word in enumerate(words):
        if word == "--":
            break
        if word == FLAG and at + 1 < len(words):
            language = _language_of(words[at + 1]) or language
        elif word.startswith(f"{FLAG}="):
            language = _language_of(word.partition("=")[2]) or language
    return language


def _language_of(text: str) -> Language | None:
    """Read a language: ``zh``, ``zh-CN`` and ``zh_CN.UTF-8`` mean Chinese, and so for English; None for others."""
    tag = text.strip().lower().replace("_", "-").partition(".")[0].partition("-")[0]
    return Language(tag) if tag in tuple(Language) else None
