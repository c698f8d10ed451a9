"""Answers as pages that stand alone, in Chinese and English: a duty or a report with its evidence, two editions.

No script, nothing loaded: captured pages stand in frames without rights, made harmless as the web pages make them.
Good on paper and on a phone; each capture has its whole SHA-256 and the command that checks it. The templates lie in
``nianbao/cli/templates``.
"""

from __future__ import annotations

from functools import cache, partial

from jinja2 import Environment
from markupsafe import Markup, escape

from archive.exports.safe_text import safe_text
from archive.queries.nearest import NotKnownError
from archive.queries.one_capture import find_capture
from archive.queries.results import CaptureLine, Difference, Report, Verdict
from archive.queries.withheld_content import outgoing
from nianbao.cli.answers.report_text import locator_words, shown_cell, standing
from nianbao.language import Language, current
from nianbao.messages import LANGUAGES, say
from nianbao.sentences import look_reason, named
from nianbao.templates import templates_of
from nianbao.web.archived import harmless
from nianbao.web.downloads import read_beginning
from storage.errors import StorageError
from storage.home import Home

_MAX_FRAME_CHARS = 2_000_000  # of a captured page that stands in a frame


def duty_page(home: Home, found: Verdict) -> str:
    """Return the page of a duty: the claim, the rule, and each look with the list page as it was captured."""
    return _page(home, "duty.html", f"{found.duty.agency.name} {found.duty.year}", found=found)


def report_page(home: Home, found: Report, address: str) -> str:
    """Return the page of a report: where it was, its cells, and the page as it was captured."""
    title, as_of = f"{found.agency.name} {found.edition.year}", home.clock.now()
    return _page(home, "report.html", title, found=found, address=address, as_of=as_of)


def difference_page(home: Home, found: Difference) -> str:
    """Return two editions side by side; a withheld difference is not to be asked for."""
    assert not found.withheld
    return _page(home, "difference.html", f"{found.agency.name} {found.year}", found=found)


def _page(home: Home, template: str, title: str, **values: object) -> str:
    frame = {"title": title, "simulated": home.simulated, "captured": partial(_captured, home)}
    return _templates().get_template(template).render({**frame, **values}, lang=current().value) + "\n"


@cache
def _templates() -> Environment:
    made = templates_of("nianbao.cli").overlay(finalize=_safe)
    made.globals |= {
        "say": say, "languages": LANGUAGES, "standing": standing, "shown_cell": shown_cell, "named": named,
        "locator_words": locator_words, "look_reason": lambda code, lang: look_reason(code, Language(lang)),
    }  # fmt: skip
    return made


def _safe(value: object) -> object:
    return safe_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _captured(home: Home, capture: CaptureLine) -> Markup | None:
    """Return a captured page as harmless HTML for a frame; None if it is none, is withheld, too large, or not held."""
    try:
        kept = find_capture(home, capture.id)
        if kept.holder is None or outgoing(home).hides(kept.capture):
            return None
        if b"<" not in read_beginning(home, kept.capture, _MAX_FRAME_CHARS):
            return None
        found = harmless(kept.holder.document or "", partial(read_beginning, home, kept.capture))
    except (NotKnownError, StorageError):
        return None
    return escape(found) if found is not None and len(found) <= _MAX_FRAME_CHARS else None
