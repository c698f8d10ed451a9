"""What happens while crawls run, how each ended, a look and what a list speaks for, each in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archive.exports.plain_values import cell_text
from nianbao.messages import messages
from nianbao.sentences import listed, look_reason, note_sentence, notes_sentence, phrase, sentence, word
from storage.records import Note

if TYPE_CHECKING:
    from crawler.operations.progress import ProgressEvent


def event_text(event: ProgressEvent) -> str:
    """What happened in a crawl, in one line."""
    code, values = event.note.code, dict[str, Any](event.note.values)
    if code == "ended":
        return notes_sentence([Note.of(one) for one in values["notes"]])
    if code == "look":
        why = f" ({look_reason(values['reason'])})" if values.get("reason") and values["outcome"] != "ok" else ""
        return sentence("progress.look", listing=values["listing"], outcome=word("outcome", values["outcome"]), why=why)
    if code == "failed":
        values["reason"] = look_reason(values["reason"])
    is_progress = f"progress.{code}" in messages("cli")
    return sentence(f"progress.{code}", **values) if is_progress else note_sentence(event.note)


_READ = ("ok", "partial")  # of any other look nobody knows what was there


def look_text(look: Mapping[str, Any]) -> str:
    """A look in one line: how it ended, what it showed, and how that compares with the ok look before."""
    ended = word("outcome", look["outcome"])
    if look["reason"]:
        ended = phrase("look_reason.detailed", reason=ended, detail=look_reason(look["reason"]))
    parts = [ended]
    key = "look.entries" if look["total"] is None else "look.entries_of"
    parts.append(sentence(key, number=look["entries"], total=look["total"]))
    if look["reports"] is not None:
        parts.append(sentence("look.reports", number=look["reports"]))
    if look["new"] is not None and look["outcome"] in _READ:
        parts.append(sentence("look.since", new=look["new"], gone=look["gone"]))
    if look["suspect"]:
        parts.append(sentence("look.suspect", doubt=look["suspect"]))
    return sentence("look.join").join(parts)


def scope_text(scope: Mapping[str, Any]) -> str:
    """For whom a list speaks, why, and its last look, in one line."""
    why = []
    if scope["agency"]:
        why.append(sentence("scope.own", agency=scope["agency"]))
    if scope["covers"]:
        why.append(sentence("scope.kinds", kinds=listed([word("kind", one) for one in scope["covers"]])))
    if scope["seen"]:
        why.append(sentence("scope.seen", number=scope["seen"]))
    why += [sentence("scope.ruling", ruling=one) for one in scope["rulings"]]
    parts = [sentence("scope.speaks", whom=sentence("look.join").join(why)) if why else sentence("scope.nobody")]
    parts += [sentence("scope.year", year=scope["year"])] if scope["year"] else []
    parts += [sentence("scope.ended", at=cell_text(scope["ended_at"]))] if scope["ended_at"] else []
    last = scope["looked"]
    looked = sentence("scope.looked", at=cell_text(last["started"]), look=look_text(last)) if last else None
    return sentence("look.join").join([*parts, looked or sentence("scope.not_looked")])
