"""The page of open doubts, and the forms for rulings on them: like ``nianbao review`` and ``nianbao rule``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from archive.queries.review import review as doubts_of
from nianbao.language import answering_in
from nianbao.operate.visits import ChangeRequest, ReadRequest, SubmittedFormError, Values, change, page
from nianbao.rulings import KINDS, OFFERED, Decided, decided, rule_on, words_of
from storage.records import RulingKind
from storage.registry import Registry

_ON_A_PAGE = 50
_MAX_PORTALS = 30  # in an archive with more, the operator chooses a portal before doubts are shown


@page("review", "review.html")
def review(
    visit: ReadRequest, portal: str = "", begin: int = 0, ruled: str = "", subject: str = "",
    kind: RulingKind = RulingKind.DUTY,
) -> Values:  # fmt: skip
    """Show the open doubts of a portal, or of all, each with rulings that decide it, and a form for any ruling."""
    names = {one.name: one.place for one in Registry(visit.home).portals()}
    all_at_once = not portal and len(names) <= _MAX_PORTALS
    lines = doubts_of(visit.home, portal or None) if all_at_once or portal in names else []
    end = max(0, begin) + _ON_A_PAGE
    return {
        "lines": [
            (line, [(_written(choice.words), choice) for choice in line.choices])
            for line in lines[end - _ON_A_PAGE : end]
        ],
        "count": len(lines), "more": urlencode({"portal": portal, "begin": end}) if len(lines) > end else "",
        "kinds": KINDS, "choose": not portal and not all_at_once, "portals": names, "portal": portal, "ruled": ruled,
        "kind": str(kind), "subject": subject, "keys": words_of(kind), "values": OFFERED,
    }  # fmt: skip


@change("review/decide")
def decide(visit: ChangeRequest) -> str:
    """Decide a doubt by one of its choices; refuse if somebody has decided it meanwhile."""
    kind, subject, *rest = _words_of_open_doubt(visit)
    return _rule(visit, _decided(visit, kind, subject, rest))


@change("review/rule")
def rule(visit: ChangeRequest) -> str:
    """Make any ruling, from the fields for the keys of its kind that were filled in; return the next page."""
    form, kind = visit.form, visit.form.one("kind")
    values = {key: form.one(f"say_{key}") for key in (words_of(kind) if kind in KINDS else ())}
    words = [f"{key}={value}" for key, value in values.items() if value]
    return _rule(visit, _decided(visit, kind, form.one("subject"), words))


def _decided(visit: ChangeRequest, kind: str, subject: str, words: Sequence[str]) -> Decided:
    """Check a ruling; an error's sentence is in the language of the page."""
    with answering_in(visit.lang):
        return decided(visit.home, kind, subject, words)


def _rule(visit: ChangeRequest, decision: Decided) -> str:
    """Store a ruling, judge its portals again, and return the next page; the form must give a reason."""
    if not (reason := visit.form.one("reason")):
        raise SubmittedFormError(HTTPStatus.UNPROCESSABLE_ENTITY, "no_reason")
    rule_on(visit.home, decision, by=visit.session.name, reason=reason, source=visit.form.one("source"))
    visit.jobs.read(decision.portals, visit.session.name)
    return f"review?{urlencode({'portal': visit.form.one('back'), 'ruled': 'yes'})}"


def _words_of_open_doubt(visit: ChangeRequest) -> tuple[str, ...]:
    """Return the words of the choice that a form names. Raises :class:`SubmittedFormError` if it is decided by now."""
    subject, choice = visit.form.one("subject"), visit.form.one("choice")
    for line in doubts_of(visit.home, visit.form.one("portal")):
        for one in line.choices:
            if line.subject == subject and _written(one.words) == choice:
                return one.words
    raise SubmittedFormError(HTTPStatus.CONFLICT, "doubt_gone")


def _written(words: tuple[str, ...]) -> str:
    """Return the words of a choice as one text for a form field."""
    return json.dumps(words, ensure_ascii=False)
