"""One run of the program: the language, the command that was typed, signals that stop it, and how it ends.

Pages of ``--help`` are shown as they were recorded, without importing what a command needs. ``make reference`` writes
them anew from the program (``help_pages.en.json``, ``help_pages.zh.json``: the words of a command → its page); a test
compares them with it. They hold for terminals of 80 columns and more: no page is wider.
"""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import NoReturn

from nianbao import language
from nianbao.language import FLAG, Language
from nianbao.messages import say

ASKED = frozenset(("-h", "--help"))
COLUMNS = 80  #: for which pages of help are recorded
COMPLETION = "_NIANBAO_COMPLETE"  #: set by a shell that asks what may come next
_USAGE, _UNFINISHED = 2, 3  # exit codes, as in common.py
_INTERRUPTED = 130  # with which typer ends what Ctrl-C stops
_FETCHING = frozenset(("crawl", "up", "worker"))


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
        _tell("closed")
        sys.exit(_UNFINISHED)
    _buffer_output()
    from archive.exports.safe_text import show_all_characters

    show_all_characters()
    try:
        for number in signals:
            signal.signal(number, stop)
        code = _carry_out(words)
    except (Exception, KeyboardInterrupt) as error:
        _ignore(signals)
        if stop.requested or isinstance(error, KeyboardInterrupt):  # no import: half of one may be there
            _tell("stopped_fetching" if _FETCHING & set(words) else "stopped")
            sys.exit(_UNFINISHED)
        from nianbao.cli.failures import tell_failure

        ended = tell_failure(error)
        if ended is None:
            raise
        sys.exit(ended)
    _ignore(signals)
    sys.exit(code)


def _carry_out(words: Sequence[str]) -> int:
    is_completing = _completes(words)
    page = None if is_completing else recorded_page(words, language.current())
    if page is not None and not words:  # as typer does where a command is missing
        sys.stderr.write(page)
        return _USAGE
    if page is not None:
        deliver(page)
        return 0
    if words and not is_completing and not ASKED & set(words):
        from archive.forms.loader import load_forms

        load_forms()  # a form file that does not hold together is told before anything is done with it
    from nianbao.cli.command_table import program

    try:
        code = program(completes=is_completing).main(args=[*words], prog_name="nianbao", standalone_mode=False)
    finally:
        deliver()
    if code == _INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _completes(words: Sequence[str]) -> bool:
    """Whether a shell asks for completion, or a person how to have it."""
    return COMPLETION in os.environ or any(word.endswith("-completion") for word in words)


def _buffer_output() -> None:
    """Put a buffer before standard output where Python was told to have none (``-u``, PYTHONUNBUFFERED).

    Without one a text of which the system takes a part is cut there, and nobody hears of it. Lines still leave at once.
    """
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper) and isinstance(raw := stream.buffer, io.RawIOBase):
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding=stream.encoding, errors=stream.errors, line_buffering=True
        )
        stream.detach()  # or it would close what now belongs to the other


def deliver(last: str = "") -> None:
    """Print ``last``, and see that all that was printed has arrived.

    File systems on other machines tell only when a file is closed that they have no room: a copy of it is. Raises
    DiskError, or BrokenPipeError where nobody reads any more; the end of the program then does not try it once more.
    """
    try:
        sys.stdout.write(last)
        sys.stdout.flush()
        os.close(os.dup(sys.stdout.fileno()))
    except io.UnsupportedOperation:
        return  # it is no file
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno == errno.EPIPE:
            raise
        from storage.errors import cannot_write

        raise cannot_write("standard output", error) from error


def _tell(key: str) -> None:
    """Say on standard error, where there is one, why the program ends."""
    if sys.stderr is not None:
        sys.stderr.write(f"nianbao: {say('errors', language.current(), f'program.{key}')}\n")


def _ignore(signals: Sequence[int]) -> None:
    """Let no second signal disturb the end."""
    for number in signals:
        signal.signal(number, signal.SIG_IGN)


# ---------------------------------------------------------------------------------------------- recorded help


def recorded_page(words: Sequence[str], lang: Language) -> str | None:
    """The page that these words ask for, or no words at all; None where the program itself has to make it."""
    typed = list(_without_language(words))
    if (typed and typed[-1] not in ASKED) or shutil.get_terminal_size().columns < COLUMNS:
        return None
    pages: Mapping[str, str] = json.loads(files("nianbao.cli").joinpath(file_name(lang)).read_text(encoding="utf-8"))
    return pages.get(" ".join(typed[:-1]))


def file_name(lang: Language) -> str:
    """The file of the pages in a language."""
    return f"help_pages.{lang.value}.json"


def _without_language(words: Sequence[str]) -> Iterator[str]:
    is_value = False
    for word in words:
        if not (is_value or word == FLAG or word.startswith(f"{FLAG}=")):
            yield word
        is_value = word == FLAG
