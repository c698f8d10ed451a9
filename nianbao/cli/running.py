"""One run of the program: the language, the command that was typed, signals that stop it, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from nianbao import language
from nianbao.cli import common
from nianbao.cli.command_table import COMMANDS, HELP_GROUPS, completes, program
from nianbao.cli.recorded_help import ASKED, recorded_page
from nianbao.cli.standard_output import delivered, print_whole

_INTERRUPTED = 130  # with which typer ends what Ctrl-C stops


class _Stop:
    """Stops a command at a signal, and remembers it: a library may make another exception of the interrupt."""

    def __init__(self) -> None:
        self.requested = False

    def __call__(self, *_: object) -> NoReturn:
        self.requested = True
        raise KeyboardInterrupt


def run(words: Sequence[str], signals: Sequence[int] = ()) -> None:
    """Run a command that ``signals`` stop; what could not be finished is told in one sentence."""
    stop = _Stop()
    language.use(language.choose(words, os.environ))
    if sys.stdout is None:
        if sys.stderr is not None:
            common.tell_program_error("closed")
        sys.exit(common.UNFINISHED)
    print_whole()
    from archive.exports.safe_text import show_all_characters

    show_all_characters()
    try:
        for number in signals:
            signal.signal(number, stop)
        code = _carry_out(words)
    except (Exception, KeyboardInterrupt) as error:
        _ignore(signals)
        if stop.requested or isinstance(error, KeyboardInterrupt):  # no import: half of one may be there
            command = next((word for word in words if word in COMMANDS), "")
            common.tell_program_error("stopped_fetching" if command in HELP_GROUPS["crawl"] else "stopped")
            sys.exit(common.UNFINISHED)
        from nianbao.cli.failures import tell_failure

        ended = tell_failure(error)
        if ended is None:
            raise
        sys.exit(ended)
    _ignore(signals)
    sys.exit(code)


def _carry_out(words: Sequence[str]) -> int:
    page = None if completes(words) else recorded_page(words, language.current())
    if page is not None:
        if not words:  # as typer does where a command is missing
            sys.stderr.write(page)
            return common.USAGE
        delivered(page)
        return common.DONE
    if not ASKED & set(words) and words and not completes(words):
        from archive.forms.loader import load_forms

        load_forms()  # a form file that does not hold together is told before anything is done with it
    try:
        code = program(words).main(args=[*words], prog_name="nianbao", standalone_mode=False)
    finally:
        delivered()
    if code == _INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else common.DONE


def _ignore(signals: Sequence[int]) -> None:
    """Let no second signal disturb the end."""
    for number in signals:
        signal.signal(number, signal.SIG_IGN)
