"""``nianbao`` starts here; its commands are those of ``command_table.py``."""

from __future__ import annotations

import os
import signal
import sys

from nianbao.language import choose
from nianbao.messages import say


def main() -> None:
    """Run the command that was typed. The version is told at once, by programs asked for often."""
    words = sys.argv[1:]
    if words == ["--version"] and sys.stdout is not None:
        _tell_version()
        return
    default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if default:
        sentence = f"nianbao: {say('errors', choose(words, os.environ), 'program.stopped_early')}\n".encode()
        signal.signal(signal.SIGINT, lambda *_: _stopped(sentence))
    from nianbao.cli.command_table import run

    if default:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # of timeout, systemd or cron: the same as Ctrl-C
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    run(words)


def _stopped(sentence: bytes) -> None:
    """End at once: libraries that are being loaded may make something else of an exception."""
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
