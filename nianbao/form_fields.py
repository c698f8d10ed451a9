"""Make the form fields of a question's page from its parameters, and offer values for them and for shell completion:
places, portals, agencies, indicators and years.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

from archive.assessment.measures import measures
from archive.forms.indicators import english
from archive.forms.loader import all_forms
from archive.fuzzy_lookup import SUGGESTIONS, Suggestion, comparable_name
from archive.identity.divisions import level_of
from archive.queries import find
from archive.queries.bounds import NotKnownError
from archive.queries.selection import agency_lines, ids_by_name, known_names
from archive.queries.where import Where
from archive.queries.words import CHINA
from nianbao.language import Language
from nianbao.messages import messages
from nianbao.parameters import Parameters, choices_of, takes_several
from nianbao.questions import LISTS, Question, question
from nianbao.sentences import in_language, word
from storage.home import Home

MAX_OFFERED = 500  #: values of a field: more would make pages large
_MAX_COMPLETED = 30  # values for shell completion
_FIRST_YEAR = 2008  # the first reporting year
Answer = TypeVar("Answer")
Offer = tuple[str, str]  #: a value and its meaning, or how to type it in pinyin


def offered(home: Home, lang: Language, name: str, text: str = "") -> list[Offer]:
    """Return all values of a parameter in their usual order, or those that match the typed ``text``, best first.

    With more than MAX_OFFERED places only provinces and prefectures are returned, with more agencies none of them.
    """
    return [*_OFFERS[name](home, lang, text)]


def is_offered(name: str) -> bool:
    """True if there are suggestions for a parameter."""
    return name in _OFFERS


def _places(home: Home, text: str) -> Iterator[Offer]:
    """Yield places that match ``text`` ("": all) with code and pinyin; of too many only provinces, prefectures."""
    every = find.places(home)
    places = every.find(text, _MAX_COMPLETED) if text else every.things
    if len(places) > MAX_OFFERED:
        places = [one for one in places if one.id.isdecimal() and level_of(one.id) != "county"]
    for one in places:
        pinyin = find.spell(one.name)
        yield one.name, f"{one.id} {pinyin.full} {pinyin.initials}"


def _portals(home: Home, text: str) -> Iterator[Offer]:
    every = find.portals(home)
    things = every.find(text, _MAX_COMPLETED) if text else every.things
    yield from ((one.id, one.name) for one in things[:MAX_OFFERED])


def _agencies(home: Home, lang: Language, text: str) -> Iterator[Offer]:
    """Yield agencies found by ``text`` ("": all), none if too many; in English with place, subject, else id, pinyin."""
    ids: Collection[str] = find.find_agencies(home, text, _MAX_COMPLETED) if text else known_names(home)
    if len(ids) <= MAX_OFFERED:
        lines = agency_lines(home, ids)
        for line in (lines[one] for one in ids):
            in_pinyin = f"{line.id} {find.spell(line.name).initials}"
            yield line.name, find.gloss(line.name, line.place) if lang is Language.EN else in_pinyin


def _reports(home: Home, lang: Language, text: str) -> Iterator[Offer]:
    """Yield the reports that an agency and a year in the text name, with their status in words."""
    words, years = find.words_and_years(text)
    agencies = find.find_agencies(home, words, _MAX_COMPLETED) if years else ()
    for one in find.reports_of(home, agencies, Where(years=years)):
        yield f"{one.name} {one.year}", word("status_short", one.status, lang)


def names_found(home: Home, lang: Language, error: NotKnownError) -> list[Suggestion]:
    """Return what a search finds for an unknown name of an agency or indicator, and the suggestions of the error."""
    if not error.code.startswith("not_known.indicator"):
        return [*agencies_found(home, error), *error.suggestions]
    matches = _indicators_found(str(error.values["text"]))[: find.SHOWN]
    return [Suggestion(in_language(one, lang), one.id) for one in matches] or [*error.suggestions]


def _indicators_found(text: str) -> list[find.Match]:
    """Return the indicators with a name in theirs (not in the definition of a rate), those of the newest form first."""
    name, matches = comparable_name(text), find.indicators().find(text, len(measures()))
    matches = [one for one in matches if name not in comparable_name(one.zh.partition("：")[2])]
    return sorted(matches, key=lambda one: not _is_current(one))


def only_match(home: Home, lang: Language, error: NotKnownError) -> Suggestion | None:
    """Return the agency or indicator that a search finds for an unknown name; None if it finds none or several."""
    if error.code.startswith("not_known.indicator"):
        measure = measures().get(_indicator_meant(str(error.values["text"])))
        return None if measure is None else Suggestion(in_language(measure, lang), measure.id)
    matches = agencies_found(home, error)
    return matches[0] if len(matches) == 1 else None


def take_only_match(
    home: Home, lang: Language, error: NotKnownError, values: Mapping[str, Any]
) -> tuple[dict[str, Any], Suggestion]:
    """Return the parameter in which :func:`only_match` replaces an unknown name, with its new value, and the match.
    Raises ``error`` if a search finds none or several. ``values``: the parameters as they were given.
    """
    match, text = only_match(home, lang, error), error.values.get("text")
    for name in ("indicator",) if error.code.startswith("not_known.indicator") else ("agency", "agencies"):
        value = values.get(name) or ()
        if match is not None and text != match.id and text in ([value] if isinstance(value, str) else value):
            return {name: match.id if text == value else [match.id if one == text else one for one in value]}, match
    raise error


def ask_as_meant(
    home: Home,
    parameters: Parameters,
    ask: Callable[[Any], Answer],
    tell: Callable[[NotKnownError, Suggestion], None] = lambda _error, _match: None,
) -> Answer:
    """Return ``ask(parameters)``; unknown names that fit just one agency or indicator are replaced by it (``tell``)."""
    try:
        return ask(parameters)
    except NotKnownError as error:
        not_known = error
    values, match = take_only_match(home, parameters.lang, not_known, dict(parameters))
    tell(not_known, match)
    return ask_as_meant(home, parameters.model_copy(update=values), ask, tell)


def agencies_found(home: Home, error: NotKnownError) -> list[Suggestion]:
    """Return the agencies that a search finds for the unknown name of an agency: in English, or in pinyin."""
    ids = find.find_agencies(home, str(error.values["text"]), SUGGESTIONS) if error.code == "not_known.agency" else ()
    lines = agency_lines(home, ids)
    return [Suggestion(lines[one].name, one) for one in ids]


def _indicators(lang: Language, text: str) -> Iterator[Offer]:
    """Yield indicators of the newest form and rates; with typed text also those of older forms."""
    every = find.indicators()
    for one in every.find(text, _MAX_COMPLETED) if text else every.things:
        if text or _is_current(one):
            yield one.id, in_language(one, lang)


def section_of(lang: Language, indicator: str) -> str:
    """Return the heading of the form's section with an indicator, or with the first cell of a sum or rate."""
    measure = measures()[indicator]
    form = next(one for one in reversed(all_forms()) if one.name in measure.terms)
    first_cell = measure.terms[form.name][0][0]
    heading = form.heading(form.table(form.places[first_cell].table))
    return english([heading]) or heading if lang is Language.EN else heading


def _is_current(indicator: find.Match) -> bool:
    """True if the newest form has the indicator."""
    return all_forms()[-1].name in measures()[indicator.id].forms


def _years(home: Home, text: str) -> Iterator[Offer]:
    last = home.clock.now().astimezone(CHINA).year - 1
    yield from ((year, "") for year in map(str, range(last, _FIRST_YEAR - 1, -1)) if year.startswith(text))


def lists_named(*words: str) -> list[Question]:
    """Return the lists with these words in title or name, as ``missing`` is in *Missing reports*, or of which the entry
    in the menu or another word (``[list_words]``) is among the words, as in ``who is missing``.
    """
    text, texts, chosen = " ".join(words).lower(), messages("web"), []
    for one in map(question, sorted({*LISTS, "figures"})):
        entries, others = (texts.get(f"{section}.{one.name}", {}).values() for section in ("menu", "list_words"))
        names = [*entries, *(name for other in others for name in other.split(" / "))]
        if text in f"{one.zh} {one.en} {one.name}".lower() or any(name.lower() in text for name in names):
            chosen.append(one)
    return chosen


_OFFERS: Mapping[str, Callable[[Home, Language, str], Iterable[Offer]]] = {
    "place": lambda home, _, text: _places(home, text),
    "portal": lambda home, _, text: _portals(home, text),
    "agency": _agencies,
    "agencies": lambda home, lang, text: chain(_places(home, text), _agencies(home, lang, text)),
    "name": lambda home, lang, text: chain(
        ((text, in_language(one, lang)) for one in lists_named(text)),
        _reports(home, lang, text),
        _places(home, text),
        _agencies(home, lang, text),
        ((name, value) for value, name in _indicators(lang, text)),
        _portals(home, text),
    ),
    "indicator": lambda _, lang, text: _indicators(lang, text),
    **dict.fromkeys(("year", "years", "before", "after"), lambda home, _, text: _years(home, text)),
}


# ---------------------------------------------------------------------------------------------- fields of forms

_BETWEEN_NAMES = re.compile(r"\s*[,，、;；]\s*")


def values_meant(name: str, texts: Sequence[str]) -> list[str]:
    """Return the values that texts in the field ``name`` mean: the ids of indicators, each of several agencies."""
    parts = [part for one in texts for part in _BETWEEN_NAMES.split(one)] if name == "agencies" else texts
    return [_indicator_meant(one) if name == "indicator" else one for one in parts if one.strip()]


def _indicator_meant(text: str) -> str:
    """Return the id of the indicator that a typed name means: the one with this name, else the only one that contains
    it, or the total of all that do (only the newest form's, if it has any). The text itself if it is an id or unclear.
    """
    matches = [] if text in measures() else _indicators_found(text)
    same = [one for one in matches if comparable_name(text) in map(comparable_name, (one.zh, one.en))]
    ids = [one.id for one in same or [one for one in matches if _is_current(one)] or matches] or [text]
    return ids[0] if all(one.startswith(ids[0].removesuffix("total")) for one in ids) else text


def field_text(home: Home, lang: Language, name: str, value: str) -> str:
    """Return what a field shows for a value: the name of an indicator or agency, unless that may mean another one."""
    if name == "indicator" and value in measures():
        text = in_language(measures()[value], lang)
        return text if _indicator_meant(text) == value else value
    line = agency_lines(home, [value]).get(value) if name in {"agency", "agencies"} else None
    return line.name if line and ids_by_name(home).get(comparable_name(line.name)) == (value,) else value


_NOT_ASKED = frozenset(("lang", "limit", "cursor", "codes", "snippets", "around"))
_WIDER = {"portal": "place", "agency": "agencies"}  # field → another one that takes the same and more
_FIRST = ("query", "indicator", "agencies", "year", "since", "place", "agency", "evidence", "years")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field of a form. ``sort``: ``text``, ``several`` (a text that may occur several times), ``flag``, ``choice``.

    ``choices``: values that can be chosen; ``values``: the present values; ``is_given``: the address has this field;
    ``may_be_left``: "no choice" is offered.
    """

    name: str
    sort: str
    required: bool
    choices: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    is_given: bool = False
    may_be_left: bool = True


def form_fields(parameters: type[Parameters], values: Mapping[str, Any]) -> list[FormField]:
    """Return the fields of a question, required ones and those used most first; ``values``: the present values."""
    fields = list(_fields(parameters, values))
    ranks = {name: number for number, name in enumerate(_FIRST)}
    return sorted(fields, key=lambda one: (not one.required, ranks.get(one.name, len(ranks))))


def _fields(parameters: type[Parameters], values: Mapping[str, Any]) -> Iterator[FormField]:
    """Yield a field for each parameter; one beside a wider one (portal beside place) only if it was entered."""
    for name, field in parameters.model_fields.items():
        if name in _NOT_ASKED or (name not in values and _WIDER.get(name) in parameters.model_fields):
            continue
        words = choices_of(field.annotation)
        flag = field.annotation is bool
        default = () if field.is_required() or field.default is None else (str(field.default),)
        texts = values[name] if isinstance(values.get(name), list) else [values.get(name)]
        yield FormField(
            name=name, required=field.is_required(), choices=words, is_given=name in values,
            sort="flag" if flag else "choice" if words else "several" if takes_several(field.annotation) else "text",
            may_be_left=not default and not field.is_required(),
            values=tuple(map(str, texts)) if name in values else default if words else (),
        )  # fmt: skip
