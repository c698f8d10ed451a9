"""The entry point of ``nianbao``; ``command_table.py`` has its commands."""

from __future__ import annotations

import os
import signal
import sys

#: signals that stop a command (SIGTERM comes from timeout, systemd or cron) → default handler
_DEFAULTS = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


def main() -> None:
    """Run the typed command. Even while modules are still loading, a signal ends the program with a sentence."""
    words = sys.argv[1:]
    from nianbao.language import choose
    from nianbao.messages import say

    sentence = f"nianbao: {say('errors', choose(words, os.environ), 'program.stopped_early')}\n".encode()
    numbers = [number for number, default in _DEFAULTS.items() if signal.getsignal(number) is default]
    for number in numbers:
        signal.signal(number, lambda *_: _end_at_once(sentence))
    from nianbao.cli.running import run

    run(words, numbers)


def _end_at_once(sentence: bytes) -> None:
    """Print a sentence and exit without an exception: a library that is being imported might swallow it."""
    os.write(2, sentence)
    os._exit(3)


if __name__ == "__main__":
    main()
