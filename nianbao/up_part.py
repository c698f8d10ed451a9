"""One part of ``nianbao up`` in this process, whose lines are in the language of this run (``NIANBAO_LANG``)."""

from __future__ import annotations

import os
import sys

from crawler.operations.up.__main__ import main
from nianbao.cli.texts.crawl_text import wording
from nianbao.language import choose, use

if __name__ == "__main__":
    use(choose((), os.environ))
    sys.exit(main(says=wording().event))
