"""Put answers, errors, notes of crawls and codes into sentences; without a language, in that of this run."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from archive.assessment.measures import find
from archive.exports.citations import bibtex, bibtex_of_absence, gbt7714, gbt7714_of_absence
from archive.exports.plain_values import cell_text
from archive.findings import meanings_by_code
from archive.fuzzy_lookup import Suggestion
from archive.queries.results import CellLine, CitableAbsence, Citation, Difference
from archive.sentence_templates import days_in_words
from nianbao.language import Language, current
from nianbao.messages import messages, say
from storage.records import SHANGHAI, CellState, Note, Status


def sentence(key: str, /, **values: object) -> str:
    """Return a sentence of ``cli.toml`` with ``values`` in place of the names in braces. Raises KeyError."""
    return say("cli", None, key, **values)


def word(kind: str, code: object, language: str | None = None, *, catalogue: str = "cli") -> str:
    """Return the word for a code, as in ``word("outcome", "ok")``, else the code. ``language`` None: this run's."""
    text = cell_text(code)
    if kind == "finding":
        return finding_meaning(text, language)
    if kind == "looked":
        return look_reason(text, language)
    key = f"{kind}.{text}"
    return say(catalogue, language, key) if key in messages(catalogue) else text


def word_of(token: object, *sections: str) -> str:
    """Return the word for a code from the first section that has it, else the code with spaces for underscores."""
    key = next((key for one in sections if (key := f"{one}.{token}") in messages("cli")), "")
    return sentence(key) if key else str(token).replace("_", " ")


def in_language(record: Any, language: str | None = None) -> str:
    """Return the text of a record, its ``zh`` or ``en`` (None: of this run), with days in words."""
    language = language or current()
    return days_in_words(getattr(record, language), language)


def finding_meaning(code: str, language: str | None = None) -> str:
    """Return what a finding's code means; the code itself if it is unknown."""
    meaning = meanings_by_code().get(code)
    return code if meaning is None else in_language(meaning, language)


def indicator_words(name: str, language: str | None = None) -> str:
    """Return the labels of an indicator's row and column, in Chinese as printed; its id if it is unknown."""
    measure = find(name)
    return name if measure is None else in_language(measure, language)


def joined(name: str, *parts: str | None) -> str:
    """Join the parts that are not empty with the separator that the entry ``name`` of ``[join]`` gives."""
    return sentence(f"join.{name}").join(filter(None, parts))


def listed(names: Collection[object]) -> str:
    """Join names with the comma of the language."""
    return joined("names", *map(str, names))


def bracketed(text: str, more: str) -> str:
    """Return a text with ``more`` in brackets behind it, if there is any."""
    return sentence("join.bracketed", text=text, more=more) if more else text


def some(names: Sequence[str], most: int) -> str:
    """Return the first ``most`` names, and how many more there are."""
    more = sentence("join.more", count=len(names) - most) if len(names) > most else ""
    return listed(names[:most]) + more


def commands_on_crawls(portals: Sequence[str]) -> str:
    """Return the commands that show the last crawls of the first portals."""
    return "; ".join(f"nianbao runs show {name}" for name in portals[:3])


def worded(error: BaseException, language: str | None = None, *, on_page: bool = False) -> str:
    """Return the sentence of an exception, or its message without an entry.

    ``on_page``: use the words for browsers, and leave suggestions out, because pages show them as links.
    """
    if parts := getattr(error, "parts", ()):
        return "\n".join(worded(one, language, on_page=on_page) for one in parts)
    key, values = getattr(error, "code", ""), getattr(error, "values", {})
    if not key or f"error.{key}" not in messages("errors"):
        return str(error)
    if on_page:
        section = "page" if f"page.{key}" in messages("errors") else "error"
        return error_sentence(f"{section}.{key}", values, language)
    suggestions: Sequence[Suggestion] = getattr(error, "suggestions", ())
    kind = "all" if getattr(error, "are_all", False) else "near"
    near = say("cli", language, "join.names").join(suggestion_text(one, language) for one in suggestions)
    if any(one.en for one in suggestions):  # long names, of figures
        kind, near = "lines", "".join(f"\n  {one.id}  {_name_of(one, language)}" for one in suggestions)
    hint = say("errors", language, f"hint.{kind}", near=near)
    return error_sentence(f"error.{key}", values, language) + (hint if near else "")


def suggestion_text(one: Suggestion, language: str | None = None) -> str:
    """Return the name of a suggestion, followed by what to type for it if that is something else."""
    name = _name_of(one, language)
    return say("errors", language, "hint.with_id", name=name, id=one.id) if one.id else name


def _name_of(one: Suggestion, language: str | None) -> str:
    """Return the Chinese or English name of a suggestion (``language`` None: in that of this run)."""
    return one.en if one.en and (language or current()) == Language.EN else one.name


_ERROR = "error."  # prefix of the codes that ``errors.toml`` words


def note_sentence(note: Note, language: str | None = None) -> str:
    """Return the sentence of a note, or the note as logs show it if a newer version wrote it, with an unknown code."""
    if note.code.startswith(_ERROR) and note.code in messages("errors"):
        return error_sentence(note.code, note.values, language)
    key = f"note.{note.code}"
    if key not in messages("notes"):
        return str(note)
    values = {name: _SHOWN[name](value, language) if name in _SHOWN else value for name, value in note.values.items()}
    if {"listing", "title", "url"} <= values.keys():  # older notes have no title
        values["listing"] = say("notes", language, "value.list", **values)
    return say("notes", language, key, **values, **_counted(note, language))


def notes_sentence(notes: Iterable[Note], language: str | None = None) -> str:
    """Return the sentences of several notes, joined."""
    return say("notes", language, "value.notes").join(note_sentence(one, language) for one in notes)


def run_sentence(note: str, notes: Iterable[Note], language: str | None = None) -> str:
    """Return how a run ended: the sentences of its notes, or the English text that older versions stored instead."""
    return notes_sentence(notes, language) or note


def gap_sentence(deadline: date, tries: int, filled: datetime | None, language: str | None = None) -> str:
    """Return a sentence on a look missing after a due date: number of tries, and when one succeeded, if any did."""
    say_it = partial(say, "cli", language or current())
    first = say_it("due.gap_open" if filled is None else "due.gap_filled", at=filled)
    return say_it("due.gap", deadline=deadline, tries=tries, first=first)


def days_ago(least: int, most: int, language: str | None = None) -> str:
    """Return how many days ago the newest and the oldest of several looks were."""
    is_recent = (least, most) == (0, 1)
    return say("web", language, "overview.recently" if is_recent else "overview.days_ago", least=least, most=most)


def due_sentence(due: Any, resumes: datetime | None, language: str | None = None) -> str:
    """Return why a portal is crawled next at that time, or how long it is paused. ``due``: its ``NextCrawl`` of
    :mod:`crawler.operations.due_crawls`, None if none is planned; ``resumes``: the end of its pause, if it has one.
    """
    say_it = partial(say, "cli", language or current())
    if due is None:
        return say_it("due.resting")
    if resumes is not None and due.at == resumes:
        return say_it("due.paused", day=resumes.date())
    why = "second_again" if due.early is not None else due.why
    return say_it(f"due.{why}", deadline=due.deadline, early=due.early)


def error_sentence(key: str, values: Mapping[str, object], language: str | None) -> str:
    """Return the sentence of an error by its key in ``errors.toml``. Raises KeyError."""
    return say("errors", language, key, **{name: _of_error(name, value, language) for name, value in values.items()})


def _of_error(name: str, value: object, language: str | None) -> object:
    """Translate a value of an error: a code, a mapping of language to text, or a key of ``errors.toml``."""
    if name in {"reason", "outcome", "why"}:
        return _SHOWN[name](value, language)
    if isinstance(value, Mapping) and value.keys() == {*Language}:
        return value[language or current()]
    return say("errors", language, str(value)) if str(value) in messages("errors") else value


def _counted(note: Note, language: str | None) -> dict[str, object]:
    """Return further values for a note's sentence, computed from its counts by outcome: ``ok``, ``all``, ``others``."""
    counts = note.values.get("outcomes")
    if not isinstance(counts, Mapping):
        return {}
    others = [
        say("notes", language, "value.look", outcome=word("outcome", name, language), number=number)
        for name, number in counts.items()
        if name != "ok"
    ]
    return {"ok": counts.get("ok", 0), "all": sum(counts.values()), "others": "".join(others)}


def _reasons(value: object, language: str | None) -> str:
    assert isinstance(value, Mapping)
    texts = [
        say("notes", language, "value.reason", reason=look_reason(code, language), number=number)
        for code, number in value.items()
    ]
    return say("notes", language, "value.reasons").join(texts)


def _instant(value: object, _: str | None) -> str:
    return datetime.fromisoformat(str(value)).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S %z")


#: name of a note's value → the function that formats the value for a sentence
_SHOWN: Mapping[str, Callable[[Any, str | None], object]] = {
    "reason": lambda value, language: look_reason(str(value), language),
    "reasons": _reasons,
    "addresses": lambda value, _: " ".join(value) if isinstance(value, (list, tuple)) else value,
    "more": lambda value, language: say("notes", language, "value.more_addresses", more=value) if value else "",
    "outcome": partial(word, "outcome"),
    "purpose": partial(word, "purpose"),
    "started": _instant,
    "last": _instant,
    "found": partial(word, "found", catalogue="notes"),
    "notes": lambda value, language: notes_sentence(map(Note.of, value), language),
    "why": lambda value, language: note_sentence(Note.of(value), language),
}


_FEWER = re.compile(r"(?P<seen>\d+)_of_(?P<stated>\d+)(?P<pages>_pages)?(?::(?P<where>.*))?")
_STATUS = re.compile(r"http_(?P<status>\d{3})")


def look_reason(code: str, language: str | None = None) -> str:
    """Return the reason of a look (an attempt to read a list) in words: ``code`` is ``robots_http_503``,
    ``17_of_40``, ``17_of_40:http_404 https://…`` (the page that did not come), ``soft_404`` …; a code without an entry
    is returned as it is.
    """
    if match := _FEWER.fullmatch(code):
        key = "fewer_pages" if match["pages"] else "fewer_entries"
        fewer = say("cli", language, f"look_reason.{key}", seen=match["seen"], stated=match["stated"])
        why, _, url = (match["where"] or "").partition(" ")
        if not url:
            return fewer
        return say("cli", language, "look_reason.page_lacking", fewer=fewer, url=url, reason=look_reason(why, language))
    plain, _, detail = code.partition(":")
    if plain != (robots := plain.removeprefix("robots_")):
        return say("cli", language, "look_reason.robots", reason=look_reason(robots, language))
    if match := _STATUS.fullmatch(code.rpartition(":")[2]):
        return say("cli", language, "look_reason.status", status=match["status"])
    sections = (one for one in ("look_reason", "capture_outcome") if f"{one}.{plain}" in messages("cli"))
    if (section := next(sections, None)) is None:
        return code
    reason = word(section, plain, language)
    return say("cli", language, "look_reason.detailed", reason=reason, detail=detail) if detail else reason


def reasons_in_words(values: Mapping[str, object], lang: str) -> Mapping[str, object]:
    """Return the values of a portal's problem with the codes of its reasons replaced by words."""
    if not (reasons := values.get("reasons")):
        return values
    words = [look_reason(one, lang) for one in str(reasons).split(", ")]
    return {**values, "reasons": say("cli", lang, "join.names").join(words)}


def citation_texts(
    citation: Citation | CitableAbsence | None, page: str = "", lang: str | None = None
) -> tuple[str, str]:
    """Return a citation in GB/T 7714 and in BibTeX ("" for None). ``page``: the public address of its page, if any."""
    if isinstance(citation, CitableAbsence):
        in_chinese = (lang or current()) == Language.ZH
        return gbt7714_of_absence(citation, page), bibtex_of_absence(citation, page, chinese=in_chinese)
    return (gbt7714(citation, page), bibtex(citation, page)) if citation else ("", "")


# ---------------------------------------------------------------------------------------------- parts of a report


_BLANK, _DOUBT = "□", "?"
_COUNTED_FROM_0 = frozenset({"table", "row", "col", "script"})  # keys of locators (docs/reading.md)
_PLACES = ("page", "table", "row", "col", "line", "section", "paragraph")


def shown_cell(cell: CellLine) -> str:
    """Return a cell as text for a grid: its figure, □ for a blank, or its raw text; ``?`` follows a doubtful one."""
    if cell.value is not None:
        text = f"{cell.value:f}"
    else:
        text = _BLANK if cell.state is CellState.BLANK else cell.raw.strip()
    return text + (_DOUBT if cell.flags else "")


def counted_from_1(locator: Mapping[str, Any]) -> dict[str, Any]:
    """Return a locator with its table, row and column counted from 1 instead of 0."""
    return {key: place + 1 if key in _COUNTED_FROM_0 and isinstance(place, int) else place
            for key, place in locator.items()}  # fmt: skip


def locator_words(locator: Mapping[str, object], lang: str | None = None) -> str:
    """Return a locator in words, counted from 1."""
    placed = counted_from_1(locator)
    words = (say("cli", lang, f"locator.{key}", number=placed[key]) for key in _PLACES if key in placed)
    return say("cli", lang, "join.names").join(words)


def news_words(kind: str, previous_evidence: object, evidence: object, lang: str | None = None) -> str:
    """Return what became known: ``missing (one look)``; ``missing (one look → proven)`` if only its evidence is new."""
    text = say("web", lang, f"change.{kind}")
    if kind not in {Status.LATE, Status.MISSING, Status.NOT_FOUND}:
        return text
    grades = " → ".join(say("web", lang, f"grade.{one}") for one in (previous_evidence, evidence) if one is not None)
    return say("cli", lang, "join.bracketed", text=text, more=grades)


def changes_sentence(difference: Difference, lang: str) -> str:
    """Return between which days a report changed, and how many of its cells and paragraphs differ, unless withheld."""
    before, after = difference.before, difference.after
    change, last, first = word("opened", after.change, lang, catalogue="web"), before.last_seen, after.first_seen
    text = say("web", lang, "diff.when", change=change, last=cell_text(last), first=cell_text(first))
    cells, paragraphs = len(difference.cells), len(difference.paragraphs)
    only = "_paragraphs" if paragraphs and not cells else "_cells" if cells and not paragraphs else ""
    what = "" if difference.withheld else say("web", lang, f"diff.what{only}", cells=cells, paragraphs=paragraphs)
    return days_in_words(text[0].upper() + text[1:] + (" " if lang == "en" else "") + what, lang)


def status_words(status: Status, evidence: str, lang: str | None = None) -> str:
    """Return a status with its evidence, as ``missing: absent in two looks``."""
    absent = status in {Status.MISSING, Status.NOT_FOUND} and evidence in {"proven", "one_look"}
    keys = [f"status.{status.value}"]
    keys += [f"evidence.{evidence}{'_absent' if absent else ''}"] if evidence != "none" else []
    return say("cli", lang, "join.standing").join(say("cli", lang, key) for key in keys)
