"""What became of a page that was shown to a browser: its DOM, or why there is none; it can be read again (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from crawler.families.lists import ListPage
from crawler.quality import Verdict
from crawler.rendering.reading import Circumstances, judged
from crawler.session import Fetched
from storage.records import Capture, CaptureOutcome, LookOutcome


@dataclass(frozen=True, slots=True)
class Rendering:
    """``url``: the address at which the page says it stands; ``dom``: what the browser made of it, and ``how`` that
    came to be. With an ``outcome`` it could not be shown, for ``reason``. ``asked``: requests that it made.
    """

    url: str
    dom: bytes = b""
    how: Circumstances = field(default_factory=Circumstances)
    outcome: LookOutcome | None = None
    reason: str = ""
    asked: int = 0

    def read(
        self,
        fetched: Fetched,
        plain: ListPage,
        read: Callable[[Fetched], ListPage],
        captures: tuple[Capture, ...] | None = None,
    ) -> tuple[Fetched, ListPage]:
        """Return the page in place of ``fetched``, which was read as ``plain``, and what ``read`` makes of it.

        ``captures``: what belongs to it now; those of ``fetched``, if nothing else is said.
        """
        made = fetched.captures if captures is None else captures
        if self.outcome is not None:
            return replace(fetched, captures=made), replace(plain, outcome=self.outcome, reason=self.reason)
        shown = Fetched(self.url, Verdict(CaptureOutcome.PAGE), made, self.dom)
        return shown, judged(read(shown), shown.page.text, self.how)
