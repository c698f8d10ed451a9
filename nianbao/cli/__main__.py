"""``nianbao`` starts here; its commands are those of ``command_table.py``."""

from __future__ import annotations

import os
import signal
import sys

#: Signals that stop a command (SIGTERM: of timeout, systemd or cron), and how a program meets them by default.
_DEFAULTS = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


def main() -> None:
    """Run the command that was typed. A signal ends the program with a sentence even while it is still loading."""
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
    """End without an exception: libraries that are being loaded may make something else of it."""
    os.write(2, sentence)
    os._exit(3)


if __name__ == "__main__":
    main()
