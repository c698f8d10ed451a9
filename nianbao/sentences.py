"""Sentences of commands (``cli.toml``), of answers (``answers.toml``) and of errors in the language of this run."""

from __future__ import annotations

from collections.abc import Collection

from archive.findings import meanings_by_code
from nianbao.language import Language, current
from nianbao.messages import messages, say
from nianbao.notes import error_sentence


def sentence(key: str, /, **values: object) -> str:
    """One sentence; ``values`` stand in it where their names stand in the catalogue. Raises KeyError."""
    return say("cli", current(), key, **values)


def word(kind: str, token: object) -> str:
    """A token of our data as people say it: ``word("outcome", "ok")``; one without a word stands for itself."""
    entry = messages("cli").get(f"{kind}.{token}")
    return str(token if token is not None else "") if entry is None else entry[current()]


def phrase(key: str, /, **values: object) -> str:
    """A sentence or word of ``answers.toml``. Raises KeyError."""
    return say("answers", current(), key, **values)


def named(token: object, *sections: str) -> str:
    """A token of our data as answers call it, by the first of the sections that has it; else the token in words."""
    entries = messages("answers")
    found = next((entry for one in sections if (entry := entries.get(f"{one}.{token}")) is not None), None)
    return str(token).replace("_", " ") if found is None else found[current()]


def finding_meaning(code: str) -> str:
    """What a finding means; the code itself where it is unknown."""
    meaning = meanings_by_code().get(code)
    return code if meaning is None else meaning.zh if current() is Language.ZH else meaning.en


def listed(names: Collection[object]) -> str:
    """Names one after the other, as the language divides them."""
    return sentence("join.names").join(str(name) for name in names)


def worded(error: BaseException, language: Language | None = None, *, on_page: bool = False) -> str:
    """What an exception says, where the catalogue has it in ``language``; without one in that of this run.

    ``on_page``: in words for a browser's user, without the suggestions, which are links there.
    """
    language = language or current()
    if parts := getattr(error, "parts", ()):
        return say("answers", language, "join.sentences").join(worded(one, language, on_page=on_page) for one in parts)
    key, values = getattr(error, "code", ""), getattr(error, "values", {})
    if not key or f"error.{key}" not in messages("errors"):
        return str(error)
    if on_page:
        section = "page" if f"page.{key}" in messages("errors") else "error"
        return error_sentence(f"{section}.{key}", values, language)
    near = ", ".join(getattr(error, "suggestions", ()))
    hint = say("errors", language, "hint.all" if getattr(error, "are_all", False) else "hint.near", near=near)
    return error_sentence(f"error.{key}", values, language) + (hint if near else "")
