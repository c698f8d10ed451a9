"""Tests of the whole program.

Scrapy looks at each frame of the stack above its imports, with its source, and pytest has many: a thread has few.
"""

from importlib import import_module
from threading import Thread

_importing = Thread(target=import_module, args=("scrapy.core.downloader.handlers.http11",))
_importing.start()
_importing.join()
