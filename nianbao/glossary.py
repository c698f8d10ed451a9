"""The terms of screens and documents with their meanings, for pages, terminals and docs/glossary.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from nianbao.messages import messages

#: group of terms with codes of the data → section of ``web.toml`` with their meanings
CODES = {"status": "stands", "evidence": "graded"}
_NAME = re.compile(r"[\w.’' -]+")  # "指纹（SHA-256）" and "annual report, report" are two names each
_Words = Mapping[str, str]


class Term(NamedTuple):
    """A term: its ``word`` and its ``meaning``, each by language; ``id``: group and key."""

    id: str
    word: _Words
    meaning: _Words

    @property
    def names(self) -> list[str]:
        """The names of the term in both languages, in lower case."""
        return [name.strip().lower() for text in self.word.values() for name in _NAME.findall(text)]

    def has_name(self, text: str) -> bool:
        """True if a text is one of the names, a word of an English one (also in the plural), or part of a Chinese."""
        if text.isascii():
            words = {part for name in self.names for part in (name, *name.split())}
            return text in words or text.removesuffix("s") in words
        return len(text) > 1 and any(text in name for name in self.names)


@cache
def terms_by_group() -> Mapping[str, list[Term]]:
    """Return the terms of ``glossary.toml`` by group, then the statuses and grades of evidence."""
    entries = messages("glossary")
    groups = {key.removeprefix("group."): [*_terms(key)] for key in entries if key.startswith("group.")}
    return groups | {code: [*_coded_terms(code, meanings)] for code, meanings in CODES.items()}


def group_title(group: str) -> Mapping[str, str]:
    """Return the heading of a group of terms by language."""
    return messages("reference")[f"glossary.{group}"] if group in CODES else messages("glossary")[f"group.{group}"]


def _terms(group: str) -> Iterator[Term]:
    entries = messages("glossary")
    for key, word in entries.items():
        section, _, name = key.partition(".")
        if f"group.{section}" == group:
            yield Term(key, word, entries[f"meaning.{name}"])


def _coded_terms(section: str, meanings: str) -> Iterator[Term]:
    texts = messages("web")
    for key, word in texts.items():
        if key.startswith(f"{section}."):
            yield Term(key, word, texts[f"{meanings}.{key.partition('.')[2]}"])


def find_terms(*words: str) -> list[Term]:
    """Return the terms that have these words as a name, those with exactly this name first."""
    phrases = "|".join(messages("web")["glossary.asked"].values())
    text = re.sub(phrases, "", " ".join(filter(None, words)).lower()).strip()
    terms = [one for group in terms_by_group().values() for one in group if one.has_name(text)]
    return sorted(terms, key=lambda one: text not in one.names)
