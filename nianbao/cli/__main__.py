"""``nianbao`` starts here; its commands are those of ``command_table.py``."""

from __future__ import annotations

import os
import signal
import sys

#: Signals that stop a command (SIGTERM: of timeout, systemd or cron), and how a program meets them by default.
_DEFAULTS = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


def main() -> None:
    """Run the command that was typed. The version is told at once, by programs asked for often."""
    words = sys.argv[1:]
    if words == ["--version"] and sys.stdout is not None:
        _tell_version()
        return
    numbers = [number for number, default in _DEFAULTS.items() if signal.getsignal(number) is default]
    early: list[int] = []
    for number in numbers:
        signal.signal(number, lambda number, _: early.append(number))
    from nianbao.language import choose
    from nianbao.messages import say

    sentence = f"nianbao: {say('errors', choose(words, os.environ), 'program.stopped_early')}\n".encode()
    for number in numbers:
        signal.signal(number, lambda *_: _end_at_once(sentence))
    if early:
        _end_at_once(sentence)
    from nianbao.cli.running import run

    run(words, numbers)


def _end_at_once(sentence: bytes) -> None:
    """End without an exception: libraries that are being loaded may make something else of it."""
    os.write(2, sentence)
    os._exit(3)


def _tell_version() -> None:
    from importlib.metadata import version

    from nianbao.cli.standard_output import delivered, print_whole
    from storage.errors import DiskError

    print_whole()
    try:
        delivered(f"nianbao {version('nianbao')}\n")
    except BrokenPipeError:
        return
    except DiskError as error:
        print(f"nianbao: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(3)


if __name__ == "__main__":
    main()
