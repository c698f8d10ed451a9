"""Run the program once: choose the language, carry out the command, stop at signals, end with an exit code.

``--help`` prints recorded pages, because importing all that commands need takes long. ``make reference`` records them
(``help_pages.en.json``, ``help_pages.zh.json``: words of a command → page), and a test compares them with the program.
Pages are 80 columns wide; on a narrower terminal the program makes them anew.
"""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import NoReturn

from nianbao import language
from nianbao.language import Language
from nianbao.messages import say

ASKED = frozenset(("-h", "--help"))
COLUMNS = 80  #: width of recorded pages of help
COMPLETION = "_NIANBAO_COMPLETE"  #: environment variable that a shell sets when it asks for completions
_USAGE, _UNFINISHED = 2, 3  # exit codes, as in common.py
_INTERRUPTED = 130  # exit code of typer after Ctrl-C
_FETCHING = frozenset(("crawl", "up", "worker"))
#: signals that stop a command (SIGTERM comes from timeout, systemd or cron) → default handler
_DEFAULTS = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


class _Stop:
    """A signal handler that interrupts the command and remembers it: a library may convert KeyboardInterrupt."""

    def __init__(self) -> None:
        self.requested = False

    def __call__(self, *_: object) -> NoReturn:
        self.requested = True
        raise KeyboardInterrupt


def stopping_signals() -> list[int]:
    """Return the signals that stop a command, without those that the caller of the program lets it ignore (nohup)."""
    return [number for number, default in _DEFAULTS.items() if signal.getsignal(number) is default]


def run(words: Sequence[str], signals: Sequence[int] = ()) -> None:
    """Run the command ``words`` and exit; ``signals`` stop it. If it fails, one sentence on stderr says why."""
    stop = _Stop()
    for number in signals:
        signal.signal(number, stop)
    language.use(language.choose(words, os.environ))
    if sys.stdout is None:
        _tell("closed")
        sys.exit(_UNFINISHED)
    _buffer_output()
    from archive.exports.safe_text import show_all_characters

    show_all_characters()
    try:
        code = _carry_out(words)
    except (Exception, KeyboardInterrupt) as error:
        _ignore(signals)
        if stop.requested or isinstance(error, KeyboardInterrupt):  # import nothing: Ctrl-C may have hit an import
            _tell("stopped_fetching" if _FETCHING & set(words) else "stopped")
            sys.exit(_UNFINISHED)
        from nianbao.cli.failures import tell_failure

        exit_code = tell_failure(error)
        if exit_code is None:
            raise
        sys.exit(exit_code)
    _ignore(signals)
    sys.exit(code)


def _carry_out(words: Sequence[str]) -> int:
    """Answer a command line from its recorded help page if it has one, else run the command; return the exit code."""
    is_completing = COMPLETION in os.environ or any(word.endswith("-completion") for word in words)
    page = None if is_completing else recorded_page(words, language.current())
    if page is not None and not words:  # like typer if the command is missing
        sys.stderr.write(page)
        return _USAGE
    if page is not None:
        deliver(page)
        return 0
    if words and not is_completing and not ASKED & set(words):
        from archive.forms.loader import load_forms

        load_forms()  # an inconsistent form file ends the command before it does anything
    from nianbao.cli.command_table import program

    try:
        code = program(completes=is_completing).main(args=[*words], prog_name="nianbao", standalone_mode=False)
    finally:
        deliver()
    if code == _INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _buffer_output() -> None:
    """Buffer standard output by lines if Python was started without a buffer (``-u``, PYTHONUNBUFFERED).

    Without a buffer, text is lost silently when the system accepts only part of a write.
    """
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper) and isinstance(raw := stream.buffer, io.RawIOBase):
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding=stream.encoding, errors=stream.errors, line_buffering=True
        )
        sys.__stdout__ = sys.stdout  # type: ignore[misc]  # shutil measures the terminal by it
        stream.detach()  # else its destructor would close ``raw``, which the new stream uses


def deliver(last: str = "") -> None:
    """Print ``last``, and make sure that all output has been written.

    Network file systems report a full disk only when a file is closed, so a duplicate of stdout is closed. Raises
    DiskError, or BrokenPipeError if the reader is gone; stdout then leads to /dev/null, so that exit does not fail too.
    """
    try:
        sys.stdout.write(last)
        sys.stdout.flush()
        os.close(os.dup(sys.stdout.fileno()))
    except io.UnsupportedOperation:
        return  # standard output is not a file
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno == errno.EPIPE:
            raise
        from storage.errors import cannot_write

        raise cannot_write("standard output", error) from error


def _tell(key: str) -> None:
    """Print on standard error, if there is one, why the program ends."""
    if sys.stderr is not None:
        sys.stderr.write(f"nianbao: {say('errors', None, f'program.{key}')}\n")


def _ignore(signals: Sequence[int]) -> None:
    """Ignore further signals, so that they do not disturb the end of the program."""
    for number in signals:
        signal.signal(number, signal.SIG_IGN)


# ---------------------------------------------------------------------------------------------- recorded help


def recorded_page(words: Sequence[str], lang: Language) -> str | None:
    """Return the recorded page of help for these words (or for none); None if the program has to make the page."""
    typed, _ = language.split(words)
    if (typed and typed[-1] not in ASKED) or shutil.get_terminal_size().columns < COLUMNS:
        return None
    pages: Mapping[str, str] = json.loads(files("nianbao.cli").joinpath(file_name(lang)).read_text(encoding="utf-8"))
    return pages.get(" ".join(typed[:-1]))


def file_name(lang: Language) -> str:
    """Return the name of the file with the recorded pages in a language."""
    return f"help_pages.{lang.value}.json"
