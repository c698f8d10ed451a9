"""Load the catalogues of sentences for people; each sentence is written once in Chinese and once in English.

``web.toml``      public pages; ``operate.toml`` operators' pages
``help.toml``     ``--help``: commands, options, groups, and errors in a command line
``cli.toml``      the terminal: answers to questions, and messages of commands
``notes.toml``    notes of crawls and probes
``errors.toml``   why something failed; for errors of storage, the crawler and queries see
                  ``storage/errors.toml`` and ``archive/queries/errors.toml``

A section holds entries: key → ``{ zh, en }``. ``{name}`` is replaced by a value, and
``{count:report|reports}`` by the word that agrees with a number. The words for statuses, kinds and
outcomes are in ``archive/queries/words.toml`` only, those for content systems in ``crawler/cms/signatures.toml``; the
catalogues in ``_WITH_WORDS`` include them. Those of pages also include the headings of
``archive/exports/formats/columns.toml``: their ``[column]`` has only other headings, and those that a page words
otherwise.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from archive.queries.bounds import data_file
from archive.queries.bounds import error_sentences as queries_sentences
from archive.queries.words import vocabulary
from archive.sentence_templates import fill, with_days_in_words
from crawler.signatures import signatures
from nianbao.language import current
from storage.errors import error_sentences

LANGUAGES = ("zh", "en")
_WITH_WORDS = frozenset(("cli", "operate", "web"))  # catalogues that have the words for our data
_WITH_HEADINGS = frozenset(("operate", "web"))  # those that have the headings of our data too


@cache
def messages(name: str) -> Mapping[str, Mapping[str, str]]:
    """Return a catalogue: ``section.key`` → language → sentence. Raises ValueError if an entry lacks a language, or if
    the same key is defined elsewhere too (a heading: with the same words).
    """
    catalogue: dict[str, Mapping[str, str]] = {}
    if name in _WITH_WORDS:
        systems = {f"content_system.{system}": one.label for system, one in signatures().items()}
        catalogue = {**vocabulary(), **systems}
    if name in _WITH_HEADINGS:
        catalogue |= _headings()
    if name == "errors":
        every = {**error_sentences(), **queries_sentences()}
        catalogue |= {f"error.{code}": entry for code, entry in every.items()}
    text = files("nianbao.messages").joinpath(f"{name}.toml").read_text("utf-8")
    for section, entries in tomllib.loads(text).items():
        for key, entry in entries.items():
            if entry.keys() != set(LANGUAGES):
                raise ValueError(f"{name}.toml: {section}.{key} needs {' and '.join(LANGUAGES)}, and nothing else")
            if f"{section}.{key}" in catalogue and (section != "column" or catalogue[f"{section}.{key}"] == entry):
                raise ValueError(f"{name}.toml: {section}.{key} stands elsewhere already")
            catalogue[f"{section}.{key}"] = entry
    return catalogue


def _headings() -> dict[str, Mapping[str, str]]:
    """Return the headings of columns of answers and exported tables, as entries of a catalogue."""
    declared = data_file("columns.toml", "archive.exports.formats")
    of_columns = {name: entry["heading"] for name, entry in declared["column"].items() if "heading" in entry}
    return {f"column.{name}": entry for name, entry in {**declared["heading"], **of_columns}.items()}


def say(catalogue: str, lang: str | None, key: str, /, **values: object) -> str:
    """Return a sentence of a catalogue, filled with values; days and instants in words. ``lang``: None for the language
    of this run. Raises KeyError for an unknown key.
    """
    lang = lang or current()
    return fill(messages(catalogue)[key][lang], with_days_in_words(values, lang))
