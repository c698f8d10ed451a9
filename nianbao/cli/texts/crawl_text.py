"""What happens while crawls run, and how each ended, in the language of this run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nianbao.look_reasons import look_reason
from nianbao.messages import messages
from nianbao.notes import note_sentence, notes_sentence
from nianbao.sentences import sentence, word
from storage.records import Note

if TYPE_CHECKING:
    from crawler.operations.progress import Wording
    from crawler.operations.runs import ProgressEvent


def wording() -> Wording:
    """How progress is worded in the language of this run."""
    from crawler.operations.progress import Wording

    return Wording(event=_event, steps=_steps)


def _event(event: ProgressEvent) -> str:
    values: dict[str, Any] = dict(event.values)
    if event.code == "ended":
        return notes_sentence(values["notes"])
    if event.code == "look":
        why = f" ({look_reason(values['reason'])})" if values.get("reason") and values["outcome"] != "ok" else ""
        return sentence("progress.look", listing=values["listing"], outcome=word("outcome", values["outcome"]), why=why)
    if event.code == "failed":
        values["reason"] = look_reason(values["reason"])
    if f"progress.{event.code}" in messages("cli"):
        values.pop("event", None)
        return sentence(f"progress.{event.code}", **values)
    return note_sentence(Note(event.code, values)) if event.code else event.sentence


def _steps(done: int, expected: int | None) -> str:
    key = "progress.steps_of" if expected else "progress.steps"
    return sentence(key, done=done, expected=expected)
