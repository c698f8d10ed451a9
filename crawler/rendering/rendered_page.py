"""What became of a page that was shown to a browser: its DOM, or why there is none; it can be read again (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from crawler.lists.list_page import ListPage, Page
from crawler.net.decoding import decode
from crawler.net.fetching import Fetched
from crawler.net.response_verdict import Verdict
from crawler.rendering.rendered_reading import Circumstances, judged, turned
from storage.records import Capture, CaptureOutcome, LookOutcome


@dataclass(frozen=True, slots=True)
class Turned:
    """A page after a turn of its list. ``url``: the address at which it says it stands ("": as before); ``label``:
    which of the further lists that the page offers was chosen ("": none, it is the first one).
    """

    dom: bytes
    url: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Rendering:
    """``url``: the address at which the page says it stands; ``dom``: what the browser made of it, and ``how`` that
    came to be; ``turned``: the same after each turn of its list, and as its further lists were chosen, in order. With
    an ``outcome`` it could not be shown, for ``reason``. ``asked``: requests that it made.
    """

    url: str
    dom: bytes = b""
    how: Circumstances = field(default_factory=Circumstances)
    outcome: LookOutcome | None = None
    reason: str = ""
    asked: int = 0
    turned: tuple[Turned, ...] = ()

    @property
    def page(self) -> Page | None:
        """The page as families read it; None where it could not be shown."""
        return Page(self.url, decode(self.dom), len(self.dom)) if self.outcome is None else None

    def read(
        self,
        fetched: Fetched,
        plain: ListPage,
        read: Callable[[Fetched], ListPage],
        captures: tuple[Capture, ...] | None = None,
        turns: tuple[Capture, ...] = (),
    ) -> list[tuple[Fetched, ListPage]]:
        """Return the page in place of ``fetched``, which was read as ``plain``, and what ``read`` makes of it; behind
        it the pages to which its list was turned.

        ``captures``: what belongs to it now; those of ``fetched``, if nothing else is said; ``turns``: those of the
        pages behind it.
        """
        made = fetched.captures if captures is None else captures
        if self.outcome is not None:
            return [(replace(fetched, captures=made), replace(plain, outcome=self.outcome, reason=self.reason))]
        of_turns: list[tuple[Capture, ...]] = [(one,) for one in turns] or [made] * len(self.turned)
        all_turns = (Turned(self.dom), *self.turned)
        shown = [
            Fetched(one.url or self.url, Verdict(CaptureOutcome.PAGE), own, one.dom)
            for own, one in zip((made, *of_turns), all_turns, strict=True)
        ]
        pages = [judged(read(one), one.page, self.how) for one in shown]
        labels = [one.label for one in all_turns]
        return list(zip(shown, turned(pages, [one.page.text for one in shown], labels, self.how), strict=True))
