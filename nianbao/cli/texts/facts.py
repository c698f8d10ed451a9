"""Facts about one thing, each behind its label; long ones in several lines where a person reads them."""

from __future__ import annotations

import shutil
import sys

from nianbao.cli.help_pages import lines, width_of
from nianbao.cli.output import say

_NARROWEST = 20  # columns of text beside a label


def tell_fact(label: str, text: str, width: int) -> None:
    """Write ``text`` behind ``label``, which takes ``width`` columns; in a pipe on one line."""
    head = label + " " * max(1, width + 1 - width_of(label))
    if not sys.stdout.isatty():
        say(f"{head}{text}".rstrip())
        return
    room = max(_NARROWEST, shutil.get_terminal_size().columns - width_of(head))
    first, *rest = lines(text, room)
    say(f"{head}{first}".rstrip())
    for line in rest:
        say(" " * width_of(head) + line)
