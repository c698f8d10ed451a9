"""What needs a person, and the rulings by which it is decided: as ``nianbao review`` and ``nianbao rule``."""

from __future__ import annotations

import json
import shlex
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from archive.queries.review import CITED, ReviewLine
from archive.queries.review import review as doubts_of
from nianbao.language import Language
from nianbao.operate.login import Archive, Change, FormError, Operator, page, to
from nianbao.operate.runs import Work
from nianbao.page_routes import PageRoute
from nianbao.rulings import KINDS, decided, rule_on
from storage.home import Home
from storage.registry import Registry

router = APIRouter(route_class=PageRoute)
_ON_A_PAGE = 50
_PORTALS = 30  # whose doubts are shown together; of more, one is chosen first


@router.get("/{lang}/review")
def review(
    request: Request,
    lang: Language,
    home: Archive,
    session: Operator,
    portal: str = "",
    begin: int = 0,
    ruled: str = "",
) -> Response:
    """Every open doubt of a portal, or of all, with the rulings that would decide it."""
    names = [one.name for one in Registry(home).portals()]
    all_at_once = not portal and len(names) <= _PORTALS
    lines = doubts_of(home, portal or None) if all_at_once or portal in names else []
    begin = max(0, begin)
    shown = [(line, [(_written(choice.words), choice) for choice in line.choices]) for line in lines]
    more = urlencode({"portal": portal, "begin": begin + _ON_A_PAGE}) if len(lines) > begin + _ON_A_PAGE else ""
    values: dict[str, Any] = {
        "lines": shown[begin : begin + _ON_A_PAGE],
        "count": len(lines),
        "more": more,
        "kinds": KINDS,
        "cited": CITED,  # the form asks for it
        "choose": not portal and not all_at_once,
    }
    return page(request, "review.html", lang, session, portals=names, portal=portal, ruled=ruled, **values)


@router.post("/{lang}/review/decide")
def decide(lang: Language, home: Archive, work: Work, session: Operator, form: Change) -> Response:
    """Decide a doubt by one of its choices; a doubt that is gone is not decided twice."""
    line, words = _still_open(home, form.one("portal"), form.one("subject"), form.one("choice"))
    kind, subject, *rest = words
    ruling = _rule(home, kind, subject, rest, session.name, form.one("reason"), form.one("source"))
    work.read([line.portal], session.name)
    return to(lang, f"review?{urlencode({'portal': form.one('back'), 'ruled': ruling})}")


@router.post("/{lang}/review/rule")
def rule(lang: Language, home: Archive, work: Work, session: Operator, form: Change) -> Response:
    """Rule on anything, in the words of ``nianbao rule``."""
    try:
        words = shlex.split(form.one("words"))
    except ValueError:
        raise FormError(HTTPStatus.UNPROCESSABLE_ENTITY, "quotation") from None
    subject = form.one("subject")
    found = decided(home, form.one("kind"), subject, words)
    ruling = _rule(home, form.one("kind"), subject, words, session.name, form.one("reason"), form.one("source"))
    work.read(found.portals, session.name)
    return to(lang, f"review?{urlencode({'ruled': ruling})}")


def _rule(home: Home, kind: str, subject: str, words: list[str], by: str, reason: str, source: str) -> str:
    """Write a ruling, and give its id."""
    if not reason:
        raise FormError(HTTPStatus.UNPROCESSABLE_ENTITY, "no_reason")
    return rule_on(home, decided(home, kind, subject, words), by=by, reason=reason, source=source).id


def _still_open(home: Home, portal: str, subject: str, choice: str) -> tuple[ReviewLine, list[str]]:
    for line in doubts_of(home, portal):
        if line.subject == subject:
            for one in line.choices:
                if _written(one.words) == choice:
                    return line, [*one.words]
    raise FormError(HTTPStatus.CONFLICT, "doubt_gone")


def _written(words: tuple[str, ...]) -> str:
    """The words of a choice as one value of a form."""
    return json.dumps(words, ensure_ascii=False)
