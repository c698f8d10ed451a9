"""Sentences of commands, answers, errors, notes of crawls and reasons of looks, in the language of this run."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from archive.exports.citations import bibtex, bibtex_of_absence, gbt7714, gbt7714_of_absence
from archive.findings import meanings_by_code
from archive.queries.results import CellLine, CitableAbsence, Citation
from nianbao.language import Language, current
from nianbao.messages import messages, say
from storage.records import SHANGHAI, CellState, Note, Status


def sentence(key: str, /, **values: object) -> str:
    """One sentence; ``values`` stand in it where their names stand in the catalogue. Raises KeyError."""
    return say("cli", current(), key, **values)


def word(kind: str, token: object, language: Language | None = None) -> str:
    """A token of our data as people say it: ``word("outcome", "ok")``; one without a word stands for itself."""
    entry = messages("cli").get(f"{kind}.{token}")
    return str("" if token is None else token) if entry is None else entry[language or current()]


def word_of(token: object, *sections: str) -> str:
    """A token by the first of the sections that has it; else the token in words."""
    entries = messages("cli")
    entry_of_token = next((entry for one in sections if (entry := entries.get(f"{one}.{token}")) is not None), None)
    return str(token).replace("_", " ") if entry_of_token is None else entry_of_token[current()]


def finding_meaning(code: str) -> str:
    """What a finding means; the code itself where it is unknown."""
    meaning = meanings_by_code().get(code)
    return code if meaning is None else meaning.zh if current() is Language.ZH else meaning.en


def joined(name: str, *parts: str | None) -> str:
    """The parts that are not empty, divided as the entry ``name`` of ``[join]`` says."""
    return sentence(f"join.{name}").join(filter(None, parts))


def listed(names: Collection[object]) -> str:
    """Names one after the other, as the language divides them."""
    return joined("names", *map(str, names))


def some(names: Sequence[str], most: int) -> str:
    """The first names, and how many more there are."""
    more = sentence("join.more", count=len(names) - most) if len(names) > most else ""
    return listed(names[:most]) + more


def worded(error: BaseException, language: Language | None = None, *, on_page: bool = False) -> str:
    """What an exception says, where the catalogue has it in ``language``; without one in that of this run.

    ``on_page``: in words for a browser's user, without the suggestions, which are links there.
    """
    language = language or current()
    if parts := getattr(error, "parts", ()):
        return say("cli", language, "join.sentences").join(worded(one, language, on_page=on_page) for one in parts)
    key, values = getattr(error, "code", ""), getattr(error, "values", {})
    if not key or f"error.{key}" not in messages("errors"):
        return str(error)
    if on_page:
        section = "page" if f"page.{key}" in messages("errors") else "error"
        return error_sentence(f"{section}.{key}", values, language)
    near = ", ".join(getattr(error, "suggestions", ()))
    hint = say("errors", language, "hint.all" if getattr(error, "are_all", False) else "hint.near", near=near)
    return error_sentence(f"error.{key}", values, language) + (hint if near else "")


_ERROR = "error."  # begins the codes that ``errors.toml`` has


def note_sentence(note: Note, language: Language | None = None) -> str:
    """What a note says in ``language``, without one in that of this run; the note as logs show it where its code is
    unknown: one of a newer version.
    """
    language = language or current()
    if note.code.startswith(_ERROR) and note.code in messages("errors"):
        return error_sentence(note.code, note.values, language)
    key = f"note.{note.code}"
    if key not in messages("notes"):
        return str(note)
    values = {name: _SHOWN[name](value, language) if name in _SHOWN else value for name, value in note.values.items()}
    return say("notes", language, key, **values, **_counted(note, language))


def notes_sentence(notes: Iterable[Note], language: Language | None = None) -> str:
    """What several notes say, one after the other."""
    language = language or current()
    return say("notes", language, "value.notes").join(note_sentence(one, language) for one in notes)


def run_sentence(note: str, notes: Iterable[Note], language: Language | None = None) -> str:
    """How a run ended: what its notes say, or the English sentence that an older version wrote in their place."""
    return notes_sentence(notes, language) or note


def gap_sentence(deadline: date, tries: int, filled: datetime | None, language: Language | None = None) -> str:
    """A look of proof that was not made: on which due date, how often it was tried, and when the first was made."""
    say_it = partial(say, "cli", language or current())
    first = say_it("due.gap_open")
    if filled is not None:
        first = say_it("due.gap_filled", at=f"{filled.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
    return say_it("due.gap", deadline=deadline, tries=tries, first=first)


def error_sentence(key: str, values: Mapping[str, object], language: Language) -> str:
    """Why something could not be done, by its key in ``errors.toml``. Raises KeyError."""
    return say("errors", language, key, **{name: _of_error(name, value, language) for name, value in values.items()})


def _of_error(name: str, value: object, language: Language) -> object:
    """What does not say the same in both languages is a code, a text in each, or a key of the catalogue."""
    if name in {"reason", "outcome", "why"}:
        return _SHOWN[name](value, language)
    if isinstance(value, Mapping) and value.keys() == {*Language}:
        return value[language]
    entry = messages("errors").get(str(value))
    return value if entry is None else entry[language]


def _counted(note: Note, language: Language) -> dict[str, object]:
    """What a sentence needs that several values of a note say together."""
    counts = note.values.get("outcomes")
    if not isinstance(counts, Mapping):
        return {}
    others = [
        say("notes", language, "value.look", outcome=word("outcome", name, language), number=number)
        for name, number in counts.items()
        if name != "ok"
    ]
    return {"ok": counts.get("ok", 0), "all": sum(counts.values()), "others": "".join(others)}


def _reasons(value: object, language: Language) -> str:
    assert isinstance(value, Mapping)
    texts = [
        say("notes", language, "value.reason", reason=look_reason(code, language), number=number)
        for code, number in value.items()
    ]
    return say("notes", language, "value.reasons").join(texts)


def _instant(value: object, _: Language) -> str:
    return datetime.fromisoformat(str(value)).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S %z")


#: names of values → how they stand in a sentence
_SHOWN: Mapping[str, Callable[[Any, Language], object]] = {
    "reason": lambda value, language: look_reason(str(value), language),
    "reasons": _reasons,
    "addresses": lambda value, _: " ".join(value) if isinstance(value, (list, tuple)) else value,
    "more": lambda value, language: say("notes", language, "value.more_addresses", more=value) if value else "",
    "outcome": partial(word, "outcome"),
    "purpose": partial(word, "purpose"),
    "started": _instant,
    "last": _instant,
    "found": lambda value, language: messages("notes").get(f"found.{value}", {language: str(value)})[language],
    "notes": lambda value, language: notes_sentence(map(Note.of, value), language),
    "why": lambda value, language: note_sentence(Note.of(value), language),
}


_FEWER = re.compile(r"(?P<seen>\d+)_of_(?P<stated>\d+)(?P<pages>_pages)?(?::.*)?")
_STATUS = re.compile(r"http_(?P<status>\d{3})")


def look_reason(code: str, language: Language | None = None) -> str:
    """``robots_http_503``, ``17_of_40_pages:pageCount``, ``soft_404``… in ``language``, without one in that of this
    run; a code without words stands for itself.
    """
    language = language or current()
    if match := _FEWER.fullmatch(code):
        key = "fewer_pages" if match["pages"] else "fewer_entries"
        return say("cli", language, f"look_reason.{key}", seen=match["seen"], stated=match["stated"])
    plain, _, detail = code.partition(":")
    if plain != (robots := plain.removeprefix("robots_")):
        return say("cli", language, "look_reason.robots", reason=look_reason(robots, language))
    if match := _STATUS.fullmatch(code.rpartition(":")[2]):
        return say("cli", language, "look_reason.status", status=match["status"])
    entries = messages("cli")
    entry = entries.get(f"look_reason.{plain}") or entries.get(f"capture_outcome.{plain}")
    if entry is None:
        return code
    return (
        say("cli", language, "look_reason.detailed", reason=entry[language], detail=detail)
        if detail
        else entry[language]
    )


def citation_texts(citation: Citation | CitableAbsence | None, page: str = "", lang: str = "") -> tuple[str, str]:
    """A citation as GB/T 7714 and as BibTeX, "" of nothing. ``page``: the public address of its page, if it has one."""
    if isinstance(citation, CitableAbsence):
        in_chinese = (lang or current()) == Language.ZH
        return gbt7714_of_absence(citation, page), bibtex_of_absence(citation, page, chinese=in_chinese)
    return (gbt7714(citation, page), bibtex(citation, page)) if citation else ("", "")


# ---------------------------------------------------------------------------------------------- parts of a report


_BLANK, _DOUBT = "□", "?"
_COUNTED_FROM_0 = frozenset({"table", "row", "col", "script"})  # as programs count (docs/reading.md)
_PLACES = ("page", "table", "row", "col", "line", "section", "paragraph")


def shown_cell(cell: CellLine) -> str:
    """A cell as a grid shows it: its figure, the sign for a blank, or its text; doubtful ones are marked."""
    if cell.value is not None:
        text = f"{cell.value:f}"
    else:
        text = _BLANK if cell.state is CellState.BLANK else cell.raw.strip()
    return text + (_DOUBT if cell.flags else "")


def counted_from_1(locator: Mapping[str, Any]) -> dict[str, Any]:
    """Where a cell or paragraph stands, with its table, row and column counted as people do."""
    return {key: place + 1 if key in _COUNTED_FROM_0 and isinstance(place, int) else place
            for key, place in locator.items()}  # fmt: skip


def locator_words(locator: Mapping[str, object], lang: str = "") -> str:
    """The same in words. ``lang``: another language than this run's."""
    lang, placed = lang or current(), counted_from_1(locator)
    words = (say("cli", lang, f"locator.{key}", number=placed[key]) for key in _PLACES if key in placed)
    return say("cli", lang, "join.names").join(words)


def status_words(status: Status, evidence: str, lang: str = "") -> str:
    """A status with what it rests on: ``missing: absent in two looks``. ``lang``: another language than this run's."""
    absent = status in {Status.MISSING, Status.NOT_FOUND} and evidence in {"proven", "one_look"}
    keys = [f"status.{status.value}"]
    keys += [f"evidence.{evidence}{'_absent' if absent else ''}"] if evidence != "none" else []
    lang = lang or current()
    return say("cli", lang, "join.standing").join(say("cli", lang, key) for key in keys)
