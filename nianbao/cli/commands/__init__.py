"""The functions of the commands in ``commands.toml``; a module has one command or a few that belong together.

``crawl.py`` ``operations.py`` (health, schedule, runs) ``portals.py`` ``imports.py``, ``agencies.py``,
``decisions.py`` (review, withhold), ``archive_care.py`` (init, reread, rule, backup …) ``seal.py`` ``doctor.py``,
``captures.py`` (show-capture, warc, replay), ``export.py`` (export, release), ``read.py``, ``serve.py``
"""
