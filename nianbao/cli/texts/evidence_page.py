"""A duty or a report with its evidence as one page that stands alone, in Chinese and English.

No script, nothing loaded: captured pages stand in frames without rights, made harmless as the web pages make them.
Good on paper and on a phone; each capture has its whole SHA-256 and the command that checks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from html import escape

from archive.exports.plain_values import cell_text
from archive.exports.safe_text import safe_text
from archive.queries.nearest import NotKnownError
from archive.queries.one_capture import find_capture
from archive.queries.results import CaptureLine, CellLine, LookLine, Report, Verdict
from archive.queries.withheld_content import hidden
from nianbao.cli.texts.cell_text import shown_cell
from nianbao.cli.texts.duty_text import standing
from nianbao.language import Language
from nianbao.look_reasons import look_reason
from nianbao.messages import LANGUAGES, say
from nianbao.web.archived import harmless
from nianbao.web.downloads import read_beginning
from storage.errors import StorageError
from storage.home import Home

_LARGEST = 2_000_000  # characters of a captured page that stand in a frame
_STYLE = """
body { font: 16px/1.6 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 1.5rem auto;
  max-width: 60rem; padding: 0 1rem; color: #1a1a1a; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; border-bottom: 1px solid #767676 }
table { border-collapse: collapse; width: 100%; margin-bottom: 1rem }
th, td { border: 1px solid #767676; padding: .3rem .5rem; vertical-align: top; text-align: left;
  overflow-wrap: anywhere }
iframe { width: 100%; height: 28rem; border: 1px solid #767676 }
code { overflow-wrap: anywhere; background: #f2f2f2; padding: 0 .2rem }
.beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem }
section { break-inside: avoid-page; margin-bottom: 1.5rem } p[lang=en] { color: #404040 }
@media print { body { margin: 0; max-width: none } iframe { height: 18rem } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'"


def page_of_duty(home: Home, found: Verdict) -> str:
    """The page of a duty: the claim, the rule, and each look with the list page as it was captured."""
    line = found.duty
    parts = [*_claim(line.zh, line.en)]
    key = "due" if line.due else "customary" if line.practice else "no_date"
    parts += _both(f"duty.{key}", due=line.due or line.practice, basis=found.basis)
    rows = [(one.since, standing(one.status, one.evidence.value, "zh"), one.zh, one.en) for one in found.by_minute]
    parts.append(_heading("duty.history"))
    parts.append("<table>" + "".join(_row(cell_text(at), word, zh, en) for at, word, zh, en in rows) + "</table>")
    if found.looks:
        parts.append(_heading("duty.looks", count=len(found.looks)))
    for look in found.looks:
        outcome = " / ".join(_outcome(look, lang) for lang in LANGUAGES)
        parts.append(f"<section><h3>{_text(cell_text(look.started))} · {_text(outcome)}</h3>")
        if look.control:
            parts += _both("duty.control", year=line.year, agency=look.control.agency, other=look.control.year)
        parts.append('<div class="beside"><div>')
        parts += [_evidence(home, capture, framed=at == 0) for at, capture in enumerate(look.captures)]
        parts.append("</div>")
        parts += [f"<div>{_evidence(home, look.control.capture, framed=True)}</div>"] if look.control else []
        parts.append("</div></section>")
    if found.editions:
        parts.append(_heading("duty.editions", count=len(found.editions)))
        parts += [f"<p>{_text(one.id)} · {_text(one.track)}</p>" for one in found.editions]
        parts += [_evidence(home, one.captures[0], framed=False) for one in found.editions if one.captures]
    return _page(home, f"{line.agency.name} {line.year}", parts, cell_text(found.stated_as_of))


def page_of_report(home: Home, found: Report, address: str, as_of: str) -> str:
    """The page of a report: where it was, its cells, and the page as it was captured."""
    parts = [f"<p>{_text(found.title)}</p><p><code>{_text(address)}</code></p>"]
    seen = {"first": cell_text(found.edition.first_seen), "last": cell_text(found.edition.last_seen)}
    parts += _both("duty.seen", **seen)
    for section in dict.fromkeys(cell.section for cell in found.cells):
        parts.append(f"<h2>{_text(section)}</h2><table>")
        parts += [_cell(cell) for cell in found.cells if cell.section == section]
        parts.append("</table>")
    if found.withheld:
        parts += _both("page.withheld")
    if found.source is not None:
        parts.append(_heading("page.source"))
        parts.append(_evidence(home, found.source, framed=True))
    return _page(home, f"{found.agency.name} {found.edition.year}", parts, as_of)


def _outcome(look: LookLine, lang: str) -> str:
    """How a look ended, and why."""
    ended = say("answers", lang, f"outcome.{look.outcome.value}")
    return f"{ended}: {look_reason(look.reason, Language(lang))}" if look.reason else ended


def _cell(cell: CellLine) -> str:
    return _row(cell.row, cell.column, shown_cell(cell) + (f" {cell.unit}" if cell.value is not None else ""))


def _evidence(home: Home, capture: CaptureLine, *, framed: bool) -> str:
    """One capture: address, time, digest, the command that checks it, and the page as it was."""
    digest = f"<br>SHA-256 <code>{capture.document}</code>" if capture.document else ""
    told = (
        f"<p><code>{_text(capture.url)}</code><br>{_text(cell_text(capture.fetched_at))}{digest}<br>"
        f"<code>nianbao show-capture {capture.id} --verify</code></p>"
    )
    shown = _captured(home, capture) if framed else None
    if shown is None:
        return told
    return f'{told}<iframe sandbox title="{_text(capture.url)}" srcdoc="{escape(shown)}"></iframe>'


def _captured(home: Home, capture: CaptureLine) -> str | None:
    """A captured page as harmless HTML; None where it is none, is withheld, too large, or not held."""
    try:
        kept = find_capture(home, capture.id)
        if kept.holder is None or hidden(home, kept.capture.portal).why(kept.capture) is not None:
            return None
        if b"<" not in read_beginning(home, kept.capture, _LARGEST):
            return None
        found = harmless(kept.holder.document or "", partial(read_beginning, home, kept.capture))
    except (NotKnownError, StorageError):
        return None
    return found if found is not None and len(found) <= _LARGEST else None


def _page(home: Home, title: str, parts: Iterable[str], as_of: str) -> str:
    told = _claim(*(say("cli", lang, "answer.simulated") for lang in LANGUAGES)) if home.simulated else ()
    head = "".join(_both("footer.as_of", at=as_of))
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head>\n<body><h1>{_text(title)}</h1>\n"
        + "\n".join((*told, *parts))
        + f"\n<footer>{head}</footer></body></html>\n"
    )


def _claim(zh: str, en: str) -> Iterator[str]:
    yield f"<p><strong>{_text(zh)}</strong></p>"
    yield f'<p lang="en"><strong>{_text(en)}</strong></p>'


def _both(key: str, **values: object) -> list[str]:
    """A sentence in both languages."""
    return [f'<p lang="{lang}">{_text(say("answers", lang, key, **values))}</p>' for lang in LANGUAGES]


def _heading(key: str, **values: object) -> str:
    return f"<h2>{_text(' / '.join(say('answers', lang, key, **values) for lang in ('zh', 'en')))}</h2>"


def _row(*cells: object) -> str:
    return "<tr>" + "".join(f"<td>{_text(str(one))}</td>" for one in cells) + "</tr>"


def _text(text: str) -> str:
    return escape(safe_text(text))
