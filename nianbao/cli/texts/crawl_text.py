"""How crawls are line: what happens while they run, and how each ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crawler.errors import in_words
from nianbao.language import Language, current
from nianbao.messages import messages
from nianbao.sentences import listed, sentence, word

if TYPE_CHECKING:
    from crawler.operations.progress import Wording
    from crawler.operations.runs import ProgressEvent


def wording() -> Wording:
    """How progress is worded in the language of this run."""
    from crawler.operations.progress import Wording

    return Wording(event=_event, steps=_steps)


def ended(outcome: str, looks: Mapping[str, int], visits: int, note: str) -> str:
    """How a crawl ended, in a sentence. The stored one is English, and is shown where something needs attention."""
    if current() is Language.EN:
        return note
    counted = listed([sentence("crawl.looks_of", number=n, outcome=word("outcome", one)) for one, n in looks.items()])
    line = sentence("crawl.ended", looks=counted or sentence("crawl.no_looks"), visits=visits)
    return line if outcome == "ok" else f"{line}{sentence('crawl.in_detail', note=note)}"


def _event(event: ProgressEvent) -> str:
    values: dict[str, Any] = dict(event.values)
    if event.code == "ended":
        return ended(values["outcome"], values["looks"], values["visits"], values["note"])
    if event.code == "look":
        why = f" ({in_words(values['reason'])})" if values.get("reason") and values["outcome"] != "ok" else ""
        return sentence("progress.look", listing=values["listing"], outcome=word("outcome", values["outcome"]), why=why)
    if f"progress.{event.code}" not in messages("cli"):
        return event.sentence
    values.pop("event", None)
    return sentence(f"progress.{event.code}", **values)


def _steps(done: int, expected: int | None) -> str:
    key = "progress.steps_of" if expected else "progress.steps"
    return sentence(key, done=done, expected=expected)
