"""Pages of ``--help`` as they were recorded: shown in an eighth of a second, without importing what a command needs.

``make reference`` writes them anew from the program (``help_pages.en.json``, ``help_pages.zh.json``: the words of a
command → its page); a test compares them with it. They hold for terminals of 80 columns and more: no page is wider.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

from nianbao.language import FLAG, Language

ASKED = frozenset(("-h", "--help"))
COLUMNS = 80  #: for which pages are recorded


def recorded_page(words: Sequence[str], language: Language) -> str | None:
    """The page that these words ask for, or no words at all; None where the program itself has to make it."""
    typed = list(_without_language(words))
    if (typed and typed[-1] not in ASKED) or shutil.get_terminal_size().columns < COLUMNS:
        return None
    return _pages(language).get(" ".join(typed[:-1]))


def file_name(language: Language) -> str:
    """The file of the pages in a language."""
    return f"help_pages.{language.value}.json"


def _pages(language: Language) -> Mapping[str, str]:
    text = files("nianbao.cli").joinpath(file_name(language)).read_text(encoding="utf-8")
    pages: Mapping[str, str] = json.loads(text)
    return pages


def _without_language(words: Sequence[str]) -> Iterator[str]:
    is_value = False
    for word in words:
        if not (is_value or word == FLAG or word.startswith(f"{FLAG}=")):
            yield word
        is_value = word == FLAG
