"""What people read, in Chinese and English: each sentence once in both, as native speakers of either write it.

``web.toml``      the pages; ``operate.toml`` operators' pages
``help.toml``     ``--help``: commands, options, groups, and what is wrong with a command line
``cli.toml``      what the terminal says: answers to questions, and what the commands say
``notes.toml``    what is noted of crawls and probes
``errors.toml``   why something could not be done; what those of storage and of questions say
                  stands in ``storage/errors.toml`` and ``archive/queries/errors.toml``

A section of a file holds entries: a key → ``{ zh, en }``; ``{name}`` is filled in, and
``{count:report|reports}`` is the word that agrees with a number. The words for statuses, kinds,
outcomes and the like stand once, in ``archive/queries/words.toml``; catalogues of what shows them have them too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from archive.queries.bounds import error_sentences as queries_sentences
from archive.queries.words import vocabulary
from archive.sentence_templates import fill
from storage.errors import error_sentences

LANGUAGES = ("zh", "en")
_WITH_WORDS = frozenset(("cli", "operate", "web"))  # catalogues that have the words for our data


@cache
def messages(name: str) -> Mapping[str, Mapping[str, str]]:
    """A catalogue by its name: key → language → sentence. Raises ValueError for an entry that lacks a language, and for
    a second word for what the vocabulary names.
    """
    catalogue: dict[str, Mapping[str, str]] = dict(vocabulary()) if name in _WITH_WORDS else {}
    if name == "errors":
        every = {**error_sentences(), **queries_sentences()}
        catalogue |= {f"error.{code}": entry for code, entry in every.items()}
    text = files("nianbao.messages").joinpath(f"{name}.toml").read_text("utf-8")
    for section, entries in tomllib.loads(text).items():
        for key, entry in entries.items():
            if entry.keys() != set(LANGUAGES):
                raise ValueError(f"{name}.toml: {section}.{key} needs {' and '.join(LANGUAGES)}, and nothing else")
            if f"{section}.{key}" in catalogue:
                raise ValueError(f"{name}.toml: {section}.{key} stands elsewhere already")
            catalogue[f"{section}.{key}"] = entry
    return catalogue


def say(catalogue: str, lang: str, key: str, /, **values: object) -> str:
    """One sentence. Raises KeyError for a key that is in no catalogue."""
    return fill(messages(catalogue)[key][lang], values)
