"""How we fetch: the Scrapy project.

* ``families/``     one CMS = one base class; ``portal.py`` is the contract, ``lists.py`` what is made of a page
* ``signatures.py`` reads ``families/signatures.toml``
* ``quality.py``    response → page, empty, soft 404, blocked, error (pure)
* ``parts.py``      attachments, embedded documents and pictures that belong to a report page (pure);
                   ``file_names.py`` the names under which servers send them
* ``flow.py``      looks first, then visits; the spider is given it by the settings
* ``session.py``    one crawl's connection with the archive: run, registry rows, what is known, ``fetch``
* ``capture.py``    downloader middleware: WARC record first, then the row; once per attempt
* ``looks.py``      the end of a listing → look and extraction; ``columns.py`` reads columns to their end
                   (``list_judging.py``: where that is; ``list_filters.py``: what are choices of one list alone),
                   ``addressed.py`` asks addresses of agency and year; ``sisters.py`` what lists of other years
                   show of where one ends, or that a folder is empty (pure)
* ``rendering/``    lists that only scripts make: shown to a Chromium without network, kept as it shows them
* ``relook.py``     takes the links out of stored list pages again; fetches nothing
* ``visits.py``     which known reports are due for another visit
* ``guard.py`` ``resolver.py``   where a fetch may go; the connection goes to the checked address
* ``locks.py``      two crawls never ask the same machine at once; ``redirects.py`` every hop through the guard
* ``provenance.py`` how this program asks, for the first record of its WARC files
* ``politeness.py`` robots.txt, delays, Retry-After, retries, page budget
* ``download.py``   how long one answer is awaited, and what it means for the host at once
* ``portals.py``    finds and validates portals, in the project and in ``<archive>/portals/``
* ``discovery/``    from an entry page to the columns of reports: pointers, their ranking, a bounded walk (pure);
                   ``entering.py`` the walk within a crawl, from a portal's entrances
* ``probe.py``      a portal nobody knows: what a probe found there, and starting one in a scratch archive;
                   ``probing/`` the probe itself, in a process of its own; ``family_classes.py`` who can read it
* ``adding.py``     what a probe found becomes a portal: ``writing.py`` its files, ``recording.py`` its pages,
                   ``replay.py`` stands for a session, ``drift.py`` the recording against today
* ``directory.py``  places and their home pages (``directory.csv``); ``adding_many.py`` many of them, resumable
* ``importing.py``  what people saved by hand → captures of their own kind
* ``portal_commands.py``  ``nianbao portal …``
* ``runs.py`` ``child.py``       each portal in its own process, several side by side, one per host or cluster
* ``preloaded.py`` ``warming.py``  the parent from which the processes of many crawls are forked
* ``parentage.py``  a process ends with the one that started it
* ``settings.py``   the settings of Scrapy; ``errors.py`` what can go wrong, in sentences; ``failures.py`` what happens
                   to a single fetch
* ``imitation/``    portals on loopback for demo and tests;  ``cli.py`` where ``nianbao`` starts, ``commands.py`` mounts
                   its commands
"""
