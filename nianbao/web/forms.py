"""Make the form fields of a question's page from the question's parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nianbao.parameters import Parameters, choices_of, takes_several

_NOT_ASKED = frozenset(("lang", "limit", "cursor", "codes", "snippets", "around"))
_FIRST = ("query", "indicator", "body", "year", "since", "place", "agency", "evidence", "years")


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
    """Yield a field for each parameter that people are asked for; ``values``: what they have entered."""
    for name, field in parameters.model_fields.items():
        if name in _NOT_ASKED:
            continue
        words = choices_of(field.annotation)
        flag = field.annotation is bool
        default = () if field.is_required() or field.default is None else (str(field.default),)
        yield FormField(
            name=name,
            sort="flag" if flag else "choice" if words else "several" if takes_several(field.annotation) else "text",
            required=field.is_required(),
            choices=words,
            is_given=name in values,
            may_be_left=not default and not field.is_required(),
            values=_texts(values[name]) if name in values else default if words else (),
        )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
